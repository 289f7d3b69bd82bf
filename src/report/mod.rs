//! Owns what people read of a run: every view is a fold over the one stream of facts and orders. It decides nothing and changes nothing.

mod accepted;
mod acts;
mod before;
mod left;
mod line;
mod migrations;
mod names;
mod opening;
mod printer;
pub mod proof;
mod said;
mod status;
mod timeline;
pub mod trial;
mod unseen;
mod verdict;
mod ways;
mod words;

pub use accepted::accepted;
pub use line::{Line, Tone, line};
pub use migrations::of_migrations;
pub use names::Names;
pub use printer::{Colour, Detail, Printer, Surface, wrap};
pub use said::said;
pub use status::{page, progress, silent, typed, ways};
pub use timeline::timeline;
pub use verdict::{exit_status, left_status, verdict_word};
