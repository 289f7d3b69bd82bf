//! The names that a declaration of a library uses, one after the other, so that they can be given their names elsewhere.

mod task;

use crate::source::Span;

use super::{
    Address, ChannelWay, Command, EnvVar, Expr, ExprKind, Guard, HeaderKind, Hidden, Holidays,
    Hosts, HttpGet, Item, Metric, MetricSource, Name, Probe, ProbeSource, ProviderWay, Reach,
    RequestHeader, Streak, Text, TextPart, Threshold,
};

/// What a name is looked for as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted {
    /// Something with a value: a `let`, a metric.
    Value,
    /// `query PROVIDER`
    Provider,
    /// `verify PROBE`
    Probe,
    /// `notify CHANNEL`
    Channel,
    /// `on HOSTS`
    Hosts,
    /// `TASK(…)`
    Task,
}

/// What is done with a name: it may be changed.
pub(crate) type With<'w> = &'w mut dyn FnMut(Wanted, &mut String, Span);

/// Goes through the names that an item of a library uses. The name that it declares is not among them, nor are those of stages
/// and levels, which no library knows.
pub(crate) fn uses_of_item(item: &mut Item, with: With<'_>) {
    match item {
        Item::Let(one) => in_expr(&mut one.value, with),
        Item::Provider(one) => {
            match &mut one.way {
                None => {}
                Some(ProviderWay::Prometheus(url)) => in_text(url, with),
                Some(ProviderWay::Postgres(address)) => in_hidden(address, with),
            }
            in_headers(&mut one.headers, with);
        }
        Item::Channel(one) => {
            if let Some(way) = &mut one.way {
                in_way(way, with);
            }
        }
        Item::Hosts(one) => in_hosts(one, with),
        Item::Metric(one) => uses_of_metric(one, with),
        Item::Probe(one) => in_probe(one, with),
        Item::Guard(one) => uses_of_guard(one, with),
        Item::Window(one) => {
            for holidays in &mut one.holidays {
                if let Holidays::File(path) = holidays {
                    in_text(path, with);
                }
            }
        }
        Item::Task(one) => task::in_task(one, with),
        // These do not stand in a library.
        Item::Header(_)
        | Item::Use(_)
        | Item::Param(_)
        | Item::Secret(_)
        | Item::Exposure(_)
        | Item::Adopt(_)
        | Item::Defaults(_)
        | Item::Limits(_)
        | Item::Environment(_)
        | Item::Before(_)
        | Item::Rollout(_)
        | Item::Rollback(_)
        | Item::Aftermath(_)
        | Item::Test(_)
        | Item::NotBuilt(_) => {}
    }
}

/// The names that a metric uses, that of its template left out.
pub(crate) fn uses_of_metric(metric: &mut Metric, with: With<'_>) {
    match &mut metric.source {
        None => {}
        Some(MetricSource::Query {
            provider, query, ..
        }) => {
            with(Wanted::Provider, &mut provider.text, provider.span);
            in_text(query, with);
        }
        Some(MetricSource::Http { get, select, .. }) => {
            in_http(get, with);
            in_text(select, with);
        }
        Some(MetricSource::Log { path, .. }) => in_text(path, with),
        Some(MetricSource::Tcp { address, .. }) => in_expr(address, with),
        Some(MetricSource::Command(command)) => in_command(command, with),
    }
    let settings = [
        &mut metric.every,
        &mut metric.timeout,
        &mut metric.window,
        &mut metric.lag,
        &mut metric.stale,
    ];
    for expr in settings.into_iter().flatten() {
        in_expr(expr, with);
    }
    if let Some(missing) = &mut metric.missing {
        in_expr(&mut missing.alive, with);
    }
    if let Some(enough) = &mut metric.enough {
        in_expr(enough, with);
    }
    if let Some(baseline) = &mut metric.baseline {
        in_expr(baseline.of.expr_mut(), with);
    }
    for threshold in [&mut metric.warning, &mut metric.critical] {
        in_threshold(threshold.as_mut(), with);
    }
    in_headers(&mut metric.headers, with);
}

/// The names that a guard uses.
pub(crate) fn uses_of_guard(guard: &mut Guard, with: With<'_>) {
    in_expr(&mut guard.when, with);
    match &mut guard.hold {
        None => {}
        Some(Streak::For(length)) => in_expr(length, with),
        Some(Streak::Of { breaches, samples }) => {
            in_expr(breaches, with);
            in_expr(samples, with);
        }
    }
    for expr in [&mut guard.warmup, &mut guard.coverage]
        .into_iter()
        .flatten()
    {
        in_expr(expr, with);
    }
}

