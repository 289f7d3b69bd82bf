//! Owns the border between the engine and everything outside: the trait [`World`] and the one loop that connects the two.
//! Real, simulated, scripted or exhaustive: the engine cannot tell. There is no "dry run" anywhere else.

use crate::engine::{Effect, Input, LeaveWhy, Moment, Stamp, State, Verdict, apply, wake};
use crate::plan::Plan;

/// All of the outside.
pub trait World {
    /// Obeys one order. It was recorded before, and so was the input that led to it.
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect);

    /// The next fact, at the latest when the engine wants to be woken; [`Input::Tick`] when that time has come.
    /// Nothing when the world has nothing more to say: the run is left as it is.
    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> Option<Fact>;
}

/// A fact and when it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// When.
    pub stamp: Stamp,
    /// What.
    pub input: Input,
    /// The letter in the run's inbox that it came from; removed in the commit that records the fact.
    pub letter: Option<Letter>,
}

/// The number of a letter in a run's inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter(pub i64);

/// How the loop ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The run has its verdict.
    Over(Verdict),
    /// The runner left a run that goes on later.
    Left(LeaveWhy),
    /// The world had nothing more to say.
    Silent,
}

/// Keeps what happens, before anything acts on it.
pub trait Record {
    /// Why it could not be kept.
    type Error;

    /// Keeps one fact and the orders that follow from it. Called before the orders are obeyed; an error stops the loop and
    /// nothing of them is done.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), Self::Error>;
}

/// Forgets everything: for worlds that leave no trace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forget;

impl Record for Forget {
    type Error = std::convert::Infallible;

    fn keep(&mut self, _: &Fact, _: &[Effect]) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// The one loop: a fact, the transition, the record, the orders.
///
/// # Errors
/// What [`Record::keep`] says; nothing is ordered after that.
pub fn run<W: World, R: Record>(
    plan: &Plan,
    state: &mut State,
    world: &mut W,
    record: &mut R,
) -> Result<Ended, R::Error> {
    let mut effects = Vec::new();
    loop {
        let Some(fact) = world.next(plan, state, wake(plan, state)) else {
            return Ok(Ended::Silent);
        };
        effects.clear();
        apply(plan, state, fact.stamp, &fact.input, &mut effects);
        record.keep(&fact, &effects)?;
        let mut ended = None;
        for effect in &effects {
            world.start(plan, state, effect);
            match effect {
                Effect::Finish(verdict) => ended = Some(Ended::Over(verdict.clone())),
                Effect::Left(why) => ended = Some(Ended::Left(*why)),
                Effect::Start { .. }
                | Effect::Stop { .. }
                | Effect::Query { .. }
                | Effect::Ask(_)
                | Effect::Withdraw(_)
                | Effect::Notify { .. }
                | Effect::Say(_) => {}
            }
        }
        if let Some(ended) = ended {
            return Ok(ended);
        }
    }
}
