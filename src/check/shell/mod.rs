//! Shell text: read, and held against what the file declares. Finds text that no shell reads, variables that nobody sets,
//! values that fall apart, failures that get lost, templates of other tools, and the programs that it needs.
//!
//! Nothing is run, and nothing of the machine is looked at: a program that is missing is found before the rollout begins.

mod bash;
mod broken;
mod called;
mod characters;
mod clause;
mod code;
mod expand;
mod facts;
mod flows;
mod given;
mod hides;
mod idle;
mod losses;
mod origins;
mod parse;
mod parts;
mod people;
mod quoted;
mod said;
mod shown;
mod simple;
mod splice;
mod spliced;
mod started;
mod unheeded;
mod unset;
mod value;
mod walk;
mod words;

pub(super) use splice::{templates, variables};

use std::collections::BTreeSet;
use std::ops::Range;

use crate::ast;
use crate::ast::{Item, Shell, ShellLines};
use crate::diag::Certainty;
use crate::diag::factory::{check as say, library};
use crate::source::Span;
use crate::value::Type;

use super::Checker;
use super::look_alike::{Reader, look_alikes};
use super::names::Sort;
use super::place::Place;
use super::tree::Program;
pub(super) use facts::Hidden;
pub(crate) use facts::Reads;
use facts::{Facts, Quoting, Unset};
use given::At;
pub(super) use given::{Caller, Role};
pub use shown::Shown;
pub use spliced::{Bound, Spliced};
use value::Loose;

/// What Linux takes as one argument of a program, with the byte that ends it.
const LONGEST: usize = 128 * 1024;

/// What stands around each part of a block, at most.
const AROUND: usize = 512;

/// What is known around a shell text beside the declarations of the file.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// The variables of the `env` block.
    pub(super) env: Vec<String>,
    /// The same with their values.
    pub(super) given: Vec<ast::EnvVar>,
    /// What the command is for that is being read.
    pub(super) role: Role,
    /// Whether something beside its status is expected of its output.
    pub(super) output: Hidden,
    /// Whether what it prints is kept as a value.
    pub(super) value: Hidden,
    /// Who calls the task that is being read.
    pub(super) caller: Caller,
    /// The programs that were found, until they are handed to the checked file.
    pub(super) programs: Vec<Program>,
    /// The commands that want a person, until they are handed to the checked file.
    pub(super) people: Vec<Wanted>,
    /// The secrets that get into arguments, until they are handed to the checked file.
    pub(super) shown: Vec<Shown>,
    /// The values in source of other programs, until they are handed to the checked file.
    pub(super) spliced: Vec<Spliced>,
    /// Every text that can be read, where somebody wants them.
    pub(super) texts: Option<Vec<Shell>>,
}

/// A command that wants a person.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Where its name stands.
    pub at: Span,
    /// Its name.
    pub name: String,
    /// What it would do.
    pub does: &'static str,
    /// What to write.
    pub instead: &'static str,
    /// Whether something to read would be as good.
    reads: Hidden,
}

/// One text, and the way from it into the file.
struct Text<'t> {
    shell: &'t Shell,
    lines: ShellLines<'t>,
}

impl<'t> Text<'t> {
    fn of(shell: &'t Shell) -> Self {
        Self {
            shell,
            lines: shell.lines(),
        }
    }

    /// The place in the file of a part of the text.
    fn span(&self, at: &Range<usize>) -> Span {
        let start = self.lines.offset_in_file(at.start);
        let end = match at.end.checked_sub(1).filter(|last| *last >= at.start) {
            Some(last) => {
                let width = self
                    .text(&(last..at.end))
                    .map_or(1, |rest| rest.chars().next().map_or(1, char::len_utf8));
                self.lines.offset_in_file(last) + crate::source::offset(width)
            }
            None => start,
        };
        Span::new(start, end.max(start))
    }

    fn text(&self, at: &Range<usize>) -> Option<&str> {
        self.shell.text.get(at.clone())
    }
}

/// The variables that shell text takes from its environment, each where it stands; in single quotes too, because that is
/// often handed to another shell. One that the text sets itself, or says another value for (`${name:-x}`), is not among them.
pub(super) fn uses_in(shell: &Shell) -> Vec<(&str, Span)> {
    // What cannot be read is reported where it is looked at.
    let Ok(facts) = parse::read(&shell.text) else {
        return Vec::new();
    };
    let foreseen = facts.variables.iter();
    let foreseen = foreseen.filter(|one| one.unset == Unset::Foreseen);
    let foreseen: BTreeSet<usize> = foreseen.map(|one| one.at.start).collect();
    let text = Text::of(shell);
    // In a sum a name stands without a sign.
    let in_sums = facts.variables.iter().filter_map(|one| {
        let name = shell.text.get(one.at.clone())?;
        (name == one.name).then(|| (name, one.at.clone()))
    });
    let all = variables(&shell.text).chain(in_sums);
    let mut all: Vec<(&str, Span)> = all
        .filter(|(name, at)| !facts.assigned.contains(*name) && !foreseen.contains(&at.start))
        .map(|(name, at)| (name, text.span(&at)))
        .collect();
    all.sort_by_key(|(_, span)| *span);
    all
}