fn in_hosts(hosts: &mut Hosts, with: With<'_>) {
    if let Some(command) = &mut hosts.from {
        in_command(command, with);
    }
    if let Some(config) = &mut hosts.config {
        in_expr(config, with);
    }
    in_reach(&mut hosts.reach, with);
    for host in &mut hosts.hosts {
        if let Some(at) = &mut host.at {
            in_expr(at, with);
        }
        in_reach(&mut host.reach, with);
    }
}

fn in_reach(reach: &mut Reach, with: With<'_>) {
    let all = [&mut reach.port, &mut reach.user, &mut reach.identity];
    for expr in all.into_iter().flatten() {
        in_expr(expr, with);
    }
}

fn in_threshold(threshold: Option<&mut Threshold>, with: With<'_>) {
    if let Some(threshold) = threshold {
        in_expr(&mut threshold.value, with);
    }
}

fn in_probe(probe: &mut Probe, with: With<'_>) {
    maybe_text(probe.title.as_mut(), with);
    match &mut probe.source {
        None => {}
        Some(ProbeSource::Http(get)) => in_http(get, with),
        Some(ProbeSource::Tcp { address, .. }) => in_expr(address, with),
        Some(ProbeSource::Command(command)) => in_command(command, with),
    }
    for expr in &mut probe.expects {
        in_expr(expr, with);
    }
    for expr in [&mut probe.timeout, &mut probe.dir].into_iter().flatten() {
        in_expr(expr, with);
    }
    in_env(&mut probe.env, with);
    in_headers(&mut probe.headers, with);
}

fn in_headers(headers: &mut [RequestHeader], with: With<'_>) {
    for header in headers {
        match &mut header.kind {
            HeaderKind::Plain { name: _, value } => in_expr(value, with),
            // No library declares a secret.
            HeaderKind::Bearer(_) => {}
        }
    }
}

fn in_way(way: &mut ChannelWay, with: With<'_>) {
    match way {
        ChannelWay::Log(path) => in_text(path, with),
        ChannelWay::Webhook { address, bearer } => {
            match address {
                Address::Open(url) => in_expr(url, with),
                Address::Hidden(hidden) => in_hidden(hidden, with),
            }
            if let Some(bearer) = bearer {
                in_hidden(bearer, with);
            }
        }
        ChannelWay::Slack(address) => in_hidden(address, with),
        ChannelWay::PagerDuty { key, at } => {
            in_hidden(key, with);
            if let Some(at) = at {
                in_expr(at, with);
            }
        }
        ChannelWay::Command(command) => in_command(command, with),
    }
}

fn in_hidden(hidden: &mut Hidden, with: With<'_>) {
    match hidden {
        Hidden::File(path) => in_text(path, with),
        // No library declares a secret.
        Hidden::Env(_) | Hidden::Secret(_) => {}
    }
}

fn in_http(get: &mut HttpGet, with: With<'_>) {
    in_expr(&mut get.url, with);
}

fn in_env(env: &mut [EnvVar], with: With<'_>) {
    for variable in env {
        in_expr(&mut variable.value, with);
    }
}

fn in_command(command: &mut Command, with: With<'_>) {
    match command {
        // Shell text has no names of ours; what it may read is judged when the library is checked.
        Command::Shell(_) => {}
        Command::Exec(exec) => {
            for expr in std::iter::once(&mut exec.program).chain(&mut exec.args) {
                in_expr(expr, with);
            }
        }
        Command::Block(block) => {
            for part in &mut block.parts {
                in_command(part, with);
            }
        }
        Command::Http(request) => task::in_request(request, with),
        Command::Sql(sql) => task::in_sql(sql, with),
    }
}

fn maybe_text(text: Option<&mut Text>, with: With<'_>) {
    if let Some(text) = text {
        in_text(text, with);
    }
}

fn in_text(text: &mut Text, with: With<'_>) {
    for part in &mut text.parts {
        match part {
            TextPart::Piece(_) => {}
            TextPart::Expr(expr) => in_expr(expr, with),
        }
    }
}

/// The names in an expression.
pub(crate) fn in_expr(expr: &mut Expr, with: With<'_>) {
    match &mut expr.kind {
        ExprKind::Literal(_) | ExprKind::Lost => {}
        ExprKind::Text(text) => in_text(text, with),
        ExprKind::Name(name) => with(Wanted::Value, name, expr.span),
        ExprKind::Field { of, field: _ } => {
            let Name { text, span } = of;
            with(Wanted::Value, text, *span);
        }
        ExprKind::Is { of, state: _ } => in_expr(of, with),
        ExprKind::Unary { operand, .. } => in_expr(operand, with),
        ExprKind::Binary { left, right, .. } => {
            in_expr(left, with);
            in_expr(right, with);
        }
        ExprKind::Call { name: _, args } => {
            for arg in args {
                in_expr(arg, with);
            }
        }
        ExprKind::List(items) => {
            for item in items {
                in_expr(item, with);
            }
        }
    }
}
