//! Metrics and probes.

use crate::ast::{
    Baseline, BaselineOf, BinaryOp, CompareOp, Expr, ExprKind, Metric, MetricSource, Missing,
    Probe, ProbeSource, Threshold, UnitRef,
};
use crate::diag::factory::syntax as say;
use crate::source::Span;
use crate::value::Unit;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::around::head;
use super::expr::compare_op;
use super::{Lower, Pair, Seen, inside};

impl Lower<'_> {
    pub(super) fn metric(&mut self, pair: Pair<'_>) -> Option<Metric> {
        let mut parts = self.parts(pair, "metric", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        let mut metric = Metric {
            name,
            ty: None,
            template: None,
            source: None,
            unit: None,
            every: None,
            timeout: None,
            window: None,
            lag: None,
            stale: None,
            missing: None,
            enough: None,
            baseline: None,
            warning: None,
            critical: None,
            headers: Vec::new(),
            not_built: Vec::new(),
            span: parts.span,
            docs: self.docs(parts.span),
        };
        if matches!(parts.peek(), Some(Rule::colon)) {
            self.separator(&mut parts, Rule::colon, ":");
            match self.take(&mut parts, Rule::type_ref) {
                Some(pair) => metric.ty = Some(self.type_ref(pair)),
                None => self.need(&mut parts, "a type"),
            }
        }
        if let Some(template) = self.take(&mut parts, Rule::template) {
            match template.into_inner().next() {
                Some(name) => metric.template = Some(self.qualified_name(&name)),
                None => self.need(&mut parts, "the name of a metric of a library"),
            }
        }
        match self.take(&mut parts, Rule::metric_block) {
            // A template may say it all.
            None if metric.template.is_some() => {}
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                let mut seen = Seen::default();
                for line in inside(block) {
                    self.metric_line(line, &mut metric, &mut seen);
                }
            }
        }
        self.finish(&mut parts, &["from"]);
        Some(metric)
    }

    fn metric_line(&mut self, pair: Pair<'_>, metric: &mut Metric, seen: &mut Seen) {
        let span = self.span(&pair);
        if pair.as_rule() != Rule::stray {
            self.last_was_noise = false;
        }
        match pair.as_rule() {
            Rule::setting => {
                if let Some((word, value)) = self.setting(pair, Place::Metric)
                    && self.once(seen, word, span)
                {
                    match word {
                        "every" => metric.every = value,
                        "timeout" => metric.timeout = value,
                        "window" => metric.window = value,
                        "lag" => metric.lag = value,
                        _stale => metric.stale = value,
                    }
                }
            }
            Rule::threshold => {
                let (is_warning, threshold) = self.threshold(pair);
                let word = if is_warning { "warning" } else { "critical" };
                if self.once(seen, word, span) {
                    *(if is_warning {
                        &mut metric.warning
                    } else {
                        &mut metric.critical
                    }) = threshold;
                }
            }
            Rule::baseline => {
                let baseline = self.baseline(pair);
                if self.once(seen, "baseline", span) {
                    metric.baseline = baseline;
                }
            }
            Rule::unit => {
                let unit = self.unit(pair);
                if self.once(seen, "unit", span) {
                    metric.unit = unit;
                }
            }
            Rule::missing => {
                let missing = self.missing(pair);
                if self.once(seen, "missing", span) {
                    metric.missing = missing;
                }
            }
            Rule::enough => {
                let enough = self.enough(pair);
                if self.once(seen, "min", span) {
                    metric.enough = enough;
                }
            }
            Rule::query
            | Rule::http
            | Rule::log_lines
            | Rule::tcp
            | Rule::shell
            | Rule::script
            | Rule::exec => {
                let source = self.metric_source(pair);
                if self.once(seen, "the source", span) {
                    metric.source = source;
                }
            }
            Rule::header_line | Rule::bearer_line => {
                let header = self.request_header(pair, Place::Metric, seen);
                metric.headers.extend(header);
            }
            Rule::junk => self.left_over(&pair),
            Rule::waive => self.waive(pair),
            _stray => {
                let not_built = self.stray(pair, Place::Metric);
                metric.not_built.extend(not_built);
            }
        }
    }

    /// Text after a command in a block, which takes nothing more.
    pub(super) fn left_over(&mut self, pair: &Pair<'_>) {
        let span = self.span(pair);
        self.note_lost(pair.as_str());
        let tail = super::Tail {
            text: pair.as_str(),
            span,
            after: "",
            after_span: crate::source::Span::at(span.start),
            after_expr: false,
            before: "",
        };
        let said = super::recover::tail(&tail, "a command", None, &[]);
        self.diagnostics.push(said);
    }

    fn metric_source(&mut self, pair: Pair<'_>) -> Option<MetricSource> {
        match pair.as_rule() {
            Rule::query => {
                let mut parts = self.parts(pair, "query", Place::Metric);
                let provider = self.known_name(&mut parts, "the name of a provider")?;
                let query = self.needed_text(&mut parts, "a query in quotes");
                self.finish(&mut parts, &[]);
                Some(MetricSource::Query {
                    provider,
                    query: query?,
                    span: parts.span,
                })
            }
            Rule::http => {
                let (get, select) = self.http(pair, Place::Metric)?;
                let span = get.span;
                Some(MetricSource::Http {
                    get,
                    select: select?,
                    span,
                })
            }
            Rule::log_lines => {
                let mut parts = self.parts(pair, "log", Place::Metric);
                let path = self.needed_text(&mut parts, "the path of a file in quotes");
                let mut pattern = None;
                match self.take(&mut parts, Rule::matching_part) {
                    Some(part) => match part.into_inner().next() {
                        Some(written) => pattern = Some(self.pattern(&written)),
                        None => self.need(&mut parts, "a pattern between slashes"),
                    },
                    None => self.need(&mut parts, "`matching` with a pattern between slashes"),
                }
                self.finish(&mut parts, &["matching"]);
                Some(MetricSource::Log {
                    path: path?,
                    pattern: pattern?,
                    span: parts.span,
                })
            }
            Rule::tcp => {
                let mut parts = self.parts(pair, "tcp", Place::Metric);
                let address = self.needed_expr(&mut parts, "an address such as \"db:5432\"");
                self.finish(&mut parts, &[]);
                Some(MetricSource::Tcp {
                    address: address?,
                    span: parts.span,
                })
            }
            _command => self.command(pair).map(MetricSource::Command),
        }
    }

    /// `WORD VALUE`, for a word that has a value in this place.
    pub(super) fn setting(
        &mut self,
        pair: Pair<'_>,
        place: Place,
    ) -> Option<(&'static str, Option<Expr>)> {
        const WORDS: [&str; 7] = [
            "every", "timeout", "window", "lag", "stale", "warmup", "coverage",
        ];
        let written = pair.clone().into_inner().next()?;
        let word = WORDS.into_iter().find(|word| *word == written.as_str())?;
        if !place.knows(word) {
            self.stray(pair, place);
            return None;
        }
        let what = if word == "coverage" {
            "a percentage"
        } else {
            "a duration"
        };
        let mut parts = self.parts(pair, word, place);
        self.take(&mut parts, Rule::setting_word);
        self.no_separator(&mut parts);
        let value = self.needed_expr(&mut parts, what);
        self.finish(&mut parts, &[]);
        Some((word, value))
    }

    fn threshold(&mut self, pair: Pair<'_>) -> (bool, Option<Threshold>) {
        let is_warning = pair.as_str().starts_with("warning");
        let word = if is_warning { "warning" } else { "critical" };
        let mut parts = self.parts(pair, word, Place::Metric);
        self.take(&mut parts, Rule::threshold_word);
        self.no_separator(&mut parts);
        let Some(op) = self.take(&mut parts, Rule::compare) else {
            if matches!(parts.peek(), Some(Rule::expr)) {
                parts.inner.next();
            }
            self.need(&mut parts, "`>` or `<`");
            self.finish(&mut parts, &[]);
            return (is_warning, None);
        };
        let op_span = self.span(&op);
        let value = self.needed_expr(&mut parts, "a value");
        self.finish(&mut parts, &[]);
        let threshold = value.map(|value| Threshold {
            op: compare_op(op.as_str()),
            op_span,
            value,
            span: parts.span,
        });
        (is_warning, threshold)
    }

    /// `baseline VALUE`, `baseline measured over D`
    fn baseline(&mut self, pair: Pair<'_>) -> Option<Baseline> {
        let mut parts = self.parts(pair, "baseline", Place::Metric);
        self.no_separator(&mut parts);
        let of = match self.take(&mut parts, Rule::measured) {
            None => self
                .needed_expr(&mut parts, "a value, or `measured over DURATION`")
                .map(BaselineOf::Value),
            Some(measured) => {
                parts.last = head(parts.last, "measured");
                match measured.into_inner().next() {
                    Some(over) => {
                        let value = self.part_expr(&mut parts, over, "a duration");
                        value.map(BaselineOf::Measured)
                    }
                    None => {
                        self.need(&mut parts, "`over` with a duration");
                        None
                    }
                }
            }
        };
        self.finish(&mut parts, &["measured", "over"]);
        Some(Baseline {
            of: of?,
            span: parts.span,
        })
    }

    fn unit(&mut self, pair: Pair<'_>) -> Option<UnitRef> {
        let mut parts = self.parts(pair, "unit", Place::Metric);
        self.no_separator(&mut parts);
        let Some(word) = self.take(&mut parts, Rule::name) else {
            self.need(&mut parts, "a unit");
            return None;
        };
        let known = Unit::ALL.map(Unit::word);
        let index = self.choice(&word, "unit", &known);
        let span = self.span(&word);
        self.finish(&mut parts, &[]);
        let unit = index.and_then(|index| Unit::ALL.get(index).copied())?;
        Some(UnitRef { unit, span })
    }

    fn missing(&mut self, pair: Pair<'_>) -> Option<Missing> {
        let mut parts = self.parts(pair, "missing", Place::Metric);
        if self.take(&mut parts, Rule::missing_zero).is_none() {
            self.need(&mut parts, "`zero`");
        }
        if self.take(&mut parts, Rule::missing_alive).is_none() {
            self.need(&mut parts, "`alive when CONDITION`");
        }
        let alive = self.maybe_part(&mut parts, Rule::when_part, "a condition");
        if alive.is_none() {
            self.need(&mut parts, "`when CONDITION`");
        }
        self.finish(&mut parts, &["zero", "alive", "when"]);
        Some(Missing {
            alive: alive?,
            span: parts.span,
        })
    }

    /// `min 20/min of requests` is `requests >= 20/min`.
    fn enough(&mut self, pair: Pair<'_>) -> Option<Expr> {
        let mut parts = self.parts(pair, "min", Place::Metric);
        let least = self.needed_expr(&mut parts, "a value");
        let of = self.take(&mut parts, Rule::enough_of);
        let name = match &of {
            None => {
                self.need(&mut parts, "`of METRIC`");
                None
            }
            Some(of) => {
                let name = of.clone().into_inner().next();
                if name.is_none() {
                    self.need(&mut parts, "the name of a metric");
                }
                name.map(|name| self.qualified_name(&name))
            }
        };
        self.finish(&mut parts, &["of"]);
        let (least, name, of) = (least?, name?, of?);
        Some(Expr {
            grouped: false,
            span: Span::new(least.span.start, name.span.end),
            kind: ExprKind::Binary {
                op: BinaryOp::Compare(CompareOp::GreaterOrEqual),
                op_span: self.span(&of),
                left: Box::new(Expr {
                    grouped: false,
                    kind: ExprKind::Name(name.text),
                    span: name.span,
                }),
                right: Box::new(least),
            },
        })
    }

    pub(super) fn probe(&mut self, pair: Pair<'_>) -> Option<Probe> {
        let mut parts = self.parts(pair, "probe", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        let title = self.maybe_text(&mut parts);
        let mut probe = Probe {
            name,
            title,
            source: None,
            expects: Vec::new(),
            timeout: None,
            dir: None,
            env: Vec::new(),
            headers: Vec::new(),
            not_built: Vec::new(),
            span: parts.span,
            docs: self.docs(parts.span),
        };
        match self.take(&mut parts, Rule::probe_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                let mut seen = Seen::default();
                for line in inside(block) {
                    self.probe_line(line, &mut probe, &mut seen);
                }
            }
        }
        self.finish(&mut parts, &[]);
        Some(probe)
    }

    fn probe_line(&mut self, pair: Pair<'_>, probe: &mut Probe, seen: &mut Seen) {
        let span = self.span(&pair);
        if pair.as_rule() != Rule::stray {
            self.last_was_noise = false;
        }
        match pair.as_rule() {
            Rule::expect => {
                let mut parts = self.parts(pair, "expect", Place::Probe);
                let condition = self.needed_expr(&mut parts, "a condition");
                self.finish(&mut parts, &[]);
                probe.expects.extend(condition);
            }
            Rule::setting => {
                if let Some((word, value)) = self.setting(pair, Place::Probe)
                    && self.once(seen, word, span)
                {
                    probe.timeout = value;
                }
            }
            Rule::clause_line => {
                let is_env = pair.as_str().starts_with("env");
                let mut parts = self.parts(pair, if is_env { "env" } else { "in" }, Place::Probe);
                let clauses = self.clauses(&mut parts);
                self.finish(&mut parts, &[]);
                if self.once(seen, parts.word, span) {
                    if is_env {
                        probe.env = clauses.env;
                    } else {
                        probe.dir = clauses.dir.map(|dir| *dir);
                    }
                }
            }
            Rule::http | Rule::tcp | Rule::shell | Rule::script | Rule::exec => {
                let source = self.probe_source(pair);
                if self.once(seen, "the source", span) {
                    probe.source = source;
                }
            }
            Rule::header_line | Rule::bearer_line => {
                let header = self.request_header(pair, Place::Probe, seen);
                probe.headers.extend(header);
            }
            Rule::junk => self.left_over(&pair),
            _stray => {
                let not_built = self.stray(pair, Place::Probe);
                probe.not_built.extend(not_built);
            }
        }
    }

    fn probe_source(&mut self, pair: Pair<'_>) -> Option<ProbeSource> {
        match pair.as_rule() {
            Rule::http => {
                let (get, select) = self.http(pair, Place::Probe)?;
                if let Some(select) = select {
                    self.diagnostics.push(say::unexpected_text(
                        select.span,
                        "a filter",
                        None,
                        Some("expect json(\"FILTER\") == VALUE, on a line of its own"),
                    ));
                }
                Some(ProbeSource::Http(get))
            }
            Rule::tcp => {
                let mut parts = self.parts(pair, "tcp", Place::Probe);
                let address = self.needed_expr(&mut parts, "an address such as \"db:5432\"");
                self.finish(&mut parts, &[]);
                Some(ProbeSource::Tcp {
                    address: address?,
                    span: parts.span,
                })
            }
            _command => self.command(pair).map(ProbeSource::Command),
        }
    }
}
