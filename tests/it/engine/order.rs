//! The one loop between the engine and the world: what is recorded, what is obeyed, and in which order.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use runbook::engine::{Effect, Entrance, Input, LeaveWhy, Moment, Stamp, State};
use runbook::plan::Plan;
use runbook::world::{Ended, Fact, Moved, Record, World, run};

use super::stage::plan;

/// What happened on either side of the loop.
#[derive(Clone, Debug, PartialEq)]
enum Seen {
    /// So many facts were kept together.
    Kept(usize),
    /// An order was obeyed, in a state of this time.
    Obeyed(Moment),
}

type Log = Rc<RefCell<Vec<Seen>>>;

/// A world with these facts, and these that are there already behind the first.
struct Told {
    facts: VecDeque<Fact>,
    also: VecDeque<Fact>,
    log: Log,
}

impl World for Told {
    fn start(&mut self, _: &Plan, state: &State, _: &Effect) {
        self.log.borrow_mut().push(Seen::Obeyed(state.now));
    }

    fn next(&mut self, _: &Plan, _: &State, _: Option<Moment>) -> Option<Fact> {
        self.facts.pop_front()
    }

    fn also(&mut self) -> Option<Fact> {
        self.also.pop_front()
    }
}

/// Keeps what it is given, so often.
struct Kept {
    log: Log,
    times: usize,
}

impl Record for Kept {
    type Error = &'static str;

    fn keep(&mut self, _: &Fact, _: &[Effect]) -> Result<(), Self::Error> {
        Err("it is kept together")
    }

    fn keep_all(&mut self, moves: &[Moved]) -> Result<(), Self::Error> {
        self.times = self.times.checked_sub(1).ok_or("the disk is full")?;
        self.log.borrow_mut().push(Seen::Kept(moves.len()));
        Ok(())
    }
}

fn fact(at: u64, input: Input) -> Fact {
    let stamp = Stamp {
        run: Moment(at),
        wall: 0,
    };
    Fact {
        stamp,
        input,
        letter: None,
    }
}

fn begin() -> Fact {
    let input = Input::Begin {
        by: "ann".into(),
        confirmed: Vec::new(),
        entry: Entrance::Now,
        missing: Vec::new(),
    };
    fact(1, input)
}

fn leave() -> Fact {
    let why = LeaveWhy::Interrupted;
    fact(2, Input::Leave { why })
}

/// Runs with these facts, as long as they can be kept.
fn ran(
    facts: Vec<Fact>,
    also: Vec<Fact>,
    times: usize,
) -> (Result<Ended, &'static str>, Vec<Seen>) {
    let log = Log::default();
    let plan = plan();
    let mut state = State::new(&plan);
    let mut world = Told {
        facts: facts.into(),
        also: also.into(),
        log: Rc::clone(&log),
    };
    let mut record = Kept {
        log: Rc::clone(&log),
        times,
    };
    let ended = run(&plan, &mut state, &mut world, &mut record);
    let seen = log.borrow().clone();
    (ended, seen)
}

#[test]
fn nothing_is_obeyed_before_it_is_kept() {
    let (ended, seen) = ran(vec![begin(), leave()], Vec::new(), 9);
    assert_eq!(ended, Ok(Ended::Left(LeaveWhy::Interrupted)));
    assert_eq!(seen.first(), Some(&Seen::Kept(1)), "{seen:?}");
    let kept = seen.iter().position(|one| *one == Seen::Obeyed(Moment(2)));
    let before = kept.and_then(|at| seen.get(at.checked_sub(1)?));
    assert_eq!(before, Some(&Seen::Kept(1)), "{seen:?}");
}

#[test]
fn what_cannot_be_kept_is_not_obeyed_and_ends_the_loop() {
    let (ended, seen) = ran(vec![begin(), leave()], Vec::new(), 0);
    assert_eq!(ended, Err("the disk is full"));
    assert_eq!(seen, []);
    let (ended, seen) = ran(vec![begin(), leave()], Vec::new(), 1);
    assert_eq!(ended, Err("the disk is full"));
    let late = seen.contains(&Seen::Obeyed(Moment(2)));
    assert!(!late && seen.len() > 1, "{seen:?}");
}

/// What comes together is kept together, and each order is obeyed as it was given.
#[test]
fn facts_that_come_together_are_one_commit_and_keep_their_states() {
    let (ended, seen) = ran(vec![begin()], vec![fact(5, Input::Tick), leave()], 9);
    assert_eq!(ended, Ok(Ended::Left(LeaveWhy::Interrupted)));
    assert_eq!(seen.first(), Some(&Seen::Kept(3)), "{seen:?}");
    assert_eq!(seen.get(1), Some(&Seen::Obeyed(Moment(1))), "{seen:?}");
    assert_eq!(seen.last(), Some(&Seen::Obeyed(Moment(5))), "{seen:?}");
}

/// Behind the last order of a runner nothing more is taken: it is there for the next one.
#[test]
fn nothing_is_taken_behind_the_end() {
    let later = vec![fact(3, Input::Tick), fact(4, Input::Tick)];
    let (ended, seen) = ran(vec![leave()], later, 9);
    assert_eq!(ended, Ok(Ended::Left(LeaveWhy::Interrupted)));
    assert_eq!(seen, [Seen::Kept(1), Seen::Obeyed(Moment(2))]);
}

/// Whatever goes on reporting, orders are obeyed in between.
#[test]
fn a_world_that_goes_on_reporting_does_not_keep_orders_waiting() {
    let ticks = (10..1_000).map(|at| fact(at, Input::Tick)).collect();
    let (_, seen) = ran(vec![begin(), leave()], ticks, 99);
    assert_eq!(seen.first(), Some(&Seen::Kept(256)), "{seen:?}");
}
