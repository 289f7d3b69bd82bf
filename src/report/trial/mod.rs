//! Owns what people read of tests: whether they hold, how a run went up to the point where it went another way, and what no test
//! reaches.

mod coverage;
mod facts;
mod judge;
mod junit;
mod script;
mod story;
mod suggest;
mod tested;

pub use coverage::{COVERAGE_SCHEMA, Coverage, Item, Kind, coverage_json, table};
pub use judge::{Miss, judge, outcome};
pub use junit::junit;
pub use story::{diagnostic, ill_at_ease, story};
pub use suggest::{Reader, Ready, Suggested, suggest};
pub use tested::{Chosen, Failure, FileTested, TEST_SCHEMA, Tested, counts, json, test_file};
