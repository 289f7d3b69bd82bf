//! Texts that are filled in while the run goes, and commands.

use crate::ast::{Command, EnvVar, Exec, Expr, ExprKind, Text, TextPart};
use crate::diag::factory::check as say;

use super::Checker;
use super::constant::expr_of;
use super::ids::{CaptureId, ExposureId};
use super::names::{BUILT_IN, Sort};
use super::place::Place;
use super::tree;

impl Checker<'_> {
    /// A text for people that may name what only the run knows.
    pub(super) fn template(&mut self, text: &Text, place: Place) -> Option<tree::Template> {
        self.named_as_elsewhere(text);
        self.filled_in(text, place)
    }

    fn filled_in(&mut self, text: &Text, place: Place) -> Option<tree::Template> {
        let pieces: Vec<Option<tree::Piece>> = text
            .parts
            .iter()
            .map(|part| match part {
                TextPart::Piece(text) => Some(tree::Piece::Text(text.clone())),
                TextPart::Expr(expr) => self.piece(expr, place),
            })
            .collect();
        let pieces: Option<Vec<tree::Piece>> = pieces.into_iter().collect();
        pieces.map(tree::Template)
    }

    /// An expression as a template: a text is filled in, a name or a literal is its value.
    pub(super) fn template_of(&mut self, expr: &Expr, place: Place) -> Option<tree::Template> {
        match expr.text() {
            Some(text) => self.filled_in(text, place),
            None => self
                .piece(expr, place)
                .map(|piece| tree::Template(vec![piece])),
        }
    }

    fn piece(&mut self, expr: &Expr, place: Place) -> Option<tree::Piece> {
        if let ExprKind::Name(name) = &expr.kind {
            let live = tree::LiveWord::ALL
                .into_iter()
                .find(|live| live.word() == name);
            if let Some(live) = live {
                if place.knows(live) {
                    return Some(tree::Piece::Live(live));
                }
                self.found.push(say::word_not_here(
                    (expr.span, name),
                    place.words(),
                    Place::home(live),
                ));
                return None;
            }
            if let Some((Sort::Exposure, index)) = self.names.value(name) {
                return Some(tree::Piece::Exposure(ExposureId(index)));
            }
            if let Some((Sort::Capture, index)) = self.names.value(name) {
                return Some(tree::Piece::Capture(CaptureId(index)));
            }
            let meaning = BUILT_IN.iter().find(|(word, _)| word == name);
            let value = self.names.value(name);
            if let Some((Sort::Metric, _)) = value {
                self.found.push(say::not_in_text(
                    expr.span,
                    name,
                    "a metric is judged by conditions",
                ));
                return None;
            }
            if let (Some((_, meaning)), None) = (meaning, value)
                && name != "service"
            {
                self.found.push(say::not_in_text(
                    expr.span,
                    name,
                    &format!("this is {meaning}"),
                ));
                return None;
            }
        }
        self.constant(expr, None)?;
        Some(tree::Piece::Value(expr.clone()))
    }

    /// A command, and the secrets that it names.
    pub(super) fn command(
        &mut self,
        command: &Command,
        place: Place,
    ) -> Option<(tree::Command, Vec<String>)> {
        match command {
            Command::Shell(shell) => {
                let secrets = self.shell(shell, place)?;
                Some((tree::Command::Shell(shell.text.clone()), secrets))
            }
            Command::Exec(exec) => self.exec(exec, place).map(|argv| (argv, Vec::new())),
            Command::Sql(sql) => {
                let sql = self.sql(sql)?;
                Some((tree::Command::Sql(Box::new(sql)), Vec::new()))
            }
            Command::Http(request) => {
                let request = self.request(request, place)?;
                Some((tree::Command::Http(Box::new(request)), Vec::new()))
            }
            Command::Block(block) => {
                let read: Vec<_> = block
                    .parts
                    .iter()
                    .map(|part| self.command(part, place))
                    .collect();
                self.whole_block(block);
                let (mut parts, mut secrets) = (Vec::new(), Vec::new());
                for one in read {
                    let (part, named) = one?;
                    parts.push(part);
                    for secret in named {
                        if !secrets.contains(&secret) {
                            secrets.push(secret);
                        }
                    }
                }
                Some((tree::Command::Block(parts), secrets))
            }
        }
    }

    /// A command to which no secret is handed.
    pub(super) fn command_without_secrets(
        &mut self,
        command: &Command,
        (place, what): (Place, &str),
    ) -> Option<tree::Command> {
        let (read, secrets) = self.command(command, place)?;
        match secrets.first() {
            None => Some(read),
            Some(secret) => {
                self.found
                    .push(say::secret_not_here(command.span(), secret, what));
                None
            }
        }
    }

    fn exec(&mut self, exec: &Exec, place: Place) -> Option<tree::Command> {
        let argv: Vec<Option<tree::Template>> = std::iter::once(&exec.program)
            .chain(&exec.args)
            .map(|expr| self.template_of(expr, place))
            .collect();
        let argv: Option<Vec<tree::Template>> = argv.into_iter().collect();
        if !is_shell(exec) {
            for text in exec.args.iter().filter_map(Expr::text) {
                self.named_as_elsewhere(text);
            }
        }
        if let ExprKind::Text(program) = &exec.program.kind
            && let Some(name) = program.plain()
        {
            self.needs(name, self.file.line(exec.span.start));
            let word = |expr: &'_ Expr| {
                if let ExprKind::Text(text) = &expr.kind
                    && let Some(plain) = text.plain()
                {
                    plain.to_owned()
                } else {
                    "…".to_owned()
                }
            };
            let words: Vec<String> = exec.args.iter().map(word).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            self.wanted_by_program(exec.program.span, (name, &words));
        }
        argv.map(tree::Command::Exec)
    }

    /// The entries of an `env` block.
    pub(super) fn env(
        &mut self,
        env: &[EnvVar],
        place: Place,
    ) -> Option<Vec<(String, tree::EnvValue)>> {
        let mut all = Some(Vec::new());
        for variable in env {
            let value = match self.secret_named(&variable.value) {
                Some(secret) => Some(tree::EnvValue::Secret(secret)),
                None => {
                    if let Some(text) = variable.value.text() {
                        self.named_as_elsewhere(text);
                    }
                    self.template_of(&variable.value, place)
                        .map(tree::EnvValue::Text)
                }
            };
            match (value, &mut all) {
                (Some(value), Some(all)) => all.push((variable.name.text.clone(), value)),
                (_, _) => all = None,
            }
        }
        all
    }

    /// A file's path or another text that is known before the run.
    pub(super) fn path(&mut self, text: &Text, what: &str) -> Option<Expr> {
        self.named_as_elsewhere(text);
        self.expect(&expr_of(text), &crate::value::Type::Path, what)
    }
}

/// Whether a program reads its arguments as shell text, in which a dollar means something.
fn is_shell(exec: &Exec) -> bool {
    let program = exec.program.text().and_then(Text::plain);
    let name = program.and_then(|program| program.rsplit('/').next());
    matches!(
        name,
        Some("sh" | "bash" | "dash" | "ksh" | "zsh" | "ssh" | "su" | "sudo" | "env")
    )
}
