//! Owns how the command line speaks: data on stdout, the story on stderr. What cannot be written is lost and stops nothing; while a run
//! is driven, what nobody reads holds up nothing either.

use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::args::{ColourWhen, Common};
use crate::diag::render::{self, Look};
use crate::diag::{Diagnostic, Diagnostics};
use crate::execute::{Voice, typed_word};
use crate::report::{Colour, Detail, Surface, wrap};
use crate::source::Sources;

/// How this process speaks.
#[derive(Clone)]
pub(crate) struct Say {
    colour: Colour,
    detail: Detail,
    /// Whether somebody looks at a terminal.
    terminal: bool,
    /// What speaks while a run is driven.
    voice: Arc<OnceLock<Voice>>,
    /// Where runs are kept, when that was said on the command line: whoever types a command that is printed has to say it again.
    state: Option<PathBuf>,
    /// Why some of the data was not written.
    unwritten: Arc<OnceLock<String>>,
}

impl Say {
    pub(crate) fn new(common: &Common) -> Self {
        let wants = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let terminal = stderr().is_terminal();
        let colour = match common.color {
            ColourWhen::Always => true,
            ColourWhen::Never => false,
            ColourWhen::Auto if wants("NO_COLOR") => false,
            ColourWhen::Auto if wants("CLICOLOR_FORCE") => true,
            ColourWhen::Auto => terminal && !dumb,
        };
        Self {
            colour: if colour {
                Colour::Always
            } else {
                Colour::Never
            },
            detail: if common.quiet {
                Detail::Quiet
            } else if common.verbose {
                Detail::Everything
            } else {
                Detail::Normal
            },
            terminal: terminal && !dumb,
            voice: Arc::default(),
            state: common.state.clone(),
            unwritten: Arc::default(),
        }
    }

    /// From now on a run is driven, and nobody who does not read may hold it up.
    pub(crate) fn never_wait(&self) {
        if self.voice.get().is_none()
            && let Ok(voice) = Voice::start()
        {
            // Another is as good.
            let _ = self.voice.set(voice);
        }
    }

    /// The program ends: what is still to be said gets a moment.
    pub(crate) fn finish(&self) {
        if let Some(voice) = self.voice.get() {
            voice.finish();
        }
    }

    /// On stderr, at once, so that nothing that others write comes in between.
    fn put(&self, text: &[u8]) {
        match self.voice.get() {
            Some(voice) => voice.speak(text),
            None => {
                let _ = stderr().lock().write_all(text);
            }
        }
    }

    /// What belongs to every command that is printed, where it needs more than its words.
    pub(crate) fn everywhere(&self) -> Option<String> {
        let state = self.state.as_ref()?;
        let state = std::path::absolute(state).unwrap_or_else(|_| state.clone());
        let typed = typed_word(state.as_os_str());
        Some(format!("give each of these --state {typed}"))
    }

    pub(crate) fn colour(&self) -> Colour {
        self.colour
    }

    pub(crate) fn detail(&self) -> Detail {
        self.detail
    }

    /// Where it is written, as wide as that is now.
    pub(crate) fn surface(&self) -> Surface {
        if self.terminal {
            let size = rustix::termios::tcgetwinsize(stderr());
            let columns = size.map_or(80, |size| usize::from(size.ws_col));
            // Some terminals do not say how wide they are.
            Surface::Terminal(if columns == 0 { 80 } else { columns.max(20) })
        } else {
            Surface::Lines
        }
    }

    /// Data, on stdout.
    pub(crate) fn data(&self, text: &str) {
        let mut out = stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Err(error) = written
            // `| head` may close the pipe at any time.
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            // The first reason is that of the others too.
            let _ = self.unwritten.set(error.to_string());
        }
    }

    /// The status with which the program ends: half of the data is not what was asked for.
    pub(crate) fn status(&self, status: u8) -> u8 {
        let Some(why) = self.unwritten.get() else {
            return status;
        };
        self.error(
            &format!("what stands on stdout is not all of it: {why}"),
            "",
        );
        if status == 0 { super::USAGE } else { status }
    }

    /// A sentence, on stderr.
    pub(crate) fn tell(&self, text: &str) {
        self.put(format!("{text}\n").as_bytes());
    }

    /// A row of a summary, on stderr: a word, and a text that stays right of it.
    pub(crate) fn row(&self, word: &str, text: &str) {
        const MARGIN: usize = 12;
        let text = match self.surface() {
            Surface::Terminal(columns) => wrap(text, columns, MARGIN),
            Surface::Lines => text.to_owned(),
        };
        self.tell(&format!("  {word:<9} {text}"));
    }

    /// What can be typed next, on stderr.
    pub(crate) fn next(&self, word: &str, typed: &str) {
        self.row(word, typed);
        if let Some(more) = self.everywhere() {
            self.row("", &more);
        }
    }

    /// An error with what to type, on stderr.
    pub(crate) fn error(&self, message: &str, help: &str) {
        let (on, off) = match self.colour {
            Colour::Always => ("\x1b[1;31m", "\x1b[0m"),
            Colour::Never => ("", ""),
        };
        let mut help = match help {
            "" => String::new(),
            help => format!("  help: {help}\n"),
        };
        if names_runs(message) || names_runs(&help) {
            let more = self.everywhere().into_iter();
            help.extend(more.map(|more| format!("        {more}\n")));
        }
        self.put(format!("{on}error{off}: {message}\n{help}").as_bytes());
    }

    /// How diagnostics look here.
    pub(crate) fn look(&self) -> Look {
        Look {
            colour: match self.colour {
                Colour::Always => render::Colour::Ansi,
                Colour::Never => render::Colour::Plain,
            },
            drawing: match self.surface() {
                Surface::Terminal(_) => render::Drawing::Unicode,
                Surface::Lines => render::Drawing::Ascii,
            },
            width: match self.surface() {
                Surface::Terminal(columns) => columns,
                Surface::Lines => 100,
            },
        }
    }

    /// Diagnostics, on stderr.
    pub(crate) fn diagnostics(&self, found: &Diagnostics, sources: &Sources) {
        self.put(render::render(found, sources, self.look()).as_bytes());
    }

    /// One diagnostic, on stderr.
    pub(crate) fn diagnostic(&self, one: &Diagnostic, sources: &Sources) {
        self.put(render::render_one(one, sources, self.look()).as_bytes());
    }
}

/// Whether a text has a command in it that looks for runs where they are kept.
fn names_runs(text: &str) -> bool {
    const COMMANDS: [&str; 10] = [
        "run ", "resume", "status", "log ", "list", "decide", "approve", "deny", "rollback",
        "incident",
    ];
    text.match_indices("runbook ").any(|(at, word)| {
        let rest = text.get(at + word.len()..).unwrap_or_default();
        COMMANDS.iter().any(|command| rest.starts_with(command))
    })
}

/// The account of a run: each call is a text that ends its line, or one that lives on it.
impl Write for Say {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.put(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
