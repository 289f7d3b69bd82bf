//! What is wrong with a rollout as a whole, and with the lines that accept it.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `waive` alone.
pub(crate) fn waives_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(&names::BAD_WAIVE, "`waive` does not say what it accepts")
        .at(span, "the name of a finding is missing")
        .help("write waive FINDING \"REASON\", for example waive unguarded-exposure \"…\"")
}

/// `waive unknown-name "…"`
pub(crate) fn waives_an_error(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_WAIVE, format!("`{name}` cannot be accepted"))
        .at(span, "with this the file has no meaning that could be run")
        .help("mend what it says, and take the line away")
        .help("only findings about the rollout as a whole can be accepted; `runbook explain` marks them with (lint)")
}

/// `waive no-such-thing "…"`
pub(crate) fn waives_unknown(span: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::BAD_WAIVE,
        format!("`{name}` is no finding that can be accepted"),
    )
    .at(span, "no finding has this name");
    match near {
        Some(near) => one
            .help(format!("did you mean `{near}`?"))
            .near((span, near), (name, near)),
        None => one.help("take the name in brackets from what `runbook check` says, for example unguarded-exposure"),
    }
}

/// `waive vacuous-guard`
pub(crate) fn waived_without_reason((span, name): (Span, &str)) -> Diagnostic {
    Diagnostic::new(&names::BAD_WAIVE, format!("`waive {name}` gives no reason"))
        .at(span, "every report shows why this is accepted")
        .help(format!("write waive {name} \"REASON\""))
}

/// `waive …` at the end of a block.
pub(crate) fn waives_above_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_WAIVE,
        format!("`waive {name}` stands above nothing"),
    )
    .at(span, "no statement follows it here")
    .help("put it on the line above what it accepts")
}

/// `waive …` above something without that finding.
pub(crate) fn unneeded_waive((span, name): (Span, &str), on: Span) -> Diagnostic {
    Diagnostic::new(
        &names::UNNEEDED_WAIVE,
        format!("nothing is accepted by `waive {name}`"),
    )
    .at(span, "it accepts what is found in the statement below")
    .with(on, format!("there is no `{name}` here"))
    .help("take it away, or put it on the line above the place that `runbook check` shows")
}

/// How much of production sees the change in a stage, and for how long at least.
pub(crate) struct Unwatched<'a> {
    /// The name of the stage.
    pub(crate) stage: (Span, &'a str),
    /// For example `new_auth is at 50%`.
    pub(crate) exposed: &'a str,
    /// For how long, and what that comes to.
    pub(crate) cost: &'a str,
    /// Why no guard counts.
    pub(crate) why: &'a str,
    /// What to type.
    pub(crate) guard: &'a str,
}

/// A stage with users in it and no guard that acts.
pub(crate) fn unguarded_exposure(of: &Unwatched<'_>) -> Diagnostic {
    Diagnostic::new(
        &names::UNGUARDED_EXPOSURE,
        format!("nobody looks while stage `{}` exposes users", of.stage.1),
    )
    .at(of.stage.0, format!("{} in it, and {}", of.exposed, of.why))
    .help(format!("watch it: {}", of.guard))
    .help(format!("unseen as it stands: {}", of.cost))
}

/// An approval with some users in it and no guard that acts.
pub(crate) fn unguarded_approval(
    of: &Unwatched<'_>,
    (approve, within): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::UNGUARDED_APPROVAL,
        format!(
            "stage `{}` waits up to {within} for people, and nobody looks",
            of.stage.1
        ),
    )
    .at(of.stage.0, format!("{} in it, and {}", of.exposed, of.why))
    .with(approve, "people have this long to answer")
    .help(format!("watch it meanwhile: {}", of.guard))
    .help(format!("unseen as it stands: {}", of.cost))
}

