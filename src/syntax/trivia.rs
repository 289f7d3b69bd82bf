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
        if gap.len() >= 2_000 || !is_adjacent(gap) || comment.placement != Placement::OwnLine {
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

/// Whether nothing but ends of lines stands between a comment and what is below it, and what that accepts.
fn is_adjacent(gap: &str) -> bool {
    let Some((beside, mut rest)) = gap.split_once('\n') else {
        return false;
    };
    if !beside.trim().is_empty() {
        return false;
    }
    while let Some((line, more)) = rest.split_once('\n') {
        if line.split_whitespace().next() != Some("waive") {
            return false;
        }
        rest = more;
    }
    rest.trim().is_empty()
}
