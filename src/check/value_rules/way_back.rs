//! The rule over what the way back exposes: never more than there can be when it begins, and less than the rollout does.

use std::rc::Rc;

use crate::ast::Way;
use crate::check::eval::Values;
use crate::check::tree::{Checked, Exposure, Level, Op, OpKind, Stage};
use crate::diag::factory::exposure::{self as say, Moves};
use crate::value::{Heads, Scale};

use super::Judge;
use super::exposure::{Target, target};
use super::reach::{Reach, Seen, Sense};
use super::unrolled::{bound, known_truth, turns, unrolled};

/// What an exposure can be at a place of a level, and what the level has set it to, by the ways that lead there.
#[derive(Clone, Debug)]
struct At {
    reach: Reach,
    set: Vec<Target>,
}

/// An `expose` that can take more users the wrong way, and what can be in place there.
struct Wrong {
    target: Target,
    from: f64,
    before: Option<Target>,
}

/// The way of one exposure through a level.
struct Walk<'a> {
    exposure: &'a Exposure,
    heads: Option<Heads>,
    wrong: Vec<Wrong>,
}

impl Walk<'_> {
    fn ops(&mut self, ops: &[Op], values: &Rc<Values>, mut at: At) -> At {
        for op in ops {
            at = self.op(op, values, at);
        }
        at
    }

    fn op(&mut self, op: &Op, values: &Rc<Values>, at: At) -> At {
        match &op.kind {
            OpKind::Expose {
                exposure,
                target: expr,
                ..
            } if *exposure == self.exposure.id => {
                let scale = &self.exposure.scale;
                match target(scale, expr, values) {
                    Some(target) => self.sets(target, &at),
                    None => At {
                        reach: Reach::full(scale),
                        set: Vec::new(),
                    },
                }
            }
            OpKind::Parallel(strands) => {
                let mut end: Option<At> = None;
                for strand in strands {
                    if self.is_set_in(&strand.ops) {
                        let one = self.ops(&strand.ops, values, at.clone());
                        end = Some(match end {
                            Some(end) => end.or(one),
                            None => one,
                        });
                    }
                }
                end.unwrap_or(at)
            }
            OpKind::For(one) => turns(one, values)
                .iter()
                .fold(at, |at, values| self.ops(&one.ops, values, at)),
            OpKind::Call(one) => self.ops(&one.ops, &bound(one, values), at),
            OpKind::If(one) => match known_truth(&one.when.test, values) {
                Some(true) => self.ops(&one.then, values, at),
                Some(false) => self.ops(&one.otherwise, values, at),
                None => {
                    let test = (&one.when.test, values.as_ref());
                    let ways = [(Sense::Holds, &one.then), (Sense::Fails, &one.otherwise)];
                    let mut ends = Vec::new();
                    for (sense, ops) in ways {
                        if let Some(reach) = self.seen().where_it(sense, test, at.reach) {
                            let set = at.set.clone();
                            ends.push(self.ops(ops, values, At { reach, set }));
                        }
                    }
                    ends.into_iter().reduce(At::or).unwrap_or(at)
                }
            },
            OpKind::Expose { .. }
            | OpKind::Step(_)
            | OpKind::Wait { .. }
            | OpKind::Until { .. }
            | OpKind::Verify { .. }
            | OpKind::Notify(_)
            | OpKind::Fail(_)
            | OpKind::Undo
            | OpKind::NoReturn(_)
            | OpKind::Approve(_) => at,
        }
    }

    fn sets(&mut self, target: Target, at: &At) -> At {
        let (from, is_wrong) = match self.heads {
            Some(Heads::Up) => (at.reach.low, target.number > at.reach.low),
            Some(Heads::Down) => (at.reach.high, target.number < at.reach.high),
            None => (target.number, false),
        };
        if self.exposure.scale.is_ordered()
            && is_wrong
            && self.wrong.iter().all(|one| one.target.span != target.span)
        {
            let before = at.set.iter().find(|one| one.number == from).copied();
            self.wrong.push(Wrong {
                target,
                from,
                before,
            });
        }
        At {
            reach: Reach::at(target.number),
            set: vec![target],
        }
    }

    fn is_set_in(&self, ops: &[Op]) -> bool {
        Op::all(ops).iter().any(
            |op| matches!(&op.kind, OpKind::Expose { exposure, .. } if *exposure == self.exposure.id),
        )
    }

    fn seen(&self) -> Seen<'_> {
        Seen {
            id: self.exposure.id,
            scale: &self.exposure.scale,
        }
    }
}

impl At {
    fn or(mut self, other: Self) -> Self {
        self.reach = self.reach.or(other.reach);
        self.set.extend(other.set);
        self
    }
}