/// What commands find as a variable of its name.
const VARIABLES: [Sort; 5] = [
    Sort::Local,
    Sort::Param,
    Sort::Let,
    Sort::Exposure,
    Sort::Capture,
];

impl Checker<'_> {
    /// Looks at shell text; gives the secrets whose files it names.
    pub(super) fn shell(&mut self, shell: &Shell, place: Place) -> Option<Vec<String>> {
        let text = Text::of(shell);
        if shell.text.len() >= LONGEST {
            let start = shell.span.start;
            self.found
                .push(say::shell_too_long(Span::new(start, start + 1), LONGEST));
            return None;
        }
        for one in look_alikes(&shell.text, Reader::Shell) {
            let of = (one.ch, one.meant);
            self.found
                .push(say::look_alike(text.span(&one.at), of, "the command"));
        }
        let mut whole = Some(());
        let templates = templates(&shell.text, |name| self.names.value(name).is_some());
        for template in &templates {
            let known = self
                .names
                .value(&template.name)
                .map(|_| template.name.as_str());
            self.found.push(say::template_in_shell(
                text.span(&template.at),
                text.text(&template.at).unwrap_or_default(),
                known.map(|name| (name, template.mended.as_deref())),
            ));
            whole = None;
        }
        if shell.form == ast::ShellForm::Line
            && let Some(at) = clause::at_the_end(&shell.text)
        {
            let clause = text.text(&at).unwrap_or_default();
            self.found
                .push(say::clause_in_command(text.span(&at), clause));
        }
        for (at, name) in bash::no_variables(&shell.text) {
            let span = text.span(&at);
            let written = text.text(&at).unwrap_or_default();
            let small = name.to_lowercase();
            let known = self.names.value(&small).map(|_| small.as_str());
            self.found.push(say::no_variable_at_all(
                span,
                written,
                known.unwrap_or(name),
            ));
            whole = None;
        }
        let secrets = self.secrets_in(&text, &mut whole);
        match parse::read(&shell.text) {
            Ok(facts) => {
                if let Some(texts) = &mut self.around.texts {
                    texts.push(shell.clone());
                }
                if let Some(at) = &facts.not_read {
                    self.found.push(say::shell_not_read(text.span(at)));
                }
                whole = self.judge((&text, place), &facts).and(whole);
            }
            // What a template leaves behind is not worth a second word.
            Err(_) if !templates.is_empty() => {}
            Err(broken) => {
                let at = text.span(&broken.at);
                self.found.push(match broken.kind {
                    broken::Kind::Syntax => say::shell_syntax(at, &broken.message, &broken.help),
                    broken::Kind::Bash => {
                        let word = text.text(&broken.at).unwrap_or_default();
                        let instead = Some(broken.help.as_str()).filter(|help| !help.is_empty());
                        say::bash_in_sh(at, word, instead)
                    }
                    broken::Kind::Deep => {
                        crate::diag::factory::syntax::nested_too_deep(at, parse::DEPTH)
                    }
                });
                whole = None;
            }
        }
        whole.map(|()| secrets)
    }

    /// A block is one text for the shell that runs its parts, with each of them in quotes.
    pub(super) fn whole_block(&mut self, block: &ast::Block) {
        let length = |part: &ast::Command| match part {
            ast::Command::Shell(shell) => shell.text.len() + 3 * shell.text.matches('\'').count(),
            // What their words come to is known when they run.
            ast::Command::Exec(_)
            | ast::Command::Block(_)
            | ast::Command::Http(_)
            | ast::Command::Sql(_) => 0,
        };
        let lengths = block.parts.iter().map(length);
        let each_is_short = lengths.clone().all(|length| length < LONGEST);
        let whole: usize = lengths.map(|length| length + AROUND).sum();
        if each_is_short && whole >= LONGEST {
            let start = block.span.start;
            self.found
                .push(say::block_too_long(Span::new(start, start + 1), LONGEST));
        }
    }

    /// The secrets whose files are named; wherever they stand, because text in single quotes is often handed to another shell.
    fn secrets_in(&mut self, text: &Text<'_>, whole: &mut Option<()>) -> Vec<String> {
        let mut secrets: Vec<String> = Vec::new();
        for (name, at) in variables(&text.shell.text) {
            let is_given = self.around.env.iter().any(|given| given == name);
            if self.names.get(Sort::Secret, name).is_some() && !is_given {
                self.found.push(say::secret_in_shell(text.span(&at), name));
                *whole = None;
            }
            let secret = name.strip_suffix("_file");
            if let Some(secret) = secret
                && self.names.get(Sort::Secret, secret).is_some()
                && !secrets.iter().any(|known| known == secret)
            {
                secrets.push(secret.to_owned());
            }
        }
        secrets
    }

    fn judge(&mut self, (text, place): (&Text<'_>, Place), facts: &Facts) -> Option<()> {
        let mut whole = Some(());
        let caller = self.around.caller;
        let at = At { place, caller };
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for variable in &facts.variables {
            if facts.assigned.contains(&variable.name) || told.contains(variable.name.as_str()) {
                continue;
            }
            if self.is_library() && self.names.get(Sort::Let, &variable.name).is_some() {
                let span = text.span(&variable.at);
                self.found
                    .push(library::library_value_in_shell(span, &variable.name));
                told.insert(&variable.name);
                whole = None;
                continue;
            }
            if self.unknown_variable((text, at), facts, variable).is_some() {
                told.insert(&variable.name);
                whole = None;
                continue;
            }
            if variable.quoting == Quoting::Bare
                && let Some(loose) = self.falls_apart(&variable.name)
            {
                let written = text.text(&variable.at).unwrap_or_default();
                let value = (loose.what.as_str(), loose.quotes);
                self.found
                    .push(say::unquoted(text.span(&variable.at), written, value));
            }
        }
        for (at, instead) in &facts.bash {
            let word = text.text(at).unwrap_or_default();
            self.found
                .push(say::bash_in_sh(text.span(at), word, Some(instead)));
            whole = None;
        }
        for (at, by) in &facts.code_not_read {
            self.found.push(say::code_not_read(text.span(at), by));
        }
        self.literals(text, facts);
        for loss in &facts.losses {
            if !self.is_lost(loss, facts) {
                continue;
            }
            let is_piped = matches!(loss.how, facts::How::Piped { .. });
            if is_piped && facts.unknown.pipelines == Hidden::Yes {
                continue;
            }
            self.found.push(lost(text, loss));
        }
        for (at, name, want) in &facts.people {
            if !facts.functions.contains_key(name) {
                self.wanted(text.span(at), name, want);
            }
        }
        self.shown(text, facts);
        self.spliced(text, facts);
        self.programs_of(text, facts);
        whole
    }

    /// Names of values in single quotes, each once.
    fn literals(&mut self, text: &Text<'_>, facts: &Facts) {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for one in facts.literals.iter().filter(|one| one.is_taken(facts)) {
            if !self.is_given(&one.name) || !told.insert(&one.name) {
                continue;
            }
            let is_set = self.around.role == Role::Set
                && self.names.get(Sort::Exposure, &one.name).is_some();
            let alone = one.alone.as_ref().map(|word| text.span(word));
            let written = text.text(&one.at).unwrap_or_default();
            let then = match is_set {
                true => "so that each `expose` would set the same",
                false => "these characters themselves are taken",
            };
            self.found.push(say::quoted_literal(
                (text.span(&one.at), then),
                written,
                alone,
            ));
        }
    }

    /// Whether a failure that a program hides is one here.
    fn is_lost(&self, loss: &facts::Loss, facts: &Facts) -> bool {
        match loss.how {
            facts::How::Statements => !facts.functions.contains_key(&loss.name),
            // What reads its output judges the answer.
            facts::How::Answer => {
                self.around.role.is_judged_by_status()
                    && self.around.output == Hidden::No
                    && !facts.functions.contains_key(&loss.name)
            }
            // What is said where a value is wanted is the value.
            facts::How::Said { .. } => {
                self.around.role.is_judged_by_status()
                    && self.around.output == Hidden::No
                    && self.around.value == Hidden::No
            }
            facts::How::Piped { .. }
            | facts::How::Background
            | facts::How::BareWait
            | facts::How::Left
            | facts::How::Turns
            | facts::How::Off
            | facts::How::Word { .. }
            | facts::How::Each
            | facts::How::Unheeded { .. }
            | facts::How::Declared { .. } => true,
        }
    }

    fn wanted(&mut self, at: Span, name: &str, want: &people::Want) {
        self.around.people.push(Wanted {
            at,
            name: name.to_owned(),
            does: want.does,
            instead: want.instead,
            reads: want.reads,
        });
    }

    /// A program with its words, without a shell.
    pub(super) fn wanted_by_program(&mut self, at: Span, (name, words): (&str, &[&str])) {
        if let Some(want) = people::wants(name, words) {
            self.wanted(at, name, &want);
        }
    }

    /// A step that is given something to read needs nobody who types it; those that were noted before `from` are others.
    pub(super) fn given_to_read(&mut self, from: usize) {
        let mut index = 0;
        self.around.people.retain(|one| {
            index += 1;
            index <= from || one.reads == Hidden::No
        });
    }

    /// How the value of a variable can become several words, or none, without quotes.
    fn falls_apart(&self, name: &str) -> Option<Loose> {
        let of_type = |ty: Option<&Type>| ty.and_then(value::several_words);
        let is_notice = name == "RUNBOOK_NOTICE" && self.around.role == Role::Channel;
        if is_notice || self.around.env.iter().any(|given| given == name) {
            return Some(Loose::text());
        }
        if let Some(index) = self.names.get(Sort::Local, name) {
            return of_type(self.types.locals.get(index as usize)?.as_ref());
        }
        if let Some(index) = self.names.get(Sort::Param, name) {
            let pattern = self.ast.items.iter().find_map(|item| {
                if let Item::Param(param) = item
                    && param.name.text == name
                {
                    param.matching.as_ref().map(|one| one.text.as_str())
                } else {
                    None
                }
            });
            if pattern.is_some_and(value::is_one_word) {
                return None;
            }
            return of_type(self.types.params.get(index as usize)?.as_ref());
        }
        if let Some(index) = self.names.get(Sort::Let, name) {
            return of_type(self.types.lets.get(index as usize)?.as_ref());
        }
        if let Some(index) = self.names.get(Sort::Capture, name) {
            return of_type(self.types.captures.get(index as usize)?.as_ref());
        }
        let secret = name.strip_suffix("_file")?;
        self.names.get(Sort::Secret, secret)?;
        // Its file has one name, which nobody chooses.
        Some(Loose {
            what: "a path".to_owned(),
            quotes: Certainty::Certain,
        })
    }

    /// The variables whose values are one word, by their types.
    pub(super) fn one_words(&self) -> std::collections::BTreeSet<String> {
        let all = VARIABLES.into_iter().flat_map(|sort| self.names.of(sort));
        let one_word = all.filter(|name| self.falls_apart(name).is_none());
        one_word.map(str::to_owned).collect()
    }

    /// Notes what the text starts and the shell does not have in itself.
    fn programs_of(&mut self, text: &Text<'_>, facts: &Facts) {
        if facts.unknown.path == Hidden::Yes {
            return;
        }
        for one in &facts.programs {
            let is_path = one.name.contains('/');
            if words::is_builtin(&one.name)
                || facts.functions.contains_key(&one.name)
                || facts.looked_for.contains(&one.name)
                || (is_path && facts.unknown.directory == Hidden::Yes && !one.name.starts_with('/'))
            {
                continue;
            }
            let line = self.file.line(text.span(&one.at).start);
            self.needs(&one.name, line);
        }
    }

    /// Notes a program that a command needs.
    pub(super) fn needs(&mut self, name: &str, line: u32) {
        self.around.programs.push(Program {
            name: name.to_owned(),
            line,
            step: None,
        });
    }
}

