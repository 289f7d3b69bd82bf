//! Owns which commits must survive a power failure before the run goes on. Every commit survives the death of the process.

use crate::engine::{Effect, Input, Note, Outcome, Work};

/// What a commit must survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// The death of the process. A power failure may take the newest lazy commits, never one in the middle: what is lost is
    /// only what was asked, seen and said, and it is asked again.
    Lazy,
    /// A power failure too: it is on the disk, and so is every commit before it.
    Durable,
}

/// What a transition must survive. `ended` is the work whose end the input reports, if it does.
///
/// Durable is all that changes production or tells people something that they act on: the intent before an effect, the
/// outcome before it is shown, a person's word, a verdict. Outcome and next intent are one transition and so one commit.
#[must_use]
pub fn durability(input: &Input, ended: Option<Work>, effects: &[Effect]) -> Durability {
    if of_input(input, ended) || effects.iter().any(of_effect) {
        Durability::Durable
    } else {
        Durability::Lazy
    }
}

fn of_input(input: &Input, ended: Option<Work>) -> bool {
    match input {
        Input::Begin { .. }
        | Input::Answered { .. }
        | Input::RollBack { .. }
        | Input::Leave { .. }
        | Input::Interrupt
        | Input::AnsweredInTime { .. }
        | Input::Resumed { .. } => true,
        Input::Ended { outcome, .. } => {
            ended.is_some_and(Work::changes_something) && happened(outcome)
        }
        Input::Tick
        | Input::Sample { .. }
        | Input::Unwatched { .. }
        | Input::History { .. }
        | Input::Measured { .. }
        | Input::Notified { .. }
        | Input::ClockJumped { .. } => false,
    }
}

/// Whether anything can be different after this outcome; one that says that nothing happened can be found out again.
fn happened(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Exited { .. }
        | Outcome::Printed { .. }
        | Outcome::Read { .. }
        | Outcome::Signalled { .. }
        | Outcome::TimedOut
        | Outcome::Stopped
        | Outcome::NotStarted { .. }
        | Outcome::Unknown { .. } => true,
        Outcome::NeverBegan => false,
    }
}

fn of_effect(effect: &Effect) -> bool {
    match effect {
        Effect::Start { work, .. } => match work {
            Work::Step { .. } | Work::Check { .. } | Work::Set { .. } => true,
            Work::Unless { .. } | Work::Read { .. } | Work::Probe { .. } => false,
        },
        Effect::Stop { .. }
        | Effect::Ask(_)
        | Effect::Notify { .. }
        | Effect::Open { .. }
        | Effect::Remind { .. }
        | Effect::Left(_)
        | Effect::Finish(_) => true,
        Effect::Query { .. }
        | Effect::LookBack { .. }
        | Effect::Measure { .. }
        | Effect::Withdraw(_) => false,
        Effect::Say(note) => of_note(note),
    }
}

/// Whether a note says that the run has gone somewhere, as against what it sees there.
fn of_note(note: &Note) -> bool {
    match note {
        Note::Confirmed { .. }
        | Note::Approved { .. }
        | Note::Captured { .. }
        | Note::Declined { .. }
        | Note::StageBegan(_)
        | Note::StageEnded(_)
        | Note::Decided { .. }
        | Note::StepFailed { .. }
        | Note::StepDone { .. }
        | Note::Besides { .. }
        | Note::StepSkipped { .. }
        | Note::Undoes { .. }
        | Note::Undone { .. }
        | Note::NothingToUndo
        | Note::Exposed { .. }
        | Note::Tripped { .. }
        | Note::Settled { .. }
        | Note::RollbackBegan { .. }
        | Note::NoReturn { .. }
        | Note::ForwardBegan { .. }
        | Note::LevelSkipped(_)
        | Note::LevelUnseen { .. }
        | Note::LevelBegan(_)
        | Note::LevelDone(_)
        | Note::LevelFailed { .. }
        | Note::Recovered { .. }
        | Note::Watching(_)
        | Note::UnknownOutcome { .. }
        | Note::Hotfix { .. }
        | Note::TakenUp { .. } => true,
        Note::Preparing
        | Note::LevelLooks(_)
        | Note::Measuring { .. }
        | Note::Baseline { .. }
        | Note::WaitsUntil { .. }
        | Note::WaitedUntil { .. }
        | Note::ParallelBegan { .. }
        | Note::ParallelEnded
        | Note::HostsBegan { .. }
        | Note::HostsEnded { .. }
        | Note::Checked { .. }
        | Note::WaitBegan { .. }
        | Note::WaitEnded { .. }
        | Note::StageWaits { .. }
        | Note::NoReturnWaits { .. }
        | Note::Verified { .. }
        | Note::StreakBegan { .. }
        | Note::StreakCleared { .. }
        | Note::Blind { .. }
        | Note::Sees { .. }
        | Note::Held { .. }
        | Note::Closed { .. }
        | Note::Opened
        | Note::Advised { .. }
        | Note::Released
        | Note::NoticeFailed { .. }
        | Note::Unwatched { .. }
        | Note::Recalled { .. }
        | Note::Unclear { .. }
        | Note::ClockJump { .. } => false,
    }
}
