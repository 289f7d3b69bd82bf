//! What goes wrong beside something else, and what takes its time: guards that ask while another one holds, approvals that come late, runs
//! that are taken up.

use runbook::engine::{Effect, Input, Note, QuestionAbout, State, StrandId};
use runbook::plan::Plan;
use runbook::prove::{BUDGET, sweep};

use super::swept::planned;

fn plan(guards: &str, ops: &str) -> Plan {
    planned(&format!(
        "runbook \"A\"\nservice a\nprovider prom {{ prometheus \"https://prometheus.example.com\" }}\n\
         metric errors: percent {{\n  query prom 'errors[30s]'\n  unit ratio\n}}\n\
         metric slow: duration {{\n  query prom 'slow[30s]'\n  unit ms\n}}\n\
         {guards}\nrollout {{\n  stage s {{\n{ops}\n  }}\n}}\n\
         rollback {{\n  level l within 5m {{\n    step back $ ./back\n  }}\n}}\n"
    ))
}

/// How many transitions of a whole sweep are of a kind.
fn count(plan: &Plan, is_it: impl Fn((&State, &State), &Input, &[Effect]) -> bool) -> usize {
    let mut found = 0;
    let mut watch = |states: (&State, &State), input: &Input, effects: &[Effect]| {
        found += usize::from(is_it(states, input, effects));
    };
    let swept = sweep(plan, BUDGET, Some(&mut watch));
    assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
    found
}

/// A hold does not keep another guard from asking a person, and one of the two questions is answered first.
#[test]
fn a_guard_asks_while_another_one_holds_the_stage() {
    let asks = "guard a when errors > 5% then decide within 4m else continue\n";
    for other in [
        "guard b when slow > 400ms then rollback",
        "guard b when slow > 400ms then hold",
    ] {
        let plan = plan(&format!("{asks}{other}"), "wait 2m..6m");
        let open = |state: &State, about: fn(QuestionAbout) -> bool| {
            state.questions.iter().any(|one| about(one.about))
        };
        let is_hold = |about| about == QuestionAbout::Hold;
        let is_guard = |about| matches!(about, QuestionAbout::Guard(_));
        let both = count(&plan, |(before, after), input, _| {
            matches!(input, Input::Answered { .. })
                && open(before, is_hold)
                && !open(after, is_hold)
                && open(after, is_guard)
        });
        assert!(both > 0, "{other}");
    }
}

/// People take their time: a guard that needs a minute and a half until it can be blind has had them when the approval is there.
#[test]
fn a_guard_is_blind_in_what_follows_an_approval_at_once() {
    let guard = "guard a when errors > 5% then rollback";
    let go = "step go idempotent timeout 30s $ ./go";
    let blind = |ops: &str, at: usize| {
        let plan = plan(guard, ops);
        count(&plan, |(before, after), _, _| {
            let main = after.strands.get(&StrandId::MAIN);
            let is_there = main.is_some_and(|main| main.at == [at] && !after.running.is_empty());
            is_there && !before.guards[0].blind && after.guards[0].blind
        })
    };
    assert_eq!(blind(go, 0), 0);
    let late = format!("approve \"Go?\" by \"team\" within 5m else rollback\n{go}");
    assert!(blind(&late, 1) > 0);
    // It has looked once before the approval, and goes blind in it.
    let first = "step first idempotent timeout 1m $ ./first";
    assert_eq!(blind(&format!("{first}\n{go}"), 1), 0);
    assert!(blind(&format!("{first}\n{late}"), 2) > 0);
}

/// How many transitions begin where this is so, but for those in which a guard sees something, which is made to stand right before it.
fn count_before(plan: &Plan, is_it: impl Fn(&State) -> bool) -> usize {
    count(plan, |(before, _), input, _| {
        !matches!(input, Input::Sample { .. }) && is_it(before)
    })
}

fn is_at(state: &State, at: usize) -> bool {
    let main = state.strands.get(&StrandId::MAIN);
    state.stage().is_some() && main.is_some_and(|main| main.at == [at])
}

/// Who has let a stage go on in spite of a streak is not asked about that streak again: it is not there in what follows.
#[test]
fn breaches_that_a_person_has_accepted_hold_the_stage_no_more() {
    let plan = plan(
        "guard a when errors > 5% for 45s then rollback",
        "wait 2m..6m\nstep go $ ./go\nstep more $ ./more",
    );
    let in_streak = |state: &State| state.guards[0].streak.is_some();
    let accepted = count(&plan, |(before, after), input, _| {
        let answered = matches!(input, Input::Answered { .. });
        answered && is_at(before, 0) && in_streak(before) && is_at(after, 1)
    });
    assert!(accepted > 0);
    assert_eq!(
        count_before(&plan, |one| is_at(one, 1) && in_streak(one)),
        0
    );
}

const ASKS: &str = "guard b when errors > 5% then decide within 4m else continue";

fn asks_of_another(state: &State) -> bool {
    let mut open = state.questions.iter();
    open.any(|one| matches!(one.about, QuestionAbout::Guard(guard) if guard.index() == 1))
}

