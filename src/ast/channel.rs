//! Where people are told.

use crate::source::Span;

use super::{Command, Expr, Name, Text};

/// `channel NAME { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Its name.
    pub name: Name,
    /// How it is reached; `None` when the block did not say, or named a kind of channel that is not built yet, which was
    /// reported.
    pub way: Option<ChannelWay>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// How a channel is reached.
#[derive(Clone, Debug, PartialEq)]
pub enum ChannelWay {
    /// `log "path"`: a file that lines are added to.
    Log(Text),
    /// `webhook URL [bearer SECRET]`
    Webhook {
        /// Where to.
        address: Address,
        /// The token of its `Authorization`.
        bearer: Option<Hidden>,
    },
    /// `slack SECRET`: the secret is the address of an incoming webhook.
    Slack(Hidden),
    /// `pagerduty SECRET [at URL]`: the secret is the routing key of an integration.
    PagerDuty {
        /// The routing key.
        key: Hidden,
        /// The address of the Events API; that of PagerDuty when it is not given.
        at: Option<Expr>,
    },
    /// `command $ …`
    Command(Command),
}

/// The address of a webhook.
#[derive(Clone, Debug, PartialEq)]
pub enum Address {
    /// An expression; the name of a secret when it names one.
    Open(Expr),
    /// It comes from outside, and nobody may see it.
    Hidden(Hidden),
}

/// Where a value comes from that nobody may see.
#[derive(Clone, Debug, PartialEq)]
pub enum Hidden {
    /// `env VARIABLE`
    Env(Name),
    /// `file "path"`
    File(Text),
    /// The name of a declared secret.
    Secret(Name),
}
