//! Owns a sweep by several threads: they look, each at a state of its own, and what they saw is put together in the order in which one
//! alone would have seen it. So what comes of it does not depend on how many they are.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::scope;

use super::end::{End, end_of};
use super::look::{Choice, Ground, Looker};
use super::moves::Move;
use super::node::Node;
use super::sweep::Sweep;
use super::wide::is_too_wide;

/// So many states wait before another thread looks at one of them: it is quicker to look at fewer than to wake somebody.
const FEW: usize = 4;

/// A state that waits to be looked at: its place in the order, its number, and itself.
type Waiting = (usize, usize, Node);

/// What was seen of a state.
struct Looked {
    number: usize,
    node: Node,
    choice: Choice,
    ways: Vec<(Move, Led)>,
}

/// What a move led to.
enum Led {
    /// To what was seen already.
    Seen {
        bytes: usize,
        is_wide: bool,
        end: Option<End>,
    },
    /// To what had not been seen when it was looked at.
    New { key: Vec<u8>, node: Box<Node> },
}

#[derive(Default)]
struct Desk {
    waiting: VecDeque<Waiting>,
    looked: BTreeMap<usize, Looked>,
    asleep: usize,
    /// Nobody needs to look any more.
    is_over: bool,
}

struct Hands<'g> {
    ground: &'g Ground<'g>,
    desk: Mutex<Desk>,
    /// There is more to look at.
    more: Condvar,
    /// Something was looked at.
    ready: Condvar,
}

/// Says that it is over, however it ended.
struct Ends<'h, 'g>(&'h Hands<'g>);

impl Drop for Ends<'_, '_> {
    fn drop(&mut self) {
        self.0.desk().is_over = true;
        self.0.more.notify_all();
        self.0.ready.notify_all();
    }
}

/// Sweeps on so many threads.
pub(super) fn side_by_side(ground: &Ground<'_>, sweep: &mut Sweep<'_>, threads: usize) {
    let hands = Hands {
        ground,
        desk: Mutex::default(),
        more: Condvar::new(),
        ready: Condvar::new(),
    };
    scope(|scope| {
        let _ends = Ends(&hands);
        let mut looker = Looker::of(ground);
        let (mut given, mut next, mut others) = (0_usize, 0_usize, 1_usize);
        loop {
            let many = hands.give(&mut sweep.open, &mut given);
            if many && others < threads {
                others = others.saturating_add(1);
                scope.spawn(|| hands.help());
            }
            if next == given {
                return;
            }
            let Some(looked) = hands.looked(next, &mut looker) else {
                return;
            };
            next = next.saturating_add(1);
            if put_together(sweep, looked).is_break() {
                return;
            }
        }
    });
}

/// Adds what was seen of a state, as if it was seen now.
fn put_together(sweep: &mut Sweep<'_>, looked: Looked) -> ControlFlow<()> {
    let number = looked.number;
    if !sweep.looks_at(number, &looked.node, &looked.choice) {
        return ControlFlow::Continue(());
    }
    for (happens, led) in looked.ways {
        match led {
            Led::Seen {
                bytes,
                is_wide,
                end,
            } => sweep.count((bytes, is_wide), end)?,
            Led::New { key, node } => {
                if let Some(place) = sweep.come_to((number, happens), (&node, &key))? {
                    sweep.open.push_back((place, *node));
                }
            }
        }
    }
    ControlFlow::Continue(())
}

impl Hands<'_> {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts down what is to be looked at. Returns whether there is enough for several.
    fn give(&self, open: &mut VecDeque<(usize, Node)>, given: &mut usize) -> bool {
        let mut desk = self.desk();
        for (number, node) in open.drain(..) {
            desk.waiting.push_back((*given, number, node));
            *given = given.saturating_add(1);
        }
        let many = desk.waiting.len() > FEW;
        if many && desk.asleep > 0 {
            self.more.notify_all();
        }
        many
    }

    /// What is in this place of the order; whoever waits for it looks at what comes behind it. Nothing when one who looked was lost.
    fn looked(&self, place: usize, looker: &mut Looker<'_>) -> Option<Looked> {
        let mut desk = self.desk();
        loop {
            if let Some(looked) = desk.looked.remove(&place) {
                return Some(looked);
            }
            if desk.is_over {
                return None;
            }
            if let Some((order, number, node)) = desk.waiting.pop_front() {
                drop(desk);
                let looked = self.look((number, node), looker);
                if order == place {
                    return Some(looked);
                }
                desk = self.desk();
                desk.looked.insert(order, looked);
            } else {
                desk = self
                    .ready
                    .wait(desk)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Looks at what waits, until it is over.
    fn help(&self) {
        let lost = Ends(self);
        let mut looker = Looker::of(self.ground);
        let mut desk = self.desk();
        while !desk.is_over {
            // The first is left to whoever puts things together.
            let taken = (desk.waiting.len() > FEW).then(|| desk.waiting.remove(1));
            let Some((order, number, node)) = taken.flatten() else {
                desk.asleep = desk.asleep.saturating_add(1);
                desk = self.more.wait(desk).unwrap_or_else(PoisonError::into_inner);
                desk.asleep = desk.asleep.saturating_sub(1);
                continue;
            };
            drop(desk);
            let looked = self.look((number, node), &mut looker);
            desk = self.desk();
            desk.looked.insert(order, looked);
            self.ready.notify_one();
        }
        drop(desk);
        std::mem::forget(lost);
    }

    fn look(&self, (number, node): (usize, Node), looker: &mut Looker<'_>) -> Looked {
        let choice = self.ground.choice(&node);
        let mut ways = Vec::with_capacity(choice.moves.len());
        // Whoever puts things together finds the same, and leaves it.
        let is_left = choice.is_wide && self.ground.wide.is_enough();
        for happens in choice.moves.iter().filter(|_| !is_left) {
            let (next, key) = looker.take(&node, *happens, None);
            let led = if self.ground.seen.has(key) {
                Led::Seen {
                    bytes: key.len(),
                    is_wide: is_too_wide(&next.state),
                    end: end_of(next),
                }
            } else {
                Led::New {
                    key: key.to_vec(),
                    node: Box::new(next.clone()),
                }
            };
            ways.push((*happens, led));
        }
        Looked {
            number,
            node,
            choice,
            ways,
        }
    }
}
