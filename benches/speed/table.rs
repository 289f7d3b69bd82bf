//! The table of results, and whether every limit is kept.

use std::time::Duration;

/// What a figure must be.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

/// A line of the table.
pub(crate) struct Row {
    /// What is measured.
    pub(crate) what: &'static str,
    /// Both sides in words, for example `5.1 ms, just 4.8 ms`.
    pub(crate) sides: String,
    /// The figure that the limit is about.
    pub(crate) figure: f64,
    /// The figure's unit: `x` for a ratio.
    pub(crate) unit: &'static str,
    pub(crate) limit: Limit,
}

/// A row, or why there is none.
pub(crate) type Outcome = Result<Row, String>;

impl Row {
    fn kept(&self) -> bool {
        match self.limit {
            Limit::AtMost(most) => self.figure <= most,
            Limit::AtLeast(least) => self.figure >= least,
        }
    }

    /// Prints the row; whether its limit is kept.
    pub(crate) fn print(&self) -> bool {
        let (sign, bound) = match self.limit {
            Limit::AtMost(most) => ("<=", most),
            Limit::AtLeast(least) => (">=", least),
        };
        let verdict = if self.kept() { "kept" } else { "MISSED" };
        let unit = self.unit;
        println!(
            "{:<44} {:>9} {unit:<8} {sign} {bound} {unit:<8} {verdict:<7} {}",
            self.what,
            figure(self.figure),
            self.sides
        );
        self.kept()
    }
}

/// Three digits that matter, or all before the point.
fn figure(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// A duration in milliseconds, for a cell.
pub(crate) fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1_000.0)
}
