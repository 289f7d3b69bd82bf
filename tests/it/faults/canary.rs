//! A canary takes the place of a secret, and is looked for in everything that a run leaves behind: journal, outputs, logs, pages,
//! notices, what was said, the words and the environments of its processes, files for temporary use. In all the forms that tools
//! give to it.

use std::collections::BTreeMap;
use std::path::Path;

use rustix::process::Signal;

use super::{LEDGER, kin, runbook};
use crate::crash::site::Site;
use crate::moment;
use crate::program::{Ran, Running};

const SPEED: &str = "1200x";

/// A secret with everything in it that some form escapes, and longer than a line of base64.
const CANARY: &str =
    "ca\"na'ry/\\é+%&=<x y>$Z-4711-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP~!";

/// So much of it is looked for as it is: what is left of a mask that works in part.
const PIECE: usize = 12;

/// The forms that tools give to it, by name. They are made here by other means than the program's.
fn forms() -> BTreeMap<&'static str, String> {
    let percent = |space: &str, code: fn(u8) -> String| {
        let coded = CANARY.bytes().map(|byte| match byte {
            b' ' => space.to_owned(),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => code(other),
        });
        coded.collect::<String>()
    };
    let json = serde_json::to_string(CANARY).expect("a text");
    let inside = json[1..json.len() - 1].to_owned();
    let base64 = |prefix: &str| {
        let text = format!("{prefix}{CANARY}");
        openly_encoded(text.as_bytes())
    };
    BTreeMap::from([
        ("raw", CANARY.to_owned()),
        ("percent", percent("%20", |byte| format!("%{byte:02X}"))),
        (
            "percent, small",
            percent("%20", |byte| format!("%{byte:02x}")),
        ),
        ("form", percent("+", |byte| format!("%{byte:02X}"))),
        ("json", inside.clone()),
        ("json, ascii", inside.replace('é', "\\u00e9")),
        ("json, slashes", inside.replace('/', "\\/")),
        ("base64, lines", lines(&base64(""))),
        ("base64 0", base64("")),
        ("base64 1", base64("x")),
        ("base64 2", base64("xy")),
        (
            "base64, url",
            base64("").replace('+', "-").replace('/', "_"),
        ),
        ("shell", CANARY.replace('\'', "'\\''")),
    ])
}

/// As `base64` prints it.
fn lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    lines.join("\n")
}

