//! Which comment belongs to which declaration.

use crate::ast::{Comment, Placement};
use crate::source::SourceFile;

/// The comment lines right above `start`, without their `#`; nothing may stand between them and it.
pub(super) fn docs(file: &SourceFile, comments: &[Comment], start: u32) -> Option<String> {
    let mut below = start;
    let mut lines: Vec<&str> = Vec::new();
    let before = comments.partition_point(|comment| comment.span.start < start);
    for comment in comments.get(..before).unwrap_or_default().iter().rev() {
        let between = crate::source::Span::new(comment.span.end, below);
        let gap = file.slice(between);
        let adjacent = gap.len() < 200
            && gap.bytes().filter(|byte| *byte == b'\n').count() == 1
            && gap.trim().is_empty();
        if !adjacent || comment.placement != Placement::OwnLine {
            break;
        }
        let text = file.slice(comment.span).trim_start_matches('#');
        lines.push(text.strip_prefix(' ').unwrap_or(text).trim_end());
        below = comment.span.start;
    }
    if lines.is_empty() {
        return None;
    }
    lines.reverse();
    Some(lines.join("\n"))
}
