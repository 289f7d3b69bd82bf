//! Programs that hide a failure by themselves: `psql` that goes on after a statement that failed, `curl` for which every answer is a good
//! one, `find` that does not look at what it starts. And what of a command another program reads as its source.

use std::collections::BTreeMap;
use std::ops::Range;

use brush_parser::ast::{IoRedirect, SimpleCommand, SourceLocation, Word};

use super::called::{self, Plain};
use super::facts::{Hidden, How, Loss, Place, Reads, Source, Spliced, Way};
use super::parts::{feeds, literal, redirects, words_in};
use super::walk::Walk;
use super::words;

/// Short options of `psql` that are followed by a value.
const OF_PSQL: &str = "FLPRTUcdfhopv";

/// Short options of `curl` that are followed by a value.
const OF_CURL: &str = "ACDEFHKPQTUXYbcdehmortuwxyz";

/// The words of a command, each as it is written and as far as it is written out.
struct Words<'w> {
    all: Vec<&'w Word>,
    plain: Vec<Option<String>>,
}

impl<'w> Words<'w> {
    fn of(command: &'w SimpleCommand) -> Option<Self> {
        let name = command.word_or_name.as_ref()?;
        let all: Vec<&Word> = std::iter::once(name).chain(words_in(command)).collect();
        let plain = all.iter().map(|word| literal(&word.value)).collect();
        Some(Self { all, plain })
    }

    fn plain(&self) -> Plain<'_> {
        &self.plain
    }

    /// Whether a word from a place on may be an option, or several words.
    fn may_be_options(&self, from: usize) -> bool {
        let mut rest = self.all.iter().skip(from);
        rest.any(|word| word.value.starts_with('$') || word.value.starts_with("\"$@"))
    }

    /// The words from a place on that are options, each with its value where `takes` says that it has one: `-tAf x` is `-t`, `-A` and
    /// `-f x`.
    fn options(&self, from: usize, takes: &str) -> Vec<(String, Option<usize>)> {
        let mut found = Vec::new();
        let mut at = from;
        while let Some(word) = self.plain.get(at) {
            let word = word.as_deref().unwrap_or_default();
            at += 1;
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = long
                    .split_once('=')
                    .map_or((long, None), |(name, _)| (name, Some(at - 1)));
                found.push((format!("--{name}"), value.or(Some(at))));
                continue;
            }
            let Some(short) = word.strip_prefix('-') else {
                continue;
            };
            for (index, option) in short.char_indices() {
                if takes.contains(option) {
                    let is_last = index + option.len_utf8() == short.len();
                    found.push((
                        format!("-{option}"),
                        Some(if is_last { at } else { at - 1 }),
                    ));
                    at += usize::from(is_last);
                    break;
                }
                found.push((format!("-{option}"), None));
            }
        }
        found
    }
}

