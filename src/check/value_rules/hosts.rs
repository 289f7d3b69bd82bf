//! The rules over the values of hosts, and of the steps that run on them.

use crate::ast::Expr;
use crate::check::tree::{Checked, OnHosts, Reach, Step};
use crate::diag::factory::{check as say, hosts};
use crate::value::{Type, Value};

use super::Judge;

/// The most hosts that one step runs on.
const MOST_HOSTS: i64 = 1_000;

impl Judge<'_> {
    pub(super) fn hosts(&mut self, checked: &Checked) {
        for group in &checked.hosts {
            if let Some(command) = &group.from {
                self.command(command);
            }
            if let Some(config) = &group.config {
                self.value(config, &Type::Path);
            }
            self.reach(&group.reach);
            for host in &group.hosts {
                if let Some(at) = &host.at {
                    self.host_word(at, ("the address of a host", ADDRESS));
                }
                self.reach(&host.reach);
            }
        }
    }

    fn reach(&mut self, reach: &Reach) {
        if let Some(port) = &reach.port
            && let Some(number) = self.int(port)
            && !(1..=65_535).contains(&number)
        {
            let range = "from 1 to 65535";
            self.found
                .push(say::count_out_of_range(port.span, "a port", range));
        }
        if let Some(user) = &reach.user {
            self.host_word(user, ("the name of a user", USER));
        }
        if let Some(identity) = &reach.identity {
            self.value(identity, &Type::Path);
        }
    }

    fn host_word(&mut self, expr: &Expr, (what, signs): (&str, &str)) {
        let Some(Value::Text(text)) = self.value(expr, &Type::Text) else {
            return;
        };
        if let Some(why) = wrong_in(&text, signs) {
            self.found
                .push(hosts::bad_host_word(expr.span, (what, &text), &why));
        }
    }

    /// The user of a step: of this machine, or of each host.
    pub(super) fn user(&mut self, user: &Expr) {
        if let Some(Value::Text(text)) = self.value(user, &Type::Text)
            && let Some(why) = wrong_in(&text, USER)
        {
            self.found.push(hosts::bad_user(user.span, &text, &why));
        }
    }

    /// A step that may fail on every host may do nothing at all; how many there are is known where they are all written down.
    pub(super) fn all_tolerated(&mut self, checked: &Checked, step: &Step) {
        let Some(on) = &step.on else { return };
        let Some(group) = checked.hosts.get(on.hosts.index()) else {
            return;
        };
        let count = i64::try_from(group.hosts.len()).unwrap_or(i64::MAX);
        if group.from.is_none()
            && let Some(expr) = &on.tolerate
            && let Some(number) = self.int(expr)
            && (count.max(1)..=MOST_HOSTS).contains(&number)
        {
            let range = match count {
                0 | 1 => format!(
                    "0: `{}` is one host, on which it has to end well",
                    group.name
                ),
                more => format!(
                    "at most {}: `{}` consists of {more} hosts, and on one it has to end well",
                    more - 1,
                    group.name
                ),
            };
            self.found
                .push(say::count_out_of_range(expr.span, "`tolerate`", &range));
        }
    }

    pub(super) fn on_hosts(&mut self, on: &OnHosts) {
        let ranges = [(&on.most, "`at most`", 1), (&on.tolerate, "`tolerate`", 0)];
        for (expr, word, least) in ranges {
            if let Some(expr) = expr
                && let Some(number) = self.int(expr)
                && !(least..=MOST_HOSTS).contains(&number)
            {
                let range = format!("from {least} to {MOST_HOSTS}");
                self.found
                    .push(say::count_out_of_range(expr.span, word, &range));
            }
        }
    }
}

/// What an address may hold beside letters and digits.
pub(super) const ADDRESS: &str = "-._:%";

/// What the name of a user may hold beside letters and digits.
pub(super) const USER: &str = "-._@+";

/// Why ssh would not take the text for what it is meant as.
fn wrong_in(text: &str, signs: &str) -> Option<String> {
    let Some(first) = text.chars().next() else {
        return Some("it is empty".to_owned());
    };
    if first == '-' {
        return Some("it begins with `-`, so it would be taken for an option".to_owned());
    }
    let is_fine = |ch: char| ch.is_ascii_alphanumeric() || signs.contains(ch);
    let other = text.chars().find(|ch| !is_fine(*ch))?;
    let sign = if other.is_whitespace() {
        "white space".to_owned()
    } else {
        format!("`{other}`")
    };
    Some(format!("{sign} cannot stand in it"))
}

/// Whether a text can be an address of a host.
pub fn is_address(text: &str) -> bool {
    wrong_in(text, ADDRESS).is_none()
}

/// Whether a text can be the name of a user.
pub fn is_user(text: &str) -> bool {
    wrong_in(text, USER).is_none()
}
