//! Owns how a template reads before its run: what only the run knows is named in parentheses.

use crate::plan::Piece;

/// A template as text.
pub(super) fn words(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Run => "(run)",
            Piece::Stage => "(stage)",
            Piece::Level => "(level)",
            Piece::Reason => "(reason)",
            Piece::By => "(by)",
            Piece::Started => "(started)",
            Piece::Exposure(_) => "(exposure)",
        })
        .collect()
}
