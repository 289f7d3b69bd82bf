//! Owns what the end of an attempt means, as far as the engine cares.

use super::effect::Work;
use super::input::Outcome;

/// How an attempt ended, as far as the engine cares.
pub(super) enum Result {
    Good,
    Read(f64),
    Bad(String),
    /// It was to be asked whether something is done, and there was no answer.
    Unasked(String),
    NeverBegan,
    Unknown(String),
}

impl Result {
    /// What the end of this work says. A question that was not answered is no answer: only what `unless` exits with is one.
    pub(super) fn of(self, work: Work, outcome: &Outcome) -> Self {
        let asks = match work {
            Work::Unless { .. } => true,
            Work::Step { .. }
            | Work::Check { .. }
            | Work::Set { .. }
            | Work::Read { .. }
            | Work::Probe { .. } => false,
        };
        match self {
            Self::Bad(why) if asks && !matches!(outcome, Outcome::Exited { .. }) => {
                Self::Unasked(why)
            }
            other @ (Self::Good
            | Self::Read(_)
            | Self::Bad(_)
            | Self::Unasked(_)
            | Self::NeverBegan
            | Self::Unknown(_)) => other,
        }
    }
}

pub(super) fn read_outcome(outcome: &Outcome) -> Result {
    match outcome {
        Outcome::Exited { status: 0, .. } | Outcome::Printed { .. } => Result::Good,
        Outcome::Exited { status, said } if said.is_empty() => {
            Result::Bad(format!("exit status {status}"))
        }
        Outcome::Exited { status: 1, said } => Result::Bad(said.clone()),
        Outcome::Exited { status, said } => Result::Bad(format!("exit status {status}: {said}")),
        Outcome::Read { value } => Result::Read(*value),
        Outcome::Signalled { signal } => Result::Bad(format!("ended by signal {signal}")),
        Outcome::TimedOut => Result::Bad("it did not end within its timeout".to_owned()),
        Outcome::Stopped => Result::Bad("it was stopped".to_owned()),
        Outcome::NeverBegan => Result::NeverBegan,
        Outcome::NotStarted { why } => Result::Bad(format!("it could not be started: {why}")),
        Outcome::Unknown { why } => Result::Unknown(why.clone()),
    }
}

/// How a precondition's attempt ended: nothing when it holds, a value when one was read, the reason when it does not hold.
pub(super) enum Prepared {
    /// It holds.
    Holds,
    /// This was read.
    Read(f64),
    /// It does not hold.
    Fails(String),
    /// It has to be asked again.
    Again,
}

pub(super) fn result_words(result: Result) -> Prepared {
    match result {
        Result::Good => Prepared::Holds,
        Result::Read(value) => Prepared::Read(value),
        Result::Bad(why) | Result::Unasked(why) => Prepared::Fails(why),
        Result::NeverBegan | Result::Unknown(_) => Prepared::Again,
    }
}
