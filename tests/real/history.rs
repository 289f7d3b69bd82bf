//! Guards in real time, ten times as fast as the clock, against a real Prometheus and a real VictoriaMetrics that know their series
//! beforehand: `runbook run --rehearse`, asked through their API, through a plain HTTP question and through a command; a runner that
//! is killed and asks what was when it is back. How each verdict is come to, to the sample, is what `conformance` holds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;

use crate::ask::{WAYS, Way};
use crate::moment;
use crate::program::{Place, Ran, run_named_in};
use crate::tsdb::{KINDS, Kind, NAME, Series, Tsdb};

/// Run time goes so much faster.
const SPEED: f64 = 10.0;

/// A value every so many real seconds.
const STEP: f64 = 0.25;

/// The runs begin one after the other, so many real seconds apart: the machine is small.
const APART: f64 = 0.5;

/// Values are there up to this time of the run, in seconds.
const LAST: f64 = 1_000.0;

/// What has to come of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    Completed,
    /// Rolled back by the flag, from 10%.
    Back,
}

struct Case {
    name: &'static str,
    ways: &'static [Way],
    /// In breach from when to when, in seconds of the run.
    breach: (f64, f64),
    /// Nothing is there from when to when.
    silence: (f64, f64),
    /// The runner is killed and the run taken up again, then.
    dead: Option<(f64, f64)>,
    comes: Comes,
    /// What it says on the way.
    says: &'static str,
}

const NEVER: (f64, f64) = (0.0, 0.0);

const CASES: &[Case] = &[
    Case {
        name: "a breach for D",
        ways: &WAYS,
        breach: (100.0, 200.0),
        silence: NEVER,
        dead: None,
        comes: Comes::Back,
        says: "error_rate > 5% has held for 1m",
    },
    Case {
        name: "a breach, then silence",
        ways: &[Way::Query, Way::Command],
        breach: (100.0, 130.0),
        silence: (130.0, 290.0),
        dead: None,
        comes: Comes::Completed,
        says: "guard outage is blind",
    },
    Case {
        name: "a breach while nobody looked, remembered",
        ways: &[Way::Query],
        breach: (120.0, 215.0),
        silence: NEVER,
        dead: Some((90.0, 240.0)),
        comes: Comes::Back,
        says: "while nobody looked",
    },
    Case {
        name: "a breach while nobody looked, forgotten",
        ways: &[Way::Http, Way::Command],
        breach: (120.0, 215.0),
        silence: NEVER,
        dead: Some((90.0, 240.0)),
        comes: Comes::Completed,
        says: "nobody looked for",
    },
];

/// A case that goes one way, with its own series.
struct Played {
    case: &'static Case,
    way: Way,
    number: usize,
}

fn all() -> Vec<Played> {
    let pairs = CASES
        .iter()
        .flat_map(|case| case.ways.iter().map(move |way| (case, *way)));
    pairs
        .enumerate()
        .map(|(number, (case, way))| Played { case, way, number })
        .collect()
}

impl Played {
    /// Its start, in real seconds since that of the first.
    fn offset(&self) -> f64 {
        self.number as f64 * APART
    }

    fn series(&self, first: f64) -> Series {
        let within = |(from, to): (f64, f64), time: f64| (from..to).contains(&time);
        let mut values = Vec::new();
        let mut real = -10.0;
        while real < LAST / SPEED {
            let time = real * SPEED;
            if !within(self.case.silence, time) {
                let is_breach = within(self.case.breach, time);
                let value = if is_breach { 0.4 } else { 0.001 };
                values.push((first + self.offset() + real, value));
            }
            real += STEP;
        }
        (format!("case=\"{}\"", self.number), values)
    }

    /// Whatever a server calls fresh by itself, here nothing is that is a second old.
    fn query(&self) -> String {
        format!(
            "sum(last_over_time({NAME}{{case=\"{}\"}}[1s]))",
            self.number
        )
    }

    fn runbook(&self, url: &str) -> String {
        let source = self.way.source(url, &self.query(), "ask.sh");
        format!(
            r#"runbook "A case"

service  api
strategy canary
zone     "UTC"

provider prom {{
  prometheus "{url}"
}}

channel people {{
  log "notices"
}}

exposure flag: percent {{
  set  $ echo "$flag" >> sets; echo "$flag" > share
  read $ cat share
}}

metric error_rate: percent {{
  {source}
  unit   ratio
  every  15s
  window 10s
}}

guard outage when error_rate > 5% for 1m then rollback

rollout {{
  stage canary {{
    expose 10%
    wait 4m..40m
  }}
  stage full {{
    expose 100%
    wait 1m..40m
  }}
}}

rollback {{
  waive risk-rollback "it is waited for longer than in production"
  level flag within 10m {{
    expose 0%
  }}
  level code within 10m {{
    step revert $ echo reverted > reverted
  }}
  recovered when error_rate < 1% for 30s within 5m
}}

if stuck {{
  notify people "stuck: ${{reason}}"
}}
"#
        )
    }

    /// Plays it; the first starts at this wall time.
    fn play(&self, url: &str, first: f64) -> (Ran, String, String) {
        let place = Place::new();
        place.write("share", "0\n");
        place.write("case.runbook", &self.runbook(url));
        place.write("ask.sh", &Way::script(url, &self.query()));
        sleep_until(first + self.offset());
        let words = [
            "run",
            "case.runbook",
            "--rehearse",
            "10x",
            "--non-interactive",
        ];
        let mut said = String::new();
        let ran = match self.case.dead {
            None => place.call(&words),
            Some((dies, comes_back)) => {
                let mut runner = place.start(&words);
                sleep_until(first + self.offset() + dies / SPEED);
                runner.has_said("of observed healthy time");
                moment::send(&runner, Signal::KILL);
                said = runner.end().err;
                let run = run_named_in(&said);
                sleep_until(first + self.offset() + comes_back / SPEED);
                place.call(&["resume", &run, "--non-interactive"])
            }
        };
        said.push_str(&ran.err);
        let sets = place.read("sets");
        (ran, said, sets)
    }

    fn holds(&self, kind: Kind, (ran, said, sets): &(Ran, String, String)) {
        let who = format!("{kind:?}: {} ({:?})", self.case.name, self.way);
        let (status, done, end) = match self.case.comes {
            Comes::Completed => (0, "10\n100\n", "completed"),
            Comes::Back => (3, "10\n0\n", "rolled back by level flag and recovered"),
        };
        assert_eq!(
            (ran.status, sets.as_str()),
            (Some(status), done),
            "{who}:\n{said}"
        );
        for words in [self.case.says, end] {
            assert!(said.contains(words), "{who}: `{words}` is not in:\n{said}");
        }
        println!("  {who:<72} {end}");
    }
}

fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs_f64()
}

fn sleep_until(wall: f64) {
    let left = wall - now();
    if left > 0.0 {
        moment::after(Duration::from_secs_f64(left).as_micros() as u64);
    }
}

pub(crate) fn guards_look_at_real_servers_in_real_time() {
    let all = all();
    let first = now() + 8.0;
    let series: Vec<Series> = all.iter().map(|played| played.series(first)).collect();
    let servers = KINDS.map(|kind| (kind, Tsdb::start(kind, &series)));
    assert!(now() < first, "the servers took too long to start");
    std::thread::scope(|scope| {
        for (kind, server) in &servers {
            for played in &all {
                let url = format!("http://{}", server.address);
                scope.spawn(move || played.holds(*kind, &played.play(&url, first)));
            }
        }
    });
}
