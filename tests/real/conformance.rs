//! The most telling cases of the conformance suite of guards (`docs/guards.md`) with real answers: what the series of a case says is
//! written into a real Prometheus and a real VictoriaMetrics, and asked for by the program's own code, through their API, through a
//! plain HTTP question with a filter, and through a command. The verdict and its sentence have to be those of the suite.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use runbook::engine::{Effect, Input, Moment, Past, Reading, State};
use runbook::execute::{Execute, OnHold, Options, Patience, Show};
use runbook::plan::{MetricId, Plan, build, check_file};
use runbook::source::SourceFile;
use runbook::world::World as _;
use tempfile::TempDir;

use crate::ask::{WAYS, Way};
use crate::shifted::Shifted;
use crate::tsdb::{KINDS, Kind, NAME, Tsdb};

#[path = "../it/guards/cases.rs"]
#[expect(dead_code, reason = "the suite itself uses more of it")]
mod cases;
#[path = "../it/guards/world.rs"]
mod world;

use cases::{Series, What};
use world::{Source, Story, play, play_from, says};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/guards");

/// So long ago the runs began, in hours: history is what is over.
const AGO: u64 = 24;

/// Each case: its series, its rule, and what the suite's tables say of it.
const CASES: &[(&str, &str, &str)] = &[
    ("01_steady", "for 1m then rollback", "completed at 21m"),
    ("02_one_spike", "then rollback", "back by flag at 6m"),
    ("02_one_spike", "for 1m then rollback", "completed at 21m"),
    ("03_flapping", "for 1m then rollback", "completed at 21m15s"),
    ("04_before_d", "for 1m then rollback", "completed at 21m"),
    ("05_at_d", "for 1m then rollback", "back by flag at 7m"),
    (
        "05_at_d",
        "for 3 of 5 then hold",
        "completed at 21m45s, tripped at 6m30s",
    ),
    (
        "06_breach_then_silence",
        "for 1m then rollback",
        "stuck at 1h15m15s",
    ),
    (
        "07_silence_from_the_start",
        "for 1m then rollback",
        "stuck at 1h2m",
    ),
    (
        "08_nan",
        "for 1m then rollback",
        "completed at 31m15s, blind at 4m45s",
    ),
    (
        "16_two_series_at_the_start",
        "for 1m then rollback",
        "refused",
    ),
    (
        "17_two_series_later",
        "for 1m then rollback",
        "completed at 31m15s, blind at 4m45s",
    ),
    ("18_last_second", "for 1m then rollback", "stuck at 20m"),
    (
        "19_after_everything",
        "for 1m then rollback",
        "stuck at 22m",
    ),
    (
        "20_slow_recovery",
        "for 1m then rollback",
        "back by code at 7m",
    ),
    (
        "21_asleep_remembered",
        "for 1m then rollback",
        "stuck at 34m20s",
    ),
    (
        "21_asleep_remembered",
        "for 1m, coverage 100% then warn",
        "completed at 36m20s, tripped at 26m20s",
    ),
    (
        "23_asleep_healthy",
        "for 1m then rollback",
        "completed at 33m",
    ),
    ("25_in_breach_before", "for 1m then rollback", "refused"),
];

/// A case that is asked for in one way.
struct Asked {
    number: usize,
    case: &'static (&'static str, &'static str, &'static str),
    way: Way,
    /// With what this way makes of each reading.
    series: Series,
}

fn all() -> Vec<Asked> {
    let pairs = CASES
        .iter()
        .flat_map(|case| WAYS.iter().map(move |way| (case, *way)))
        // A command takes its time, and what it answers is the same question for every rule.
        .filter(|(case, way)| *way != Way::Command || case.1 == "for 1m then rollback");
    pairs
        .enumerate()
        .map(|(number, (case, way))| {
            let path = format!("{FOLDER}/series/{}.series", case.0);
            let mut series = Series::read(path.as_ref());
            for event in &mut series.events {
                if let What::Says(readings) = &mut event.what {
                    *readings = readings.iter().map(|one| way.makes_of(one)).collect();
                }
            }
            Asked {
                number,
                case,
                way,
                series,
            }
        })
        .collect()
}

