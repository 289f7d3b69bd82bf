//! What runs where the shell stops at no failure although it runs with `-e`: beside `||` and `&&`, behind `!`, `if` and `while`. A single
//! command is fine there; of a function or a group only the last command counts.

use std::collections::BTreeSet;

use brush_parser::ast::{
    AndOr, AndOrList, Command, CompoundCommand, CompoundList, CompoundListItem, FunctionDefinition,
    Pipeline, Program, SeparatorOperator, SimpleCommand,
};

use super::facts::{Beside, Body, Facts, How, Loss, Started, Unheeded, Within};
use super::parts::{literal, name_of, words_in, words_of};
use super::walk::Walk;
use super::words;

/// Whether the status of the last command is that of the whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Counts,
    IsOneOfMany,
}

impl Walk<'_> {
    /// What stands on the left of `&&` and `||`.
    pub(super) fn left_sides(&mut self, list: &AndOrList) {
        let mut left = &list.first;
        for next in &list.additional {
            let (beside, pipeline) = match next {
                AndOr::And(pipeline) => (Beside::And, pipeline),
                AndOr::Or(pipeline) => (Beside::Or, pipeline),
            };
            self.unheeded(left, beside);
            left = pipeline;
        }
    }

    /// The commands of a condition.
    pub(super) fn asked(&mut self, list: &CompoundList, beside: Beside) {
        if list.0.len() > 1 {
            let body = self.body(list, Last::Counts);
            let within = Within::Condition;
            self.facts.unheeded.push(Unheeded {
                beside,
                within,
                body,
            });
        } else if let Some(CompoundListItem(chain, _)) = list.0.first()
            && chain.additional.is_empty()
        {
            self.unheeded(&chain.first, beside);
        }
    }

    /// A function that is called, or a group, where the shell stops at no failure in it.
    pub(super) fn unheeded(&mut self, pipeline: &Pipeline, beside: Beside) {
        let Some(last) = pipeline.seq.last() else {
            return;
        };
        let (within, body) = match last {
            Command::Simple(_) => {
                let Some(name) = name_of(last) else { return };
                let body = Body {
                    last: Some(name.clone()),
                    ..Body::default()
                };
                let at = self.at(last);
                (Within::Function { name, at }, body)
            }
            Command::Compound(compound, _) => {
                let mut body = Body::default();
                self.compound_body(compound, Last::Counts, &mut body);
                let within = if is_loop(compound) {
                    Within::Loop
                } else {
                    Within::Group
                };
                (within, body)
            }
            Command::Function(_) | Command::ExtendedTest(..) => return,
        };
        self.facts.unheeded.push(Unheeded {
            beside,
            within,
            body,
        });
    }

    /// Notes what a function does; what it starts was noted from `started` on.
    pub(super) fn defined(&mut self, function: &FunctionDefinition, started: usize) {
        let mut body = Body::default();
        self.compound_body(&function.body.0, Last::Counts, &mut body);
        let started = self.facts.programs.iter().skip(started);
        body.starts = started.map(|one| one.name.clone()).collect();
        let name = function.fname.value.clone();
        self.facts.functions.insert(name, body);
    }

    /// What code runs whose shell stops at no failure, up to where it says that it does.
    pub(super) fn code_body(&self, program: &Program) -> Body {
        let items = program.complete_commands.iter().flat_map(|list| &list.0);
        let mut items: Vec<CompoundListItem> = items.cloned().collect();
        let stops = items.iter().position(stops_from_here);
        let last = match stops {
            Some(at) => {
                items.truncate(at);
                Last::IsOneOfMany
            }
            None => Last::Counts,
        };
        self.body(&CompoundList(items), last)
    }

    fn body(&self, list: &CompoundList, last: Last) -> Body {
        let mut body = Body::default();
        self.list_body(list, last, &mut body);
        body
    }

    fn list_body(&self, list: &CompoundList, last: Last, body: &mut Body) {
        if fails_anyway(list) {
            return;
        }
        for (index, CompoundListItem(chain, separator)) in list.0.iter().enumerate() {
            let is_last = match list.0.get(index + 1) {
                None => last,
                // `a; status=$?` keeps how `a` ended.
                Some(next) if self.looks_at_the_status(&next.0) => continue,
                Some(_) => Last::IsOneOfMany,
            };
            match separator {
                SeparatorOperator::Sequence => {}
                SeparatorOperator::Async => continue,
            }
            let only_and = chain.additional.iter().all(|next| match next {
                AndOr::And(_) => true,
                AndOr::Or(_) => false,
            });
            let pipeline = match chain.additional.last() {
                None => &chain.first,
                // A chain that is the last ends as its last command does. What is behind `||` is foreseen.
                Some(AndOr::And(pipeline)) if only_and && is_last == Last::Counts => pipeline,
                Some(_) => continue,
            };
            if pipeline.bang {
                continue;
            }
            if let Some(command) = pipeline.seq.last() {
                self.command_body(command, is_last, body);
            }
        }
    }

    fn looks_at_the_status(&self, chain: &AndOrList) -> bool {
        let at = self.at(chain);
        let text = self.text.get(at.start - self.base..at.end - self.base);
        text.is_some_and(|text| text.contains("$?"))
    }

    fn command_body(&self, command: &Command, last: Last, body: &mut Body) {
        match command {
            Command::Simple(simple) => {
                let Some(name) = name_of(command) else { return };
                match last {
                    Last::Counts => body.last = Some(name),
                    Last::IsOneOfMany if can_fail(command, simple) => {
                        let at = self.at(command);
                        body.before_last.push(Started { name, at });
                    }
                    Last::IsOneOfMany => {}
                }
            }
            Command::Compound(compound, _) => self.compound_body(compound, last, body),
            Command::Function(_) | Command::ExtendedTest(..) => {}
        }
    }

    fn compound_body(&self, compound: &CompoundCommand, last: Last, body: &mut Body) {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list_body(&group.list, last, body),
            CompoundCommand::Subshell(shell) => self.list_body(&shell.list, last, body),
            CompoundCommand::ForClause(each) => {
                self.list_body(&each.body.list, Last::IsOneOfMany, body);
            }
            CompoundCommand::ArithmeticForClause(each) => {
                self.list_body(&each.body.list, Last::IsOneOfMany, body);
            }
            CompoundCommand::WhileClause(each) | CompoundCommand::UntilClause(each) => {
                self.list_body(&each.1.list, Last::IsOneOfMany, body);
            }
            CompoundCommand::IfClause(clause) => {
                self.list_body(&clause.then, last, body);
                for other in clause.elses.iter().flatten() {
                    self.list_body(&other.body, last, body);
                }
            }
            CompoundCommand::CaseClause(case) => {
                for list in case.cases.iter().filter_map(|item| item.cmd.as_ref()) {
                    self.list_body(list, last, body);
                }
            }
            CompoundCommand::Arithmetic(_) | CompoundCommand::Coprocess(_) => {}
        }
    }
}

