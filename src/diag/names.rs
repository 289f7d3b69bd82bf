//! The registry of diagnostics: every name, how bad it is, and which phase says it.
//!
//! A name is never renamed and never reused. A row here without a page does not compile; a row without
//! an example that provokes it does not pass the tests.

use super::Severity;

/// The phase that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading the bytes and the text.
    Syntax,
    /// Names, types, units and the rules over the whole file.
    Check,
    /// What the rollout as a whole does and leaves out; a file can accept it with `waive`.
    Lint,
    /// Values for the parameters.
    Plan,
    /// The proof: every path that a run can take.
    Prove,
    /// The runs of tests.
    Test,
    /// Another program, which is asked only when somebody wants it.
    Outside,
}

/// One row of the registry.
#[derive(Debug)]
pub struct Registered {
    /// The name, in kebab-case.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line for the list of `runbook explain`.
    pub summary: &'static str,
    /// Who says it.
    pub phase: Phase,
    /// The page, in Markdown.
    pub page: &'static str,
}

macro_rules! registry {
    ($($constant:ident $name:literal $severity:ident $phase:ident $summary:literal)*) => {
        $(
            pub(crate) static $constant: Registered = Registered {
                name: $name,
                severity: Severity::$severity,
                summary: $summary,
                phase: Phase::$phase,
                page: include_str!(concat!("pages/", $name, ".md")),
            };
        )*

        static ALL: &[&Registered] = &[$(&$constant),*];
    };
}

