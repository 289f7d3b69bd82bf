//! `wait until`: a condition that can change while it is waited for.

use crate::ast::WaitUntil;
use crate::diag::factory::check as say;
use crate::value::Type;

use super::Checker;
use super::place::Watch;
use super::tree::{Number, OpKind, Test};

impl Checker<'_> {
    pub(super) fn wait_until(&mut self, wait: &WaitUntil) -> Option<OpKind> {
        let when = self.condition(&wait.when, Watch::Until);
        if let Some(when) = &when
            && self.watches_nothing(when, &wait.when)
            && !reads_time(&when.test)
        {
            self.found.push(say::wait_watches_nothing(wait.when.span));
        }
        let within = self.expect(&wait.within, &Type::Duration, "`within` of `wait until`");
        Some(OpKind::Until {
            when: when?,
            within: within?,
        })
    }
}

fn reads_time(test: &Test) -> bool {
    match test {
        Test::And(left, right) | Test::Or(left, right) => reads_time(left) || reads_time(right),
        Test::Not(inner) => reads_time(inner),
        Test::Compare(left, _, right) => is_time(left) || is_time(right),
        Test::Known(_)
        | Test::KnownCompare { .. }
        | Test::InStage(_)
        | Test::Captured { .. }
        | Test::Is(..) => false,
    }
}

fn is_time(number: &Number) -> bool {
    match number {
        Number::Elapsed => true,
        Number::Negate(inner) => is_time(inner),
        Number::Combine { left, right, .. } => is_time(left) || is_time(right),
        Number::Known(_)
        | Number::Word(..)
        | Number::Metric(_)
        | Number::Baseline(_)
        | Number::Exposure(_)
        | Number::Capture(_) => false,
    }
}