/// A guard whose condition nothing can satisfy.
pub(crate) fn guard_never_holds(
    (span, name): (Span, &str),
    (when, why): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::VACUOUS_GUARD,
        format!("guard `{name}` can never trip"),
    )
    .at(span, "it watches, and would see nothing")
    .with(when, why)
    .help("give it a condition that something bad can satisfy, or take it away: a guard that cannot trip looks like safety")
}

/// A guard that needs longer than any stage lasts.
pub(crate) fn guard_has_no_time(
    (span, name): (Span, &str),
    needs: &str,
    (stage, longest): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::VACUOUS_GUARD,
        format!("guard `{name}` can never trip"),
    )
    .at(span, format!("it needs {needs} of one stage"))
    .help(format!(
        "stage `{stage}`, the longest in which it is armed, lasts {longest} with all its holds: watch for a shorter time, or let the stage last longer"
    ))
}

/// A guard whose condition holds for every value.
pub(crate) fn guard_always_holds(
    (span, name): (Span, &str),
    (when, why): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::ALWAYS_TRIPS,
        format!("guard `{name}` trips whatever is measured"),
    )
    .at(span, "every sample is a breach")
    .with(when, why)
    .help("give it a condition that a healthy service does not satisfy")
}

/// A warm-up that is shorter than what the query looks back.
pub(crate) fn warmup_too_short(
    (span, guard): (Span, &str),
    (own, warmup): (Span, &str),
    (back, needed): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::SHORT_WARMUP,
        format!("guard `{guard}` judges what was before its stage"),
    )
    .at(
        span,
        "its first samples show the stage before, mixed with this one",
    )
    .with(own, format!("{warmup} is less: {back}"))
    .help(format!(
        "write `warmup {needed}`, or leave it out: that is what it is then"
    ))
}

/// `for 30s` over a query that looks back a minute.
pub(crate) fn streak_within_window(
    (span, guard): (Span, &str),
    streak: &str,
    (metric, window): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::OVERLAPPING_WINDOWS,
        format!("a single moment is enough for guard `{guard}` to trip"),
    )
    .at(span, format!("`for {streak}` is shorter than the {window} that `{metric}` looks back"))
    .help(format!("one bad moment is in every answer for {window}: watch `for {window}` or longer, or let the query look back less"))
}

/// `for 3 of 5` over answers that overlap.
pub(crate) fn counted_again(
    (span, guard): (Span, &str),
    (times, every): (u64, &str),
    (metric, window): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::OVERLAPPING_WINDOWS,
        format!("guard `{guard}` counts one moment {times} times"),
    )
    .at(span, format!("`{metric}` looks back {window} and is asked every {every}"))
    .help(format!("write `every {window}` in `{metric}`, so that each moment is in one answer, or watch `for DURATION`"))
}

/// A guard that looks only while some users are exposed.
pub(crate) fn guard_ends_early(
    (span, guard): (Span, &str),
    (stage, name): (Span, &str),
    reaches: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::GUARD_ENDS_EARLY,
        format!("guard `{guard}` stops looking before everyone is exposed"),
    )
    .at(span, "nothing that acts looks at its metrics afterwards")
    .with(stage, format!("{reaches} in stage `{name}`"))
    .help("let it look to the end of the last stage, or write another guard for the later ones")
}

/// A stage that can be over before a guard can be sure.
pub(crate) fn soak_too_short(
    (span, stage, soak): (Span, &str, &str),
    (at, guard): (Span, &str),
    (needed, parts): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::SHORT_SOAK,
        format!("stage `{stage}` can be over before guard `{guard}` can be sure"),
    )
    .at(span, format!("it observes {soak} of healthy time"))
    .with(at, format!("this needs {needed}: {parts}"))
    .help(format!("write `wait {needed}` or longer, or let the guard need less; a breach that begins here is seen when more users have it"))
}

