//! Shell text: opaque but for the variables that it names, and for what looks like a template of another tool.

use crate::ast::Shell;
use crate::diag::factory::check as say;
use crate::source::Span;

use super::Checker;
use super::names::Sort;

/// A variable that shell text names.
struct Variable<'t> {
    name: &'t str,
    at: usize,
    length: usize,
}

impl Checker<'_> {
    /// Looks at shell text; gives the secrets whose files it names.
    pub(super) fn shell(&mut self, shell: &Shell) -> Option<Vec<String>> {
        let mut whole = Some(());
        let span = |at: usize, length: usize| {
            let start = shell.offset_in_file(at);
            Span::new(start, start + crate::source::offset(length))
        };
        for (at, template) in templates(&shell.text) {
            let inner = template.trim_matches(|ch: char| "${} \t".contains(ch));
            let known = self.names.value(inner).map(|_| inner);
            self.found.push(say::template_in_shell(
                span(at, template.len()),
                template,
                known,
            ));
            whole = None;
        }
        let mut secrets: Vec<String> = Vec::new();
        for variable in variables(&shell.text) {
            if self.names.get(Sort::Secret, variable.name).is_some() {
                self.found.push(say::secret_in_shell(
                    span(variable.at, variable.length),
                    variable.name,
                ));
                whole = None;
            }
            let secret = variable.name.strip_suffix("_file");
            if let Some(secret) = secret
                && self.names.get(Sort::Secret, secret).is_some()
                && !secrets.iter().any(|known| known == secret)
            {
                secrets.push(secret.to_owned());
            }
        }
        whole.map(|()| secrets)
    }
}

/// `$name` and `${name…`, wherever they stand: text in single quotes is often handed to another shell.
fn variables(text: &str) -> impl Iterator<Item = Variable<'_>> {
    text.match_indices('$').filter_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let (braced, rest) = match rest.strip_prefix('{') {
            Some(rest) => (1, rest),
            None => (0, rest),
        };
        let length = rest
            .find(|ch: char| !(ch.is_ascii_alphanumeric() || ch == '_'))
            .unwrap_or(rest.len());
        let name = rest.get(..length).filter(|name| !name.is_empty())?;
        let closing = usize::from(
            braced == 1 && rest.get(length..).is_some_and(|tail| tail.starts_with('}')),
        );
        Some(Variable {
            name,
            at,
            length: 1 + braced + length + closing,
        })
    })
}

/// `{{ name }}` and `${{ … }}`. Formats such as `{{.Names}}` and `{{json .}}` belong to programs and are left alone.
fn templates(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("{{") {
        let is_foreign = text.get(..at).is_some_and(|before| before.ends_with('$'));
        let Some(rest) = text.get(at + 2..) else {
            continue;
        };
        let Some(end) = rest.find("}}") else { continue };
        let inner = rest.get(..end).unwrap_or_default().trim();
        let is_name = inner.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_')
            && inner
                .chars()
                .all(|ch| ch.is_ascii_alphanumeric() || "_.-".contains(ch))
            && !["end", "else"].contains(&inner);
        if is_foreign || is_name {
            let start = if is_foreign { at - 1 } else { at };
            if let Some(whole) = text.get(start..at + 2 + end + 2) {
                found.push((start, whole));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_programs_are_not_templates() {
        let of = |text| {
            let found = templates(text);
            found.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(
            of("deploy {{ version }} ${{ inputs.env }}"),
            ["{{ version }}", "${{ inputs.env }}"]
        );
        assert_eq!(of("docker ps --format '{{.Names}}' {{json .}}"), [""; 0]);
        assert_eq!(of("{{range .}}x{{end}}"), [""; 0]);
    }

    #[test]
    fn variables_are_found_in_both_forms() {
        let names: Vec<&str> = variables("a $b \"${c_file}\" ${d:-x} $1 $$ $")
            .map(|one| one.name)
            .collect();
        assert_eq!(names, ["b", "c_file", "d", "1"]);
    }
}
