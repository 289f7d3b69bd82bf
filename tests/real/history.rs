//! The most telling cases of the conformance suite of guards (`docs/guards.md`), against a real Prometheus whose series
//! were written before it was started: through their API, through a plain HTTP question with a filter, and through a
//! command. What has to come of a case is the same everywhere, but where it says that a way remembers nothing.

use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::moment;
use crate::program::{Place, Ran, run_named_in};
use crate::prometheus::{free_port, get};
use crate::wait;

/// Run time goes so much faster.
const SPEED: f64 = 10.0;

/// A value every so many real seconds.
const STEP: f64 = 0.1;

/// The runs begin one after the other, so many real seconds apart: the machine is small.
const APART: f64 = 0.4;

/// Values are written up to here, in seconds of the run.
const LAST: f64 = 1_200.0;

/// What a series is for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Is {
    Share(f64),
    NaN,
    Missing,
}

/// What has to come of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    Completed,
    /// Rolled back by this level, with this exposure as the greatest.
    Back(&'static str, u32),
    /// A person is needed; nobody beyond this exposure was exposed.
    Stuck(u32),
    Refused(&'static str),
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Query,
    Http,
    Command,
}

struct Case {
    name: &'static str,
    rule: &'static str,
    /// From when to when, in seconds since the start of the run; healthy elsewhere.
    series: &'static [(f64, f64, Is)],
    /// The runner is killed and the run taken up again, then.
    dead: Option<(f64, f64)>,
    comes: Comes,
    /// What it says on the way.
    says: &'static str,
    ways: &'static [Way],
}

const ALL: &[Way] = &[Way::Query, Way::Http, Way::Command];
const ONE: &[Way] = &[Way::Query];
const EVER: f64 = 10_000.0;

const fn case(
    name: &'static str,
    series: &'static [(f64, f64, Is)],
    comes: Comes,
    says: &'static str,
) -> Case {
    Case {
        name,
        rule: "for 1m",
        series,
        dead: None,
        comes,
        says,
        ways: ONE,
    }
}

const CASES: &[Case] = &[
    Case {
        ways: ALL,
        ..case("steady", &[], Comes::Completed, "completed")
    },
    case(
        "one spike",
        &[(120.0, 132.0, Is::Share(0.4))],
        Comes::Completed,
        "completed",
    ),
    case(
        "a breach before D",
        &[(120.0, 160.0, Is::Share(0.4))],
        Comes::Completed,
        "completed",
    ),
    Case {
        ways: ALL,
        ..case(
            "a breach for D",
            &[(120.0, 215.0, Is::Share(0.4))],
            Comes::Back("flag", 10),
            "error_rate > 5% has held for",
        )
    },
    Case {
        rule: "for 3 of 5",
        ..case(
            "flapping",
            &[
                (120.0, 150.0, Is::Share(0.4)),
                (165.0, 195.0, Is::Share(0.4)),
                (210.0, 240.0, Is::Share(0.4)),
            ],
            Comes::Back("flag", 10),
            "of the last 5 samples, and 3 of 5 trip",
        )
    },
    Case {
        ways: ALL,
        ..case(
            "a breach, then silence",
            &[(120.0, 132.0, Is::Share(0.4)), (132.0, 270.0, Is::Missing)],
            Comes::Completed,
            "HELD",
        )
    },
    case(
        "silence from the start",
        &[(-EVER, EVER, Is::Missing)],
        Comes::Stuck(10),
        "HELD",
    ),
    case("NaN", &[(120.0, EVER, Is::NaN)], Comes::Stuck(10), "HELD"),
    case(
        "in breach before",
        &[(-EVER, EVER, Is::Share(0.4))],
        Comes::Refused("in breach before anything has begun"),
        "nothing was changed",
    ),
    case(
        "a breach in the last second of a stage",
        &[(232.0, 340.0, Is::Share(0.4))],
        Comes::Back("flag", 10),
        "error_rate > 5% has held for",
    ),
    case(
        "a breach after 100%",
        &[(330.0, 425.0, Is::Share(0.4))],
        Comes::Back("flag", 100),
        "error_rate > 5% has held for",
    ),
    case(
        "recovery too slow after level one",
        &[(120.0, 440.0, Is::Share(0.4))],
        Comes::Back("code", 10),
        "LEVEL       code",
    ),
    Case {
        dead: Some((100.0, 250.0)),
        ..case(
            "a breach while nobody looked, remembered",
            &[(115.0, 235.0, Is::Share(0.4))],
            Comes::Back("flag", 10),
            "error_rate > 5% has held for",
        )
    },
    Case {
        dead: Some((100.0, 250.0)),
        ways: &[Way::Http, Way::Command],
        ..case(
            "a breach while nobody looked, forgotten",
            &[(115.0, 235.0, Is::Share(0.4))],
            Comes::Completed,
            "nobody looked for",
        )
    },
    case(
        "two series",
        &[],
        Comes::Refused("2 series, not one number"),
        "nothing was changed",
    ),
];

/// A case that goes one way, with its own series.
struct Played {
    case: &'static Case,
    way: Way,
    /// The label of its series.
    label: String,
    /// Its start, in seconds since that of the first.
    offset: f64,
}

fn all() -> Vec<Played> {
    let pairs = CASES
        .iter()
        .flat_map(|case| case.ways.iter().map(move |way| (case, *way)));
    pairs
        .enumerate()
        .map(|(number, (case, way))| Played {
            case,
            way,
            label: format!("case{number}"),
            offset: number as f64 * APART,
        })
        .collect()
}

impl Played {
    /// The value at a time of the run.
    fn at(&self, time: f64) -> Is {
        let is = self
            .case
            .series
            .iter()
            .find(|(from, to, _)| (*from..*to).contains(&time));
        is.map_or(Is::Share(0.001), |(_, _, is)| *is)
    }

    /// Each value with its time, in seconds since the first start.
    fn values(&self) -> Vec<(f64, f64)> {
        let mut values = Vec::new();
        let mut real = -10.0;
        while real < LAST / SPEED {
            match self.at(real * SPEED) {
                Is::Share(share) => values.push((self.offset + real, share)),
                Is::NaN => values.push((self.offset + real, f64::NAN)),
                Is::Missing => {}
            }
            real += STEP;
        }
        values
    }

    fn query(&self) -> String {
        if self.case.name == "two series" {
            format!(
                "error_rate{{case=\"{}\"}} or up_to{{case=\"{}\",kind=\"other\"}}",
                self.label, self.label
            )
        } else {
            format!("error_rate{{case=\"{}\"}}", self.label)
        }
    }

    fn metric(&self, url: &str) -> String {
        match self.way {
            Way::Query => format!("query prom '{}'", self.query()),
            Way::Http => format!(
                "http get \"{url}/api/v1/query?lookback_delta=3s&step=3s&query=error_rate%7Bcase%3D%22{}%22%7D\" json(\".data.result[0].value[1] | if . then tonumber else null end\")",
                self.label
            ),
            Way::Command => "$ sh ask.sh".to_owned(),
        }
    }

    /// Asks as people do in a pipe.
    fn script(&self, url: &str) -> String {
        format!(
            "set -e\nanswer=$(curl -fsG --data-urlencode 'query={}' -d lookback_delta=3s -d step=3s {url}/api/v1/query)\nprintf '%s\\n' \"$answer\" | sed -n 's/.*\"value\":\\[[0-9.]*,\"\\([^\"]*\\)\"\\].*/\\1/p'\n",
            self.query()
        )
    }

    fn runbook(&self, url: &str) -> String {
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

limits {{
  hold 2m
}}

exposure flag: percent {{
  set  $ echo "$flag" >> sets; echo "$flag" > share
  read $ cat share
}}

metric error_rate: percent {{
  {}
  unit  ratio
  every 15s
  stale 30s
}}

guard outage when error_rate > 5% {} then rollback

rollout {{
  stage canary {{
    expose 10%
    wait 4m..40m
  }}
  stage full {{
    expose 100%
    wait 3m..40m
  }}
}}

rollback {{
  level flag within 10m {{
    expose 0%
  }}
  level code within 10m {{
    step revert $ echo reverted > reverted
  }}
  recovered when error_rate < 1% for 1m within 3m
}}

if stuck {{
  notify people "stuck: ${{reason}}"
}}
"#,
            self.metric(url),
            self.case.rule
        )
    }

    /// Plays it; the first start was, or will be, at this wall time.
    fn play(&self, url: &str, first: f64) {
        let place = Place::new();
        place.write("share", "0\n");
        place.write("case.runbook", &self.runbook(url));
        place.write("ask.sh", &self.script(url));
        sleep_until(first + self.offset);
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
                let runner = place.start(&words);
                sleep_until(first + self.offset + dies / SPEED);
                let run = run_named_in(&runner.err());
                moment::send(&runner, Signal::KILL);
                said = runner.end().err;
                sleep_until(first + self.offset + comes_back / SPEED);
                place.call(&["resume", &run, "--non-interactive"])
            }
        };
        self.holds(&place, &ran, &(said + &ran.err));
    }

    fn holds(&self, place: &Place, ran: &Ran, said: &str) {
        let who = format!("{} ({:?})", self.case.name, self.way);
        let most = place
            .read("sets")
            .lines()
            .filter_map(|line| line.parse::<u32>().ok())
            .max()
            .unwrap_or(0);
        let (status, exposed) = match self.case.comes {
            Comes::Completed => (0, 100),
            Comes::Back(_, exposed) => (3, exposed),
            Comes::Stuck(exposed) => (4, exposed),
            Comes::Refused(_) => (5, 0),
        };
        assert_eq!(
            (ran.status, most),
            (Some(status), exposed),
            "{who}:\n{said}"
        );
        let level = match self.case.comes {
            Comes::Back(level, _) => format!("rolled back by level {level} and recovered"),
            Comes::Refused(why) => why.to_owned(),
            Comes::Completed | Comes::Stuck(_) => String::new(),
        };
        for words in [self.case.says, &level] {
            assert!(said.contains(words), "{who}: `{words}` is not in:\n{said}");
        }
    }
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs_f64()
}

