//! What every store must do. Each function takes a store that is empty; a second implementation is one more module at the end.

use runbook::engine::{
    Answer, Effect, Input, LeaveWhy, Moment, Note, ReminderNumber, Stamp, Verdict,
};
use runbook::journal::{
    Batch, Durability, Epoch, Event, Hash, Inbox, Liveness, Post, Posted, Resolved, RunId, Seq,
    Standing, Store, StoreError,
};
use runbook::plan::Plan;
use runbook::world::Letter;

use super::recorded::{NOON, alive, claim, create, dead, new_run, owner};
use crate::engine::stage::plan;

pub(super) fn tick(first: u64, standing: &Standing) -> Batch<'_> {
    Batch {
        first: Seq(first),
        stamp: Stamp {
            run: Moment(first * 1_000),
            wall: NOON,
        },
        input: &Input::Tick,
        effects: &[],
        letter: None,
        standing,
        durability: Durability::Lazy,
    }
}

fn other_service() -> Plan {
    let mut plan = plan();
    plan.header.service = "web".into();
    plan
}

/// Writes the next transition, which ends the run.
fn finish(store: &mut dyn Store, run: &RunId, epoch: Epoch, first: u64, verdict: Verdict) {
    let standing = Standing::Over(verdict.clone());
    let effects = [Effect::Finish(verdict)];
    let batch = Batch {
        effects: &effects,
        ..tick(first, &standing)
    };
    store.append(run, epoch, &batch).expect("the end is kept");
}

fn what_is_written_is_read(mut store: impl Store) {
    let plan = plan();
    let (run, epoch) = create(&mut store, &plan);
    let input = Input::Begin {
        by: "ada \u{1F980} \0 'x'; --".into(),
        confirmed: vec!["1".into()],
        entry: runbook::engine::Entrance::Now,
        missing: Vec::new(),
    };
    let effects = [
        Effect::Say(Note::Preparing),
        Effect::Left(LeaveWhy::Interrupted),
    ];
    let standing = Standing::Left(LeaveWhy::Interrupted);
    let batch = Batch {
        input: &input,
        effects: &effects,
        durability: Durability::Durable,
        ..tick(1, &standing)
    };
    store.append(&run, epoch, &batch).unwrap();
    store
        .append(&run, epoch, &tick(4, &Standing::Open))
        .unwrap();

    let entries = store.entries(&run, Seq::FIRST).unwrap();
    let events: Vec<&Event> = entries.iter().map(|entry| &entry.event).collect();
    assert_eq!(
        events,
        [
            &Event::Input(input),
            &Event::Effect(effects[0].clone()),
            &Event::Effect(effects[1].clone()),
            &Event::Input(Input::Tick),
        ]
    );
    let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq.0).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
    assert_eq!(entries[1].stamp.run, Moment(1_000));
    assert_eq!(store.entries(&run, Seq(4)).unwrap(), entries[3..]);

    let stored = store.load(&run).unwrap();
    assert_eq!(stored.plan().unwrap(), plan);
    assert_eq!(stored.source, "runbook \"A small rollout\"\n");
    let meta = &stored.meta;
    assert_eq!(meta.id, run);
    assert_eq!((meta.service.as_str(), meta.by.as_str()), ("api", "ada"));
    assert_eq!((meta.dir.as_str(), meta.speed), ("/srv/app", 1));
    assert_eq!(
        (meta.title.as_str(), meta.started),
        ("A small rollout", NOON)
    );
    assert_eq!(meta.last.run, Moment(4_000));
    assert_eq!(meta.standing, Standing::Open);
    assert_eq!(meta.holder.as_ref().unwrap().owner, owner(1));
    assert_eq!(store.runs().unwrap(), std::slice::from_ref(meta));
    assert_eq!(store.verify(&run).unwrap(), store.head(&run).unwrap());
    assert_eq!(store.head(&run).unwrap().next, Seq(5));
}

