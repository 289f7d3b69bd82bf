//! The places in which a text or an expression stands, and what has a meaning there.

use super::tree::LiveWord;

/// Where a text stands that is filled in while the run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `before rollout`
    Before,
    /// A stage.
    Stage,
    /// A level.
    Level,
    /// `if stuck`
    Stuck,
    /// `after rollback`
    AfterRollback,
    /// `after forward`
    AfterForward,
    /// `after rollout`
    AfterRollout,
    /// The commands of an exposure or a metric, which are run at any time.
    AnyTime,
}

impl Place {
    /// How it is called in a sentence: "here, in a stage".
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Before => "before the rollout",
            Self::Stage => "in a stage",
            Self::Level => "in a level",
            Self::Stuck => "in `if stuck`",
            Self::AfterRollback => "in `after rollback`",
            Self::AfterForward => "in `after forward`",
            Self::AfterRollout => "in `after rollout`",
            Self::AnyTime => "in a command that runs at any time",
        }
    }

    /// Whether a word has a meaning here.
    pub(super) fn knows(self, word: LiveWord) -> bool {
        match word {
            LiveWord::Run | LiveWord::By | LiveWord::Started => true,
            LiveWord::Stage => self == Self::Stage,
            LiveWord::Level => {
                matches!(self, Self::Level | Self::AfterRollback | Self::AfterForward)
            }
            LiveWord::Reason => {
                matches!(
                    self,
                    Self::Level | Self::Stuck | Self::AfterRollback | Self::AfterForward
                )
            }
        }
    }

    /// Where a word has a meaning, for help.
    pub(super) const fn home(word: LiveWord) -> &'static str {
        match word {
            LiveWord::Run | LiveWord::By | LiveWord::Started => "wherever the run goes on",
            LiveWord::Stage => "in the stages of `rollout`",
            LiveWord::Level => "in the levels of `rollback` and in `after rollback`",
            LiveWord::Reason => {
                "in the levels of `rollback`, in `if stuck` and in `after rollback`"
            }
        }
    }
}

/// Where a condition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// After `when` of a guard.
    Guard,
    /// After `recovered when`.
    Recovered,
    /// After `when` of a level.
    Level,
    /// After `alive when` of a metric.
    Alive,
    /// After `min` of a metric.
    Enough,
    /// After `wait until`.
    Until,
    /// After `if`.
    If,
    /// After `when` of a `set` in a test.
    Test,
}
