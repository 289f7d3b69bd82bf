//! How people and other tools write what this language writes in its own way.
//!
//! Tables of words, and what to write instead. Finds nothing in a text and reports nothing.

use crate::diag::nearest;
use crate::value::LiteralError;

use super::words;

/// Units of time and share as people write them in words, and how they are written here.
const SPELT_UNITS: [(&str, &str); 27] = [
    ("ms", "ms"),
    ("msec", "ms"),
    ("msecs", "ms"),
    ("millis", "ms"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
    ("s", "s"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("m", "m"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("h", "h"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("d", "d"),
    ("day", "d"),
    ("days", "d"),
    ("percent", "%"),
    ("pct", "%"),
    ("%", "%"),
];

/// The unit of this language for one that is spelt out.
pub(super) fn spelt_unit(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    SPELT_UNITS
        .iter()
        .find(|(spelt, _)| *spelt == lower)
        .map(|(_, unit)| *unit)
}

/// Words of other tools, and how it is said here.
const FOREIGN: [(&str, &str); 69] = [
    ("on_failure", UNHAPPY),
    ("on-failure", UNHAPPY),
    ("on_error", UNHAPPY),
    ("else", "write it on the line of the `}` above: } else {"),
    (
        "elif",
        "write on the line of the `}` above: } else if CONDITION {",
    ),
    (
        "elsif",
        "write on the line of the `}` above: } else if CONDITION {",
    ),
    ("foreach", "write: for NAME in LIST { … }"),
    (
        "while",
        "nothing here repeats without an end: wait until CONDITION within DURATION, or `retry` of a step",
    ),
    (
        "setCanaryScale",
        "exposure grows stage by stage: stage NAME { expose 10% } and stage NEXT { expose 50% }, each on its line",
    ),
    (
        "stepWeight",
        "exposure grows stage by stage: stage NAME { expose 10% } and stage NEXT { expose 50% }, each on its line",
    ),
    (
        "stepWeights",
        "exposure grows stage by stage: stage NAME { expose 10% } and stage NEXT { expose 50% }, each on its line",
    ),
    (
        "maxWeight",
        "exposure grows stage by stage: stage NAME { expose 10% } and stage NEXT { expose 50% }, each on its line",
    ),
    (
        "canaryWeight",
        "exposure grows stage by stage: stage NAME { expose 10% } and stage NEXT { expose 50% }, each on its line",
    ),
    (
        "iterations",
        "how long a stage is watched is said by: wait 10m",
    ),
    (
        "failureLimit",
        "how often a metric may be bad is said in the guard: guard NAME when METRIC > VALUE for 3 of 5 then rollback",
    ),
    (
        "consecutiveErrorLimit",
        "a metric that cannot be asked holds the rollout; say another way in the guard: on blind hold",
    ),
    (
        "inconclusiveLimit",
        "a metric that cannot be asked holds the rollout; say another way in the guard: on blind hold",
    ),
    (
        "successCondition",
        "what must not happen is said in a guard: guard NAME when METRIC > VALUE for 1m then rollback",
    ),
    (
        "failureCondition",
        "a threshold stands in a guard: guard NAME when METRIC > VALUE for 1m then rollback",
    ),
    (
        "threshold",
        "a threshold stands in a guard: guard NAME when METRIC > VALUE for 1m then rollback",
    ),
    (
        "thresholdRange",
        "a threshold stands in a guard: guard NAME when METRIC > VALUE for 1m then rollback",
    ),
    (
        "interval",
        "how often a metric is asked is said in it: every 15s",
    ),
    (
        "initialDelay",
        "how long after its beginning a stage is not judged is said in the guard: warmup 2m",
    ),
    (
        "metrics",
        "each metric has its own block: metric NAME { … }",
    ),
    (
        "analysisTemplate",
        "what is watched stands in metrics and guards: guard NAME when METRIC > VALUE then rollback",
    ),
    (
        "templates",
        "what is watched stands in metrics and guards: guard NAME when METRIC > VALUE then rollback",
    ),
    (
        "autoPromotionEnabled",
        "a stage goes on by itself when its time is served and its guards are quiet: wait 10m",
    ),
    (
        "progressDeadlineSeconds",
        "every wait has its own bound: wait 2h..4h, and every step: timeout 10m",
    ),
    (
        "webhooks",
        "a command is written: $ COMMAND, a question to a service: a probe with http get",
    ),
    (
        "uses",
        "there are no actions of others: a command is written: $ COMMAND",
    ),
    ("needs", "stages run in the order of the file"),
    (
        "runs-on",
        "steps run on this machine: a command is written: $ COMMAND",
    ),
    (
        "continue-on-error",
        "what a failure does is a clause of the step: on failure continue",
    ),
    (
        "timeout-minutes",
        "a bound is a clause of the step: timeout 10m",
    ),
    (
        "name",
        "a name stands right after the word that declares it: stage NAME { … }, step NAME $ COMMAND",
    ),
    (
        "with",
        "values reach a command as variables: declare `let NAME = VALUE`, and write \"$NAME\"",
    ),
    ("matrix", "write a stage for each, or one step for all"),
    (
        "try",
        "what a failure does is a clause of the step: on failure rollback",
    ),
    (
        "rescue",
        "what a failure does is a clause of the step: on failure rollback",
    ),
    (
        "register",
        "what a command prints can be asked by a probe: probe NAME { $ COMMAND; expect output == … }, each on its line",
    ),
    ("become", "the program runs as the user that starts it"),
    (
        "steps",
        "steps stand in stages: rollout { stage NAME { step NAME $ COMMAND } }, each on its line",
    ),
    ("stages", "each stage has its own block: stage NAME { … }"),
    (
        "jobs",
        "the work stands in stages: rollout { stage NAME { … } }",
    ),
    (
        "tasks",
        "the work stands in stages: rollout { stage NAME { … } }",
    ),
    ("run", "a command is written: $ COMMAND"),
    (
        "script",
        "a command is written: $ COMMAND, a script: sh \"\"\" … \"\"\"",
    ),
    ("command", "a command is written: $ COMMAND"),
    ("shell", "a command is written: $ COMMAND"),
    (
        "bash",
        "a command is written: $ COMMAND, a script: sh \"\"\" … \"\"\"",
    ),
    ("echo", "a command is written: $ echo …"),
    ("setWeight", "exposure is set by: expose 10%"),
    ("weight", "exposure is set by: expose 10%"),
    ("traffic", "exposure is set by: expose 10%"),
    (
        "pause",
        "a stage waits by: wait 10m; a person is asked by a guard: then decide within 15m else rollback",
    ),
    ("sleep", "a stage waits by: wait 10m"),
    ("delay", "a stage waits by: wait 10m"),
    (
        "analysis",
        "what is watched stands in metrics and guards: guard NAME when METRIC > VALUE then rollback",
    ),
    (
        "alert",
        "what is watched stands in guards: guard NAME when METRIC > VALUE then rollback",
    ),
    ("var", "a value has a name by: let NAME = VALUE"),
    ("const", "a value has a name by: let NAME = VALUE"),
    (
        "import",
        "declarations of other files come by: use \"lib/common.runbook\"",
    ),
    (
        "include",
        "declarations of other files come by: use \"lib/common.runbook\"",
    ),
    (
        "assert",
        "what must hold is a probe; a step verifies it by: verify PROBE within 2m; a test says: expect outcome == completed",
    ),
    (
        "manual",
        "a person is asked by: approve \"TEXT\" by \"GROUP\" within 2h else hold",
    ),
    (
        "approval",
        "a person is asked by: approve \"TEXT\" by \"GROUP\" within 2h else hold",
    ),
    (
        "prerequisites",
        "what must hold before anything is changed stands in: before rollout { check \"TITLE\" $ COMMAND }, each on its line",
    ),
    (
        "preconditions",
        "what must hold before anything is changed stands in: before rollout { check \"TITLE\" $ COMMAND }, each on its line",
    ),
    (
        "preflight",
        "what must hold before anything is changed stands in: before rollout { check \"TITLE\" $ COMMAND }, each on its line",
    ),
];

/// How a word of another tool is said here.
pub(super) fn foreign_word(word: &str) -> Option<&'static str> {
    FOREIGN
        .iter()
        .find(|(foreign, _)| *foreign == word)
        .map(|(_, instead)| *instead)
}

/// Words that other tools have among the clauses of a step, and how it is said here.
const FOREIGN_CLAUSES: [(&str, &str); 23] = [
    ("continue-on-error", GO_ON),
    ("retries", RETRY),
    ("attempts", RETRY),
    ("retry_count", RETRY),
    ("on_failure", FAILURE),
    ("on-failure", FAILURE),
    ("onfailure", FAILURE),
    ("on_error", FAILURE),
    ("allow_failure", GO_ON),
    ("continue_on_error", GO_ON),
    ("ignore_errors", GO_ON),
    ("depends_on", ORDER),
    ("depends", ORDER),
    ("needs", ORDER),
    ("requires", ORDER),
    ("after", ORDER),
    ("run", COMMAND),
    ("cmd", COMMAND),
    ("command", COMMAND),
    ("script", COMMAND),
    ("shell", COMMAND),
    ("bash", COMMAND),
    (
        "name",
        "a name stands right after `step`: step NAME \"TITLE\" $ COMMAND",
    ),
];

const UNHAPPY: &str = "a failure takes the levels of `rollback`: rollback { level NAME within 5m { … } }; whom to call when none of them helps: if stuck { notify CHANNEL \"TEXT\" }, each on its line";
const RETRY: &str = "further attempts are a clause before the command: retry 3 every 10s";
const FAILURE: &str =
    "what a failure does is a clause before the command: on failure rollback, hold or continue";
const GO_ON: &str =
    "that the run goes on behind a failure is a clause before the command: on failure continue";
const ORDER: &str =
    "steps run in the order of the file, one after the other; `parallel { … }` runs some at once";
const COMMAND: &str = "a command is written behind `$` and a blank: $ make deploy; a script of several lines: sh \"\"\" … \"\"\"";

/// How a word among the clauses of a step is said here.
pub(super) fn foreign_clause(word: &str) -> Option<&'static str> {
    FOREIGN_CLAUSES
        .iter()
        .find(|(foreign, _)| *foreign == word)
        .map(|(_, instead)| *instead)
}

/// Words that other languages have for ours; each counts only where ours is possible.
const SPELT_CHOICES: [(&str, &str); 21] = [
    ("success", "completed"),
    ("succeeded", "completed"),
    ("complete", "completed"),
    ("string", "text"),
    ("str", "text"),
    ("integer", "int"),
    ("long", "int"),
    ("float", "number"),
    ("double", "number"),
    ("boolean", "bool"),
    ("semver", "version"),
    ("percentage", "percent"),
    ("milliseconds", "ms"),
    ("millis", "ms"),
    ("second", "seconds"),
    ("s", "seconds"),
    ("abort", "rollback"),
    ("revert", "rollback"),
    ("pause", "hold"),
    ("alert", "warn"),
    ("ask", "decide"),
];

/// The word of `known` that was probably meant by `word`.
pub(super) fn choice<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let spelt = SPELT_CHOICES.iter().find(|(spelt, _)| *spelt == word);
    spelt
        .and_then(|(_, ours)| known.iter().copied().find(|known| known == ours))
        .or_else(|| nearest(word, known.iter().copied()))
}

/// A name that follows the rule and is near to `text`.
pub(super) fn name_like(text: &str) -> Option<String> {
    let mut name = String::new();
    let mut before_is_small = false;
    if text.starts_with(|ch: char| ch.is_ascii_digit()) {
        return None;
    }
    for ch in text.chars() {
        if ch.is_ascii_uppercase() {
            if before_is_small {
                name.push('_');
            }
            name.push(ch.to_ascii_lowercase());
            before_is_small = false;
        } else if ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_' {
            name.push(ch);
            before_is_small = ch.is_ascii_lowercase() || ch.is_ascii_digit();
        } else if ch == '-' || ch == '.' {
            name.push('_');
            before_is_small = false;
        } else {
            return None;
        }
    }
    let name = name.trim_start_matches('_');
    let usable = !name.is_empty() && !words::RESERVED.contains(&name);
    usable.then(|| name.to_owned())
}