fn heads_tell_runs_apart(mut store: impl Store) {
    let one = create(&mut store, &plan()).0;
    let two = create(&mut store, &other_service()).0;
    let head = |run: &RunId| store.head(run).unwrap().hash;
    assert_ne!(head(&one), head(&two));
    assert_ne!(head(&one), Hash::of(b""));
}

fn runs_are_listed_and_found(mut store: impl Store) {
    let one = create(&mut store, &plan()).0;
    let two = create(&mut store, &other_service()).0;
    assert!(two > one, "the later run has the later id");
    let listed: Vec<RunId> = store
        .runs()
        .unwrap()
        .into_iter()
        .map(|meta| meta.id)
        .collect();
    assert_eq!(listed, [two.clone(), one.clone()], "newest first");
    assert_eq!(store.resolve(one.as_str()).unwrap(), one);
    assert_eq!(store.resolve(&one.as_str()[9..]).unwrap(), one);
    assert_eq!(
        store.resolve("2026").unwrap_err(),
        StoreError::Ambiguous {
            typed: "2026".into(),
            runs: vec![one.clone(), two],
        }
    );
    let none = StoreError::NoSuchRun {
        typed: "2025".into(),
    };
    assert_eq!(store.resolve("2025").unwrap_err(), none);
    let gone = RunId::at(0, 0);
    assert!(matches!(
        store.load(&gone),
        Err(StoreError::NoSuchRun { .. })
    ));
    assert!(matches!(
        store.head(&gone),
        Err(StoreError::NoSuchRun { .. })
    ));
    assert!(matches!(
        store.take_lock(&gone, &claim(&owner(1), &dead)),
        Err(StoreError::NoSuchRun { .. })
    ));
}

fn only_the_newest_runner_writes_at_the_right_place(mut store: impl Store) {
    let (run, old) = create(&mut store, &plan());
    let open = Standing::Open;
    let fenced = Err(StoreError::Fenced { run: run.clone() });
    store.append(&run, old, &tick(1, &open)).unwrap();
    assert_eq!(store.append(&run, old, &tick(1, &open)), fenced, "twice");
    assert_eq!(store.append(&run, old, &tick(3, &open)), fenced, "a gap");
    let new = store
        .take_lock(&run, &claim(&owner(2), &dead))
        .unwrap()
        .epoch;
    assert!(new > old);
    assert_eq!(store.append(&run, old, &tick(2, &open)), fenced, "the old");
    store.append(&run, new, &tick(2, &open)).unwrap();
    assert_eq!(store.entries(&run, Seq::FIRST).unwrap().len(), 2);
    // The old runner's farewell does not take the new one's lock away.
    store.release_lock(&run, old).unwrap();
    assert!(store.load(&run).unwrap().meta.holder.is_some());
    store.release_lock(&run, new).unwrap();
    assert!(store.load(&run).unwrap().meta.holder.is_none());
}

fn a_living_runner_is_never_disturbed(mut store: impl Store) {
    let (run, epoch) = create(&mut store, &plan());
    let elsewhere = |_: &_| Liveness::Elsewhere;
    for liveness in [&alive as &dyn Fn(&_) -> _, &elsewhere] {
        for refused in [
            store.take_lock(&run, &claim(&owner(2), liveness)).err(),
            store
                .create_run(&new_run(&plan()), &claim(&owner(2), liveness))
                .err(),
        ] {
            let Some(StoreError::Held(holder)) = refused else {
                panic!("{refused:?}");
            };
            assert_eq!((&holder.run, &holder.owner), (&run, &owner(1)));
            assert_eq!((holder.by.as_str(), holder.since), ("ada", NOON));
        }
    }
    store
        .append(&run, epoch, &tick(1, &Standing::Open))
        .expect("the holder goes on");
    assert_eq!(store.runs().unwrap().len(), 1, "nothing was created");
}

