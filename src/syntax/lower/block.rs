//! What happens: before, rollout, rollback, after; stages, levels and their statements.

use crate::ast::{
    self, Before, BeforeItem, Check, Confirm, Expose, Fail, Level, Name, NoReturn, NotBuilt,
    Notify, Recovered, Rollback, Rollout, Stage, Statement, Step, Verify, Wait, Way,
};
use crate::diag::factory::{habits, syntax as say};
use crate::source::{Span, offset};

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, Seen, inside};

pub(super) const CLAUSE_WORDS: [&str; 13] = [
    "timeout",
    "grace",
    "retry",
    "idempotent",
    "unless",
    "undo",
    "protected",
    "on",
    "in",
    "env",
    "stdin",
    "user",
    "interactive",
];

impl Lower<'_> {
    pub(super) fn before(&mut self, pair: Pair<'_>) -> Option<Before> {
        let mut parts = self.parts(pair, "before", Place::Top);
        if self.take(&mut parts, Rule::rollout_word).is_none() {
            self.need(&mut parts, "`rollout`");
        }
        let mut items = Vec::new();
        match self.take(&mut parts, Rule::before_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                for line in inside(block) {
                    let rule = line.as_rule();
                    if rule != Rule::stray {
                        self.last_was_noise = false;
                    }
                    items.extend(match rule {
                        Rule::check => Some(BeforeItem::Check(self.check(line))),
                        Rule::confirm => self.confirm(line).map(BeforeItem::Confirm),
                        Rule::approve => {
                            let approve = self.approve(line, Place::Before);
                            approve.map(Box::new).map(BeforeItem::Approve)
                        }
                        Rule::waive => {
                            self.waive(line);
                            None
                        }
                        _stray => self.stray(line, Place::Before).map(BeforeItem::NotBuilt),
                    });
                }
            }
        }
        self.finish(&mut parts, &["rollout"]);
        Some(Before {
            items,
            span: parts.span,
        })
    }

    fn check(&mut self, pair: Pair<'_>) -> Check {
        let mut parts = self.parts(pair, "check", Place::Before);
        let name = self
            .take(&mut parts, Rule::name)
            .map(|pair| self.checked_name(&pair));
        let title = self.needed_text(&mut parts, "a title in quotes");
        // The rest of the line is in the place of a step: its clauses, and what is not built of them.
        parts.place = Place::Step;
        let clauses = self.clauses(&mut parts);
        let command = self.maybe_commands(&mut parts);
        let migrations = self
            .take(&mut parts, Rule::migrations)
            .map(|pair| self.migrations(&mut parts, pair));
        let not_built = self.finish(&mut parts, &CLAUSE_WORDS);
        if command.is_none() && migrations.is_none() && not_built.is_none() {
            match &name {
                Some(word) if word.text == "migrations" => {
                    self.diagnostics
                        .push(crate::diag::factory::migration::check_without_title(
                            word.span,
                        ));
                    parts.broken = true;
                }
                Some(_) | None => self.need(&mut parts, "a command"),
            }
        }
        let migrations = migrations.flatten();
        Check {
            name,
            title,
            clauses: clauses.into(),
            command,
            migrations,
            span: parts.span,
            docs: self.docs(parts.span),
        }
    }

    /// `migrations "db/*.sql"`
    fn migrations(&mut self, parts: &mut Parts<'_>, pair: Pair<'_>) -> Option<ast::Text> {
        let text = pair.into_inner().find(|one| one.as_rule() == Rule::text);
        if text.is_none() {
            self.need(
                parts,
                "a pattern of files in quotes, for example \"db/*.sql\",",
            );
        }
        text.map(|text| self.text(&text))
    }

    fn confirm(&mut self, pair: Pair<'_>) -> Option<Confirm> {
        let mut parts = self.parts(pair, "confirm", Place::Before);
        let name = self
            .take(&mut parts, Rule::name)
            .map(|pair| self.checked_name(&pair));
        let title = self.needed_text(&mut parts, "a question in quotes");
        self.finish(&mut parts, &[]);
        Some(Confirm {
            name,
            title: title?,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    pub(super) fn rollout(&mut self, pair: Pair<'_>) -> Option<Rollout> {
        let mut parts = self.parts(pair, "rollout", Place::Top);
        let word_span = self
            .take(&mut parts, Rule::rollout_word)
            .map(|word| self.span(&word))
            .unwrap_or_default();
        let mut rollout = Rollout {
            stages: Vec::new(),
            not_built: Vec::new(),
            word_span,
            span: parts.span,
        };
        match self.take(&mut parts, Rule::rollout_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                for line in inside(block) {
                    if line.as_rule() != Rule::stray {
                        self.last_was_noise = false;
                    }
                    match line.as_rule() {
                        Rule::stage => rollout.stages.extend(self.stage(line)),
                        Rule::waive => self.waive(line),
                        _stray => {
                            let not_built = self.stray(line, Place::Rollout);
                            rollout.not_built.extend(not_built);
                        }
                    }
                }
            }
        }
        self.finish(&mut parts, &[]);
        Some(rollout)
    }

    fn stage(&mut self, pair: Pair<'_>) -> Option<Stage> {
        let mut parts = self.parts(pair, "stage", Place::Rollout);
        let name = self.name(&mut parts, "a name");
        let title = self.maybe_text(&mut parts);
        let shrink = self.take(&mut parts, Rule::shrink_word);
        let shrink = shrink.map(|word| self.span(&word));
        let statements = self.body(&mut parts, Place::Stage);
        self.finish(&mut parts, &["shrink"]);
        Some(Stage {
            name: name?,
            title,
            shrink,
            statements,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    pub(super) fn rollback(&mut self, pair: Pair<'_>) -> Option<Rollback> {
        let (way, opens) = if pair.as_rule() == Rule::forward {
            (Way::Forward, Rule::forward_word)
        } else {
            (Way::Back, Rule::rollback_word)
        };
        let mut parts = self.parts(pair, way.word(), Place::Top);
        let word_span = self
            .take(&mut parts, opens)
            .map(|word| self.span(&word))
            .unwrap_or_default();
        let mut rollback = Rollback {
            way,
            levels: Vec::new(),
            recovered: None,
            not_built: Vec::new(),
            word_span,
            span: parts.span,
        };
        let mut seen = Seen::default();
        match self.take(&mut parts, Rule::rollback_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                for line in inside(block) {
                    let span = self.span(&line);
                    if line.as_rule() != Rule::stray {
                        self.last_was_noise = false;
                    }
                    match line.as_rule() {
                        Rule::level => rollback.levels.extend(self.level(line)),
                        Rule::recovered => {
                            let recovered = self.recovered(line);
                            if self.once(&mut seen, "recovered", span) {
                                rollback.recovered = recovered;
                            }
                        }
                        Rule::waive => self.waive(line),
                        _stray => {
                            let not_built = self.stray(line, Place::Rollback);
                            rollback.not_built.extend(not_built);
                        }
                    }
                }
            }
        }
        self.finish(&mut parts, &[]);
        Some(rollback)
    }

    fn level(&mut self, pair: Pair<'_>) -> Option<Level> {
        let mut parts = self.parts(pair, "level", Place::Rollback);
        let name = self.name(&mut parts, "a name");
        let title = self.maybe_text(&mut parts);
        let (mut within, mut when) = (None, None);
        let mut seen = Seen::default();
        loop {
            match parts.peek() {
                Some(Rule::within_part) => {
                    let part = self.maybe_part(&mut parts, Rule::within_part, "a duration");
                    if self.once(&mut seen, "within", parts.last) {
                        within = part;
                    }
                }
                Some(Rule::when_part) => {
                    let part = self.maybe_part(&mut parts, Rule::when_part, "a condition");
                    if self.once(&mut seen, "when", parts.last) {
                        when = part;
                    }
                }
                Some(_) | None => break,
            }
        }
        let statements = self.body(&mut parts, Place::Level);
        self.finish(&mut parts, &["within", "when"]);
        Some(Level {
            name: name?,
            title,
            within,
            when,
            statements,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    fn recovered(&mut self, pair: Pair<'_>) -> Option<Recovered> {
        let mut parts = self.parts(pair, "recovered", Place::Rollback);
        let (mut when, mut hold, mut within) = (None, None, None);
        let mut seen = Seen::default();
        loop {
            let (word, what, rule) = match parts.peek() {
                Some(rule @ Rule::when_part) => ("when", "a condition", rule),
                Some(rule @ Rule::for_part) => ("for", "a duration", rule),
                Some(rule @ Rule::within_part) => ("within", "a duration", rule),
                Some(_) | None => break,
            };
            let value = self.maybe_part(&mut parts, rule, what);
            if self.once(&mut seen, word, parts.last) {
                match word {
                    "when" => when = value,
                    "for" => hold = value,
                    _within => within = value,
                }
            }
        }
        self.finish(&mut parts, &["when", "for", "within"]);
        if when.is_none() {
            self.need(&mut parts, "`when` with a condition");
        }
        if within.is_none() {
            self.need(&mut parts, "`within` with a duration");
        }
        Some(Recovered {
            when: when?,
            hold,
            within: within?,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    /// The block of statements that must stand next.
    pub(super) fn body(&mut self, parts: &mut Parts<'_>, place: Place) -> Vec<Statement> {
        let Some(block) = self.take(parts, Rule::body) else {
            self.need(parts, "a block");
            return Vec::new();
        };
        let mut statements = Vec::new();
        for line in inside(block) {
            statements.extend(self.statement(line, place));
        }
        statements
    }

    pub(super) fn statement(&mut self, pair: Pair<'_>, place: Place) -> Option<Statement> {
        let rule = pair.as_rule();
        if rule != Rule::stray {
            self.last_was_noise = false;
        }
        if self.span(&pair).start < self.said_up_to {
            return None;
        }
        match rule {
            Rule::step => self.step(pair, place),
            Rule::shell | Rule::script | Rule::exec => self.command(pair).map(Statement::Command),
            Rule::request | Rule::sql if place != Place::Undo => {
                self.asked(pair).map(Statement::Command)
            }
            Rule::junk => {
                let span = self.span(&pair);
                let found = super::recover::found(pair.as_str());
                let at = Span::new(span.start, span.start + offset(found.length));
                self.diagnostics
                    .push(say::unexpected_text(at, &found.text, None, None));
                None
            }
            Rule::waive => {
                self.waive(pair);
                None
            }
            // What undoes a step is commands and steps alone.
            _ if place == Place::Undo => self.stray(pair, place).map(Statement::NotBuilt),
            Rule::undo if place == Place::Level && self.at_once > 0 => {
                let span = self.span(&pair);
                self.diagnostics.push(say::undo_in_a_block(span));
                Some(Statement::NotBuilt(NotBuilt {
                    word: "undo".to_owned(),
                    span,
                }))
            }
            Rule::undo if place == Place::Level => {
                let mut parts = self.parts(pair, "undo", place);
                self.finish(&mut parts, &[]);
                Some(Statement::Undo(parts.span))
            }
            Rule::no_return if place == Place::Stage && self.at_once > 0 => {
                let span = self.span(&pair);
                self.diagnostics.push(say::no_return_at_once(span));
                Some(Statement::NotBuilt(NotBuilt {
                    word: "no return".to_owned(),
                    span,
                }))
            }
            Rule::no_return if place == Place::Stage => {
                let mut parts = self.parts(pair, "no return", place);
                self.take(&mut parts, Rule::no_return_words);
                let why = self.needed_text(&mut parts, "the reason in quotes");
                self.finish(&mut parts, &[]);
                Some(Statement::NoReturn(NoReturn {
                    why: why?,
                    span: parts.span,
                }))
            }
            Rule::wait => self.wait(pair, place),
            Rule::expose => self.expose(pair, place).map(Statement::Expose),
            Rule::verify => self.verify(pair, place).map(Statement::Verify),
            Rule::notify => self.notify(pair).map(Statement::Notify),
            Rule::fail => {
                let mut parts = self.parts(pair, "fail", place);
                let why = self.needed_text(&mut parts, "the reason in quotes");
                self.finish(&mut parts, &[]);
                Some(Statement::Fail(Fail {
                    why: why?,
                    span: parts.span,
                }))
            }
            Rule::guard if place == Place::Stage && self.inside > 0 => {
                let span = self.span(&pair);
                let guard = self.guard(pair, place)?;
                self.lost.insert(guard.name.text.clone());
                self.diagnostics
                    .push(say::guard_in_a_block(span, guard.name.as_str()));
                Some(Statement::NotBuilt(NotBuilt {
                    word: "guard".to_owned(),
                    span,
                }))
            }
            Rule::guard if place == Place::Stage => {
                self.guard(pair, place).map(Box::new).map(Statement::Guard)
            }
            Rule::approve if place == Place::Stage => {
                let approve = self.approve(pair, place);
                approve.map(Box::new).map(Statement::Approve)
            }
            Rule::capture => {
                let capture = self.capture(pair, place);
                capture.map(Box::new).map(Statement::Capture)
            }
            Rule::parallel => self.parallel(pair, place),
            Rule::each => self.each(pair, place),
            Rule::decision => self.decision(pair, place),
            Rule::task_call => self.task_call(pair, place),
            _stray => self.stray(pair, place).map(Statement::NotBuilt),
        }
    }

    fn step(&mut self, pair: Pair<'_>, place: Place) -> Option<Statement> {
        let mut parts = self.parts(pair, "step", place);
        let name = self.name(&mut parts, "a name");
        let title = self.maybe_text(&mut parts);
        parts.place = Place::Step;
        let mut clauses = self.clauses(&mut parts);
        let command = self.maybe_body(&mut parts);
        if let Some(name) = &name
            && command.is_none()
            && let Some(line) = self.reads_like_a_body(name, parts.span)
        {
            let said = habits::step_without_a_name(name.span, (&name.text, line));
            self.diagnostics.push(said);
            return None;
        }
        let not_built = self.finish(&mut parts, &CLAUSE_WORDS);
        if command.is_none()
            && !parts.broken
            && let (Some(name), Some(title)) = (&name, &title)
            && let Some(path) = title.plain()
            && matches!(
                super::recover::bare(path, ""),
                Some(super::recover::Bare::Path(_))
            )
        {
            let said = habits::command_as_title(title.span, (&name.text, path));
            self.diagnostics.push(said);
            parts.broken = true;
        }
        if command.is_none() && not_built.is_none() {
            // The line of a shell command that undoes it took whatever stood behind it.
            let what = match clauses.undo {
                Some(_) => "the command of the step itself, on a line of its own,",
                None => "a command",
            };
            self.need(&mut parts, what);
        }
        clauses.not_built.extend(not_built);
        Some(Statement::Step(Step {
            name: name?,
            title,
            clauses: clauses.into(),
            command,
            span: parts.span,
            docs: self.docs(parts.span),
        }))
    }

    /// What is written from the name of a step on, where that is what a step does.
    fn reads_like_a_body(&self, name: &Name, statement: Span) -> Option<&str> {
        let line = self.file.slice(Span::new(name.span.start, statement.end));
        let line = line.lines().next().unwrap_or_default().trim_end();
        let mut words = line.split_ascii_whitespace().skip(1);
        let next = words.next()?;
        let is_body = ["exec", "http", "sh", "sql"].contains(&name.text.as_str());
        (is_body && !CLAUSE_WORDS.contains(&next)).then_some(line)
    }

    fn wait(&mut self, pair: Pair<'_>, place: Place) -> Option<Statement> {
        let mut parts = self.parts(pair, "wait", place);
        if parts.peek() == Some(Rule::until_part) {
            let until = self.wait_until(parts);
            return until.map(Box::new).map(Statement::WaitUntil);
        }
        let min = self.needed_expr(&mut parts, "a duration")?;
        let mut max = None;
        if self.take(&mut parts, Rule::range).is_some() {
            max = self.needed_expr(&mut parts, "the longest duration");
        }
        self.finish(&mut parts, &[]);
        Some(Statement::Wait(Wait {
            min,
            max,
            span: parts.span,
        }))
    }

    fn expose(&mut self, pair: Pair<'_>, place: Place) -> Option<Expose> {
        let mut parts = self.parts(pair, "expose", place);
        let name = self
            .take(&mut parts, Rule::name)
            .map(|pair| self.checked_name(&pair));
        if let Some(name) = &name {
            self.exposed_by_a_sign(&mut parts, name);
        }
        let value = self.needed_expr(&mut parts, "a value");
        let within = self.maybe_part(&mut parts, Rule::within_part, "a duration");
        self.finish(&mut parts, &["within"]);
        Some(Expose {
            name,
            value: value?,
            within,
            span: parts.span,
        })
    }

    fn verify(&mut self, pair: Pair<'_>, place: Place) -> Option<Verify> {
        let mut parts = self.parts(pair, "verify", place);
        let probe = self.known_name(&mut parts, "the name of a probe");
        let (mut within, mut every) = (None, None);
        let mut seen = Seen::default();
        loop {
            match parts.peek() {
                Some(Rule::within_part) => {
                    let part = self.maybe_part(&mut parts, Rule::within_part, "a duration");
                    if self.once(&mut seen, "within", parts.last) {
                        within = part;
                    }
                }
                Some(Rule::every_part) => {
                    let part = self.maybe_part(&mut parts, Rule::every_part, "a duration");
                    if self.once(&mut seen, "every", parts.last) {
                        every = part;
                    }
                }
                Some(_) | None => break,
            }
        }
        self.finish(&mut parts, &["within", "every"]);
        Some(Verify {
            probe: probe?,
            within,
            every,
            span: parts.span,
        })
    }

    pub(super) fn notify(&mut self, pair: Pair<'_>) -> Option<Notify> {
        let mut parts = self.parts(pair, "notify", Place::Aftermath);
        let channel = self.known_name(&mut parts, "the name of a channel");
        let text = self.needed_text(&mut parts, "a text in quotes");
        self.finish(&mut parts, &[]);
        Some(Notify {
            channel: channel?,
            text: text?,
            span: parts.span,
        })
    }
}
