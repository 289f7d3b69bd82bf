//! Owns the engine: one pure state machine that decides everything. It has no clock, no files, no processes, no async and no
//! randomness; four worlds feed it and obey it.
//!
//! ```text
//! apply(plan, state, stamp, input) -> effects
//! ```
//!
//! Replaying a journal is feeding its inputs through the same function.

mod advance;
mod approve;
mod attempt;
mod baseline;
mod capture;
mod closing;
mod copy;
mod effect;
mod ended;
mod evidence;
mod exposed;
mod gap;
mod guard;
mod hold;
mod hosts;
mod input;
mod judge;
pub mod laws;
mod leap;
mod no_return;
mod number;
mod opening;
mod polls;
mod prepare;
mod question;
mod retry;
mod sensed;
mod state;
mod strand;
mod strands;
mod time;
mod transition;
mod undo;
mod until;
mod unwind;
mod verdict;
mod wake;
mod watching;

pub use advance::complete;
pub use approve::{Approved, same_person};
pub use capture::{LONGEST_VALUE, captured};
pub(crate) use copy::copied_in_place;
pub use effect::{
    Attempt, Effect, Note, NoticeNumber, Question, QuestionAbout, QuestionNumber, ReminderNumber,
    Verdict, Work,
};
pub use guard::{lets_end, slowest};
pub use input::{Answer, Entrance, Input, LeaveWhy, Outcome, Past, Reading};
pub use judge::{Sight, judge};
pub use leap::{Leaps, Leapt};
pub use polls::{blind_after, is_fresh};
pub use retry::pause;
pub use sensed::{GuardState, MetricState, Streak};
pub use state::{
    Aim, Gap, Hold, Measuring, Phase, Preparing, Recovery, Running, Soak, State, Task, Turn,
    Waiting, Watching,
};
pub use strand::{StrandId, StrandState};
pub use strands::Strands;
pub use time::{Moment, Stamp};
pub use transition::{apply, apply_wordless};
pub use undo::{Begun, Fate};
pub use wake::wake;
pub use watching::WatchNote;