fn an_unfinished_run_keeps_its_service(mut store: impl Store) {
    let (run, epoch) = create(&mut store, &plan());
    let busy = Err(StoreError::Unfinished {
        service: "api".into(),
        run: run.clone(),
    });
    let again = |store: &mut dyn Store| {
        store
            .create_run(&new_run(&plan()), &claim(&owner(2), &dead))
            .map(|_| ())
    };
    // Its runner died, or left it: it is to be resumed, not forgotten.
    assert_eq!(again(&mut store), busy);
    store.release_lock(&run, epoch).unwrap();
    assert_eq!(again(&mut store), busy);
    let left = Standing::Left(LeaveWhy::Held);
    store.append(&run, epoch, &tick(1, &left)).unwrap();
    assert_eq!(again(&mut store), busy);
    // Another service is free.
    create(&mut store, &other_service());
    finish(&mut store, &run, epoch, 2, Verdict::Completed);
    assert_eq!(again(&mut store), Ok(()));
}

fn a_dead_runner_is_reported_and_taken_over(mut store: impl Store) {
    let (run, first) = create(&mut store, &plan());
    let taken = store.take_lock(&run, &claim(&owner(2), &dead)).unwrap();
    assert_eq!(taken.died.unwrap().owner, owner(1));
    store.release_lock(&run, taken.epoch).unwrap();
    let taken = store.take_lock(&run, &claim(&owner(3), &dead)).unwrap();
    assert_eq!(taken.died, None, "the second let go by itself");
    assert_eq!(taken.epoch.0, first.0 + 2);
    // Dead after the end of its run, before it let go: nothing is left to resume.
    finish(&mut store, &run, taken.epoch, 1, Verdict::Completed);
    let (next, taken) = store
        .create_run(&new_run(&plan()), &claim(&owner(4), &dead))
        .unwrap();
    assert_eq!(taken.died.unwrap().run, run);
    assert_ne!(next, run);
    // A run that has ended does not get its service back from one that goes on.
    store.release_lock(&next, taken.epoch).unwrap();
    assert_eq!(
        store.take_lock(&run, &claim(&owner(5), &dead)),
        Err(StoreError::Unfinished {
            service: "api".into(),
            run: next
        })
    );
}

fn a_letter_is_read_once_and_never_lost(mut store: impl Store) {
    let (run, epoch) = create(&mut store, &plan());
    let web = create(&mut store, &other_service()).0;
    let answer = Input::Answered {
        question: None,
        answer: Answer::Continue,
        by: "bob".into(),
        reason: "it is known".into(),
    };
    let post = |input| Post {
        input,
        by: "bob",
        wall: NOON + 1,
    };
    // All that an inbox gives.
    let all = |inbox: &mut dyn Inbox| {
        std::iter::from_fn(|| inbox.next().unwrap()).collect::<Vec<Posted>>()
    };
    let mut inbox = store.inbox(&run).unwrap();
    assert_eq!(all(&mut *inbox), []);
    let first = store.post(&run, &post(&answer)).unwrap();
    store.post(&web, &post(&Input::Tick)).unwrap();
    let second = store.post(&run, &post(&Input::Interrupt)).unwrap();
    let letters = all(&mut *inbox);
    let numbers: Vec<Letter> = letters.iter().map(|posted| posted.letter).collect();
    assert_eq!(numbers, [first, second], "its own, in their order");
    assert_eq!(letters[0].input, answer);
    assert_eq!((letters[0].by.as_str(), letters[0].wall), ("bob", NOON + 1));
    assert_eq!(all(&mut *inbox), [], "given out once");
    let third = store.post(&run, &post(&Input::Tick)).unwrap();
    let letters = all(&mut *inbox);
    assert_eq!(letters.len(), 1, "those before are not given with it again");
    assert_eq!(letters[0].letter, third);
    assert_eq!(
        all(&mut *store.inbox(&run).unwrap()).len(),
        3,
        "still there for a runner that takes over"
    );

    // Read, but the commit does not come about: it is still there.
    let open = Standing::Open;
    let read = |first, letter| Batch {
        letter: Some(letter),
        ..tick(first, &open)
    };
    assert!(store.append(&run, epoch, &read(7, first)).is_err());
    assert_eq!(all(&mut *store.inbox(&run).unwrap()).len(), 3);
    store.append(&run, epoch, &read(1, first)).unwrap();
    // A second time, it takes the whole transition down with it.
    assert!(store.append(&run, epoch, &read(2, first)).is_err());
    assert_eq!(store.head(&run).unwrap().next, Seq(2));
    let rest = all(&mut *store.inbox(&run).unwrap());
    assert_eq!(rest[0].letter, second);
    assert_eq!(rest.len(), 2);
}