/// A literal as it was certainly meant: with a unit that is spelt out as people do.
pub(super) fn mended(text: &str, error: &LiteralError) -> Option<String> {
    let LiteralError::UnknownUnit(unit) = error else {
        return None;
    };
    let right = spelt_unit(unit).filter(|_| !unit.is_empty())?;
    let mended = text.replacen(unit.as_str(), right, 1);
    crate::value::literal(&mended).is_ok().then_some(mended)
}

/// The unit of data that was probably meant.
fn size(unit: &str) -> Option<&'static str> {
    let lower = unit.to_lowercase();
    let known = [
        ("k", "KiB"),
        ("kb", "KB"),
        ("kib", "KiB"),
        ("m", "MiB"),
        ("mb", "MB"),
        ("mib", "MiB"),
        ("g", "GiB"),
        ("gb", "GB"),
        ("gib", "GiB"),
        ("tb", "TB"),
        ("tib", "TiB"),
        ("b", "B"),
    ];
    let known = known.iter().find(|(spelt, _)| *spelt == lower);
    known.map(|(_, right)| *right)
}

/// What is wrong with a literal, and what to write.
pub(super) fn literal(text: &str, error: &LiteralError) -> (String, String) {
    match error {
        LiteralError::UnknownUnit(unit) if unit.is_empty() => (
            "its last number has no unit".into(),
            "write for example 1h30m".into(),
        ),
        LiteralError::UnknownUnit(unit) => {
            let number = text
                .split(|ch: char| !ch.is_ascii_digit() && ch != '.')
                .next();
            let number = number.unwrap_or_default();
            let why = format!("`{unit}` is no unit");
            if let Some((amount, per)) = text.split_once('/')
                && let Some(time) = per.chars().next()
                && let Some(size) = size(unit.split('/').next().unwrap_or_default())
                && amount.len() > number.len()
            {
                return (
                    "an amount of data in a time has no literal".into(),
                    format!(
                        "calculate it in the condition, on both sides: sent / 1{time} > {number}{size} / 1{time}"
                    ),
                );
            }
            if text.contains('/') {
                return (
                    why,
                    format!("rates are written {number}/s, {number}/min, {number}/h or {number}/d"),
                );
            }
            if let Some(right) = spelt_unit(unit) {
                return (
                    why,
                    format!("write `{}`", text.replacen(unit.as_str(), right, 1)),
                );
            }
            if let Some(right) = size(unit) {
                return (why, format!("write `{number}{right}`"));
            }
            let lower = unit.to_lowercase();
            if lower == "w" || lower == "week" || lower == "weeks" {
                return (why, "write days: a week is `7d`".into());
            }
            (
                why,
                "units are % · ms s m h d · B KB MB GB TB KiB MiB GiB TiB · /s /min /h /d; text stands in quotes"
                    .into(),
            )
        }
        LiteralError::DurationOrder => (
            "the parts of a duration go from large to small, each once".into(),
            "write for example 1h30m".into(),
        ),
        LiteralError::TooLarge => ("it is too large".into(), "use a smaller number".into()),
        LiteralError::TooFine => (
            "it is finer than its smallest unit".into(),
            "durations go down to 1ms, data down to 1B".into(),
        ),
        LiteralError::NotOnTheCalendar => (
            "there is no such day or time".into(),
            "days are written 2026-12-24, times 10:00".into(),
        ),
        LiteralError::NotAVersion => (
            "a version has three numbers".into(),
            "write for example 2.4.0, or 2.4.0-rc.1; text stands in quotes".into(),
        ),
        LiteralError::Malformed => (
            "it is neither a number nor a quantity".into(),
            "text stands in quotes".into(),
        ),
    }
}
