//! Owns metrics that a command prints.

use std::time::Duration;

use tokio::sync::oneshot;

use super::super::program::Program;
use super::super::scene::Scene;
use super::super::short::{self, End};
use super::super::text;
use crate::engine::Reading;
use crate::plan::Command;
use crate::value::Millis;

pub(super) async fn ask(command: &Command, scene: &Scene, limit: Duration) -> Reading {
    let program = match Program::find(command, scene) {
        Ok(program) => program,
        Err(why) => return Reading::Misconfigured(why),
    };
    let (_ordered, mut never) = oneshot::channel();
    let short = match short::run(&program, scene, limit, &mut never).await {
        Ok(short) => short,
        Err(why) => return Reading::Error(format!("the command could not be started: {why}")),
    };
    let said = short.said();
    match short.end {
        End::Exited(0) => printed(&short.printed()),
        End::Exited(status) if said.is_empty() => {
            Reading::Error(format!("the command exits with {status}"))
        }
        End::Exited(status) => Reading::Error(format!("the command exits with {status}: {said}")),
        End::Signalled(signal) => {
            Reading::Error(format!("the command was ended by signal {signal}"))
        }
        End::TimedOut | End::Stopped => {
            let limit = Millis(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
            Reading::Error(format!("the command did not end within {limit}"))
        }
    }
}

/// What a command printed, as a reading.
fn printed(text: &str) -> Reading {
    if text.is_empty() {
        return Reading::NoData("the command printed nothing".to_owned());
    }
    match text.parse() {
        Ok(value) => super::number(value),
        Err(_) => {
            let said = text::shortened(&text::one_line(text.as_bytes()), 60);
            Reading::Misconfigured(format!("the command printed `{said}`, not one number"))
        }
    }
}
