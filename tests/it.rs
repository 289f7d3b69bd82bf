//! The one test binary: a module per stage, input files and snapshots beside it.
