//! A tree as a few lines of text, to see its shape in a snapshot: expressions with all their parentheses.

mod after;
mod channel;
mod clauses;
mod hosts;
mod nested;

use std::fmt::Write;

use runbook::ast::*;

use super::outline_of_tests::days;

use channel::way;

/// One line for everything that the tree holds.
pub(super) fn outline(file: &File) -> String {
    let mut out = Outline::default();
    if let Some(title) = &file.title {
        out.line(0, &format!("{} {}", file.kind.word(), text(title)));
    }
    for item in &file.items {
        out.item(item);
    }
    out.text
}

#[derive(Default)]
struct Outline {
    text: String,
}

impl Outline {
    fn line(&mut self, depth: usize, text: &str) {
        let text = text.trim_end();
        writeln!(self.text, "{:width$}{text}", "", width = depth * 2).expect("a string grows");
    }

    fn docs(&mut self, depth: usize, docs: &Option<String>) {
        for line in docs.iter().flat_map(|docs| docs.lines()) {
            self.line(depth, &format!("# {line}"));
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Header(one) => {
                self.docs(0, &one.docs);
                let value = match &one.value {
                    HeaderValue::Word(word) => word.text.clone(),
                    HeaderValue::Text(value) => text(value),
                };
                self.line(0, &format!("{} {value}", one.key.word()));
            }
            Item::Use(one) => {
                self.line(0, &format!("use {} as {}", text(&one.path), one.name.text));
            }
            Item::Adopt(one) => {
                self.docs(0, &one.docs);
                let of = one.of.as_ref().map(|of| format!(" of {}", of.text));
                let of = of.unwrap_or_default();
                self.line(
                    0,
                    &format!("guard {} from {}{of}", one.name.text, one.from.text),
                );
                let said = [
                    ("for", one.hold.is_some()),
                    ("then", one.action.is_some()),
                    ("warmup", one.warmup.is_some()),
                    ("on blind", one.on_blind.is_some()),
                    ("coverage", one.coverage.is_some()),
                    ("during", one.during.is_some()),
                ];
                for (word, _) in said.iter().filter(|(_, said)| *said) {
                    self.line(1, word);
                }
            }
            Item::Param(one) => {
                self.docs(0, &one.docs);
                let default = one.default.as_ref().map(|one| format!(" = {}", expr(one)));
                let matching = one
                    .matching
                    .as_ref()
                    .map(|one| format!(" matching {:?}", one.text));
                self.line(
                    0,
                    &format!(
                        "param {}: {}{}{}",
                        one.name.text,
                        ty(&one.ty),
                        default.unwrap_or_default(),
                        matching.unwrap_or_default()
                    ),
                );
            }
            Item::Let(one) => {
                self.docs(0, &one.docs);
                self.line(0, &format!("let {} = {}", one.name.text, expr(&one.value)));
            }
            Item::Secret(one) => {
                let from = match &one.source {
                    SecretSource::Env(name) => format!("env {}", name.text),
                    SecretSource::File(path) => format!("file {}", text(path)),
                    SecretSource::Command(one) => command(one),
                };
                self.line(0, &format!("secret {} from {from}", one.name.text));
            }
            Item::Provider(one) => {
                let url = one.way.as_ref().map(|way| match way {
                    ProviderWay::Prometheus(url) => text(url),
                    ProviderWay::Postgres(address) => format!("postgres {address:?}"),
                });
                self.line(0, &format!("provider {} {url:?}", one.name.text));
            }
            Item::Channel(one) => {
                let way = one.way.as_ref().map_or_else(String::new, way);
                self.line(0, &format!("channel {} {way}", one.name.text));
            }
            Item::Exposure(one) => {
                let scale = one.scale.clone().unwrap_or_default();
                self.line(0, &format!("exposure {}: {scale}", one.name.text));
                for (word, call) in [("set", &one.set), ("read", &one.read)] {
                    if let Some(call) = call {
                        let timeout = call
                            .timeout
                            .as_ref()
                            .map(|one| format!(" timeout {}", expr(one)));
                        self.line(
                            1,
                            &format!(
                                "{word}{} {}",
                                timeout.unwrap_or_default(),
                                command(&call.command)
                            ),
                        );
                        self.env(2, &call.env);
                    }
                }
            }
            Item::Hosts(one) => self.hosts(one),
            Item::Metric(one) => self.metric(one),
            Item::Probe(one) => self.probe(one),
            Item::Guard(one) => self.guard(0, one),
            Item::Defaults(one) => {
                self.line(0, "defaults");
                for (word, value) in [
                    ("timeout", &one.timeout),
                    ("grace", &one.grace),
                    ("probe timeout", &one.probe_timeout),
                    ("set timeout", &one.set_timeout),
                    ("read timeout", &one.read_timeout),
                ] {
                    if let Some(value) = value {
                        self.line(1, &format!("{word} {}", expr(value)));
                    }
                }
                if let Some(retry) = &one.retry {
                    self.retry(1, retry);
                }
            }
            Item::Window(one) => {
                self.line(0, &format!("window {}", one.name.text));
                for rule in &one.rules {
                    let days: Vec<String> = rule.days.iter().map(days).collect();
                    let hours = rule
                        .hours
                        .map(|hours| format!(" {}..{}", hours.from, hours.to));
                    self.line(
                        1,
                        &format!(
                            "{} {}{}",
                            rule.kind.word(),
                            days.join(", "),
                            hours.unwrap_or_default()
                        ),
                    );
                }
                for one in &one.holidays {
                    let said = match one {
                        Holidays::File(path) => text(path),
                        Holidays::Dates(dates) => {
                            dates.iter().map(days).collect::<Vec<_>>().join(", ")
                        }
                    };
                    self.line(1, &format!("holidays {said}"));
                }
            }
            Item::Limits(one) => {
                self.line(0, "limits");
                for (word, value) in [("hold", &one.hold), ("max_gap", &one.max_gap)] {
                    if let Some(value) = value {
                        self.line(1, &format!("{word} {}", expr(value)));
                    }
                }
            }
            Item::Before(one) => {
                self.line(0, "before rollout");
                for item in &one.items {
                    match item {
                        BeforeItem::Check(one) => {
                            let name = one.name.as_ref().map(|name| name.text.as_str());
                            let title = one.title.as_ref().map(text);
                            self.line(1, &format!("check {name:?} {title:?}"));
                            self.clauses(2, &one.clauses);
                            match &one.migrations {
                                Some(pattern) => {
                                    self.line(2, &format!("migrations {}", text(pattern)));
                                }
                                None => self.command(2, &one.command),
                            }
                        }
                        BeforeItem::Confirm(one) => {
                            self.line(1, &format!("confirm {}", text(&one.title)));
                        }
                        BeforeItem::Approve(one) => self.approve(1, one),
                        BeforeItem::NotBuilt(one) => {
                            self.line(1, &format!("not built: {}", one.word))
                        }
                    }
                }
            }
            Item::Rollout(one) => {
                self.line(0, "rollout");
                for stage in &one.stages {
                    self.docs(1, &stage.docs);
                    let title = stage.title.as_ref().map(text).unwrap_or_default();
                    self.line(1, &format!("stage {} {title}", stage.name.text));
                    self.statements(2, &stage.statements);
                }
            }
            Item::Rollback(one) => {
                self.line(0, one.way.word());
                for level in &one.levels {
                    let title = level.title.as_ref().map(text).unwrap_or_default();
                    let within = level.within.as_ref().map(expr);
                    let when = level.when.as_ref().map(expr);
                    self.line(1, &format!("level {} {title}", level.name.text));
                    self.line(2, &format!("within {within:?} when {when:?}"));
                    self.statements(2, &level.statements);
                }
                if let Some(one) = &one.recovered {
                    let hold = one.hold.as_ref().map(expr);
                    self.line(
                        1,
                        &format!(
                            "recovered when {} for {hold:?} within {}",
                            expr(&one.when),
                            expr(&one.within)
                        ),
                    );
                }
            }
            Item::Aftermath(one) => {
                self.line(0, one.kind.words());
                after::lines(one).iter().for_each(|line| self.line(1, line));
            }
            Item::Environment(one) => self.line(0, &after::environment(one)),
            Item::Task(one) => {
                self.docs(0, &one.docs);
                let params: Vec<String> = one
                    .params
                    .iter()
                    .map(|param| format!("{}: {}", param.name.text, ty(&param.ty)))
                    .collect();
                self.line(0, &format!("task {}({})", one.name.text, params.join(", ")));
                self.statements(1, &one.statements);
            }
            Item::Test(one) => {
                let lines = super::outline_of_tests::lines(one);
                lines.iter().for_each(|(deep, line)| self.line(*deep, line));
            }
            Item::NotBuilt(one) => self.line(0, &format!("not built: {}", one.word)),
        }
    }

