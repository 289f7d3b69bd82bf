//! Metrics, and the secrets and places that they and others name.

use crate::ast::{
    BaselineOf, CompareOp, HttpGet, Metric, MetricSource, Provider, ProviderWay, Secret,
    SecretSource,
};
use crate::ast::{Text, Threshold};
use crate::diag::factory::check as say;
use crate::source::Span;
use crate::value::{Type, Unit};

use super::Checker;
use super::constant::{Meant, sample_of};
use super::ids::{MetricId, ProviderId};
use super::names::Sort;
use super::place::{Place, Watch};
use super::shell::Role;
use super::tree;
use super::types::described;

/// The type that a metric's samples have; the unit decides it, and without one what the file says.
pub(super) fn ty(metric: &Metric) -> Option<Type> {
    let declared = metric.ty.as_ref().and_then(|ty| ty.ty.clone());
    match &metric.unit {
        Some(unit) => Some(unit.unit.ty()),
        None => declared,
    }
}

impl Checker<'_> {
    pub(super) fn secret(&mut self, secret: &Secret) -> Option<tree::Secret> {
        let from = match &secret.source {
            SecretSource::Env(name) => tree::SecretSource::Env(name.text.clone()),
            SecretSource::File(path) => {
                tree::SecretSource::File(self.path(path, "the file of a secret")?)
            }
            SecretSource::Command(command) => {
                tree::SecretSource::Command(self.in_role(Role::Secret, |checker| {
                    let here = (Place::AnyTime, "the command of a secret");
                    checker.command_without_secrets(command, here)
                })?)
            }
        };
        Some(tree::Secret {
            name: secret.name.text.clone(),
            from,
        })
    }

    pub(super) fn provider(&mut self, provider: &Provider) -> Option<tree::Provider> {
        let way = match self.part(provider.way.as_ref())? {
            ProviderWay::Prometheus(url) => {
                tree::ProviderWay::Prometheus(self.url_text(url, "the address of a provider")?)
            }
            ProviderWay::Postgres(address) => {
                self.needless_headers(&provider.headers, "take it away");
                tree::ProviderWay::Postgres(self.hidden(address)?)
            }
        };
        Some(tree::Provider {
            name: provider.name.text.clone(),
            way,
            headers: self.request_headers(&provider.headers, Place::AnyTime)?,
        })
    }

    /// Whether the file only declares things for others: its metrics may be templates.
    pub(super) fn is_library(&self) -> bool {
        self.ast.kind == crate::ast::FileKind::Library
    }

    pub(super) fn metric(&mut self, metric: &Metric) -> Option<tree::Metric> {
        if !metric.not_built.is_empty() {
            self.incomplete();
        }
        let name = (metric.name.span, metric.name.text.as_str());
        let source = match &metric.source {
            Some(source) => self.metric_source(source),
            None if self.is_library() => None,
            None if metric.not_built.is_empty() => {
                self.found.push(say::metric_without_source(name));
                None
            }
            None => None,
        };
        self.unit_of_source(metric);
        match &metric.source {
            Some(MetricSource::Http { .. }) | None => {}
            Some(MetricSource::Query { .. }) => self.needless_headers(
                &metric.headers,
                "put it into the block of the provider, which is asked",
            ),
            Some(
                MetricSource::Log { .. } | MetricSource::Tcp { .. } | MetricSource::Command(_),
            ) => {
                self.needless_headers(&metric.headers, "take it away");
            }
        }
        let headers = self.request_headers(&metric.headers, Place::AnyTime);
        let unit = match (&metric.unit, &metric.ty) {
            (Some(unit), declared) => {
                if let Some(declared) = declared
                    && let Some(ty) = &declared.ty
                    && !agrees(ty, &unit.unit.ty())
                {
                    self.found.push(say::unit_disagrees(
                        (unit.span, unit.unit.word()),
                        &described(&unit.unit.ty()),
                        (declared.span, &ty.to_string()),
                        &spoken(metric).map_or_else(|| units_of(ty), |_| Vec::new()),
                    ));
                }
                Some(unit.unit)
            }
            // The metric that is made of a template says what its source speaks.
            (None, Some(_)) if self.is_library() && metric.source.is_none() => None,
            (None, declared) => {
                let spoken = spoken(metric);
                let units = match spoken {
                    Some((unit, _)) => vec![unit.word()],
                    None => declared
                        .as_ref()
                        .and_then(|declared| declared.ty.as_ref())
                        .map(units_of)
                        .unwrap_or_default(),
                };
                let speaks = spoken.map(|(unit, speaks)| {
                    let ty = declared.as_ref().and_then(|declared| declared.ty.as_ref());
                    let other = ty.filter(|ty| !agrees(ty, &unit.ty()));
                    (speaks, other.map(ToString::to_string))
                });
                let speaks = speaks.as_ref().map(|(speaks, ty)| (*speaks, ty.as_deref()));
                self.found
                    .push(say::metric_without_unit(name, &units, speaks));
                None
            }
        };
        if let (Some(MetricSource::Query { query, .. }), Some(unit)) =
            (&metric.source, &metric.unit)
        {
            self.strange_unit(name.1, query, (unit.span, unit.unit));
        }
        let mut duration = |expr: &Option<crate::ast::Expr>, what: &str| {
            self.expect_if_there(expr.as_ref(), &Type::Duration, what)
        };
        let every = duration(&metric.every, "`every`");
        let timeout = duration(&metric.timeout, "`timeout`");
        let window = duration(&metric.window, "`window`");
        let lag = duration(&metric.lag, "`lag`");
        let stale = duration(&metric.stale, "`stale`");
        let zero_when = match &metric.missing {
            None => Some(None),
            Some(missing) => self.alive(&missing.alive, name).map(Some),
        };
        let counts_when = match &metric.enough {
            None => Some(None),
            Some(enough) => self.enough(enough, name).map(Some),
        };
        let baseline = self.baseline(metric);
        let warning = self.threshold(metric.warning.as_ref(), metric);
        let critical = self.threshold(metric.critical.as_ref(), metric);
        Some(tree::Metric {
            id: MetricId(self.names.get(Sort::Metric, &metric.name.text)?),
            name: metric.name.text.clone(),
            source: source?,
            unit: unit?,
            every: every?,
            timeout: timeout?,
            window: window?,
            lag: lag?,
            stale: stale?,
            zero_when: zero_when?,
            counts_when: counts_when?,
            baseline: baseline?,
            warning: warning?,
            critical: critical?,
            headers: headers?,
            span: metric.name.span,
        })
    }

    /// What shows that a value stands on enough: another metric must say it.
    fn enough(
        &mut self,
        expr: &crate::ast::Expr,
        (span, name): (Span, &str),
    ) -> Option<tree::Condition> {
        let condition = self.condition(expr, Watch::Enough)?;
        let own = self.names.get(Sort::Metric, name);
        let is_other = condition.metrics.iter().any(|id| Some(id.0) != own);
        if !is_other {
            let enough = (expr.span, condition.text.as_str());
            self.found.push(say::enough_by_itself(enough, (span, name)));
            return None;
        }
        Some(condition)
    }

    /// What shows that the source is alive although this metric has no value: other metrics must say it.
    fn alive(
        &mut self,
        expr: &crate::ast::Expr,
        (span, name): (Span, &str),
    ) -> Option<tree::Condition> {
        let condition = self.condition(expr, Watch::Alive)?;
        let own = self.names.get(Sort::Metric, name);
        let reads_itself = condition.metrics.iter().any(|id| Some(id.0) == own);
        if condition.metrics.is_empty() || reads_itself {
            let other = self
                .names
                .of(Sort::Metric)
                .find(|other| *other != name)
                .map(|other| self.breach_of(other));
            self.found.push(say::alive_by_itself(
                expr.span,
                (span, name),
                other.as_deref(),
            ));
            return None;
        }
        Some(condition)
    }

    /// A comparison of a metric with something of its type, for examples.
    pub(super) fn breach_of(&self, name: &str) -> String {
        let index = self.names.get(Sort::Metric, name);
        let known = index.and_then(|index| self.types.metrics.get(index as usize));
        let ty = known.cloned().flatten();
        let value = ty.map_or_else(|| "10".into(), |ty| sample_of(&ty));
        format!("{name} > {value}")
    }

    fn metric_source(&mut self, source: &MetricSource) -> Option<tree::MetricSource> {
        match source {
            MetricSource::Query {
                provider, query, ..
            } => {
                let provider_id = self.find(Sort::Provider, provider).map(ProviderId);
                self.queried(provider);
                self.named_as_elsewhere_in_query(query);
                self.seen_in_query(query);
                self.closed_query(query);
                let text = self.known_text(query, "a query");
                if query.plain().is_some_and(|text| text.trim().is_empty()) {
                    self.found.push(say::empty_text(query.span, "a query"));
                }
                Some(tree::MetricSource::Query {
                    provider: provider_id?,
                    query: text?,
                })
            }
            MetricSource::Http { get, select, .. } => {
                let url = self.http(get);
                let filter = self.plain_filter(select);
                Some(tree::MetricSource::Http {
                    url: url?,
                    filter: filter?,
                })
            }
            MetricSource::Log { path, pattern, .. } => {
                let path = self.path(path, "the file of a metric");
                let is_fine = match regex::bytes::Regex::new(&pattern.text) {
                    Ok(_) => Some(()),
                    Err(error) => {
                        let why = super::header::last_line(&error.to_string());
                        self.found.push(say::bad_pattern(pattern.span, &why));
                        None
                    }
                };
                is_fine?;
                Some(tree::MetricSource::Log {
                    path: path?,
                    pattern: pattern.text.clone(),
                })
            }
            MetricSource::Tcp { address, .. } => {
                let address = self.expect(address, &Type::Text, "an address")?;
                Some(tree::MetricSource::Tcp(address))
            }
            MetricSource::Command(command) => Some(tree::MetricSource::Command(
                self.in_role(Role::Metric, |checker| {
                    checker.command_without_secrets(command, (Place::AnyTime, "a metric"))
                })?,
            )),
        }
    }

    pub(super) fn http(&mut self, get: &HttpGet) -> Option<crate::ast::Expr> {
        self.url_of_request(&get.url, "the address that is asked")
    }

    fn plain_filter(&mut self, text: &Text) -> Option<String> {
        let Some(plain) = text.plain() else {
            self.found
                .push(say::no_interpolation(text.span, "`json(…)`"));
            return None;
        };
        self.filter(plain, text.span)?;
        Some(plain.to_owned())
    }

    /// A jq filter that compiles.
    pub(super) fn filter(&mut self, filter: &str, span: Span) -> Option<()> {
        match super::filter::fault(filter) {
            None => Some(()),
            Some(why) => {
                self.found.push(say::bad_filter(span, &why));
                None
            }
        }
    }

    /// What is counted in a file is a rate, and what connecting takes is a time, whatever the file says.
    fn unit_of_source(&mut self, metric: &Metric) {
        let Some((speaks, what)) = spoken(metric) else {
            return;
        };
        if let Some(unit) = &metric.unit
            && unit.unit != speaks
        {
            self.incomplete();
            self.found.push(say::unit_of_source(
                (unit.span, unit.unit.word()),
                what,
                speaks.word(),
            ));
        }
    }

    fn baseline(&mut self, metric: &Metric) -> Option<Option<tree::Baseline>> {
        let Some(baseline) = &metric.baseline else {
            return Some(None);
        };
        let of = match &baseline.of {
            BaselineOf::Measured(over) => self
                .expect(over, &Type::Duration, "`measured over`")
                .map(tree::BaselineOf::Measured),
            // Without a unit there is no type to hold it against; the missing unit was reported.
            BaselineOf::Value(value) => match ty(metric) {
                Some(ty) => {
                    let what = ("the baseline of this metric", Meant::Sample);
                    let value = self.expect_meant(value, &ty, what);
                    value.map(tree::BaselineOf::Value)
                }
                None => self.part(None),
            },
        };
        Some(Some(tree::Baseline {
            of: of?,
            span: baseline.span,
        }))
    }

    fn threshold(
        &mut self,
        threshold: Option<&Threshold>,
        metric: &Metric,
    ) -> Option<Option<tree::Threshold>> {
        let Some(threshold) = threshold else {
            return Some(None);
        };
        let has_side = match threshold.op {
            CompareOp::Less
            | CompareOp::LessOrEqual
            | CompareOp::Greater
            | CompareOp::GreaterOrEqual => true,
            CompareOp::Equal | CompareOp::NotEqual => false,
        };
        if !has_side {
            self.found.push(say::threshold_has_no_side(
                threshold.op_span,
                threshold.op.text(),
            ));
        }
        // Without a unit there is no type to hold it against; the missing unit was reported.
        let value = match ty(metric) {
            Some(ty) => self.expect_meant(
                &threshold.value,
                &ty,
                ("a threshold of this metric", Meant::Sample),
            ),
            None => self.part(None),
        };
        let op = has_side.then_some(threshold.op);
        Some(Some(tree::Threshold {
            op: op?,
            value: value?,
            span: threshold.span,
        }))
    }
}

/// Whether a declared type names what the unit makes: a count is a number, and may be called whole.
fn agrees(declared: &Type, of_unit: &Type) -> bool {
    declared == of_unit || (*declared == Type::Int && *of_unit == Type::Number)
}

/// The units that make a type.
fn units_of(ty: &Type) -> Vec<&'static str> {
    crate::value::Unit::ALL
        .into_iter()
        .filter(|unit| agrees(ty, &unit.ty()))
        .map(crate::value::Unit::word)
        .collect()
}

/// The unit of a source that has only one, and what it counts in words.
fn spoken(metric: &Metric) -> Option<(Unit, &'static str)> {
    match metric.source.as_ref()? {
        MetricSource::Log { .. } => Some((Unit::PerSecond, "lines a second")),
        MetricSource::Tcp { .. } => Some((Unit::Seconds, "seconds")),
        MetricSource::Query { .. } | MetricSource::Http { .. } | MetricSource::Command(_) => None,
    }
}
