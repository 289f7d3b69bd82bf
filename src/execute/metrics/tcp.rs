//! Owns metrics that are the time that connecting takes. A refused connection is an error: there is no time to speak of.

use super::super::clock::Look;
use super::super::text;
use crate::engine::Reading;
use crate::value::Millis;

pub(super) async fn ask(address: &str, limit: Millis) -> Reading {
    let asked = Look::now().boot;
    let connected =
        tokio::time::timeout(limit.to_std(), tokio::net::TcpStream::connect(address)).await;
    let took = Look::now().boot.saturating_sub(asked);
    match connected {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a connection of 285 years would lose a microsecond"
        )]
        Ok(Ok(_)) => Reading::Value(took as f64 / 1_000_000.0),
        Ok(Err(error)) => Reading::Error(format!(
            "no connection to {address}: {}",
            text::reason(&error)
        )),
        Err(_) => Reading::Error(format!("no connection to {address} within {limit}")),
    }
}
