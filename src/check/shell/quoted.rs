//! Names of values in single quotes, where the shell puts nothing in: `kubectl patch … -p '{"weight": "$share"}'`. What is read by a program for
//! which `$x` means something of its own is left alone, and so is a command that puts the same value in beside it.

use std::collections::BTreeSet;
use std::ops::Range;

use brush_parser::ast::{
    CommandPrefixOrSuffixItem, IoFileRedirectTarget, IoRedirect, SimpleCommand, Word,
};
use brush_parser::word::{self, WordPiece};

use super::called;
use super::facts::{Facts, Hidden, Literal, Of, Taken};
use super::parts::{literal, prefix, redirects, words_in};
use super::splice::variables;
use super::walk::Walk;
use super::words;

/// Programs and words for which `$x` in a text means something: shells and what hands text to one, languages, editors.
const READS_NAMES: [&str; 65] = [
    ".",
    "R",
    "Rscript",
    "alias",
    "ansible",
    "ash",
    "at",
    "awk",
    "bash",
    "batch",
    "bun",
    "clush",
    "consul-template",
    "crontab",
    "dash",
    "deno",
    "duckdb",
    "ed",
    "elvish",
    "entr",
    "envsubst",
    "eval",
    "ex",
    "expect",
    "fab",
    "filter-branch",
    "fish",
    "foreach",
    "gawk",
    "gojq",
    "gomplate",
    "heroku",
    "jaq",
    "jq",
    "ksh",
    "mawk",
    "mlr",
    "mongo",
    "mongosh",
    "nawk",
    "node",
    "nu",
    "nvim",
    "parallel",
    "pdsh",
    "perl",
    "php",
    "pssh",
    "pwsh",
    "ruby",
    "runuser",
    "salt",
    "screen",
    "sh",
    "source",
    "sqlite3",
    "ssh",
    "ssm",
    "su",
    "systemd-run",
    "tclsh",
    "tmux",
    "trap",
    "vim",
    "yq",
];

/// The same, that do not sort in between: what they are given is a command.
const RUNS_TEXT: [&str; 4] = ["--command", "script", "watch", "zsh"];

/// How names of files end that something reads which knows variables.
const SOURCES: [&str; 9] = [
    ".bash",
    ".conf",
    ".env",
    ".service",
    ".sh",
    ".template",
    ".tmpl",
    ".tpl",
    "rc",
];

