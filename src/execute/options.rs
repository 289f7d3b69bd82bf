//! Owns what a runner has to be told by whoever starts it. Nothing of it is read from the process.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use super::leaving::OnHold;
use super::notify::Patience;
use crate::engine::{Input, Stamp};
use crate::world::Letter;

/// Gives the next letter of the run's inbox, if there is one. It is called again for a letter whose fact was not recorded.
pub type Inbox<'a> = Box<dyn FnMut() -> Option<(Letter, Input)> + 'a>;

/// What the runner has to know.
#[derive(Debug)]
pub struct Options {
    /// The run's id.
    pub run: String,
    /// When the run began, Unix milliseconds; nothing when it begins now.
    pub started: i64,
    /// The stamp of the last fact of a run that is taken up.
    pub last: Option<Stamp>,
    /// Who sits at the terminal.
    pub by: String,
    /// The directory that the run was started from.
    pub dir: PathBuf,
    /// The environment that steps inherit, less the variables of secrets.
    pub environment: Vec<(OsString, OsString)>,
    /// This program's file: it is started again to supervise each attempt, so that a step outlives its runner.
    pub supervisor: PathBuf,
    /// Where the files of attempts are; made when it is not there.
    pub outputs: PathBuf,
    /// Where the files of secrets are made.
    pub temp: PathBuf,
    /// How hard notices are tried.
    pub patience: Patience,
    /// Run time goes this much faster than real time; 1 but for rehearsals.
    pub speed: f64,
    /// What a hold does.
    pub on_hold: OnHold,
    /// The terminal of the person, opened for this alone (`/dev/tty`); nothing when nobody is there.
    pub terminal: Option<OwnedFd>,
}