/// The last change of exposure, right before the end.
pub(crate) fn end_too_soon(
    (span, stage, settled): (Span, &str, &str),
    (at, guard): (Span, &str),
    (needed, parts): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::SHORT_SOAK,
        format!("the rollout can be over before guard `{guard}` can be sure of what stage `{stage}` exposes last"),
    )
    .at(span, format!("behind its last `expose` it observes {settled} of healthy time"))
    .with(at, format!("this needs {needed}: {parts}"))
    .help(format!("write `wait {needed}` or longer behind the last `expose`: when the rollout is over, nobody looks any more"))
}

/// A growth of exposure that may have to wait for the next opening of the window.
pub(crate) struct Stalled<'a> {
    /// Where it stands, and what it sets.
    pub(crate) growth: (Span, &'a str),
    /// What users see by then.
    pub(crate) exposed: &'a str,
    /// How long it takes up to there when all goes well.
    pub(crate) best: &'a str,
    /// How long it can take.
    pub(crate) worst: &'a str,
    /// The window.
    pub(crate) window: &'a str,
    /// How long it is open at most at a time.
    pub(crate) open: &'a str,
    /// How long it is closed at most at a time.
    pub(crate) closed: &'a str,
}

/// A window that closes before the worst case ends.
pub(crate) fn window_closes(of: &Stalled<'_>) -> Diagnostic {
    let (span, growth) = of.growth;
    Diagnostic::new(
        &names::WINDOW_CLOSES,
        format!("window `{}` can close before {growth}", of.window),
    )
    .at(
        span,
        format!(
            "it comes {} after the beginning when all goes well, and up to {} when not",
            of.best, of.worst
        ),
    )
    .help(format!(
        "the window is open for {} at a time; then {} until it opens again, up to {} later",
        of.open, of.exposed, of.closed
    ))
    .help("let it take less time at worst (timeouts, retries, the second time of `wait A..B`), open the window for longer, or write waive window-closes \"REASON\"")
}

/// An `ssh` without a bound where it matters.
pub(crate) fn remote_without_bound(
    (span, step): (Span, &str),
    host: &str,
    (bounded, refuses): (bool, bool),
) -> Diagnostic {
    let label = match (bounded, refuses) {
        (false, true) => "when its timeout ends the `ssh` here, the command goes on over there",
        (true, _) => "a machine that does not answer takes all of its time",
        (false, false) => {
            "when its timeout ends the `ssh` here, the command goes on over there; and a machine that does not answer takes all of its time"
        }
    };
    let by_hand = match (bounded, refuses) {
        (false, true) => "timeout 60 COMMAND after the host",
        (true, _) => "-o ConnectTimeout=5 -o BatchMode=yes before the host",
        (false, false) => {
            "-o ConnectTimeout=5 -o BatchMode=yes before the host, and timeout 60 COMMAND after it"
        }
    };
    let title = if bounded {
        format!("`{step}` waits for {host} without a bound of its own")
    } else {
        format!("what `{step}` runs on {host} has no bound there")
    };
    Diagnostic::new(&names::REMOTE_WITHOUT_BOUND, title)
    .at(span, label)
    .help("declare the machine in a `hosts` block and write `on NAME` at the step: it is bounded there, and what is left over is ended")
    .help(format!("or write {by_hand}"))
}

/// No data that reads as zero, and zero that is health.
pub(crate) fn silence_is_health(
    (span, metric): (Span, &str),
    how: &str,
    guard: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::SILENCE_IS_HEALTH,
        format!("when `{metric}` falls silent, guard `{guard}` sees a healthy service"),
    )
    .at(span, how.to_owned())
    .help("write `missing zero alive when CONDITION` with another metric that shows that there is traffic, for example requests > 0/s, and take the zero out of the query")
}

/// A guard that is in breach as things usually are.
pub(crate) fn usual_is_a_breach(
    (when, guard): (Span, &str),
    (baseline, usual): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::THRESHOLDS,
        format!("{usual} as things usually are, and guard `{guard}` calls that a breach"),
    )
    .at(when, "no run begins while this is so")
    .with(baseline, "this is what is usual")
    .help("let the guard begin on the bad side of what is usual, or write what is usual as it was measured")
}