impl Walk<'_> {
    /// Notes the names in the single quotes of a command.
    pub(super) fn literals(&mut self, command: &SimpleCommand) {
        let name = command.word_or_name.as_ref();
        let all = || name.into_iter().chain(words_in(command));
        let plain: Vec<String> = all().filter_map(|word| literal(&word.value)).collect();
        if plain.iter().any(|word| reads_names(word)) {
            self.facts.unknown.sources = Hidden::Yes;
            return;
        }
        let assigned = prefix(command).filter_map(|item| match item {
            CommandPrefixOrSuffixItem::AssignmentWord(_, word) => Some(word),
            CommandPrefixOrSuffixItem::IoRedirect(_)
            | CommandPrefixOrSuffixItem::Word(_)
            | CommandPrefixOrSuffixItem::ProcessSubstitution(..) => None,
        });
        let assigned: Vec<&Word> = assigned.collect();
        let mut found = Vec::new();
        for word in &assigned {
            self.in_single_quotes(word, Taken::Later, &mut found);
        }
        let taken = match name.map(|word| literal(&word.value)) {
            Some(Some(name))
                if words::is_builtin(&name) && !["[", "test"].contains(&name.as_str()) =>
            {
                Taken::Later
            }
            Some(Some(name)) => Taken::By(name),
            Some(None) | None => Taken::Later,
        };
        if !(taken == Taken::Later && redirects(command).any(into_source)) {
            for word in all() {
                self.in_single_quotes(word, taken.clone(), &mut found);
            }
        }
        if found.is_empty() {
            return;
        }
        let by = called::base(plain.first().map_or("", String::as_str));
        let is_pattern = ["egrep", "grep", "rg"].contains(&by)
            && plain
                .iter()
                .any(|word| word.starts_with('-') && word.contains('P'));
        // `$p`: the last line.
        found.retain(|one| !(is_pattern || by == "sed" && one.name.len() == 1));
        // Who puts the value in beside it knows the difference.
        let beside = assigned
            .into_iter()
            .chain(all())
            .flat_map(|word| self.sources(word));
        let beside: BTreeSet<String> = beside
            .map(|source| match source.of {
                Of::Variable(name) | Of::Contents(name) => name,
            })
            .collect();
        found.retain(|one| !beside.contains(&one.name));
        self.facts.literals.append(&mut found);
    }

    /// The names in the single quotes of a word.
    fn in_single_quotes(&self, word: &Word, taken: Taken, found: &mut Vec<Literal>) {
        let Some((text, start)) = self.written(word) else {
            return;
        };
        if !(text.contains('\'') && text.contains('$')) {
            return;
        }
        let Ok(pieces) = word::parse(text, &super::parse::bash()) else {
            return;
        };
        let quoted = pieces.iter().filter(|piece| match &piece.piece {
            WordPiece::SingleQuotedText(_) => true,
            WordPiece::Text(_)
            | WordPiece::AnsiCQuotedText(_)
            | WordPiece::DoubleQuotedSequence(_)
            | WordPiece::GettextDoubleQuotedSequence(_)
            | WordPiece::TildeExpansion(_)
            | WordPiece::ParameterExpansion(_)
            | WordPiece::CommandSubstitution(_)
            | WordPiece::BackquotedCommandSubstitution(_)
            | WordPiece::EscapeSequence(_)
            | WordPiece::ArithmeticExpression(_) => false,
        });
        for piece in quoted {
            let range = piece.start_index..piece.end_index;
            let inner = text.get(range.clone()).unwrap_or_default();
            for (name, at) in names_in(inner) {
                let from = start + range.start;
                let is_all = inner.len() == at.len() + 2;
                found.push(Literal {
                    name: name.to_owned(),
                    at: from + at.start..from + at.end,
                    alone: (is_all && range.len() == text.len()).then(|| start..start + text.len()),
                    taken: taken.clone(),
                });
            }
        }
    }
}

impl Literal {
    /// Whether it is what is taken, as far as this text shows.
    pub(super) fn is_taken(&self, facts: &Facts) -> bool {
        let is_later = match &self.taken {
            Taken::Later => true,
            Taken::By(name) => facts.functions.contains_key(name),
        };
        !is_later || (facts.unknown.sources == Hidden::No && facts.unknown.names == Hidden::No)
    }
}

fn reads_names(word: &str) -> bool {
    let name = called::base(word);
    READS_NAMES.binary_search(&name).is_ok()
        || RUNS_TEXT.contains(&name)
        || name.starts_with("--command=")
}

/// Whether what is printed becomes a file that a shell or a server reads.
fn into_source(redirect: &IoRedirect) -> bool {
    match redirect {
        IoRedirect::File(_, _, IoFileRedirectTarget::Filename(word)) => {
            let file = word.value.trim_end_matches(['"', '\'']);
            SOURCES.iter().any(|end| file.ends_with(end))
        }
        IoRedirect::File(
            _,
            _,
            IoFileRedirectTarget::Fd(_)
            | IoFileRedirectTarget::ProcessSubstitution(..)
            | IoFileRedirectTarget::Duplicate(_),
        )
        | IoRedirect::HereDocument(..)
        | IoRedirect::HereString(..)
        | IoRedirect::OutputAndError(..) => false,
    }
}

