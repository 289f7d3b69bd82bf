//! What nobody writes and some machine might: much of one thing, or of what is never closed. Ten times as much takes about ten times as long.

use std::path::Path;

use tempfile::TempDir;

use crate::inputs;
use crate::measure::least;
use crate::programs::{run_to_the_end, runbook};
use crate::table::{Limit, Outcome, Row};

/// How many bytes the smaller inputs have; the larger ones have ten times as many.
const BYTES: usize = 20_000;

/// The same of shell text: a longer one than ten times this is refused, and would be looked at in no time.
const OF_SHELL: usize = 12_000;

/// What stands around a shape that is a declaration.
const HEAD: &str = "runbook \"Hostile\"\nservice hostile\n";
const TAIL: &str = "rollout {\n  stage a {\n    step x $ true\n  }\n}\nrollback {\n  level b within 5m {\n    step y $ true\n  }\n}\n";

/// Where a shape stands.
#[derive(Clone, Copy)]
enum At {
    /// After the head, and nothing follows.
    End,
    /// Between the head and a rollout.
    Declared,
    /// In a stage.
    Stage,
    /// The command of a step.
    Command,
    /// The script of a step.
    Script,
}

/// A shape: what it is, what stands before what is repeated, and what after it. `#` is the number of the repetition.
type Shape = (&'static str, At, [&'static str; 3]);

const SHAPES: &[Shape] = &[
    ("braces", At::End, ["", "{", ""]),
    ("parentheses", At::End, ["let a = ", "(", ""]),
    ("brackets", At::End, ["let a = ", "[", ""]),
    (
        "not",
        At::Declared,
        ["guard g when ", "not ", "elapsed > 1m then warn\n"],
    ),
    (
        "and",
        At::Declared,
        [
            "guard g when elapsed > 1m",
            " and elapsed > 1m",
            " then warn\n",
        ],
    ),
    ("sums", At::Declared, ["let a = 1", " + 1", "\n"]),
    ("a string", At::Declared, ["let a = \"", "a", "\"\n"]),
    (
        "a string that is never closed",
        At::Declared,
        ["let a = \"", "a", "\n"],
    ),
    (
        "a block that is never closed",
        At::End,
        ["let a = \"\"\"\n", "a\n", ""],
    ),
    (
        "interpolations",
        At::Declared,
        ["let a = \"", "${service}", "\"\n"],
    ),
    (
        "interpolations that are never closed",
        At::Declared,
        ["let a = \"", "${", "\"\n"],
    ),
    ("escapes", At::Declared, ["let a = \"", "\\u{", "\"\n"]),
    ("named values", At::Declared, ["", "let a# = 1\n", ""]),
    ("parameters", At::Declared, ["", "param a#: text\n", ""]),
    (
        "the same parameter",
        At::Declared,
        ["", "param a: text\n", ""],
    ),
    ("lines of prose", At::Declared, ["", "hello there\n", ""]),
    ("lines of YAML", At::Declared, ["", "hello: there\n", ""]),
    ("control characters", At::Declared, ["", "\u{1}", "\n"]),
    ("comments", At::Declared, ["", "# a\n", ""]),
    ("blank lines", At::Declared, ["", "\n", ""]),
    (
        "stages",
        At::End,
        ["rollout {\n", "  stage s# {\n    wait 1m\n  }\n", "}\n"],
    ),
    ("steps", At::Stage, ["", "    step s# $ true\n", ""]),
    ("the same step", At::Stage, ["", "    step s $ true\n", ""]),
    (
        "captures",
        At::Stage,
        ["", "    capture c#: text $ true\n", ""],
    ),
    ("ifs", At::Stage, ["", "if elapsed > 1m {\n", ""]),
    (
        "guards",
        At::Declared,
        [
            "metric m: percent {\n  $ x\n  unit percent\n}\n",
            "guard g# when m > #% then warn\n",
            "",
        ],
    ),
    (
        "metrics",
        At::Declared,
        ["", "metric m#: percent {\n  $ x\n  unit percent\n}\n", ""],
    ),
    ("waives", At::Declared, ["", "waive risk \"x\"\n", ""]),
    (
        "libraries",
        At::Declared,
        ["", "use \"std/slo\" as a#\n", ""],
    ),
    (
        "probes that nothing asks",
        At::Declared,
        ["", "probe p# {\n  tcp \"a:1\"\n}\n", ""],
    ),
    (
        "the same library",
        At::Declared,
        ["", "use \"std/slo\"\n", ""],
    ),
    (
        "a pattern",
        At::Declared,
        ["param a: text matching /", "(a|b)*", "/\n"],
    ),
    ("a list", At::Declared, ["let a = [", "1, ", "1]\n"]),
    (
        "a loop",
        At::Stage,
        [
            "    for x in [",
            "\"v#\", ",
            "\"v\"] {\n      step c $ true\n    }\n",
        ],
    ),
    (
        "an environment",
        At::Stage,
        ["    step x env {\n", "      A# = \"x\"\n", "    } $ true\n"],
    ),
    (
        "tests",
        At::End,
        [
            TAIL,
            "test \"t#\" {\n  expect outcome == completed\n}\n",
            "",
        ],
    ),
    ("words of a command", At::Command, ["echo", " a", ""]),
    (
        "words like clauses",
        At::Command,
        ["./x", " idempotent", " --now"],
    ),
    ("a pipeline", At::Command, ["true", " | cat", ""]),
    ("a list of commands", At::Command, ["true", " && true", ""]),
    ("unquoted variables", At::Command, ["echo", " $a", ""]),
    ("umlauts in quotes", At::Command, ["echo", " \"ä\"", ""]),
    ("substitutions", At::Command, ["echo ", "$(", ""]),
    ("expansions", At::Command, ["echo ", "${a", ""]),
    ("templates", At::Command, ["echo ", "{{a}}", ""]),
    (
        "templates that are never closed",
        At::Command,
        ["echo ", "{{", ""],
    ),
    ("lines of a script", At::Script, ["", "echo a\n", ""]),
    (
        "lines of a script with umlauts",
        At::Script,
        ["", "echo ä\n", ""],
    ),
    (
        "texts for commands",
        At::Script,
        ["", "cat <<E\na\nE\n", ""],
    ),
    ("assignments", At::Script, ["", "a#=1\n", ""]),
    ("functions", At::Script, ["", "f() { true; }\n", ""]),
    ("cases", At::Script, ["", "case a in\n", ""]),
    ("answers in a file", At::Script, ["", "curl x > f\n", ""]),
    ("code of a shell", At::Script, ["", "sh -c 'a; b'\n", ""]),
    (
        "variables of variables",
        At::Script,
        ["", "t=$t; x $t\n", ""],
    ),
    (
        "code of another machine",
        At::Script,
        ["", "ssh h x $t\n", ""],
    ),
];

