//! Commands: shell lines, scripts, `exec`, and what is asked over HTTP.

use crate::ast::{Block, Command, Exec, HttpGet, Shell, ShellForm, Text};
use crate::diag::factory::syntax as say;
use crate::source::{Span, offset};

use super::super::grammar::Rule;
use super::super::words::Place;
use super::text::block_lines;
use super::{Lower, Pair, Parts, inside};

impl Lower<'_> {
    /// The command that may stand next.
    pub(super) fn maybe_command(&mut self, parts: &mut Parts<'_>) -> Option<Command> {
        let is_command = |rule| matches!(rule, Rule::shell | Rule::script | Rule::exec);
        let pair = parts.inner.next_if(|pair| is_command(pair.as_rule()))?;
        parts.last = self.span(&pair);
        parts.last_is_expr = false;
        let command = self.command(pair);
        if command.is_none() {
            parts.broken = true;
        }
        command
    }

    /// The command, or the block of commands, that may stand next.
    pub(super) fn maybe_commands(&mut self, parts: &mut Parts<'_>) -> Option<Command> {
        let Some(pair) = self.take(parts, Rule::commands) else {
            return self.maybe_command(parts);
        };
        let span = self.span(&pair);
        let mut all = Vec::new();
        for line in inside(pair) {
            match line.as_rule() {
                Rule::shell | Rule::script | Rule::exec => {
                    self.last_was_noise = false;
                    match self.command(line) {
                        Some(command) => all.push(command),
                        None => parts.broken = true,
                    }
                }
                Rule::junk => {
                    self.left_over(&line);
                    parts.broken = true;
                }
                _stray => {
                    self.stray(line, Place::Commands);
                    parts.broken = true;
                }
            }
        }
        if all.is_empty() && !parts.broken {
            self.diagnostics.push(say::block_without_commands(span));
            parts.broken = true;
        }
        (!all.is_empty()).then_some(Command::Block(Block { parts: all, span }))
    }

    /// A `shell`, `script` or `exec` of the grammar.
    pub(super) fn command(&mut self, pair: Pair<'_>) -> Option<Command> {
        match pair.as_rule() {
            Rule::shell => self.shell(&pair).map(Command::Shell),
            Rule::script => self.script(pair).map(Command::Shell),
            _exec => self.exec(pair).map(Command::Exec),
        }
    }

    fn shell(&mut self, pair: &Pair<'_>) -> Option<Shell> {
        let span = self.span(pair);
        let after = pair.as_str().get(1..).unwrap_or_default();
        let text = after.trim();
        if text.is_empty() {
            self.diagnostics.push(say::bad_shell_line(span, ""));
            return None;
        }
        let blanks = after.len() - after.trim_start().len();
        if blanks == 0 {
            let word: String = text
                .chars()
                .take_while(|ch| !ch.is_whitespace())
                .take(30)
                .collect();
            let at = Span::new(span.start, span.start + 1 + offset(word.len()));
            self.diagnostics.push(say::bad_shell_line(at, &word));
            return None;
        }
        let start = span.start + 1 + offset(blanks);
        let text_span = Span::new(start, start + offset(text.len()));
        Some(Shell {
            text: text.to_owned(),
            form: ShellForm::Line,
            span: Span::new(span.start, text_span.end),
            text_span,
            line_starts: line_starts(text, start),
        })
    }

    fn script(&mut self, pair: Pair<'_>) -> Option<Shell> {
        let span = self.span(&pair);
        let Some(quoted) = pair.into_inner().next() else {
            let wanted = say::Wanted {
                what: "a script in triple quotes",
                after: "sh",
                form: Some("sh \"\"\"SCRIPT\"\"\""),
            };
            self.diagnostics.push(say::missing_part(span, &wanted));
            return None;
        };
        let whole = self.span(&quoted);
        let Some(lines) = block_lines(quoted.as_str(), whole.start) else {
            self.diagnostics.push(say::script_quotes(whole));
            return None;
        };
        let text: Vec<&str> = lines.iter().map(|line| line.text).collect();
        let text = text.join("\n");
        if text.trim().is_empty() {
            self.diagnostics.push(say::bad_shell_line(span, ""));
            return None;
        }
        Some(Shell {
            text,
            form: ShellForm::Script,
            span,
            text_span: Span::new(whole.start + 3, whole.end.saturating_sub(3)),
            line_starts: lines.iter().map(|line| Span::at(line.at)).collect(),
        })
    }

    fn exec(&mut self, pair: Pair<'_>) -> Option<Exec> {
        let mut parts = self.parts(pair, "exec", Place::Stage);
        let mut args = Vec::new();
        while parts.peek().is_some() {
            args.push(self.argument(&mut parts.inner));
        }
        if args.is_empty() {
            self.need(&mut parts, "a program");
            return None;
        }
        let program = args.remove(0);
        Some(Exec {
            program,
            args,
            span: parts.span,
        })
    }

    /// `http METHOD URL [json("FILTER")]`; the filter is only for metrics.
    pub(super) fn http(&mut self, pair: Pair<'_>, place: Place) -> Option<(HttpGet, Option<Text>)> {
        let mut parts = self.parts(pair, "http", place);
        let Some(method) = self.take(&mut parts, Rule::http_method) else {
            self.need_method(&mut parts, "`get`");
            return None;
        };
        if method.as_str() != "get" {
            let word = format!("http {}", method.as_str());
            let span = self.span(&method);
            self.diagnostics.push(say::not_built_yet(span, &word));
            return None;
        }
        let url = self.needed_expr(&mut parts, "a URL")?;
        let select = self
            .take(&mut parts, Rule::select)
            .and_then(|pair| pair.into_inner().next())
            .map(|pair| self.text(&pair));
        if place == Place::Metric && select.is_none() {
            self.need(&mut parts, "the filter that picks the number, json(\"…\"),");
        }
        self.finish(&mut parts, &["json"]);
        let get = HttpGet {
            url,
            span: parts.span,
        };
        Some((get, select))
    }
}

/// For each line of `text`, which begins at `start` in the file, where it begins.
fn line_starts(text: &str, start: u32) -> Vec<Span> {
    let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    std::iter::once(start)
        .chain(newlines.map(|(at, _)| start + offset(at) + 1))
        .map(Span::at)
        .collect()
}
