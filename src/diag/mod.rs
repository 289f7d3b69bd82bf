//! What is said to people: diagnostics, their registry, and their pages.
//!
//! A diagnostic is made only by its function in `factory`, so that all wording is in one place, and its
//! name is in the registry `names`. This module decides nothing about the language.

pub mod factory;
mod json;
pub mod names;
mod nearest;
pub mod render;

use serde::{Deserialize, Serialize};

use crate::source::Span;

pub use json::{json, json_of_file};
pub use names::{Phase, Registered, page, registered};
pub use nearest::nearest;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file cannot be used as it is.
    Error,
    /// The file can be used; someone should look.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word that opens the message.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place in a file and why it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// Why here; may be empty.
    pub text: String,
}

/// A change of the text that mends the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
    /// Whether it may be made without asking.
    pub certainty: Certainty,
}

/// How sure it is that a change is what was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// There is nothing else that it could mean: `check --fix` makes the change.
    Certain,
    /// A good guess, which a person decides.
    Guess,
}

/// One finding, complete with its wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The registered name, in kebab-case. It never changes its meaning.
    pub name: &'static str,
    /// How bad it is; from the registry.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where it is. Absent only where a file could not be read as text at all.
    pub primary: Option<Label>,
    /// Further places that explain it, in the order in which they should be read.
    pub secondary: Vec<Label>,
    /// What to type or to do; one line a piece of advice.
    pub help: Vec<String>,
    /// A change that mends it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A diagnostic without a place. Only factory functions call this.
    pub(crate) fn new(kind: &'static Registered, message: impl Into<String>) -> Self {
        Self {
            name: kind.name,
            severity: kind.severity,
            message: message.into(),
            primary: None,
            secondary: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// Says where it is, and why there.
    pub(crate) fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(label(span, text));
        self
    }

    /// Adds a further place.
    pub(crate) fn with(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(label(span, text));
        self
    }

    /// Adds a line of advice.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds the change that mends it.
    pub(crate) fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span,
            replacement: replacement.into(),
            certainty: Certainty::Certain,
        });
        self
    }

    /// Adds a change that a person should look at first.
    pub(crate) fn guess(self, span: Span, replacement: &str) -> Self {
        let mut one = self.fix(span, replacement);
        if let Some(fix) = &mut one.fix {
            fix.certainty = Certainty::Guess;
        }
        one
    }

    /// Adds the change to a name that was probably meant by another: certain where one slip of the hand, and nothing
    /// else, lies between them.
    pub(crate) fn near(
        self,
        (span, replacement): (Span, &str),
        (found, meant): (&str, &str),
    ) -> Self {
        if nearest::is_slip(found, meant) {
            self.fix(span, replacement)
        } else {
            self.guess(span, replacement)
        }
    }

    /// What decides the order of diagnostics: the place, and with it the file, then the name.
    fn order(&self) -> (Span, &'static str) {
        let place = self.primary.as_ref();
        (place.map(|label| label.span).unwrap_or_default(), self.name)
    }

    /// The same with every place `by` bytes further on: what was found in a file that does not begin at zero.
    fn moved(mut self, by: u32) -> Self {
        let labels = self.primary.iter_mut().chain(&mut self.secondary);
        let spans = labels.map(|label| &mut label.span);
        for span in spans.chain(self.fix.as_mut().map(|fix| &mut fix.span)) {
            *span = Span::new(span.start.saturating_add(by), span.end.saturating_add(by));
        }
        self
    }
}

fn label(span: Span, text: impl Into<String>) -> Label {
    Label {
        span,
        text: text.into(),
    }
}

/// Collects diagnostics; hands them out sorted by place, and no more than a person can use.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    sorted: bool,
}

impl Diagnostics {
    /// How many diagnostics are shown for one file; the others are only counted.
    pub const CAP: usize = 20;

    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.sorted = false;
        self.found.push(diagnostic);
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, other: Self) {
        self.sorted = false;
        self.found.extend(other.found);
    }

    /// The same with every place `by` bytes further on.
    pub(crate) fn moved(self, by: u32) -> Self {
        Self {
            found: self.found.into_iter().map(|one| one.moved(by)).collect(),
            sorted: self.sorted,
        }
    }

    /// Those that `keep` holds for.
    pub(crate) fn filtered(mut self, keep: impl Fn(&Diagnostic) -> bool) -> Self {
        self.found.retain(keep);
        self
    }

    /// Sorts by place and drops exact repetitions. Each phase calls this when it is done.
    pub fn sort(&mut self) {
        if !self.sorted {
            self.found.sort_by(|a, b| {
                a.order()
                    .cmp(&b.order())
                    .then_with(|| a.message.cmp(&b.message))
            });
            self.found.dedup();
            self.sorted = true;
        }
    }

    /// All of them, in the order of the file once `sort` was called.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter()
    }

    /// Those to be shown: the errors come before anything else is left out.
    pub fn shown(&self) -> impl Iterator<Item = &Diagnostic> {
        let errors = self.errors();
        let mut room_for_others = Self::CAP.saturating_sub(errors);
        let mut room_for_errors = Self::CAP;
        self.found.iter().filter(move |one| {
            let room = match one.severity {
                Severity::Error => &mut room_for_errors,
                Severity::Warning | Severity::Note => &mut room_for_others,
            };
            let fits = *room > 0;
            *room = room.saturating_sub(1);
            fits
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.found
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .count()
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self {
            found: vec![one],
            sorted: true,
        }
    }
}