    fn metric(&mut self, one: &Metric) {
        self.docs(0, &one.docs);
        let ty = one
            .ty
            .as_ref()
            .map(|one| format!(": {}", ty(one)))
            .unwrap_or_default();
        let from = one.template.as_ref();
        let from = from.map(|from| format!(" from {}", from.text));
        let from = from.unwrap_or_default();
        self.line(0, &format!("metric {}{ty}{from}", one.name.text));
        match &one.source {
            Some(MetricSource::Query {
                provider, query, ..
            }) => {
                self.line(1, &format!("query {} {}", provider.text, text(query)));
            }
            Some(MetricSource::Http { get, select, .. }) => {
                self.line(
                    1,
                    &format!("http get {} json {}", expr(&get.url), text(select)),
                );
            }
            Some(one @ (MetricSource::Log { .. } | MetricSource::Tcp { .. })) => {
                self.line(1, &after::followed(one));
            }
            Some(MetricSource::Command(one)) => self.line(1, &command(one)),
            None => self.line(1, "no source"),
        }
        if let Some(unit) = &one.unit {
            self.line(1, &format!("unit {}", unit.unit));
        }
        let settings = [
            ("every", &one.every),
            ("timeout", &one.timeout),
            ("window", &one.window),
            ("lag", &one.lag),
            ("stale", &one.stale),
        ];
        for (word, value) in settings {
            if let Some(value) = value {
                self.line(1, &format!("{word} {}", expr(value)));
            }
        }
        if let Some(missing) = &one.missing {
            self.line(
                1,
                &format!("missing zero alive when {}", expr(&missing.alive)),
            );
        }
        if let Some(enough) = &one.enough {
            self.line(1, &format!("min {}", expr(enough)));
        }
        for (word, threshold) in [("warning", &one.warning), ("critical", &one.critical)] {
            if let Some(one) = threshold {
                self.line(1, &format!("{word} {} {}", one.op.text(), expr(&one.value)));
            }
        }
    }

