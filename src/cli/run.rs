//! `run` and `resume`: a rollout, driven in the real world and kept in the journal.

use std::ffi::OsString;
use std::fs::File;
use std::io::{IsTerminal, stderr};
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use super::args::{Common, ResumeArgs, RunArgs, RunnerArgs};
use super::compile::compile;
use super::confirm::confirmations;
use super::say::Say;
use super::show::Screen;
use super::{USAGE, again, busy, incident, overdue, place, status, upset};
use crate::engine::{Entrance, Input, LeaveWhy, Stamp, State, Verdict};
use crate::execute::{Execute, OnHold, Options, Patience, instant};
use crate::journal::{
    Claim, Epoch, NewRun, Owner, Posted, Replayed, RunId, Seq, Standing, Store, StoreError, Writer,
    replay,
};
use crate::plan::{Plan, level_bound};
use crate::report::{Names, accepted, exit_status, left_status, of_migrations, ways};
use crate::value::Millis;
use crate::world::{self, Ended};

/// The status of a runner that could not go on writing, or was told to leave at once.
pub(super) const INTERRUPTED: u8 = 75;

/// The environment that commands inherit.
pub(super) type Environment = Vec<(OsString, OsString)>;

/// `run`.
pub(super) fn run(args: &RunArgs, common: &Common, say: &Say) -> u8 {
    run_in(args, common, say, std::env::vars_os().collect())
}

/// `run`, with another environment for its commands.
pub(super) fn run_in(args: &RunArgs, common: &Common, say: &Say, environment: Environment) -> u8 {
    let proved = compile(&args.file, &args.values, say).and_then(|made| made.proved(say));
    let (mut plan, source) = match proved {
        Ok(proved) => proved,
        Err(status) => return status,
    };
    let Ok(dir) = std::env::current_dir() else {
        say.error("the current directory is gone", "change to one that exists");
        return USAGE;
    };
    if let Err(status) = learn_hosts(&mut plan, &dir, &environment, say) {
        return status;
    }
    let confirmed = match confirmations(&plan, args, say) {
        Ok(confirmed) => confirmed,
        Err(status) => return status,
    };
    if plan.window.is_none() && (args.hotfix.is_some() || args.wait.is_some()) {
        say.error(
            "this runbook chooses no window, so there is nothing to wait for or to override",
            "leave --wait and --hotfix out",
        );
        return USAGE;
    }
    let Some(mut store) = place::open(common, say) else {
        return USAGE;
    };
    incident::remind_due(&store, Some(&plan.header.service), say);
    let by = place::person(args.runner.by.as_ref());
    let speed = args.rehearse.unwrap_or(1);
    let mut missing = crate::execute::missing(&plan, &dir, &environment);
    if terminal(&args.runner).is_none() {
        missing.extend(crate::execute::unattended(&plan));
    }
    let begin = Input::Begin {
        by: by.clone(),
        confirmed,
        entry: entry(args),
        missing,
    };
    let new = NewRun {
        plan: &plan,
        source: &source,
        program: env!("CARGO_PKG_VERSION"),
        dir: &dir.to_string_lossy(),
        speed,
        begin: &begin,
    };
    say.never_wait();
    let mut started = 0;
    let created = claimed(&by, |claim| {
        started = claim.wall;
        store.create_run(&new, claim)
    });
    let (id, epoch) = match created {
        Ok((id, taken)) => (id, taken.epoch),
        Err(error) => {
            place::store_error(&error, say);
            return refused(&error);
        }
    };
    say.tell(&format!(
        "run {id}: {} (service {}){}",
        plan.header.title,
        plan.header.service,
        place::rehearsal(speed)
    ));
    for one in &plan.migrations {
        say.row("checked", &of_migrations(one));
    }
    for one in &plan.waived {
        say.row("accepted", &accepted(one));
    }
    let outputs = match store.place().run_directory(&id) {
        Ok(outputs) => outputs,
        Err(error) => {
            place::store_error(&error, say);
            return USAGE;
        }
    };
    let drive = Drive {
        plan: &plan,
        id,
        epoch,
        by,
        dir,
        outputs,
        speed,
        environment,
        started,
        taken_up: None,
    };
    drive.go(&mut store, begin, &args.runner, say)
}

