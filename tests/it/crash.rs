//! Stage `crash`: the real program dies, and is taken up again. What truly happened is read from the file that the steps
//! themselves write, never from our journal.

mod everywhere;
mod full;
mod killed;
pub(crate) mod site;
mod supervisors;

/// The folder of the runbooks that are run here.
const RUNBOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/crash");
