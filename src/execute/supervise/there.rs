//! Owns an attempt on another machine, as its supervisor sees it: the script that goes there, the word to go once it has said that
//! it is there, and what is known of its end. What the script did not say is not known.

use std::io::{self, ErrorKind, PipeWriter, Write};

use rustix::fs::{OFlags, fcntl_setfl};

use super::super::clock::Look;
use super::super::ssh::{CANNOT, GO, Line, Said, said};
use super::super::{parts, text};
use super::{Brief, Start, Watch, finished, micros, not_started};
use crate::engine::Outcome;

/// The script must have said by then that it is there, in milliseconds.
const REACH: u64 = 20_000;

/// The script has so much longer than the command and its grace to say how it ended, in milliseconds.
const SURE: u64 = 10_000;

/// What an attempt there takes at most beside its timeout and grace, in milliseconds.
pub(super) const LONGER: u64 = REACH + SURE;

/// The pause between two looks at what has come, in microseconds.
const LOOK: u64 = 20_000;

/// The way to the script.
pub(super) struct Lead {
    pipe: PipeWriter,
    /// What was not sent yet.
    rest: Vec<u8>,
}

impl Lead {
    /// Gives the command its standard input.
    pub(super) fn connect(command: &mut Start<'_>, line: &Line) -> io::Result<Self> {
        let (reader, pipe) = io::pipe()?;
        fcntl_setfl(&pipe, OFlags::NONBLOCK)?;
        command.stdin(reader);
        Ok(Self {
            pipe,
            rest: line.script.clone(),
        })
    }

    /// Sends what there is room for. Whether anything is left.
    fn pump(&mut self) -> bool {
        while !self.rest.is_empty() {
            match self.pipe.write(&self.rest) {
                Ok(count) => drop(self.rest.drain(..count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                // Nobody reads it any more; how that ends is seen elsewhere.
                Err(_) => self.rest.clear(),
            }
        }
        false
    }
}

/// Why it is ended from here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    ByItself,
    Stopped,
    TooLate,
}

impl Watch {
    pub(super) fn see_there(
        mut self,
        brief: &Brief,
        (line, mut lead): (&Line, Lead),
        from: u64,
    ) -> Outcome {
        if let Some(outcome) = self.reach(brief, (line, &mut lead), from) {
            drop(lead);
            self.end(micros(brief.bounds.grace.0));
            let (lost, _) = finished(self.output.output);
            return match lost {
                Some(lost) => not_started(&lost),
                None => outcome,
            };
        }
        lead.rest.extend_from_slice(GO.as_bytes());
        let grace = brief.bounds.grace.0;
        let sure = grace.saturating_add(SURE);
        let most = brief.bounds.timeout.0.saturating_add(sure);
        let deadline = Look::now().boot.saturating_add(micros(most));
        let ended = loop {
            let is_left = lead.pump();
            if self.family.status().is_some() {
                break Ended::ByItself;
            }
            if self.ears.is_ordered() {
                break Ended::Stopped;
            }
            let now = Look::now().boot;
            if now >= deadline {
                break Ended::TooLate;
            }
            let soon = now.saturating_add(LOOK).min(deadline);
            self.turn(if is_left { soon } else { deadline });
        };
        // Without its lifeline the script ends the command there, and says so.
        drop(lead);
        if ended == Ended::Stopped {
            let until = Look::now().boot.saturating_add(micros(sure));
            while self.family.status().is_none() && Look::now().boot < until {
                self.turn(until);
            }
        }
        let is_gone = self.end(micros(grace));
        let (lost, _) = finished(self.output.output);
        let tail = brief.files.tail().unwrap_or_default();
        let last = text::last_line_without(&tail, &[&line.mark, parts::MARK]);
        match (said(&tail, &line.mark), ended) {
            (Some(Said::Ended(status)), _) => Outcome::Exited {
                status,
                said: words(status, (&last, parts::begun(&tail)), (&tail, line), lost),
            },
            (Some(Said::Late), _) => Outcome::TimedOut,
            (Some(Said::Cut), Ended::TooLate) => Outcome::TimedOut,
            (Some(Said::Cut), Ended::Stopped | Ended::ByItself) => Outcome::Stopped,
            (Some(Said::Begins | Said::Cannot) | None, _) => Outcome::Unknown {
                why: match parts::begun(&tail) {
                    Some(part) => format!(
                        "{part}, had begun: {}",
                        unheard(line, ended, is_gone.then_some(last.as_str()))
                    ),
                    None => unheard(line, ended, is_gone.then_some(last.as_str())),
                },
            },
        }
    }

