//! Owns the newtype ids by which the parts of a checked file and of its plan refer to each other. They are indexes into the
//! lists of both, which have the same order, and mean nothing outside them.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in the plan's list.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(/// A stage of the rollout.
    StageId);
id!(/// A level of the rollback.
    LevelId);
id!(/// A step, wherever it stands: a stage, a level, or a check before the rollout.
    StepId);
id!(/// A metric.
    MetricId);
id!(/// A probe.
    ProbeId);
id!(/// A guard.
    GuardId);
id!(/// An exposure.
    ExposureId);
id!(/// A provider of metrics.
    ProviderId);
id!(/// An approval, wherever it stands: before the rollout, or in a stage.
    ApprovalId);
id!(/// A captured value.
    CaptureId);
id!(/// A group of hosts.
    HostsId);
id!(/// A channel that people are told through.
    ChannelId);
