//! Exposures: what they are, how they are set, and which of them a strategy speaks of.

use crate::ast::{
    Call, CompareOp, Expose, Exposure, Expr, HeaderKey, HeaderValue, Name, Statement,
};
use crate::diag::factory::{check as say, exposure as of};
use crate::value::{Scale, Type};

use super::Checker;
use super::gather::Declared;
use super::ids::ExposureId;
use super::names::Sort;
use super::place::Place;
use super::shell::Role;
use super::tree;

/// The way in which exposure grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    /// In percent.
    Canary,
    /// From one of two to the other.
    BlueGreen,
    /// In steps with names.
    Phased,
}

impl Strategy {
    fn of(word: &str) -> Option<Self> {
        match word {
            "canary" => Some(Self::Canary),
            "blue_green" => Some(Self::BlueGreen),
            "phased" => Some(Self::Phased),
            _other => None,
        }
    }

    fn fits(self, scale: &Scale) -> bool {
        match (self, scale) {
            (Self::Canary, Scale::Percent) | (Self::Phased, Scale::Steps(_)) => true,
            (Self::BlueGreen, Scale::Choice(words)) => words.len() == 2,
            (
                Self::Canary | Self::BlueGreen | Self::Phased,
                Scale::Percent | Scale::Choice(_) | Scale::Steps(_),
            ) => false,
        }
    }

    /// What it needs, and an exposure that has it.
    const fn needs(self) -> (&'static str, &'static str) {
        match self {
            Self::Canary => ("an exposure in percent", "exposure NAME: percent"),
            Self::BlueGreen => ("an exposure with two values", "exposure live: blue | green"),
            Self::Phased => (
                "an exposure whose values have an order",
                "exposure cohort: none < internal < beta < all",
            ),
        }
    }
}

