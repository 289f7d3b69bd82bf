//! Statements and lines that do not fit each other: two statements on a line, a command or a guard that goes on in the next one.

use crate::diag::factory::lines as say;
use crate::source::{Span, offset};

use super::super::grammar::Rule;
use super::super::recover;
use super::super::words::Place;
use super::{Lower, Pair, Parts};

/// Words that also stand inside of other statements.
const AMBIGUOUS: [&str; 7] = ["for", "if", "in", "on", "window", "undo", "check"];

/// The words before the parts of a guard, in their order.
const PARTS: [&str; 3] = ["when", "for", "then"];

impl Lower<'_> {
    /// Whether the rest of a statement begins another one; it is reported.
    pub(super) fn two_on_a_line(&mut self, parts: &Parts<'_>, (junk, span): (&str, Span)) -> bool {
        let word = recover::leading_word(junk);
        let is_one = parts.place.knows(word)
            && !matches!(parts.place, Place::Step | Place::Env)
            && !AMBIGUOUS.contains(&word)
            && !junk
                .get(word.len()..)
                .unwrap_or_default()
                .trim_start()
                .starts_with([':', '=']);
        if word.is_empty() || !is_one {
            return false;
        }
        let line = self.file.slice(Span::new(self.file.base(), span.start));
        let line = line.rsplit('\n').next().unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        let new_line = format!("\n{}", line.get(..indent).unwrap_or_default());
        let at = Span::new(span.start, span.start + offset(word.len()));
        let gap = Span::new(parts.last.end, span.start);
        let said = say::two_on_a_line(at, word, (gap, &new_line));
        self.diagnostics.push(said);
        true
    }

    /// Whether a line goes on with the command of the line above; it is reported.
    pub(super) fn command_goes_on(&mut self, text: &str, span: Span, place: Place) -> bool {
        let is_option = text
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(|ch: char| ch == '-' || ch.is_ascii_alphabetic()));
        let goes_on = is_option || text.starts_with("&&") || text.starts_with('|');
        let has_commands = place.knows("$") || place.knows("set") || place == Place::Before;
        if !goes_on || !has_commands {
            return false;
        }
        let before = self.file.slice(Span::new(self.file.base(), span.start));
        let before = before.trim_end();
        let above = before.rsplit('\n').next().unwrap_or_default();
        let is_command = above.trim_start().starts_with("$ ") || above.contains(" $ ");
        if !is_command {
            return false;
        }
        let end = self.file.base() + offset(before.len());
        let goes = if above.contains('#') {
            say::Goes::BehindAComment
        } else {
            say::Goes::On
        };
        let found = recover::found(text);
        let at = Span::new(span.start, span.start + offset(found.length));
        self.diagnostics
            .push(say::command_goes_on(at, (Span::at(end), goes)));
        // Further lines of it are not said again.
        self.said_up_to = self.end_of_run(span.start);
        true
    }

    /// Where the lines end that go on with a command, of which one begins at `start`.
    fn end_of_run(&self, start: u32) -> u32 {
        let mut end = start;
        for line in self.rest(start).split_inclusive('\n') {
            let text = line.trim_start();
            if !text.starts_with('-') && !text.starts_with("&&") && !text.starts_with('|') {
                break;
            }
            end += offset(line.len());
        }
        end
    }

    /// The text from here on.
    fn rest(&self, start: u32) -> &str {
        let end = self.file.base() + offset(self.file.text().len());
        self.file.slice(Span::new(start, end))
    }

    /// Whether the parts of a guard stand on the lines below it, or in its block; it is reported, once.
    pub(super) fn guard_apart(&mut self, parts: &mut Parts<'_>) -> bool {
        if parts.broken {
            return true;
        }
        let in_block = parts
            .inner
            .clone()
            .find(|one| one.as_rule() == Rule::guard_block);
        let said = match in_block {
            Some(block) => self.guard_in_block(parts, block),
            None => self.guard_on_lines(parts),
        };
        parts.broken |= said;
        said
    }

    fn guard_on_lines(&mut self, parts: &Parts<'_>) -> bool {
        let heading = self.file.slice(parts.span);
        let mut joined = heading.to_owned();
        let (mut end, mut at) = (parts.span.end, parts.span.end);
        for (index, line) in self.rest(at).split_inclusive('\n').enumerate() {
            let text = line.trim();
            let goes_on = if index == 0 {
                text.is_empty()
            } else {
                // `for NAME in LIST` is a statement of its own.
                PARTS.contains(&recover::leading_word(text)) && !text.contains(" in ")
            };
            if !goes_on {
                break;
            }
            if index > 0 {
                joined.push(' ');
                joined.push_str(text);
                end = at + offset(line.trim_end().len());
            }
            at += offset(line.len());
        }
        if end == parts.span.end {
            return false;
        }
        let whole = Span::new(parts.span.start, end);
        let is_plain = !joined.contains('#') && !heading.contains('\n');
        let is_whole = joined.contains(" when ") && joined.contains(" then ");
        let fix = (is_plain && is_whole).then_some(whole);
        let said = say::guard_apart(parts.last, "on lines of their own", &joined, fix);
        self.diagnostics.push(said);
        self.said_up_to = end;
        true
    }

    fn guard_in_block(&mut self, parts: &Parts<'_>, block: Pair<'_>) -> bool {
        let span = self.span(&block);
        let heading = Span::new(parts.span.start, parts.last.end);
        let mut joined = self.file.slice(heading).to_owned();
        let lines: Vec<&str> = block
            .into_inner()
            .filter(|line| line.as_rule() == Rule::stray)
            .map(|line| line.as_str().trim())
            .collect();
        let mut is_one = false;
        for part in PARTS {
            let Some(line) = lines
                .iter()
                .find(|line| recover::leading_word(line) == part)
            else {
                continue;
            };
            let value = line.get(part.len()..).unwrap_or_default();
            let value = value.trim_start_matches([':', '=', ' ']);
            joined.push_str(&format!(" {part} {value}"));
            is_one = true;
        }
        if is_one {
            let said = say::guard_apart(parts.last, "in its block", &joined, None);
            self.diagnostics.push(said);
            self.said_up_to = span.end;
        }
        is_one
    }
}
