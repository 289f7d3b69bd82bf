//! Owns how each kind of work is carried out: what it is given, and which way it goes (`steps`, `short`, `probes`). Everything
//! is taken out of the plan and the state before it runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::headers::Sealed;
use super::notify::Patience;
use super::operator::Lent;
use super::outputs::Files;
use super::program::Program;
use super::request::{Order, Remote, Repeated};
use super::scene::{Base, Scene};
use super::secrets::{self, Delivered, Needs};
use super::server::Server;
use super::short::{self, End, Short};
use super::ssh::{self, Lifeline, Line, There};
use super::steps::{self, Bounds};
use super::stop::Stop;
use super::web::Web;
use super::{probes, sql, text, user};
use crate::engine::{Attempt, Outcome, State, Work};
use crate::plan::{
    Command, Host, Plan, Probe, ProviderKind, Step, THERE_AND_BACK, Template, Unless, Variable,
    VariableValue,
};
use crate::value::{Millis, Scale};

/// Between TERM and KILL of a command whose file does not say.
const GRACE: Millis = Millis(10_000);

/// What every work needs of the runner.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    pub(super) base: Arc<Base>,
    pub(super) web: Arc<Web>,
    /// This program.
    pub(super) program: PathBuf,
    /// What has attempts supervised.
    pub(super) server: Arc<Server>,
    /// Where the files of attempts are.
    pub(super) outputs: PathBuf,
    /// Where the files of secrets are made.
    pub(super) temp: PathBuf,
    /// How hard notices are tried.
    pub(super) patience: Patience,
}

/// One piece of work with all that it needs.
#[derive(Debug)]
pub(super) struct Job {
    attempt: Attempt,
    timeout: Millis,
    scene: Scene,
    way: Way,
    /// The terminal, where it is lent.
    lent: Option<Lent>,
}

/// Which way a work goes.
#[derive(Clone, Debug)]
enum Way {
    /// Through `steps`: it may change the world, or its output is worth keeping.
    Long {
        command: Command,
        grace: Millis,
        needs: Needs,
        /// What it reads.
        input: Option<Vec<u8>>,
        /// On another machine, and in which directory there.
        there: Option<(Host, Option<String>)>,
        /// Its standard output is the value of a capture.
        is_value: bool,
        /// What is done elsewhere, and whether it may be done again.
        request: Option<Remote>,
    },
    /// Through `short`: its exit status is the answer.
    Status {
        command: Command,
        needs: Needs,
        /// On another machine, and in which directory there.
        there: Option<(Host, Option<String>)>,
    },
    /// Through `short`: the value of an exposure that it prints is the answer.
    Value {
        command: Command,
        scale: Scale,
        needs: Needs,
    },
    /// Through `probes`, with these headers.
    Probe(Probe, Sealed),
    /// It cannot be done.
    Nothing(String),
}

impl Job {
    pub(super) fn new(
        base: &Base,
        (plan, state): (&Plan, &State),
        (attempt, work): (Attempt, Work),
        timeout: Millis,
    ) -> Self {
        let mut scene = Scene::new(base, plan, state);
        scene.set_attempt(attempt);
        let way = way(plan, work, &mut scene).unwrap_or_else(Way::Nothing);
        Self {
            attempt,
            timeout,
            scene,
            way,
            lent: None,
        }
    }

    /// The same with the terminal.
    pub(super) fn at_terminal(self, lent: Option<Lent>) -> Self {
        Self { lent, ..self }
    }

