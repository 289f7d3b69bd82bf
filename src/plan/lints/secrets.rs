//! Secrets that a command puts into the arguments of a program, where everyone on the machine can read them.

use super::facts::Facts;
use super::words::{commands, program};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::{Command, Step, VariableValue};

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for (step, written) in facts.plan.steps.iter().zip(&facts.checked.steps) {
        let texts = step.command.parts().iter();
        let mut texts = texts.filter_map(|part| match part {
            Command::Shell { text } => Some(text),
            Command::Exec { .. }
            | Command::Block { .. }
            | Command::Http { .. }
            | Command::Sql { .. } => None,
        });
        if let Some((secret, program)) = texts.find_map(|text| shown(step, text)) {
            found.push(say::secret_in_arguments(
                (written.span, &step.name),
                (&secret, &program),
            ));
        }
    }
}

/// Programs of the shell itself: what they are given is in no list of processes.
const BUILTIN: [&str; 9] = [
    "printf", "echo", "test", "[", "export", "read", ":", "set", "unset",
];

/// The first secret that stands among the arguments of a program, and the program.
fn shown(step: &Step, text: &str) -> Option<(String, String)> {
    let secrets = step.secrets.iter().map(|name| {
        let file = format!("{name}_file");
        let forms = vec![
            format!("$(cat \"${file}\")"),
            format!("$(cat ${file})"),
            format!("$(cat \"${{{file}}}\")"),
            format!("$(cat ${{{file}}})"),
            format!("`cat \"${file}\"`"),
            format!("`cat ${file}`"),
        ];
        (name.clone(), forms)
    });
    let variables = step.env.iter().filter_map(|one| match &one.value {
        VariableValue::Secret(name) => Some((
            name.clone(),
            vec![format!("${{{}}}", one.name), format!("${}", one.name)],
        )),
        VariableValue::Text(_) => None,
    });
    let all: Vec<(String, Vec<String>)> = secrets.chain(variables).collect();
    if all.is_empty() {
        return None;
    }
    for command in commands(text) {
        let (program, arguments) = program(command)?;
        if BUILTIN.contains(&program) {
            continue;
        }
        for (name, forms) in &all {
            if forms.iter().any(|form| holds(arguments, form)) {
                return Some((name.clone(), program.to_owned()));
            }
        }
    }
    None
}

/// Whether a form stands in a text as a whole, and not as what a program reads from its input.
fn holds(text: &str, form: &str) -> bool {
    let is_name = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    text.match_indices(form).any(|(at, _)| {
        let after = text.get(at + form.len()..).unwrap_or_default();
        let before = text.get(..at).unwrap_or_default();
        let before = before.trim_end_matches(['"', ' ']);
        let is_whole = !(form.ends_with(is_name) && after.starts_with(is_name));
        is_whole && !before.ends_with("<<<") && !before.ends_with('\\')
    })
}
