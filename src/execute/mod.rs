//! Owns the real world: processes, clocks, HTTP, signals and the terminal, behind the trait [`World`](crate::world::World). It decides nothing: it
//! reports facts and obeys orders.
//!
//! One thread, one current-thread runtime. Work makes progress only while `next` waits, and never holds it up.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place where a run reads clocks, waits, starts processes and asks over the network"
)]

mod clock;
mod dialogue;
mod fate;
mod group;
mod headers;
mod inventory;
mod jq;
mod leaving;
mod mask;
mod metrics;
mod missing;
mod notify;
mod operator;
mod options;
mod outputs;
mod parts;
mod person;
mod probes;
mod program;
mod request;
mod room;
mod runner;
mod scene;
mod secrets;
mod server;
mod shellcheck;
mod short;
mod show;
mod signals;
mod sql;
mod ssh;
mod steps;
mod stop;
mod supervise;
mod text;
mod underway;
mod user;
mod voice;
mod web;
mod work;

pub use clock::shift_wall_clock;
pub use fate::{Alive, Fate, fate};
pub use inventory::ask_hosts;
pub use leaving::OnHold;
pub use missing::{missing, unattended};
pub use notify::{Patience, instant};
pub use options::{Inbox, Options};
pub use outputs::{last_lines, output_path};
pub(crate) use parts::typed_word;
pub use request::{REQUEST, request};
pub use room::make_room;
pub use runner::Execute;
pub use shellcheck::Shellcheck;
pub use show::Show;
pub(crate) use signals::own_signals;
pub use supervise::{SUPERVISE, supervise};
pub(crate) use text::without_controls;
pub(crate) use voice::Voice;
pub(crate) use web::prepare_tls;
