//! What a file, a block or a declaration must have.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// No `service` line.
pub(crate) fn missing_service(after: Span) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_SERVICE,
        "the file does not name its service",
    )
    .at(after, "a `service` line is missing below the title")
    .help("write for example: service api")
    .help("only one rollout of a service runs at a time, and its lock has this name")
}

/// A service that cannot be typed or stored.
pub(crate) fn bad_service(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_SERVICE,
        format!("`{text}` cannot be the name of a service"),
    )
    .at(
        span,
        "letters, digits, `-`, `_` and `.` make a name, up to 100 of them",
    )
    .help("write for example: service api")
}

/// No `rollout` block.
pub(crate) fn missing_rollout(title: Span) -> Diagnostic {
    Diagnostic::new(&names::MISSING_BLOCK, "this runbook has no `rollout`")
        .at(title, "what does it roll out?")
        .help("write: rollout { stage NAME { … } }, each on lines of its own")
}

/// Something is changed, and there is no way back.
pub(crate) fn missing_rollback(change: Span) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_BLOCK,
        "this runbook changes something and has no `rollback`",
    )
    .at(change, "this is changed, and nothing says how to get back")
    .help("add a block: rollback { level NAME within 5m { … } }, each on lines of its own")
}

/// A guard rolls back, and there is no way back.
pub(crate) fn guard_without_rollback(span: Span, guard: &str) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_BLOCK,
        format!("guard `{guard}` rolls back, and there is no `rollback`"),
    )
    .at(span, "nothing says how to get back")
    .help("add a block: rollback { level NAME within 5m { … } }, each on lines of its own")
}

/// Users are exposed, and nobody is called when the way back fails.
pub(crate) fn missing_stuck(expose: Span, channel: Option<&str>) -> Diagnostic {
    let channel = channel.unwrap_or("CHANNEL");
    Diagnostic::new(
        &names::MISSING_BLOCK,
        "this runbook exposes users and has no `if stuck`",
    )
    .at(expose, "from here on users see the change")
    .help(format!(
        "say whom to call when no level helps: if stuck {{ notify {channel} \"${{service}} is stuck: ${{reason}}\" }}, each on lines of its own"
    ))
}

/// A stage, a level without a statement.
pub(crate) fn empty_block(span: Span, noun: &str, name: &str) -> Diagnostic {
    let example = match noun {
        "stage" => "wait 10m",
        "level" => "expose 0%",
        _part => "step deploy $ make deploy",
    };
    Diagnostic::new(&names::EMPTY_BLOCK, format!("{noun} `{name}` does nothing"))
        .at(span, "no statement in its block")
        .help(format!(
            "say what happens in it, for example `{example}`, or take it away"
        ))
}

/// `rollout` without a stage.
pub(crate) fn rollout_without_stage(span: Span) -> Diagnostic {
    Diagnostic::new(&names::EMPTY_BLOCK, "`rollout` has no stage")
        .at(span, "nothing is rolled out")
        .help("add: stage NAME { … }")
}

/// `rollback` without a level.
pub(crate) fn way_without_level(span: Span, word: &str) -> Diagnostic {
    let missing = if word == "rollback" {
        "nothing says how to get back"
    } else {
        "nothing says how to go on behind the point of no return"
    };
    Diagnostic::new(&names::EMPTY_BLOCK, format!("`{word}` has no level"))
        .at(span, missing)
        .help("add: level NAME within 5m { … }")
}

/// `if stuck` and the like without a statement.
pub(crate) fn says_nothing(span: Span, words: &str) -> Diagnostic {
    Diagnostic::new(&names::EMPTY_BLOCK, format!("`{words}` tells nobody"))
        .at(span, "nothing stands in its block")
        .help("add: notify CHANNEL \"TEXT\"")
}

/// `if stuck` that keeps something and calls nobody.
pub(crate) fn calls_nobody(span: Span) -> Diagnostic {
    Diagnostic::new(&names::EMPTY_BLOCK, "`if stuck` calls nobody")
        .at(
            span,
            "a person is needed, and no `notify` in its block says so",
        )
        .help("add: notify CHANNEL \"TEXT\"")
}

/// `defaults` or `limits` without a line.
pub(crate) fn block_sets_nothing(span: Span, word: &str, example: &str) -> Diagnostic {
    Diagnostic::new(&names::EMPTY_BLOCK, format!("`{word}` sets nothing"))
        .at(span, "no line in its block")
        .help(format!(
            "write for example `{example}` in it, or take it away"
        ))
}