fn nobody_writes_to_a_run_that_reads_no_more(mut store: impl Store) {
    let (run, epoch) = create(&mut store, &plan());
    let post = Post {
        input: &Input::Interrupt,
        by: "bob",
        wall: NOON,
    };
    let stuck = Verdict::Stuck { why: "so".into() };
    finish(&mut store, &run, epoch, 1, stuck);
    assert!(
        store.post(&run, &post).is_ok(),
        "a person may bring it back"
    );
    finish(&mut store, &run, epoch, 3, Verdict::Completed);
    let over = StoreError::Over { run: run.clone() };
    assert_eq!(store.post(&run, &post), Err(over));
}

fn commits_are_counted_by_what_they_survive(mut store: impl Store) {
    let before = store.commits();
    let (run, epoch) = create(&mut store, &plan());
    assert_eq!(store.commits().durable, before.durable + 1);
    for first in 1..=5 {
        let durability = if first == 3 {
            Durability::Durable
        } else {
            Durability::Lazy
        };
        let batch = Batch {
            durability,
            ..tick(first, &Standing::Open)
        };
        store.append(&run, epoch, &batch).unwrap();
    }
    let fenced = store.append(&run, epoch, &tick(9, &Standing::Open));
    assert!(fenced.is_err());
    assert_eq!(store.commits().durable, before.durable + 2);
    assert_eq!(store.commits().lazy, before.lazy + 4);
}

/// The orders that leave an incident and two reminders behind.
pub(super) fn left_behind() -> [Effect; 3] {
    let remind = |number, text: &str, due| Effect::Remind {
        reminder: ReminderNumber(number),
        text: text.into(),
        due,
    };
    [
        Effect::Open {
            template: "postmortem".into(),
            text: "# api: \u{1b}[31mred\nrun ${run}, begun ${started}".into(),
        },
        remind(0, "later", NOON + 9_000),
        remind(1, "soon: ${run}", NOON + 5_000),
    ]
}

