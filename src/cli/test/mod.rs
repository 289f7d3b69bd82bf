//! `test`: plays the test blocks of runbooks in virtual time. Takes no lock, writes no state, touches no network.

mod files;
mod suggest;
mod watch;

use std::path::PathBuf;

use self::files::{Looked, Wanted};
use super::args::{TestArgs, TestFormat};
use super::say::Say;
use super::{USAGE, walk};
use crate::report::trial::{self, Coverage, FileTested, Tested};

pub(super) fn run(args: &TestArgs, say: &Say) -> u8 {
    if args.watch {
        return watch::watch(args, say);
    }
    let Some(files) = walk::files(&args.paths, say) else {
        return USAGE;
    };
    if args.suggest {
        return suggest::suggest(&files, say);
    }
    once(&files, args, say)
}

/// Runs the tests of these files once; the exit status.
fn once(files: &[PathBuf], args: &TestArgs, say: &Say) -> u8 {
    let wanted = Wanted {
        filter: args.filter.as_deref(),
        reach: args.coverage || args.coverage_json.is_some(),
    };
    let looked = files::look(files, wanted);
    let mut tested = Vec::new();
    let (mut unread, mut not_there) = (Vec::new(), Vec::new());
    let (mut missing, mut blocks) = (0, 0);
    for one in looked {
        match one {
            Looked::Unreadable(path) => {
                // Said where it is read alone, in the words of every other command.
                if let Err(why) = super::compile::text(&path) {
                    why.say(say);
                    let name = path.display().to_string();
                    not_there.push((name, why.diagnostic()));
                }
                missing += 1;
            }
            Looked::Wrong(name, sources, found) => unread.push((name, sources, found)),
            Looked::Tested(file, sources, all) => {
                blocks += all;
                tested.push((*file, sources));
            }
        }
    }
    if args.format == TestFormat::Human {
        for (_, sources, found) in &unread {
            say.diagnostics(found, sources);
            say.tell("");
        }
        for (file, sources) in &tested {
            for test in file.tests.iter().filter(|test| !test.failures.is_empty()) {
                failed(file, test, say);
                say.diagnostics(&test.said, sources);
                say.tell("");
            }
        }
    }
    let results: Vec<FileTested> = tested.iter().map(|(file, _)| file.clone()).collect();
    let coverage: Vec<(&str, &Coverage)> = results
        .iter()
        .map(|file| (file.file.as_str(), &file.coverage))
        .collect();
    let names: Vec<(String, serde_json::Value)> = unread
        .iter()
        .map(|(name, sources, found)| (name.clone(), crate::diag::json(found, sources)))
        .chain(not_there.iter().map(|(name, why)| {
            let said = crate::diag::json_of_file(why, name);
            (name.clone(), said)
        }))
        .collect();
    match args.format {
        TestFormat::Human => {}
        TestFormat::Json => {
            let mut whole = trial::json(&results, &names);
            if let (true, Some(object)) = (args.coverage, whole.as_object_mut()) {
                object.insert("coverage".to_owned(), trial::coverage_json(&coverage));
            }
            say.data(&format!("{whole:#}\n"));
        }
        TestFormat::Junit => {
            let why: Vec<(String, String)> = unread
                .iter()
                .map(|(name, _, found)| {
                    let all = found.iter().map(|one| one.message.clone());
                    (name.clone(), all.collect::<Vec<_>>().join("\n"))
                })
                .chain(
                    not_there
                        .iter()
                        .map(|(name, why)| (name.clone(), why.message.clone())),
                )
                .collect();
            say.data(&trial::junit(&results, &why));
        }
    }
    if args.coverage && args.format == TestFormat::Human {
        for line in trial::table(&coverage) {
            say.tell(&line);
        }
        say.tell("");
    }
    if let Some(path) = &args.coverage_json {
        let text = format!("{:#}\n", trial::coverage_json(&coverage));
        if let Err(error) = std::fs::write(path, text) {
            say.error(
                &format!("{} cannot be written: {error}", path.display()),
                "",
            );
            return USAGE;
        }
    }
    let (passed, failed) = trial::counts(&results);
    conclude(
        Counted {
            files: files.len(),
            passed,
            failed,
            unread: unread.len(),
            missing,
            blocks,
        },
        args,
        say,
    )
}

struct Counted {
    files: usize,
    passed: usize,
    failed: usize,
    unread: usize,
    missing: usize,
    /// Tests that there are, chosen or not.
    blocks: usize,
}

/// Says how it went; the exit status. Never green when nothing was tested.
fn conclude(counted: Counted, args: &TestArgs, say: &Say) -> u8 {
    let Counted {
        files,
        passed,
        failed,
        unread,
        missing,
        blocks,
    } = counted;
    let all = passed + failed;
    if files == 0 {
        say.error(
            "there is no *.runbook file here, so nothing was tested",
            "name a file or a directory",
        );
        return USAGE;
    }
    if all == 0 && unread == 0 && missing == 0 {
        match &args.filter {
            Some(filter) if blocks > 0 => say.error(
                &format!("none of {} has `{filter}` in its name, so nothing was tested", counted_tests(blocks)),
                "leave --filter out, or name a part of a test's name",
            ),
            Some(_) | None => say.error(
                "there is no test here, so nothing was tested",
                "write `test \"NAME\" { … }` into the runbook; `runbook test --suggest` prints some",
            ),
        }
        return USAGE;
    }
    let mut text = format!("{}: {passed} passed", counted_tests(all));
    if failed > 0 {
        text.push_str(&format!(", {failed} failed"));
    }
    if unread > 0 {
        text.push_str(&format!(
            "; the tests of {} could not be run",
            counted_files(unread)
        ));
    }
    if missing > 0 {
        text.push_str(&format!("; {} could not be read", counted_files(missing)));
    }
    say.tell(&text);
    match (missing, failed + unread) {
        (1.., _) => USAGE,
        (0, 0) => 0,
        (0, 1..) => 1,
    }
}

fn counted_tests(count: usize) -> String {
    match count {
        1 => "1 test".to_owned(),
        more => format!("{more} tests"),
    }
}

fn counted_files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        more => format!("{more} files"),
    }
}

/// A failed test: its name, and its run up to where it went another way.
fn failed(file: &FileTested, test: &Tested, say: &Say) {
    say.tell(&format!(
        "FAILED  {}:{}  {}",
        file.file, test.line, test.name
    ));
    say.tell("");
    for line in &test.story {
        say.tell(line);
    }
    if !test.story.is_empty() {
        say.tell("");
    }
}
