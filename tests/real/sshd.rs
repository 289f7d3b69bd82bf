//! Owns servers of OpenSSH on loopback, each with a port of its own, and what the client needs to know them. They end with the test.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::program::Place;
use crate::wait;

/// Servers, one for each host.
pub(crate) struct Servers {
    children: Vec<Child>,
    pub(crate) ports: Vec<u16>,
}

impl Servers {
    /// Starts so many, with keys in `place`: `user_key` for the client, and `ssh_config` that knows the servers' key.
    pub(crate) fn start(place: &Place, count: usize) -> Self {
        for key in ["host_key", "user_key"] {
            make_key(place, key);
        }
        let public = place.read("user_key.pub");
        place.write("authorized_keys", &public);
        let mut servers = Self {
            children: Vec::new(),
            ports: Vec::new(),
        };
        for _ in 0..count {
            servers.add(place);
        }
        let host = place.read("host_key.pub");
        let mut words = host.split_whitespace();
        let host = format!(
            "{} {}",
            words.next().expect("a kind"),
            words.next().expect("a key")
        );
        let known = servers.ports.iter();
        let known: Vec<String> = known
            .map(|port| format!("[127.0.0.1]:{port} {host}\n"))
            .collect();
        place.write("known_hosts", &known.concat());
        place.write(
            "ssh_config",
            &format!(
                "Host *\n  UserKnownHostsFile {}\n  StrictHostKeyChecking yes\n",
                place.at("known_hosts").display()
            ),
        );
        servers
    }

    fn add(&mut self, place: &Place) {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let config = format!("sshd_config.{port}");
        let at = |name: &str| place.at(name).display().to_string();
        place.write(
            &config,
            &format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\n\
                 UsePAM no\nPidFile none\nPasswordAuthentication no\nMaxStartups 100\n",
                at("host_key"),
                at("authorized_keys")
            ),
        );
        let child = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(place.at(&config))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sshd is installed: `. .ci/sshd.sh` does it");
        self.children.push(child);
        self.ports.push(port);
        wait::until(
            "sshd listens",
            || TcpStream::connect(("127.0.0.1", port)).is_ok(),
            |is_there| *is_there,
        );
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Makes a pair of keys.
pub(crate) fn make_key(place: &Place, name: &str) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(place.at(name))
        .status();
    assert!(made.expect("ssh-keygen runs").success());
}