fn an_incident_is_kept_with_its_order_and_blocks_until_it_is_resolved(mut store: impl Store) {
    let plan = plan();
    let (run, epoch) = create(&mut store, &plan);
    let effects = left_behind();
    let batch = Batch {
        effects: &effects,
        ..tick(1, &Standing::Open)
    };
    // Of a transition that is not taken nothing is kept.
    assert!(store.append(&run, Epoch(9), &batch).is_err());
    assert_eq!(store.incidents().unwrap(), []);
    store.append(&run, epoch, &batch).unwrap();
    let again = Batch {
        effects: &effects,
        ..tick(5, &Standing::Open)
    };
    assert!(store.append(&run, epoch, &again).is_err(), "one for a run");
    assert_eq!(store.head(&run).unwrap().next, Seq(5));

    let incidents = store.incidents().unwrap();
    let [incident] = incidents.as_slice() else {
        panic!("{incidents:?}");
    };
    assert_eq!((&incident.run, incident.service.as_str()), (&run, "api"));
    assert_eq!(incident.template, "postmortem");
    assert_eq!(incident.opened, NOON);
    assert_eq!(incident.resolved, None);
    assert_eq!(incident.title(), "api: [31mred");
    let text = format!("# api: [31mred\nrun {run}, begun 2026-11-23T12:00:00Z");
    assert_eq!(incident.text, text);
    let reminded: Vec<(String, i64)> = store
        .reminders()
        .unwrap()
        .into_iter()
        .map(|one| (one.text, one.due))
        .collect();
    let soon = format!("soon: {run}");
    assert_eq!(
        reminded,
        [(soon, NOON + 5_000), ("later".into(), NOON + 9_000)]
    );

    // Its own run goes on to its end, and is taken up; no other one of the service begins, one of another service does.
    assert!(store.take_lock(&run, &claim(&owner(1), &dead)).is_ok());
    finish(&mut store, &run, Epoch(2), 5, Verdict::Completed);
    let begin = |store: &mut dyn Store, plan: &Plan| {
        let refused = store.create_run(&new_run(plan), &claim(&owner(2), &dead));
        refused.map(|(id, _)| id)
    };
    let open = StoreError::Incident(Box::new(incident.clone()));
    assert_eq!(begin(&mut store, &plan), Err(open));
    let other = begin(&mut store, &other_service()).expect("another service is free");

    let word = Resolved {
        by: "bob".into(),
        note: "a typo".into(),
        wall: NOON + 7_000,
    };
    let nothing = |run: &RunId, resolved| StoreError::NothingLeft {
        run: run.clone(),
        resolved,
    };
    assert_eq!(store.end_left(&other, &word), Err(nothing(&other, None)));
    let left = store.left(&run).unwrap();
    assert_eq!((left.incidents.len(), left.reminders.len()), (1, 2));
    store.verify(&run).unwrap();
    let ended = store.end_left(&run, &word).unwrap();
    assert_eq!((ended.incidents, ended.reminders), (1, 2));
    let resolved = store.incidents().unwrap().remove(0).resolved;
    assert_eq!(resolved, Some(word.clone()));
    assert_eq!(store.reminders().unwrap(), []);
    // What a person ended is still what the journal ordered.
    assert_eq!(store.left(&run).unwrap().reminders, left.reminders);
    store.verify(&run).unwrap();
    let twice = Resolved {
        by: "eve".into(),
        ..word.clone()
    };
    assert_eq!(store.end_left(&run, &twice), Err(nothing(&run, Some(word))));
    assert!(begin(&mut store, &plan).is_ok());
}

fn several_transitions_are_all_there_or_none(mut store: impl Store) {
    let (run, epoch) = create(&mut store, &plan());
    let open = Standing::Open;
    let over = Standing::Over(Verdict::Completed);
    let before = store.commits();
    let durable = Batch {
        durability: Durability::Durable,
        ..tick(2, &open)
    };
    store
        .append_all(&run, epoch, &[tick(1, &open), durable, tick(3, &open)])
        .unwrap();
    // One commit, as durable as the most durable of them.
    let after = store.commits();
    assert_eq!(after.durable, before.durable + 1);
    assert_eq!(after.lazy, before.lazy);
    assert_eq!(store.entries(&run, Seq::FIRST).unwrap().len(), 3);
    let head = store.head(&run).unwrap();
    // The last of them does not follow: nothing of it is there, its standing neither.
    let gap = [tick(4, &open), tick(5, &over), tick(9, &open)];
    assert!(matches!(
        store.append_all(&run, epoch, &gap),
        Err(StoreError::Fenced { .. })
    ));
    assert_eq!(store.head(&run).unwrap(), head);
    assert_eq!(store.load(&run).unwrap().meta.standing, open);
    // The letter of the second is not there: the first is not written either.
    let lost = Batch {
        letter: Some(Letter(4_711)),
        ..tick(5, &open)
    };
    assert!(
        store
            .append_all(&run, epoch, &[tick(4, &open), lost])
            .is_err()
    );
    assert_eq!(store.head(&run).unwrap(), head);
    assert_eq!(store.verify(&run).unwrap(), head);
    store.append_all(&run, epoch, &[]).unwrap();
    assert_eq!(store.head(&run).unwrap(), head);
}