    /// Does the work; `stop` ends it early.
    pub(super) async fn run(self, tools: Tools, mut stop: Stop) -> Outcome {
        let Self {
            attempt,
            timeout,
            mut scene,
            way,
            lent,
        } = self;
        let sources = (tools.base.as_ref(), tools.temp.as_path());
        match way {
            Way::Nothing(why) => Outcome::NotStarted { why },
            Way::Probe(probe, sealed) => {
                let from = (tools.base.as_ref(), &scene);
                let open = match sealed.open(from, &mut stop).await {
                    Ok(open) => open,
                    Err(_) if stop.is_asked() => return Outcome::Stopped,
                    Err(why) => return Outcome::NotStarted { why },
                };
                let what = (probe, scene, &open.headers);
                let outcome = probes::ask(tools.web, what, timeout, stop).await;
                open.outcome(outcome)
            }
            Way::Long {
                command,
                grace,
                needs,
                input,
                there,
                is_value,
                request,
            } => {
                let delivered = secrets::deliver(&needs, sources, &mut scene, &mut stop).await;
                let mut delivered = match delivered {
                    Ok(delivered) => delivered,
                    Err(_) if stop.is_asked() => return Outcome::Stopped,
                    Err(why) => return Outcome::NotStarted { why },
                };
                scene.introduce();
                let bounds = Bounds { timeout, grace };
                let (program, line, input) = match &there {
                    None => match &command {
                        Command::Http { request } => {
                            let secrets = delivered.handed.iter();
                            let order = Order::new(request, &scene, secrets, timeout);
                            let program = Program::for_a_request(&tools.program, scene.dir());
                            (Ok(program), None, Some(order.to_bytes()))
                        }
                        Command::Sql { sql } => {
                            let address = delivered.handed.first().cloned().unwrap_or_default();
                            match sql::client(sql, &address, &mut scene) {
                                Err(why) => (Err(why), None, None),
                                Ok(client) => {
                                    delivered.values.extend(client.password);
                                    (Ok(client.program), None, Some(client.input))
                                }
                            }
                        }
                        Command::Shell { .. } | Command::Exec { .. } | Command::Block { .. } => {
                            (Program::find(&command, &scene), None, input)
                        }
                    },
                    Some((host, dir)) => {
                        let there = There {
                            host,
                            command: &command,
                            dir: dir.clone(),
                            input,
                            bounds,
                        };
                        let line = line_to(&there, &mut scene, attempt);
                        (ssh::client(host, &scene), Some(line), None)
                    }
                };
                let outcome = match program {
                    // What has not begun is not begun any more.
                    _ if stop.is_asked() => Outcome::Stopped,
                    Err(why) => Outcome::NotStarted { why },
                    Ok(program) => {
                        let files = Files::new(&tools.outputs, attempt);
                        let files = if is_value { files.apart() } else { files };
                        let places = (&files, tools.server.as_ref());
                        let bounds = (bounds, line, request);
                        let what = (&program, &scene, input);
                        steps::run(what, places, bounds, (&delivered, lent), stop).await
                    }
                };
                delivered.remove();
                outcome
            }
            Way::Status {
                command,
                needs,
                there,
            } => {
                let what = (&command, &needs, there.as_ref());
                let ran = brief(what, sources, scene, timeout, &mut stop).await;
                match ran {
                    Ok(short) if there.is_some() => answered(&short),
                    Ok(short) => status(&short),
                    Err(outcome) => outcome,
                }
            }
            Way::Value {
                command,
                scale,
                needs,
            } => {
                let what = (&command, &needs, None);
                let ran = brief(what, sources, scene, timeout, &mut stop).await;
                ran.map_or_else(|outcome| outcome, |short| value(&short, &scale))
            }
        }
    }
}