fn lost(text: &Text<'_>, loss: &facts::Loss) -> crate::diag::Diagnostic {
    let (at, name) = (text.span(&loss.at), loss.name.as_str());
    match &loss.how {
        facts::How::Piped { last } => say::lost_in_a_pipeline(at, name, last),
        facts::How::Background => say::nobody_waits(at, name),
        facts::How::BareWait => say::bare_wait(at, name),
        facts::How::Left => say::lost_before_and(at, name),
        facts::How::Declared { by } => say::lost_in_a_declaration(at, name, by),
        facts::How::Turns => say::lost_in_a_loop(at, name),
        facts::How::Off => say::lost_from_here(at),
        facts::How::Statements => say::lost_statements(at, name),
        facts::How::Answer => say::lost_answer(at, name),
        facts::How::Each => say::lost_for_each(at, name),
        facts::How::Said { how, .. } => match how {
            facts::Saying::Or => say::lost_behind_or(at, name),
            facts::Saying::If => say::lost_by_if(at, name),
        },
        facts::How::Word { by } => say::lost_in_a_word(at, name, by),
        facts::How::Unheeded { beside, within } => {
            let sign = beside.sign();
            match within {
                facts::Within::Function { name: of, at: call } => {
                    say::lost_in_a_function(at, name, (of, text.span(call), sign))
                }
                facts::Within::Group => say::lost_in_a_group(at, name, sign),
                facts::Within::Loop => say::lost_in_turns(at, name, sign),
                facts::Within::Condition => say::lost_in_a_condition(at, name, sign),
                facts::Within::Code { by } => say::lost_in_code(at, name, by),
            }
        }
    }
}
