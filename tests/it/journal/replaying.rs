//! Journals brought back: every prefix, and what is not a journal.

use runbook::engine::{
    Attempt, Effect, Input, LeaveWhy, Moment, Note, Outcome, Phase, Running, Stamp, State,
    StrandId, Verdict, Work,
};
use runbook::journal::{
    Commits, Entry, Event, ReplayError, Replayed, Seq, Standing, Store, StoreError, Writer, replay,
};
use runbook::plan::{ExposureId, Plan};
use runbook::simulate::Scenario;
use runbook::world::{Ended, Fact, Record};

use super::recorded::{Death, begin, claim, create, dead, directory, open, owner, take_up};
use crate::engine::stage::plan;

fn recorded(plan: &Plan) -> Vec<Entry> {
    let home = directory();
    let mut store = open(home.path());
    let scenario = Scenario::all_goes_well(plan, "ada");
    let (id, ended) = begin(&mut store, (plan, scenario), Death::Never, &mut Vec::new());
    ended.unwrap();
    store.entries(&id, Seq::FIRST).unwrap()
}

#[test]
fn every_prefix_is_a_state_or_is_refused() {
    let plan = plan();
    let entries = recorded(&plan);
    let (mut whole, mut cut) = (0, 0);
    for length in 0..=entries.len() {
        let prefix = &entries[..length];
        // A commit is one transaction, so a journal ends with one; when only words are missing from the last one, nothing is lost.
        let at_a_commit = entries[length..]
            .iter()
            .take_while(|next| matches!(next.event, Event::Effect(_)))
            .all(|next| matches!(next.event, Event::Effect(Effect::Say(_))));
        match replay(&plan, prefix) {
            Ok(replayed) => {
                assert!(at_a_commit, "row {length} is in the middle of a commit");
                assert_eq!(replayed.next, Seq::FIRST.after(length as u64));
                assert_eq!(
                    replayed.last,
                    prefix.last().map_or_else(Default::default, |e| e.stamp)
                );
                whole += 1;
            }
            Err(ReplayError::Diverged(divergence)) => {
                assert!(!at_a_commit, "row {length}: {divergence:?}");
                assert_eq!(divergence.recorded, None);
                assert!(divergence.produced.is_some());
                cut += 1;
            }
            Err(ReplayError::Broken { seq, why }) => panic!("{seq:?}: {why}"),
        }
    }
    assert!(whole > 50 && cut > 50, "{whole} whole, {cut} cut");
    let end = replay(&plan, &entries).unwrap();
    assert_eq!(end.standing(), Standing::Over(Verdict::Completed));
    assert_eq!(end.outstanding(), Vec::new());
}

#[test]
fn an_engine_that_decides_otherwise_is_found_out() {
    let plan = plan();
    let entries = recorded(&plan);
    let mut effects = 0;
    for (at, entry) in entries.iter().enumerate() {
        let mut changed = entries.clone();
        let Event::Effect(effect) = &entry.event else {
            continue;
        };
        if matches!(effect, Effect::Say(_)) {
            // Another version may word what it says otherwise.
            changed[at].event = Event::Effect(Effect::Say(Note::Released));
            assert!(replay(&plan, &changed).is_ok());
            continue;
        }
        effects += 1;
        changed[at].event = Event::Effect(Effect::Left(LeaveWhy::Held));
        let error = replay(&plan, &changed).unwrap_err();
        let ReplayError::Diverged(divergence) = &error else {
            panic!("{error}");
        };
        assert_eq!(divergence.seq, entry.seq);
        assert_eq!(divergence.recorded, Some(Effect::Left(LeaveWhy::Held)));
        let text = error.to_string();
        assert!(
            text.contains("would have decided otherwise at row"),
            "{text}"
        );
    }
    assert!(effects > 50, "{effects} effects");
    // The same facts under another plan.
    let mut other = plan.clone();
    other.stages[1].name = "small".into();
    other.stages.swap(1, 2);
    assert!(matches!(
        replay(&other, &entries),
        Err(ReplayError::Diverged(_))
    ));
}

#[test]
fn rows_with_gaps_are_no_journal() {
    let plan = plan();
    let entries = recorded(&plan);
    for gap in 0..entries.len() - 1 {
        let mut missing = entries.clone();
        missing.remove(gap);
        let error = replay(&plan, &missing).unwrap_err();
        assert!(matches!(
            error,
            ReplayError::Broken { .. } | ReplayError::Diverged(_)
        ));
    }
    let error = replay(&plan, &entries[1..]).unwrap_err();
    assert!(matches!(error, ReplayError::Broken { .. }), "{error}");
}

