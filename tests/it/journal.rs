//! The journal: what is written down, what survives, who may write, and that it brings a run back.
//! A store is tested as a store (`conformance`), so that a second implementation only has to be named there.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test stands on must not fail; if it does, the place says enough"
)]

mod conformance;
mod durable;
mod dying;
mod frozen;
mod locks;
mod place;
mod recorded;
mod replaying;
mod torn;
