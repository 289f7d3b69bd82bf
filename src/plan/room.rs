//! Owns for how many hosts a level has time, where only the run knows how many there are.

use super::{Host, HostsId, Level, LevelId, Plan, level_bound};
use crate::value::Millis;

/// Above this nobody asks how many more there is room for.
const MOST: usize = 512;

/// For how many hosts a level has time of those that a command prints when the run starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The groups whose commands print them.
    pub groups: Vec<String>,
    /// So many of each; nothing where more than anybody asks for fit.
    pub hosts: Option<usize>,
}

/// Nothing where it is known how long the level takes, whatever the commands print.
#[must_use]
pub fn room_for_hosts(plan: &Plan, level: &Level) -> Option<Room> {
    let with = |hosts| takes(plan, level.id, hosts);
    if !plan.hosts.iter().any(|group| group.unread) || with(MOST) == with(1) {
        return None;
    }
    // The last that fits, and the first that does not.
    let (mut fits, mut fails) = (0, MOST);
    while fails.abs_diff(fits) > 1 {
        let middle = fits.midpoint(fails);
        if with(middle) > level.within {
            fails = middle;
        } else {
            fits = middle;
        }
    }
    let unread = plan.hosts.iter().filter(|group| group.unread);
    Some(Room {
        groups: unread.map(|group| group.name.clone()).collect(),
        hosts: (with(MOST) > level.within).then_some(fits),
    })
}

/// How long a level takes at worst when each command prints so many hosts.
fn takes(plan: &Plan, level: LevelId, hosts: usize) -> Millis {
    let mut plan = plan.clone();
    let groups = (0..).map(HostsId).zip(&plan.hosts);
    let unread = groups.filter(|(_, group)| group.unread);
    let unread: Vec<HostsId> = unread.map(|(id, _)| id).collect();
    for id in unread {
        let all = (0..hosts).map(|number| Host {
            name: format!("{number}"),
            ..Host::default()
        });
        plan.learn_hosts(id, all.collect());
    }
    let mut levels = plan.rollback.iter().flat_map(|one| &one.levels);
    let level = levels.find(|one| one.id == level);
    level.map_or(Millis::ZERO, |level| level_bound(&plan, level).total)
}
