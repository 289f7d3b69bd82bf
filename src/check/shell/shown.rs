//! Secrets among the arguments of programs, where everyone on the machine can read them: in the word itself, or by way of a variable.

use std::collections::BTreeSet;

use crate::source::Span;

use super::super::Checker;
use super::super::names::Sort;
use super::Text;
use super::facts::{Facts, Of};
use super::origins::Origins;

/// A secret that a command shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Where it stands among the arguments.
    pub at: Span,
    /// Its name.
    pub secret: String,
    /// The program.
    pub program: String,
    /// The assignment by which it comes there.
    pub by: Option<Span>,
}

impl Checker<'_> {
    /// Notes the secrets that a text puts into arguments, each once for a program.
    pub(super) fn shown(&mut self, text: &Text<'_>, facts: &Facts) {
        if facts.handed.is_empty() || self.names.of(Sort::Secret).next().is_none() {
            return;
        }
        let origins = Origins::of(facts, |of| self.secret_in(of), |_| true);
        let mut told = BTreeSet::new();
        let mut found = Vec::new();
        for handed in &facts.handed {
            let (program, at) = (&handed.program, &handed.source.at);
            if facts.functions.contains_key(program) {
                continue;
            }
            if let Some((secret, by)) = origins.find(&handed.source.of, at.start)
                && told.insert((secret.clone(), program))
            {
                found.push(Shown {
                    at: text.span(at),
                    secret,
                    program: program.clone(),
                    by: by.map(|made| text.span(&made.at)),
                });
            }
        }
        self.around.shown.extend(found);
    }

    /// The secret that a value is which the text does not set itself.
    fn secret_in(&self, of: &Of) -> Option<String> {
        let (Of::Variable(name) | Of::Contents(name)) = of;
        let given = self.around.given.iter();
        let mut given = given.filter(|given| given.name.text == *name);
        match (of, given.next()) {
            (Of::Variable(_), given) => self.secret_named(&given?.value),
            (Of::Contents(_), Some(_)) => None,
            (Of::Contents(_), None) => {
                let secret = name.strip_suffix("_file")?;
                let is_secret = self.names.get(Sort::Secret, secret).is_some();
                is_secret.then(|| secret.to_owned())
            }
        }
    }
}