impl Asked {
    /// Exactly what is said at the moment that is asked for, on every server and however far it would look back by itself.
    fn query(&self) -> String {
        format!(
            "sum by (pod) (last_over_time({NAME}{{case=\"{}\"}}[1s]))",
            self.number
        )
    }

    fn plan(&self, url: &str, folder: &TempDir) -> Plan {
        let text = std::fs::read_to_string(format!("{FOLDER}/rollout.runbook"));
        let text = text.expect("the rollout of the suite");
        let script = folder.path().join("ask.sh");
        std::fs::write(&script, Way::script(url, &self.query())).expect("a file");
        let source = self
            .way
            .source(url, &self.query(), &script.display().to_string());
        let rule = match self.case.1.split_once(", coverage 100%") {
            Some((before, after)) => format!("{before}{after} {{ coverage 100% }}"),
            None => self.case.1.to_owned(),
        };
        let known = "query prom 'sum(rate(errors_total[1m])) / sum(rate(requests_total[1m]))'";
        assert!(text.contains(known), "the query is another one now");
        let text = text
            .replace("RULE", &rule)
            .replace(known, &format!("{source}\n  every  15s\n  window 1m"))
            .replace("http://127.0.0.1:9090", url);
        let file = SourceFile::new("rollout.runbook", &text);
        let (checked, found) = check_file(&file);
        let checked = checked.unwrap_or_else(|| panic!("{found:?}\n{text}"));
        build(&checked, &std::collections::BTreeMap::new(), &file)
            .unwrap_or_else(|found| panic!("{found:?}\n{text}"))
    }

    /// The values of a whole run that began at a time, half a second before each second of it.
    fn values(&self, start: i64) -> Vec<(String, Vec<(f64, f64)>)> {
        let folder = TempDir::new().expect("a folder");
        let plan = self.plan("http://127.0.0.1:1", &folder);
        let (_, begin) = play_from(&plan, &self.series, &mut world::Written);
        let mut pods = [Vec::new(), Vec::new()];
        for second in 0..2 * 3_600_u64 {
            let at = (start as f64) / 1_000.0 + second as f64 - 0.5;
            match says(&self.series, &begin, Moment(second * 1_000)) {
                Reading::Value(percent) => pods[0].push((at, percent / 100.0)),
                Reading::NoData(why) if why.contains("NaN") => pods[0].push((at, f64::NAN)),
                Reading::NoData(_) | Reading::Error(_) => {}
                Reading::Misconfigured(_) => {
                    pods.iter_mut().for_each(|pod| pod.push((at, 0.001)));
                }
            }
        }
        ["a", "b"]
            .iter()
            .zip(pods)
            .map(|(pod, values)| (format!("case=\"{}\",pod=\"{pod}\"", self.number), values))
            .filter(|(_, values)| !values.is_empty())
            .collect()
    }

    /// Plays it, with the server asked for everything that the metric says.
    fn play(&self, address: &str, start: i64) -> (Story, Story, usize) {
        let server = Shifted::before(address);
        let folder = TempDir::new().expect("a folder");
        let plan = self.plan(&server.url, &folder);
        let mut real = Real {
            execute: execute(&folder),
            server,
            start,
            answers: 0,
        };
        let (got, _) = play_from(&plan, &self.series, &mut real);
        (got, play(&plan, &self.series), real.answers)
    }
}

/// Nobody is there.
struct Quiet;

impl Show for Quiet {
    fn effect(&mut self, _: runbook::engine::Stamp, _: &Plan, _: &State, _: &Effect) {}
    fn status(&mut self, _: runbook::engine::Stamp, _: &Plan, _: &State) {}
    fn say(&mut self, _: &str) {}
}

