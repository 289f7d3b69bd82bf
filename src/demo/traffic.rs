//! The users of the demo: a panel of one hundred, one in each hundredth that a flag can tell apart, who log in one
//! after the other, over real HTTP. It counts nothing; the app does.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::site::bucket;

/// Real requests in a real second.
const PER_SECOND: u32 = 200;

/// Neighbours in time lie so many hundredths apart, so that every short window sees its share of every hundredth. It has
/// no factor in common with one hundred: each user gets their turn.
const STRIDE: usize = 37;

/// Sends requests to the app until it is dropped.
pub(super) async fn run(app: SocketAddr, client: reqwest::Client) {
    let panel = panel();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for user in panel.iter().cycle().step_by(STRIDE) {
        tick.tick().await;
        let sent = client
            .get(format!("http://{app}/login?user={user}"))
            .send()
            .await;
        // A request that fails is a user who tries again later. Reading the answer to its end keeps the connection.
        if let Ok(answer) = sent {
            let _ = answer.bytes().await;
        }
    }
}

/// One name for each hundredth, in their order.
fn panel() -> Vec<String> {
    let named = |hundredth: u32| {
        (0_u32..)
            .map(|number| format!("user-{number}"))
            .find(|name| bucket(name) == hundredth)
    };
    (0..100).filter_map(named).collect()
}