    /// Waits until the script says that it is there; the outcome when it does not.
    fn reach(
        &mut self,
        brief: &Brief,
        (line, lead): (&Line, &mut Lead),
        from: u64,
    ) -> Option<Outcome> {
        let deadline = from.saturating_add(micros(REACH));
        loop {
            lead.pump();
            let now = Look::now().boot;
            let is_over = self.family.status().is_some();
            let mut tail = brief.files.tail().unwrap_or_default();
            if let Some(masking) = &self.output.output {
                // It would be held back until more comes, and nothing more comes before the word to go.
                tail.extend_from_slice(masking.held());
            }
            match said(&tail, &line.mark) {
                Some(Said::Begins) if !is_over => {
                    return self.ears.is_ordered().then_some(Outcome::Stopped);
                }
                Some(Said::Cannot) => {
                    let text = String::from_utf8_lossy(&tail);
                    let why = text.rsplit_once(CANNOT).map_or("", |(_, why)| why);
                    return Some(not_started(&text::one_line(why.as_bytes())));
                }
                Some(Said::Begins | Said::Ended(_) | Said::Late | Said::Cut) | None => {}
            }
            if is_over {
                let why = text::last_line_without(&tail, &[&line.mark, parts::MARK]);
                let why = if why.is_empty() {
                    "ssh gave no reason".to_owned()
                } else {
                    why
                };
                return Some(not_started(&format!(
                    "{} was not reached: {why}",
                    line.host
                )));
            }
            if self.ears.is_ordered() {
                return Some(Outcome::Stopped);
            }
            if now >= deadline {
                let seconds = REACH / 1_000;
                return Some(not_started(&format!(
                    "{} was not reached: it did not answer within {seconds}s",
                    line.host
                )));
            }
            self.turn(now.saturating_add(LOOK).min(deadline));
        }
    }
}

fn words(
    status: i32,
    (last, part): (&str, Option<String>),
    (tail, line): (&[u8], &Line),
    lost: Option<String>,
) -> String {
    let mut said = Vec::new();
    if status != 0 {
        let last = Some(last)
            .filter(|last| !last.is_empty())
            .map(str::to_owned);
        let all: Vec<String> = part.into_iter().chain(last).collect();
        if !all.is_empty() {
            said.push(all.join(": "));
        }
    }
    let mark = format!("{} left processes", line.mark);
    if String::from_utf8_lossy(tail).contains(&mark) {
        said.push("it left processes running behind it, which were ended".to_owned());
    }
    said.extend(lost);
    said.join("; ")
}

fn unheard(line: &Line, ended: Ended, last: Option<&str>) -> String {
    let host = &line.host;
    let why = match (ended, last) {
        (Ended::ByItself, Some(last)) if !last.is_empty() => {
            format!("the connection to {host} broke while it ran ({last})")
        }
        (Ended::ByItself, _) => format!("the connection to {host} broke while it ran"),
        (Ended::Stopped, _) => format!("it was told to stop, and {host} has not said that it has"),
        (Ended::TooLate, _) => {
            format!("its time is over, and {host} has not said how it ended")
        }
    };
    format!("{why}; where {host} still runs it, it ends it by itself when its time is over")
}