/// A text that must say something is blank.
pub(crate) fn empty_text(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(&names::EMPTY_BLOCK, format!("{what} is empty"))
        .at(span, "says nothing")
        .help("write it out")
}

/// A metric without a source.
pub(crate) fn metric_without_source((span, name): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::INCOMPLETE,
        format!("metric `{name}` does not say where its samples come from"),
    )
    .at(span, "a source is missing in its block")
    .help("add one of: query PROVIDER 'PROMQL', http get URL json(\"FILTER\"), $ COMMAND")
}

/// A metric without a unit; `speaks` is what its source speaks of, where there is no choice, and the declared type that does not fit.
pub(crate) fn metric_without_unit(
    (span, name): (Span, &str),
    units: &[&str],
    speaks: Option<(&str, Option<&str>)>,
) -> Diagnostic {
    let label = match speaks {
        Some((speaks, _)) => format!("what is asked here has one unit: {speaks}"),
        None => "0.05 could be 5% or 50ms".to_owned(),
    };
    let all = [
        "ratio",
        "percent",
        "seconds",
        "ms",
        "per_second",
        "per_minute",
        "bytes",
        "count",
    ];
    let units = if units.is_empty() { &all[..] } else { units };
    let one = Diagnostic::new(
        &names::INCOMPLETE,
        format!("metric `{name}` does not say in which unit its source speaks"),
    )
    .at(span, label)
    .help(match units {
        [only] => format!("add a line: unit {only}"),
        [first, second] => format!("add a line: unit {first}, or unit {second}"),
        units => format!("add a line `unit UNIT`, with one of {}", units.join(", ")),
    });
    match speaks {
        Some((_, Some(ty))) => one.help(format!(
            "and take the type `{ty}` away: the unit decides it, and makes another"
        )),
        Some((_, None)) | None => one,
    }
}

/// A probe without a question.
pub(crate) fn probe_asks_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&names::INCOMPLETE, format!("probe `{name}` asks nothing"))
        .at(span, "a question is missing in its block")
        .help("add one of: http get URL, tcp \"HOST:PORT\", $ COMMAND")
}

/// An HTTP probe that any answer satisfies.
pub(crate) fn probe_expects_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::INCOMPLETE,
        format!("probe `{name}` holds for any answer"),
    )
    .at(span, "an error page would do as well")
    .help("add a line: expect status == 200")
}

/// An exposure that cannot be set, or not be read back.
pub(crate) fn exposure_without(
    (span, name): (Span, &str),
    what: &str,
    words: &[String],
) -> Diagnostic {
    let (why, help) = if what == "set" {
        (
            "how is it changed?",
            format!("add a line: set $ COMMAND \"${name}\""),
        )
    } else {
        (
            "how is it known that it has changed?",
            match words {
                [] => "add a line: read $ COMMAND, which prints the percent as a plain number"
                    .to_owned(),
                words => format!(
                    "add a line: read $ COMMAND, which prints one of {}",
                    words.join(", ")
                ),
            },
        )
    };
    Diagnostic::new(
        &names::INCOMPLETE,
        format!("exposure `{name}` has no `{what}`"),
    )
    .at(span, why)
    .help(help)
}

/// `in` or `env` where this version does not carry them out.
pub(crate) fn only_for_steps(span: Span, word: &str, place: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NOT_BUILT_YET,
        format!("`{word}` is not built yet for {place}"),
    )
    .at(span, "this version carries it out for steps only")
    .help("put it into the command itself")
}

/// `in` or `env` of a probe that runs no command.
pub(crate) fn needs_a_command(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        format!("`{word}` says nothing where no command runs"),
    )
    .at(span, "this probe runs no command")
    .help("take it away, or ask with a command: $ COMMAND")
}

/// A guard that reads no metric.
pub(crate) fn guard_watches_nothing(span: Span, name: &str, example: &str) -> Diagnostic {
    Diagnostic::new(
        &names::WATCHES_NOTHING,
        format!("guard `{name}` watches no metric"),
    )
    .at(span, "nothing that is measured stands here")
    .help(format!("name a metric in it, for example: {example}"))
}

/// `recovered` that reads no metric.
pub(crate) fn recovery_watches_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(&names::WATCHES_NOTHING, "`recovered` watches no metric")
        .at(span, "nothing that is measured stands here")
        .help("name a metric in it, for example: recovered when error_rate < 0.2% for 1m within 3m")
}

