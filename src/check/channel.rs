//! Channels: how people are reached, and what of it nobody may see.

use crate::ast::{self, Expr};
use crate::diag::factory::check as say;

use super::Checker;
use super::names::Sort;
use super::place::Place;
use super::shell::Role;
use super::tree::{self, SecretSource};

impl Checker<'_> {
    pub(super) fn channel(&mut self, channel: &ast::Channel) -> Option<tree::Channel> {
        let way = self.part(channel.way.as_ref())?;
        let way = match way {
            ast::ChannelWay::Log(path) => {
                tree::ChannelWay::Log(self.path(path, "the file of a channel")?)
            }
            ast::ChannelWay::Webhook { address, bearer } => {
                let address = self.webhook_address(address);
                let bearer = match bearer {
                    None => Some(None),
                    Some(bearer) => self.hidden(bearer).map(Some),
                };
                tree::ChannelWay::Webhook {
                    address: address?,
                    bearer: bearer?,
                }
            }
            ast::ChannelWay::Slack(address) => tree::ChannelWay::Slack(self.hidden(address)?),
            ast::ChannelWay::PagerDuty { key, at } => {
                let key = self.hidden(key);
                let at = match at {
                    None => Some(None),
                    Some(at) => self.url(at, "the address of a channel").map(Some),
                };
                tree::ChannelWay::PagerDuty { key: key?, at: at? }
            }
            ast::ChannelWay::Command(command) => {
                let (command, secrets) = self.in_role(Role::Channel, |checker| {
                    checker.command(command, Place::AnyTime)
                })?;
                tree::ChannelWay::Command { command, secrets }
            }
        };
        Some(tree::Channel {
            name: channel.name.text.clone(),
            way,
        })
    }

    /// An address that everybody may see, or the name of a secret.
    fn webhook_address(&mut self, address: &ast::Address) -> Option<tree::Address> {
        match address {
            ast::Address::Hidden(hidden) => self.hidden(hidden).map(tree::Address::Hidden),
            ast::Address::Open(expr) => match self.secret_named(expr) {
                Some(secret) => Some(tree::Address::Hidden(tree::Hidden::Secret(secret))),
                None => self
                    .url(expr, "the address of a channel")
                    .map(tree::Address::Open),
            },
        }
    }

    pub(super) fn secret_named(&self, expr: &Expr) -> Option<String> {
        let name = expr.name()?;
        self.names.get(Sort::Secret, name)?;
        Some(name.to_owned())
    }

    pub(super) fn hidden(&mut self, hidden: &ast::Hidden) -> Option<tree::Hidden> {
        match hidden {
            ast::Hidden::Env(name) => Some(tree::Hidden::Own(SecretSource::Env(name.text.clone()))),
            ast::Hidden::File(path) => {
                let path = self.path(path, "the file of a secret")?;
                Some(tree::Hidden::Own(SecretSource::File(path)))
            }
            ast::Hidden::Secret(name) => {
                if self.names.get(Sort::Secret, &name.text).is_none()
                    && let Some((sort, _)) = self.names.value(&name.text)
                {
                    self.found
                        .push(say::not_hidden(name.span, &name.text, sort.described()));
                    return None;
                }
                self.find(Sort::Secret, name)?;
                Some(tree::Hidden::Secret(name.text.clone()))
            }
        }
    }
}
