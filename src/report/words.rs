//! Owns how a template reads before its run: what only the run knows is named in parentheses.

use super::names::Names;
use crate::plan::{Piece, Plan};

/// A template as text.
pub(super) fn words(plan: &Plan, pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Run => "(run)".to_owned(),
            Piece::Stage => "(stage)".to_owned(),
            Piece::Level => "(level)".to_owned(),
            Piece::Reason => "(reason)".to_owned(),
            Piece::By => "(by)".to_owned(),
            Piece::Started => "(started)".to_owned(),
            Piece::Exposure(id) => format!("({})", Names(plan).exposure(*id)),
            Piece::Capture(id) => format!("({})", Names(plan).capture(*id)),
        })
        .collect()
}
