//! Owns captured values: what a step may print to be one, where it is kept, and what is known of it later.

use super::effect::{Note, Work};
use super::input::{Answer, Outcome};
use super::state::State;
use super::transition::Move;
use crate::plan::{Capture, CaptureId, Plan, StepId};
use crate::value::{Type, Value, risk_of, typed_example};

/// The longest text that is a value, in bytes: a value is handed to every later command and kept in every record.
pub const LONGEST_VALUE: usize = 4096;

/// A captured value, or what stands for it when nothing set it.
#[must_use]
pub fn captured<'a>(plan: &'a Plan, state: &'a State, id: CaptureId) -> Option<&'a Value> {
    let own = state.captures.get(id.index()).and_then(Option::as_ref);
    own.or_else(|| plan.captures.get(id.index())?.default.as_ref())
}

impl Move<'_> {
    /// Keeps what a step of a capture printed; a sentence when it is no value of the type.
    pub(super) fn keep_captured(&mut self, work: Work, outcome: &Outcome) -> Result<(), String> {
        let Work::Step { step, .. } = work else {
            return Ok(());
        };
        let plan = self.plan;
        let Some(capture) = plan.captured_by(step) else {
            return Ok(());
        };
        let printed = match outcome {
            Outcome::Printed { text } => text.trim(),
            Outcome::Exited { status: 0, .. } => "",
            Outcome::Exited { .. }
            | Outcome::Read { .. }
            | Outcome::Signalled { .. }
            | Outcome::TimedOut
            | Outcome::Stopped
            | Outcome::NeverBegan
            | Outcome::NotStarted { .. }
            | Outcome::Unknown { .. } => return Ok(()),
        };
        let value = read(&capture.ty, printed)?;
        // A journal of an older program has no room for it yet.
        if self.state.captures.len() < plan.captures.len() {
            self.state.captures.resize(plan.captures.len(), None);
        }
        if let Some(kept) = self.state.captures.get_mut(capture.id.index()) {
            *kept = Some(value.clone());
        }
        self.say(Note::Captured {
            capture: capture.id,
            value,
        });
        Ok(())
    }

    /// The answers to a question about a step that leave its effect in doubt: to go on without its value is none of them.
    pub(super) fn answers_about(&self, step: StepId) -> &'static [Answer] {
        let needs_value = |capture: &Capture| capture.default.is_none();
        if self.plan.captured_by(step).is_some_and(needs_value) {
            &[Answer::Rerun, Answer::Rollback]
        } else {
            &[Answer::Continue, Answer::Rerun, Answer::Rollback]
        }
    }
}

/// What was printed as a value; why it is none.
fn read(ty: &Type, printed: &str) -> Result<Value, String> {
    if printed.is_empty() {
        return Err(format!(
            "it printed nothing to its standard output, expected {}",
            example(ty)
        ));
    }
    if printed.len() > LONGEST_VALUE {
        return Err(format!(
            "it printed more than {LONGEST_VALUE} bytes, which is too long for a value"
        ));
    }
    if printed.contains('\u{fffd}') {
        return Err("what it printed is not UTF-8 text".to_owned());
    }
    if let Some(why) = risk_of(ty, printed) {
        return Err(format!("what it printed is no value: {why}"));
    }
    Value::read(ty, printed).map_err(|_| {
        let mut shown: String = printed.chars().take(60).collect();
        if shown.len() < printed.len() {
            shown.push('…');
        }
        let shown = shown.replace(char::is_control, " ");
        format!("it printed `{shown}`, expected {}", example(ty))
    })
}

fn example(ty: &Type) -> String {
    match ty {
        Type::Text => "a text".to_owned(),
        Type::Bool
        | Type::Int
        | Type::Number
        | Type::Percent
        | Type::Duration
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::List(_) => format!("{ty}, for example {}", typed_example(ty)),
    }
}
