//! What stands in shell text wherever it is, quoted or not: variables by their name, and templates of other tools, which
//! nothing replaces.

use std::ops::Range;

/// `{{ x }}`, `${{ x }}` or `%{x}`.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::check) struct Template {
    /// Where it stands.
    pub(in crate::check) at: Range<usize>,
    /// What it names.
    pub(in crate::check) name: String,
    /// What to write instead, where that is certain.
    pub(super) mended: Option<String>,
}

/// `$name` and `${name…`, wherever they stand.
pub(in crate::check) fn variables(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
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
        Some((name, at..at + 1 + braced + length + closing))
    })
}

/// As much of a text as a name with what closes it can have.
fn name_at(text: &str) -> &str {
    text.get(..text.floor_char_boundary(256)).unwrap_or(text)
}

/// The templates in a text. Formats such as `{{.Names}}` and `{{json .}}` belong to programs and are left alone, and so is
/// `%{http_code}`, unless the file has something of that name.
pub(in crate::check) fn templates(text: &str, is_known: impl Fn(&str) -> bool) -> Vec<Template> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("{{") {
        let is_foreign = text.get(..at).is_some_and(|before| before.ends_with('$'));
        let Some(rest) = text.get(at + 2..).map(name_at) else {
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
            found.push((start..at + 2 + end + 2, inner));
        }
    }
    for (at, _) in text.match_indices("%{") {
        let rest = text.get(at + 2..).map(name_at).unwrap_or_default();
        if let Some(end) = rest.find('}')
            && let Some(name) = rest.get(..end)
            && is_known(name)
        {
            found.push((at..at + 2 + end + 1, name));
        }
    }
    let all = found.into_iter().map(|(at, inner)| {
        // `inputs.version` and `.Values.version` speak of `version`.
        let name = match is_known(inner) {
            true => inner,
            false => inner.rsplit('.').next().unwrap_or(inner),
        };
        Template {
            mended: is_known(name).then(|| mended(text, &at, name)).flatten(),
            at,
            name: name.to_owned(),
        }
    });
    all.collect()
}

/// The variable as it is written at this place; `None` in single quotes, where nothing is replaced.
fn mended(text: &str, at: &Range<usize>, name: &str) -> Option<String> {
    let (mut single, mut double, mut escaped) = (false, false, false);
    for ch in text.get(..at.start)?.chars() {
        match ch {
            _any if escaped => escaped = false,
            '\\' if !single => escaped = true,
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            _other => {}
        }
    }
    let follows = text.get(at.end..)?.chars().next();
    let joins = follows.is_some_and(|ch| ch.is_ascii_alphanumeric() || ch == '_');
    match (single, double) {
        (true, _) => None,
        (false, true) if joins => Some(format!("${{{name}}}")),
        (false, true) => Some(format!("${name}")),
        (false, false) => Some(format!("\"${name}\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'t>(text: &'t str, known: &[&str]) -> Vec<(&'t str, Option<String>)> {
        templates(text, |name| known.contains(&name))
            .into_iter()
            .map(|one| (text.get(one.at).unwrap_or_default(), one.mended))
            .collect()
    }

    #[test]
    fn formats_of_programs_are_not_templates() {
        assert_eq!(
            of("deploy {{ version }} ${{ inputs.env }}", &[]),
            [("{{ version }}", None), ("${{ inputs.env }}", None)]
        );
        assert_eq!(of("docker ps --format '{{.Names}}' {{json .}}", &[]), []);
        assert_eq!(of("{{range .}}x{{end}}", &[]), []);
        assert_eq!(of("curl -w '%{http_code}' x", &["version"]), []);
    }

    #[test]
    fn what_is_known_is_mended_for_its_quotes() {
        let mended = |text| {
            let all = of(text, &["version"]);
            all.into_iter().map(|(_, mended)| mended).next().flatten()
        };
        assert_eq!(mended("a {{ version }}"), Some("\"$version\"".into()));
        assert_eq!(mended("a \"app:{{ version }}\""), Some("$version".into()));
        assert_eq!(mended("a \"{{version}}x\""), Some("${version}".into()));
        assert_eq!(mended("a '{{ version }}'"), None);
        assert_eq!(mended("a %{version}"), Some("\"$version\"".into()));
        assert_eq!(
            mended("a ${{ inputs.version }}"),
            Some("\"$version\"".into())
        );
    }

    #[test]
    fn variables_are_found_in_both_forms() {
        let names: Vec<&str> = variables("a $b \"${c_file}\" ${d:-x} $1 $$ $")
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["b", "c_file", "d", "1"]);
    }
}
