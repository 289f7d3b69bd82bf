//! Owns what a supervisor is told when it starts, as bytes in memory that no other process sees: never an argument, never a
//! variable, never a file on a disk.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::super::outputs::Files;
use super::super::program::Program;
use super::super::request::{Remote, Repeated};
use super::super::ssh::Line;
use super::super::steps::Bounds;
use super::super::user::Account;
use crate::engine::Attempt;
use crate::value::Millis;

/// What a supervisor is told.
pub(in super::super) struct Brief {
    pub(in super::super) program: Program,
    /// All that the step finds in its environment.
    pub(in super::super) vars: Vec<(OsString, OsString)>,
    /// What is masked in its output.
    pub(in super::super) secrets: Vec<Vec<u8>>,
    /// Where the files of its secrets lie, to be removed after it.
    pub(in super::super) folder: Option<PathBuf>,
    pub(in super::super) files: Files,
    pub(in super::super) bounds: Bounds,
    /// How it is spoken with when it runs on another machine.
    pub(in super::super) line: Option<Line>,
    /// What it reads; on another machine the script hands it over.
    pub(in super::super) input: Option<Vec<u8>>,
    /// What is done elsewhere, and whether it may be done again.
    pub(in super::super) request: Option<Remote>,
    /// Who it becomes.
    pub(in super::super) account: Option<Account>,
    /// Whether it has the terminal, which is the supervisor's standard error.
    pub(in super::super) at_terminal: bool,
    /// The process that has the attempt supervised.
    pub(in super::super) runner: i32,
}

impl Brief {
    pub(in super::super) fn to_bytes(&self) -> Vec<u8> {
        let mut words = Words(Vec::new());
        words.text(self.program.path.as_os_str());
        words.text(self.program.dir.as_os_str());
        words.number(self.program.args.len());
        for word in &self.program.args {
            words.text(word);
        }
        words.number(self.vars.len());
        for (name, value) in &self.vars {
            words.text(name);
            words.text(value);
        }
        words.number(self.secrets.len());
        for secret in &self.secrets {
            words.put(secret);
        }
        words.text(self.folder.clone().unwrap_or_default().as_os_str());
        words.text(self.files.dir().as_os_str());
        words.number(self.files.attempt().0);
        words.number(u8::from(self.files.is_apart()));
        words.number(self.bounds.timeout.0);
        words.number(self.bounds.grace.0);
        words.number(self.runner);
        words.number(u8::from(self.at_terminal));
        words.number(u8::from(self.line.is_some()));
        if let Some(line) = &self.line {
            words.put(line.host.as_bytes());
            words.put(&line.script);
            words.put(line.mark.as_bytes());
        }
        words.number(u8::from(self.input.is_some()));
        if let Some(input) = &self.input {
            words.put(input);
        }
        words.number(match self.request {
            None => 0,
            Some(Remote::Request(Repeated::Harmless)) => 1,
            Some(Remote::Request(Repeated::Unsafe)) => 2,
            Some(Remote::Sql(Repeated::Harmless)) => 3,
            Some(Remote::Sql(Repeated::Unsafe)) => 4,
        });
        words.number(u8::from(self.account.is_some()));
        if let Some(account) = &self.account {
            words.put(account.name.as_bytes());
            words.number(account.id);
            words.number(account.group);
            words.number(account.groups.len());
            for group in &account.groups {
                words.number(group);
            }
            words.text(account.home.as_os_str());
        }
        words.0
    }