/// A recovery that is not seen as things usually are.
pub(crate) fn usual_is_no_recovery(when: Span, (baseline, usual): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::THRESHOLDS,
        format!("{usual} as things usually are, and that does not count as recovered"),
    )
    .at(when, "so every way back ends stuck")
    .with(baseline, "this is what is usual")
    .help("let `recovered` hold for what is usual, with some room")
}

/// `min 0/s of requests`
pub(crate) fn always_enough(span: Span, metric: &str) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        format!("`min` of `{metric}` asks for nothing"),
    )
    .at(span, "there is this much whatever is measured")
    .help("write how much there has to be for a value to count, or leave `min` out")
}

/// A level whose `when` is never true.
pub(crate) fn level_never_reached(
    (span, level): (Span, &str),
    (when, way): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::UNREACHABLE_LEVEL,
        format!("no run ever comes to level `{level}`"),
    )
    .at(span, format!("it stands here as a way {way} and is none"))
    .with(when, "nothing that this rollout does makes this true")
    .help("mend its condition, or take the level away")
}

/// A level that comes to a `fail` on every way; `fails` is where it stands, if it is one place.
pub(crate) fn level_always_fails((span, level): (Span, &str), fails: Option<Span>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::LEVEL_ALWAYS_FAILS,
        format!("level `{level}` fails whatever happens, so it can never be enough"),
    )
    .at(
        span,
        "every run that comes to this goes on with the next level, or is stuck",
    );
    let one = match fails {
        Some(fails) => one.with(fails, "it always comes to this"),
        None => one,
    };
    one.help("let it depend on something: if CONDITION { fail \"…\" }, on lines of its own")
        .help("or take `fail` away: whether the level has helped is what `recovered when CONDITION` decides")
}

/// A recovery that is true whatever is measured.
pub(crate) fn always_recovered((span, when): (Span, Span), level: &str) -> Diagnostic {
    Diagnostic::new(
        &names::HOLLOW_RECOVERY,
        format!("after level `{level}` the service counts as recovered whatever is measured"),
    )
    .at(span, "this judges whether the way back has helped")
    .with(when, "what the level does makes this true by itself")
    .help("judge it by a metric that shows what users see, and not by what the level sets")
}

/// A recovery that is seen while a guard is in breach.
pub(crate) fn recovered_in_breach(
    (span, when): (Span, Span),
    (guard_when, guard): (Span, &str),
    values: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::HOLLOW_RECOVERY,
        format!("with {values} the service counts as recovered, and guard `{guard}` rolls back for it"),
    )
    .at(span, "this judges whether the way back has helped")
    .with(when, "it is so while the service is as bad as before")
    .with(guard_when, "this is what it was brought back for")
    .help(format!("look at the signs and the values of both: `recovered` has to leave out everything for which `{guard}` rolls back"))
}

/// A recovery that nothing satisfies.
pub(crate) fn never_recovered((span, when): (Span, Span), level: &str) -> Diagnostic {
    Diagnostic::new(
        &names::HOLLOW_RECOVERY,
        format!("after level `{level}` the service can never count as recovered"),
    )
    .at(span, "so every way back ends stuck")
    .with(when, "no value makes this true then")
    .help("judge it by a condition that a healthy service satisfies")
}

/// A secret among the arguments of a program, and the assignment by which it comes there.
pub(crate) fn secret_in_arguments(
    (at, by): (Span, Option<Span>),
    (secret, program): (&str, &str),
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::SECRET_IN_ARGUMENTS,
        format!("`{program}` shows the secret `{secret}` to everyone on the machine"),
    )
    .at(
        at,
        format!("it stands among the arguments of `{program}`, in the list of processes"),
    );
    let one = match by {
        None => one,
        Some(by) => one.with(by, "here the variable is given it"),
    };
    one.help(format!("hand it over as a file, \"${secret}_file\", through the program's input, or in a variable that it reads itself"))
}