    fn probe(&mut self, one: &Probe) {
        self.docs(0, &one.docs);
        let title = one.title.as_ref().map(text).unwrap_or_default();
        self.line(0, &format!("probe {} {title}", one.name.text));
        match &one.source {
            Some(ProbeSource::Http(get)) => self.line(1, &format!("http get {}", expr(&get.url))),
            Some(ProbeSource::Tcp { address, .. }) => {
                self.line(1, &format!("tcp {}", expr(address)))
            }
            Some(ProbeSource::Command(one)) => self.line(1, &command(one)),
            None => self.line(1, "no source"),
        }
        for one in &one.expects {
            self.line(1, &format!("expect {}", expr(one)));
        }
        for (word, value) in [("timeout", &one.timeout), ("in", &one.dir)] {
            if let Some(value) = value {
                self.line(1, &format!("{word} {}", expr(value)));
            }
        }
        self.env(1, &one.env);
    }

    fn guard(&mut self, depth: usize, one: &Guard) {
        self.docs(depth, &one.docs);
        self.line(
            depth,
            &format!("guard {} when {}", one.name.text, expr(&one.when)),
        );
        match &one.hold {
            Some(Streak::For(time)) => self.line(depth + 1, &format!("for {}", expr(time))),
            Some(Streak::Of { breaches, samples }) => {
                self.line(
                    depth + 1,
                    &format!("for {} of {}", expr(breaches), expr(samples)),
                );
            }
            None => {}
        }
        let from = |from: &Option<Name>| {
            let name = from.as_ref().map(|name| format!(" from {}", name.text));
            format!("rollback{}", name.unwrap_or_default())
        };
        let action = match &one.action {
            GuardAction::Rollback { from: level } => from(level),
            GuardAction::Decide { within, otherwise } => {
                let otherwise = match otherwise {
                    Otherwise::Rollback { from: level } => from(level),
                    Otherwise::Continue => "continue".to_owned(),
                };
                format!("decide within {} else {otherwise}", expr(within))
            }
            GuardAction::Hold => "hold".to_owned(),
            GuardAction::Warn => "warn".to_owned(),
        };
        self.line(depth + 1, &format!("then {action}"));
        for (word, value) in [("warmup", &one.warmup), ("coverage", &one.coverage)] {
            if let Some(value) = value {
                self.line(depth + 1, &format!("{word} {}", expr(value)));
            }
        }
        if let Some(blind) = &one.on_blind {
            let action = match &blind.action {
                BlindAction::Hold => "hold".to_owned(),
                BlindAction::Rollback => "rollback".to_owned(),
                BlindAction::Ignore(reason) => format!("ignore {}", text(reason)),
            };
            self.line(depth + 1, &format!("on blind {action}"));
        }
        if let Some(range) = &one.during {
            self.line(
                depth + 1,
                &format!("during {}..{}", range.first.text, range.last.text),
            );
        }
    }

