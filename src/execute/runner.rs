//! Owns [`Execute`]: what is under way, and the one place that waits. Everything that can happen comes out of `next`, one fact at
//! a time.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::clock::{Clock, Look};
use super::leaving::Leaving;
use super::notify;
use super::operator::Operator;
use super::options::{Inbox, Options};
use super::outputs;
use super::person::{Person, Wish};
use super::scene::Base;
use super::server::Server;
use super::show::Show;
use super::signals::{Sent, Signals};
use super::underway::Underway;
use super::web::Web;
use super::work::Tools;
use crate::engine::{Attempt, Effect, Input, Moment, Question, QuestionNumber, Stamp, State, Work};
use crate::plan::{Interactive, Plan};
use crate::value::Millis;
use crate::world::{Fact, Letter, World};

/// The longest time without a look at the clocks and the inbox.
const LOOK: Duration = Duration::from_millis(250);

/// A runner that has not looked at the clock for so long did not run.
const ASLEEP_MICROS: u64 = 2_000_000;

/// The real world.
pub struct Execute<'a> {
    runtime: Runtime,
    clock: Clock,
    underway: Underway,
    show: Box<dyn Show + 'a>,
    inbox: Inbox<'a>,
    signals: Signals,
    person: Person,
    leaving: Leaving,
    /// What ended, answered or arrived.
    reports: UnboundedReceiver<Input>,
    /// What is told before anything else.
    queue: VecDeque<Input>,
    /// What was found in the inbox before its turn.
    heard: VecDeque<(Letter, Input)>,
    /// When the inbox was last looked into.
    polled: Option<u64>,
    /// Someone wanted to leave at once.
    gone: bool,
    /// When this runner last had a look at the world: boot time, and the time of the run.
    awake: (u64, Moment),
    /// What the journal heard last before this runner.
    last: Option<Moment>,
}

/// What ended a wait.
enum Event {
    Sent(Sent),
    Report(Input),
    Time,
}

impl<'a> Execute<'a> {
    /// Makes the world ready. The first fact has to be given by [`Self::tell`].
    ///
    /// # Errors
    /// When the system refuses the folder of outputs, the signals or the terminal.
    pub fn new(options: Options, show: Box<dyn Show + 'a>, inbox: Inbox<'a>) -> io::Result<Self> {
        outputs::make_folder(&options.outputs)?;
        room()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (signals, operator) = {
            let _inside = runtime.enter();
            let operator = options.terminal.map(Operator::new).transpose()?;
            (Signals::listen()?, operator)
        };
        let now = Look::now();
        let speed = if options.speed > 0.0 {
            options.speed
        } else {
            1.0
        };
        let last = options.last.map(|last| last.run);
        let clock = Clock::new(now, options.last, speed);
        let since = clock.stamp(now).run;
        let (report, reports) = unbounded_channel();
        let base = Base {
            run: options.run,
            started: notify::instant(options.started),
            dir: options.dir,
            environment: options.environment,
        };
        let tools = Tools {
            base: Arc::new(base),
            web: Arc::new(Web::default()),
            server: Arc::new(Server::new(
                options.supervisor.clone(),
                options.outputs.clone(),
            )),
            program: options.supervisor,
            outputs: options.outputs,
            temp: options.temp,
            patience: options.patience,
        };
        let underway = Underway::new(runtime.handle().clone(), tools, report, speed);
        Ok(Self {
            runtime,
            clock,
            underway,
            show,
            inbox,
            signals,
            person: Person::new(operator, options.by),
            leaving: Leaving::new(options.on_hold, since),
            reports,
            queue: VecDeque::new(),
            heard: VecDeque::new(),
            polled: None,
            gone: false,
            awake: (now.boot, since),
            last,
        })
    }

    /// Gives a fact that `next` reports before anything else: the beginning, or that the run is taken up.
    pub fn tell(&mut self, input: Input) {
        self.queue.push_back(input);
    }

    /// Finds out what became of what was under way when the last runner left, and reports it. To be called after the fact
    /// that the run is taken up was told.
    pub fn recover(&mut self, state: &State) {
        self.leaving.found(state);
        if let Some(last) = self.last {
            let now = self.clock.stamp(Look::now()).run;
            self.tell(Input::Unwatched {
                gap: now.since(last),
            });
        }
        for running in &state.running {
            let ended = self.underway.find(*running);
            self.queue.extend(ended);
        }
    }

    /// Whether `next` gave nothing because someone wanted to leave at once. What is under way goes on.
    #[must_use]
    pub fn left_at_once(&self) -> bool {
        self.gone
    }

