//! The machines that steps run on.

use crate::source::Span;

use super::{Command, Expr, Name};

/// `hosts NAME { … }` or `hosts NAME from $ …`
#[derive(Clone, Debug, PartialEq)]
pub struct Hosts {
    /// Its name.
    pub name: Name,
    /// Those that are written out, in order.
    pub hosts: Vec<Host>,
    /// The command that prints more of them, one a line, when a run starts.
    pub from: Option<Command>,
    /// How they are reached, where a line says nothing of its own.
    pub reach: Reach,
    /// `config "FILE"`: the configuration that ssh reads.
    pub config: Option<Expr>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// `host NAME [at "ADDRESS"] [port N] [user "NAME"] [identity "FILE"]`
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// What it is called, and its address when it has no other.
    pub name: Name,
    /// Its address.
    pub at: Option<Expr>,
    /// How it is reached.
    pub reach: Reach,
}

/// How a host is reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// `port N`
    pub port: Option<Expr>,
    /// `user "NAME"`
    pub user: Option<Expr>,
    /// `identity "FILE"`: the private key.
    pub identity: Option<Expr>,
}

/// `on HOSTS [at most N] [tolerate K]`
#[derive(Clone, Debug, PartialEq)]
pub struct OnHosts {
    /// The hosts.
    pub hosts: Name,
    /// At most so many at once; absent: one.
    pub most: Option<Expr>,
    /// So many may fail; absent: none.
    pub tolerate: Option<Expr>,
    /// The whole clause.
    pub span: Span,
}