    pub(super) fn statements(&mut self, depth: usize, statements: &[Statement]) {
        for one in statements {
            match one {
                Statement::Step(one) => {
                    self.docs(depth, &one.docs);
                    let title = one.title.as_ref().map(text).unwrap_or_default();
                    self.line(depth, &format!("step {} {title}", one.name.text));
                    self.clauses(depth + 1, &one.clauses);
                    self.command(depth + 1, &one.command);
                }
                Statement::Command(one) => self.line(depth, &command(one)),
                Statement::Wait(one) => {
                    let max = one.max.as_ref().map(|max| format!("..{}", expr(max)));
                    self.line(
                        depth,
                        &format!("wait {}{}", expr(&one.min), max.unwrap_or_default()),
                    );
                }
                Statement::WaitUntil(one) => {
                    let (when, within) = (expr(&one.when), expr(&one.within));
                    self.line(depth, &format!("wait until {when} within {within}"));
                }
                Statement::Expose(one) => {
                    let name = one.name.as_ref().map(|name| name.text.as_str());
                    let within = one.within.as_ref().map(expr);
                    self.line(
                        depth,
                        &format!("expose {name:?} {} within {within:?}", expr(&one.value)),
                    );
                }
                Statement::Verify(one) => {
                    let within = one.within.as_ref().map(expr);
                    let every = one.every.as_ref().map(expr);
                    self.line(
                        depth,
                        &format!(
                            "verify {} within {within:?} every {every:?}",
                            one.probe.text
                        ),
                    );
                }
                Statement::Notify(one) => {
                    let said = text(&one.text);
                    self.line(depth, &format!("notify {} {said}", one.channel.text));
                }
                Statement::Fail(one) => self.line(depth, &format!("fail {}", text(&one.why))),
                Statement::Guard(one) => self.guard(depth, one),
                Statement::Approve(one) => self.approve(depth, one),
                Statement::Capture(one) => {
                    self.docs(depth, &one.docs);
                    let default = one.default.as_ref().map(expr);
                    self.line(
                        depth,
                        &format!(
                            "capture {}: {} default {default:?}",
                            one.name.text,
                            ty(&one.ty)
                        ),
                    );
                    self.clauses(depth + 1, &one.clauses);
                    self.command(depth + 1, &one.command);
                }
                one @ (Statement::Parallel(_) | Statement::For(_) | Statement::If(_)) => {
                    self.nested(depth, one);
                }
                Statement::Call(one) => {
                    let args: Vec<String> = one.args.iter().map(expr).collect();
                    self.line(
                        depth,
                        &format!("call {}({})", one.name.text, args.join(", ")),
                    );
                }
                Statement::Undo(_) => self.line(depth, "undo"),
                Statement::NoReturn(one) => {
                    self.line(depth, &format!("no return {:?}", text(&one.why)));
                }
                Statement::NotBuilt(one) => self.line(depth, &format!("not built: {}", one.word)),
            }
        }
    }

