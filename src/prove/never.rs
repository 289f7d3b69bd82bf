//! Owns why no path of a run completes: the window does not open, a guard is in breach before anything begins, or a stage fails whatever
//! happens. It is looked for where all goes well.

use crate::check::{Checked, Op, OpKind};
use crate::diag::Diagnostic;
use crate::diag::factory::proof as say;
use crate::engine::{Effect, Sight, State, Verdict, judge};
use crate::plan::Plan;
use crate::simulate::{Scenario, Simulate};
use crate::source::Span;
use crate::world::{Ended, Fact, Record, run};

use super::walls::Walls;

/// Nobody reads what happens on the way.
struct Unread;

impl Record for Unread {
    type Error = std::convert::Infallible;

    fn keep(&mut self, _fact: &Fact, _effects: &[Effect]) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// The finding that no path completes.
pub(super) fn completes(checked: &Checked, plan: &Plan) -> Diagnostic {
    let title = checked.header.title.span;
    let open = Walls::of(plan).open;
    if let Some(window) = &plan.window
        && !window.is_open(open)
    {
        let why = format!("window `{}` does not open", window.name);
        return say::never_completes((title, &why), "give the window a time at which it is open");
    }
    let mut state = State::new(plan);
    match when_all_goes_well(plan, &mut state, open) {
        Some(Verdict::Refused { why }) => {
            let first = why.first().map_or("", String::as_str);
            let mut guards = plan.guards.iter();
            let breached = guards.find(|one| judge(plan, &state, &one.condition) == Sight::Breach);
            let guard = breached.and_then(|one| checked.guards.get(one.id.index()));
            let place = guard.map_or(title, |guard| guard.span);
            say::never_completes(
                (place, first),
                "a run is refused while a guard is in breach: no value that the file calls healthy satisfies every guard",
            )
        }
        Some(
            Verdict::Completed
            | Verdict::RolledBack { .. }
            | Verdict::WentForward { .. }
            | Verdict::Stuck { .. }
            | Verdict::Aborted { .. },
        )
        | None => {
            let stages = checked.stages.iter();
            let place = stages.flat_map(|stage| &stage.ops).find_map(fails);
            match place {
                Some(place) => say::never_completes(
                    (place, "every run that comes to this fails"),
                    "let it depend on something: if CONDITION { fail \"…\" }, on lines of its own",
                ),
                None => say::never_completes(
                    (title, "even when all goes well a run ends otherwise"),
                    "`runbook plan` shows how far it comes",
                ),
            }
        }
    }
}

fn fails(op: &Op) -> Option<Span> {
    matches!(op.kind, OpKind::Fail(_)).then_some(op.span)
}

fn when_all_goes_well(plan: &Plan, state: &mut State, wall: i64) -> Option<Verdict> {
    let scenario = Scenario::all_goes_well(plan, "someone");
    let mut world = Simulate::new(scenario, wall).in_leaps();
    let Ok(ended) = run(plan, state, &mut world, &mut Unread);
    match ended {
        Ended::Over(verdict) => Some(verdict),
        Ended::Left(_) | Ended::Silent => None,
    }
}
