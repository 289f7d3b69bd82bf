//! The machines that steps run on.

use crate::ast::Expr;
use crate::check::ids::HostsId;

use super::Command;

/// A group of hosts.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// Its name.
    pub name: String,
    /// Those that are written out.
    pub hosts: Vec<Host>,
    /// What prints more of them when a run starts.
    pub from: Option<Command>,
    /// How they are reached, where a line says nothing of its own.
    pub reach: Reach,
    /// The configuration that ssh reads.
    pub config: Option<Expr>,
}

/// A host.
#[derive(Clone, Debug)]
pub struct Host {
    /// What it is called.
    pub name: String,
    /// Its address, when it is not its name.
    pub at: Option<Expr>,
    /// How it is reached.
    pub reach: Reach,
}

/// How a host is reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The port.
    pub port: Option<Expr>,
    /// The user.
    pub user: Option<Expr>,
    /// The private key.
    pub identity: Option<Expr>,
}

/// Where a step runs.
#[derive(Clone, Debug)]
pub struct OnHosts {
    /// On each of these.
    pub hosts: HostsId,
    /// At most so many at once.
    pub most: Option<Expr>,
    /// So many may fail.
    pub tolerate: Option<Expr>,
}
