//! What shell text does, as far as it can be seen without running it: the variables that it reads and sets, the programs
//! that it starts, and the failures that it loses. Plain data; nothing is judged here, and no parser is named.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::people::Want;

/// Everything that is known of one shell text. All places are byte ranges of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Variables that are read, in the order of the text.
    pub(super) variables: Vec<Variable>,
    /// Variables that it sets itself, anywhere.
    pub(super) assigned: BTreeSet<String>,
    /// Functions that it defines, by their names.
    pub(super) functions: BTreeMap<String, Body>,
    /// What is run where the shell stops at no failure, until it is known what the functions do.
    pub(super) unheeded: Vec<Unheeded>,
    /// What it starts: programs, builtins and functions, by the name that is written.
    pub(super) programs: Vec<Started>,
    /// Programs that it looks for itself, with `command -v`.
    pub(super) looked_for: BTreeSet<String>,
    /// Failures that nobody would see.
    pub(super) losses: Vec<Loss>,
    /// Commands that want a person, each where its name stands, and what it is called.
    pub(super) people: Vec<(Range<usize>, String, Want)>,
    /// What variables of the text are made of.
    pub(super) made: Vec<Made>,
    /// What programs are handed in their arguments.
    pub(super) handed: Vec<Handed>,
    /// Values in what another program reads as its source.
    pub(super) spliced: Vec<Spliced>,
    /// Names in single quotes, where no value is put in.
    pub(super) literals: Vec<Literal>,
    /// Code that cannot be taken apart, and what runs it.
    pub(super) code_not_read: Vec<(Range<usize>, String)>,
    /// What only bash understands.
    pub(super) bash: Vec<(Range<usize>, String)>,
    /// What the parser cannot take apart and the shell can: nothing else is known then.
    pub(super) not_read: Option<Range<usize>>,
    /// What cannot be known of the rest.
    pub(super) unknown: Unknown,
}

/// What a text does that hides something from its reader.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unknown {
    /// `eval`, `.` and the like: variables and functions may come from elsewhere.
    pub(super) names: Hidden,
    /// `set -- …`: the arguments are its own.
    pub(super) arguments: Hidden,
    /// `cd`: what a relative path means.
    pub(super) directory: Hidden,
    /// `PATH=…`: where programs are found.
    pub(super) path: Hidden,
    /// `set -o pipefail`: no failure of a pipeline is lost.
    pub(super) pipelines: Hidden,
    /// `sh`, `awk`, `envsubst`: `$x` in what is printed or kept may be read by one of them.
    pub(super) sources: Hidden,
}

/// Whether something was seen that hides a part of the meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::check) enum Hidden {
    /// Nothing of the kind.
    #[default]
    No,
    /// It was seen.
    Yes,
}

/// One place at which a variable is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    /// Its name, or the digits and signs of an argument: `1`, `@`.
    pub(super) name: String,
    /// From `$` to the end.
    pub(super) at: Range<usize>,
    /// Whether its value is one word whatever it holds.
    pub(super) quoting: Quoting,
    /// What happens when it is not set.
    pub(super) unset: Unset,
    /// Whether it stands in the body of a function, which has arguments of its own.
    pub(super) place: Place,
}

/// How a value becomes words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// Split at blanks, and `*` replaced by file names.
    Bare,
    /// Taken as it is.
    Whole,
}

/// What happens when a variable is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unset {
    /// The script fails: it runs with `-u`.
    Fails,
    /// It is nothing: code of another shell runs without `-u`.
    Empty,
    /// The text says what to take instead.
    Foreseen,
}

/// Where in the text something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the text itself.
    Text,
    /// In the body of a function.
    Function,
}

/// Something that is started by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Started {
    /// The name or path, without quotes.
    pub(super) name: String,
    /// Where it stands.
    pub(super) at: Range<usize>,
}

/// What a word takes a value from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// `$x`
    Variable(String),
    /// `$(cat "$x")`
    Contents(String),
}

/// How a value gets into a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As it is.
    Itself,
    /// As a command prints it.
    Printed,
}

/// A value in a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// What it is.
    pub(super) of: Of,
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// How it gets there.
    pub(super) way: Way,
}

/// `x=…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// The variable.
    pub(super) name: String,
    /// The assignment.
    pub(super) at: Range<usize>,
    /// The values in it.
    pub(super) sources: Vec<Source>,
}

/// A value among the arguments of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handed {
    /// The program.
    pub(super) program: String,
    /// The value.
    pub(super) source: Source,
}

