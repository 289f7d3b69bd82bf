//! What bash reads otherwise than `/bin/sh` although both can read it: options of builtins, braces that bash takes apart, and
//! variables that only bash sets.

use std::ops::Range;

use super::walk::Walk;
use super::words;

impl Walk<'_> {
    /// `function` in front of the name of one.
    pub(super) fn function_word(&mut self, name: usize) {
        let before = name
            .checked_sub(self.base)
            .and_then(|end| self.text.get(..end));
        let before = before.unwrap_or_default().trim_end();
        let word = before.strip_suffix("function");
        let instead = words::bash_command("function");
        if let (Some(rest), Some(instead)) = (word, instead) {
            let at = self.base + rest.len()..self.base + before.len();
            self.facts.bash.push((at, instead.into()));
        }
    }
}

/// What to write for `source FILE`: `.` looks for a name without a slash in `PATH`, and not beside the script.
pub(super) fn source(file: &str) -> String {
    let bare = file.trim_start_matches(['"', '\'']);
    let is_plain =
        bare.starts_with(|ch: char| ch.is_ascii_alphanumeric() || ch == '_' || ch == '.');
    if bare.contains('/') || !is_plain {
        return format!("write `. {file}`");
    }
    let quote = file.strip_suffix(bare).unwrap_or_default();
    format!("write `. {quote}./{bare}`")
}

/// Variables that only bash sets, and what to write for them.
const VARIABLES: [(&str, &str); 12] = [
    ("RANDOM", "write \"$(od -An -N2 -tu2 /dev/urandom)\""),
    ("SRANDOM", "write \"$(od -An -N4 -tu4 /dev/urandom)\""),
    ("UID", "write \"$(id -u)\""),
    ("EUID", "write \"$(id -u)\""),
    ("SECONDS", "take `date +%s` before and after"),
    ("EPOCHSECONDS", "write \"$(date +%s)\""),
    ("HOSTNAME", "write \"$(hostname)\""),
    ("OSTYPE", "write \"$(uname -s)\""),
    ("BASH_SOURCE", "a step has no file of its own"),
    ("BASH_VERSION", "this is no bash"),
    ("FUNCNAME", "write the name"),
    ("PIPESTATUS", "write to a file what the others read"),
];

/// What to write for a variable that only bash sets.
pub(super) fn variable(name: &str) -> Option<&'static str> {
    let known = VARIABLES.iter().find(|(known, _)| *known == name);
    known.map(|(_, instead)| *instead)
}

/// What in the words of a builtin only bash understands: the place of the word, and what to write.
pub(super) fn option(name: &str, words: &[&str]) -> Option<(usize, &'static str)> {
    let first = *words.first()?;
    let letters = first.strip_prefix('-').unwrap_or_default();
    let is_option = !letters.is_empty() && letters.chars().all(|ch| ch.is_ascii_alphabetic());
    match name {
        "echo"
            if is_option
                && letters.contains(['e', 'E'])
                && letters.chars().all(|ch| "neE".contains(ch)) =>
        {
            Some((0, "write printf '%b\\n' \"…\""))
        }
        "printf" if first == "-v" => Some((0, "write NAME=$(printf …)")),
        "printf" if first.contains("%q") => Some((
            0,
            "there is no %q: put the value into quotes where it is used",
        )),
        "printf" if first.contains("%(") => Some((0, "write \"$(date +…)\"")),
        "read" => {
            let odd = |word: &&str| {
                let letters = word.strip_prefix('-').unwrap_or_default();
                letters
                    .chars()
                    .any(|ch| ch.is_ascii_alphabetic() && !"pr".contains(ch))
            };
            let at = words.iter().position(odd)?;
            Some((at, "read whole lines by `while read -r line; do … done`"))
        }
        "[" | "test" => {
            let at = words.iter().position(|word| *word != "!")?;
            (words.get(at) == Some(&"-v")).then_some((at, "write [ -n \"${NAME+x}\" ]"))
        }
        "local" | "readonly" | "export" if is_option && !matches!(first, "-p" | "-n") => {
            Some((0, "write the name alone"))
        }
        "trap" => {
            let at = words
                .iter()
                .position(|word| matches!(*word, "ERR" | "DEBUG" | "RETURN"))?;
            Some((at, "write `trap … EXIT`, and look at $? in it"))
        }
        _other => None,
    }
}

/// A group of braces that bash takes apart and `/bin/sh` does not: `{a,b}` and `{1..3}`, outside of quotes.
pub(super) fn braces(word: &str) -> Option<Range<usize>> {
    let (mut open, mut parts): (Option<usize>, bool) = (None, false);
    let (mut quote, mut before, mut depth) = (None, ' ', 0_usize);
    let mut escaped = false;
    for (at, ch) in word.char_indices() {
        let last = std::mem::replace(&mut before, ch);
        if std::mem::take(&mut escaped) {
            continue;
        }
        match (quote, ch) {
            (Some(end), _) if ch == end => quote = None,
            (None | Some('"'), '\\') => escaped = true,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(ch),
            // What is expanded has braces and commas of its own.
            (None, '{' | '(') if last == '$' || depth > 0 => depth += 1,
            (None, '}' | ')') if depth > 0 => depth -= 1,
            (None, '{') => (open, parts) = (Some(at), false),
            (None, ',') if depth == 0 => parts |= open.is_some(),
            (None, '}') => {
                if let Some(start) = open.take() {
                    let inner = word.get(start + 1..at).unwrap_or_default();
                    if parts || is_range(inner) {
                        return Some(start..at + 1);
                    }
                }
            }
            (None, _) => {}
        }
    }
    None
}

