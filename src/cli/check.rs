//! `check`: everything that is wrong with runbooks. Takes no lock, writes no state, touches no network but with `--online`. The runbooks
//! themselves are written only by `fix`, and only when that is asked for.

use std::path::Path;

use super::USAGE;
use super::args::{CheckArgs, Format};
use super::compile::Unread;
use super::library::Project;
use super::say::Say;
use super::{compile, fix, online, walk};
use crate::check::remarked;
use crate::diag::factory::syntax::not_looked_at;
use crate::diag::{self, Certainty, Diagnostic, Diagnostics, Severity};
use crate::execute::{Shellcheck, make_room};
use crate::prove::{Shapes, prove_all};
use crate::report::{Detail, proof};
use crate::source::{SourceFile, Sources};

pub(super) fn run(args: &CheckArgs, say: &Say) -> u8 {
    let Some(files) = walk::files(&args.paths, say) else {
        return USAGE;
    };
    if files.is_empty() {
        say.error(
            "there is no *.runbook file here, so nothing was looked at",
            "name a file or a directory",
        );
        return USAGE;
    }
    if args.online {
        return online::run(&files, args, say);
    }
    if !args.values.params.is_empty() || !args.values.files.is_empty() {
        say.error(
            "without --online no value of a parameter is needed: a file is checked for every value that decides something",
            "leave --param and --params out, or add --online",
        );
        return USAGE;
    }
    let shellcheck = match of_shellcheck(args, say) {
        Ok(shellcheck) => shellcheck,
        Err(status) => return status,
    };
    let (mut found, mut notes, mut unreadable, mut certain) = (0, 0, 0, 0);
    let mut reports = Vec::new();
    let show = |path: &Path, looked: Looked| match looked {
        Looked::Unread(why) => {
            unreadable += 1;
            why.say(say);
            reports.push(of_file(&why.diagnostic(), path));
        }
        Looked::Unwritten(why) => {
            unreadable += 1;
            say.error(
                &why,
                "nothing in it was changed; `--diff` shows what would be",
            );
            reports.push(of_file(&not_looked_at(&why), path));
        }
        Looked::Unasked(why) => {
            unreadable += 1;
            let why = format!("shellcheck gives no answer: {why}");
            say.error(
                &why,
                "try it by hand: shellcheck --version; or leave --shellcheck out",
            );
            reports.push(of_file(&not_looked_at(&why), path));
        }
        Looked::At {
            patch,
            changes,
            sources,
            diagnostics,
            proved,
        } => {
            say.data(&patch);
            certain += changes;
            let is_note = |one: &&Diagnostic| one.severity == Severity::Note;
            let noted = diagnostics.iter().filter(is_note).count();
            notes += noted;
            found += diagnostics.len().saturating_sub(noted);
            if !proved.is_empty() {
                say.tell(&proved);
            }
            match args.format {
                Format::Human if diagnostics.is_empty() => {}
                Format::Human => {
                    say.diagnostics(&diagnostics, &sources);
                    say.tell("");
                }
                Format::Json => {
                    let mut report = diag::json(&diagnostics, &sources);
                    named(&mut report, path);
                    reports.push(report);
                }
            }
        }
    };
    let eye = Eye {
        args,
        detail: say.detail(),
        shapes: Shapes::default(),
        shellcheck,
    };
    if let [one] = files.as_slice() {
        make_room(one);
    }
    walk::each(&files, |path| look(path, &eye), show);
    if args.format == Format::Json {
        say.data(&format!("{}\n", serde_json::Value::Array(reports)));
    }
    say.tell(&summary(files.len(), (found, notes), unreadable));
    if certain > 0 {
        say.tell("`runbook check --diff` shows changes that are certain, and `--fix` makes them");
    }
    match (found, unreadable) {
        (_, 1..) => USAGE,
        (0, _) => 0,
        (1.., _) => 1,
    }
}

/// What is told programs of a file that could not be looked at: to say nothing of it would be to say that nothing is wrong with it.
fn of_file(why: &Diagnostic, path: &Path) -> serde_json::Value {
    let mut report = diag::json_of_file(why, &path.display().to_string());
    named(&mut report, path);
    report
}

/// Says of which file a report is: one without findings names none.
fn named(report: &mut serde_json::Value, path: &Path) {
    if let serde_json::Value::Object(fields) = report {
        fields.insert("file".to_owned(), path.display().to_string().into());
    }
}

/// What came of a file.
enum Looked {
    /// There is no text.
    Unread(Unread),
    /// A change could not be written.
    Unwritten(String),
    /// Shellcheck gives no answer.
    Unasked(String),
    /// What is found in it, as it is left.
    At {
        /// The changes that are certain, if they were asked for.
        patch: String,
        /// How many of them there are, where they were not asked for.
        changes: usize,
        sources: Sources,
        diagnostics: Diagnostics,
        /// What the proof saw and assumed, where it is wanted.
        proved: String,
    },
}