/// `wait until` for something that cannot change while it waits.
pub(crate) fn wait_watches_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::WATCHES_NOTHING,
        "`wait until` waits for nothing that can change",
    )
    .at(span, "no metric and no `elapsed` stands here")
    .help("name a metric in it, for example: wait until error_rate < 0.2% within 10m")
    .help("to wait for what a command or an address says, write: verify PROBE within 10m")
}

/// `alive when` that cannot tell a quiet source from a dead one.
pub(crate) fn alive_by_itself(
    span: Span,
    (metric, name): (Span, &str),
    other: Option<&str>,
) -> Diagnostic {
    let other = other.unwrap_or("requests > 0/s");
    Diagnostic::new(
        &names::WATCHES_NOTHING,
        format!("`alive when` of `{name}` cannot tell a quiet source from a dead one"),
    )
    .at(span, "no other metric is looked at")
    .with(metric, "no data would count as zero here")
    .help(format!("name another metric, one that has a value as long as the source lives, for example: {other}"))
}

/// `min` of a metric that speaks of itself, or of none.
pub(crate) fn enough_by_itself(
    (span, text): (Span, &str),
    (metric, name): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::WATCHES_NOTHING,
        format!("`min {text}` does not say what a value of `{name}` stands on"),
    )
    .at(span, "no other metric is looked at")
    .with(metric, "its values would count whatever they stand on")
    .help("name the metric that counts what is looked at, for example: min 20/min of requests")
}

/// `min` of metrics that wait for each other, each with its own `min`.
pub(crate) fn metric_loop(chain: &[(&str, Span)]) -> Option<Diagnostic> {
    let (first, span) = chain.first()?;
    let names = chain.iter().map(|(name, _)| *name);
    let way: Vec<&str> = names.clone().chain([*first]).collect();
    let mut one = Diagnostic::new(
        &names::METRIC_LOOP,
        format!("no value of `{first}` can ever count: {}", way.join(" -> ")),
    );
    let after = names.skip(1).chain([*first]);
    for ((name, at), other) in chain.iter().zip(after) {
        let label = match other == *name {
            true => format!("`{name}` counts only when a value of itself does"),
            false => format!("`{name}` counts only when a value of `{other}` does"),
        };
        one = match at == span {
            true => one.at(*at, label),
            false => one.with(*at, label),
        };
    }
    Some(one.help("take one of these `min` away, or let it name a metric that counts by itself"))
}

/// `during full..canary`
pub(crate) fn stages_backwards(span: Span, first: &str, last: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BACKWARDS_RANGE,
        format!("stage `{last}` comes before stage `{first}`"),
    )
    .at(span, "this range is empty")
    .help(format!(
        "write `during {last}..{first}`, or the name of a later stage behind `..`"
    ))
    .guess(span, &format!("{last}..{first}"))
}

/// `during` in a guard that stands in a stage.
pub(crate) fn during_in_stage(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        "a guard inside a stage is armed in that stage",
    )
    .at(span, "so this has no meaning")
    .help("take `during` away, or put the guard at the top of the file")
}

/// A clause that a check does not have.
pub(crate) fn needless_in_a_check(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        format!("`{word}` has no meaning for a check"),
    )
    .at(span, "a check changes nothing and is run once")
    .help(format!("take `{word}` away"))
}

/// `unless` of a capture.
pub(crate) fn needless_in_a_capture(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        "`unless` has no meaning for a capture",
    )
    .at(span, "a capture that is skipped would set nothing")
    .help("take `unless` away, or make the command print the value also when there is nothing to do")
}

/// `retry none` where nothing would be retried.
pub(crate) fn needless_retry_none(span: Span) -> Diagnostic {
    Diagnostic::new(&names::NEEDLESS, "nothing would be retried here")
        .at(span, "`defaults` has no `retry`, so this says nothing")
        .help("take `retry none` away")
}

/// `on failure rollback from L` inside a level.
pub(crate) fn from_in_level(span: Span) -> Diagnostic {
    Diagnostic::new(&names::NEEDLESS, "a level cannot choose the next one")
        .at(span, "the levels run in the order of the file")
        .help("leave `from …` out: a failed step fails its level, and the next level begins")
}

/// `on failure hold` inside a level.
pub(crate) fn hold_in_level(span: Span) -> Diagnostic {
    Diagnostic::new(&names::NEEDLESS, "a rollback does not hold")
        .at(span, "time passes while users are exposed")
        .help("leave it out: a failed step fails its level, and the next level begins; `continue` goes on")
}

