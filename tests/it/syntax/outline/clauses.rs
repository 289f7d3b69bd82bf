//! The clauses of steps, a line each.

use runbook::ast::{Clauses, Pause, Retry, Unless};

use super::{Outline, command, expr};

impl Outline {
    pub(super) fn clauses(&mut self, depth: usize, one: &Clauses) {
        if let Some(value) = &one.timeout {
            self.line(depth, &format!("timeout {}", expr(value)));
        }
        if let Some(retry) = &one.retry {
            self.retry(depth, retry);
        }
        if one.no_retry.is_some() {
            self.line(depth, "retry none");
        }
        if let Some(value) = &one.grace {
            self.line(depth, &format!("grace {}", expr(value)));
        }
        if one.idempotent.is_some() {
            self.line(depth, "idempotent");
        }
        match one.unless.as_deref() {
            Some(Unless::Command(one)) => self.line(depth, &format!("unless {}", command(one))),
            Some(Unless::Probe(name)) => self.line(depth, &format!("unless {}", name.text)),
            None => {}
        }
        if let Some(one) = &one.undo {
            self.line(depth, "undo");
            self.statements(depth + 1, &one.statements);
        }
        if one.protected.is_some() {
            self.line(depth, "protected");
        }
        if let Some(one) = &one.on_failure {
            self.line(depth, &format!("on failure {:?}", one.action));
        }
        if let Some(one) = &one.on_unknown {
            self.line(depth, &format!("on unknown {:?}", one.action));
        }
        if let Some(on) = &one.on {
            self.line(depth, &format!("on {}", on.hosts.text));
            for (word, value) in [("at most", &on.most), ("tolerate", &on.tolerate)] {
                if let Some(value) = value {
                    self.line(depth + 1, &format!("{word} {}", expr(value)));
                }
            }
        }
        if let Some(dir) = &one.dir {
            self.line(depth, &format!("in {}", expr(dir)));
        }
        self.env(depth, &one.env);
        for (word, value) in [("stdin", &one.stdin), ("user", &one.user)] {
            if let Some(value) = value {
                self.line(depth, &format!("{word} {}", expr(value)));
            }
        }
    }

    pub(super) fn retry(&mut self, depth: usize, retry: &Retry) {
        let pause = match &retry.pause {
            Pause::Every(value) => format!("every {}", expr(value)),
            Pause::Backoff { first, last } => {
                format!("backoff {}..{}", expr(first), expr(last))
            }
        };
        self.line(depth, &format!("retry {} {pause}", expr(&retry.times)));
    }
}