fn way(plan: &Plan, work: Work, scene: &mut Scene) -> Result<Way, String> {
    let missing = || "the plan has no such thing".to_owned();
    Ok(match work {
        Work::Step { step, .. } | Work::Check { step } => {
            let step = plan.steps.get(step.index()).ok_or_else(missing)?;
            Way::Long {
                command: step.command.clone(),
                grace: step.grace,
                needs: dressed(plan, step, scene)?,
                input: step.stdin.as_ref().map(|stdin| lines(scene, stdin)),
                there: there(step, scene),
                is_value: plan.captured_by(step.id).is_some(),
                request: remote(step),
            }
        }
        Work::Unless { step } => {
            let step = plan.steps.get(step.index()).ok_or_else(missing)?;
            match step.unless.as_ref().ok_or_else(missing)? {
                Unless::Command(command) => Way::Status {
                    command: command.clone(),
                    needs: dressed(plan, step, scene)?,
                    there: there(step, scene),
                },
                Unless::Probe(probe) => {
                    let probe = plan.probes.get(probe.index()).ok_or_else(missing)?;
                    Way::Probe(probe.clone(), Sealed::new(plan, &probe.headers))
                }
            }
        }
        Work::Set { exposure, target } => {
            let exposure = plan.exposures.get(exposure.index()).ok_or_else(missing)?;
            scene.set(&exposure.name, exposure.scale.plain(target));
            Way::Long {
                command: exposure.set.clone(),
                grace: GRACE,
                needs: Needs::new(plan, &exposure.secrets, &[])?,
                input: None,
                there: None,
                is_value: false,
                request: None,
            }
        }
        Work::Read { exposure } => {
            let exposure = plan.exposures.get(exposure.index()).ok_or_else(missing)?;
            Way::Value {
                command: exposure.read.clone(),
                scale: exposure.scale.clone(),
                needs: Needs::new(plan, &exposure.secrets, &[])?,
            }
        }
        Work::Probe { probe } => {
            let probe = plan.probes.get(probe.index()).ok_or_else(missing)?;
            surround(probe.dir.as_ref(), &probe.env, scene);
            Way::Probe(probe.clone(), Sealed::new(plan, &probe.headers))
        }
    })
}

/// The other machine that a step runs on, and its directory there.
fn there(step: &Step, scene: &Scene) -> Option<(Host, Option<String>)> {
    let host = step.host.as_ref()?.host.clone();
    Some((host, step.dir.as_ref().map(|dir| scene.fill(dir))))
}

/// What a step does elsewhere, and whether that may be done again.
fn remote(step: &Step) -> Option<Remote> {
    let repeated = if step.idempotent {
        Repeated::Harmless
    } else {
        Repeated::Unsafe
    };
    match &step.command {
        Command::Http { .. } => Some(Remote::Request(repeated)),
        Command::Sql { .. } => Some(Remote::Sql(repeated)),
        Command::Shell { .. } | Command::Exec { .. } | Command::Block { .. } => None,
    }
}

/// A text as a command reads it: whole lines, as from a file.
fn lines(scene: &Scene, text: &Template) -> Vec<u8> {
    let mut text = scene.fill(text);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.into_bytes()
}

/// How an attempt on another machine is spoken with.
fn line_to(there: &There<'_>, scene: &mut Scene, attempt: Attempt) -> Line {
    scene.set("RUNBOOK_HOST", &there.host.name);
    let run = scene.get("RUNBOOK_RUN").unwrap_or_default();
    let mark = format!("{}{} {}]", ssh::MARK, run.to_string_lossy(), attempt.0);
    Line {
        host: there.host.name.clone(),
        script: ssh::script(there, scene, Lifeline::Held, &mark),
        mark,
    }
}

/// Puts a step's directory, variables and user into the scene; what is left are its secrets.
pub(super) fn dressed(plan: &Plan, step: &Step, scene: &mut Scene) -> Result<Needs, String> {
    // The directory of a step on another machine is one there.
    let dir = step.dir.as_ref().filter(|_| step.host.is_none());
    surround(dir, &step.env, scene);
    if let Some(user) = &step.user
        && let Some(account) = user::account(user)?
    {
        scene.become_user(account);
    }
    let mut needs = Needs::new(plan, &step.secrets, &step.env)?;
    match &step.command {
        Command::Http { request } => {
            let headers = request.headers.iter();
            needs.hand_over(plan, headers.filter_map(|header| header.value.secret()))?;
        }
        Command::Sql { sql } => {
            let provider = plan.providers.get(sql.provider.index());
            if let Some(ProviderKind::Postgres { address }) = provider.map(|one| &one.kind) {
                needs.hand_over(plan, std::iter::once(address.as_str()))?;
            }
        }
        Command::Shell { .. } | Command::Exec { .. } | Command::Block { .. } => {}
    }
    Ok(needs)
}