/// `$name` and `${name}` in a text in which no program can see more than a name.
fn names_in(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut declared: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    let (mut read, mut inside) = (0, Hidden::No);
    for (name, at) in variables(text) {
        let before = text.get(read..at.start).unwrap_or_default();
        read = at.start;
        inside = match (before.rfind("{{"), before.rfind("}}")) {
            (None, None) => inside,
            (None, Some(_)) => Hidden::No,
            (Some(_), None) => Hidden::Yes,
            (Some(open), Some(close)) if open > close => Hidden::Yes,
            (Some(_), Some(_)) => Hidden::No,
        };
        let after = text.get(at.end..).unwrap_or_default();
        // `query($owner: String!)` says what the name is.
        if let Some(ty) = after.trim_start().strip_prefix(':')
            && ty
                .trim_start()
                .trim_start_matches('[')
                .starts_with(|ch: char| ch.is_ascii_uppercase())
        {
            declared.insert(name);
        }
        let written = text.get(at.clone()).unwrap_or_default();
        let is_whole = written.starts_with("${") == written.ends_with('}');
        // `\$x`, `$$x`, and `$body$` of a database.
        let is_marked = before.ends_with(['\\', '$']) || after.starts_with('$');
        let is_name = name.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_');
        if is_whole && is_name && !is_marked && inside == Hidden::No && !declared.contains(name) {
            found.push((name, at));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::parse::read;
    use super::READS_NAMES;

    fn taken(text: &str) -> Vec<String> {
        let Ok(facts) = read(text) else {
            panic!("no shell text: {text}");
        };
        let all = facts.literals.iter().filter(|one| one.is_taken(&facts));
        all.map(|one| text[one.at.clone()].to_owned()).collect()
    }

    #[test]
    fn names_of_programs_are_sorted() {
        assert!(READS_NAMES.is_sorted());
    }

    #[test]
    fn names_in_single_quotes_are_found() {
        for (text, name) in [
            ("./a '$x'", "$x"),
            ("./a -p'{\"w\": \"$x\"}'", "$x"),
            ("./a '${x}.0'", "${x}"),
            ("sed 's/W/$xy/' file", "$xy"),
            ("echo 'tag: $x' > values.yaml", "$x"),
            ("body='{\"w\": \"$x\"}'; curl -fd \"$body\" http://a", "$x"),
            ("v='$x' ./a", "$x"),
            ("[ \"$(./a)\" = '$x' ]", "$x"),
            ("f() { ./a \"$1\"; }; f '$x'", "$x"),
            ("y=$(./a '$x')", "$x"),
            ("./a '{{ .Name }} $x'", "$x"),
            ("./a 'host=$x:8080'", "$x"),
            ("timeout 5 ./a '$x'", "$x"),
        ] {
            assert_eq!(taken(text), [name], "{text}");
        }
    }

    #[test]
    fn names_that_mean_something_to_a_program_are_left_alone() {
        for text in [
            "./a \"'$x'\"",
            "./a \"\\$x\"",
            "./a '\"'\"$x\"'\"'",
            "awk '{ print $x }' file",
            "jq --arg x 1 '.a == $x' file",
            "sudo -u a sh -c './a $x'",
            "ssh host './a $x'",
            "trap 'rm -f $x' EXIT",
            "eval './a $x'",
            "envsubst '$x' < a > b",
            "xargs -I{} sh -c './a {} $x'",
            "echo 'a $x' | sh",
            "code='./a $x'; eval \"$code\"",
            "echo './a $x' > run.sh",
            "sed -n '$p' file; sed '1,$s/a/b/' file",
            "sed 's/$x/'\"$x\"'/' file",
            "grep -P 'a$x' file",
            "gh api graphql -f query='query($x: Int!) { a(b: $x) }' -F x=1",
            "psql -c 'do $x$ begin end $x$'",
            "./a '{{ range $x := .Items }}{{ $x }}{{ end }}'",
            "./a '\\$x'",
            "./a '${x:-1}'",
            "f() { ssh host \"$1\"; }; f './a $x'",
            "cat <<'END'\n$x\nEND",
        ] {
            assert_eq!(taken(text), [""; 0], "{text}");
        }
    }
}
