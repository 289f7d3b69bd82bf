//! A world without surgery: every fact is one that a real world could report, and happens at random.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use runbook::engine::{
    Answer, Attempt, Effect, Entrance, Input, Moment, Note, Outcome, Phase, Reading, Stamp, State,
    Work,
};
use runbook::plan::{MetricId, Plan, Precondition, StageId};
use runbook::simulate::{healthy_values, suitable_values};
use runbook::value::Millis;
use runbook::world::{Fact, World};

/// A small generator of numbers: SplitMix64.
#[derive(Clone, Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// What a metric says for a while.
#[derive(Clone, Debug)]
struct Mood {
    reading: Reading,
    polls: u64,
}

pub(super) struct Made {
    dice: Dice,
    /// How often something goes wrong, of a hundred.
    wrong: u64,
    now: Moment,
    later: BinaryHeap<Reverse<(Moment, u64)>>,
    inputs: BTreeMap<u64, Vec<Input>>,
    planned: u64,
    soon: VecDeque<Input>,
    healthy: Vec<f64>,
    values: Vec<Vec<f64>>,
    moods: Vec<Mood>,
    /// From the beginning of this stage on, this metric says this.
    breach: Option<(StageId, MetricId, f64)>,
    breaks: bool,
    /// Where every exposure stands when the run begins.
    start: f64,
    /// Facts so far; a run that goes on for ever is ended.
    facts: usize,
}

/// Where exposures can stand when a run begins: mostly where the rollout has all to do.
const STARTS: [f64; 8] = [0.0, 0.0, 0.0, 4.0, 5.0, 10.0, 20.0, 100.0];

/// What a command can print that is captured; the last is no number.
const PRINTS: [&str; 6] = ["0", "5", "6", "40", "-3", "none"];

/// A person.
const BY: &str = "a person";

impl Made {
    pub(super) fn new(plan: &Plan, (dice, wrong): (Dice, u64)) -> Self {
        let healthy = healthy_values(plan);
        let moods = healthy.iter().map(|value| Mood {
            reading: Reading::Value(*value),
            polls: 0,
        });
        let mut made = Self {
            dice,
            wrong,
            now: Moment(1),
            later: BinaryHeap::new(),
            inputs: BTreeMap::new(),
            planned: 0,
            soon: VecDeque::new(),
            moods: moods.collect(),
            breach: None,
            breaks: false,
            values: suitable_values(plan),
            healthy,
            start: 0.0,
            facts: 0,
        };
        if wrong > 0 {
            let which = made.dice.below(STARTS.len() as u64) as usize;
            made.start = STARTS[which];
        }
        let confirmed = plan.before.iter().filter_map(|one| match one {
            Precondition::Confirm { title } => Some(title.clone()),
            Precondition::Check(_) | Precondition::Approve(_) => None,
        });
        made.soon.push_back(Input::Begin {
            by: BY.to_owned(),
            confirmed: confirmed.collect(),
            entry: Entrance::Now,
            missing: Vec::new(),
        });
        made.orders();
        made
    }

    /// The same, with a metric that says something from the beginning of a stage on.
    pub(super) fn with_breach(mut self, breach: (StageId, MetricId, f64)) -> Self {
        self.breach = Some(breach);
        self
    }

    /// What people do of themselves.
    fn orders(&mut self) {
        let back = Input::RollBack {
            from: None,
            by: BY.to_owned(),
            reason: "as it is".to_owned(),
        };
        if self.dice.percent(self.wrong / 2) {
            let at = Moment(1 + self.dice.below(30 * 60_000));
            self.at(at, vec![back]);
        }
    }

    fn at(&mut self, at: Moment, inputs: Vec<Input>) {
        self.later.push(Reverse((at.max(self.now), self.planned)));
        self.inputs.insert(self.planned, inputs);
        self.planned += 1;
    }

    /// An attempt of which another end was planned does not end so.
    fn forget(&mut self, attempt: Attempt) {
        for inputs in self.inputs.values_mut() {
            inputs.retain(
                |input| !matches!(input, Input::Ended { attempt: one, .. } if *one == attempt),
            );
        }
    }

    fn begun(
        &mut self,
        (plan, state): (&Plan, &State),
        attempt: Attempt,
        (work, timeout): (Work, Millis),
    ) {
        let good = self.well(plan, state, work);
        let fails = Outcome::Exited {
            status: 1,
            said: String::new(),
        };
        let (dice, wrong) = (&mut self.dice, self.wrong);
        let took = dice.below(timeout.0.max(1));
        let soon = self.now.after(Millis(if dice.percent(60) {
            took.min(3_000)
        } else {
            took
        }));
        let (outcome, at, dies) = if dice.percent(wrong) {
            match dice.below(6) {
                0 | 1 => (fails, soon, false),
                2 => (Outcome::TimedOut, self.now.after(timeout), false),
                3 => (
                    Outcome::Unknown {
                        why: "the runner died".to_owned(),
                    },
                    soon,
                    true,
                ),
                4 => (Outcome::NeverBegan, soon, true),
                _ => (Outcome::Signalled { signal: 9 }, soon, false),
            }
        } else {
            (good, soon, false)
        };
        let ended = Input::Ended { attempt, outcome };
        let inputs = if dies {
            vec![Input::Resumed { by: BY.to_owned() }, ended]
        } else {
            vec![ended]
        };
        self.at(at, inputs);
    }

