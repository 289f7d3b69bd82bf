//! Owns what people want of a running runner: by signals, by lines at the terminal. A terminal that goes away decides nothing.

use super::dialogue::{Dialogue, Heard};
use super::operator::{Lent, Operator, Typed};
use super::show::Show;
use crate::engine::{Attempt, Input, LeaveWhy, Question};

/// The person who runs this, and whoever sends signals.
#[derive(Debug)]
pub(super) struct Person {
    operator: Option<Operator>,
    dialogue: Dialogue,
    /// How often someone wanted to leave.
    presses: u8,
    /// The attempt that has the terminal.
    lent: Option<Attempt>,
}

/// What a wish to leave leads to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// The person is asked.
    Ask,
    /// The engine is told.
    Tell(Input),
    /// At once, whatever is under way.
    AtOnce,
}

impl Person {
    pub(super) fn new(operator: Option<Operator>, by: String) -> Self {
        Self {
            operator,
            dialogue: Dialogue::new(by),
            presses: 0,
            lent: None,
        }
    }

    /// Lends the terminal to an attempt; nothing when there is none, or another has it.
    pub(super) fn lend(&mut self, attempt: Attempt) -> Option<Lent> {
        if self.lent.is_some() {
            return None;
        }
        let lent = self.operator.as_ref()?.lend()?;
        self.lent = Some(attempt);
        Some(lent)
    }

    /// An attempt has ended.
    pub(super) fn ended(&mut self, attempt: Attempt) {
        self.lent.take_if(|lent| *lent == attempt);
    }

    /// Whether the terminal belongs to a step now.
    pub(super) fn is_busy(&self) -> bool {
        self.lent.is_some()
    }

    /// Whether someone can be asked.
    pub(super) fn is_there(&self) -> bool {
        self.operator.is_some()
    }

    /// The terminal has gone away.
    pub(super) fn is_gone(&mut self) {
        self.operator = None;
    }

    /// INT or TERM. The first asks, or leaves at a safe point; the second stops what is running; the third leaves at once.
    pub(super) fn interrupts(&mut self, show: &mut dyn Show) -> Wish {
        self.presses = self.presses.saturating_add(1);
        match self.presses {
            1 if self.is_there() && !self.is_busy() => {
                self.dialogue.interrupt();
                Wish::Ask
            }
            1 => {
                show.say(
                    "Leaving at the next safe point. Once more stops what is running, a third time leaves at once.",
                );
                Wish::Tell(Input::Leave {
                    why: LeaveWhy::Interrupted,
                })
            }
            2 => {
                show.say("Stopping what is running. Once more leaves at once.");
                Wish::Tell(Input::Interrupt)
            }
            _more => Wish::AtOnce,
        }
    }

    /// Shows what is asked now, once.
    pub(super) fn prompt(&mut self, questions: &[Question], show: &mut dyn Show) {
        if !self.is_there() || self.is_busy() {
            return;
        }
        self.dialogue.follow(questions);
        if let Some(text) = self.dialogue.prompt() {
            show.say(&text);
        }
    }

    /// What was entered at the terminal since the last look; the fact that follows from it, if any.
    pub(super) fn typed(&mut self, questions: &[Question], show: &mut dyn Show) -> Option<Input> {
        if self.is_busy() {
            return None;
        }
        loop {
            let line = match self.operator.as_mut()?.line() {
                Typed::Line(line) => line,
                Typed::Nothing => return None,
                Typed::Gone => {
                    self.is_gone();
                    return None;
                }
            };
            match self.dialogue.hear(&line) {
                Heard::Nothing => {}
                Heard::Show(text) => show.say(&text),
                Heard::GoOn => self.presses = 0,
                Heard::Tell(input) => {
                    if matches!(input, Input::RollBack { .. }) {
                        self.presses = 0;
                    }
                    return Some(input);
                }
            }
            self.prompt(questions, show);
        }
    }
}