/// Asks which hosts there are. What is answered is part of the plan, and the journal holds that.
fn learn_hosts(
    plan: &mut Plan,
    dir: &std::path::Path,
    environment: &[(OsString, OsString)],
    say: &Say,
) -> Result<(), u8> {
    let refused = |why: &str, help: &str| {
        say.error(&format!("{why}; nothing was changed"), help);
        Err(exit_status(&Verdict::Refused { why: Vec::new() }))
    };
    let known = match crate::execute::ask_hosts(plan, dir, environment) {
        Ok(known) => known,
        Err(why) => {
            return refused(
                &why,
                "their command must print a host a line: [USER@]ADDRESS[:PORT]",
            );
        }
    };
    for (id, hosts) in known {
        let names: Vec<&str> = hosts.iter().map(|one| one.name.as_str()).collect();
        let group = plan.hosts(id).map_or("?", |group| group.name.as_str());
        say.tell(&format!("hosts {group}: {}", names.join(", ")));
        plan.learn_hosts(id, hosts);
    }
    // With as many hosts as there are, a level may take longer than it is given.
    for level in plan.rollback.iter().flat_map(|one| &one.levels) {
        let bound = level_bound(plan, level).total;
        if bound > level.within {
            return refused(
                &format!(
                    "with these hosts level {} can take {bound}, and has {}",
                    level.name, level.within
                ),
                "give the level more time, or let more of them run at once, with `at most N`; what is undone is undone on one host after the other",
            );
        }
    }
    Ok(())
}

/// `resume`.
pub(super) fn resume(args: &ResumeArgs, common: &Common, say: &Say) -> u8 {
    let Some(mut store) = place::open_existing(common, say) else {
        return USAGE;
    };
    match store.resolve(&args.run) {
        Ok(id) => take_up(&mut store, &id, &args.runner, say),
        Err(error) => {
            place::store_error(&error, say);
            USAGE
        }
    }
}

/// Takes a run up again and drives it to its end, or to where it is left again.
pub(super) fn take_up(
    store: &mut crate::journal::sqlite::SqliteStore,
    id: &RunId,
    runner: &RunnerArgs,
    say: &Say,
) -> u8 {
    let fail = |error: &StoreError| {
        place::store_error(error, say);
        refused(error)
    };
    let stored = match store.load(id) {
        Ok(stored) => stored,
        Err(error) => return fail(&error),
    };
    let by = place::person(runner.by.as_ref());
    let letters = stored.meta.standing.reads_letters()
        && overdue::letters(store, id).is_ok_and(|all| !all.is_empty());
    if let Standing::Over(verdict) = &stored.meta.standing
        && !letters
    {
        again::ended(id, verdict, &stored, say);
        return exit_status(verdict);
    }
    say.never_wait();
    // The lock first: what is read after it is what the last runner left.
    let epoch = match claimed(&by, |claim| store.take_lock(id, claim)) {
        Ok(taken) => taken.epoch,
        Err(error) => return fail(&error),
    };
    // A journal that is not whole is not gone on with.
    let read = store
        .verify(id)
        .and_then(|_| Ok((stored.plan()?, store.entries(id, Seq::FIRST)?)));
    let (plan, entries) = match read {
        Ok(read) => read,
        Err(error) => return fail(&error),
    };
    let replayed = match replay(&plan, &entries) {
        Ok(replayed) => replayed,
        Err(error) => return fail(&StoreError::from(error)),
    };
    let outputs = match store.place().run_directory(id) {
        Ok(outputs) => outputs,
        Err(error) => return fail(&error),
    };
    say.tell(&format!(
        "run {id}: {} (service {}), taken up by {by}{}",
        plan.header.title,
        plan.header.service,
        place::rehearsal(stored.meta.speed)
    ));
    if !letters {
        open_questions(id, &replayed.state, say);
    }
    let dir = PathBuf::from(&stored.meta.dir);
    let environment: Environment = std::env::vars_os().collect();
    let equipped = again::equipped(
        (&plan, &replayed.state),
        (store, id),
        (&dir, &environment),
        say,
    );
    if let Err(status) = equipped {
        if let Err(error) = store.release_lock(id, epoch) {
            place::store_error(&error, say);
        }
        return status;
    }
    let first = if replayed.next == Seq::FIRST {
        // The last runner died before it wrote anything: the run begins as it was told to.
        match stored.begin() {
            Ok(begin) => begin.unwrap_or_else(|| Input::Begin {
                by: stored.meta.by.clone(),
                confirmed: Vec::new(),
                entry: Entrance::Now,
                missing: Vec::new(),
            }),
            Err(error) => return fail(&error),
        }
    } else {
        Input::Resumed { by: by.clone() }
    };
    let drive = Drive {
        plan: &plan,
        id: id.clone(),
        epoch,
        by,
        dir,
        outputs,
        speed: stored.meta.speed,
        environment,
        started: stored.meta.started,
        taken_up: Some(replayed),
    };
    drive.go(store, first, runner, say)
}

/// What the run does when its window is closed.
fn entry(args: &RunArgs) -> Entrance {
    match (&args.hotfix, args.wait) {
        (Some(reason), _) => Entrance::Hotfix {
            reason: reason.clone(),
        },
        (None, Some(most)) => Entrance::Wait { most },
        (None, None) => Entrance::Now,
    }
}

