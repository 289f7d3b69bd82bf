//! Owns a terminal for the program: what it shows, what is typed, and that it goes away.

use std::cell::RefCell;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::program::Place;
use crate::wait;

/// The far end of a terminal. Dropped, the terminal has gone away, and whoever is at it is sent HUP.
pub(crate) struct Terminal {
    master: File,
    shown: RefCell<String>,
}

impl Terminal {
    /// Starts the program with these words, leading a session of its own at a terminal.
    pub(crate) fn start(place: &Place, words: &[String]) -> (Self, Child) {
        Self::start_from(place, &[], words)
    }

    /// The same, started by the program and words before it, which lead the session instead.
    pub(crate) fn start_from(place: &Place, before: &[&str], words: &[String]) -> (Self, Child) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).expect("it is ours");
        unlockpt(&master).expect("it is ours");
        let size = Winsize {
            ws_row: 50,
            ws_col: 200,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).expect("it is ours");
        let name = ptsname(&master, Vec::new()).expect("it has a name");
        let near = File::options()
            .read(true)
            .write(true)
            .open(name.to_str().expect("a path"))
            .expect("its near end");
        let stream = || OwnedFd::from(near.try_clone().expect("a handle"));
        let program = place.command(&[]);
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .args(before)
            .arg(program.get_program())
            .args(words)
            .current_dir(place.at(""))
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .stdin(stream())
            .stdout(stream())
            .stderr(stream());
        let child = command.spawn().expect("the program starts");
        let flags = fcntl_getfl(&master).expect("it is ours");
        fcntl_setfl(&master, flags | OFlags::NONBLOCK).expect("it is ours");
        let terminal = Self {
            master: File::from(master),
            shown: RefCell::default(),
        };
        (terminal, child)
    }

    /// All that it has shown.
    pub(crate) fn shown(&self) -> String {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = (&self.master).read(&mut chunk) {
            let text = String::from_utf8_lossy(&chunk[..count]).into_owned();
            self.shown.borrow_mut().push_str(&text);
        }
        self.shown.borrow().clone()
    }

    /// Whether lines are edited and keys are shown, as where nobody has asked for anything else.
    pub(crate) fn is_usual(&self) -> bool {
        let usual = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        let set = tcgetattr(&self.master).expect("it is ours");
        set.local_modes.contains(usual)
    }

    /// Waits until it has shown this.
    pub(crate) fn has_shown(&self, words: &str) {
        wait::until(
            &format!("it shows `{words}`"),
            || self.shown(),
            |shown| shown.contains(words),
        );
    }

    /// Waits for the end of who is at it, reading along.
    pub(crate) fn until_end(&self, child: &mut Child) -> Option<i32> {
        let mut ended = None;
        wait::until(
            "it ends",
            || {
                self.shown();
                ended = child.try_wait().expect("the process is ours");
                ended.is_some()
            },
            |ended| *ended,
        );
        ended.and_then(|status| status.code())
    }

    /// Types a line.
    pub(crate) fn types(&self, line: &str) {
        (&self.master)
            .write_all(line.as_bytes())
            .expect("someone reads");
    }
}
