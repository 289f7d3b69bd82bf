//! Owns probes: asking once, read-only, and the answer yes or no with the reason.

mod expect;

use std::sync::Arc;

pub(super) use self::expect::{Seen, judge};
use super::headers::Headers;
use super::program::Program;
use super::scene::Scene;
use super::short::{self, End};
use super::stop::Stop;
use super::text;
use super::web::{Silence, Web};
use crate::engine::Outcome;
use crate::plan::{Probe, ProbeAsk};
use crate::value::Millis;

/// Asks a probe once.
pub(super) async fn ask(
    web: Arc<Web>,
    (probe, scene, headers): (Probe, Scene, &Headers),
    limit: Millis,
    mut stop: Stop,
) -> Outcome {
    let seen = match &probe.ask {
        ProbeAsk::Http { url } => tokio::select! {
            biased;
            reply = web.ask(url, (None, headers), limit) => reply.map(Seen::Http).map_err(said),
            () = stop.asked() => return Outcome::Stopped,
        },
        ProbeAsk::Tcp { address } => tokio::select! {
            biased;
            seen = connect(address, limit) => seen,
            () = stop.asked() => return Outcome::Stopped,
        },
        ProbeAsk::Command(command) => {
            let program = match Program::find(command, &scene) {
                Ok(program) => program,
                Err(why) => return Outcome::NotStarted { why },
            };
            match short::run((&program, None), &scene, limit.to_std(), &mut stop).await {
                Err(why) => return Outcome::NotStarted { why },
                Ok(short) => match short.end {
                    End::Exited(status) => Ok(Seen::Command { status, short }),
                    End::Signalled(signal) => return Outcome::Signalled { signal },
                    End::TimedOut => return Outcome::TimedOut,
                    End::Stopped => return Outcome::Stopped,
                },
            }
        }
    };
    let judged = match seen {
        Ok(seen) => judge(&probe.expect, &seen, limit).await,
        Err(why) => Err(why),
    };
    match judged {
        Ok(()) => Outcome::Exited {
            status: 0,
            said: String::new(),
        },
        Err(said) => Outcome::Exited { status: 1, said },
    }
}

fn said(silence: Silence) -> String {
    match silence {
        Silence::Address(why) | Silence::Transport(why) => why,
    }
}

async fn connect(address: &str, limit: Millis) -> Result<Seen, String> {
    match tokio::time::timeout(limit.to_std(), tokio::net::TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(Seen::Connected),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            Err(format!("connection refused at {address}"))
        }
        Ok(Err(error)) => Err(format!(
            "no connection to {address}: {}",
            text::reason(&error)
        )),
        Err(_) => Err(format!("no connection to {address} within {limit}")),
    }
}