/// Tries to take a lock as this process.
fn claimed<T>(
    by: &str,
    take: impl FnOnce(&Claim<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let owner = Owner::this().map_err(|error| StoreError::Failed {
        why: format!("this process cannot be told from others: {error}"),
    })?;
    let here = owner.clone();
    take(&Claim {
        owner: &owner,
        by,
        wall: place::now(),
        liveness: &|other| other.liveness(&here),
    })
}

/// The status of a run that the store does not let begin.
fn refused(error: &StoreError) -> u8 {
    match error {
        StoreError::Held(_) | StoreError::Unfinished { .. } | StoreError::Incident(_) => 5,
        StoreError::NotWritable { .. }
        | StoreError::DiskFull
        | StoreError::NotOurs { .. }
        | StoreError::Symlink { .. }
        | StoreError::Newer { .. }
        | StoreError::Corrupted { .. }
        | StoreError::Gone { .. }
        | StoreError::Busy
        | StoreError::NoSuchRun { .. }
        | StoreError::Ambiguous { .. }
        | StoreError::NothingLeft { .. }
        | StoreError::Over { .. }
        | StoreError::Fenced { .. }
        | StoreError::Failed { .. } => USAGE,
    }
}

/// A run to be driven.
struct Drive<'a> {
    plan: &'a Plan,
    id: RunId,
    epoch: Epoch,
    by: String,
    dir: PathBuf,
    outputs: PathBuf,
    speed: u32,
    environment: Environment,
    started: i64,
    taken_up: Option<Replayed>,
}

