//! What a file declares and nothing in it reads: a metric that no condition asks for, a probe that nothing verifies, a channel through
//! which nobody is told, machines on which nothing runs. Each looks like safety in the text, and a run would do nothing with it.

use crate::ast::Name;
use crate::source::Span;

use super::Checker;
use super::gather::Declared;
use super::names::Sort;

/// A declaration that nothing reads.
#[derive(Clone, Debug)]
pub struct Unread {
    /// Where its name stands.
    pub at: Span,
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: Idle,
}

/// What a declaration that nothing reads would be good for.
#[derive(Clone, Debug)]
pub enum Idle {
    /// It would be judged: by a condition such as this one.
    Metric(String),
    /// It would be asked.
    Probe,
    /// People would be told through it.
    Channel,
    /// Steps would run there.
    Hosts,
}

impl Checker<'_> {
    /// Notes that something in the file reads what has this name.
    pub(super) fn reads(&mut self, sort: Sort, index: u32) {
        self.read.insert((sort, index));
    }

    /// What nothing has read so far. Tests are no readers: they say what is measured, not who looks at it.
    pub(super) fn unread(&self, declared: &Declared<'_>) -> Vec<Unread> {
        let mut all = Vec::new();
        let mut look = |sort, name: &Name, what: Idle| {
            let index = self.names.get(sort, &name.text);
            // What comes from a library has a point in its name; what of it is not used is its own affair.
            let is_own = !name.text.contains('.');
            if is_own && index.is_some_and(|index| !self.read.contains(&(sort, index))) {
                all.push(Unread {
                    at: name.span,
                    name: name.text.clone(),
                    what,
                });
            }
        };
        for metric in &declared.metrics {
            let name = metric.name.as_str();
            let breach = match metric.critical {
                Some(_) => format!("{name} is critical"),
                None => self.breach_of(name),
            };
            look(Sort::Metric, &metric.name, Idle::Metric(breach));
        }
        for probe in &declared.probes {
            look(Sort::Probe, &probe.name, Idle::Probe);
        }
        for channel in &declared.channels {
            look(Sort::Channel, &channel.name, Idle::Channel);
        }
        for hosts in &declared.hosts {
            look(Sort::Hosts, &hosts.name, Idle::Hosts);
        }
        all
    }
}
