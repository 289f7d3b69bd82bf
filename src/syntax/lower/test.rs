//! Tests: what is given, what goes wrong, what is expected.

use crate::ast::{
    AnswerKind, Asked, CompareOp, Crash, CrashPoint, ExpectKind, Fault, FaultKind, FromInto, Given,
    OutcomeKind, StartDay, Takes, Target, TestAnswer, TestBlock, TestExpect, TestLine, TestSet,
    TestStart, Told,
};
use crate::diag::factory::{habits, syntax as say};
use crate::source::Span;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::window::Day;
use super::{Lower, Pair, Parts, Seen, inside};

/// The last minute of a day and one more: `24:00`.
const DAY: u16 = 1_440;

impl Lower<'_> {
    pub(super) fn test(&mut self, pair: Pair<'_>) -> Option<TestBlock> {
        let mut parts = self.parts(pair, "test", Place::Top);
        let name = self.needed_text(&mut parts, "a name in quotes");
        let mut lines = Vec::new();
        match self.take(&mut parts, Rule::test_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                let mut seen = Seen::default();
                for line in inside(block) {
                    if line.as_rule() == Rule::stray {
                        self.stray(line, Place::Test);
                    } else {
                        self.last_was_noise = false;
                        self.test_line(line, &mut seen, &mut lines);
                    }
                }
            }
        }
        self.finish(&mut parts, &[]);
        Some(TestBlock {
            name: name?,
            lines,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    fn test_line(&mut self, pair: Pair<'_>, seen: &mut Seen, lines: &mut Vec<TestLine>) {
        match pair.as_rule() {
            Rule::given => lines.extend(self.given(pair).into_iter().map(TestLine::Given)),
            Rule::start => {
                let span = self.span(&pair);
                let start = self.test_start(pair);
                if self.once(seen, "start", span) {
                    lines.extend(start.map(TestLine::Start));
                }
            }
            Rule::test_set => lines.extend(self.test_set(pair).map(TestLine::Set)),
            Rule::fault => lines.extend(self.fault(pair).map(TestLine::Fault)),
            Rule::takes => lines.extend(self.takes(pair).map(TestLine::Takes)),
            Rule::crash => lines.extend(self.crash(pair).map(TestLine::Crash)),
            Rule::answer => lines.extend(self.test_answer(pair).map(TestLine::Answer)),
            _expect => lines.extend(self.test_expect(pair).map(TestLine::Expect)),
        }
    }

    fn given(&mut self, pair: Pair<'_>) -> Vec<Given> {
        let mut parts = self.parts(pair, "given", Place::Test);
        let mut all = Vec::new();
        while let Some(one) = self.take(&mut parts, Rule::given_value) {
            let mut own = self.parts(one, "given", Place::Test);
            let param = self.name(&mut own, "the name of a parameter");
            self.separator(&mut own, Rule::assign, "=");
            let value = self.needed_expr(&mut own, "a value");
            parts.broken |= own.broken;
            if let (Some(param), Some(value)) = (param, value) {
                all.push(Given {
                    param,
                    value,
                    span: own.span,
                });
            }
        }
        if all.is_empty() {
            self.need(&mut parts, "the name of a parameter");
        }
        self.finish(&mut parts, &[]);
        all
    }

    fn test_start(&mut self, pair: Pair<'_>) -> Option<TestStart> {
        let mut parts = self.parts(pair, "start", Place::Test);
        let day = match self.take(&mut parts, Rule::day) {
            Some(day) => self.day(&day),
            None => {
                self.need(&mut parts, "a day");
                None
            }
        };
        let clock = match self.take(&mut parts, Rule::clock) {
            Some(clock) => {
                let span = self.span(&clock);
                let minute = self.clock(&clock);
                if minute == Some(DAY) {
                    self.diagnostics.push(say::end_of_a_day(span));
                }
                minute.filter(|minute| *minute < DAY)
            }
            None => {
                self.need(&mut parts, "a time of day");
                None
            }
        };
        self.finish(&mut parts, &[]);
        let day = match day? {
            Day::Of(day) => StartDay::Week(day),
            Day::On(date) => StartDay::On(date),
        };
        Some(TestStart {
            day,
            minute: clock?,
            span: parts.span,
        })
    }

    fn test_set(&mut self, pair: Pair<'_>) -> Option<TestSet> {
        let mut parts = self.parts(pair, "set", Place::Test);
        let metric = self.known_name(&mut parts, "the name of a metric");
        self.told_by_a_word(&mut parts);
        self.separator(&mut parts, Rule::assign, "=");
        let told = match self.take(&mut parts, Rule::told_word) {
            Some(word) if word.as_str() == "missing" => Some(Told::Missing),
            Some(_error) => Some(Told::Error),
            None => self
                .needed_expr(&mut parts, "a value, `missing` or `error`")
                .map(Told::Value),
        };
        let (mut when, mut from, mut hold) = (None, None, None);
        let mut seen = Seen::default();
        loop {
            match parts.peek() {
                Some(Rule::when_part) => {
                    let part = self.maybe_part(&mut parts, Rule::when_part, "a condition");
                    if self.once(&mut seen, "when", parts.last) {
                        when = part;
                    }
                }
                Some(Rule::lasting) => {
                    let part = self.maybe_part(&mut parts, Rule::lasting, "a duration");
                    if self.once(&mut seen, "for", parts.last) {
                        hold = part;
                    }
                }
                Some(Rule::from_into) => {
                    let part = self.beginning(&mut parts);
                    if self.once(&mut seen, "from", parts.last) {
                        from = part;
                    }
                }
                Some(_) | None => break,
            }
        }
        self.finish(&mut parts, &["when", "from", "into", "for"]);
        Some(TestSet {
            metric: metric?,
            told: told?,
            when,
            from,
            hold,
            span: parts.span,
        })
    }

    fn beginning(&mut self, parts: &mut Parts<'_>) -> Option<FromInto> {
        let part = self.take(parts, Rule::from_into)?;
        let span = self.span(&part);
        let into = part
            .clone()
            .into_inner()
            .find(|one| one.as_rule() == Rule::into_part);
        let after = self.part_expr(parts, part, "a duration");
        let into = match into {
            None => None,
            Some(into) => match into.into_inner().next() {
                Some(name) => Some(self.checked_name(&name)),
                None => {
                    self.need(parts, "the name of a stage or a level");
                    return None;
                }
            },
        };
        parts.last = span;
        Some(FromInto {
            after: after?,
            into,
            span,
        })
    }

    /// What a line is about, which must stand next.
    fn target(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<Target> {
        let Some(pair) = self.take(parts, Rule::target) else {
            self.need(parts, what);
            return None;
        };
        self.target_of(parts, pair)
    }

    fn target_of(&mut self, parts: &mut Parts<'_>, pair: Pair<'_>) -> Option<Target> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner().peekable();
        let undo = inner
            .next_if(|word| word.as_rule() == Rule::undo_word)
            .is_some();
        let name = inner.next()?;
        let text = name.as_str();
        // A step without a name of its own is called by its place: `canary.2`.
        let is_place = text
            .split_once('.')
            .is_some_and(|(_, rest)| rest.starts_with(|ch: char| ch.is_ascii_digit()));
        let name = if is_place {
            crate::ast::Name {
                text: text.to_owned(),
                span: self.span(&name),
            }
        } else {
            self.tried_name(&name)
        };
        let mut inner = inner.peekable();
        let turn = inner.next_if(|pair| pair.as_rule() == Rule::turn);
        let turn = turn.map(|pair| pair.as_str().replace([' ', '\t'], ""));
        let within = match inner.next() {
            None => None,
            Some(place) => match place.into_inner().next() {
                Some(place) => Some(self.checked_name(&place)),
                None => {
                    self.need(parts, "the name of a stage or a level");
                    None
                }
            },
        };
        Some(Target {
            undo,
            name,
            turn,
            within,
            span,
        })
    }

    fn fault(&mut self, pair: Pair<'_>) -> Option<Fault> {
        let is_hang = pair.as_str().starts_with("hang");
        let kind = if is_hang {
            FaultKind::Hang
        } else {
            FaultKind::Fail
        };
        let mut parts = self.parts(pair, kind.word(), Place::Test);
        self.take(&mut parts, Rule::fault_word);
        let target = self.target(&mut parts, "the name of a step or a probe");
        let attempt = self.maybe_part(&mut parts, Rule::attempt_part, "a number");
        self.finish(&mut parts, &["attempt", "in"]);
        Some(Fault {
            kind,
            target: target?,
            attempt,
            span: parts.span,
        })
    }

    fn takes(&mut self, pair: Pair<'_>) -> Option<Takes> {
        let mut parts = self.parts(pair, "takes", Place::Test);
        let target = self.target(&mut parts, "the name of a step or a probe");
        let time = self.needed_expr(&mut parts, "a duration");
        self.finish(&mut parts, &["in"]);
        Some(Takes {
            target: target?,
            time: time?,
            span: parts.span,
        })
    }

    fn crash(&mut self, pair: Pair<'_>) -> Option<Crash> {
        let mut parts = self.parts(pair, "crash", Place::Test);
        let point = match self.take(&mut parts, Rule::crash_point) {
            Some(word) if word.as_str() == "at" => Some(CrashPoint::At),
            Some(_after) => Some(CrashPoint::After),
            None => {
                self.need(&mut parts, "`at` or `after`");
                None
            }
        };
        let target = self.target(&mut parts, "the name of a step");
        self.finish(&mut parts, &["in"]);
        Some(Crash {
            point: point?,
            target: target?,
            span: parts.span,
        })
    }

    fn test_answer(&mut self, pair: Pair<'_>) -> Option<TestAnswer> {
        let mut parts = self.parts(pair, "answer", Place::Test);
        let asked = if parts.peek() == Some(Rule::text) {
            self.maybe_text(&mut parts).map(Asked::Text)
        } else {
            self.target(
                &mut parts,
                "a guard, a step, `hold` or an approval in quotes",
            )
            .map(Asked::Target)
        };
        self.separator(&mut parts, Rule::assign, "=");
        let answer = match self.take(&mut parts, Rule::answer_word) {
            Some(word) => {
                let known = AnswerKind::ALL.map(AnswerKind::word);
                let index = self.choice(&word, "answer", &known);
                parts.broken |= index.is_none();
                index.and_then(|index| AnswerKind::ALL.get(index).copied())
            }
            None => {
                self.need(&mut parts, "an answer");
                None
            }
        };
        let after = self.maybe_part(&mut parts, Rule::after_part, "a duration");
        self.finish(&mut parts, &["after", "in"]);
        Some(TestAnswer {
            asked: asked?,
            answer: answer?,
            after,
            span: parts.span,
        })
    }

    fn test_expect(&mut self, pair: Pair<'_>) -> Option<TestExpect> {
        let mut parts = self.parts(pair, "expect", Place::Test);
        let kind = match parts.peek() {
            Some(Rule::outcome) => self.expected_outcome(&mut parts),
            Some(Rule::recovery) => self.expected_recovery(&mut parts),
            Some(Rule::ran) => self.expected_run(&mut parts),
            Some(Rule::held) => self.expected_hold(&mut parts),
            Some(Rule::peak) => self.expected_exposure(&mut parts),
            Some(_) | None => {
                self.need(&mut parts, "what is expected");
                None
            }
        };
        self.finish(&mut parts, &["in", "during"]);
        if kind.is_none() {
            // What could not be read was meant to expect something.
            self.lost.insert("expect".to_owned());
        }
        Some(TestExpect {
            kind: kind?,
            span: parts.span,
        })
    }

    /// The parts of an expectation, which was just taken from its line.
    fn expected<'i>(
        &mut self,
        parts: &mut Parts<'i>,
        rule: Rule,
        word: &'static str,
    ) -> Option<Parts<'i>> {
        let pair = self.take(parts, rule)?;
        let mut own = self.parts(pair, word, Place::Test);
        own.form = parts.form;
        own.last = Span::new(
            own.span.start,
            own.span.start + crate::source::offset(word.len()),
        );
        Some(own)
    }

    fn expected_outcome(&mut self, parts: &mut Parts<'_>) -> Option<ExpectKind> {
        let mut own = self.expected(parts, Rule::outcome, "outcome")?;
        let op = self.comparison(&mut own, &[CompareOp::Equal]);
        let outcome = match self.take(&mut own, Rule::outcome_word) {
            Some(word) => {
                let known = OutcomeKind::ALL.map(OutcomeKind::word);
                let index = self.choice(&word, "outcome", &known);
                own.broken |= index.is_none();
                index.and_then(|index| OutcomeKind::ALL.get(index).copied())
            }
            None => {
                self.need(&mut own, "an outcome");
                None
            }
        };
        let level = match self.take(&mut own, Rule::outcome_level) {
            None => None,
            Some(part) => match part.into_inner().next() {
                Some(name) => Some(self.checked_name(&name)),
                None => {
                    self.need(&mut own, "the name of a level");
                    None
                }
            },
        };
        parts.broken |= own.broken;
        parts.last = own.span;
        op?;
        Some(ExpectKind::Outcome {
            outcome: outcome?,
            level,
        })
    }

    fn expected_recovery(&mut self, parts: &mut Parts<'_>) -> Option<ExpectKind> {
        let mut own = self.expected(parts, Rule::recovery, "recovery")?;
        let op = self.comparison(&mut own, &[CompareOp::LessOrEqual, CompareOp::Less]);
        let within = self.needed_expr(&mut own, "a duration");
        parts.broken |= own.broken;
        parts.last = own.span;
        Some(ExpectKind::Recovery {
            op: op?,
            within: within?,
        })
    }

    fn expected_run(&mut self, parts: &mut Parts<'_>) -> Option<ExpectKind> {
        let pair = self.take(parts, Rule::ran)?;
        let mut inner = pair.clone().into_inner();
        let word = match inner.next().map(|word| word.as_str().to_owned()).as_deref() {
            Some("ran") => "ran",
            Some("never") => "never",
            Some(_) | None => "tripped",
        };
        let mut own = self.parts(pair, word, Place::Test);
        own.form = parts.form;
        self.take(&mut own, Rule::ran_word);
        let what = if word == "tripped" {
            "the name of a guard"
        } else {
            "the name of a step, a stage or a level"
        };
        let target = self.target(&mut own, what);
        parts.broken |= own.broken;
        parts.last = own.span;
        let target = target?;
        Some(match word {
            "ran" => ExpectKind::Ran(target),
            "never" => ExpectKind::Never(target),
            _tripped => {
                if let Some(within) = &target.within {
                    let text = format!("`in {}`", within.text);
                    let said = say::unexpected_text(within.span, &text, None, parts.form);
                    self.diagnostics.push(said);
                    return None;
                }
                ExpectKind::Tripped(target.name)
            }
        })
    }

    fn expected_hold(&mut self, parts: &mut Parts<'_>) -> Option<ExpectKind> {
        let mut own = self.expected(parts, Rule::held, "held")?;
        let stage = match self.take(&mut own, Rule::held_during) {
            None => {
                self.need(&mut own, "`during` with the name of a stage");
                None
            }
            Some(part) => match part.into_inner().next() {
                Some(name) => Some(self.checked_name(&name)),
                None => {
                    self.need(&mut own, "the name of a stage");
                    None
                }
            },
        };
        parts.broken |= own.broken;
        parts.last = own.span;
        stage.map(ExpectKind::Held)
    }

    fn expected_exposure(&mut self, parts: &mut Parts<'_>) -> Option<ExpectKind> {
        let mut own = self.expected(parts, Rule::peak, "exposure")?;
        let name = self
            .take(&mut own, Rule::known_name)
            .map(|pair| self.checked_name(&pair));
        let op = self.comparison(
            &mut own,
            &[CompareOp::LessOrEqual, CompareOp::Less, CompareOp::Equal],
        );
        let most = self.needed_expr(&mut own, "a value");
        parts.broken |= own.broken;
        parts.last = own.span;
        Some(ExpectKind::Exposure {
            name,
            op: op?,
            most: most?,
        })
    }

    /// One of a few comparisons, which must stand next.
    fn comparison(&mut self, parts: &mut Parts<'_>, wanted: &[CompareOp]) -> Option<CompareOp> {
        let words: Vec<String> = wanted.iter().map(|op| format!("`{}`", op.text())).collect();
        let words = words.join(" or ");
        let found = match parts.peek() {
            Some(rule @ (Rule::compare | Rule::assign)) => self.take(parts, rule),
            Some(_) | None => None,
        };
        let Some(found) = found else {
            self.need(parts, &words);
            return None;
        };
        if matches!(found.as_str(), "=" | ":") && wanted.contains(&CompareOp::Equal) {
            let span = self.span(&found);
            let said = habits::other_word(span, found.as_str(), "==");
            self.diagnostics.push(said.fix(span, "=="));
            return Some(CompareOp::Equal);
        }
        let op = wanted
            .iter()
            .copied()
            .find(|op| op.text() == found.as_str());
        if op.is_none() && !parts.broken {
            let after = self.short(Span::new(parts.span.start, parts.last.start));
            let wanted = say::Wanted {
                what: &words,
                after: after.trim(),
                form: parts.form,
            };
            let text = format!("`{}`", found.as_str());
            self.diagnostics
                .push(say::other_part(self.span(&found), &text, &wanted));
            parts.broken = true;
        }
        op
    }
}
