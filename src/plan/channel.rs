//! Owns where people are told. What of it nobody may see is named here, and read when it is needed.

use serde::{Deserialize, Serialize};

use super::act::Command;
use super::ids::ChannelId;

/// Where PagerDuty takes events (its Events API, version 2).
pub const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// A place where people are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Its position.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub kind: ChannelKind,
}

/// How a channel is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ChannelKind {
    /// One line a message, appended to a file.
    Log {
        /// The file's path, relative to the runbook's caller.
        path: String,
    },
    /// Posted as JSON.
    Webhook {
        /// Where to.
        address: Address,
        /// The secret with the token of its `Authorization`, by name.
        bearer: Option<String>,
    },
    /// Posted to an incoming webhook of Slack.
    Slack {
        /// The secret with its address, by name.
        address: String,
    },
    /// An event for PagerDuty.
    PagerDuty {
        /// The secret with the routing key, by name.
        key: String,
        /// The address of the Events API.
        at: String,
    },
    /// Handed to a command, in the variable `RUNBOOK_NOTICE`.
    Command {
        /// What is run.
        command: Command,
        /// The secrets that it names.
        secrets: Vec<String>,
    },
}

/// The address of a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Address {
    /// Everybody may see it.
    Open(String),
    /// The secret that holds it, by name.
    Secret(String),
}
