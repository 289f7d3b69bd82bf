//! What is said of a part that is missing, when `syntax` has already said why: it would send people to the wrong place.

use crate::ast::{File, Item};
use crate::diag::{Diagnostic, Diagnostics, names};
use crate::source::Span;

/// `found` without what only echoes an error of the text: a missing part of a declaration or a block in which a line could
/// not be read.
pub fn without_echoes(ast: &File, of_text: &Diagnostics, found: Diagnostics) -> Diagnostics {
    let unread: Vec<Span> = of_text
        .iter()
        .filter_map(|one| one.primary.as_ref())
        .map(|label| label.span)
        .collect();
    if unread.is_empty() {
        return found;
    }
    let apart: Vec<u32> = of_text
        .iter()
        .filter(|one| one.name == names::FOREIGN_SYNTAX.name)
        .filter_map(|one| one.primary.as_ref())
        .map(|label| label.span.start)
        .collect();
    let starts: Vec<u32> = unread.iter().map(|span| span.start).collect();
    let blocks = blocks(ast);
    let mut kept = Diagnostics::new();
    for one in found.iter() {
        let place = one.primary.as_ref().map(|label| label.span);
        let block = place.and_then(|place| smallest(&blocks, place));
        let is_echo = misses_a_part(one)
            && block.is_some_and(|block| unread.iter().any(|span| block.contains(span.start)));
        // `5 minutes`: the unit is there, and what is wrong with it was said.
        let is_told_behind =
            |starts: &[u32]| place.is_some_and(|place| starts.contains(&(place.end + 1)));
        let has_unit = one.name == names::MISSING_UNIT.name && is_told_behind(&apart);
        let is_half = one.name == names::BAD_EXPECTATION.name && is_told_behind(&starts);
        if !is_echo && !has_unit && !is_half {
            kept.push(one.clone());
        }
    }
    kept.sort();
    kept
}

fn misses_a_part(one: &Diagnostic) -> bool {
    [
        names::INCOMPLETE.name,
        names::EMPTY_BLOCK.name,
        names::MISSING_WITHIN.name,
        names::WATCHES_NOTHING.name,
        names::NO_THRESHOLD.name,
    ]
    .contains(&one.name)
}

/// The declarations, stages and levels of a file.
fn blocks(ast: &File) -> Vec<Span> {
    let mut all = Vec::new();
    for item in &ast.items {
        all.push(item.span());
        match item {
            Item::Rollout(rollout) => all.extend(rollout.stages.iter().map(|one| one.span)),
            Item::Rollback(rollback) => all.extend(rollback.levels.iter().map(|one| one.span)),
            Item::Header(_)
            | Item::Use(_)
            | Item::Adopt(_)
            | Item::Param(_)
            | Item::Let(_)
            | Item::Secret(_)
            | Item::Provider(_)
            | Item::Channel(_)
            | Item::Exposure(_)
            | Item::Hosts(_)
            | Item::Metric(_)
            | Item::Probe(_)
            | Item::Guard(_)
            | Item::Defaults(_)
            | Item::Limits(_)
            | Item::Environment(_)
            | Item::Window(_)
            | Item::Before(_)
            | Item::Aftermath(_)
            | Item::Task(_)
            | Item::Test(_)
            | Item::NotBuilt(_) => {}
        }
    }
    all
}

fn smallest(blocks: &[Span], place: Span) -> Option<Span> {
    blocks
        .iter()
        .copied()
        .filter(|block| block.contains(place.start))
        .min_by_key(|block| block.end - block.start)
}