/// `set -e`
fn stops_from_here(CompoundListItem(chain, _): &CompoundListItem) -> bool {
    let command = chain.first.seq.last();
    command.is_some_and(|command| {
        let says = words_of(command).iter().any(|word| {
            word == "errexit" || word.starts_with('-') && word.contains('e') && !word.contains("--")
        });
        says && name_of(command).as_deref() == Some("set")
    })
}

fn is_loop(compound: &CompoundCommand) -> bool {
    matches!(
        compound,
        CompoundCommand::ForClause(_)
            | CompoundCommand::ArithmeticForClause(_)
            | CompoundCommand::WhileClause(_)
            | CompoundCommand::UntilClause(_)
    )
}

/// Whether a list ends with `return 1` or `exit 1`, or with a status that was looked at.
fn fails_anyway(list: &CompoundList) -> bool {
    let Some(CompoundListItem(chain, _)) = list.0.last() else {
        return false;
    };
    let Some(command) = chain.first.seq.last() else {
        return false;
    };
    let leaves = name_of(command).is_some_and(|name| ["exit", "return"].contains(&name.as_str()));
    let status = first_word(command);
    leaves && chain.additional.is_empty() && status.is_some_and(|status| status != "0")
}

/// The first word after the name of a command, as it is written.
fn first_word(command: &Command) -> Option<&str> {
    if let Command::Simple(simple) = command {
        words_in(simple).next().map(|word| word.value.as_str())
    } else {
        None
    }
}

/// Whether a script should not go on after a failure of it. An assignment is mostly looked at afterwards.
fn can_fail(command: &Command, simple: &SimpleCommand) -> bool {
    let name = simple.word_or_name.as_ref();
    let name = name.and_then(|word| literal(&word.value));
    name.is_some_and(|name| !words::may_be_ignored(&name, &words_of(command)))
}

/// Judges what was noted, now that all functions are known.
pub(super) fn settle(facts: &mut Facts) {
    let mut found: Vec<Loss> = Vec::new();
    for one in &facts.unheeded {
        if let Some(lost) = lost_in(facts, &one.body) {
            found.push(Loss {
                how: How::Unheeded {
                    beside: one.beside,
                    within: one.within.clone(),
                },
                at: lost.at.clone(),
                name: lost.name.clone(),
            });
        }
    }
    let mut told: BTreeSet<usize> = facts.losses.iter().map(|loss| loss.at.start).collect();
    found.retain(|loss| told.insert(loss.at.start));
    let mut losses = std::mem::take(&mut facts.losses);
    losses.retain(|loss| match &loss.how {
        How::Word { by } => !only_says(facts, by) && !only_reads(facts, &loss.name),
        How::Said { by, .. } => super::said::all_say(facts, by) && !only_reads(facts, &loss.name),
        How::Piped { .. }
        | How::Background
        | How::BareWait
        | How::Left
        | How::Turns
        | How::Off
        | How::Declared { .. }
        | How::Statements
        | How::Answer
        | How::Each
        | How::Unheeded { .. } => true,
    });
    losses.extend(found);
    facts.losses = losses;
}

