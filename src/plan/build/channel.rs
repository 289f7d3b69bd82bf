//! Secrets and channels of the plan. A channel's own hidden value is a secret that is named after it.

use crate::check;
use crate::source::offset;

use super::super::{Address, Channel, ChannelId, ChannelKind, PAGERDUTY, Secret, SecretSource};
use super::Builder;

impl Builder<'_> {
    /// The secrets that are declared, and those of channels.
    pub(super) fn secrets(&mut self) -> Vec<Secret> {
        let checked = self.checked;
        let declared = checked
            .secrets
            .iter()
            .map(|one| (one.name.clone(), &one.from));
        let own = checked.channels.iter().flat_map(own);
        let databases = checked.providers.iter().filter_map(database);
        declared
            .chain(own)
            .chain(databases)
            .map(|(name, from)| Secret {
                name,
                from: match from {
                    check::SecretSource::Env(name) => SecretSource::Env(name.clone()),
                    check::SecretSource::File(path) => SecretSource::File(self.path(path)),
                    check::SecretSource::Command(command) => {
                        SecretSource::Command(self.command(command))
                    }
                },
            })
            .collect()
    }

    pub(super) fn channels(&mut self) -> Vec<Channel> {
        let checked = self.checked;
        let all = checked.channels.iter().enumerate();
        all.map(|(index, channel)| Channel {
            id: ChannelId(offset(index)),
            name: channel.name.clone(),
            kind: self.channel(channel),
        })
        .collect()
    }

    fn channel(&mut self, channel: &check::Channel) -> ChannelKind {
        let secret = |hidden: &check::Hidden, word: &str| match hidden {
            check::Hidden::Secret(name) => name.clone(),
            check::Hidden::Own(_) => own_name(channel, word),
        };
        match &channel.way {
            check::ChannelWay::Log(path) => ChannelKind::Log {
                path: self.path(path),
            },
            check::ChannelWay::Webhook { address, bearer } => ChannelKind::Webhook {
                address: match address {
                    check::Address::Open(url) => Address::Open(self.address(url)),
                    check::Address::Hidden(hidden) => Address::Secret(secret(hidden, "webhook")),
                },
                bearer: bearer.as_ref().map(|bearer| secret(bearer, "bearer")),
            },
            check::ChannelWay::Slack(address) => ChannelKind::Slack {
                address: secret(address, "slack"),
            },
            check::ChannelWay::PagerDuty { key, at } => ChannelKind::PagerDuty {
                key: secret(key, "pagerduty"),
                at: match at {
                    Some(at) => self.address(at),
                    None => PAGERDUTY.to_owned(),
                },
            },
            check::ChannelWay::Command { command, secrets } => ChannelKind::Command {
                command: self.command(command),
                secrets: secrets.clone(),
            },
        }
    }
}

/// The hidden values that a channel brings itself, with their names.
fn own(channel: &check::Channel) -> Vec<(String, &check::SecretSource)> {
    let hidden: Vec<(&str, &check::Hidden)> = match &channel.way {
        check::ChannelWay::Log(_) | check::ChannelWay::Command { .. } => Vec::new(),
        check::ChannelWay::Webhook { address, bearer } => {
            let address = match address {
                check::Address::Open(_) => None,
                check::Address::Hidden(hidden) => Some(("webhook", hidden)),
            };
            let bearer = bearer.as_ref().map(|hidden| ("bearer", hidden));
            address.into_iter().chain(bearer).collect()
        }
        check::ChannelWay::Slack(hidden) => vec![("slack", hidden)],
        check::ChannelWay::PagerDuty { key, .. } => vec![("pagerduty", key)],
    };
    hidden
        .into_iter()
        .filter_map(|(word, hidden)| match hidden {
            check::Hidden::Own(source) => Some((own_name(channel, word), source)),
            check::Hidden::Secret(_) => None,
        })
        .collect()
}

/// The name of a channel's own secret, which no declared secret can have.
fn own_name(channel: &check::Channel, word: &str) -> String {
    format!("{}.{word}", channel.name)
}

/// The hidden address that a database brings itself, with its name.
fn database(provider: &check::Provider) -> Option<(String, &check::SecretSource)> {
    match &provider.way {
        check::ProviderWay::Postgres(check::Hidden::Own(source)) => {
            Some((database_name(provider), source))
        }
        check::ProviderWay::Postgres(check::Hidden::Secret(_))
        | check::ProviderWay::Prometheus(_) => None,
    }
}

/// The name of a database's own secret, which no declared secret can have.
pub(super) fn database_name(provider: &check::Provider) -> String {
    format!("{}.postgres", provider.name)
}
