//! Walks the tree of brush-parser and notes the facts. Places are counted in characters there and in bytes here; the text
//! of a substitution is read again, and its places are moved to where it stands.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use brush_parser::SourceSpan;
use brush_parser::ast::{
    AndOr, AndOrList, Assignment, AssignmentName, Command, CommandPrefixOrSuffixItem,
    CompoundCommand, CompoundList, CompoundListItem, IoFileRedirectTarget, IoRedirect, Pipeline,
    Program, SeparatorOperator, SimpleCommand, SourceLocation, Word,
};

use super::characters::Characters;
use super::facts::{Beside, Facts, Hidden, How, Loss, Place, Quoting, Within};
use super::losses::stands_for_its_words;
use super::parts::{feeds, literal, name_of, only_redirects, prefix, suffix, words_of};
use super::words;

/// What follows a command in its list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    Commands,
}

impl Rest {
    fn of(count: usize) -> Self {
        match count {
            0 => Self::Nothing,
            1.. => Self::Commands,
        }
    }
}

/// One walk over one text, or over a part of it that was read again.
pub(super) struct Walk<'w> {
    /// The text of this program alone.
    pub(super) text: &'w str,
    characters: Characters,
    /// Where it stands in the whole text.
    pub(super) base: usize,
    pub(super) place: Place,
    /// Whether the command reads from somewhere else than the step does.
    pub(super) fed: Hidden,
    /// Whether what the command prints is read by another one.
    pub(super) output: Hidden,
    /// How many codes hold this text.
    pub(super) deep: usize,
    /// How often each of its words stands in it, once somebody wants to know.
    pub(super) words: OnceCell<BTreeMap<&'w str, usize>>,
    /// The command whose status stands for that of its words, if there is one.
    pub(super) by: Option<String>,
    pub(super) facts: &'w mut Facts,
}

impl<'w> Walk<'w> {
    pub(super) fn new(text: &'w str, facts: &'w mut Facts) -> Self {
        Self {
            text,
            characters: Characters::of(text),
            base: 0,
            place: Place::Text,
            fed: Hidden::No,
            output: Hidden::No,
            deep: 0,
            words: OnceCell::new(),
            by: None,
            facts,
        }
    }

    /// Reads a part of the text again, as a program; what cannot be read was part of text that could.
    pub(super) fn inner(&mut self, text: &str, start: usize, whole: Range<usize>) {
        if let Ok(program) = super::parse::program(text, &super::parse::sh()) {
            let before = self.facts.losses.len();
            let mut walk = Walk {
                text,
                characters: Characters::of(text),
                base: start,
                place: self.place,
                fed: self.fed,
                output: Hidden::Yes,
                deep: self.deep,
                words: OnceCell::new(),
                by: None,
                facts: self.facts,
            };
            walk.program(&program);
            // One word for one place.
            if self.facts.losses.len() == before {
                self.in_a_word(&program, whole);
            }
        }
    }

    fn bytes(&self, span: &SourceSpan) -> Range<usize> {
        self.characters.byte(span.start.index)..self.characters.byte(span.end.index)
    }

    /// The place in the whole text.
    fn whole(&self, range: &Range<usize>) -> Range<usize> {
        self.base + range.start..self.base + range.end
    }

    /// Where something stands, without the blanks and joined lines before it.
    pub(super) fn at(&self, node: &impl SourceLocation) -> Range<usize> {
        let Some(span) = node.location() else {
            return self.base..self.base;
        };
        let range = self.bytes(&span);
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let lead = raw.len() - raw.trim_start_matches(['\\', '\n', ' ', '\t']).len();
        self.whole(&(range.start + lead..range.end))
    }

    /// Where the text of a here-document stands.
    pub(super) fn at_exactly(&self, node: &impl SourceLocation) -> Range<usize> {
        let range = node.location().map(|span| self.bytes(&span));
        self.whole(&range.unwrap_or_default())
    }

    pub(super) fn program(&mut self, program: &Program) {
        let lists = program.complete_commands.len();
        for (index, list) in program.complete_commands.iter().enumerate() {
            self.items(list, Rest::of(lists - index - 1));
        }
    }