    fn env(&mut self, depth: usize, env: &[EnvVar]) {
        for one in env {
            self.line(
                depth,
                &format!("env {} = {}", one.name.text, expr(&one.value)),
            );
        }
    }

    fn command(&mut self, depth: usize, one: &Option<Command>) {
        match one {
            Some(one) => self.line(depth, &command(one)),
            None => self.line(depth, "no command"),
        }
    }
}

fn ty(one: &TypeRef) -> String {
    one.ty.as_ref().map_or("?".to_owned(), ToString::to_string)
}

fn command(one: &Command) -> String {
    match one {
        Command::Shell(shell) => match shell.form {
            ShellForm::Line => format!("$ {:?}", shell.text),
            ShellForm::Script => format!("sh {:?}", shell.text),
        },
        Command::Exec(exec) => {
            let args: Vec<String> = exec.args.iter().map(expr).collect();
            format!("exec {} [{}]", expr(&exec.program), args.join(", "))
        }
        Command::Sql(sql) => format!("sql {} {}", sql.provider.text, text(&sql.file)),
        Command::Http(request) => {
            let headers: Vec<String> = request
                .headers
                .iter()
                .map(|header| match &header.kind {
                    HeaderKind::Plain { name, value } => {
                        format!("header {} {}", text(name), expr(value))
                    }
                    HeaderKind::Bearer(secret) => format!("bearer {}", secret.text),
                })
                .collect();
            let body = request.body.as_ref().map(text);
            let expects: Vec<String> = request.expects.iter().map(expr).collect();
            format!(
                "http {} {} [{}] {} [{}]",
                request.method.text,
                expr(&request.url),
                headers.join("; "),
                body.unwrap_or_default(),
                expects.join("; ")
            )
        }
        Command::Block(block) => {
            let parts: Vec<String> = block.parts.iter().map(command).collect();
            format!("{{ {} }}", parts.join("; "))
        }
    }
}

fn text(one: &Text) -> String {
    let parts: Vec<String> = one
        .parts
        .iter()
        .map(|part| match part {
            TextPart::Piece(piece) => format!("{piece:?}"),
            TextPart::Expr(one) => expr(one),
        })
        .collect();
    format!("<{}>", parts.join(" "))
}

pub(super) fn expr(one: &Expr) -> String {
    match &one.kind {
        ExprKind::Literal(value) => value.to_string(),
        ExprKind::Text(one) => text(one),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Field { of, field } => format!("{}.{}", of.text, field.text),
        ExprKind::Is { of, state } => format!("({} is {})", expr(of), state.word()),
        ExprKind::Unary { op, operand, .. } => format!("({} {})", op.text(), expr(operand)),
        ExprKind::Binary {
            op, left, right, ..
        } => {
            format!("({} {} {})", expr(left), op.text(), expr(right))
        }
        ExprKind::Call { name, args } => {
            let args: Vec<String> = args.iter().map(expr).collect();
            format!("{}({})", name.text, args.join(", "))
        }
        ExprKind::List(items) => {
            let items: Vec<String> = items.iter().map(expr).collect();
            format!("[{}]", items.join(", "))
        }
        ExprKind::Lost => "?".to_owned(),
    }
}
