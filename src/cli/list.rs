//! `list`: all runs, newest first.

use super::args::Common;
use super::say::Say;
use super::{USAGE, incident, place};
use crate::engine::LeaveWhy;
use crate::journal::{Liveness, Owner, RunMeta, Standing, Store};
use crate::report::verdict_word;

pub(super) fn run(common: &Common, say: &Say) -> u8 {
    let Some(store) = place::open_existing(common, say) else {
        return USAGE;
    };
    let runs = match store.runs() {
        Ok(runs) => runs,
        Err(error) => {
            place::store_error(&error, say);
            return USAGE;
        }
    };
    let mut text = String::new();
    for run in &runs {
        text.push_str(&format!(
            "{:<15} {:<12} {:<22} {}  {}\n",
            run.id.as_str(),
            run.service,
            standing(run),
            place::clock(run.started),
            run.title
        ));
    }
    say.data(&text);
    incident::remind_due(&store, None, say);
    0
}

/// How far a run has come, in a word or two.
pub(super) fn standing(run: &RunMeta) -> String {
    match &run.standing {
        Standing::Over(verdict) => verdict_word(verdict).to_owned(),
        Standing::Left(why) => match why {
            LeaveWhy::Interrupted => "left".to_owned(),
            LeaveWhy::Held => "left, held".to_owned(),
            LeaveWhy::Unknown => "left, outcome unknown".to_owned(),
            LeaveWhy::Unanswered => "left, unanswered".to_owned(),
        },
        Standing::Open => match liveness(run) {
            Some(Liveness::Alive) => "running".to_owned(),
            Some(Liveness::Elsewhere) => "running elsewhere".to_owned(),
            Some(Liveness::Dead) | None => "its runner died".to_owned(),
        },
    }
}

/// Whether the runner of a run lives.
pub(super) fn liveness(run: &RunMeta) -> Option<Liveness> {
    let here = Owner::this().ok()?;
    run.holder
        .as_ref()
        .map(|holder| holder.owner.liveness(&here))
}
