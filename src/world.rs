//! Owns the border between the engine and everything outside: the trait [`World`] and the one loop that connects the two.
//! Real, simulated, scripted or exhaustive: the engine cannot tell. There is no "dry run" anywhere else.

use crate::engine::{
    Effect, Input, Leaps, Leapt, LeaveWhy, Moment, Stamp, State, Verdict, apply, wake,
};
use crate::plan::Plan;

/// All of the outside.
pub trait World {
    /// Obeys one order. It was recorded before, and so was the input that led to it.
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect);

    /// The next fact, at the latest when the engine wants to be woken; [`Input::Tick`] when that time has come.
    /// Nothing when the world has nothing more to say: the run is left as it is.
    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> Option<Fact>;

    /// A further fact that is there already. It is applied and recorded together with the one before, before any order that
    /// followed from either is obeyed; so attempts that end together cost one commit.
    fn also(&mut self) -> Option<Fact> {
        None
    }

    /// The moment up to which every question is answered as it would be now and nothing is reported but what is asked for, as
    /// long as the state only grows older. Nothing when that is not known, as it never is of a real world.
    fn still(&self, _: &Plan, _: &State) -> Option<Moment> {
        None
    }
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

    /// Keeps several, in order: all of them or none, where that is in its power.
    ///
    /// # Errors
    /// When they cannot be kept.
    fn keep_all(&mut self, moves: &[Moved]) -> Result<(), Self::Error> {
        moves
            .iter()
            .try_for_each(|one| self.keep(&one.fact, &one.effects))
    }

    /// So much was passed over, because it came to nothing; only in a world that is [`World::still`].
    fn passed_over(&mut self, _: Leapt) {}
}

/// One transition: a fact and the orders that follow from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The fact.
    pub fact: Fact,
    /// The orders.
    pub effects: Vec<Effect>,
}

/// At most so many facts are applied before the first order that follows from them is obeyed.
const TOGETHER: usize = 256;

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
    // The transitions that are recorded together, and the states that all but the last of them came to.
    let (mut moves, mut states): (Vec<Moved>, Vec<State>) = (Vec::new(), Vec::new());
    let mut leaps = Leaps::default();
    loop {
        if let Some(leapt) = leaps.look(plan, state, |state| world.still(plan, state)) {
            record.passed_over(leapt);
        }
        let Some(first) = world.next(plan, state, wake(plan, state)) else {
            return Ok(Ended::Silent);
        };
        moves.clear();
        states.clear();
        let mut next = Some(first);
        let mut ended = None;
        while let Some(fact) = next {
            if !moves.is_empty() {
                states.push(state.clone());
            }
            let mut effects = Vec::new();
            apply(plan, state, fact.stamp, &fact.input, &mut effects);
            leaps.saw(&fact.input, &effects);
            ended = effects.iter().find_map(end);
            moves.push(Moved { fact, effects });
            let is_last = ended.is_some() || moves.len() >= TOGETHER;
            next = if is_last { None } else { world.also() };
        }
        record.keep_all(&moves)?;
        // Each order is obeyed as it was given: in the state that it came out of.
        let then = states.iter().chain(std::iter::once(&*state));
        for (one, then) in moves.iter().zip(then) {
            for effect in &one.effects {
                world.start(plan, then, effect);
            }
        }
        if let Some(ended) = ended {
            return Ok(ended);
        }
    }
}

/// Whether the loop ends with this order.
fn end(effect: &Effect) -> Option<Ended> {
    match effect {
        Effect::Finish(verdict) => Some(Ended::Over(verdict.clone())),
        Effect::Left(why) => Some(Ended::Left(*why)),
        Effect::Start { .. }
        | Effect::Stop { .. }
        | Effect::Query { .. }
        | Effect::LookBack { .. }
        | Effect::Measure { .. }
        | Effect::Ask(_)
        | Effect::Withdraw(_)
        | Effect::Notify { .. }
        | Effect::Open { .. }
        | Effect::Remind { .. }
        | Effect::Say(_) => None,
    }
}