    fn list(&mut self, list: &CompoundList) {
        self.items(list, Rest::Nothing);
    }

    /// The commands of a list; `after` it something may follow.
    fn items(&mut self, list: &CompoundList, after: Rest) {
        let count = list.0.len();
        for (index, CompoundListItem(and_or, separator)) in list.0.iter().enumerate() {
            let rest = match Rest::of(count - index - 1) {
                Rest::Nothing => after,
                Rest::Commands => Rest::Commands,
            };
            match separator {
                SeparatorOperator::Async => {
                    let at = self.at(and_or);
                    let next = list.0.get(index + 1);
                    if next.is_some_and(|item| only_redirects(&item.0)) {
                        let sign = self.base_text_at(at.end, "&>");
                        self.facts.bash.push((sign, "write `> FILE 2>&1`".into()));
                    } else {
                        self.lose(How::Background, at, &and_or.first);
                    }
                }
                SeparatorOperator::Sequence => {}
            }
            self.and_or(and_or, rest);
        }
    }

    /// The next `sign` from a place of the whole text on.
    fn base_text_at(&self, from: usize, sign: &str) -> Range<usize> {
        let rest = self.text.get(from - self.base..).unwrap_or_default();
        let at = from + rest.find(sign).unwrap_or_default();
        at..at + sign.len()
    }

    fn lose(&mut self, how: How, at: Range<usize>, pipeline: &Pipeline) {
        let name = pipeline.seq.first().and_then(name_of).unwrap_or_default();
        self.facts.losses.push(Loss { how, at, name });
    }

    fn and_or(&mut self, list: &AndOrList, rest: Rest) {
        let forgiven = list.additional.iter().any(|next| match next {
            AndOr::Or(pipeline) => pipeline
                .seq
                .first()
                .and_then(name_of)
                .is_some_and(|name| name == "true" || name == ":"),
            AndOr::And(_) => false,
        });
        let before = self.facts.losses.len();
        self.pipeline(&list.first);
        for next in &list.additional {
            match next {
                AndOr::And(pipeline) | AndOr::Or(pipeline) => self.pipeline(pipeline),
            }
        }
        if forgiven {
            let at = self.at(list);
            let mut own = self
                .facts
                .losses
                .split_off(before.min(self.facts.losses.len()));
            own.retain(|loss| {
                let is_its_own = matches!(
                    loss.how,
                    How::Piped { .. }
                        | How::Statements
                        | How::Answer
                        | How::Each
                        | How::Said { .. }
                        | How::Unheeded {
                            within: Within::Code { .. },
                            ..
                        }
                );
                !is_its_own || !at.contains(&loss.at.start)
            });
            self.facts.losses.append(&mut own);
        }
        let first = list.first.seq.first().and_then(name_of);
        let leaves = list.additional.iter().any(|next| match next {
            AndOr::And(pipeline) => pipeline
                .seq
                .first()
                .and_then(name_of)
                .is_some_and(|name| words::leaves(&name)),
            AndOr::Or(_) => false,
        });
        let is_question = list.first.bang
            || leaves
            || list.first.seq.len() > 1
            || first.as_deref().is_none_or(words::is_question);
        let only_and = !list.additional.is_empty()
            && list.additional.iter().all(|next| match next {
                AndOr::And(_) => true,
                AndOr::Or(_) => false,
            });
        if rest == Rest::Commands && only_and && !is_question {
            let at = self.at(&list.first);
            self.lose(How::Left, at, &list.first);
        } else if !forgiven {
            self.left_sides(list);
            self.said(list, rest);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        let mut last = None;
        let before = self.fed;
        if pipeline.bang {
            self.unheeded(pipeline, Beside::Not);
        }
        let output = self.output;
        for (index, command) in pipeline.seq.iter().enumerate() {
            if index + 1 < pipeline.seq.len() {
                self.output = Hidden::Yes;
            }
            self.command(command);
            self.output = output;
            last = Some(command);
            // All but the first read what the one before prints.
            self.fed = Hidden::Yes;
        }
        self.fed = before;
        let Some(last) = last.filter(|_| pipeline.seq.len() > 1) else {
            return;
        };
        let last_name = name_of(last).unwrap_or_default();
        let is_seen = words::fails_on_nothing(&last_name, &words_of(last));
        if is_seen && !pipeline.bang {
            return;
        }
        let heads = pipeline.seq.len() - 1;
        for command in pipeline.seq.iter().take(heads) {
            let name = name_of(command).unwrap_or_default();
            if words::never_fails(&name) || words::is_question(&name) {
                continue;
            }
            let loss = Loss {
                how: How::Piped {
                    last: last_name.clone(),
                },
                at: self.at(command),
                name,
            };
            self.facts.losses.push(loss);
            break;
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound, redirects) => {
                let redirects = || redirects.iter().flat_map(|list| &list.0);
                let before = self.fed;
                if redirects().any(feeds) {
                    self.fed = Hidden::Yes;
                }
                self.compound(compound);
                self.fed = before;
                for redirect in redirects() {
                    self.redirect(redirect);
                }
            }
            Command::Function(function) => {
                self.function_word(self.at(&function.fname).start);
                let before = std::mem::replace(&mut self.place, Place::Function);
                // Whoever calls it may give it something to read.
                let fed = std::mem::replace(&mut self.fed, Hidden::Yes);
                let started = self.facts.programs.len();
                self.compound(&function.body.0);
                self.defined(function, started);
                self.place = before;
                self.fed = fed;
            }
            Command::ExtendedTest(test, _) => {
                let range = self.bytes(&test.loc);
                let at = self.whole(&range);
                if let Some(instead) = words::bash_command("[[") {
                    self.facts
                        .bash
                        .push((at.start..at.start + 2, instead.into()));
                }
                let text = self.text.get(range).unwrap_or_default();
                self.scan(text, at.start, Quoting::Whole);
            }
        }
    }

