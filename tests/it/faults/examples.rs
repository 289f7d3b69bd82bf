//! Every runbook of `runbooks/`, with its tools replaced by one that leaves a trace and its Prometheus by one of ours: its runner
//! dies at both sides of every commit that a power failure would have to survive. Waits are cut short; nothing else is changed.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::ledger::Count;
use super::said::Told;
use super::source::{Mood, Source, number};
use super::{LEDGER, times};
use crate::crash::site::{Site, UNKNOWN};
use crate::program::{Ran, run_named_in};

const SPEED: &str = "600x";

/// How many cases are under way at a time.
const AT_A_TIME: usize = 4;

/// Without a wish for more, one commit of so many is chosen.
const STRIDE: u64 = 6;

/// A runbook and what it needs.
struct Example {
    name: &'static str,
    /// What else its command line says; `URL` and `SITE` stand for what they are here.
    words: &'static [&'static str],
    tools: &'static [&'static str],
    /// The value of its exposure when nobody is exposed.
    nobody: &'static str,
    /// What is not repeated by itself.
    once: &'static [&'static str],
    /// What has happened when it is done.
    done: &'static [&'static str],
    /// What has happened when it was rolled back.
    back: &'static [&'static str],
}

/// Examples of what inputs of `tests/it/crash` are killed everywhere for: `undoes.runbook` and `strands.runbook`.
const ELSEWHERE: [&str; 2] = ["kernel", "regions"];

const EXAMPLES: &[Example] = &[
    Example {
        name: "blue-green",
        words: &["--param", "version=2.4.0", "--hotfix", "a test"],
        tools: &["balancerctl", "shopctl", "curl"],
        nobody: "blue",
        once: &["shopctl_deploy_2.4.0___to_green"],
        done: &["shopctl_deploy_2.4.0___to_green", "set_green"],
        back: &["set_blue"],
    },
    Example {
        name: "demo",
        words: &[
            "--param",
            "health=URL/health",
            "--param",
            "metrics=URL",
            "--param",
            "notices=SITE/notices",
        ],
        tools: &["flagctl", "appctl"],
        nobody: "0",
        once: &["appctl_deploy_2.4.0"],
        done: &["appctl_deploy_2.4.0", "set_10", "set_50", "set_100"],
        back: &["set_0"],
    },
    Example {
        name: "jwt-auth",
        words: &[
            "--param",
            "version=2.4.0",
            "--param",
            "commit=abc1234",
            "--confirm",
            "Code review is complete",
            "--confirm",
            "Stakeholders are notified of the schedule",
        ],
        tools: &["flagctl", "npm", "git", "pm2"],
        nobody: "0",
        once: &["npm_run_build", "npm_run_deploy_production____2.4.0"],
        done: &[
            "npm_run_build",
            "npm_run_deploy_production____2.4.0",
            "set_10",
            "set_50",
            "set_100",
        ],
        back: &["set_0"],
    },
    Example {
        name: "phased",
        words: &[],
        tools: &["flagctl"],
        nobody: "none",
        once: &[],
        done: &["set_internal", "set_beta", "set_all"],
        back: &["set_none"],
    },
];

/// How its service takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    Well,
    /// It answers errors as soon as anyone is exposed.
    Ill,
}

struct Stand {
    site: Site,
    source: Source,
}

impl Example {
    fn stand(&self, service: Service) -> Stand {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("runbooks")
            .join(format!("{}.runbook", self.name));
        let text = std::fs::read_to_string(file).expect("it is part of the project");
        let (known, nobody) = (Arc::new(OnceLock::<PathBuf>::new()), self.nobody);
        let folder = Arc::clone(&known);
        let source = Source::answering(Mood::Healthy, move |asked| {
            let folder = folder.get().expect("nobody asks before it is known");
            answer(asked, folder, (service, nobody))
        });
        let site = Site::written(&shortened(&text, &source.url()));
        // So long as here no first level may take.
        let settings = "[risk]\nfirst_level = \"30d\"\n";
        site.place.write("runbook.toml", settings);
        known.set(site.place.at("site")).expect("once");
        site.place.write("site/exposed", &format!("{nobody}\n"));
        std::fs::create_dir(site.place.at("bin")).expect("a folder");
        let tool = site.place.at("bin/tool");
        std::fs::copy(super::folder().join("tool.sh"), &tool).expect("the tool");
        std::fs::set_permissions(&tool, PermissionsExt::from_mode(0o755)).expect("it is ours");
        for name in self.tools {
            symlink(&tool, site.place.at("bin").join(name)).expect("a name");
        }
        Stand { site, source }
    }