fn execute(folder: &TempDir) -> Execute<'static> {
    let path = std::env::var_os("PATH").expect("there is a PATH");
    let options = Options {
        run: "run-1".to_owned(),
        started: 0,
        last: None,
        by: "ann".to_owned(),
        dir: folder.path().to_owned(),
        environment: vec![("PATH".into(), path)],
        supervisor: env!("CARGO_BIN_EXE_runbook").into(),
        outputs: folder.path().join("outputs"),
        temp: folder.path().to_owned(),
        patience: Patience::default(),
        speed: 1.0,
        on_hold: OnHold::Stay,
        terminal: None,
    };
    Execute::new(options, Box::new(Quiet), Box::new(|| None)).expect("a world")
}

/// The real world, asked at times of the run.
struct Real {
    execute: Execute<'static>,
    server: Shifted,
    /// When the run began, in Unix milliseconds.
    start: i64,
    answers: usize,
}

impl Real {
    fn obey(&mut self, (plan, state): (&Plan, &State), at: Moment, effect: &Effect) -> Input {
        self.server
            .is_now(self.start + i64::try_from(at.0).expect("not that long"));
        self.execute.start(plan, state, effect);
        self.answers += 1;
        loop {
            let fact = self.execute.next(plan, state, None);
            match fact.expect("the world goes on").input {
                Input::ClockJumped { .. } | Input::Unwatched { .. } => {}
                input => return input,
            }
        }
    }
}

impl Source for Real {
    fn says(&mut self, run: (&Plan, &State), metric: MetricId, at: Moment, _: Reading) -> Reading {
        match self.obey(run, at, &Effect::Query { metric }) {
            Input::Sample { reading, .. } => reading,
            other => panic!("unexpected: {other:?}"),
        }
    }

    fn recalls(
        &mut self,
        run: (&Plan, &State),
        metric: MetricId,
        (from, to): (Moment, Moment),
        _: Result<Vec<Past>, String>,
    ) -> Result<Vec<Past>, String> {
        match self.obey(run, to, &Effect::LookBack { metric, from, to }) {
            Input::History { past, failed, .. } => failed.map_or(Ok(past), Err),
            other => panic!("unexpected: {other:?}"),
        }
    }
}

/// To whole hours of the past.
fn start() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let hour = now.expect("after 1970").as_secs() / 3_600 - AGO;
    let start = Duration::from_secs(hour * 3_600).as_millis();
    i64::try_from(start).expect("some time left")
}

/// Plays all against one server, two at once.
fn play_all(kind: Kind, all: &[Asked], start: i64) {
    let series: Vec<_> = all.iter().flat_map(|one| one.values(start)).collect();
    let server = Tsdb::start(kind, &series);
    let next = AtomicUsize::new(0);
    let told: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut told = Vec::new();
                    while let Some(one) = all.get(next.fetch_add(1, Ordering::SeqCst)) {
                        told.push(held(kind, one, one.play(&server.address, start)));
                    }
                    told
                })
            })
            .collect();
        let told = workers.into_iter().flat_map(|worker| worker.join());
        told.flatten().collect()
    });
    assert_eq!(told.len(), all.len(), "one of them failed");
    for line in told {
        println!("  {line}");
    }
}

/// Holds what came of a case against the suite.
fn held(kind: Kind, one: &Asked, (got, wanted, answers): (Story, Story, usize)) -> String {
    let (series, rule, table) = one.case;
    let who = format!("{kind:?} {:?} {series} {rule}", one.way);
    let is_nothing = kind == Kind::VictoriaMetrics && series.contains("nan");
    if is_nothing {
        // To it, what is no number is nothing.
        assert_eq!(got.short, wanted.short, "{who}");
    } else {
        assert_eq!(got, wanted, "{who}");
    }
    // What nobody remembers is another case of the suite.
    if one.way == Way::Query || !series.contains("asleep") {
        assert!(
            got.short.starts_with(table),
            "{who}: {} is not {table}",
            got.short
        );
    }
    assert!(answers > 0, "{who}: nobody was asked");
    format!("{who:<64} {} ({answers} answers)", got.short)
}

pub(crate) fn guards_judge_what_real_servers_answer_as_the_suite_says() {
    let (all, start) = (all(), start());
    std::thread::scope(|scope| {
        for kind in KINDS {
            let all = &all;
            scope.spawn(move || play_all(kind, all, start));
        }
    });
}