/// Base64, bit by bit.
fn openly_encoded(bytes: &[u8]) -> String {
    let digits: Vec<char> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['+', '/'])
        .collect();
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let mut text: String = bits
        .as_bytes()
        .chunks(6)
        .map(|chunk| {
            let chunk = std::str::from_utf8(chunk).expect("digits");
            let value = usize::from_str_radix(&format!("{chunk:0<6}"), 2).expect("six bits");
            digits[value]
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Pieces of the forms that nothing else has: a mask that leaves one of them in a file does not work.
fn pieces() -> Vec<(&'static str, Vec<u8>)> {
    let mut pieces = Vec::new();
    for (name, form) in forms() {
        // What stands at the ends of base64 depends on what stands around it.
        let middle = form.get(4..form.len() - 6).unwrap_or(&form);
        for piece in middle.as_bytes().chunks(PIECE) {
            if piece.len() == PIECE {
                pieces.push((name, piece.to_vec()));
            }
        }
    }
    pieces
}

struct Search {
    pieces: Vec<(&'static str, Vec<u8>)>,
    looked: usize,
}

impl Search {
    fn new() -> Self {
        Self {
            pieces: pieces(),
            looked: 0,
        }
    }

    /// None of it is in there.
    fn through(&mut self, what: &str, bytes: &[u8]) {
        self.looked += 1;
        for (form, piece) in &self.pieces {
            let at = bytes.windows(PIECE).position(|window| window == &piece[..]);
            assert!(
                at.is_none(),
                "`{}` ({form}) is in {what}: {}",
                String::from_utf8_lossy(piece),
                String::from_utf8_lossy(
                    &bytes[at.unwrap_or(0).saturating_sub(60)..]
                        [..200.min(bytes.len() - at.unwrap_or(0).saturating_sub(60))]
                )
            );
        }
    }

    /// Nor in any file below, nor in its name.
    fn below(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a folder of the run") {
            let path = entry.expect("an entry").path();
            self.through("a name", path.display().to_string().as_bytes());
            if path.is_dir() {
                self.below(&path);
            } else {
                let bytes = std::fs::read(&path).expect("a file of the run");
                self.through(&path.display().to_string(), &bytes);
            }
        }
    }
}

fn site() -> Site {
    let site = Site::of(runbook("canary"));
    std::fs::create_dir_all(site.place.at("site/inputs")).expect("a folder");
    std::fs::create_dir(site.place.at("tmp")).expect("a folder");
    for (name, form) in forms() {
        let name = name.replace([',', ' '], "_");
        site.place.write(&format!("site/inputs/{name}"), &form);
    }
    moment::shut(&site.place.at("site/gate"));
    site
}

fn start(site: &Site, words: &[String]) -> Running {
    let mut command = site.place.command(&[]);
    command
        .args(words)
        .env("CANARY", CANARY)
        .env("TMPDIR", site.place.at("tmp"));
    site.place.started(command)
}

/// What everyone who may list processes sees of it, while a step has the secret in a variable.
fn in_processes(site: &Site, search: &mut Search) {
    let kin = kin::of(&site.place.at(""));
    assert!(kin.iter().any(|one| one.is_supervisor), "{kin:?}");
    for one in kin {
        let pid = one.pid.as_raw_nonzero();
        let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        search.through("the words of a process", &words);
        if one.is_supervisor {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            search.through("the environment of a supervisor", &environment);
        }
    }
}

/// Everything that it leaves behind, and all that can be asked about it.
fn left_behind(site: &Site, run: &str, search: &mut Search) {
    search.below(&site.place.at("state"));
    search.through("the notices", site.place.read("site/notices").as_bytes());
    for words in [
        &["status", run][..],
        &["log", run],
        &["log", run, "--format", "json"],
        &["list"],
        &["log", run, "--verify"],
    ] {
        let Ran { out, err, .. } = site.place.call(words);
        search.through(&words.join(" "), (out + &err).as_bytes());
    }
}

fn ended(site: &Site, ran: &Ran, run: &str, search: &mut Search) {
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    search.through("what it said", (ran.out.clone() + &ran.err).as_bytes());
    left_behind(site, run, search);
    let left = std::fs::read_dir(site.place.at("tmp"))
        .expect("a folder")
        .count();
    assert_eq!(left, 0, "a file of a secret is left");
    site.effects()
        .assert_at_most_once(&["prints", "in_a_variable"]);
    // The steps have really printed: there are as many masks as that takes.
    let outputs = site.place.at(&format!("state/runs/{run}"));
    let masks: usize = std::fs::read_dir(outputs)
        .expect("the outputs")
        .map(|entry| std::fs::read(entry.expect("an entry").path()).unwrap_or_default())
        .map(|bytes| String::from_utf8_lossy(&bytes).matches("***").count())
        .sum();
    assert!(masks > 40, "only {masks} masks: the steps did not print it");
}

#[test]
fn a_secret_is_in_nothing_that_a_run_leaves_behind() {
    LEDGER.fault("a secret is printed, encoded, complained about", |count| {
        count.case(|| {
            let site = site();
            let mut search = Search::new();
            let runner = start(&site, &site.run(SPEED));
            site.has_effect("in_a_variable");
            in_processes(&site, &mut search);
            moment::let_pass(&site.place.at("site/gate"));
            let ran = runner.end();
            let run = crate::program::run_named_in(&ran.err);
            ended(&site, &ran, &run, &mut search);
            assert!(search.looked > 40, "{}", search.looked);
        });
        // The runner dies while a step has it.
        count.case(|| {
            let site = site();
            let mut search = Search::new();
            let runner = start(&site, &site.run(SPEED));
            site.has_effect("in_a_variable");
            let run = crate::program::run_named_in(&runner.err());
            moment::send(&runner, Signal::KILL);
            let died = runner.end();
            search.through("what it said", died.err.as_bytes());
            in_processes(&site, &mut search);
            left_behind(&site, &run, &mut search);
            let words = ["resume", &run, "--non-interactive"].map(str::to_owned);
            let again = start(&site, &words);
            moment::let_pass(&site.place.at("site/gate"));
            ended(&site, &again.end(), &run, &mut search);
        });
    });
}
