//! Owns the running account of a run: one line an event, and on a terminal a last line that says where the run stands, with what the
//! steps under way have printed last below it. What
//! cannot be written is lost here and nowhere else: a closed terminal never stops a run.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::line::{Line, Tone};
use super::status::progress;
use crate::engine::{Moment, State};
use crate::plan::Plan;
use crate::value::Millis;

/// Where the account goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// A terminal of this many columns: long lines are wrapped, the last line lives.
    Terminal(usize),
    /// A file or a pipe: one line an event, and a sign of life now and then.
    Lines,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Only what a person has to know.
    Quiet,
    /// What happens.
    Normal,
    /// Reads and probes too.
    Everything,
}

/// Whether colour is used. It never alone carries meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// No escape sequences.
    Never,
    /// Colours for tones.
    Always,
}

/// Takes the line with the cursor away and all below it.
const ERASE: &str = "\r\x1b[J";

/// After this much real time without a line, off a terminal, a sign of life is given.
const SIGN_OF_LIFE: u64 = 60_000;

/// Writes the account.
pub struct Printer<W: Write> {
    out: W,
    surface: Surface,
    detail: Detail,
    colour: Colour,
    /// Whether the last lines of the terminal are those that live: the cursor is on the first of them.
    living: bool,
    silent_for: u64,
}

impl<W: Write> Printer<W> {
    /// Writes to `out`.
    pub fn new(out: W, surface: Surface, detail: Detail, colour: Colour) -> Self {
        Self {
            out,
            surface,
            detail,
            colour,
            living: false,
            silent_for: 0,
        }
    }

    /// From now on it is written there: a terminal can become wider and narrower.
    pub const fn on(&mut self, surface: Surface) {
        self.surface = surface;
    }

    /// A line of the account, if so much is wanted.
    pub fn told(&mut self, now: Moment, line: &Line) {
        let shown = match self.detail {
            Detail::Quiet => matches!(line.tone, Tone::Warning | Tone::Bad),
            Detail::Normal => line.tone != Tone::Detail,
            Detail::Everything => true,
        };
        if shown {
            self.line(now, line);
        }
    }

    /// Nothing happened for `real` milliseconds of real time since the last call.
    /// `said` gives what the steps under way have printed last, for a surface that can show it.
    pub fn idle(
        &mut self,
        (plan, state): (&Plan, &State),
        (now, real): (Moment, u64),
        said: impl FnOnce() -> Vec<String>,
    ) {
        match self.surface {
            Surface::Terminal(columns) => {
                let fits = |text: &str| cut(text, columns.saturating_sub(1));
                let mut text = format!("{ERASE}{}", fits(&progress(plan, state, now)));
                let said = said();
                for line in &said {
                    text.push_str("\r\n");
                    text.push_str(&fits(line));
                }
                // The cursor goes back to the first of them: whatever comes next begins there.
                if !said.is_empty() {
                    text.push_str(&format!("\r\x1b[{}A", said.len()));
                }
                self.write(&text);
                self.living = true;
            }
            Surface::Lines => {
                self.silent_for = self.silent_for.saturating_add(real);
                if self.silent_for >= SIGN_OF_LIFE && self.detail != Detail::Quiet {
                    let text = progress(plan, state, now);
                    self.line(
                        now,
                        &Line {
                            tone: Tone::Plain,
                            word: "...",
                            text,
                        },
                    );
                }
            }
        }
    }

    /// Takes what lives away, before something else writes.
    pub fn clear(&mut self) {
        if self.living {
            self.write(ERASE);
            self.living = false;
        }
    }

    /// At once, so that nothing that others write comes in between.
    fn write(&mut self, text: &str) {
        // Losing the account loses nothing of the run.
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }

    /// Writes one line.
    pub fn line(&mut self, now: Moment, line: &Line) {
        self.clear();
        self.silent_for = 0;
        let at = Millis(now.0 / 1000 * 1000).to_string();
        let style = style(line.tone);
        let (on, off) = match self.colour {
            Colour::Always => (style.render().to_string(), style.render_reset().to_string()),
            Colour::Never => (String::new(), String::new()),
        };
        // A step that has the terminal may have set it so that a line alone does not begin at its left.
        let (text, end) = match self.surface {
            Surface::Terminal(columns) => {
                let text = wrap(&line.text, columns, MARGIN);
                (text.replace('\n', "\r\n"), "\r\n")
            }
            Surface::Lines => (line.text.replace('\n', " "), "\n"),
        };
        self.write(&format!("{at:>9}  {on}{:<11}{off} {text}{end}", line.word));
    }
}

/// So much of a text, with a sign that there is more.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(std::iter::once('…')).collect()
}

/// Columns in front of the text.
const MARGIN: usize = 23;

fn style(tone: Tone) -> Style {
    let base = Style::new();
    match tone {
        Tone::Detail => base.dimmed(),
        Tone::Plain => base.bold(),
        Tone::Good => base.fg_color(Some(AnsiColor::Green.into())),
        Tone::Warning => base.fg_color(Some(AnsiColor::Yellow.into())).bold(),
        Tone::Bad => base.fg_color(Some(AnsiColor::Red.into())).bold(),
    }
}

/// Breaks a text at blanks so that it stays right of the margin.
#[must_use]
pub fn wrap(text: &str, columns: usize, margin: usize) -> String {
    // A command is copied off the screen: the terminal itself breaks it where it has to, and that is not copied.
    if text.starts_with("runbook ") {
        return text.to_owned();
    }
    let width = columns.saturating_sub(margin).max(8);
    let mut wrapped = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(margin));
            used = 0;
        } else if used > 0 {
            wrapped.push(' ');
            used += 1;
        }
        wrapped.push_str(word);
        used += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Printer<&mut Vec<u8>>)) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(
            &mut out,
            Surface::Terminal(60),
            Detail::Normal,
            Colour::Never,
        );
        write(&mut printer);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn line(text: &str) -> Line {
        Line {
            tone: Tone::Plain,
            word: "",
            text: text.to_owned(),
        }
    }

    #[test]
    fn lines_are_as_wide_as_the_terminal_is_now() {
        let long = line("one two three four five six seven eight nine ten");
        let lines = |columns| {
            let text = written(|printer| {
                printer.on(Surface::Terminal(columns));
                printer.line(Moment(0), &long);
            });
            text.lines().count()
        };
        assert_eq!((lines(40), lines(60), lines(100)), (4, 2, 1));
    }

    #[test]
    fn what_does_not_fit_on_the_living_line_is_cut_with_a_sign() {
        assert_eq!(cut("stage canary", 12), "stage canary");
        assert_eq!(cut("stage canary", 11), "stage cana…");
    }

    #[test]
    fn a_command_is_never_broken() {
        let command = "runbook decide 20261129-b1xq continue --reason \"…\" --state /a/long/place";
        let text = written(|printer| printer.line(Moment(0), &line(command)));
        assert!(text.contains(command), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