/// Who runs what a value becomes a part of; each by what starts it.
pub(crate) enum SplicedInto<'a> {
    /// A shell that finds the same variables.
    Shell(&'a str),
    /// A shell that finds others.
    Other(&'a str),
    /// The shell itself.
    Eval,
    /// The shell of another machine.
    Remote,
    /// A database.
    Sql(&'a str),
}

/// `sh -c "deploy $x"`, and the assignment by which the value comes there.
pub(crate) fn spliced_value(
    (at, by): (Span, Option<Span>),
    (name, variable, what): (&str, &str, &str),
    into: &SplicedInto<'_>,
) -> Diagnostic {
    let runs = match into {
        SplicedInto::Shell(by) | SplicedInto::Other(by) => format!("the code that `{by}` runs"),
        SplicedInto::Eval => "the code that `eval` runs".to_owned(),
        SplicedInto::Remote => "what the shell of the other machine runs".to_owned(),
        SplicedInto::Sql(by) => format!("the statements that `{by}` runs"),
    };
    let label = match into {
        SplicedInto::Shell(_) | SplicedInto::Other(_) | SplicedInto::Eval => {
            format!("{what} can hold `;` and `$(…)`, and what stands in it would be run")
        }
        SplicedInto::Remote => format!(
            "quotes end on this machine: {what} can hold `;` and `$(…)`, and what stands in it would be run there"
        ),
        SplicedInto::Sql(_) => {
            format!("{what} can hold `'` and `;`, and what stands in it would be run")
        }
    };
    let one = Diagnostic::new(
        &names::SPLICED_VALUE,
        format!("`{name}` becomes a part of {runs}"),
    )
    .at(at, label);
    let one = match by {
        None => one,
        Some(by) => one.with(by, "here the variable is given it"),
    };
    let as_argument = |by: &str| {
        let shell = by.strip_suffix(" -c").unwrap_or(by);
        format!("{by} '… \"$1\" …' {shell} \"${variable}\"")
    };
    match into {
        SplicedInto::Shell(by) => one
            .help(format!(
                "put the code into single quotes; its shell finds the value in its environment: {by} '… \"${variable}\" …'"
            ))
            .help(format!("or hand it over as an argument: {}", as_argument(by))),
        SplicedInto::Other(by) => one.help(format!(
            "put the code into single quotes, and hand the value over as an argument: {}",
            as_argument(by)
        )),
        SplicedInto::Eval => one.help(format!(
            "take `eval` away: the command itself takes \"${variable}\" as one word"
        )),
        SplicedInto::Remote => one.help(format!(
            "let the step run there: step NAME on HOSTS $ COMMAND \"${variable}\"; its values are variables there, too"
        )),
        SplicedInto::Sql("psql") => one.help(format!(
            "let psql put it in, with its own quotes, which it does not for `-c`: printf '%s\\n' \"… :'{variable}'\" | psql -v ON_ERROR_STOP=1 -v {variable}=\"${variable}\""
        )),
        SplicedInto::Sql(_) => one,
    }
}

/// What a parameter may be can be said where it is declared.
pub(crate) fn with_pattern(one: Diagnostic, name: &str) -> Diagnostic {
    one.help(format!(
        "or let nothing through that means anything there: param {name}: text matching /[A-Za-z0-9._\\/-]+/"
    ))
}

/// `vim /etc/hosts`
pub(crate) fn interactive_step(
    (span, name): (Span, &str),
    (does, instead): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::INTERACTIVE_STEP,
        format!("`{name}` wants a person at a terminal, and nothing here has one"),
    )
    .at(span, format!("this {does}"))
    .help(instead)
    .help("a step that says `interactive` has the terminal of the run; what a person decides is asked by `confirm`, `approve`, or a `param`")
}