    /// Waits for the next event, at most this long.
    fn wait(&mut self, limit: Duration) -> Event {
        let (signals, reports) = (&mut self.signals, &mut self.reports);
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                sent = signals.sent() => Event::Sent(sent),
                Some(input) = reports.recv() => Event::Report(input),
                () = tokio::time::sleep(limit) => Event::Time,
            }
        })
    }

    /// Begins an attempt. One that wants the terminal, which nobody can lend, waits in the journal for a runner that can: that
    /// nobody sits there decides nothing.
    fn begin(&mut self, at: (&Plan, &State), (attempt, work): (Attempt, Work), timeout: Millis) {
        let wants = match work {
            Work::Step { step, .. } | Work::Check { step } => at.0.steps.get(step.index()),
            Work::Unless { .. } | Work::Set { .. } | Work::Read { .. } | Work::Probe { .. } => None,
        };
        let wants = wants.filter(|step| step.interactive == Interactive::Yes);
        let lent = wants.and_then(|_| self.person.lend(attempt));
        match (wants, &lent) {
            (Some(step), None) => {
                self.show.say(&format!(
                    "step {} wants a person at the terminal, and this runner is not in front at one; it has not begun",
                    step.name
                ));
                self.gone = true;
            }
            (Some(_) | None, _) => self.underway.begin(at, (attempt, work), (timeout, lent)),
        }
    }

    /// What has ended, been answered or arrived besides, if anything has.
    fn besides(&mut self) -> Option<Input> {
        let reports = &mut self.reports;
        let mut report = reports.try_recv().ok().or_else(|| {
            self.runtime.block_on(async {
                // What is about to report gets the chance.
                tokio::task::yield_now().await;
                reports.try_recv().ok()
            })
        })?;
        self.reported(&mut report);
        Some(report)
    }

    fn reported(&mut self, report: &mut Input) {
        if let Input::Ended { attempt, outcome } = report {
            self.underway.ended(*attempt, outcome);
            self.person.ended(*attempt);
        }
    }

    /// A signal; the fact that follows from it, if any.
    fn sent(&mut self, sent: Sent, plan: &Plan, state: &State) -> Option<Input> {
        match sent {
            Sent::Status => {
                let now = self.clock.stamp(Look::now());
                self.show.status(now, plan, state);
                None
            }
            Sent::Hangup => {
                self.person.is_gone();
                None
            }
            Sent::Leave => match self.person.interrupts(self.show.as_mut()) {
                Wish::Ask => None,
                Wish::Tell(input) => Some(input),
                Wish::AtOnce => {
                    self.gone = true;
                    None
                }
            },
        }
    }

    /// How long this runner did not run, if that was long: it was stopped, or the machine was suspended. Nothing else keeps
    /// it from looking at the clock four times a second.
    fn slept(&mut self, look: Look) -> Option<Millis> {
        let now = self.clock.stamp(look).run;
        let (boot, moment) = std::mem::replace(&mut self.awake, (look.boot, now));
        let asleep = look.boot.saturating_sub(boot) >= ASLEEP_MICROS;
        asleep.then(|| now.since(moment))
    }

    /// Before the time of a question is over the inbox is looked into: what was recorded in time counts, however long this runner slept, and
    /// although the last one died.
    fn in_time(&mut self, state: &State, stamp: Stamp) -> Option<Fact> {
        let over = |one: &&Question| one.until.is_some_and(|until| until <= stamp.run);
        let mut questions: Vec<QuestionNumber> = state
            .questions
            .iter()
            .filter(over)
            .map(|one| one.number)
            .collect();
        if questions.is_empty() {
            return None;
        }
        while let Some(one) = (self.inbox)() {
            self.heard.push_back(one);
        }
        questions.retain(|number| {
            let mut heard = self.heard.iter();
            heard.any(|(_, input)| input.settles(*number))
        });
        (!questions.is_empty()).then_some(Fact {
            stamp,
            input: Input::AnsweredInTime { questions },
            letter: None,
        })
    }

    /// The next letter, looked for about four times a second.
    fn letter(&mut self, now: Look) -> Option<(Letter, Input)> {
        if let Some(heard) = self.heard.pop_front() {
            return Some(heard);
        }
        let interval = u64::try_from(LOOK.as_micros()).unwrap_or(u64::MAX);
        if let Some(polled) = self.polled
            && now.boot.saturating_sub(polled) < interval
        {
            return None;
        }
        let letter = (self.inbox)();
        // While there are letters, they are all read.
        self.polled = letter.is_none().then_some(now.boot);
        letter
    }
}

/// Whether some files can still be opened: the runtime panics where it cannot make its pipe for signals, and no step would begin.
fn room() -> io::Result<()> {
    let files = (0..16).map(|_| std::fs::File::open("/dev/null"));
    files.collect::<io::Result<Vec<_>>>().map(drop)
}

