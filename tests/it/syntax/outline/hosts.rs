//! Hosts and how they are reached, as lines.

use runbook::ast::{Hosts, Reach};

use super::{Outline, command, expr};

impl Outline {
    pub(super) fn hosts(&mut self, one: &Hosts) {
        self.docs(0, &one.docs);
        self.line(0, &format!("hosts {}", one.name.text));
        self.reach(1, &one.reach);
        if let Some(config) = &one.config {
            self.line(1, &format!("config {}", expr(config)));
        }
        if let Some(from) = &one.from {
            self.line(1, &format!("from {}", command(from)));
        }
        for host in &one.hosts {
            self.line(1, &format!("host {}", host.name.text));
            if let Some(at) = &host.at {
                self.line(2, &format!("at {}", expr(at)));
            }
            self.reach(2, &host.reach);
        }
    }

    fn reach(&mut self, depth: usize, one: &Reach) {
        let all = [
            ("port", &one.port),
            ("user", &one.user),
            ("identity", &one.identity),
        ];
        for (word, value) in all {
            if let Some(value) = value {
                self.line(depth, &format!("{word} {}", expr(value)));
            }
        }
    }
}