impl Judge<'_> {
    /// The first level that sets what the rollout has exposed must lower it, and none may raise it, whenever it comes to run.
    pub(super) fn lowered_by_rollback(&mut self, checked: &Checked, exposure: &Exposure) {
        let values = Rc::new(self.values.clone());
        let stages = checked.stages.iter();
        let set_in = |stage: &Stage| sets(&stage.ops, exposure, &values);
        let mut sets_it = stages
            .clone()
            .filter(|stage| !set_in(stage).is_empty())
            .peekable();
        let Some(first) = sets_it.peek() else {
            return;
        };
        let heads = match first.shrink {
            None => Some(Heads::Up),
            Some(_) => {
                let all = stages.clone().flat_map(set_in).flatten();
                let all: Vec<f64> = all.map(|target| target.number).collect();
                let others = unrolled(&first.ops, &values).into_iter().filter(|(op, _)| {
                    matches!(&op.kind, OpKind::Expose { exposure: id, .. } if *id != exposure.id)
                });
                exposure.scale.heads(&all, others.count())
            }
        };
        let grown = sets_it.filter(|stage| stage.shrink.is_none());
        // 0% and the first of the steps expose nobody.
        let grown: Vec<Target> = grown
            .flat_map(set_in)
            .flatten()
            .filter(|target| !exposure.scale.is_ordered() || target.number > 0.0)
            .collect();
        let levels: Vec<&Level> = checked
            .rollback
            .iter()
            .flat_map(|one| &one.levels)
            .filter(|level| level.way == Way::Back)
            .collect();
        let begin = begin(exposure, heads, {
            let levels = levels.iter().map(|level| &level.ops);
            let all = stages.map(|stage| &stage.ops).chain(levels);
            all.flat_map(|ops| sets(ops, exposure, &values)).collect()
        });
        let mut is_lowered = false;
        for level in levels {
            let mut walk = Walk {
                exposure,
                heads,
                wrong: Vec::new(),
            };
            let reach = level.when.as_ref().map_or(Some(begin), |when| {
                let test = (&when.test, values.as_ref());
                walk.seen().where_it(Sense::Holds, test, begin)
            });
            // One that is never run has a lint of its own.
            let Some(reach) = reach else {
                continue;
            };
            let set = Vec::new();
            let end = walk.ops(&level.ops, &values, At { reach, set });
            let mut told = Vec::new();
            for left in end.set {
                let kept = grown.iter().find(|target| match (&exposure.scale, heads) {
                    (Scale::Choice(_), _) => left.number == target.number,
                    (Scale::Percent | Scale::Steps(_), Some(Heads::Up)) => {
                        !is_lowered && left.number >= target.number
                    }
                    (Scale::Percent | Scale::Steps(_), Some(Heads::Down) | None) => false,
                });
                if let Some(kept) = kept.filter(|_| !told.contains(&left.span)) {
                    told.push(left.span);
                    self.found.push(say::rollback_exposes(
                        (left.span, &exposure.scale.show(left.number)),
                        (kept.span, &exposure.scale.show(kept.number)),
                        (&exposure.name, &level.name),
                    ));
                }
            }
            is_lowered |= walk.is_set_in(&level.ops);
            for wrong in walk.wrong {
                if told.contains(&wrong.target.span) {
                    continue;
                }
                let show = |number| exposure.scale.show(number);
                let value = (wrong.target.span, show(wrong.target.number));
                let from = (wrong.before.map(|one| one.span), show(wrong.from));
                let names = (exposure.name.as_str(), level.name.as_str());
                let moves = match heads {
                    Some(Heads::Down) => Moves::Down,
                    Some(Heads::Up) | None => Moves::Up,
                };
                self.found
                    .push(say::rollback_goes_on(moves, &value, &from, names));
            }
        }
    }
}

/// Everything that operations set an exposure to; nothing where that is not known.
fn sets(ops: &[Op], exposure: &Exposure, values: &Rc<Values>) -> Vec<Option<Target>> {
    let all = unrolled(ops, values).into_iter();
    all.filter_map(|(op, values)| match &op.kind {
        OpKind::Expose {
            exposure: id,
            target: expr,
            ..
        } if *id == exposure.id => Some(target(&exposure.scale, expr, &values)),
        OpKind::Expose { .. }
        | OpKind::Step(_)
        | OpKind::Wait { .. }
        | OpKind::Until { .. }
        | OpKind::Verify { .. }
        | OpKind::Notify(_)
        | OpKind::Fail(_)
        | OpKind::Parallel(_)
        | OpKind::For(_)
        | OpKind::Call(_)
        | OpKind::If(_)
        | OpKind::Undo
        | OpKind::NoReturn(_)
        | OpKind::Approve(_) => None,
    })
    .collect()
}

/// What an exposure can be when a level begins: what was in place before the run, if the rollout fails before it sets anything, and
/// everything that the file sets. A run that would begin on the wrong side of the first value is refused.
fn begin(exposure: &Exposure, heads: Option<Heads>, sets: Vec<Option<Target>>) -> Reach {
    let full = Reach::full(&exposure.scale);
    let set = sets.into_iter().fold(None, |reach: Option<Reach>, one| {
        let one = one.map_or(full, |target| Reach::at(target.number));
        Some(reach.map_or(one, |reach| reach.or(one)))
    });
    let set = set.unwrap_or(full);
    match heads {
        Some(Heads::Up) => Reach {
            low: full.low,
            high: set.high,
        },
        Some(Heads::Down) => Reach {
            low: set.low,
            high: full.high,
        },
        None => full,
    }
}