impl World for Execute<'_> {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        let now = self.clock.stamp(Look::now());
        self.show.effect(now, plan, state, effect);
        match effect {
            Effect::Start {
                attempt,
                work,
                timeout,
            } => self.begin((plan, state), (*attempt, *work), *timeout),
            Effect::Stop { attempt } => self.underway.stop(*attempt),
            Effect::Query { metric } => self.underway.query((plan, state), *metric),
            Effect::LookBack { metric, from, to } => {
                let wall = self.clock.wall_of(*to, Look::now());
                self.underway.look_back(plan, *metric, (*from, *to), wall);
            }
            Effect::Measure { metric, over } => {
                let wall = Look::now().wall;
                let span = (crate::engine::Moment(0), crate::engine::Moment(over.0));
                self.underway.measure(plan, *metric, span, wall);
            }
            Effect::Notify {
                notice,
                channel,
                text,
            } => {
                let told = self
                    .underway
                    .notify((plan, state), (*notice, *channel), text);
                self.queue.extend(told);
            }
            // Questions are followed in the state, what is left behind is in the store; the rest is for people to see.
            Effect::Ask(_)
            | Effect::Withdraw(_)
            | Effect::Open { .. }
            | Effect::Remind { .. }
            | Effect::Say(_)
            | Effect::Left(_)
            | Effect::Finish(_) => {}
        }
    }

    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> Option<Fact> {
        loop {
            if self.gone {
                return None;
            }
            self.person.prompt(&state.questions, self.show.as_mut());
            let look = Look::now();
            let stamp = self.clock.stamp(look);
            let fact = |input| {
                Some(Fact {
                    stamp,
                    input,
                    letter: None,
                })
            };
            if let Some(fact) = self.in_time(state, stamp) {
                return Some(fact);
            }
            let slept = self.slept(look);
            if let Some(input) = self.queue.pop_front() {
                return fact(input);
            }
            if let Some(gap) = slept {
                return fact(Input::Unwatched { gap });
            }
            if let Some(by) = self.clock.jumped(look) {
                return fact(Input::ClockJumped { by });
            }
            if let Some((letter, input)) = self.letter(look) {
                return Some(Fact {
                    stamp,
                    input,
                    letter: Some(letter),
                });
            }
            if let Some(input) = self.person.typed(&state.questions, self.show.as_mut()) {
                return fact(input);
            }
            // What letters say comes first.
            let is_read = self.polled.is_some();
            if is_read && let Some(why) = self.leaving.why(state, stamp.run, &self.person) {
                return fact(Input::Leave { why });
            }
            let due = wake.map(|wake| self.clock.until(wake, look));
            // Never zero: work makes progress only while this waits.
            let limit = due.unwrap_or(LOOK).clamp(Duration::from_millis(1), LOOK);
            let event = self.wait(limit);
            let slept = self.slept(Look::now());
            let input = match event {
                Event::Sent(sent) => self.sent(sent, plan, state),
                Event::Report(mut input) => {
                    self.reported(&mut input);
                    Some(input)
                }
                Event::Time => {
                    let now = self.clock.stamp(Look::now());
                    if !self.person.is_busy() {
                        self.show.idle(now, plan, state);
                    }
                    wake.is_some_and(|wake| wake <= now.run)
                        .then_some(Input::Tick)
                }
            };
            let stamp = self.clock.stamp(Look::now());
            if (slept.is_some() || input.is_some())
                && let Some(fact) = self.in_time(state, stamp)
            {
                let slept = slept.map(|gap| Input::Unwatched { gap });
                let input = input.filter(|input| *input != Input::Tick);
                self.queue.extend(slept.into_iter().chain(input));
                return Some(fact);
            }
            if let Some(gap) = slept {
                // First of all that nobody looked: what came meanwhile is judged in that light.
                self.queue
                    .extend(input.filter(|input| *input != Input::Tick));
                return Some(Fact {
                    stamp,
                    input: Input::Unwatched { gap },
                    letter: None,
                });
            }
            if let Some(input) = input {
                return Some(Fact {
                    stamp,
                    input,
                    letter: None,
                });
            }
        }
    }

    fn also(&mut self) -> Option<Fact> {
        let input = self.besides()?;
        Some(Fact {
            stamp: self.clock.stamp(Look::now()),
            input,
            letter: None,
        })
    }
}

impl Drop for Execute<'_> {
    fn drop(&mut self) {
        // A thread that waits for a command or a filter must not hold up the end of the program.
        if let Ok(empty) = Builder::new_current_thread().build() {
            std::mem::replace(&mut self.runtime, empty).shutdown_background();
        }
    }
}