/// `'$x'`: a name that stays as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// The name.
    pub(super) name: String,
    /// From `$` to its end.
    pub(super) at: Range<usize>,
    /// The whole word with its quotes, where nothing else stands in it.
    pub(super) alone: Option<Range<usize>>,
    /// Who takes it.
    pub(super) taken: Taken,
}

/// Who takes a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The program or function of this name.
    By(String),
    /// It is printed or kept, and something else may read it.
    Later,
}

/// A value in what another program reads as its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spliced {
    /// The value.
    pub(super) source: Source,
    /// Who reads it.
    pub(super) reads: Reads,
}

/// Who reads a text as source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reads {
    /// A shell that finds the same variables.
    Shell {
        /// What starts it: `sh -c`.
        by: String,
    },
    /// A shell that finds others: of another user, or in a container.
    Other {
        /// What starts it: `sh -c`.
        by: String,
    },
    /// The shell itself, by `eval`.
    Eval,
    /// The shell of another machine, by `ssh`, which joins its words.
    Remote,
    /// A database.
    Sql {
        /// The program.
        by: String,
    },
}

/// A failure that nobody would see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// How it gets lost.
    pub(super) how: How,
    /// The command whose failure it is.
    pub(super) at: Range<usize>,
    /// Its first word.
    pub(super) name: String,
}

/// How a failure gets lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// `a | b`: only the last one counts.
    Piped {
        /// The first word of the last command.
        last: String,
    },
    /// `a &` without a `wait` for it.
    Background,
    /// `a &` and a `wait` that does not say for what: it always succeeds.
    BareWait,
    /// `a && b` with something after it: `-e` does not stop at the left side.
    Left,
    /// `for x in $(a)`: the loop goes over what was printed.
    Turns,
    /// `set +e`, and never `set -e` again.
    Off,
    /// `a "$(b)"`: the status is that of `a`.
    Word {
        /// The first word of `a`; empty where it is not written out.
        by: String,
    },
    /// `f || a`: inside of `f` the shell stops at no failure.
    Unheeded {
        /// Why it does not.
        beside: Beside,
        /// What it stands in.
        within: Within,
    },
    /// `psql -f a.sql`: it goes on after a statement that failed.
    Statements,
    /// `curl`: every answer is a good one.
    Answer,
    /// `find … -exec a \;`: nobody looks how it ended.
    Each,
    /// `a || echo failed`: what is behind it succeeds.
    Said {
        /// How it is written.
        how: Saying,
        /// The programs and functions that say it.
        by: Vec<String>,
    },
    /// `export x=$(a)`: the status is that of `export`.
    Declared {
        /// `export`, `local` or `readonly`.
        by: String,
    },
}

/// How a failure is said, and nothing else done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saying {
    /// `… || echo failed`
    Or,
    /// `if …; then …; else echo failed; fi`
    If,
}

/// Why the shell looks at no failure but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// `… || a`
    Or,
    /// `… && a`
    And,
    /// `! …`
    Not,
    /// `if …; then`
    If,
    /// `while …; do`
    While,
    /// `sh -c '…'`
    Code,
}

impl Beside {
    /// Where that is, as it is said.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Or => "on the left of `||`",
            Self::And => "on the left of `&&`",
            Self::Not => "behind `!`",
            Self::If => "behind `if`",
            Self::While => "in the condition of a loop",
            Self::Code => "in code of its own",
        }
    }
}

/// What a command stands in whose failure nobody heeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// A function, and where it is called.
    Function {
        /// Its name.
        name: String,
        /// The call.
        at: Range<usize>,
    },
    /// `{ …; }`, `( … )`, and what `if` and `case` run.
    Group,
    /// `for …; do …; done` and the like.
    Loop,
    /// The commands of a condition.
    Condition,
    /// Code that another shell runs.
    Code {
        /// `sh -c`
        by: String,
    },
}

/// What a function or a group runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// All that it starts.
    pub(super) starts: Vec<String>,
    /// The commands that can fail and are not the last.
    pub(super) before_last: Vec<Started>,
    /// The last command, whose status is that of the whole.
    pub(super) last: Option<String>,
}

/// Something that is run where the shell stops at no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unheeded {
    /// Where it is.
    pub(super) beside: Beside,
    /// What it is.
    pub(super) within: Within,
    /// What it runs; of a function, only its call.
    pub(super) body: Body,
}
