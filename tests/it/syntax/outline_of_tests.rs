//! The test blocks of a tree as lines of text, and the days of its windows.

use runbook::ast::*;

use super::outline::expr;

/// Each line with how deep it stands.
pub(super) fn lines(test: &TestBlock) -> Vec<(usize, String)> {
    let docs = test.docs.iter().flat_map(|docs| docs.lines());
    let mut all: Vec<(usize, String)> = docs.map(|line| (0, format!("# {line}"))).collect();
    all.push((0, format!("test {:?}", test.name.plain())));
    all.extend(test.lines.iter().map(|one| (1, line(one))));
    all
}

fn line(one: &TestLine) -> String {
    match one {
        TestLine::Given(one) => format!("given {} = {}", one.param.text, expr(&one.value)),
        TestLine::Start(one) => format!("start {:?} at minute {}", one.day, one.minute),
        TestLine::Set(one) => {
            let told = match &one.told {
                Told::Value(value) => expr(value),
                Told::Missing => "missing".to_owned(),
                Told::Error => "error".to_owned(),
            };
            let from = one.from.as_ref().map(|from| {
                let into = from.into.as_ref().map(|into| into.text.as_str());
                format!(" from {} into {into:?}", expr(&from.after))
            });
            format!(
                "set {} = {told}{}{}{}",
                one.metric.text,
                part(" when ", one.when.as_ref()),
                from.unwrap_or_default(),
                part(" for ", one.hold.as_ref()),
            )
        }
        TestLine::Fault(one) => format!(
            "{} {}{}",
            one.kind.word(),
            target(&one.target),
            part(" attempt ", one.attempt.as_ref())
        ),
        TestLine::Takes(one) => format!("takes {} {}", target(&one.target), expr(&one.time)),
        TestLine::Crash(one) => format!("crash {} {}", one.point.word(), target(&one.target)),
        TestLine::Answer(one) => {
            let asked = match &one.asked {
                Asked::Target(one) => target(one),
                Asked::Text(text) => format!("{:?}", text.plain()),
            };
            format!(
                "answer {asked} = {}{}",
                one.answer.word(),
                part(" after ", one.after.as_ref())
            )
        }
        TestLine::Expect(one) => format!("expect {}", expected(&one.kind)),
    }
}

fn expected(kind: &ExpectKind) -> String {
    match kind {
        ExpectKind::Outcome { outcome, level } => {
            let level = level.as_ref().map(|level| format!(" by {}", level.text));
            format!("{}{}", outcome.word(), level.unwrap_or_default())
        }
        ExpectKind::Recovery { op, within } => format!("recovery {} {}", op.text(), expr(within)),
        ExpectKind::Ran(one) => format!("ran {}", target(one)),
        ExpectKind::Never(one) => format!("never {}", target(one)),
        ExpectKind::Tripped(guard) => format!("tripped {}", guard.text),
        ExpectKind::Held(stage) => format!("held during {}", stage.text),
        ExpectKind::Exposure { name, op, most } => {
            let name = name.as_ref().map(|name| format!(" {}", name.text));
            format!(
                "exposure{} {} {}",
                name.unwrap_or_default(),
                op.text(),
                expr(most)
            )
        }
    }
}

fn target(one: &Target) -> String {
    match &one.within {
        Some(within) => format!("{} in {}", one.name.text, within.text),
        None => one.name.text.clone(),
    }
}

fn part(word: &str, value: Option<&Expr>) -> String {
    value.map_or_else(String::new, |value| format!("{word}{}", expr(value)))
}

/// Days of a window.
pub(super) fn days(one: &DaySpan) -> String {
    match one {
        DaySpan::Week { first, last, .. } => format!("{}..{}", first.word(), last.word()),
        DaySpan::Dates { first, last, .. } => format!("{first}..{last}"),
    }
}