/// `expose 10%` with several exposures, or none.
pub(crate) fn which_exposure(span: Span, known: &[&str], value: &str) -> Diagnostic {
    match known {
        [] => Diagnostic::new(&names::WHICH_EXPOSURE, "there is nothing to expose")
            .at(span, "no exposure is declared")
            .help("declare one: exposure NAME: percent { set $ …; read $ … }, each on a line of its own"),
        [first, ..] => Diagnostic::new(
            &names::WHICH_EXPOSURE,
            format!("`expose` does not say which of {} exposures", known.len()),
        )
        .at(span, "a name is missing here")
        .help(format!("write for example `expose {first} {value}`"))
        .help(format!("declared are: {}", known.join(", "))),
    }
}

/// A level without a bound.
pub(crate) fn level_without_within(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_WITHIN,
        format!("level `{name}` has no bound"),
    )
    .at(span, "when is it given up?")
    .help(format!(
        "write `level {name} within 5m {{`; at its end the level is cut off and the next one begins"
    ))
}

/// `verify` without a bound.
pub(crate) fn verify_without_within(span: Span, probe: &str) -> Diagnostic {
    Diagnostic::new(&names::MISSING_WITHIN, "`verify` has no bound")
        .at(span, "for how long is it asked?")
        .help(format!("write `verify {probe} within 2m`"))
}

/// `zone "Europe/Belrin"`
pub(crate) fn unknown_zone(span: Span, name: &str, nearest: Option<&str>) -> Diagnostic {
    let one = Diagnostic::new(&names::UNKNOWN_ZONE, format!("`{name}` is not a time zone"))
        .at(span, "not in the IANA database");
    match nearest {
        Some(nearest) => one
            .help(format!("did you mean \"{nearest}\"?"))
            .near((span, &format!("\"{nearest}\"")), (name, nearest)),
        None => one.help("write a name such as \"Europe/Berlin\", \"America/New_York\" or \"UTC\""),
    }
}

/// `window "office"`
pub(crate) fn window_is_a_name(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_WINDOW, "a window is chosen by its name")
        .at(span, "this is a text")
        .help(format!("write `window {text}`"))
}

/// A window without a zone.
pub(crate) fn window_without_zone(span: Span) -> Diagnostic {
    Diagnostic::new(&names::BAD_WINDOW, "a window needs a time zone")
        .at(span, "its hours are of which place?")
        .help("add a line below the title, for example: zone \"Europe/Berlin\"")
}

/// A window that nothing chooses.
pub(crate) fn unused_window(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_WINDOW,
        format!("nothing chooses window `{name}`"),
    )
    .at(span, "it binds nothing")
    .help(format!(
        "write `window {name}` below the title, or take it away"
    ))
}

/// A file of holidays that cannot be used.
pub(crate) fn bad_holidays(span: Span, path: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_HOLIDAYS,
        format!("the holidays of `{path}` cannot be read"),
    )
    .at(span, why)
    .help("a file of holidays is an iCalendar file (.ics) with whole days, once or every year; its path begins at the runbook")
}

/// A regular expression that does not compile.
pub(crate) fn bad_pattern(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_PATTERN,
        "this regular expression cannot be read",
    )
    .at(span, why)
    .help("the syntax is that of the Rust crate `regex`: no look-around, no back-references")
}

/// A jq filter that does not compile.
pub(crate) fn bad_filter(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_FILTER, "this jq filter cannot be read")
        .at(span, why)
        .help("write for example \".status\" or \".items | length\"")
}

/// A level that cannot end within its bound.
pub(crate) fn level_overruns(
    (span, name): (Span, &str),
    (within_span, within): (Span, &str),
    (total, table): (&str, &[String]),
    too_much: Option<&Overlong>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::LEVEL_OVERRUNS,
        format!("level `{name}` can take {total}, and is cut off after {within}"),
    )
    .at(within_span, format!("the worst case is {total}"))
    .with(span, "this level");
    one.help(format!(
        "the worst case is the sum of\n  {}",
        table.join("\n  ")
    ))
    .help(match too_much {
        None => format!(
            "write `within {total}` or more, or shorten a `timeout` or `within` inside the level"
        ),
        Some(Overlong { most, by }) => format!(
            "shorten a `timeout` or `within` inside the level, or that of `recovered`, by {by} in all: the first way back may take {most} at most"
        ),
    })
}

/// A first level whose worst case is longer than any first way back may take.
pub(crate) struct Overlong {
    /// The most that it may take.
    pub(crate) most: String,
    /// How much longer it is.
    pub(crate) by: String,
}

/// A finding that holds only with some values of parameters.
pub(crate) fn with_values(one: Diagnostic, param: Span, values: &str) -> Diagnostic {
    one.with(param, format!("with {values}"))
}
