//! `explain`: the page of a diagnostic.

use super::USAGE;
use super::args::ExplainArgs;
use super::say::Say;
use crate::diag;

pub(super) fn run(args: &ExplainArgs, say: &Say) -> u8 {
    let Some(name) = &args.name else {
        let mut text = String::new();
        for known in diag::names::registered().iter() {
            let lint = match known.phase {
                diag::Phase::Lint => "  (lint)",
                diag::Phase::Syntax
                | diag::Phase::Check
                | diag::Phase::Plan
                | diag::Phase::Prove
                | diag::Phase::Test
                | diag::Phase::Outside => "",
            };
            text.push_str(&format!("{:<28} {}{lint}\n", known.name, known.summary));
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
            let names = diag::names::registered().iter().map(|known| known.name);
            let help = match diag::nearest(name, names) {
                Some(known) => format!("did you mean `runbook explain {known}`?"),
                None => "`runbook explain` lists all".to_owned(),
            };
            say.error(&format!("there is no diagnostic `{name}`"), &help);
            USAGE
        }
    }
}
