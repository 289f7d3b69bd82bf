//! The real world, seen through the trait that the engine sees it through: real processes, sockets and files. Nothing waits
//! for time to pass: tests and processes wait for each other through pipes.

mod bench;
mod channels;
mod facts;
mod fates;
mod groups;
mod handing;
mod hosts;
mod metrics;
mod plans;
mod probes;
mod requests;
mod rollout;
mod secrets;
pub(crate) mod server;
mod signals;
mod sql;
mod steps;
mod stuck;