impl Drive<'_> {
    fn go(self, store: &mut dyn Store, first: Input, runner: &RunnerArgs, say: &Say) -> u8 {
        let inbox = match store.inbox(&self.id) {
            Ok(inbox) => inbox,
            Err(error) => {
                place::store_error(&error, say);
                return USAGE;
            }
        };
        let last = self
            .taken_up
            .as_ref()
            .map(|replayed| replayed.last)
            .filter(|last| *last != Stamp::default());
        let options = Options {
            run: self.id.to_string(),
            started: self.started,
            last,
            by: self.by.clone(),
            dir: self.dir.clone(),
            environment: self.environment.clone(),
            // Not the path where it lies: this is the program that runs, even when a new one was put there meanwhile.
            supervisor: "/proc/self/exe".into(),
            outputs: self.outputs.clone(),
            temp: std::env::temp_dir(),
            patience: Patience::default(),
            speed: f64::from(self.speed),
            on_hold: if runner.detach_on_hold {
                OnHold::Leave
            } else {
                OnHold::Stay
            },
            terminal: terminal(runner),
        };
        if let Some(by) = upset::wall_clock() {
            crate::execute::shift_wall_clock(by);
        }
        let screen = Screen::new(
            say,
            (self.id.as_str(), &instant(self.started)),
            &self.outputs,
        );
        let mut world = match Execute::new(options, Box::new(screen), letters(inbox)) {
            Ok(world) => world,
            Err(error) => {
                say.error(
                    &format!("the runner cannot start: {error}"),
                    &format!(
                        "the run is not over: `runbook resume {}` takes it up",
                        self.id
                    ),
                );
                return INTERRUPTED;
            }
        };
        world.tell(first);
        let mut state = match &self.taken_up {
            Some(replayed) => {
                world.recover(&replayed.state);
                replayed.state.clone()
            }
            None => State::new(self.plan),
        };
        let ended = {
            let mut writer = match &self.taken_up {
                Some(replayed) => Writer::resume(store, self.id.clone(), self.epoch, replayed),
                None => Writer::new(store, self.id.clone(), self.epoch),
            }
            .with_patience(busy::patience(say));
            if let Some(point) = upset::fail_point() {
                writer = writer.with_hook(move |boundary| {
                    if point.is_at(boundary) {
                        std::process::abort();
                    }
                });
            }
            world::run(self.plan, &mut state, &mut world, &mut writer)
        };
        drop(world);
        match ended {
            Ok(ended) => {
                if let Err(error) = store.release_lock(&self.id, self.epoch) {
                    place::store_error(&error, say);
                }
                self.summary(store, &state, &ended, say)
            }
            Err(error) => {
                place::store_error(&error, say);
                say.tell(&format!(
                    "run {} stops here: what was decided last could not be recorded, so none of it was done",
                    self.id
                ));
                say.next("go on", &format!("runbook resume {}", self.id));
                INTERRUPTED
            }
        }
    }

    /// The last lines: what happened, where the evidence is, what can be done now.
    fn summary(&self, store: &dyn Store, state: &State, ended: &Ended, say: &Say) -> u8 {
        let id = &self.id;
        let took = Millis(state.now.0 / 1000 * 1000);
        say.tell("");
        let status = match ended {
            Ended::Over(verdict) => {
                self.verdict(verdict, (state, took), say);
                exit_status(verdict)
            }
            Ended::Left(why) => {
                say.tell(&format!(
                    "run {id} is not over; it was left after {took}{}",
                    left(*why)
                ));
                open_questions(id, state, say);
                if let Some(hold) = &state.hold {
                    say.row("held", &hold.why);
                }
                say.row("go on", &format!("runbook resume {id}"));
                say.row("go back", &format!("runbook rollback {id} --reason \"…\""));
                left_status(*why)
            }
            Ended::Silent => {
                say.tell(&format!(
                    "run {id} is not over; it was left at once after {took}"
                ));
                say.tell("  a step that was running may still run; `resume` finds out");
                say.row("go on", &format!("runbook resume {id}"));
                INTERRUPTED
            }
        };
        // What cannot be read now has been said when it happened.
        for one in status::untold(store, id, self.plan).unwrap_or_default() {
            say.row("untold", &one);
        }
        if state.incident && matches!(ended, Ended::Over(_)) {
            let service = &self.plan.header.service;
            say.row(
                "incident",
                &format!("no rollout of {service} begins until it is resolved"),
            );
            say.row("", &incident::typed(id));
        }
        if let Some(reason) = &state.hotfix {
            say.row("hotfix", &format!("the window did not bind it: {reason}"));
        }
        for one in &self.plan.waived {
            say.row("accepted", &accepted(one));
        }
        let head = store
            .head(id)
            .map_or_else(|_| String::new(), |head| format!("  (head {})", head.hash));
        say.row("evidence", &format!("runbook log {id}{head}"));
        if let Some(more) = say.everywhere() {
            say.row("", &more);
        }
        status
    }

    fn verdict(&self, verdict: &Verdict, (state, took): (&State, Millis), say: &Say) {
        let id = &self.id;
        match verdict {
            Verdict::Completed => say.tell(&format!("run {id} completed after {took}")),
            Verdict::RolledBack { level } => {
                let by = Names(self.plan).brought_back(*level);
                say.tell(&format!("run {id} rolled back {by}, after {took}"));
                say.row("why", &state.reason);
            }
            Verdict::WentForward { level } => {
                let by = Names(self.plan).brought_back(*level);
                say.tell(&format!("run {id} went forward {by}, after {took}"));
                say.row("why", &state.reason);
                if let Some(why) = &state.past_return {
                    say.row("no return", why);
                }
            }
            Verdict::Stuck { why } => {
                say.tell(&format!(
                    "run {id} is stuck after {took}: a person is needed"
                ));
                say.row("why", why);
                let way = state.way();
                let mut levels = self.plan.levels_on(way).map(|level| level.name.as_str());
                // Where there is one level there is nothing to choose.
                let from = match (levels.next(), levels.next()) {
                    (Some(_), None) | (None, _) => String::new(),
                    (Some(_), Some(_)) => " --from LEVEL".to_owned(),
                };
                let typed = format!("runbook rollback {id}{from} --reason \"…\"");
                say.row("try again", &typed);
            }
            Verdict::Aborted { why } => {
                say.tell(&format!(
                    "run {id} aborted after {took}; nothing was changed"
                ));
                say.row("why", why);
            }
            Verdict::Refused { why } => {
                say.tell(&format!("run {id} was refused; nothing was changed"));
                for reason in why {
                    say.row("why", reason);
                }
            }
        }
    }
}

/// What a person is asked, and what to type for each answer.
fn open_questions(id: &RunId, state: &State, say: &Say) {
    for question in &state.questions {
        say.row("open", &question.text);
        for way in ways(id.as_str(), question, &state.questions) {
            say.row("", &way);
        }
    }
}

fn left(why: LeaveWhy) -> &'static str {
    match why {
        LeaveWhy::Interrupted => "",
        LeaveWhy::Held => ", held",
        LeaveWhy::Unknown => ": the outcome of a step is unknown",
        LeaveWhy::Unanswered => ": a question is open",
    }
}

/// Hands out letters one by one.
fn letters<'a>(
    mut inbox: Box<dyn crate::journal::Inbox + Send>,
) -> Box<dyn FnMut() -> Option<(crate::world::Letter, Input)> + 'a> {
    Box::new(move || {
        // A store that cannot be read now is read again at the next look.
        let posted: Posted = inbox.next().ok().flatten()?;
        Some((posted.letter, posted.input))
    })
}

/// The terminal of the person, opened for questions alone.
fn terminal(runner: &RunnerArgs) -> Option<OwnedFd> {
    if runner.non_interactive || !stderr().is_terminal() {
        return None;
    }
    File::open("/dev/tty").ok().map(OwnedFd::from)
}
