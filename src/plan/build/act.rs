//! Exposures, steps, stages and levels of the plan, with their defaults.

use super::text::Reader;
use super::{Builder, GRACE};
use crate::ast::{self, UnknownAction};
use crate::check;
use crate::plan::{
    Exposure, ExposureId, Interactive, Level, LevelId, Notice, OnFailure, OnUnknown, Op, Piece,
    Precondition, Recovered, Retry, Rollback, Stage, StageId, Step, StepId, Unless, Variable,
    VariableValue, Way,
};
use crate::source::offset;
use crate::value::Millis;

/// The bound of a step.
const STEP_TIMEOUT: Millis = Millis::from_mins(1);

/// The bound of setting and of reading an exposure.
const EXPOSURE_TIMEOUT: Millis = Millis::from_secs(30);

/// How long reading an exposure back may take to agree.
const AGREE_WITHIN: Millis = Millis::from_secs(30);

impl Builder<'_> {
    pub(super) fn exposures(&mut self) -> Vec<Exposure> {
        let checked = self.checked;
        let all = checked.exposures.iter().enumerate();
        all.map(|(index, exposure)| {
            let mut secrets = exposure.set.secrets.clone();
            for secret in &exposure.read.secrets {
                if !secrets.contains(secret) {
                    secrets.push(secret.clone());
                }
            }
            Exposure {
                id: ExposureId(offset(index)),
                name: exposure.name.clone(),
                scale: exposure.scale.clone(),
                set: self.command(&exposure.set.command),
                read: self.command(&exposure.read.command),
                timeout: self.duration_or(
                    exposure
                        .set
                        .timeout
                        .as_ref()
                        .or(checked.defaults.set_timeout.as_ref()),
                    EXPOSURE_TIMEOUT,
                ),
                read_timeout: self.duration_or(
                    exposure
                        .read
                        .timeout
                        .as_ref()
                        .or(checked.defaults.read_timeout.as_ref()),
                    EXPOSURE_TIMEOUT,
                ),
                secrets,
            }
        })
        .collect()
    }

    /// Makes a step of the plan.
    pub(super) fn step(&mut self, written: StepId) -> StepId {
        let checked = self.checked;
        let id = StepId(offset(self.made.steps.len()));
        let Some(step) = checked.steps.get(written.index()) else {
            return id;
        };
        let made = Step {
            id,
            name: self.made.named(step.name.as_str()),
            title: self.title_of(step),
            line: step.line,
            command: self.command(&step.command),
            timeout: self.duration_or(
                step.timeout.as_ref().or(checked.defaults.timeout.as_ref()),
                STEP_TIMEOUT,
            ),
            grace: self.duration_or(
                step.grace.as_ref().or(checked.defaults.grace.as_ref()),
                GRACE,
            ),
            retry: match step.retry_in(checked) {
                None => Retry {
                    more: 0,
                    first: Millis::ZERO,
                    most: Millis::ZERO,
                },
                Some(retry) => {
                    let first = self.duration(&retry.first);
                    Retry {
                        more: self.count(&retry.times),
                        first,
                        most: self.duration_or(retry.last.as_ref(), first),
                    }
                }
            },
            idempotent: step.idempotent,
            protected: step.protected,
            unless: step.unless.as_ref().map(|unless| match unless {
                check::Unless::Command(command) => Unless::Command(self.command(command)),
                check::Unless::Probe(probe) => Unless::Probe(*probe),
            }),
            on_failure: match step.on_failure {
                check::OnFailure::Rollback(from) => OnFailure::Rollback { from },
                check::OnFailure::Hold => OnFailure::Hold,
                check::OnFailure::Continue => OnFailure::Continue,
            },
            on_unknown: match step.on_unknown {
                None | Some(UnknownAction::Ask) => OnUnknown::Ask,
                Some(UnknownAction::Rerun) => OnUnknown::Rerun,
                Some(UnknownAction::Rollback) => OnUnknown::Rollback,
            },
            dir: step
                .dir
                .as_ref()
                .map(|dir| self.template(dir, Reader::Program)),
            env: self.env(&step.env),
            stdin: step
                .stdin
                .as_ref()
                .map(|stdin| self.template(stdin, Reader::Program)),
            interactive: match step.interactive {
                None => Interactive::No,
                Some(_) => Interactive::Yes,
            },
            user: step.user.as_ref().map(|user| self.text(user)),
            secrets: step.secrets.clone(),
            on: step.on.as_ref().map(|on| self.on_hosts(on)),
            host: None,
            undo: Vec::new(),
            undoes: None,
        };
        self.made.push(made, step.copy_of.unwrap_or(written));
        // Each turn of a loop is undone by steps of its own, with the values of the turn.
        let mut undo = Vec::new();
        if let Some((by, _)) = &step.undo {
            undo.extend(by.iter().map(|by| self.step(*by)));
        }
        for by in &undo {
            if let Some(by) = self.made.steps.get_mut(by.index()) {
                by.undoes = Some(id);
            }
        }
        if let Some(made) = self.made.steps.get_mut(id.index()) {
            made.undo = undo;
        }
        id
    }

    /// The title, or the name that the file gives, or what is run.
    fn title_of(&mut self, step: &check::Step) -> String {
        match (&step.title, &step.name) {
            (Some(title), _) => return self.text(title),
            (None, check::StepName::Given(name)) => return name.clone(),
            (None, check::StepName::Place(_)) => {}
        }
        self.called_by(&step.command)
    }

    /// A command as a title.
    fn called_by(&mut self, command: &check::Command) -> String {
        match command {
            check::Command::Shell(text) => {
                let first = text.lines().next().unwrap_or_default().trim();
                first.trim_end_matches('\\').trim_end().to_owned()
            }
            check::Command::Exec(argv) => {
                let words = argv.iter().map(|word| self.template(word, Reader::Program));
                let words = words.map(|word| match word.0.as_slice() {
                    [Piece::Text(text)] => text.clone(),
                    // What only the run knows is not in a title.
                    [..] => "…".to_owned(),
                });
                words.collect::<Vec<_>>().join(" ")
            }
            check::Command::Sql(sql) => sql.file.clone(),
            check::Command::Http(request) => {
                let request = self.request(request);
                format!("{} {}", request.method.word(), request.url)
            }
            check::Command::Block(parts) => {
                let first = parts.first().map(|part| self.called_by(part));
                first.unwrap_or_default()
            }
        }
    }

    pub(super) fn env(&mut self, env: &[(String, check::EnvValue)]) -> Vec<Variable> {
        // What is said here comes after what the loops around it say.
        let mut all = self.made.variables();
        all.retain(|one| env.iter().all(|(name, _)| *name != one.name));
        all.extend(env.iter().map(|(name, value)| Variable {
            name: name.clone(),
            value: match value {
                check::EnvValue::Text(text) => {
                    VariableValue::Text(self.template(text, Reader::Program))
                }
                check::EnvValue::Secret(secret) => VariableValue::Secret(secret.clone()),
            },
        }));
        all
    }

    pub(super) fn before(&mut self) -> Vec<Precondition> {
        let checked = self.checked;
        // People are asked last: nobody approves what a check then refuses.
        let is_asked = |one: &&check::Precondition| matches!(one, check::Precondition::Approve(_));
        let all = checked.before.iter().filter(|one| !is_asked(one));
        let all = all.chain(checked.before.iter().filter(is_asked));
        all.map(|precondition| match precondition {
            check::Precondition::Check(step) => Precondition::Check(self.step(*step)),
            check::Precondition::Confirm(title) => Precondition::Confirm {
                title: self.text(title),
            },
            check::Precondition::Approve(approval) => {
                Precondition::Approve(self.approval(*approval))
            }
        })
        .collect()
    }

    pub(super) fn stages(&mut self) -> Vec<Stage> {
        let checked = self.checked;
        let all = checked.stages.iter().enumerate();
        let all = all.map(|(index, stage)| Stage {
            id: StageId(offset(index)),
            name: stage.name.clone(),
            title: self.title(stage.title.as_ref(), &stage.name),
            shrinks: stage.shrink.is_some(),
            ops: self.ops(&stage.ops),
        });
        let mut all: Vec<Stage> = all.collect();
        all.extend(self.watch_stage(StageId(offset(all.len()))));
        all
    }

    pub(super) fn rollback(&mut self, rollback: &check::Rollback) -> Rollback {
        // The way back has names of its own.
        self.made.calls.clear();
        let levels = rollback.levels.iter().enumerate();
        let levels = levels.map(|(index, level)| Level {
            way: match level.way {
                ast::Way::Back => Way::Back,
                ast::Way::Forward => Way::Forward,
            },
            id: LevelId(offset(index)),
            name: level.name.clone(),
            title: self.title(level.title.as_ref(), &level.name),
            within: self.duration(&level.within),
            when: level.when.as_ref().map(|when| self.condition(when)),
            ops: self.ops(&level.ops),
        });
        Rollback {
            levels: levels.collect(),
            recovered: self.recovered(rollback.recovered.as_ref()),
            recovered_forward: self.recovered(rollback.recovered_forward.as_ref()),
        }
    }

    fn recovered(&mut self, written: Option<&check::Recovered>) -> Option<Recovered> {
        let one = written?;
        Some(Recovered {
            condition: self.condition(&one.when),
            sustain: self.duration_or(one.hold.as_ref(), Millis::ZERO),
            within: self.duration(&one.within),
            warmup: self.warmup(&one.when.metrics),
            every: self.pace(&one.when.metrics),
        })
    }

    pub(super) fn ops(&mut self, ops: &[check::Op]) -> Vec<Op> {
        let mut all = Vec::new();
        for op in ops {
            self.op(&op.kind, &mut all);
        }
        all
    }

    /// What a statement becomes: one operation, or those that it holds.
    fn op(&mut self, kind: &check::OpKind, all: &mut Vec<Op>) {
        let made = match kind {
            check::OpKind::For(one) => {
                all.extend(self.for_each(one));
                return;
            }
            check::OpKind::Call(one) => {
                all.extend(self.call(one));
                return;
            }
            check::OpKind::If(one) => {
                all.extend(self.decision(one));
                return;
            }
            check::OpKind::Parallel(strands) => {
                all.extend(self.parallel(strands));
                return;
            }
            check::OpKind::Step(step) => Op::Step(self.step(*step)),
            check::OpKind::Wait { min, max } => {
                let min = self.duration(min);
                let hold = self.limits().hold;
                Op::Wait {
                    min,
                    max: self.duration_or(max.as_ref(), min.saturating_add(hold)),
                }
            }
            check::OpKind::Until { when, within } => Op::Until {
                condition: self.condition(when),
                within: self.duration(within),
                warmup: self.warmup(&when.metrics),
            },
            check::OpKind::Expose {
                exposure,
                target,
                within,
            } => Op::Expose {
                exposure: *exposure,
                target: self.number_of(target, &self.checked.scale(*exposure)),
                within: self.duration_or(within.as_ref(), AGREE_WITHIN),
            },
            check::OpKind::Verify {
                probe,
                within,
                every,
            } => Op::Verify {
                probe: *probe,
                within: self.duration(within),
                every: self.duration_or(every.as_ref(), check::VERIFY_EVERY),
            },
            check::OpKind::Notify(notify) => Op::Notify(self.notice(notify)),
            // What there is to undo is known when every host has its steps.
            check::OpKind::Undo => Op::Undo { of: Vec::new() },
            check::OpKind::NoReturn(why) => Op::NoReturn {
                why: self.template(why, Reader::Person),
            },
            check::OpKind::Approve(approval) => Op::Approve(self.approval(*approval)),
            check::OpKind::Fail(why) => Op::Fail {
                why: self.template(why, Reader::Person),
            },
        };
        all.push(made);
    }

    pub(super) fn notices(&mut self, notices: &[check::Notify]) -> Vec<Notice> {
        notices.iter().map(|notify| self.notice(notify)).collect()
    }

    fn notice(&mut self, notify: &check::Notify) -> Notice {
        Notice {
            channel: notify.channel,
            text: self.template(&notify.text, Reader::Person),
        }
    }
}