/// The shape, as many bytes of it.
fn text((_, at, [before, again, after]): &Shape, bytes: usize) -> String {
    let back = TAIL
        .find("rollback")
        .and_then(|back| TAIL.get(back..))
        .expect("there is one");
    let (head, tail) = match at {
        At::End => (String::new(), String::new()),
        At::Declared => (String::new(), TAIL.to_owned()),
        At::Stage => (
            "rollout {\n  stage a {\n".to_owned(),
            format!("  }}\n}}\n{back}"),
        ),
        At::Command => (
            "rollout {\n  stage a {\n    step x $ ".to_owned(),
            format!("\n  }}\n}}\n{back}"),
        ),
        At::Script => (
            "rollout {\n  stage a {\n    step x sh \"\"\"\n".to_owned(),
            format!("\"\"\"\n  }}\n}}\n{back}"),
        ),
    };
    let mut text = format!("{HEAD}{head}{before}");
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&again.replace('#', &number.to_string()));
    }
    text + after + &tail
}

/// The time that `check` and `fmt` take for so much of a shape, whatever they find.
fn takes(folder: &Path, command: &str, shape: &Shape, bytes: usize) -> f64 {
    let file = inputs::file(folder, "hostile.runbook", &text(shape, bytes));
    let mut call = runbook();
    call.arg(command);
    if command == "fmt" {
        call.arg("--check");
    }
    let call = call.arg(&file);
    least(3, || run_to_the_end(call)).as_secs_f64()
}

/// The shape that grows most.
fn growth(what: &'static str, command: &str) -> Outcome {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the inputs");
    // What every call takes: to start, and to read the little that is in it.
    let start = takes(
        folder.path(),
        command,
        &("nothing", At::Declared, ["", "", ""]),
        0,
    );
    let (mut worst, mut name, mut sides) = (0.0, "", (0.0, 0.0));
    for shape in SHAPES {
        let bytes = match shape.1 {
            At::Command | At::Script => OF_SHELL,
            At::End | At::Declared | At::Stage => BYTES,
        };
        let small = takes(folder.path(), command, shape, bytes);
        let large = takes(folder.path(), command, shape, 10 * bytes);
        // What is lost in the noise of a start says nothing.
        let grows = (large - start) / (small - start).max(start);
        if grows > worst {
            (worst, name, sides) = (grows, shape.0, (small, large));
        }
    }
    Ok(Row {
        what,
        sides: format!(
            "{} shapes; most: {name}, {:.1} ms and {:.1} ms",
            SHAPES.len(),
            sides.0 * 1_000.0,
            sides.1 * 1_000.0
        ),
        figure: worst,
        unit: "x",
        limit: Limit::AtMost(15.0),
    })
}

/// `check` of what is ten times as much.
pub(crate) fn check() -> Outcome {
    growth("check of ten times as much, of what nobody writes", "check")
}

/// `fmt --check` of what is ten times as much.
pub(crate) fn form() -> Outcome {
    growth("fmt of ten times as much, of what nobody writes", "fmt")
}