    fn compound(&mut self, compound: &CompoundCommand) {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list),
            CompoundCommand::Subshell(shell) => {
                let at = self.whole(&self.bytes(&shell.loc));
                let range = at.start - self.base..at.end - self.base;
                let text = self.text.get(range).unwrap_or_default();
                if text.starts_with("((") && text.ends_with("))") {
                    let instead = "write x=$((x + 1)) for a sum, `[ … ]` with -gt, -lt, -eq for a comparison, and a blank between two parentheses";
                    self.facts
                        .bash
                        .push((at.start..at.start + 2, instead.to_owned()));
                }
                self.list(&shell.list);
            }
            CompoundCommand::ForClause(each) => {
                self.facts.assigned.insert(each.variable_name.clone());
                // `for x in $list` splits on purpose.
                for word in each.values.iter().flatten() {
                    self.made(&each.variable_name, word);
                    self.turns(word);
                    self.word(word, Quoting::Whole);
                }
                self.list(&each.body.list);
            }
            CompoundCommand::CaseClause(case) => {
                self.word(&case.value, Quoting::Whole);
                for item in &case.cases {
                    for pattern in &item.patterns {
                        self.word(pattern, Quoting::Whole);
                    }
                    if let Some(list) = &item.cmd {
                        self.list(list);
                    }
                }
            }
            CompoundCommand::IfClause(clause) => {
                self.condition(&clause.condition, Beside::If);
                self.said_by_if(clause);
                self.list(&clause.then);
                for other in clause.elses.iter().flatten() {
                    if let Some(condition) = &other.condition {
                        self.condition(condition, Beside::If);
                    }
                    self.list(&other.body);
                }
            }
            CompoundCommand::WhileClause(each) | CompoundCommand::UntilClause(each) => {
                self.condition(&each.0, Beside::While);
                self.list(&each.1.list);
            }
            CompoundCommand::Arithmetic(sum) => {
                let at = self.whole(&self.bytes(&sum.loc));
                let instead = "write `[ … ]` with -gt, -lt, -eq".to_owned();
                self.facts.bash.push((at, instead));
            }
            CompoundCommand::ArithmeticForClause(each) => {
                let at = self.whole(&self.bytes(&each.loc));
                let instead = "write `while [ … ]; do … done`".to_owned();
                self.facts.bash.push((at, instead));
                self.list(&each.body.list);
            }
            CompoundCommand::Coprocess(one) => self.command(&one.body),
        }
    }

    fn condition(&mut self, list: &CompoundList, beside: Beside) {
        let before = self.facts.losses.len();
        self.asked(list, beside);
        self.list(list);
        self.is_looked_at_from(before);
    }

    fn redirect(&mut self, redirect: &IoRedirect) {
        match redirect {
            IoRedirect::File(_, _, target) => match target {
                IoFileRedirectTarget::Filename(word) => {
                    // A file without a name cannot be opened, and that is seen.
                    let by = self.by.take();
                    self.word(word, Quoting::Bare);
                    self.by = by;
                }
                IoFileRedirectTarget::Duplicate(word) => {
                    let is_stream =
                        |word: &str| word == "-" || word.chars().all(|ch| ch.is_ascii_digit());
                    if literal(&word.value).is_some_and(|word| !is_stream(&word)) {
                        let at = self.at(word).start;
                        let before = self.text.get(..at - self.base).unwrap_or_default();
                        let at = self.base + before.rfind(">&").unwrap_or(before.len());
                        let instead = "write `> FILE 2>&1`".to_owned();
                        self.facts.bash.push((at..at + 2, instead));
                    }
                    self.word(word, Quoting::Bare);
                }
                IoFileRedirectTarget::ProcessSubstitution(_, shell) => self.list(&shell.list),
                IoFileRedirectTarget::Fd(_) => {}
            },
            IoRedirect::HereDocument(_, document) => {
                if document.requires_expansion
                    && let Some(span) = document.doc.location()
                {
                    let start = self.bytes(&span).start;
                    let text = self.text.get(start..start + document.doc.value.len());
                    self.scan_document(text.unwrap_or_default(), self.base + start);
                }
            }
            IoRedirect::HereString(_, word) => self.word(word, Quoting::Whole),
            IoRedirect::OutputAndError(word, _) => self.word(word, Quoting::Bare),
        }
    }

    fn simple(&mut self, command: &SimpleCommand) {
        let by = std::mem::replace(&mut self.by, stands_for_its_words(command));
        self.parts(command);
        self.by = by;
    }

    fn parts(&mut self, command: &SimpleCommand) {
        for item in prefix(command) {
            self.item(item);
        }
        if let Some(word) = &command.word_or_name {
            self.word(word, Quoting::Bare);
            self.started(command, word);
        }
        for item in suffix(command) {
            self.item(item);
        }
        self.flows(command);
        self.literals(command);
        self.looked_into(command);
    }

    fn item(&mut self, item: &CommandPrefixOrSuffixItem) {
        match item {
            CommandPrefixOrSuffixItem::IoRedirect(redirect) => self.redirect(redirect),
            CommandPrefixOrSuffixItem::Word(word) => self.word(word, Quoting::Bare),
            CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                self.assign(assignment);
                self.word(word, Quoting::Whole);
            }
            CommandPrefixOrSuffixItem::ProcessSubstitution(_, shell) => self.list(&shell.list),
        }
    }

    fn assign(&mut self, assignment: &Assignment) {
        let name = match &assignment.name {
            AssignmentName::VariableName(name) => name,
            AssignmentName::ArrayElementName(name, _) => name,
        };
        if assignment.append {
            let at = self.at(assignment);
            let instead = "write NAME=\"$NAME…\"".to_owned();
            self.facts.bash.push((at, instead));
        }
        if name == "PATH" {
            self.facts.unknown.path = Hidden::Yes;
        }
        self.facts.assigned.insert(name.clone());
    }

    fn word(&mut self, word: &Word, quoting: Quoting) {
        if let Some(span) = word.location() {
            let range = self.bytes(&span);
            let start = self.base + range.start;
            let text = self.text.get(range).unwrap_or_default();
            if let Some(group) = super::bash::braces(text) {
                let instead =
                    "write the words out, or put them into quotes if they are meant as they stand";
                let group = start + group.start..start + group.end;
                self.facts.bash.push((group, instead.to_owned()));
            }
            self.scan(text, start, quoting);
        }
    }
}