/// Of a run that was left and is taken up the store says that it goes on, with every commit, and not what it was before.
#[test]
fn a_run_that_is_taken_up_stands_open_with_every_commit() {
    let plan = plan();
    let why = LeaveWhy::Interrupted;
    for commits in 1..5 {
        let home = directory();
        let mut store = open(home.path());
        let mut scenario = Scenario::all_goes_well(&plan, "ada");
        scenario.facts = vec![(Moment(120_000), Input::Leave { why })];
        let mut begun = Vec::new();
        let (id, ended) = begin(&mut store, (&plan, scenario), Death::Never, &mut begun);
        assert_eq!(ended.unwrap(), Ended::Left(why));
        let standing = |store: &dyn Store| store.load(&id).unwrap().meta.standing;
        assert_eq!(standing(&store), Standing::Left(why));
        let scenario = Scenario::all_goes_well(&plan, "ada");
        let dies = Death::After(commits);
        take_up(&mut store, &id, (scenario, dies), &mut begun).unwrap_err();
        assert_eq!(standing(&store), Standing::Open, "after {commits} commits");
    }
}

/// Keeps one fact, from which nothing follows, of a run that is taken up in this state. What that cost, and how the run stands.
fn kept(change: impl FnOnce(&mut State), input: Input) -> (Commits, Standing) {
    let plan = plan();
    let home = directory();
    let mut store = open(home.path());
    let (run, epoch) = create(&mut store, &plan);
    let mut state = State::new(&plan);
    change(&mut state);
    let (last, next) = (Stamp::default(), Seq::FIRST);
    let replayed = Replayed { state, last, next };
    let before = store.commits();
    let fact = Fact {
        stamp: last,
        input,
        letter: None,
    };
    let mut writer = Writer::resume(&mut store, run.clone(), epoch, &replayed);
    writer.keep(&fact, &[]).expect("it is kept");
    drop(writer);
    let after = store.commits();
    let cost = Commits {
        durable: after.durable - before.durable,
        lazy: after.lazy - before.lazy,
    };
    (cost, store.load(&run).expect("it is there").meta.standing)
}

/// What the runner before had under way may have changed production, whoever hears how it ended.
#[test]
fn the_end_of_what_another_runner_began_is_on_the_disk() {
    let attempt = Attempt(3);
    let outcome = Outcome::TimedOut;
    let set = Work::Set {
        exposure: ExposureId(0),
        target: 10.0,
    };
    let running = |work| {
        move |state: &mut State| {
            state.running.push(Running {
                attempt,
                strand: StrandId::MAIN,
                work,
                since: Moment(0),
                stopping: false,
            });
        }
    };
    let ended = Input::Ended { attempt, outcome };
    let (cost, _) = kept(running(set), ended.clone());
    assert_eq!((cost.durable, cost.lazy), (1, 0));
    let read = Work::Read {
        exposure: ExposureId(0),
    };
    let (cost, _) = kept(running(read), ended);
    assert_eq!((cost.durable, cost.lazy), (0, 1));
}

/// A stuck run that somebody looks at again is stuck until something follows from that.
#[test]
fn a_run_that_is_taken_up_stands_as_it_stood() {
    let why = "no rollback level is left".to_owned();
    let verdict = Verdict::Stuck { why };
    let stuck = verdict.clone();
    let (_, standing) = kept(|state| state.phase = Phase::Final(stuck), Input::Tick);
    assert_eq!(standing, Standing::Over(verdict));
}

/// A runner that was taken for dead learns it with its next commit, and nothing of that is written.
#[test]
fn a_runner_whose_run_another_has_taken_up_keeps_nothing_more() {
    let plan = plan();
    let home = directory();
    let mut store = open(home.path());
    let (run, epoch) = create(&mut store, &plan);
    let other = owner(2);
    let taken = store.take_lock(&run, &claim(&other, &dead));
    assert!(taken.expect("the other is dead").epoch > epoch);
    let fact = Fact {
        stamp: Stamp::default(),
        input: Input::Tick,
        letter: None,
    };
    let kept = Writer::new(&mut store, run.clone(), epoch).keep(&fact, &[]);
    assert_eq!(kept, Err(StoreError::Fenced { run: run.clone() }));
    assert_eq!(store.rows(&run, Seq::FIRST), Ok(Vec::new()));
}
