//! The rules over the values of steps, stages and levels.

use crate::ast::{Expr, ExprKind};
use crate::check::eval::{NoValue, eval};
use crate::check::tree::{
    Again, Approval, BodyPart, Call, Checked, Command, EnvValue, HeaderValue, Notify, Op, OpKind,
    Piece, Precondition, Retry, Step, Template, Unless,
};
use crate::diag::factory::check as say;
use crate::value::{Millis, Percent, Type, Value};

use super::Judge;

/// The most further attempts.
const MOST_RETRIES: i64 = 1_000;

/// The most people that one approval asks for.
const MOST_PEOPLE: i64 = 20;

/// Time between two tries of a probe when the file does not say.
pub const VERIFY_EVERY: Millis = Millis::from_secs(2);

impl Judge<'_> {
    pub(super) fn acts(&mut self, checked: &Checked) {
        for exposure in &checked.exposures {
            self.call(&exposure.set);
            self.call(&exposure.read);
        }
        for step in &checked.steps {
            self.step(step);
            self.all_tolerated(checked, step);
        }
        for precondition in &checked.before {
            if let Precondition::Confirm(title) = precondition {
                self.value(title, &Type::Text);
            }
        }
        for migrations in &checked.migrations {
            self.value(&migrations.title, &Type::Text);
        }
        for approval in &checked.approvals {
            self.approval(approval);
        }
        for capture in &checked.captures {
            if let Some(default) = &capture.default {
                self.value(default, &capture.ty);
            }
        }
        for stage in &checked.stages {
            if let Some(title) = &stage.title {
                self.value(title, &Type::Text);
            }
        }
        for level in checked.rollback.iter().flat_map(|one| &one.levels) {
            if let Some(title) = &level.title {
                self.value(title, &Type::Text);
            }
            self.positive(&level.within, "within");
            if let Some(when) = &level.when {
                self.condition(checked, when);
            }
        }
        self.exposed(checked);
        let ends = [
            &checked.if_stuck,
            &checked.after_rollback,
            &checked.after_forward,
            &checked.after_rollout,
        ];
        for end in ends {
            end.texts().for_each(|text| self.template(text));
            if let Some(watch) = &end.watch {
                self.positive(&watch.length, "watch");
            }
            for reminder in &end.reminders {
                self.positive(&reminder.within, "within");
            }
        }
    }

    fn call(&mut self, call: &Call) {
        self.command(&call.command);
        self.positive_if_there(call.timeout.as_ref(), "timeout");
    }

    pub(super) fn command(&mut self, command: &Command) {
        match command {
            Command::Shell(_) => {}
            Command::Exec(argv) => {
                for argument in argv {
                    self.template(argument);
                }
            }
            Command::Sql(_) => {}
            Command::Http(request) => {
                self.url(&request.url);
                for (_, value) in &request.headers {
                    if let HeaderValue::Text(text) = value {
                        self.template(text);
                    }
                }
                for part in request.body.iter().flat_map(|body| &body.parts) {
                    if let BodyPart::Value { of, .. } = part {
                        self.template(of);
                    }
                }
                for line in &request.expect {
                    self.value(&line.value, &line.ty);
                }
            }
            Command::Block(parts) => {
                for part in parts {
                    self.command(part);
                }
            }
        }
    }

    fn template(&mut self, template: &Template) {
        for piece in &template.0 {
            if let Piece::Value(expr) = piece
                && let Err(NoValue::Impossible { span, why }) = eval(expr, self.values, None)
            {
                self.found.push(say::impossible_value(span, why));
            }
        }
    }

    fn notify(&mut self, notify: &Notify) {
        self.template(&notify.text);
    }

    pub(super) fn step(&mut self, step: &Step) {
        if let Some(title) = &step.title {
            self.value(title, &Type::Text);
        }
        self.command(&step.command);
        self.positive_if_there(step.timeout.as_ref(), "timeout");
        self.positive_if_there(step.grace.as_ref(), "grace");
        if let Again::Own(retry) = &step.retry {
            self.retry(retry);
        }
        if let Some(Unless::Command(command)) = &step.unless {
            self.command(command);
        }
        // What undoes a step has the hosts of that step, which were looked at there.
        if let Some(on) = step.on.as_ref().filter(|_| step.undoes.is_none()) {
            self.on_hosts(on);
        }
        if let Some(dir) = &step.dir {
            self.template(dir);
        }
        for (_, value) in &step.env {
            if let EnvValue::Text(text) = value {
                self.template(text);
            }
        }
        if let Some(stdin) = &step.stdin {
            self.template(stdin);
        }
        if let Some(user) = &step.user {
            self.user(user);
        }
    }

    pub(super) fn retry(&mut self, retry: &Retry) {
        match self.int(&retry.times) {
            Some(0) => self.found.push(say::zero_retries(retry.times.span)),
            Some(times) if !(1..=MOST_RETRIES).contains(&times) => {
                self.found.push(say::count_out_of_range(
                    retry.times.span,
                    "the number of further attempts",
                    &format!("1 to {MOST_RETRIES}"),
                ));
            }
            Some(_) | None => {}
        }
        let first = self.positive(&retry.first, "every");
        if let Some(last) = &retry.last
            && let (Some(first), Some(longest)) = (first, self.positive(last, "backoff"))
            && longest < first
        {
            self.found.push(say::backwards_range(
                retry.first.span.to(last.span),
                "backoff",
                (&first.to_string(), &longest.to_string()),
                (
                    exchanged((&retry.first, first), (last, longest)).as_deref(),
                    longer((&retry.first, first), (last, longest)).as_deref(),
                ),
            ));
        }
    }

    pub(super) fn op(&mut self, checked: &Checked, op: &Op) {
        match &op.kind {
            OpKind::Step(_)
            | OpKind::Approve(_)
            | OpKind::Undo
            | OpKind::NoReturn(_)
            | OpKind::Parallel(_) => {}
            OpKind::For(one) => self.for_each(one),
            OpKind::Call(one) => {
                for bind in &one.binds {
                    self.value(&bind.value, &bind.ty);
                }
            }
            OpKind::If(one) => match &one.within {
                Some(within) => self.until(checked, &one.when, within),
                None => self.condition(checked, &one.when),
            },
            OpKind::Wait { min, max } => {
                let first = self.positive(min, "wait");
                if let Some(max) = max
                    && let (Some(first), Some(last)) = (first, self.positive(max, "wait"))
                    && last < first
                {
                    self.found.push(say::backwards_range(
                        min.span.to(max.span),
                        "wait",
                        (&first.to_string(), &last.to_string()),
                        (
                            exchanged((min, first), (max, last)).as_deref(),
                            longer((min, first), (max, last)).as_deref(),
                        ),
                    ));
                }
            }
            OpKind::Until { when, within } => self.until(checked, when, within),
            OpKind::Expose {
                exposure,
                target,
                within,
            } => {
                let scale = checked.scale(*exposure);
                let value = self.value(target, &scale.ty());
                if scale.is_percent()
                    && let Some(share) = value.and_then(|value| value.base())
                    && !(0.0..=100.0).contains(&share)
                {
                    self.found.push(say::share_out_of_range(
                        target.span,
                        ("expose", &Percent(share).to_string()),
                        "0% to 100%",
                    ));
                }
                self.positive_if_there(within.as_ref(), "within");
            }
            OpKind::Verify { within, every, .. } => {
                let within_value = self.positive(within, "within");
                let every_value = match every {
                    Some(every) => self.positive(every, "every"),
                    None => Some(VERIFY_EVERY),
                };
                if let (Some(length), Some(pause)) = (within_value, every_value)
                    && pause >= length
                {
                    self.found.push(say::asked_only_once(
                        (within.span, &length.to_string()),
                        every.as_ref().map(|every| every.span),
                        &pause.to_string(),
                    ));
                }
            }
            OpKind::Notify(notify) => self.notify(notify),
            OpKind::Fail(why) => self.template(why),
        }
    }

    pub(super) fn approval(&mut self, approval: &Approval) {
        self.template(&approval.text);
        if let Some(Value::Text(group)) = self.value(&approval.group, &Type::Text)
            && group.trim().is_empty()
        {
            self.found
                .push(say::empty_text(approval.group.span, "the group"));
        }
        if let Some(count) = &approval.count
            && let Some(people) = self.int(count)
            && !(1..=MOST_PEOPLE).contains(&people)
        {
            self.found.push(say::count_out_of_range(
                count.span,
                "the number of people",
                &format!("1 to {MOST_PEOPLE}"),
            ));
        }
        self.positive(&approval.within, "within");
    }
}

/// The range the other way round, where both ends are written out.
fn exchanged((first, low): (&Expr, Millis), (last, high): (&Expr, Millis)) -> Option<String> {
    let is_literal = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(_));
    (is_literal(first) && is_literal(last)).then(|| format!("{high}..{low}"))
}

/// The range with the unit of its first end at both, where it does not go backwards then: `2h..4m` may be `2h..4h`.
fn longer((first, low): (&Expr, Millis), (last, high): (&Expr, Millis)) -> Option<String> {
    exchanged((first, low), (last, high))?;
    let (low, high) = (low.to_string(), high.to_string());
    let split = |text: &str| {
        let unit = text.trim_start_matches(|ch: char| ch.is_ascii_digit());
        let number = text.strip_suffix(unit)?.parse::<u64>().ok()?;
        let is_one = unit.chars().all(|ch| ch.is_ascii_alphabetic());
        is_one.then(|| (number, unit.to_owned()))
    };
    let ((least, unit), (most, _)) = (split(&low)?, split(&high)?);
    (most > least).then(|| format!("{low}..{most}{unit}"))
}
