//! What is done afterwards: who is told, what stays open, what people are reminded of.

use crate::source::Span;

use super::{Expr, NotBuilt, Notify, Text};

/// `if stuck { … }`, `after rollback { … }`, `after forward { … }`, `after rollout { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Aftermath {
    /// Which of them.
    pub kind: AftermathKind,
    /// What is done, in order.
    pub items: Vec<Afterwards>,
    /// Parts that are not built yet.
    pub not_built: Vec<NotBuilt>,
    /// The words that open the block.
    pub word_span: Span,
    /// The whole block.
    pub span: Span,
}

impl Aftermath {
    /// The texts in it that are filled in when the run has come so far.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.items.iter().filter_map(|item| match item {
            Afterwards::Notify(one) => Some(&one.text),
            Afterwards::Incident(one) => one.body.as_ref(),
            Afterwards::Remind(one) => Some(&one.text),
            Afterwards::Watch(_) => None,
        })
    }
}

/// The blocks for afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AftermathKind {
    /// Exposed or half-done, and nothing is left to try.
    Stuck,
    /// A rollback has recovered.
    AfterRollback,
    /// The way forward has recovered.
    AfterForward,
    /// The rollout is complete.
    AfterRollout,
}

impl AftermathKind {
    /// The words in the language.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Stuck => "if stuck",
            Self::AfterRollback => "after rollback",
            Self::AfterForward => "after forward",
            Self::AfterRollout => "after rollout",
        }
    }
}

/// A statement of a block for afterwards.
#[derive(Clone, Debug, PartialEq)]
pub enum Afterwards {
    /// `notify …`
    Notify(Notify),
    /// `incident …`
    Incident(Incident),
    /// `remind …`
    Remind(Remind),
    /// `watch …`
    Watch(Watch),
}

/// `incident from "postmortem"`
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// The name of a template, or the path of a file.
    pub template: Text,
    /// What stands in it; read with the other files that the runbook uses.
    pub body: Option<Text>,
    /// The whole line.
    pub span: Span,
}

/// `remind "TEXT" within D`
#[derive(Clone, Debug, PartialEq)]
pub struct Remind {
    /// Of what.
    pub text: Text,
    /// Until when it should be done, counted from the end of the run.
    pub within: Expr,
    /// The whole line.
    pub span: Span,
}

/// `watch D`: it is looked on for as long.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// For how long.
    pub length: Expr,
    /// The whole line.
    pub span: Span,
}
