//! Owns the one question of the locks that only the system can answer: does the process that holds one still live? It reads
//! `/proc`, and sends no signals.
#![expect(
    clippy::disallowed_methods,
    reason = "whether a runner lives is written in /proc, and nowhere else"
)]

use std::fs;
use std::io;

/// A process that can be told from every other one, before and after a reboot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The machine's name.
    pub host: String,
    /// The number of the process.
    pub pid: u32,
    /// When it started, in ticks since boot: process numbers are used again.
    pub started: u64,
    /// The kernel's id of this boot.
    pub boot: String,
    /// The namespace that the number belongs to: a container's process 7 is not this one's.
    pub space: String,
}

/// Whether the holder of a lock lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It does.
    Alive,
    /// It does not.
    Dead,
    /// It is on another machine or in another container, and cannot be seen from here.
    Elsewhere,
}

impl Owner {
    /// This process.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn this() -> io::Result<Self> {
        Self::read("self")
    }

    /// Another process of this machine.
    ///
    /// # Errors
    /// When there is no such process, or `/proc` cannot be read.
    pub fn of(pid: u32) -> io::Result<Self> {
        Self::read(&pid.to_string())
    }

    fn read(process: &str) -> io::Result<Self> {
        let (pid, started) = stat(process)?;
        Ok(Self {
            host: line("/proc/sys/kernel/hostname")?,
            pid,
            started,
            boot: line("/proc/sys/kernel/random/boot_id")?,
            space: fs::read_link("/proc/self/ns/pid")?
                .to_string_lossy()
                .into_owned(),
        })
    }

    /// Whether this process still lives, as seen from `here`.
    #[must_use]
    pub fn liveness(&self, here: &Self) -> Liveness {
        if self.host != here.host {
            return Liveness::Elsewhere;
        }
        if self.boot != here.boot {
            return Liveness::Dead;
        }
        if self.space != here.space {
            return Liveness::Elsewhere;
        }
        match stat(&self.pid.to_string()) {
            Ok((_, started)) if started == self.started => Liveness::Alive,
            Ok(_) => Liveness::Dead,
            Err(error) if is_gone(&error) => Liveness::Dead,
            // It cannot be looked at, so nobody may say that it is dead.
            Err(_) => Liveness::Alive,
        }
    }
}

/// Not there, or gone between opening and reading (`ESRCH`).
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(3)
}

fn line(path: &str) -> io::Result<String> {
    Ok(fs::read_to_string(path)?.trim_end().to_owned())
}

/// The number and the start of a process; one that has ended but was not waited for yet is not there.
fn stat(process: &str) -> io::Result<(u32, u64)> {
    let text = String::from_utf8_lossy(&fs::read(format!("/proc/{process}/stat"))?).into_owned();
    read_stat(&text).ok_or(io::ErrorKind::NotFound.into())
}

/// The number and the start out of a line of `/proc/PID/stat`. The name in parentheses may have blanks and parentheses.
fn read_stat(text: &str) -> Option<(u32, u64)> {
    let (pid, rest) = text.split_once(" (")?;
    let (_, rest) = rest.rsplit_once(") ")?;
    let mut fields = rest.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X" | "x") {
        return None;
    }
    // The state is field 3 of the line, the start is field 22.
    let started = fields.nth(18)?;
    Some((pid.parse().ok()?, started.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let rest = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        let sleeping = format!("42 (a) b (c) S {rest}");
        assert_eq!(read_stat(&sleeping), Some((42, 4711)));
        let zombie = format!("42 (x) Z {rest}");
        assert_eq!(read_stat(&zombie), None);
        assert_eq!(read_stat("42 (x) S 1 2"), None);
    }

    #[test]
    fn each_way_not_to_be_this_process() {
        let here = Owner::this().unwrap();
        assert_eq!(here.liveness(&here), Liveness::Alive);
        let other = |change: fn(&mut Owner)| {
            let mut other = here.clone();
            change(&mut other);
            other.liveness(&here)
        };
        assert_eq!(other(|o| o.started += 1), Liveness::Dead);
        assert_eq!(other(|o| o.pid = u32::MAX), Liveness::Dead);
        assert_eq!(other(|o| o.boot.push('x')), Liveness::Dead);
        assert_eq!(other(|o| o.host.push('x')), Liveness::Elsewhere);
        assert_eq!(other(|o| o.space.push('x')), Liveness::Elsewhere);
    }
}