/// The first command of a body that can fail unseen, or that of the function that is its last command.
fn lost_in<'f>(facts: &'f Facts, body: &'f Body) -> Option<&'f Started> {
    let mut body = body;
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    loop {
        let mut lost = body.before_last.iter();
        if let Some(lost) = lost.find(|one| !only_reads(facts, &one.name)) {
            return Some(lost);
        }
        let last = body.last.as_deref().filter(|name| seen.insert(name))?;
        body = facts.functions.get(last)?;
    }
}

/// Whether it is a function of this text that only says something.
fn only_says(facts: &Facts, name: &str) -> bool {
    let body = facts.functions.get(name);
    body.is_some_and(|body| {
        let mut starts = body.starts.iter();
        starts
            .all(|name| words::is_builtin(name) || words::only_says(name) || words::is_reader(name))
    })
}

/// Whether it is a function of this text that has no reason to fail.
fn only_reads(facts: &Facts, name: &str) -> bool {
    let body = facts.functions.get(name);
    body.is_some_and(|body| {
        let mut starts = body.starts.iter();
        starts.all(|name| words::may_be_ignored(name, &[]))
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::read;

    fn lost(text: &str) -> Vec<String> {
        let Ok(facts) = read(text) else {
            panic!("no shell text: {text}");
        };
        facts.losses.into_iter().map(|loss| loss.name).collect()
    }

    #[test]
    fn what_is_lost_inside_of_a_function_or_a_group_is_found() {
        for (text, name) in [
            ("f() { ./a; ./b; }\nf || ./c", "./a"),
            ("f() { ./a; ./b; }\nif f; then ./c; fi", "./a"),
            ("f() { ./a; ./b; }\nwhile ! f; do sleep 1; done", "./a"),
            ("f() { ./a; ./b; }\nf && ./c", "./a"),
            ("f() { ./a; ./b; }\n! f", "./a"),
            ("f() { ./a; ./b; }\ng() { f; }\ng || exit 1", "./a"),
            ("f() { echo a; cd app; make; }\nf || exit 1", "cd"),
            ("{ ./a; ./b; } || ./c", "./a"),
            ("( ./a; ./b ) || ./c", "./a"),
            ("for x in a b; do ./a \"$x\"; done || ./c", "./a"),
            ("if ./a; ./b; then ./c; fi", "./a"),
            ("if x; then ./a; ./b; fi || ./c", "./a"),
        ] {
            assert_eq!(lost(text), [name], "{text}");
        }
    }

    #[test]
    fn what_is_foreseen_or_no_failure_is_left_alone() {
        for text in [
            "f() { ./a; ./b; }\nf",
            "f() { ./a; ./b; }\nf || true",
            "f() { ./a || return 1; ./b; }\nf || ./c",
            "f() { ./a && ./b; }\nf || ./c",
            "f() { echo a; ./b; }\nf || ./c",
            "log() { echo \"$1\"; }\nf() { log a; ./b; }\nf || ./c",
            "f() { ./a; code=$?; echo \"$code\"; }\nf || ./c",
            "f() { state=$(./a); [ \"$state\" = ok ]; }\nif f; then ./c; fi",
            "f() { for n in 1 2 3; do ./a && return 0; sleep 1; done; return 1; }\nf || ./c",
            "f() { for n in 1 2 3; do if ./a; then return 0; fi; sleep 1; done; return 1; }\nf || ./c",
            "f() { f; }\nf || ./c",
            "f() { if ./a; then return 0; fi; ./logs; return 1; }\nf || ./c",
            "if ./a; then ./b; ./c; fi",
            "{ ./a && ./b; } || ./c",
            "while read -r line; do ./a \"$line\"; done",
        ] {
            assert_eq!(lost(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_is_lost_in_a_word_is_found() {
        for (text, name) in [
            ("./a \"$(./b)\"", "./b"),
            ("./a x=`./b`", "./b"),
            ("./a --tag=\"app:$(git describe)\"", "git"),
            ("x=\"$(./b)\" ./a", "./b"),
            ("./a \"${x:-$(./b)}\"", "./b"),
            ("./a \"$(cd app && ./b)\"", "./b"),
            ("./a \"$(sudo ./b)\"", "./b"),
            ("./a <<END\n$(./b)\nEND", "./b"),
            ("f() { ./b; }\n./a \"$(f)\"", "f"),
            ("eval \"$(./b)\"", "./b"),
        ] {
            assert_eq!(lost(text), [name], "{text}");
        }
        for text in [
            "x=$(./b)\n./a \"$x\"",
            "echo \"$(./b)\"",
            "[ \"$(./b)\" = ok ]",
            "./a \"$(date +%F)\" \"$(cat file)\" \"$(sudo cat file)\"",
            "./a \"$(./b || echo none)\"",
            "cd \"$(dirname \"$x\")\"",
            "./a > \"$(./b)\"",
            "log() { echo \"$1\" >&2; }\nlog \"$(./b)\"",
            "day() { date +%F; }\n./a \"$(day)\"",
            "case \"$(./b)\" in a) ./c ;; esac",
        ] {
            assert_eq!(lost(text), [""; 0], "{text}");
        }
    }
}
