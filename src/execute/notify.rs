//! Owns telling people: a notice to its channel. In a file it is one line, whatever it holds. Delivery is at-least-once under
//! the notice's number: it may arrive twice when the runner dies right behind it, or when an answer was lost, and where the
//! service can tell the two apart it is given the number. What cannot be delivered is reported and changes nothing.

mod post;

use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};

use super::program::Program;
use super::scene::{Base, Scene};
use super::secrets::{self, Needs};
use super::short::{self, End};
use super::stop::Stop;
use super::text;
use super::web::Web;
use crate::plan::{Address, Channel, ChannelKind, Command, Plan, Secret};
use crate::value::Millis;

/// How long a command of a channel may take.
const COMMAND: Millis = Millis::from_secs(30);

/// How hard a notice is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// One try takes at most this long.
    pub one: Millis,
    /// No further try begins this long after the notice was ordered.
    pub all: Millis,
    /// The pause after the first try; it doubles.
    pub pause: Millis,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            one: Millis::from_secs(10),
            all: Millis::from_secs(120),
            pause: Millis::from_secs(1),
        }
    }
}

/// How much a notice matters to whoever is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    /// The run is stuck.
    Critical,
    /// It is being rolled back, or was.
    Error,
    /// Anything else.
    Warning,
}

/// A notice with what stands around it.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// The run's id.
    pub(super) run: String,
    /// The notice's number in the run.
    pub(super) number: u32,
    pub(super) service: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) urgency: Urgency,
}

impl Letter {
    /// What tells this notice from all others, and is the same each time that it is delivered.
    pub(super) fn key(&self) -> String {
        format!("{}-{}", self.run, self.number)
    }
}

/// The way that a letter goes, with all that it needs.
#[derive(Clone, Debug)]
pub(super) enum Way {
    Webhook {
        address: Hidden,
        bearer: Option<Secret>,
    },
    Slack(Secret),
    PagerDuty {
        key: Secret,
        at: String,
    },
    Command {
        command: Command,
        needs: Needs,
    },
}

/// An address, or the secret that holds it.
#[derive(Clone, Debug)]
pub(super) enum Hidden {
    Open(String),
    Secret(Secret),
}

impl Way {
    /// The way to a channel that is not a file.
    ///
    /// # Errors
    /// A sentence when the plan lacks a part of it.
    pub(super) fn to(plan: &Plan, channel: &Channel) -> Result<Self, String> {
        let secret = |name: &String| {
            let found = plan.secrets.iter().find(|secret| secret.name == *name);
            found
                .cloned()
                .ok_or_else(|| format!("the plan has no secret {name}"))
        };
        Ok(match &channel.kind {
            ChannelKind::Log { .. } => return Err("the channel is a file".to_owned()),
            ChannelKind::Webhook { address, bearer } => Self::Webhook {
                address: match address {
                    Address::Open(url) => Hidden::Open(url.clone()),
                    Address::Secret(name) => Hidden::Secret(secret(name)?),
                },
                bearer: bearer.as_ref().map(secret).transpose()?,
            },
            ChannelKind::Slack { address } => Self::Slack(secret(address)?),
            ChannelKind::PagerDuty { key, at } => Self::PagerDuty {
                key: secret(key)?,
                at: at.clone(),
            },
            ChannelKind::Command { command, secrets } => Self::Command {
                command: command.clone(),
                needs: Needs::new(plan, secrets, &[])?,
            },
        })
    }
}

/// What a delivery needs of the runner.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) web: Arc<Web>,
    pub(super) base: Arc<Base>,
    /// Where the files of secrets are made.
    pub(super) temp: std::path::PathBuf,
    pub(super) patience: Patience,
    /// Those before it in the same channel go first.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    /// When the notice was ordered.
    pub(super) ordered: tokio::time::Instant,
}

/// Delivers a letter; why it could not be, as a sentence.
pub(super) async fn deliver(way: Way, letter: Letter, scene: Scene, post: Post) -> Option<String> {
    let turn = Arc::clone(&post.turn);
    let _turn = turn.lock().await;
    let done = match way {
        Way::Command { command, needs } => handed((&command, &needs), &letter, scene, &post).await,
        Way::Webhook { .. } | Way::Slack(_) | Way::PagerDuty { .. } => {
            post::post(way, &letter, &scene, &post).await
        }
    };
    done.err()
}

/// Hands a letter to a command, once: whether to try again is the command's business.
async fn handed(
    (command, needs): (&Command, &Needs),
    letter: &Letter,
    mut scene: Scene,
    post: &Post,
) -> Result<(), String> {
    scene.set("RUNBOOK_NOTICE", &letter.text);
    scene.set("RUNBOOK_NOTICE_KEY", letter.key());
    let mut stop = Stop::never();
    let sources = (post.base.as_ref(), post.temp.as_path());
    let delivered = secrets::deliver(needs, sources, &mut scene, &mut stop).await?;
    let ran = match Program::find(command, &scene) {
        Err(why) => Err(why),
        Ok(program) => short::run((&program, None), &scene, COMMAND.to_std(), &mut stop).await,
    };
    delivered.remove();
    let short = ran?.masked(&delivered.mask);
    let said = match short.said() {
        said if said.is_empty() => said,
        said => format!(": {said}"),
    };
    match short.end {
        End::Exited(0) => Ok(()),
        End::Exited(status) => Err(format!("its command exits with {status}{said}")),
        End::Signalled(signal) => Err(format!("its command ended by signal {signal}{said}")),
        End::TimedOut | End::Stopped => {
            Err(format!("its command did not end within {COMMAND}{said}"))
        }
    }
}

/// Adds a text to the file of a channel; why it could not be, as a sentence.
pub(super) fn write_down(
    path: &str,
    (dir, run): (&Path, &str),
    wall: i64,
    words: &str,
) -> Option<String> {
    let path = dir.join(path);
    let line = format!(
        "{} {run} {}\n",
        instant(wall),
        text::without_controls(words).trim()
    );
    append(&path, line.as_bytes())
        .err()
        .map(|error| format!("{}: {}", path.display(), text::reason(&error)))
}

fn append(path: &Path, line: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    // Without NONBLOCK a pipe that nobody reads would hold up the whole run.
    let flags =
        OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
    let file = rustix::fs::open(path, flags, mode)?;
    std::fs::File::from(file).write_all(line)
}

/// Unix milliseconds as RFC 3339, in UTC and to the second.
#[must_use]
pub fn instant(wall: i64) -> String {
    jiff::Timestamp::from_second(wall.div_euclid(1_000))
        .map(|at| at.to_string())
        .unwrap_or_default()
}
