//! The wording of what the check phase says.

mod idle;
mod names;
mod params;
mod shape;
mod shell;
mod tests;
mod types;
mod values;

pub(crate) use idle::*;
pub(crate) use names::*;
pub(crate) use params::*;
pub(crate) use shape::*;
pub(crate) use shell::*;
pub(crate) use tests::*;
pub(crate) use types::*;
pub(crate) use values::*;