    fn words(&self, stand: &Stand) -> Vec<String> {
        let site = stand.site.place.at("site").display().to_string();
        let file = stand.site.place.at("site.runbook").display().to_string();
        let given = |word: &&str| {
            word.replace("URL", &stand.source.url())
                .replace("SITE", &site)
        };
        ["run", &file, "--rehearse", SPEED, "--non-interactive"]
            .into_iter()
            .map(str::to_owned)
            .chain(self.words.iter().map(given))
            .collect()
    }

    fn expected(&self, service: Service) -> (i32, &'static [&'static str]) {
        match service {
            Service::Well => (0, self.done),
            Service::Ill => (3, self.back),
        }
    }

    /// Lets its runner die there; whether it came there.
    fn dies_at(&self, service: Service, point: Option<&str>) -> bool {
        let (status, happened) = self.expected(service);
        let stand = self.stand(service);
        let site = &stand.site;
        let mut first = stand.command(&self.words(&stand));
        if let Some(point) = point {
            first.env("RUNBOOK_FAILPOINT", point);
        }
        let died = Ran::of(&mut first);
        let mut told = Told::default();
        told.hear(&died.err);
        let run = run_named_in(&died.err);
        let is_dead = died.status.is_none();
        let mut ran = died;
        if is_dead {
            site.verify(&run);
            ran = stand.resume(&run);
            told.hear(&ran.err);
        }
        assert_ne!(
            ran.status,
            Some(UNKNOWN),
            "its supervisor lived: {}",
            ran.err
        );
        if point == Some("before:durable:1") && ran.status == Some(5) {
            // What was confirmed and overridden at its start was not recorded: it is not taken for granted.
            assert_eq!(site.effects().0.len(), 0, "{:?}", site.effects());
            return is_dead;
        }
        assert_eq!(
            ran.status,
            Some(status),
            "{} {point:?}:\n{}",
            self.name,
            ran.err
        );
        let effects = site.effects();
        effects.assert_at_most_once(self.once);
        for name in happened {
            assert!(effects.times(name) > 0, "{name} is missing: {effects:?}");
        }
        let people = site.place.read("site/notices");
        let is_silent = self.name == "phased" && service == Service::Well;
        assert_eq!(
            people.is_empty(),
            is_silent,
            "how it ended is told to people"
        );
        site.verify(&run);
        told.is_in_the_journal(site, &run);
        is_dead
    }
}

impl Stand {
    fn command(&self, words: &[String]) -> Command {
        let mut command = self.site.place.command(&[]);
        let path = format!("{}:/usr/bin:/bin", self.site.place.at("bin").display());
        command
            .args(words)
            .env("PATH", path)
            .env("FLAG_TOKEN", "not so secret");
        command
    }

    fn resume(&self, run: &str) -> Ran {
        let words = ["resume", run, "--non-interactive"].map(str::to_owned);
        Ran::of(&mut self.command(&words))
    }
}