    /// How work ends that goes well: what nobody knows before it does is up to this world.
    fn well(&mut self, plan: &Plan, state: &State, work: Work) -> Outcome {
        match work {
            Work::Read { .. } if matches!(state.phase, Phase::Preparing(_)) => {
                Outcome::Read { value: self.start }
            }
            Work::Step { step, .. } if plan.captured_by(step).is_some() => {
                let which = self.dice.below(PRINTS.len() as u64) as usize;
                let text = PRINTS[which].to_owned();
                Outcome::Printed { text }
            }
            _other => good(plan, state, work),
        }
    }

    fn reading(&mut self, metric: MetricId) -> Reading {
        let at = metric.index();
        if let (true, Some((_, of, value))) = (self.breaks, self.breach)
            && of == metric
        {
            return Reading::Value(value);
        }
        let (dice, wrong) = (&mut self.dice, self.wrong);
        let mood = &mut self.moods[at];
        if mood.polls == 0 {
            mood.polls = 1 + dice.below(30);
            mood.reading = if dice.percent(wrong * 2) {
                match dice.below(4) {
                    0 => Reading::NoData("no samples".to_owned()),
                    1 => Reading::Error("no answer".to_owned()),
                    _ => {
                        let all = &self.values[at];
                        let which = dice.below(all.len() as u64) as usize;
                        Reading::Value(all.get(which).copied().unwrap_or_default())
                    }
                }
            } else {
                Reading::Value(self.healthy[at])
            };
        }
        mood.polls -= 1;
        mood.reading.clone()
    }

    fn answer(&mut self, question: &runbook::engine::Question) {
        let input = |answer: Answer, by: &str| Input::Answered {
            question: Some(question.number),
            answer,
            by: by.to_owned(),
            reason: "as it is".to_owned(),
        };
        let dice = &mut self.dice;
        // Who must be asked is asked until there is an answer.
        if question.until.is_some() && dice.percent(self.wrong * 2) {
            return;
        }
        let which = dice.below(question.answers.len() as u64) as usize;
        let at = self.now.after(Millis(dice.below(3 * 60_000)));
        let inputs = ["one", "two", "three"].map(|by| input(question.answers[which], by));
        self.at(at, inputs.to_vec());
    }

    fn stop(&mut self, attempt: Attempt) {
        self.forget(attempt);
        let at = self.now.after(Millis(self.dice.below(3_000)));
        let outcome = Outcome::Stopped;
        self.at(at, vec![Input::Ended { attempt, outcome }]);
    }

    fn fact(&mut self, input: Input) -> Fact {
        self.facts += 1;
        fact_at(self.now, input)
    }
}

/// A fact of a moment.
pub(super) fn fact_at(now: Moment, input: Input) -> Fact {
    let wall = 1_767_225_600_000 + i64::try_from(now.0).expect("a time");
    Fact {
        stamp: Stamp { run: now, wall },
        input,
        letter: None,
    }
}

impl World for Made {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        match effect {
            Effect::Start {
                attempt,
                work,
                timeout,
            } => self.begun((plan, state), *attempt, (*work, *timeout)),
            Effect::Stop { attempt } => self.stop(*attempt),
            Effect::Query { metric } => {
                let reading = self.reading(*metric);
                self.soon.push_back(Input::Sample {
                    metric: *metric,
                    reading,
                });
            }
            Effect::LookBack { metric, .. } => self.soon.push_back(Input::History {
                metric: *metric,
                past: Vec::new(),
                failed: Some("nothing is remembered".to_owned()),
            }),
            Effect::Measure { metric, .. } => self.soon.push_back(Input::Measured {
                metric: *metric,
                past: Vec::new(),
                failed: Some("nothing is remembered".to_owned()),
            }),
            Effect::Ask(question) => self.answer(question),
            Effect::Notify { notice, .. } => self.soon.push_back(Input::Notified {
                notice: *notice,
                failed: None,
            }),
            Effect::Say(Note::StageBegan(stage)) => {
                self.breaks |= self.breach.is_some_and(|(from, ..)| from == *stage);
            }
            Effect::Open { .. }
            | Effect::Remind { .. }
            | Effect::Withdraw(_)
            | Effect::Say(_)
            | Effect::Left(_)
            | Effect::Finish(_) => {}
        }
    }

    fn next(&mut self, _: &Plan, _: &State, wake: Option<Moment>) -> Option<Fact> {
        if self.facts > 30_000 {
            return None;
        }
        loop {
            if let Some(input) = self.soon.pop_front() {
                return Some(self.fact(input));
            }
            let planned = self.later.peek().map(|Reverse((at, _))| *at);
            let next = match (planned, wake) {
                (Some(planned), Some(wake)) => planned.min(wake),
                (Some(next), None) | (None, Some(next)) => next,
                (None, None) => return None,
            };
            self.now = self.now.max(next);
            if planned == Some(next) {
                let Reverse((_, number)) = self.later.pop()?;
                self.soon.extend(self.inputs.remove(&number)?);
            } else {
                return Some(self.fact(Input::Tick));
            }
        }
    }
}

/// How work ends that goes well.
pub(super) fn good(plan: &Plan, state: &State, work: Work) -> Outcome {
    let Work::Read { exposure } = work else {
        return Outcome::Exited {
            status: 0,
            said: String::new(),
        };
    };
    let known = state.exposures.get(exposure.index()).copied().flatten();
    let aimed = state.strands.values().find_map(|strand| {
        let op = state.op(plan, strand)?;
        match op {
            runbook::plan::Op::Expose {
                exposure: one,
                target,
                ..
            } if *one == exposure => Some(*target),
            _other => None,
        }
    });
    Outcome::Read {
        value: aimed.or(known).unwrap_or_default(),
    }
}
