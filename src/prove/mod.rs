//! Owns the proof before the run: the engine itself is taken through every outcome of every effect, and a path that ends as none
//! may is kept. It reads no clock and starts nothing; what it assumes it says. What a told path says happens, in that order; of its times
//! it says how late each may be, since a poll can fall on any moment of its interval: a run may be sooner there.

mod act;
mod ages;
mod answered;
mod bytes;
mod cases;
mod elapsed;
mod end;
mod entry;
mod found;
mod kinds;
mod likeness;
mod look;
mod minds;
mod monitor;
mod moves;
mod never;
mod node;
mod pairs;
mod place;
mod recent;
mod same;
mod sight;
mod story;
mod sweep;
mod trip;
mod trips;
mod unknown;
mod walls;
mod ways;
mod wide;

pub use act::Watch;
pub use cases::{Proofs, prove_all};
pub use end::End;
pub use found::{Proof, Shapes, prove};
pub use moves::{How, Missed, Move, Start};
pub use pairs::leaves_pairs_out;
pub use story::{Place, Told, Turns};
pub use sweep::{BUDGET, Fault, FaultKind, Swept, sweep};
pub use ways::{Leg, Wanted, legs, told_ways};
