//! Owns how the ways back and forward read in the dry run: their levels, and what recovery is on each.

use super::acts::of_op_within;
use super::timeline::put;
use crate::plan::{Level, Plan, Room, Way, level_bound, room_for_hosts};

/// The rollback, and the way forward where there is one.
pub(super) fn ways(text: &mut String, plan: &Plan) {
    put(text, "");
    let Some(rollback) = &plan.rollback else {
        put(text, "ROLLBACK  none");
        return;
    };
    put(
        text,
        "ROLLBACK  by itself, from the first level that applies; a level that is not enough is followed by the next",
    );
    levels(text, plan, Way::Back);
    if rollback.on(Way::Forward).next().is_some() {
        put(text, "");
        put(
            text,
            "FORWARD  behind the point of no return, instead of the rollback, in the same way",
        );
        levels(text, plan, Way::Forward);
    }
}

/// The levels of a way, and what recovery is on it.
fn levels(text: &mut String, plan: &Plan, way: Way) {
    for level in plan.levels_on(way) {
        put(text, &format!("  LEVEL {}", of_level(plan, level)));
        if let Some(room) = room_for_hosts(plan, level) {
            put(text, &format!("           {}", of_room(&room)));
        }
        for op in &level.ops {
            for line in of_op_within(plan, op) {
                put(text, &format!("           {line}"));
            }
        }
    }
    let rollback = plan.rollback.as_ref();
    if let Some(recovered) = rollback.and_then(|one| one.recovered_on(way)) {
        let sustain = if recovered.sustain.0 > 0 {
            format!(" for {}", recovered.sustain)
        } else {
            String::new()
        };
        put(
            text,
            &format!(
                "  recovered when {}{sustain}, within {} after each level",
                recovered.condition.text, recovered.within
            ),
        );
    }
}

/// For how many hosts there is time.
fn of_room(room: &Room) -> String {
    let groups = room.groups.join(" and ");
    let there = match room.hosts {
        None => "any number of them".to_owned(),
        Some(0) => "none".to_owned(),
        Some(most) => format!("{most}, and a run with more is refused"),
    };
    format!(
        "hosts    that is for one host: how many {groups} has, only the run knows; there is time for {there}"
    )
}

fn of_level(plan: &Plan, level: &Level) -> String {
    let title = if level.title == level.name {
        String::new()
    } else {
        format!(" \"{}\"", level.title)
    };
    let when = level
        .when
        .as_ref()
        .map_or_else(String::new, |when| format!("  when {}", when.text));
    format!(
        "{}{title}  within {}, at worst {}{when}",
        level.name,
        level.within,
        level_bound(plan, level).total
    )
}
