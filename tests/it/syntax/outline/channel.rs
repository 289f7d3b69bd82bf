//! How a channel is reached, in a line.

use runbook::ast::{Address, ChannelWay, Hidden};

use super::{command, expr, text};

pub(super) fn way(one: &ChannelWay) -> String {
    match one {
        ChannelWay::Log(path) => format!("log {}", text(path)),
        ChannelWay::Webhook { address, bearer } => {
            let address = match address {
                Address::Open(one) => expr(one),
                Address::Hidden(one) => hidden(one),
            };
            let bearer = bearer.as_ref().map(hidden);
            let bearer = bearer.map_or_else(String::new, |one| format!(" bearer {one}"));
            format!("webhook {address}{bearer}")
        }
        ChannelWay::Slack(one) => format!("slack {}", hidden(one)),
        ChannelWay::PagerDuty { key, at } => {
            let at = at.as_ref().map(expr);
            let at = at.map_or_else(String::new, |one| format!(" at {one}"));
            format!("pagerduty {}{at}", hidden(key))
        }
        ChannelWay::Command(one) => format!("command {}", command(one)),
    }
}

fn hidden(one: &Hidden) -> String {
    match one {
        Hidden::Env(name) => format!("env {}", name.text),
        Hidden::File(path) => format!("file {}", text(path)),
        Hidden::Secret(name) => name.text.clone(),
    }
}