    /// Nothing when they are not whole.
    pub(in super::super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        let path = PathBuf::from(rest.text()?);
        let dir = PathBuf::from(rest.text()?);
        let args = (0..rest.number::<usize>()?).map(|_| rest.text());
        let args = args.collect::<Option<Vec<OsString>>>()?;
        let vars = (0..rest.number::<usize>()?).map(|_| Some((rest.text()?, rest.text()?)));
        let vars = vars.collect::<Option<Vec<_>>>()?;
        let secrets = (0..rest.number::<usize>()?).map(|_| rest.take().map(<[u8]>::to_vec));
        let secrets = secrets.collect::<Option<Vec<_>>>()?;
        let folder = Some(rest.text()?)
            .filter(|folder| !folder.is_empty())
            .map(PathBuf::from);
        let outputs = PathBuf::from(rest.text()?);
        let files = Files::new(&outputs, Attempt(rest.number()?));
        let files = match rest.number::<u8>()? {
            0 => files,
            _ => files.apart(),
        };
        let bounds = Bounds {
            timeout: Millis(rest.number()?),
            grace: Millis(rest.number()?),
        };
        let runner = rest.number()?;
        let at_terminal = rest.number::<u8>()? != 0;
        let line = match rest.number::<u8>()? {
            0 => None,
            _ => Some(Line {
                host: rest.string()?,
                script: rest.take()?.to_vec(),
                mark: rest.string()?,
            }),
        };
        let input = match rest.number::<u8>()? {
            0 => None,
            _ => Some(rest.take()?.to_vec()),
        };
        let request = match rest.number::<u8>()? {
            0 => None,
            1 => Some(Remote::Request(Repeated::Harmless)),
            2 => Some(Remote::Request(Repeated::Unsafe)),
            3 => Some(Remote::Sql(Repeated::Harmless)),
            _ => Some(Remote::Sql(Repeated::Unsafe)),
        };
        let account = match rest.number::<u8>()? {
            0 => None,
            _ => Some(Account {
                name: rest.string()?,
                id: rest.number()?,
                group: rest.number()?,
                groups: (0..rest.number::<usize>()?)
                    .map(|_| rest.number())
                    .collect::<Option<Vec<u32>>>()?,
                home: PathBuf::from(rest.text()?),
            }),
        };
        Some(Self {
            program: Program { path, args, dir },
            vars,
            secrets,
            folder,
            files,
            bounds,
            line,
            input,
            request,
            account,
            at_terminal,
            runner,
        })
    }
}

/// Byte strings one after the other, each behind its length.
struct Words(Vec<u8>);

impl Words {
    fn put(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &OsStr) {
        self.put(text.as_bytes());
    }

    fn number(&mut self, number: impl ToString) {
        self.put(number.to_string().as_bytes());
    }
}

/// What has not been read of them.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (bytes, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<OsString> {
        Some(OsString::from_vec(self.take()?.to_vec()))
    }

    fn string(&mut self) -> Option<String> {
        String::from_utf8(self.take()?.to_vec()).ok()
    }

    fn number<T: std::str::FromStr>(&mut self) -> Option<T> {
        std::str::from_utf8(self.take()?).ok()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_what_is_heard_and_nothing_of_it_when_it_is_torn() {
        let brief = Brief {
            program: Program {
                path: "/bin/sh".into(),
                args: vec!["-c".into(), OsString::from_vec(vec![b'a', 0xff])],
                dir: "/".into(),
            },
            vars: vec![("A".into(), "".into())],
            secrets: vec![vec![0, 1, 2], Vec::new()],
            folder: None,
            files: Files::new("/tmp/x".as_ref(), Attempt(7)),
            bounds: Bounds {
                timeout: Millis(1),
                grace: Millis(2),
            },
            line: Some(Line {
                host: "web1".to_owned(),
                script: vec![b'{', 0xff],
                mark: "runbook".to_owned(),
            }),
            input: Some(vec![0, 0xff]),
            request: Some(Remote::Request(Repeated::Unsafe)),
            account: Some(Account {
                name: "deploy".to_owned(),
                id: 1000,
                group: 100,
                groups: vec![100, 27],
                home: "/srv/deploy".into(),
            }),
            at_terminal: true,
            runner: 42,
        };
        let bytes = brief.to_bytes();
        let heard = Brief::from_bytes(&bytes).unwrap();
        assert_eq!(heard.to_bytes(), bytes);
        assert_eq!(heard.secrets, brief.secrets);
        assert!((0..bytes.len()).all(|cut| Brief::from_bytes(&bytes[..cut]).is_none()));
    }
}