/// What is opened twice is one store.
fn what_one_opening_writes_the_other_reads<S: Store>(open: impl Fn() -> S) {
    let (mut here, mut there) = (open(), open());
    let (run, old) = create(&mut here, &plan());
    let standing = Standing::Open;
    here.append(&run, old, &tick(1, &standing)).unwrap();
    assert_eq!(there.entries(&run, Seq::FIRST).unwrap().len(), 1);
    // The service is taken, whoever asks.
    let busy = there.create_run(&new_run(&plan()), &claim(&owner(2), &alive));
    assert!(matches!(busy, Err(StoreError::Held(_))), "{busy:?}");
    // Taken over there: the old runner is fenced off here, and its letters go there.
    let new = there
        .take_lock(&run, &claim(&owner(2), &dead))
        .unwrap()
        .epoch;
    let late = here.append(&run, old, &tick(2, &standing));
    assert!(matches!(late, Err(StoreError::Fenced { .. })), "{late:?}");
    let mut inbox = there.inbox(&run).unwrap();
    let post = Post {
        input: &Input::Interrupt,
        by: "bob",
        wall: NOON,
    };
    let letter = here.post(&run, &post).unwrap();
    assert_eq!(inbox.next().unwrap().unwrap().letter, letter);
    let read = Batch {
        letter: Some(letter),
        ..tick(2, &standing)
    };
    there.append(&run, new, &read).unwrap();
    assert_eq!(here.head(&run).unwrap(), there.head(&run).unwrap());
    assert_eq!(here.verify(&run).unwrap(), there.head(&run).unwrap());
}

/// Many begin at once on one service: one is let in.
fn many_at_once_are_one<S: Store>(open: impl Fn() -> S + Sync) {
    drop(open());
    let begun = std::thread::scope(|scope| {
        let tries: Vec<_> = (1..=8)
            .map(|pid| {
                let open = &open;
                scope.spawn(move || {
                    let owner = owner(pid);
                    let made = open().create_run(&new_run(&plan()), &claim(&owner, &alive));
                    match made {
                        Ok(_) => 1,
                        Err(StoreError::Held(_)) => 0,
                        Err(other) => panic!("{other}"),
                    }
                })
            })
            .collect();
        tries
            .into_iter()
            .map(|one| one.join().expect("nobody panics"))
            .sum::<usize>()
    });
    assert_eq!(begun, 1);
    assert_eq!(open().runs().unwrap().len(), 1);
}

macro_rules! conformance_opened {
    ($store:expr, $($law:ident),+ $(,)?) => {
        $(
            #[test]
            fn $law() {
                let directory = crate::journal::recorded::directory();
                super::$law(|| $store(directory.path()));
            }
        )+
    };
}

macro_rules! conformance {
    ($store:expr, $($law:ident),+ $(,)?) => {
        $(
            #[test]
            fn $law() {
                let directory = crate::journal::recorded::directory();
                super::$law($store(directory.path()));
            }
        )+
    };
}

mod sqlite {
    use crate::journal::recorded::open;

    conformance!(
        open,
        what_is_written_is_read,
        heads_tell_runs_apart,
        runs_are_listed_and_found,
        only_the_newest_runner_writes_at_the_right_place,
        a_living_runner_is_never_disturbed,
        an_unfinished_run_keeps_its_service,
        a_dead_runner_is_reported_and_taken_over,
        a_letter_is_read_once_and_never_lost,
        nobody_writes_to_a_run_that_reads_no_more,
        commits_are_counted_by_what_they_survive,
        an_incident_is_kept_with_its_order_and_blocks_until_it_is_resolved,
        several_transitions_are_all_there_or_none,
    );

    conformance_opened!(
        open,
        what_one_opening_writes_the_other_reads,
        many_at_once_are_one,
    );
}
