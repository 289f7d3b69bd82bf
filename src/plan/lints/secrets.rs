//! Secrets that a command puts into the arguments of a program, where everyone on the machine can read them.

use super::facts::Facts;
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::{Command, Step, VariableValue};

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for (step, written) in facts.plan.steps.iter().zip(&facts.checked.steps) {
        let texts = step.command.parts().iter();
        let mut texts = texts.filter_map(|part| match part {
            Command::Shell { text } => Some(text),
            Command::Exec { .. } | Command::Block { .. } => None,
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
    for command in commands(text) {
        let (program, arguments) = split(&command)?;
        if BUILTIN.contains(&program.as_str()) {
            continue;
        }
        for (name, forms) in &all {
            if forms.iter().any(|form| holds(&arguments, form)) {
                return Some((name.clone(), program));
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

/// The simple commands of shell text: cut at what joins commands, outside of quotes and of `$( )`.
fn commands(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut quote, mut depth) = (None, 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let mut keep = true;
        match (quote, ch) {
            (_, '\\') => {
                if let Some(next) = chars.next() {
                    push(&mut all, ch);
                    push(&mut all, next);
                }
                continue;
            }
            (Some(open), ch) if open == ch => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(ch),
            (None, '(') => depth = depth.saturating_add(1),
            (None, ')') => depth = depth.saturating_sub(1),
            (None, '|' | ';' | '&' | '\n') if depth == 0 => {
                all.push(String::new());
                keep = false;
            }
            (None, _) => {}
        }
        if keep {
            push(&mut all, ch);
        }
    }
    all.retain(|command| !command.trim().is_empty());
    all
}

fn push(all: &mut [String], ch: char) {
    if let Some(last) = all.last_mut() {
        last.push(ch);
    }
}

/// The program of a simple command, without the variables that are set for it, and its arguments.
fn split(command: &str) -> Option<(String, String)> {
    let mut rest = command.trim_start();
    loop {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        let is_set = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|ch| ch.is_ascii_alphanumeric() || ch == '_')
        });
        if is_set {
            // A value with a blank in it goes on behind it; nothing of it is an argument.
            rest = after_value(rest).trim_start();
        } else if ["if", "then", "else", "while", "do", "!", "{", "exec", "env"].contains(&word) {
            rest = tail.trim_start();
        } else {
            return Some((word.to_owned(), tail.to_owned()));
        }
        if rest.is_empty() {
            return Some((String::new(), String::new()));
        }
    }
}

/// What follows `NAME=VALUE`, where the value can have quotes and `$( )` in it.
fn after_value(text: &str) -> &str {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, ch) in text.char_indices() {
        match (quote, ch) {
            (Some(open), ch) if open == ch => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(ch),
            (None, '(') => depth = depth.saturating_add(1),
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ch) if ch.is_whitespace() && depth == 0 => {
                return text.get(at..).unwrap_or_default();
            }
            (None, _) => {}
        }
    }
    ""
}