/// What trips one guard shows the other, which reads the same metric, that all is well: its streak is over.
#[test]
fn what_trips_a_guard_ends_the_streak_of_another_one() {
    let guards = format!("guard a when errors > 50% for 45s then rollback\n{ASKS}");
    let plan = plan(&guards, "wait 2m..6m\nstep go $ ./go\nstep more $ ./more");
    let ended = count(&plan, |(before, after), _, _| {
        before.guards[0].streak.is_some()
            && after.guards[0].streak.is_none()
            && !asks_of_another(before)
            && asks_of_another(after)
    });
    assert!(ended > 0);
    let both = |state: &State| asks_of_another(state) && state.guards[0].streak.is_some();
    assert_eq!(count_before(&plan, both), 0);
}

/// The same of one that holds the stage, which is over with that.
#[test]
fn what_trips_a_guard_ends_the_hold_of_another_one() {
    let guards = format!("guard a when errors > 50% then hold\n{ASKS}");
    let plan = plan(&guards, "wait 2m..6m\nstep go $ ./go");
    let released = count(&plan, |(before, after), _, _| {
        before.guards[0].holding
            && before.hold.is_some()
            && after.hold.is_none()
            && !asks_of_another(before)
            && asks_of_another(after)
    });
    assert!(released > 0);
}

/// The same of one that sees nothing right now.
#[test]
fn what_trips_a_guard_shows_another_one_something() {
    let ignores = "{ on blind ignore \"it is often away\" }";
    let guards = format!("guard a when errors > 50% then rollback {ignores}\n{ASKS}");
    let plan = plan(
        &guards,
        "wait 2m..2m30s\nstep go $ ./go\nstep more $ ./more",
    );
    let seen = count(&plan, |(before, after), _, _| {
        before.guards[0].unsighted
            && !after.guards[0].unsighted
            && !asks_of_another(before)
            && asks_of_another(after)
    });
    assert!(seen > 0);
    let both = |state: &State| asks_of_another(state) && state.guards[0].unsighted;
    assert_eq!(count_before(&plan, both), 0);
}

/// Where nothing is wrong, a stage is not held because its runner was away for no time.
#[test]
fn who_takes_a_run_up_looks_and_the_stage_ends() {
    let plan = plan(
        "guard a when errors > 5% then warn",
        "step go protected $ ./go",
    );
    let ends = count(&plan, |(before, after), input, _| {
        before.stage().is_some()
            && after.stage().is_none()
            && after.turn.is_none()
            && matches!(input, Input::Tick)
    });
    assert!(ends > 0);
    let held = |effect: &Effect| matches!(effect, Effect::Say(Note::Held { why, .. }) if why.contains("is not served"));
    let held = count(&plan, |_, _, effects| effects.iter().any(held));
    assert_eq!(held, 0);
}

/// A guard that reads the time since the stage began trips where the time lets it: early, late, and as late as nothing else is.
#[test]
fn a_guard_trips_when_its_time_has_come() {
    let trips = |when: &str| {
        let plan = plan(&format!("guard a when {when} then hold"), "wait 4h..6h");
        count(&plan, |_, _, effects| {
            let tripped = |effect: &Effect| matches!(effect, Effect::Say(Note::Tripped { .. }));
            effects.iter().any(tripped)
        })
    };
    for when in [
        "errors > 5% and elapsed > 3h",
        "errors > 5% and elapsed > 30m for 2m",
        "errors > 5% and elapsed < 10m",
        "errors > 5% and elapsed > 1h and elapsed < 2h",
        "errors > 5% and not (elapsed < 5m) for 2 of 3",
    ] {
        assert!(trips(when) > 0, "{when}");
    }
    assert_eq!(trips("errors > 5% and elapsed > 20h"), 0);
}

/// So does a level that reads it: it is for a rollback in the third hour, which nothing else comes to, and skipped by others.
#[test]
fn a_level_that_reads_the_time_is_there_and_is_not() {
    let plan = planned(
        "runbook \"A\"\nservice a\n\nmetric errors: percent {\n  $ ./errors\n  unit ratio\n}\n\n\
         guard a when errors > 5% then rollback\n\nrollout {\n  stage s {\n    step go $ ./go\n    wait 4h..6h\n  }\n}\n\n\
         rollback {\n  level hour within 5m when elapsed > 2h and elapsed < 3h {\n    step back $ ./back\n  }\n\
         \x20 level any within 5m {\n    step all $ ./all\n  }\n}\n",
    );
    let told = |is_it: fn(&Note) -> bool| {
        count(&plan, |_, _, effects| {
            let mut notes = effects.iter().filter_map(|effect| match effect {
                Effect::Say(note) => Some(note),
                _other => None,
            });
            notes.any(is_it)
        })
    };
    let there = |note: &Note| matches!(note, Note::LevelBegan(level) if level.index() == 0);
    let skipped = |note: &Note| matches!(note, Note::LevelSkipped(level) if level.index() == 0);
    assert!(told(there) > 0);
    assert!(told(skipped) > 0);
}