impl Checker<'_> {
    pub(super) fn exposure(&mut self, exposure: &Exposure) -> Option<tree::Exposure> {
        let name = (exposure.name.span, exposure.name.text.as_str());
        let words = exposure.scale.as_ref().map(Scale::words);
        let words = words.unwrap_or_default();
        let set = match &exposure.set {
            Some(call) => self.in_role(Role::Set, |one| one.call(call, "`set`")),
            None => {
                self.found.push(say::exposure_without(name, "set", words));
                None
            }
        };
        let read = match &exposure.read {
            Some(call) => self.in_role(Role::Read, |one| one.call(call, "`read`")),
            None => {
                self.found.push(say::exposure_without(name, "read", words));
                None
            }
        };
        Some(tree::Exposure {
            id: ExposureId(self.names.get(Sort::Exposure, &exposure.name.text)?),
            name: exposure.name.text.clone(),
            scale: exposure.scale.clone()?,
            set: set?,
            read: read?,
        })
    }

    pub(super) fn expose(&mut self, expose: &Expose) -> Option<tree::OpKind> {
        let exposure = match &expose.name {
            Some(name) => self.find(Sort::Exposure, name),
            None => {
                let known: Vec<&str> = self.names.of(Sort::Exposure).collect();
                match known.as_slice() {
                    [one] => self.names.get(Sort::Exposure, one),
                    _ => {
                        let value = self.file.slice(expose.value.span);
                        self.found
                            .push(say::which_exposure(expose.span, &known, value));
                        None
                    }
                }
            }
        };
        let scale = match exposure {
            Some(index) => {
                let known = self.types.exposures.get(index as usize).cloned().flatten();
                self.part(known)
            }
            None => None,
        };
        // Where it is not known what is exposed, the value is not judged.
        let target = scale
            .and_then(|scale| self.expect(&expose.value, &scale.ty(), "the target of `expose`"));
        let within = self.expect_if_there(expose.within.as_ref(), &Type::Duration, "`within`");
        Some(tree::OpKind::Expose {
            exposure: ExposureId(exposure?),
            target: target?,
            within: within?,
        })
    }

    fn call(&mut self, call: &Call, what: &str) -> Option<tree::Call> {
        self.no_surroundings(call.dir.as_ref(), &call.env, what);
        let timeout = self.expect_if_there(call.timeout.as_ref(), &Type::Duration, "`timeout`");
        let (command, secrets) = self.command(&call.command, Place::AnyTime)?;
        Some(tree::Call {
            command,
            timeout: timeout?,
            secrets,
        })
    }

    /// What a test expects of an exposure, or of all of them where they speak alike, and what its values are.
    pub(super) fn expected_exposure(
        &mut self,
        name: Option<&Name>,
        (op, most): (CompareOp, &Expr),
    ) -> Option<(Option<ExposureId>, Scale)> {
        let (id, scale) = match name {
            Some(name) => {
                let index = self.find(Sort::Exposure, name)?;
                let known = self.types.exposures.get(index as usize).cloned().flatten();
                (Some(ExposureId(index)), self.part(known)?)
            }
            None => {
                let mut all = self.types.exposures.iter().flatten();
                let first = all.next().cloned().unwrap_or_default();
                if all.any(|other| *other != first) {
                    let known: Vec<&str> = self.names.of(Sort::Exposure).collect();
                    let value = self.file.slice(most.span);
                    self.found.push(of::which_exposure_expected(
                        most.span,
                        &known,
                        (op.text(), value),
                    ));
                    return None;
                }
                (None, first)
            }
        };
        let is_equality = op == CompareOp::Equal;
        if !scale.is_ordered() && !is_equality {
            let kind = super::types::described(&scale.ty());
            self.found
                .push(of::no_order_expected(most.span, op.text(), &kind));
            return None;
        }
        Some((id, scale))
    }

    /// The strategy says how exposure grows; one that nothing in the rollout follows would be a lie.
    pub(super) fn strategy_fits(&mut self, declared: &Declared<'_>) {
        let Some(line) = declared.header(HeaderKey::Strategy) else {
            return;
        };
        let HeaderValue::Word(word) = &line.value else {
            return;
        };
        let Some(strategy) = Strategy::of(&word.text) else {
            return;
        };
        let lost = declared.exposures.iter().any(|one| one.scale.is_none());
        if lost || self.ast.lost.iter().any(|word| word == "exposure") {
            return;
        }
        let fitting: Vec<&str> = declared
            .exposures
            .iter()
            .filter(|one| one.scale.as_ref().is_some_and(|scale| strategy.fits(scale)))
            .map(|one| one.name.text.as_str())
            .collect();
        let (needs, form) = strategy.needs();
        let Some(first) = fitting.first() else {
            let other = declared.exposures.first();
            let other = other.map(|one| (one.scale_span, one.name.text.as_str()));
            self.found.push(of::strategy_without_exposure(
                (word.span, &word.text),
                (needs, form),
                other,
            ));
            return;
        };
        let is_only = declared.exposures.len() == 1;
        let mut statements = declared
            .stages()
            .flat_map(|stage| Statement::all(&stage.statements));
        let is_exposed = statements.any(|statement| match statement {
            Statement::Expose(one) => match &one.name {
                None => is_only,
                Some(name) => fitting.contains(&name.text.as_str()),
            },
            Statement::NotBuilt(_) => true,
            Statement::Step(_)
            | Statement::Command(_)
            | Statement::Wait(_)
            | Statement::WaitUntil(_)
            | Statement::Verify(_)
            | Statement::Notify(_)
            | Statement::Fail(_)
            | Statement::Guard(_)
            | Statement::Approve(_)
            | Statement::Capture(_)
            | Statement::Undo(_)
            | Statement::NoReturn(_)
            | Statement::Parallel(_)
            | Statement::For(_)
            | Statement::Call(_)
            | Statement::If(_) => false,
        });
        if !is_exposed {
            self.found
                .push(of::strategy_exposes_nothing((word.span, &word.text), first));
        }
    }
}