fn sleep_until(wall: f64) {
    let left = wall - now();
    if left > 0.0 {
        moment::after(Duration::from_secs_f64(left).as_micros() as u64);
    }
}

/// A server with the series in it.
struct Server {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Server {
    fn start(mut command: Command, port: u16, ready: &str, folder: TempDir) -> Self {
        let log = std::fs::File::create(folder.path().join("log")).expect("a file for its log");
        let child = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("it is installed (bash .ci/run does it)");
        let server = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        };
        let address = format!("127.0.0.1:{port}");
        wait::until("it is ready", || get(&address, ready), Result::is_ok);
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// All series as lines of `NAME{LABELS} VALUE TIME`, sorted by series.
fn lines(all: &[Played], first: f64, time: impl Fn(f64) -> String) -> String {
    let mut text = String::new();
    for played in all {
        for (at, value) in played.values() {
            writeln!(
                text,
                "error_rate{{case=\"{}\"}} {value} {}",
                played.label,
                time(first + at)
            )
            .expect("a string takes everything");
        }
    }
    text
}

fn second(all: &[Played], first: f64, time: impl Fn(f64) -> String) -> String {
    let mut text = String::new();
    for played in all.iter().filter(|one| one.case.name == "two series") {
        for (at, _) in played.values() {
            writeln!(
                text,
                "up_to{{case=\"{}\",kind=\"other\"}} 1 {}",
                played.label,
                time(first + at)
            )
            .expect("a string takes everything");
        }
    }
    text
}

fn prometheus(all: &[Played], first: f64) -> Server {
    let folder = TempDir::new().expect("a folder for its data");
    let seconds = |at: f64| format!("{at:.3}");
    let text = format!(
        "# TYPE error_rate gauge\n{}# TYPE up_to gauge\n{}# EOF\n",
        lines(all, first, seconds),
        second(all, first, seconds)
    );
    std::fs::write(folder.path().join("series"), text).expect("a file");
    std::fs::write(folder.path().join("prometheus.yml"), "global: {}\n").expect("a file");
    let made = Command::new("promtool")
        .args([
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            "series",
            "data",
        ])
        .current_dir(folder.path())
        .output()
        .expect("promtool is installed (bash .ci/run does it)");
    assert!(made.status.success(), "{made:?}");
    let port = free_port();
    let mut command = Command::new("prometheus");
    command
        .arg("--config.file=prometheus.yml")
        .arg("--storage.tsdb.path=data")
        .arg(format!("--web.listen-address=127.0.0.1:{port}"));
    Server::start(command, port, "/-/ready", folder)
}

fn play(kind: &str, server: impl Fn(&[Played], f64) -> Server) {
    let all = all();
    let first = now() + 12.0;
    let server = server(&all, first);
    assert!(now() < first, "the servers took too long to start");
    std::thread::scope(|scope| {
        for played in &all {
            let url = server.url.as_str();
            scope.spawn(move || played.play(url, first));
        }
    });
    for played in &all {
        println!(
            "  {kind:<16} {:<42} {:?}  {:?}",
            played.case.name, played.way, played.case.comes
        );
    }
}

pub(crate) fn guards_judge_a_real_prometheus_as_the_suite_says() {
    play("Prometheus", prometheus);
}
