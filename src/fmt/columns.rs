//! Owns the columns of a paragraph, and writes the lines out. Knows nothing of tokens.

use super::lines::{Cell, Family, Kind, Line};

/// A formatted line, without its comment.
struct Row {
    text: String,
}

/// The whole text.
pub(super) fn write(lines: &[Line]) -> String {
    let mut rows: Vec<Row> = Vec::with_capacity(lines.len());
    for group in groups(lines, shares_cells) {
        rows.extend(align(group));
    }
    let mut out = String::new();
    let mut index = 0;
    for group in groups(lines, shares_comments) {
        let texts = rows.get(index..index + group.len()).unwrap_or_default();
        index += group.len();
        let column = comment_column(group, texts);
        for (line, row) in group.iter().zip(texts) {
            if line.parted {
                out.push('\n');
            }
            out.push_str(&row.text);
            if let Some(comment) = &line.comment {
                pad(&mut out, column.saturating_sub(last_width(&row.text)));
                out.push_str(&comment.text);
            }
            out.push('\n');
        }
    }
    out
}

/// Neighbours that share something, as slices that together are all of the lines.
fn groups(lines: &[Line], shares: fn(&Line, &Line) -> bool) -> impl Iterator<Item = &[Line]> {
    lines.chunk_by(shares)
}

fn shares_cells(one: &Line, next: &Line) -> bool {
    one.family.is_some()
        && one.family == next.family
        && one.level == next.level
        && !next.parted
        && one.kind != Kind::Long
}

fn shares_comments(one: &Line, next: &Line) -> bool {
    one.comment.is_some()
        && next.comment.is_some()
        && one.level == next.level
        && !next.parted
        && one.kind != Kind::Long
}

/// Draws the columns of one group.
fn align(group: &[Line]) -> Vec<Row> {
    let widest = group.iter().map(|line| line.cells.len()).max().unwrap_or(0);
    let mut texts: Vec<String> = vec![String::new(); group.len()];
    for index in 0..widest {
        let column = if index == 0 {
            0
        } else {
            let cells = group
                .iter()
                .zip(&texts)
                .filter_map(|(line, text)| Some((filled(line, index)?, width(text))));
            let may_be_drawn = group
                .iter()
                .all(|line| matches!(line.family, Some(Family::Step | Family::Guard)));
            column(
                cells,
                1,
                if may_be_drawn {
                    Drawn::Stays
                } else {
                    Drawn::Moves
                },
            )
        };
        for (line, text) in group.iter().zip(&mut texts) {
            if let Some(cell) = filled(line, index) {
                let at = width(text);
                pad(text, column.saturating_sub(at));
                text.push_str(&cell.text);
            }
        }
    }
    group
        .iter()
        .zip(texts)
        .map(|(line, text)| {
            let mut indented = String::new();
            pad(&mut indented, line.level * 2);
            indented.push_str(&text);
            Row { text: indented }
        })
        .collect()
}

fn filled(line: &Line, index: usize) -> Option<&Cell> {
    line.cells.get(index).filter(|cell| !cell.text.is_empty())
}

/// What becomes of a column that the author drew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    /// The column between steps and their commands, guards and their actions, lines and their comments.
    Stays,
    /// The column between a key and its value.
    Moves,
}

/// Where a column stands: where the author drew it, if that stays, on two lines or more and clear of what stands before; else as far left
/// as it can.
fn column<'c>(
    cells: impl Iterator<Item = (&'c Cell, usize)>,
    gap: usize,
    by_author: Drawn,
) -> usize {
    let (mut least, mut count, mut drawn) = (0, 0, None);
    let mut agreed = true;
    for (cell, before) in cells {
        least = least.max(before + gap);
        count += 1;
        agreed &= drawn.is_none_or(|at| at == cell.was_at);
        drawn = Some(cell.was_at);
    }
    match drawn {
        Some(at) if by_author == Drawn::Stays && agreed && count > 1 && at >= least => at,
        Some(_) | None => least,
    }
}

/// Two blanks at least before a comment at the end of a line.
fn comment_column(group: &[Line], rows: &[Row]) -> usize {
    let indent = group.first().map_or(0, |line| line.level * 2);
    let cells = group.iter().zip(rows).filter_map(|(line, row)| {
        let width = last_width(&row.text).saturating_sub(indent);
        Some((line.comment.as_ref()?, width))
    });
    column(cells, 2, Drawn::Stays) + indent
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// The width of the last line of a text.
fn last_width(text: &str) -> usize {
    width(text.rsplit('\n').next().unwrap_or_default())
}

fn pad(text: &mut String, blanks: usize) {
    text.extend(std::iter::repeat_n(' ', blanks));
}
