//! The way of open files from a runner to the server of supervisors: where as many are on their way as may be, it is tried again, and
//! the step begins when there is room.

use std::fs::File;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::Command;

use rustix::cmsg_space;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use crate::crash::site::Site;
use crate::moment;
use crate::wait;

/// A user has at most as many open files on their way as each may have open. Root has no such limit, unless it is taken its say over limits.
const LIMITED: &str = r#"
  ulimit -n 200
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --bounding-set=-sys_resource,-sys_admin "$@"
  fi
  exec "$@"
"#;

const RUNBOOK: &str = r#"runbook "One step"
service  crowded
owner    "@proofs"

param site: path

rollout {
  stage all {
    step go $ echo "go $RUNBOOK_ATTEMPT" >> "$site/effects"
  }
}

rollback {
  level off within 5m {
    step back $ echo "back $RUNBOOK_ATTEMPT" >> "$site/effects"
  }
}
"#;

/// More open files than that, on their way for as long as this lives.
fn crowd() -> (UnixStream, UnixStream) {
    let pair = UnixStream::pair().expect("a socket");
    let file = File::open("/dev/null").expect("a file");
    for _ in 0..2 {
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(150))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let files = [file.as_fd(); 150];
        assert!(control.push(SendAncillaryMessage::ScmRights(&files)));
        let sent = sendmsg(
            &pair.0,
            &[IoSlice::new(b"!")],
            &mut control,
            SendFlags::empty(),
        );
        sent.expect("they are on their way");
    }
    pair
}

/// Whether an attempt has its files: then it is handed over next.
fn is_prepared(site: &Site) -> bool {
    let runs = std::fs::read_dir(site.place.at("state/runs"));
    let mut runs = runs.into_iter().flatten().flatten();
    runs.any(|run| run.path().join("attempt-0.notes").exists())
}

#[test]
fn a_step_begins_when_there_is_room_for_what_it_is_handed() {
    let site = Site::written(RUNBOOK);
    let program = site.place.command(&[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", LIMITED, "sh"])
        .arg(program.get_program())
        .args(site.run("1200x"))
        .current_dir(site.place.at(""))
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    let crowd = crowd();
    let mut runner = site.place.started(command);
    wait::until("it is handed over", || is_prepared(&site), |is| *is);
    for _ in 0..25 {
        moment::after(20_000);
        let ended = runner.child.try_wait().expect("the process is ours");
        assert!(ended.is_none(), "it waits: {}", runner.err());
        assert_eq!(site.effects().times("go"), 0, "there is no room");
    }
    drop(crowd);
    let ran = runner.end();
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let effects = site.effects();
    assert_eq!(effects.0.len(), 1, "{effects:?}");
    assert_eq!(effects.times("go"), 1, "{effects:?}");
}
