//! Diagnostics for programs, in one versioned form.

use serde_json::{Value, json};

use crate::source::{Sources, Span};

use super::{Diagnostic, Diagnostics, Label};

/// All diagnostics, not only those that are shown to people. `version` changes when a field changes its
/// meaning or goes away; new fields may come at any time. Lines and columns count from one, columns in
/// characters; `start` and `end` are byte offsets in the file.
pub fn json(diagnostics: &Diagnostics, sources: &Sources) -> Value {
    let all: Vec<Value> = diagnostics
        .iter()
        .map(|one| diagnostic(one, sources))
        .collect();
    json!({
        "version": 1,
        "errors": diagnostics.errors(),
        "diagnostics": all,
    })
}

/// The same for a file of which nothing else is known: its name is said, and no line of it.
pub fn json_of_file(one: &Diagnostic, file: &str) -> Value {
    let mut whole = json(&Diagnostics::from(one.clone()), &Sources::default());
    if let Some(at) = whole.pointer_mut("/diagnostics/0/at") {
        *at = label(
            &Label {
                span: Span::default(),
                text: String::new(),
            },
            &Sources::default(),
        );
        if let Value::Object(fields) = at {
            fields.insert("file".to_owned(), json!(file));
        }
    }
    whole
}

fn diagnostic(one: &Diagnostic, sources: &Sources) -> Value {
    let labels: Vec<Value> = one
        .secondary
        .iter()
        .map(|other| label(other, sources))
        .collect();
    json!({
        "name": one.name,
        "severity": one.severity.word(),
        "message": one.message,
        "at": one.primary.as_ref().map(|primary| label(primary, sources)),
        "related": labels,
        "help": one.help,
        "fix": one.fix.as_ref().map(|fix| {
            let mut place = place(fix.span, sources);
            if let Value::Object(fields) = &mut place {
                let is_certain = fix.certainty == super::Certainty::Certain;
                fields.insert("replacement".to_owned(), json!(fix.replacement));
                fields.insert("certain".to_owned(), json!(is_certain));
            }
            place
        }),
    })
}

fn label(label: &Label, sources: &Sources) -> Value {
    let mut place = place(label.span, sources);
    if let Value::Object(fields) = &mut place {
        fields.insert("text".to_owned(), json!(label.text));
    }
    place
}

fn place(span: Span, sources: &Sources) -> Value {
    let source = sources.at(span.start);
    let local = source.map_or(span, |source| source.local(span));
    let from = source.map(|source| source.position(span.start));
    let to = source.map(|source| source.position(span.end));
    json!({
        "file": source.map(|source| source.name()),
        "start": local.start,
        "end": local.end,
        "line": from.map(|at| at.line),
        "column": from.map(|at| at.column),
        "end_line": to.map(|at| at.line),
        "end_column": to.map(|at| at.column),
    })
}
