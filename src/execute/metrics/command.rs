//! Owns metrics that a command prints.

use super::super::program::Program;
use super::super::scene::Scene;
use super::super::short::{self, End};
use super::super::stop::Stop;
use super::super::text;
use crate::engine::Reading;
use crate::plan::Command;
use crate::value::Millis;

pub(super) async fn ask(command: &Command, scene: &Scene, limit: Millis) -> Reading {
    let program = match Program::find(command, scene) {
        Ok(program) => program,
        Err(why) => return Reading::Misconfigured(why),
    };
    let short = match short::run((&program, None), scene, limit.to_std(), &mut Stop::never()).await
    {
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
