//! Owns the users of this machine that steps run as: who they are, and whether this process can become one of them. Nothing is
//! asked for a password, and no other program is put in front of a step: what could not be ended from here is not started.

use std::ffi::{CString, OsStr};
use std::path::PathBuf;

use nix::unistd::{User, getgrouplist};
use rustix::process::geteuid;

/// A user that a command runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) id: u32,
    pub(super) group: u32,
    /// All its groups.
    pub(super) groups: Vec<u32>,
    pub(super) home: PathBuf,
}

/// The account that a command has to become; nothing when it is the one of this process.
///
/// # Errors
/// Why this process cannot, and what to do, as a sentence.
pub(super) fn account(name: &str) -> Result<Option<Account>, String> {
    let user = User::from_name(name)
        .map_err(|error| format!("the user {name} cannot be looked up: {}", error.desc()))?
        .ok_or_else(|| format!("this machine has no user {name}"))?;
    let this = geteuid();
    if user.uid.as_raw() == this.as_raw() {
        return Ok(None);
    }
    if !this.is_root() {
        let own = User::from_uid(nix::unistd::geteuid()).ok().flatten();
        let own = own.map_or_else(|| this.as_raw().to_string(), |own| own.name);
        return Err(format!(
            "this run belongs to {own}, and only root can run something as {name}: start it as root or as {name}"
        ));
    }
    let word = CString::new(name).map_err(|_| format!("this machine has no user {name}"))?;
    let groups = getgrouplist(&word, user.gid)
        .map_err(|error| format!("the groups of {name} cannot be read: {}", error.desc()))?;
    Ok(Some(Account {
        name: user.name,
        id: user.uid.as_raw(),
        group: user.gid.as_raw(),
        groups: groups.into_iter().map(nix::unistd::Gid::as_raw).collect(),
        home: user.dir,
    }))
}

impl Account {
    /// The variables that say who one is.
    pub(super) fn vars(&self) -> [(&'static str, &OsStr); 3] {
        let name = OsStr::new(&self.name);
        [
            ("HOME", self.home.as_os_str()),
            ("USER", name),
            ("LOGNAME", name),
        ]
    }
}