impl Walk<'_> {
    /// Looks into the words of a command that other programs read.
    pub(super) fn looked_into(&mut self, command: &SimpleCommand) {
        let Some(words) = Words::of(command) else {
            return;
        };
        if let Some(code) = called::code(words.plain())
            && let Some(word) = words.all.get(code.word)
        {
            self.splices(&[word], &code.reads());
            self.code(word, &code);
        } else if words.plain.first() == Some(&Some("eval".to_owned())) {
            self.splices(words.all.get(1..).unwrap_or_default(), &Reads::Eval);
        }
        if let Some(code) = called::fed(words.plain()) {
            for redirect in redirects(command) {
                if let IoRedirect::HereDocument(_, document) = redirect {
                    self.code_in_document(document, &code);
                }
            }
        }
        if let Some((_, first)) = called::remote(words.plain())
            && called::code(words.plain()).is_none()
        {
            let rest = words.all.get(first..).unwrap_or_default();
            self.splices(rest, &Reads::Remote);
        }
        self.of_mysql(&words);
        self.of_psql(command, &words);
        self.of_curl(command, &words);
        self.of_find(&words);
    }

    fn splices(&mut self, words: &[&Word], reads: &Reads) {
        for word in words {
            let sources = self.sources(word);
            self.spliced(sources, reads);
        }
    }

    fn spliced(&mut self, sources: Vec<Source>, reads: &Reads) {
        let itself = sources.into_iter().filter(|one| one.way == Way::Itself);
        self.facts.spliced.extend(itself.map(|source| Spliced {
            source,
            reads: reads.clone(),
        }));
    }

    fn of_mysql(&mut self, words: &Words<'_>) {
        let Some(at) = called::program(words.plain(), &["mariadb", "mysql"]) else {
            return;
        };
        for (option, value) in words.options(at + 1, "ehuPDS") {
            if ["-e", "--execute"].contains(&option.as_str())
                && let Some(word) = value.and_then(|value| words.all.get(value))
            {
                self.splices(
                    &[word],
                    &Reads::Sql {
                        by: "mysql".to_owned(),
                    },
                );
            }
        }
    }

    fn of_psql(&mut self, command: &SimpleCommand, words: &Words<'_>) {
        let Some(at) = called::program(words.plain(), &["psql"]) else {
            return;
        };
        let reads = Reads::Sql {
            by: "psql".to_owned(),
        };
        let (mut files, mut statements) = (0, 0);
        for (option, value) in words.options(at + 1, OF_PSQL) {
            match option.as_str() {
                "-f" | "--file" => files += 1,
                "-c" | "--command" => {
                    statements += 1;
                    if let Some(word) = value.and_then(|value| words.all.get(value)) {
                        self.splices(&[word], &reads);
                    }
                }
                "-l" | "--list" | "-V" | "--version" | "-?" | "--help" => return,
                _other => {}
            }
        }
        let mut stops = words
            .all
            .iter()
            .any(|word| word.value.contains("ON_ERROR_STOP"));
        for redirect in redirects(command) {
            if let IoRedirect::HereDocument(_, document) = redirect {
                stops |= document.doc.value.contains("ON_ERROR_STOP");
                if document.requires_expansion
                    && let Some((text, start)) = self.document(&document.doc)
                {
                    let mut sources = Vec::new();
                    super::flows::in_document(text, start, &mut sources);
                    self.spliced(sources, &reads);
                }
            }
        }
        let is_piped = self.fed == Hidden::Yes && self.place == Place::Text;
        let is_fed = is_piped || redirects(command).any(feeds);
        // `{ echo '\\set ON_ERROR_STOP on'; cat a.sql; } | psql`
        stops |= is_fed && self.says_to_stop();
        let goes_on = files > 0 || statements > 1 || (statements == 0 && is_fed);
        let is_sure = !stops && !words.may_be_options(at + 1);
        if goes_on && is_sure && self.output == Hidden::No {
            self.hidden(How::Statements, words.all.get(at));
        }
    }

    fn of_curl(&mut self, command: &SimpleCommand, words: &Words<'_>) {
        let Some(at) = called::program(words.plain(), &["curl"]) else {
            return;
        };
        let is_read = self.output == Hidden::Yes || self.place == Place::Function;
        if is_read
            || words.may_be_options(at + 1)
            || redirects(command).any(|one| self.is_looked_at(one))
        {
            return;
        }
        for (option, value) in words.options(at + 1, OF_CURL) {
            let looks = match option.as_str() {
                "-f" | "--fail" | "--fail-with-body" | "-K" | "--config" | "-w" | "--write-out"
                | "-:" | "--next" | "-V" | "--version" | "-h" | "--help" | "-M" | "--manual" => {
                    true
                }
                "-o" | "--output" => {
                    let file = value.and_then(|value| words.all.get(value));
                    file.is_some_and(|file| self.is_named_again(&file.value))
                }
                _other => false,
            };
            if looks {
                return;
            }
        }
        let is_another = |word: &&Word| {
            let scheme = word
                .value
                .split_once("://")
                .map(|(scheme, _)| scheme.trim_matches(['"', '\'']));
            scheme.is_some_and(|scheme| {
                !["http", "https"].contains(&scheme)
                    && scheme.bytes().all(|ch| ch.is_ascii_alphabetic())
            })
        };
        if !words.all.iter().skip(at + 1).any(is_another) {
            self.hidden(How::Answer, words.all.get(at));
        }
    }

    /// Whether what is printed goes to a file that is named again, to be looked at.
    fn is_looked_at(&self, redirect: &IoRedirect) -> bool {
        use brush_parser::ast::IoFileRedirectTarget as To;
        match redirect {
            IoRedirect::File(_, _, To::Filename(word)) => self.is_named_again(&word.value),
            IoRedirect::File(_, _, To::Fd(_) | To::ProcessSubstitution(..) | To::Duplicate(_))
            | IoRedirect::HereDocument(..)
            | IoRedirect::HereString(..)
            | IoRedirect::OutputAndError(..) => false,
        }
    }

    /// Whether `\\set ON_ERROR_STOP` stands anywhere in the text.
    fn says_to_stop(&self) -> bool {
        let counts = self.words.get_or_init(|| counted(self.text));
        let sets = ["\\set", "\\\\set"]
            .iter()
            .any(|word| counts.contains_key(word));
        sets && counts.contains_key("ON_ERROR_STOP")
    }

    fn is_named_again(&self, file: &str) -> bool {
        let file = file.trim_matches(['"', '\'']);
        // All words are counted once: a text of many such commands is not gone through for each of them.
        let counts = self.words.get_or_init(|| counted(self.text));
        file != "/dev/null" && counts.get(file).is_some_and(|count| *count > 1)
    }

    fn of_find(&mut self, words: &Words<'_>) {
        if called::program(words.plain(), &["find"]) != Some(0) {
            return;
        }
        let is = |word: &Option<String>, all: &[&str]| {
            word.as_deref().is_some_and(|word| all.contains(&word))
        };
        let Some(exec) = words
            .plain
            .iter()
            .position(|word| is(word, &["-exec", "-execdir"]))
        else {
            return;
        };
        // What stands behind its end asks how it went.
        let ends = words.plain.last().is_some_and(|last| is(last, &[";"]));
        let inside = words
            .plain
            .iter()
            .filter(|word| is(word, &[";", "+"]))
            .count();
        let name = words
            .plain
            .get(exec + 1)
            .cloned()
            .flatten()
            .unwrap_or_default();
        let rest: Vec<String> = words
            .plain
            .iter()
            .skip(exec + 2)
            .flatten()
            .cloned()
            .collect();
        if ends && inside == 1 && !words::may_be_ignored(&name, &rest) {
            let at = words.all.get(exec + 1).map(|word| self.at(*word));
            self.facts.losses.extend(at.map(|at| Loss {
                how: How::Each,
                at,
                name,
            }));
        }
    }

    fn hidden(&mut self, how: How, word: Option<&&Word>) {
        let Some(word) = word else { return };
        let at = self.at(*word);
        let name = literal(&word.value).unwrap_or_default();
        self.facts.losses.push(Loss { how, at, name });
    }

    /// The text of a here-document, and where it begins.
    pub(super) fn document(&self, document: &Word) -> Option<(&str, usize)> {
        document.location()?;
        let at: Range<usize> = self.at_exactly(document);
        let text = self
            .text
            .get(at.start - self.base..)?
            .get(..document.value.len())?;
        Some((text, at.start))
    }
}

/// How often each word stands in a text.
fn counted(text: &str) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    let parts = text.split(|ch: char| ch.is_whitespace() || "\"'`<>|&;()=@".contains(ch));
    for word in parts.filter(|word| !word.is_empty()) {
        let count: &mut usize = counts.entry(word).or_default();
        *count = count.saturating_add(1);
    }
    counts
}
