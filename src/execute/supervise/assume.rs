//! Owns the moment in which a new process becomes another user, between fork and exec: groups first, the user last, because after
//! it nothing of this is allowed any more.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Gid, Uid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::super::user::Account;

/// Becomes the account.
pub(super) fn assuming(account: &Account) -> impl FnMut() -> io::Result<()> + use<> {
    let groups: Vec<Gid> = account.groups.iter().copied().map(Gid::from_raw).collect();
    let (group, user) = (Gid::from_raw(account.group), Uid::from_raw(account.id));
    move || {
        set_thread_groups(&groups)?;
        set_thread_res_gid(group, group, group)?;
        set_thread_res_uid(user, user, user)?;
        Ok(())
    }
}

/// Lets what the command starts be run by the account.
#[expect(
    unsafe_code,
    reason = "between fork and exec only; the groups were allocated before, and nothing but three calls of the system is made"
)]
pub(in super::super) fn assume(command: &mut Command, account: &Account) {
    // SAFETY: the closure only makes calls of the system, on memory that was allocated before the fork.
    unsafe {
        command.pre_exec(assuming(account));
    }
}
