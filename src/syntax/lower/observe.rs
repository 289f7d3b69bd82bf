//! Metrics, probes and guards.

use crate::ast::{
    BlindAction, Expr, Guard, GuardAction, Metric, MetricSource, Missing, OnBlind, Otherwise,
    Probe, ProbeSource, StageRange, Streak, Text, Threshold, UnitRef,
};
use crate::diag::factory::syntax as say;
use crate::source::Span;
use crate::value::Unit;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::expr::compare_op;
use super::{Lower, Pair, Parts, Seen};

impl Lower<'_> {
    pub(super) fn metric(&mut self, pair: Pair<'_>) -> Option<Metric> {
        let mut parts = self.parts(pair, "metric", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        let mut metric = Metric {
            name,
            ty: None,
            source: None,
            unit: None,
            every: None,
            timeout: None,
            window: None,
            lag: None,
            stale: None,
            missing: None,
            warning: None,
            critical: None,
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
            let span = self.span(&template);
            self.diagnostics
                .push(say::not_built_yet(span, "metric from a template"));
            metric.not_built.push(crate::ast::NotBuilt {
                word: "from".to_owned(),
                span,
            });
        }
        match self.take(&mut parts, Rule::metric_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                let mut seen = Seen::default();
                for line in block.into_inner() {
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
            Rule::query | Rule::http | Rule::shell | Rule::script | Rule::exec => {
                let source = self.metric_source(pair);
                if self.once(seen, "the source", span) {
                    metric.source = source;
                }
            }
            Rule::junk => self.left_over(&pair),
            _stray => {
                let not_built = self.stray(pair, Place::Metric);
                metric.not_built.extend(not_built);
            }
        }
    }

    /// Text after a command in a block, which takes nothing more.
    fn left_over(&mut self, pair: &Pair<'_>) {
        let span = self.span(pair);
        self.note_lost(pair.as_str());
        let tail = super::Tail {
            text: pair.as_str(),
            span,
            after: "",
            after_expr: false,
        };
        let said = super::recover::tail(&tail, "a command", None, &[]);
        self.diagnostics.push(said);
    }

    fn metric_source(&mut self, pair: Pair<'_>) -> Option<MetricSource> {
        match pair.as_rule() {
            Rule::query => {
                let mut parts = self.parts(pair, "query", Place::Metric);
                let provider = self.name(&mut parts, "the name of a provider")?;
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
            _command => self.command(pair).map(MetricSource::Command),
        }
    }

    /// `WORD VALUE`, for a word that has a value in this place.
    fn setting(&mut self, pair: Pair<'_>, place: Place) -> Option<(&'static str, Option<Expr>)> {
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
            not_built: Vec::new(),
            span: parts.span,
            docs: self.docs(parts.span),
        };
        match self.take(&mut parts, Rule::probe_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                let mut seen = Seen::default();
                for line in block.into_inner() {
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
                        probe.dir = clauses.dir;
                    }
                }
            }
            Rule::http | Rule::tcp | Rule::shell | Rule::script | Rule::exec => {
                let source = self.probe_source(pair);
                if self.once(seen, "the source", span) {
                    probe.source = source;
                }
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

    pub(super) fn guard(&mut self, pair: Pair<'_>, place: Place) -> Option<Guard> {
        let mut parts = self.parts(pair, "guard", place);
        let name = self.name(&mut parts, "a name");
        let when = match self.take(&mut parts, Rule::when_part) {
            Some(part) => self.part_expr(&mut parts, part, "a condition"),
            None => {
                self.need(&mut parts, "`when` with a condition");
                None
            }
        };
        let hold = self.streak(&mut parts);
        let action = match self.take(&mut parts, Rule::then_part) {
            Some(part) => {
                let span = self.span(&part);
                self.guard_action(&mut parts, part)
                    .map(|action| (action, span))
            }
            None => {
                self.need(&mut parts, "`then` with an action");
                None
            }
        };
        let block = self.take(&mut parts, Rule::guard_block);
        let mut options = Options::default();
        if let Some(block) = block {
            let mut seen = Seen::default();
            for line in block.into_inner() {
                self.guard_option(line, &mut options, &mut seen);
            }
        }
        self.finish(
            &mut parts,
            &["when", "for", "of", "then", "from", "within", "else"],
        );
        let (Some(name), Some(when), Some((action, action_span))) = (name.clone(), when, action)
        else {
            self.lost.extend(name.map(|name| name.text));
            return None;
        };
        Some(Guard {
            name,
            when,
            hold,
            action,
            action_span,
            warmup: options.warmup,
            on_blind: options.on_blind,
            coverage: options.coverage,
            during: options.during,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    /// `for D` or `for K of N`
    fn streak(&mut self, parts: &mut Parts<'_>) -> Option<Streak> {
        let part = self.take(parts, Rule::for_part)?;
        let mut inner = part.into_inner();
        let Some(first) = inner.next().filter(|pair| pair.as_rule() == Rule::expr) else {
            self.need(parts, "a duration (or `K of N`)");
            return None;
        };
        parts.last_is_expr = true;
        let first = self.expr(first);
        let Some(of) = inner.next() else {
            return Some(Streak::For(first));
        };
        let samples = self.part_expr(parts, of, "a number of samples")?;
        Some(Streak::Of {
            breaches: first,
            samples,
        })
    }

    fn guard_action(&mut self, parts: &mut Parts<'_>, part: Pair<'_>) -> Option<GuardAction> {
        let Some(action) = part.into_inner().next() else {
            self.need(
                parts,
                "an action (`rollback`, `decide within DURATION else …`, `hold` or `warn`)",
            );
            return None;
        };
        match action.as_rule() {
            Rule::rollback_action => Some(GuardAction::Rollback {
                from: self.rollback_from(action),
            }),
            Rule::decide_action => self.decide(parts, action),
            _word => {
                let known = ["rollback", "decide", "hold", "warn"];
                let choice = self.choice(&action, "action of a guard", &known);
                parts.broken |= choice.is_none();
                match choice {
                    Some(2) => Some(GuardAction::Hold),
                    Some(_) => Some(GuardAction::Warn),
                    None => None,
                }
            }
        }
    }

    fn decide(&mut self, parts: &mut Parts<'_>, action: Pair<'_>) -> Option<GuardAction> {
        let mut inner = action.into_inner().peekable();
        let within = match inner.next_if(|pair| pair.as_rule() == Rule::within_part) {
            Some(part) => self.part_expr(parts, part, "a duration"),
            None => {
                self.need(parts, "`within` with a duration");
                None
            }
        };
        let Some(part) = inner.next() else {
            self.need(parts, "`else rollback` or `else continue`");
            return None;
        };
        parts.last = self.span(&part);
        parts.last_is_expr = false;
        let otherwise = match part.into_inner().next() {
            None => {
                self.need(parts, "`rollback` or `continue`");
                return None;
            }
            Some(action) if action.as_rule() == Rule::rollback_action => Otherwise::Rollback {
                from: self.rollback_from(action),
            },
            Some(word) => {
                let known = ["rollback", "continue"];
                self.choice(&word, "way to end a decision", &known)?;
                Otherwise::Continue
            }
        };
        Some(GuardAction::Decide {
            within: within?,
            otherwise,
        })
    }

    fn guard_option(&mut self, pair: Pair<'_>, options: &mut Options, seen: &mut Seen) {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::setting => {
                if let Some((word, value)) = self.setting(pair, Place::Guard)
                    && self.once(seen, word, span)
                {
                    *(if word == "warmup" {
                        &mut options.warmup
                    } else {
                        &mut options.coverage
                    }) = value;
                }
            }
            Rule::on_blind => {
                let on_blind = self.on_blind(pair);
                if self.once(seen, "on blind", span) {
                    options.on_blind = on_blind;
                }
            }
            Rule::during => {
                let during = self.during(pair);
                if self.once(seen, "during", span) {
                    options.during = during;
                }
            }
            _stray => {
                self.stray(pair, Place::Guard);
            }
        }
    }

    fn on_blind(&mut self, pair: Pair<'_>) -> Option<OnBlind> {
        let mut parts = self.parts(pair, "on", Place::Guard);
        self.take(&mut parts, Rule::blind_word);
        let Some(word) = self.take(&mut parts, Rule::action_word) else {
            self.need(&mut parts, "`hold`, `rollback` or `ignore`");
            return None;
        };
        let known = ["hold", "rollback", "ignore"];
        let choice = self.choice(&word, "way to go on while blind", &known);
        let mut reason: Option<Text> = None;
        if choice == Some(2) {
            reason = self.needed_text(&mut parts, "the reason in quotes");
        }
        self.finish(&mut parts, &[]);
        let action = match choice? {
            0 => BlindAction::Hold,
            1 => BlindAction::Rollback,
            _ignore => BlindAction::Ignore(reason?),
        };
        Some(OnBlind {
            action,
            span: parts.span,
        })
    }

    fn during(&mut self, pair: Pair<'_>) -> Option<StageRange> {
        let mut parts = self.parts(pair, "during", Place::Guard);
        let first = self.name(&mut parts, "the name of a stage")?;
        let last = match self.take(&mut parts, Rule::range) {
            None => first.clone(),
            Some(_) => self.name(&mut parts, "the name of the last stage")?,
        };
        self.finish(&mut parts, &[]);
        let span = Span::new(first.span.start, last.span.end);
        Some(StageRange { first, last, span })
    }
}

/// The options of a guard as they are found.
#[derive(Default)]
struct Options {
    warmup: Option<Expr>,
    on_blind: Option<OnBlind>,
    coverage: Option<Expr>,
    during: Option<StageRange>,
}
