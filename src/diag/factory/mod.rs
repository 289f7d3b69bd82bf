//! All wording of all diagnostics, one function each, a file a phase.
//!
//! Style: the message says what is wrong, in lower case and without a full stop; the label says why here;
//! the help says what to type.

pub(crate) mod after;
pub(crate) mod bare;
pub(crate) mod check;
pub(crate) mod exposure;
pub(crate) mod given;
pub(crate) mod habits;
pub(crate) mod hosts;
pub(crate) mod library;
pub(crate) mod lines;
pub(crate) mod lint;
pub(crate) mod migration;
pub(crate) mod nested;
pub(crate) mod no_return;
pub(crate) mod proof;
pub(crate) mod query;
pub(crate) mod request;
pub(crate) mod risk;
pub(crate) mod separator;
pub(crate) mod settings;
pub(crate) mod sql;
pub(crate) mod syntax;
pub(crate) mod task;
pub(crate) mod terminal;
pub(crate) mod trial;
pub(crate) mod undo;
pub(crate) mod unread;
