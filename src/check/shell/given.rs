//! What the commands of a file are given beside its values, by what they are for. The table is held against real runs by a test.

use super::super::Checker;
use super::super::place::Place;

/// What a command is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::check) enum Role {
    /// A step or a check on this machine.
    #[default]
    Step,
    /// A step or a check on other machines.
    OnHosts,
    /// A probe, which is asked in stages and levels.
    Probe,
    /// Sets an exposure.
    Set,
    /// Reads an exposure: before anything else, too.
    Read,
    /// A metric, which is asked before the exposures are read, too.
    Metric,
    /// Prints hosts, before there is a run.
    Hosts,
    /// Prints a secret, for whatever needs it.
    Secret,
    /// Tells people.
    Channel,
}

/// What is given to commands of one kind or another.
pub(super) const OURS: [&str; 7] = [
    "RUNBOOK_ATTEMPT",
    "RUNBOOK_HOST",
    "RUNBOOK_LEVEL",
    "RUNBOOK_NOTICE",
    "RUNBOOK_NOTICE_KEY",
    "RUNBOOK_RUN",
    "RUNBOOK_STAGE",
];

/// What the caller may have, and a command with it: where runs are kept.
pub(super) const OF_THE_CALLER: &str = "RUNBOOK_STATE";

impl Role {
    /// Whether a command for this, in this place, is given a variable of the run.
    pub(super) fn is_given(self, variable: &str, at: At) -> bool {
        let is_step = matches!(self, Self::Step | Self::OnHosts);
        let in_place = |place| is_step && (at.place == place || at.caller == Caller::Nobody);
        match variable {
            "RUNBOOK_RUN" => self != Self::Hosts,
            "RUNBOOK_ATTEMPT" => is_step || matches!(self, Self::Probe | Self::Set | Self::Read),
            "RUNBOOK_STAGE" => in_place(Place::Stage),
            "RUNBOOK_LEVEL" => in_place(Place::Level),
            "RUNBOOK_HOST" => self == Self::OnHosts,
            "RUNBOOK_NOTICE" | "RUNBOOK_NOTICE_KEY" => self == Self::Channel,
            _other => false,
        }
    }

    /// Whether each exposure has a value whenever such a command runs.
    pub(super) fn knows_exposures(self) -> bool {
        match self {
            Self::Step | Self::OnHosts | Self::Probe | Self::Set | Self::Channel => true,
            Self::Read | Self::Metric | Self::Hosts | Self::Secret => false,
        }
    }

    /// Whether nothing but its status says how such a command went. What the others print is a value, which is judged.
    pub(super) fn is_judged_by_status(self) -> bool {
        match self {
            Self::Step | Self::OnHosts | Self::Probe | Self::Set | Self::Channel => true,
            Self::Read | Self::Metric | Self::Hosts | Self::Secret => false,
        }
    }

    /// Where such a command runs, for a sentence: "not set in a probe".
    pub(super) fn words(self, place: Place) -> &'static str {
        match self {
            Self::Step | Self::OnHosts if place == Place::Level => {
                "in a level, nor where a step is undone"
            }
            Self::Step | Self::OnHosts => place.words(),
            Self::Probe => "in a probe",
            Self::Set => "where an exposure is set",
            Self::Read => "where an exposure is read",
            Self::Metric => "in the command of a metric",
            Self::Hosts => "where hosts are asked for, before the run begins",
            Self::Secret => "in the command of a secret",
            Self::Channel => "in the command of a channel",
        }
    }

    /// When it is read that an exposure may have no value yet.
    pub(super) fn too_early(self) -> &'static str {
        match self {
            Self::Read => "this runs to find its value out",
            Self::Metric => "a metric is asked before the exposures are read, too",
            Self::Hosts => "hosts are asked for before the exposures are read",
            Self::Secret => "a secret may be wanted to read an exposure",
            Self::Step | Self::OnHosts | Self::Probe | Self::Set | Self::Channel => "",
        }
    }
}

/// Who calls the task that a command is part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::check) enum Caller {
    /// A place that is known, or it is part of no task.
    #[default]
    Known,
    /// Nobody yet: it may be meant for a stage or for a level.
    Nobody,
}

/// Where a command stands.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) place: Place,
    pub(super) caller: Caller,
}

/// Where a variable of the run is set, for help.
pub(super) fn home(variable: &str) -> &'static str {
    match variable {
        "RUNBOOK_STAGE" => "in the steps of a stage",
        "RUNBOOK_LEVEL" => "in the steps of a level, and where a step is undone",
        "RUNBOOK_HOST" => "in steps and checks with `on HOSTS`",
        "RUNBOOK_ATTEMPT" => "in steps, checks, probes and the commands of exposures",
        "RUNBOOK_NOTICE" | "RUNBOOK_NOTICE_KEY" => "in the command of a channel",
        _other => "once the run has begun",
    }
}

impl Checker<'_> {
    /// Reads a command as one for this.
    pub(in crate::check) fn in_role<T>(
        &mut self,
        role: Role,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = std::mem::replace(&mut self.around.role, role);
        let read = read(self);
        self.around.role = before;
        read
    }
}