/// The runbook against what is here, with short waits.
fn shortened(text: &str, url: &str) -> String {
    let waits = regex::Regex::new(r"(?m)^    wait .*$").expect("a pattern");
    let bounds =
        regex::Regex::new(r"(?m)^( +(?:verify|recovered) .*)within \S+").expect("a pattern");
    let levels = regex::Regex::new(r"(?m)^( +level .*)within \S+").expect("a pattern");
    let logs = regex::Regex::new(r#"log "/var/log/[^"]*""#).expect("a pattern");
    let hosts =
        regex::Regex::new(r#"https://(prometheus|api|support)\.example\.com"#).expect("a pattern");
    let risk = regex::Regex::new(r"(?m)^risk .*\n").expect("a pattern");
    let text = text.split("\ntest \"").next().expect("a beginning");
    // So short as here no release of its risk may be.
    let text = &risk.replace(text, "");
    assert!(waits.is_match(text), "there is nothing to cut short");
    let text = waits.replace_all(text, "    wait 2m..8h");
    // In a rehearsal seconds are gone in no time, and the machine of a test is busy.
    let text = bounds.replace_all(&text, "${1}within 1h");
    let text = levels.replace_all(&text, "${1}within 5d");
    let text = text.replacen("\nprovider ", "\nlimits {\n  hold 20d\n}\n\nprovider ", 1);
    let text = logs.replace_all(&text, "log \"site/notices\"");
    hosts.replace_all(&text, url).into_owned()
}

/// What Prometheus, the app and the support answer.
fn answer(asked: &str, site: &Path, (service, nobody): (Service, &str)) -> String {
    let read = |name: &str| std::fs::read_to_string(site.join(name)).unwrap_or_default();
    if asked.starts_with("/health") {
        let version = read("version");
        return format!("{{\"status\":\"ok\",\"version\":\"{}\"}}", version.trim());
    }
    if asked.starts_with("/api/reports") {
        return "{\"total\":0}".to_owned();
    }
    let is_ill = service == Service::Ill && read("exposed").trim() != nobody;
    let errors = if is_ill { 0.2 } else { 0.0 };
    let rate = if asked.contains("code=~\"2..\"") || asked.contains("result=\"success\"") {
        1.0
    } else if asked.contains("histogram_quantile") {
        0.1
    } else if asked.contains("user_reports") {
        0.0
    } else if asked.contains("orders_total") && !asked.contains("failed") {
        20.0
    } else {
        errors
    };
    number(asked, rate)
}

fn everywhere(example: &Example, service: Service, count: &Count) {
    assert!(!example.dies_at(service, None), "nobody killed it");
    let stride = if times(0) == 0 { STRIDE } else { 1 };
    let (next, over, failed) = (
        AtomicUsize::new(0),
        AtomicBool::new(false),
        AtomicBool::new(false),
    );
    let work = || {
        while !over.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
            let number = 1 + next.fetch_add(1, Ordering::Relaxed) as u64 * stride;
            for side in ["before", "after"] {
                let point = format!("{side}:durable:{number}");
                let tried =
                    catch_unwind(AssertUnwindSafe(|| example.dies_at(service, Some(&point))));
                match tried {
                    Ok(true) => count.survived(),
                    Ok(false) => over.store(true, Ordering::Relaxed),
                    Err(_) => {
                        failed.store(true, Ordering::Relaxed);
                        count.lost(&format!("{} {service:?} {point}", example.name));
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
    assert!(!failed.into_inner(), "the reason stands above");
}

#[test]
fn every_example_completes_wherever_its_runner_dies() {
    LEDGER.fault("kill -9 of the runner: every example completes", |count| {
        EXAMPLES
            .iter()
            .for_each(|one| everywhere(one, Service::Well, count));
    });
}

#[test]
fn every_example_goes_back_wherever_its_runner_dies() {
    LEDGER.fault("kill -9 of the runner: every example rolls back", |count| {
        EXAMPLES
            .iter()
            .for_each(|one| everywhere(one, Service::Ill, count));
    });
}

#[test]
fn no_example_is_left_out() {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("it is part of the project")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".runbook").map(str::to_owned))
        .collect();
    names.retain(|name| !ELSEWHERE.contains(&name.as_str()));
    names.sort();
    let here: Vec<&str> = EXAMPLES.iter().map(|one| one.name).collect();
    assert_eq!(names, here);
}