/// What files are looked at with.
struct Eye<'a> {
    args: &'a CheckArgs,
    detail: Detail,
    shapes: Shapes,
    shellcheck: Option<Shellcheck>,
}

/// Shellcheck, where it is wanted; that it is not there is no success.
fn of_shellcheck(args: &CheckArgs, say: &Say) -> Result<Option<Shellcheck>, u8> {
    if !args.shellcheck {
        return Ok(None);
    }
    let path = std::env::var_os("PATH");
    match Shellcheck::find(path.as_deref()) {
        Ok(there) => Ok(Some(there)),
        Err(why) => {
            say.error(
                &format!("--shellcheck asks the program shellcheck: {why}"),
                "install it, for example `apt-get install shellcheck`, or leave --shellcheck out",
            );
            Err(USAGE)
        }
    }
}

/// What shellcheck says of a file.
fn asked(tool: &Shellcheck, file: &SourceFile, path: &Path) -> Result<Diagnostics, String> {
    let shells = crate::plan::shells(file, &Project::of(path));
    let texts: Vec<&str> = shells.texts.iter().map(|one| one.text.as_str()).collect();
    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let dir = real.parent().unwrap_or(&real);
    let remarks = tool.ask(&texts, dir)?;
    Ok(remarked(&shells, &remarks))
}

fn look(path: &Path, eye: &Eye<'_>) -> Looked {
    let args = eye.args;
    let file = match compile::text(path) {
        Ok(file) => file,
        Err(why) => return Looked::Unread(why),
    };
    let (mut left, mut patch) = (file, String::new());
    if args.fix || args.diff {
        let mended = crate::plan::mend(&left, &Project::of(path));
        patch = fix::patch(&left, &mended);
        if args.fix && mended.changes > 0 {
            if let Err(why) = fix::write(path, &left, &mended) {
                return Looked::Unwritten(why);
            }
            left = mended.file;
        }
    }
    let (sources, mut diagnostics, proved) = found_in(&left, path, (eye.detail, &eye.shapes));
    if let Some(tool) = &eye.shellcheck {
        match asked(tool, &left, path) {
            Ok(said) => diagnostics.extend(said),
            Err(why) => return Looked::Unasked(why),
        }
        diagnostics.sort();
    }
    let is_offered = !args.fix && !args.diff && args.format == Format::Human;
    let changes = if is_offered && diagnostics.iter().any(is_certain) {
        crate::plan::mend(&left, &Project::of(path)).changes
    } else {
        0
    };
    Looked::At {
        patch,
        changes,
        sources,
        diagnostics,
        proved,
    }
}

/// Everything that is wrong with a file and what it uses, with the files of days that they name, and with the paths that a run can take.
fn found_in(
    file: &SourceFile,
    path: &Path,
    (detail, shapes): (Detail, &Shapes),
) -> (Sources, Diagnostics, String) {
    let project = Project::of(path);
    let mut read = crate::plan::check_files(file, &project);
    let mut proved = String::new();
    if let Some(checked) = &read.checked
        && let Some(mut plan) = read.example.take()
    {
        let others = read.cases.others.iter_mut();
        for plan in std::iter::once(&mut plan).chain(others) {
            let days = compile::holidays((checked, plan), (path, &project), &read.sources);
            read.found.extend(days);
        }
        read.found.sort();
        // What is wrong already would be told again as a story.
        if !read.found.has_errors() {
            let proof = prove_all(checked, (&plan, &read.cases), (&read.sources, shapes));
            if detail == Detail::Everything {
                let plans = std::iter::once(&plan).chain(&read.cases.others);
                let swept = proof.of.iter().map(|one| &one.swept);
                let all: Vec<_> = plans.zip(swept).collect();
                proved = proof::whole(&all, &read.cases);
            }
            read.found.extend(proof.found);
            read.found.sort();
        }
    }
    (read.sources, read.found, proved)
}

fn is_certain(one: &Diagnostic) -> bool {
    let fix = one.fix.as_ref();
    fix.is_some_and(|fix| fix.certainty == Certainty::Certain)
}

/// What was found in the files that could be read, and how many could not.
fn summary(files: usize, (found, notes): (usize, usize), unreadable: usize) -> String {
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    };
    let read = files.saturating_sub(unreadable);
    let found = match (found, notes) {
        (0, 0) => "nothing found".to_owned(),
        (0, notes) => format!("nothing found, {}", counted(notes, "note")),
        (more, 0) => counted(more, "finding"),
        (more, notes) => format!("{}, {}", counted(more, "finding"), counted(notes, "note")),
    };
    match (read, unreadable) {
        (_, 0) => format!("{}: {found}", counted(read, "file")),
        (0, _) => format!("{} could not be read", counted(unreadable, "file")),
        (_, _) => format!(
            "{}: {found}; {} could not be read",
            counted(read, "file"),
            counted(unreadable, "file")
        ),
    }
}
