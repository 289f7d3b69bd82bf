//! `explain`: the page of a diagnostic.

use super::USAGE;
use super::args::ExplainArgs;
use super::say::Say;
use crate::diag;

pub(super) fn run(args: &ExplainArgs, say: &Say) -> u8 {
    let Some(name) = &args.name else {
        let mut text = String::new();
        for known in diag::names::registered().iter() {
            text.push_str(&format!("{:<28} {}\n", known.name, known.summary));
        }
        say.data(&text);
        return 0;
    };
    match diag::names::page(name) {
        Some(page) => {
            say.data(page);
            0
        }
        None => {
            let nearest = diag::names::registered()
                .iter()
                .map(|known| known.name)
                .min_by_key(|known| strsim::damerau_levenshtein(known, name));
            let help = nearest.map_or_else(String::new, |known| {
                format!("the nearest is `runbook explain {known}`; `runbook explain` lists all")
            });
            say.error(&format!("there is no diagnostic `{name}`"), &help);
            USAGE
        }
    }
}