/// `1..3` or `a..e`.
fn is_range(inner: &str) -> bool {
    let ends: Vec<&str> = inner.split("..").collect();
    let is_end = |end: &&str| {
        let end = end.strip_prefix('-').unwrap_or(end);
        !end.is_empty()
            && (end.chars().all(|ch| ch.is_ascii_digit())
                || (end.len() == 1 && end.chars().all(|ch| ch.is_ascii_alphabetic())))
    };
    matches!(ends.len(), 2 | 3) && ends.iter().all(is_end)
}

/// `**`, `++` or `--` at a name, an array, a base and a comma in a sum, of which all that is expanded was taken away.
pub(super) fn sum(text: &str) -> Option<(Range<usize>, &'static str)> {
    if let Some(at) = text.find("**") {
        return Some((at..at + 2, "write the product: $((2 * 2 * 2))"));
    }
    let is_name = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    let word_before = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        before.trim_end_matches(is_name).len()
    };
    if let Some(at) = text.find('[') {
        let instead = "there are no arrays: give each value a name of its own";
        return Some((word_before(at)..at + 1, instead));
    }
    if let Some(at) = text.find('#') {
        let instead =
            "write 0x1f or a decimal number, and take zeros before one away: $((${x#0} + 1))";
        return Some((word_before(at)..at + 1, instead));
    }
    if let Some(at) = text.find(',') {
        return Some((at..at + 1, "write a sum of its own for each"));
    }
    let trimmed = text.trim();
    let (head, tail) = (text.len() - text.trim_start().len(), text.trim_end().len());
    for sign in ["++", "--"] {
        let instead = "write x=$((x + 1)) or x=$((x - 1))";
        if trimmed.starts_with(sign) {
            return Some((head..head + 2, instead));
        }
        if trimmed.ends_with(sign) {
            return Some((tail - 2..tail, instead));
        }
    }
    None
}

/// `${params.version}`: what no shell reads as a variable; the name that was probably meant.
pub(super) fn no_variables(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut single = false;
    let mut double = false;
    let mut escaped = false;
    for (at, ch) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match ch {
            '\\' if !single => escaped = true,
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '$' if !single => {
                let Some(rest) = text.get(at..).and_then(|rest| rest.strip_prefix("${")) else {
                    continue;
                };
                let Some(end) = rest.find(['}', '\n', '"', '\'', ' ', '$']) else {
                    continue;
                };
                let inner = rest.get(..end).unwrap_or_default();
                let is_part = |ch: char| ch.is_ascii_alphanumeric() || "_.".contains(ch);
                if rest.get(end..).is_some_and(|rest| rest.starts_with('}'))
                    && inner.starts_with(|ch: char| ch.is_ascii_alphabetic())
                    && inner.contains('.')
                    && inner.chars().all(is_part)
                {
                    let name = inner.rsplit('.').next().unwrap_or(inner);
                    found.push((at..at + 2 + end + 1, name));
                }
            }
            _other => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_of_bash_are_told_from_others() {
        for (word, group) in [
            ("{1..3}", "{1..3}"),
            ("x{a..e}y", "{a..e}"),
            ("a.{js,css}", "{js,css}"),
            ("{0..10..2}", "{0..10..2}"),
            ("\"$x\"/{a,b}", "{a,b}"),
            ("${x}{a,b}", "{a,b}"),
        ] {
            assert_eq!(braces(word).map(|at| &word[at]), Some(group), "{word}");
        }
        for word in [
            "{}",
            "HEAD@{1}",
            "'{a,b}'",
            "\"{a,b}\"",
            "\\{a,b}",
            "{a},{b}",
            "${x:-a,b}",
            "{{.Name}}",
            "$(f {a,b})",
            "{a.b}",
        ] {
            assert_eq!(braces(word), None, "{word}");
        }
    }

    #[test]
    fn options_of_bash_are_told_from_those_of_sh() {
        fn of(line: &str) -> Option<&str> {
            let words: Vec<&str> = line.split(' ').collect();
            option(words[0], &words[1..]).map(|(at, _)| words[at + 1])
        }
        for (line, word) in [
            ("echo -e x", "-e"),
            ("echo -ne x", "-ne"),
            ("printf -v x y", "-v"),
            ("printf %q x", "%q"),
            ("read -r -a x", "-a"),
            ("read -d x y", "-d"),
            ("[ -v x ]", "-v"),
            ("test ! -v x", "-v"),
            ("local -r x", "-r"),
            ("trap … ERR", "ERR"),
        ] {
            assert_eq!(of(line), Some(word), "{line}");
        }
        for line in [
            "echo -n x",
            "echo x -e",
            "printf %s -v",
            "read -r x",
            "read -rp … x",
            "[ -n x ]",
            "trap … EXIT INT",
            "local x",
            "export -p",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn sums_and_names_that_sh_does_not_read() {
        assert_eq!(sum("2**3").map(|(at, _)| at), Some(1..3));
        assert_eq!(sum(" n++ ").map(|(at, _)| at), Some(2..4));
        assert_eq!(sum("--n").map(|(at, _)| at), Some(0..2));
        assert_eq!(sum("1 + list[2]").map(|(at, _)| at), Some(4..9));
        assert_eq!(sum(" 2#101").map(|(at, _)| at), Some(1..3));
        assert_eq!(sum("a = 1, b").map(|(at, _)| at), Some(5..6));
        assert_eq!(sum("a + -b * 2"), None);
        let of = |text| no_variables(text).into_iter().map(|(_, name)| name).next();
        assert_eq!(of("echo \"${params.VERSION}\""), Some("VERSION"));
        assert_eq!(
            of("echo '${params.VERSION}' ${x%.*} ${x:-a.b} \\${a.b}"),
            None
        );
    }
}
