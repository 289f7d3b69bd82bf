//! Owns what a command is given: its environment, and the words that fill its templates. Taken from the plan and the state
//! at the time of the order, so that what runs later sees what was true then.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::user::Account;
use crate::engine::{Attempt, State, captured};
use crate::plan::{ExposureId, Piece, Plan, SecretSource, Template};
use crate::value::Value;

/// What this runner knows and the engine does not.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// The run's id.
    pub(super) run: String,
    /// When the run started, RFC 3339.
    pub(super) started: String,
    /// The directory that the run was started from.
    pub(super) dir: PathBuf,
    /// The environment that the runner was started with.
    pub(super) environment: Vec<(OsString, OsString)>,
}

/// What a command is given.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    vars: BTreeMap<OsString, OsString>,
    /// Those of them that do not come from the caller.
    own: BTreeSet<OsString>,
    dir: PathBuf,
    account: Option<Account>,
    run: String,
    started: String,
    stage: Option<String>,
    level: Option<String>,
    reason: String,
    by: String,
    exposures: Vec<Option<String>>,
    captures: Vec<Option<String>>,
}

impl Scene {
    pub(super) fn new(base: &Base, plan: &Plan, state: &State) -> Self {
        let stage = state
            .stage()
            .and_then(|id| plan.stages.get(id.index()))
            .map(|stage| stage.name.clone());
        let level = state
            .level()
            .and_then(|id| plan.level(id))
            .map(|level| level.name.clone());
        let mut scene = Self {
            vars: inherited(base, plan),
            own: BTreeSet::new(),
            dir: base.dir.clone(),
            account: None,
            run: base.run.clone(),
            started: base.started.clone(),
            stage,
            level,
            reason: state.reason.clone(),
            by: state.by.clone(),
            exposures: plan
                .exposures
                .iter()
                .zip(&state.exposures)
                .map(|(one, value)| value.map(|value| one.scale.plain(value)))
                .collect(),
            captures: plan
                .captures
                .iter()
                .map(|one| captured(plan, state, one.id).map(Value::plain))
                .collect(),
        };
        for binding in &plan.bindings {
            scene.set(&binding.name, binding.value.plain());
        }
        for capture in &plan.captures {
            match captured(plan, state, capture.id) {
                Some(value) => scene.set(&capture.name, value.plain()),
                // What the caller has under this name is not it.
                None => scene.remove(&capture.name),
            }
        }
        for (exposure, value) in plan.exposures.iter().zip(&state.exposures) {
            if let Some(value) = value {
                scene.set(&exposure.name, exposure.scale.plain(*value));
            }
        }
        scene.set("RUNBOOK_RUN", &base.run);
        for (name, value) in [
            ("RUNBOOK_STAGE", scene.stage.clone()),
            ("RUNBOOK_LEVEL", scene.level.clone()),
        ] {
            match value {
                Some(value) => scene.set(name, value),
                // What a surrounding run gave this one is not true here.
                None => scene.remove(name),
            }
        }
        scene.remove("RUNBOOK_ATTEMPT");
        scene
    }

    pub(super) fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.own.insert(name.as_ref().to_owned());
        self.vars
            .insert(name.as_ref().to_owned(), value.as_ref().to_owned());
    }

    pub(super) fn set_attempt(&mut self, attempt: Attempt) {
        self.set("RUNBOOK_ATTEMPT", attempt.0.to_string());
    }

    fn remove(&mut self, name: &str) {
        self.own.remove(OsStr::new(name));
        self.vars.remove(OsStr::new(name));
    }

    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    pub(super) fn vars(&self) -> &BTreeMap<OsString, OsString> {
        &self.vars
    }

    /// The variables that do not come from the caller: what a command on another machine finds beside that machine's own.
    pub(super) fn own(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let all = self.vars.iter();
        all.filter(|(name, _)| self.own.contains(*name))
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The directory in which commands run.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// From here on commands run in this directory, seen from the one before.
    pub(super) fn enter(&mut self, dir: &Template) {
        self.dir = self.dir.join(self.fill(dir));
    }

    /// From here on commands run as this user.
    pub(super) fn become_user(&mut self, account: Account) {
        self.account = Some(account);
    }

    /// From here on commands run as whoever started the run.
    pub(super) fn stay(&mut self) {
        self.account = None;
    }

    pub(super) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// Says who the user is, where the step does not say otherwise.
    pub(super) fn introduce(&mut self) {
        let Some(account) = self.account.clone() else {
            return;
        };
        for (name, value) in account.vars() {
            if !self.own.contains(OsStr::new(name)) {
                self.set(name, value);
            }
        }
    }

    /// Fills a template.
    pub(super) fn fill(&self, template: &Template) -> String {
        let mut text = String::new();
        for piece in &template.0 {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Run => text.push_str(&self.run),
                Piece::Started => text.push_str(&self.started),
                Piece::Stage => text.push_str(self.stage.as_deref().unwrap_or_default()),
                Piece::Level => text.push_str(self.level.as_deref().unwrap_or_default()),
                Piece::Reason => text.push_str(&self.reason),
                Piece::By => text.push_str(&self.by),
                Piece::Exposure(id) => text.push_str(&self.exposure(*id)),
                Piece::Capture(id) => {
                    if let Some(Some(value)) = self.captures.get(id.index()) {
                        text.push_str(value);
                    }
                }
            }
        }
        text
    }

    fn exposure(&self, id: ExposureId) -> String {
        match self.exposures.get(id.index()) {
            Some(Some(value)) => value.clone(),
            Some(None) | None => String::new(),
        }
    }
}

/// The caller's environment, as far as the file lets it through, without the variables that secrets come from.
fn inherited(base: &Base, plan: &Plan) -> BTreeMap<OsString, OsString> {
    let all = base.environment.iter().cloned();
    let passes = |name: &OsString| match name.to_str() {
        Some(name) => plan.lets_through(name),
        None => plan.environment.is_none(),
    };
    let mut vars: BTreeMap<OsString, OsString> = all.filter(|(name, _)| passes(name)).collect();
    for secret in &plan.secrets {
        match &secret.from {
            SecretSource::Env(name) => {
                vars.remove(OsStr::new(name));
            }
            SecretSource::File(_) | SecretSource::Command(_) => {}
        }
    }
    vars
}