/// Puts a directory and variables into the scene.
fn surround(dir: Option<&Template>, env: &[Variable], scene: &mut Scene) {
    if let Some(dir) = dir {
        scene.enter(dir);
    }
    for variable in env {
        match &variable.value {
            VariableValue::Text(text) => {
                let value = scene.fill(text);
                scene.set(&variable.name, value);
            }
            VariableValue::Secret(_) => {}
        }
    }
}

/// Runs a short command with its secrets.
///
/// # Errors
/// The outcome, when there is nothing to look at.
async fn brief(
    (command, needs, there): (&Command, &Needs, Option<&(Host, Option<String>)>),
    sources: (&Base, &Path),
    mut scene: Scene,
    timeout: Millis,
    stop: &mut Stop,
) -> Result<Short, Outcome> {
    let not_started = |why| Outcome::NotStarted { why };
    let delivered: Delivered = secrets::deliver(needs, sources, &mut scene, stop)
        .await
        .map_err(not_started)?;
    scene.introduce();
    let (program, script) = match there {
        None => (Program::find(command, &scene), None),
        Some((host, dir)) => {
            scene.set("RUNBOOK_HOST", &host.name);
            let there = There {
                host,
                command,
                dir: dir.clone(),
                input: None,
                bounds: Bounds {
                    timeout: Millis(timeout.0.saturating_sub(THERE_AND_BACK.0)),
                    grace: Millis(1_000),
                },
            };
            let script = ssh::script(&there, &scene, Lifeline::None, "runbook:");
            (ssh::client(host, &scene), Some(script))
        }
    };
    let ran = match program {
        Err(why) => Err(why),
        Ok(program) => {
            let what = (&program, script);
            short::run(what, &scene, timeout.to_std(), stop).await
        }
    };
    delivered.remove();
    let short = ran.map_err(not_started)?;
    match short.end {
        End::Exited(_) => Ok(short.masked(&delivered.mask)),
        End::Signalled(signal) => Err(Outcome::Signalled { signal }),
        End::TimedOut => Err(Outcome::TimedOut),
        End::Stopped => Err(Outcome::Stopped),
    }
}

/// The answer of a command on another machine. Without one of its own, ssh says that there is none.
fn answered(short: &Short) -> Outcome {
    match short.end {
        End::Exited(255) => Outcome::NotStarted { why: short.said() },
        End::Exited(_) | End::Signalled(_) | End::TimedOut | End::Stopped => status(short),
    }
}

fn status(short: &Short) -> Outcome {
    let status = match short.end {
        End::Exited(status) => status,
        End::Signalled(_) | End::TimedOut | End::Stopped => 1,
    };
    let said = if status == 0 {
        String::new()
    } else {
        short.said()
    };
    Outcome::Exited { status, said }
}

/// What a `read` printed, as a number of the scale.
fn value(short: &Short, scale: &Scale) -> Outcome {
    let outcome = status(short);
    if let Outcome::Exited { status: 1, said } = &outcome
        && !said.is_empty()
    {
        // Of a question 1 is an answer, which is told without its status; here it is a failure.
        return Outcome::Exited {
            status: 1,
            said: format!("exit status 1: {said}"),
        };
    }
    if !matches!(outcome, Outcome::Exited { status: 0, .. }) {
        return outcome;
    }
    let printed = short.printed();
    let wanted = scale.wanted();
    match scale.read(&printed) {
        Some(value) => Outcome::Read { value },
        None => Outcome::Exited {
            status: 1,
            said: if printed.is_empty() {
                format!("it printed nothing, expected {wanted}")
            } else {
                let printed = text::shortened(&text::one_line(printed.as_bytes()), 60);
                format!("it printed `{printed}`, expected {wanted}")
            },
        },
    }
}