registry! {
    NOT_UTF8 "not-utf8" Error Syntax "the file is not UTF-8 text"
    EMPTY_FILE "empty-file" Error Syntax "the file is empty"
    FILE_TOO_LARGE "file-too-large" Error Syntax "the file is larger than a runbook can be"
    NOT_A_RUNBOOK "not-a-runbook" Error Syntax "the file does not begin with its title"
    NESTED_TOO_DEEP "nested-too-deep" Error Syntax "blocks, parentheses or operators are nested too deep"
    UNCLOSED_BLOCK "unclosed-block" Error Syntax "a block, a parenthesis or a bracket is never closed"
    EXTRA_BRACKET "extra-bracket" Error Syntax "a closing bracket closes nothing"
    UNCLOSED_STRING "unclosed-string" Error Syntax "a string or a text block is never closed"
    UNKNOWN_STATEMENT "unknown-statement" Error Syntax "a statement begins with an unknown word"
    MISPLACED_STATEMENT "misplaced-statement" Error Syntax "a statement stands where it has no meaning"
    FOREIGN_SYNTAX "foreign-syntax" Error Syntax "another tool writes it like this"
    NOT_BUILT_YET "not-built-yet" Error Syntax "the language has it, this version does not"
    DUPLICATE_CLAUSE "duplicate-clause" Error Syntax "a clause or a block is said twice"
    MISSING_PART "missing-part" Error Syntax "a part of a statement is missing"
    UNEXPECTED_TEXT "unexpected-text" Error Syntax "something stands where nothing is expected"
    WRONG_SEPARATOR "wrong-separator" Error Syntax "`:` and `=` are mixed up, missing, or too many"
    BAD_NAME "bad-name" Error Syntax "a name does not follow the rule for names"
    UNKNOWN_CHOICE "unknown-choice" Error Syntax "a word is not one of the few that are possible"
    BAD_EXPOSURE "bad-exposure" Error Syntax "the values of an exposure make no sense"
    WRONG_OPERATOR "wrong-operator" Error Syntax "an operator of another language"
    CHAINED_COMPARISON "chained-comparison" Error Syntax "two comparisons are chained"
    BAD_LITERAL "bad-literal" Error Syntax "a number, a quantity or a version cannot be read"
    BAD_ESCAPE "bad-escape" Error Syntax "an unknown escape in a string"
    BAD_INTERPOLATION "bad-interpolation" Error Syntax "an interpolation in a string cannot be read"
    BAD_SHELL_LINE "bad-shell-line" Error Syntax "shell text is not written as it must be"
    LOOK_ALIKE "look-alike" Error Check "a character that nobody sees, or that only looks like the one that is meant"
    UNKNOWN_NAME "unknown-name" Error Check "a name that nothing declares"
    DECLARED_TWICE "declared-twice" Error Check "two things of one kind share a name"
    TAKEN_NAME "taken-name" Error Check "a name that already means something in expressions"
    SYSTEM_NAME "system-name" Error Check "a name that shell text takes for a variable of the system"
    SHADOWED_NAME "shadowed-name" Error Check "the variable of a loop hides something of the same name"
    USED_BEFORE "used-before-declared" Error Check "a `let` uses one that comes after it"
    NAME_NOT_HERE "name-not-here" Error Check "a name has no meaning in this place"
    MAYBE_UNSET "maybe-unset" Error Check "a captured value is used where it may not have been set"
    CAPTURE_REPEATED "capture-repeated" Error Check "a capture stands where it would be set several times"
    SECRET_MISUSED "secret-misused" Error Check "a secret is used as a value, or in a place that gets none"
    WRONG_TYPE "wrong-type" Error Check "a value of one type stands where another is wanted"
    MISSING_UNIT "missing-unit" Error Check "a number without a unit where a quantity is wanted"
    CANNOT_COMPARE "cannot-compare" Error Check "two sides that cannot be held against each other"
    CANNOT_CALCULATE "cannot-calculate" Error Check "an operation that has no meaning for its sides"
    NOT_A_CONDITION "not-a-condition" Error Check "something that is neither true nor false"
    NO_THRESHOLD "no-threshold" Error Check "`is warning` or `is critical` without such a threshold"
    UNIT_DISAGREES "unit-disagrees" Error Check "the type of a metric and its unit say different things"
    BAD_EXPECTATION "bad-expectation" Error Check "an `expect` that does not fit its answer"
    MISSING_SERVICE "missing-service" Error Check "the file does not name its service"
    MISSING_BLOCK "missing-block" Error Check "a block that this file must have is missing"
    EMPTY_BLOCK "empty-block" Error Check "a block or a text that says nothing"
    INCOMPLETE "incomplete-declaration" Error Check "a declaration lacks a part that it must have"
    WATCHES_NOTHING "watches-nothing" Error Check "a condition that must watch a metric reads none"
    NEEDLESS "needless-clause" Error Check "a clause that has no meaning where it stands"
    STRANDS_COLLIDE "strands-collide" Error Check "two strands set one exposure"
    NO_TERMINAL "no-terminal" Error Check "a step that cannot have the terminal of the run"
    BAD_LIST "bad-list" Error Check "the list of a `for` is empty, too long, or has a value twice"
    WHICH_EXPOSURE "which-exposure" Error Check "it is not clear which exposure is meant, or there is none"
    MISSING_WITHIN "missing-within" Error Check "a level or `verify` without a bound"
    TEMPLATE_IN_SHELL "template-in-shell" Error Check "shell text with a template that nothing replaces"
    QUOTED_LITERAL "quoted-literal" Warning Check "the name of a value in single quotes, where the shell puts none in"
    NOT_FILLED_IN "not-filled-in" Warning Check "a text names a value as a shell or another tool would"
    SHELL_SYNTAX "shell-syntax" Error Check "shell text that no shell can read"
    BASH_IN_SH "bash-in-sh" Error Check "shell text that only bash can read"
    UNKNOWN_VARIABLE "unknown-variable" Error Check "shell text reads a variable that nothing sets"
    UNQUOTED_VARIABLE "unquoted-variable" Warning Check "a value without quotes that can become several words"
    LOST_FAILURE "lost-failure" Warning Check "shell text in which a failure would not be seen"
    LINE_WITHOUT_EFFECT "line-without-effect" Warning Check "a line of a step that changes only the shell which ends with it"
    UNKNOWN_ZONE "unknown-zone" Error Check "a zone that is not in the IANA database"
    BAD_WINDOW "bad-window" Error Check "a window that says something impossible, or that nothing can use"
    BAD_HOLIDAYS "bad-holidays" Error Plan "a file of holidays that cannot be read"
    BAD_PATTERN "bad-pattern" Error Check "a regular expression that cannot be read"
    BAD_FILTER "bad-filter" Error Check "a jq filter that cannot be read"
    BAD_ADDRESS "bad-address" Error Check "an address that cannot be asked"
    BAD_REQUEST "bad-request" Error Check "an HTTP request that cannot be made as it is written"
    BAD_SQL "bad-sql" Error Check "a file of SQL that is not there or cannot be run"
    IMPOSSIBLE_VALUE "impossible-value" Error Check "an expression that has no value"
    BAD_QUERY "bad-query" Error Check "a query that no source can read"
    UNFIT_IN_QUERY "unfit-in-query" Error Check "a value that a query cannot hold where it stands"
    DOES_NOT_FIT "does-not-fit" Error Check "a value that its type or its pattern refuses"
    ZERO "zero" Error Check "no time, or no attempts, where some are needed"
    OUT_OF_RANGE "out-of-range" Error Check "a value outside of what is possible"
    BACKWARDS_RANGE "backwards-range" Error Check "a range that ends before it begins"
    THRESHOLDS "thresholds-disagree" Error Check "`warning` and `critical` do not fit each other"
    TOO_SHORT "too-short" Error Check "a time too short for what must happen in it"
    EXPOSURE_SHRINKS "exposure-shrinks" Error Check "exposure falls inside the rollout"
    ROLLBACK_EXPOSES "rollback-exposes" Error Check "the way back leaves users exposed"
    STRATEGY_DISAGREES "strategy-disagrees" Error Check "the strategy and what the rollout exposes say different things"
    LEVEL_OVERRUNS "level-overruns" Error Check "a level can take longer than it is given"
    UNDO_NEVER_RUN "undo-never-run" Error Check "a step says what undoes it, and no level does"
    NOTHING_TO_UNDO "nothing-to-undo" Error Check "a level undoes, and there is nothing to undo"
    NO_WAY_FORWARD "no-way-forward" Error Check "a point of no return, and nothing that says how to go on behind it"
    FORWARD_NEVER_RUN "forward-never-run" Error Check "a way forward, and no point of no return before it"
    NO_RETURN_TWICE "no-return-twice" Error Check "a point of no return behind which nothing changes"
    LEVEL_OUT_OF_REACH "level-out-of-reach" Error Check "a level that does not apply on this side of the point of no return"
    TASK_LOOP "task-loop" Error Check "a task that calls itself"
    WRONG_ARGUMENTS "wrong-arguments" Error Check "a call that gives a task too many or too few values"
    UNUSED_TASK "unused-task" Warning Check "a task that nothing calls"
    LIBRARY_MISSING "library-missing" Error Check "a file that `use` names is not there, or cannot be read"
    LIBRARY_OUTSIDE "library-outside" Error Check "a file that `use` names is not part of the project"
    LIBRARY_LOOP "library-loop" Error Check "a file uses itself, by way of others or at once"
    METRIC_LOOP "metric-loop" Error Check "metrics whose `min` name each other, so that no value of them counts"
    NO_BASELINE "no-baseline" Error Check "the baseline of a metric is asked for, and it has none"
    TEMPLATE_MISSING "template-missing" Error Check "the template of an incident is not there, or cannot be read"
    NOT_A_LIBRARY "not-a-library" Error Check "a runbook is used as a library"
    LIBRARY_NOT_RUN "library-not-run" Error Plan "a library is named where a runbook is wanted"
    UNUSED_LIBRARY "unused-library" Warning Check "nothing of a library is used"
    WHICH_METRIC "which-metric" Error Check "it is not clear which metric an adopted guard watches, or there is none"
    MISSING_GIVEN "missing-given" Error Check "a test gives no value to a parameter that needs one"
    WHICH_STEP "which-step" Error Check "a test names a step of which there are several"
    NOT_PLANNED "not-planned" Error Check "a test names a step that its values leave out of the plan"
    TEST_DECIDES_NOTHING "test-decides-nothing" Error Check "a test, or a line of one, that nothing can depend on"
    TEST_CONTRADICTS "test-contradicts" Error Check "two lines of a test that cannot both hold"
    PATH_GETS_STUCK "path-gets-stuck" Error Prove "a rollback can begin with no level that is for it"
    PATH_WITHOUT_TELLING "path-without-telling" Error Prove "a run can get stuck, and nobody is told"
    PATH_ENDS_EXPOSED "path-ends-exposed" Error Prove "a rollback can count as done while users still see the change"
    PATH_LEFT_APART "path-left-apart" Warning Prove "a rollback can leave apart what a step took apart"
    NEVER_COMPLETES "never-completes" Warning Prove "no path of a run completes, so nothing is proved"
    PROOF_UNFINISHED "proof-unfinished" Note Prove "there are more kinds of states than a proof looks at"
    METRIC_UNSET "metric-unset" Error Test "a metric that a test must set"
    EXPECTATION_FAILED "expectation-failed" Error Test "a run went another way than a test expects"
    CLAUSE_IN_COMMAND "clause-in-command" Warning Check "what reads like a clause is a part of the command"
    SHELL_NOT_READ "shell-not-read" Note Check "shell text that is not looked at"
    NOT_LOOKED_AT "not-looked-at" Error Outside "nothing is known of a file, because it could not be looked at"
    SHELLCHECK "shellcheck" Warning Outside "what the program shellcheck says, when it is asked"
    MIGRATIONS_MISSING "migrations-missing" Error Check "the files of a check of migrations are not there, or cannot be read"
    BAD_WAIVE "bad-waive" Error Check "a `waive` that can accept nothing"
    UNNEEDED_WAIVE "unneeded-waive" Warning Check "a `waive` above something that has no such finding"
    BAD_SETTINGS "bad-settings" Error Check "`runbook.toml` says something that means nothing"
    UNGUARDED_EXPOSURE "unguarded-exposure" Error Lint "users see the change in a stage, and no guard acts there"
    UNGUARDED_APPROVAL "unguarded-approval" Error Lint "people are waited for while some users see the change and no guard acts"
    VACUOUS_GUARD "vacuous-guard" Error Lint "a guard that can never trip"
    ALWAYS_TRIPS "always-trips" Error Lint "a guard whose condition holds whatever is measured"
    RISK_EXPOSURE "risk-exposure" Error Lint "exposure grows in other steps than the risk allows"
    RISK_SOAK "risk-soak" Error Lint "a stage is shorter than the risk allows"
    RISK_ROLLBACK "risk-rollback" Error Lint "the first way back is slower than the risk allows"
    RISK_AFTERMATH "risk-aftermath" Error Lint "nothing is done after a rollback"
    SHORT_WARMUP "short-warmup" Warning Lint "a guard judges what was before its stage"
    OVERLAPPING_WINDOWS "overlapping-windows" Warning Lint "one moment passes for a trend, because answers overlap"
    WINDOW_CLOSES "window-closes" Warning Lint "users wait at a partial exposure while the window is closed, where the worst case comes about"
    REMOTE_WITHOUT_BOUND "remote-without-bound" Warning Lint "a command on another machine that nothing there ends"
    GUARD_ENDS_EARLY "guard-ends-early" Warning Lint "a guard stops looking before everyone is exposed"
    SHORT_SOAK "short-soak" Warning Lint "a stage can be over before its guards can be sure"
    SILENCE_IS_HEALTH "silence-is-health" Warning Lint "no data becomes zero, and zero is health"
    UNREACHABLE_LEVEL "unreachable-level" Error Lint "a level of the rollback that no run comes to"
    LEVEL_ALWAYS_FAILS "level-always-fails" Error Lint "a level that fails whatever happens"
    CANNOT_GO_FORWARD "cannot-go-forward" Error Lint "a step behind the point of no return, and no way forward when it fails"
    HOLLOW_RECOVERY "hollow-recovery" Error Lint "a recovery that is true or false whatever is measured"
    MIGRATION_DROPS "migration-drops" Error Lint "a migration takes away what a version that still runs may use"
    MIGRATION_RENAMES "migration-renames" Error Lint "a migration renames what a version that still runs may use"
    MIGRATION_TYPE "migration-changes-type" Error Lint "a migration changes the type of a column"
    MIGRATION_NOT_NULL "migration-not-null" Error Lint "a migration makes a column not null that may be empty"
    MIGRATION_LOCKS "migration-locks" Error Lint "a migration locks a table for as long as it takes to look at every row"
    MIGRATION_ALL_ROWS "migration-all-rows" Warning Lint "a migration updates every row of a table in one statement"
    MIGRATION_UNIQUE "migration-unique" Warning Lint "a migration refuses values that a version that still runs may write twice"
    MIGRATION_UNREAD "migration-unread" Error Lint "a statement of a migration that cannot be looked at"
    SECRET_IN_ARGUMENTS "secret-in-arguments" Warning Lint "a secret among the arguments of a program"
    SPLICED_VALUE "spliced-value" Warning Lint "a value becomes a part of what a shell or a database runs"
    QUERY_DISAGREES "query-disagrees" Warning Lint "a query and the unit of its metric say different things"
    INTERACTIVE_STEP "interactive-step" Error Lint "a command that wants a person at a terminal"
    NEVER_READ "never-read" Warning Lint "a declaration that nothing in the file reads"
    MISSING_PARAM "missing-param" Error Plan "a parameter that must be given was not"
    BAD_PARAM "bad-param" Error Plan "a value that a parameter refuses"
    UNKNOWN_PARAM "unknown-param" Error Plan "a parameter that the file does not declare"
}

/// All rows, in the order of the registry.
pub fn registered() -> &'static [&'static Registered] {
    ALL
}

/// The page of a name.
pub fn page(name: &str) -> Option<&'static str> {
    ALL.iter().find(|row| row.name == name).map(|row| row.page)
}
