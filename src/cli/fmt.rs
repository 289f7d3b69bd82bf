//! `fmt`: gives runbooks their one form. A file that cannot be read is left alone, and so is one whose form would say something else.

use std::io::Read;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use super::args::FmtArgs;
use super::say::Say;
use super::{USAGE, compile, fix, walk};
use crate::fmt::{Unformatted, format};
use crate::source::{SourceFile, Sources};

/// What became of a file.
enum Became {
    InForm,
    Changed,
    Refused,
}

pub(super) fn run(args: &FmtArgs, say: &Say) -> u8 {
    if args.paths == [PathBuf::from("-")] {
        return stdin(args, say);
    }
    let Some(files) = walk::files(&args.paths, say) else {
        return USAGE;
    };
    if files.is_empty() {
        say.error(
            "there is no *.runbook file here, so nothing was looked at",
            "name a file or a directory, or - for stdin",
        );
        return USAGE;
    }
    let (mut changed, mut refused) = (0, 0);
    for path in &files {
        match one(path, args, say) {
            Became::InForm => {}
            Became::Changed => changed += 1,
            Became::Refused => refused += 1,
        }
    }
    let looks_only = args.check || args.diff;
    let counted = match files.len() - refused {
        1 => "1 file".to_owned(),
        more => format!("{more} files"),
    };
    say.tell(&match (changed, looks_only) {
        (0, _) => format!("{counted}: nothing to format"),
        (more, true) => format!("{counted}: {more} not in form; nothing was changed"),
        (more, false) => format!("{counted}: {more} formatted"),
    });
    match (refused, changed, looks_only) {
        (1.., _, _) => USAGE,
        (0, 1.., true) => 1,
        (0, _, _) => 0,
    }
}

fn one(path: &Path, args: &FmtArgs, say: &Say) -> Became {
    let Some(file) = compile::read(path, say) else {
        return Became::Refused;
    };
    let Some(formed) = formed(&file, say) else {
        return Became::Refused;
    };
    if formed == file.text() {
        return Became::InForm;
    }
    if args.diff {
        say.data(&diff(&file, &formed, say));
    } else if args.check {
        say.data(&format!("{}\n", path.display()));
    } else if let Err(error) = fix::replace(path, file.text(), &formed) {
        say.error(
            &format!("{} cannot be written: {error}", path.display()),
            "the file is as it was",
        );
        return Became::Refused;
    }
    Became::Changed
}

fn stdin(args: &FmtArgs, say: &Say) -> u8 {
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().read_to_end(&mut bytes) {
        say.error(&format!("stdin cannot be read: {error}"), "");
        return USAGE;
    }
    let file = match crate::syntax::decode("<stdin>", bytes) {
        Ok(file) => file,
        Err(diagnostic) => {
            say.diagnostic(&diagnostic, &Sources::default());
            return USAGE;
        }
    };
    let Some(formed) = formed(&file, say) else {
        return USAGE;
    };
    let changed = formed != file.text();
    match (args.diff, args.check) {
        (true, _) if changed => say.data(&diff(&file, &formed, say)),
        (false, true) if changed => say.data("<stdin>\n"),
        (true, _) | (_, true) => {}
        (false, false) => say.data(&formed),
    }
    u8::from(changed && (args.check || args.diff))
}

/// The form of a file; says why it has none.
fn formed(file: &SourceFile, say: &Say) -> Option<String> {
    match format(file) {
        Ok(formed) => Some(formed),
        Err(Unformatted::Unreadable) => {
            let found = crate::syntax::parse(file).diagnostics;
            say.diagnostics(&found, &Sources::single(file.clone()));
            say.tell("");
            say.error(
                &format!("{} is left as it is: it cannot be read", file.name()),
                "mend what is said above, then format it",
            );
            None
        }
        Err(Unformatted::Changed) => {
            say.error(
                &format!(
                    "{} is left as it is: its form would say something else",
                    file.name()
                ),
                "this is a mistake of the formatter; please report it with the file",
            );
            None
        }
    }
}

/// What would change, as a unified diff.
fn diff(file: &SourceFile, formed: &str, say: &Say) -> String {
    let (red, green) = match say.colour() {
        crate::report::Colour::Always => (
            Style::new().fg_color(Some(AnsiColor::Red.into())),
            Style::new().fg_color(Some(AnsiColor::Green.into())),
        ),
        crate::report::Colour::Never => (Style::new(), Style::new()),
    };
    let diff = TextDiff::from_lines(file.text(), formed);
    let mut out = format!("--- {0}\n+++ {0}\n", file.name());
    for group in diff.grouped_ops(3) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let (old, new) = (
            first.old_range().start..last.old_range().end,
            first.new_range().start..last.new_range().end,
        );
        out.push_str(&format!(
            "@@ -{},{} +{},{} @@\n",
            old.start + 1,
            old.len(),
            new.start + 1,
            new.len()
        ));
        for op in &group {
            for change in diff.iter_changes(op) {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', red),
                    ChangeTag::Insert => ('+', green),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                let line = change.value().trim_end_matches('\n');
                out.push_str(&format!("{style}{sign}{line}{style:#}\n"));
            }
        }
    }
    out
}
