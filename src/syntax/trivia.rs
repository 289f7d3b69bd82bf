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
        // What a declaration accepts stands between it and its comment.
        let adjacent = gap.len() < 2_000 && {
            let mut lines: Vec<&str> = gap.split('\n').map(str::trim).collect();
            let last = lines.pop();
            let mut lines = lines.into_iter();
            last == Some("")
                && lines.next() == Some("")
                && lines.all(|line| line.split_whitespace().next() == Some("waive"))
        };
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
