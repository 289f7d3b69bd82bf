//! What the statements so far have said of the database: which tables are new, what columns are made of, what is sure to be set.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Span;

use super::types::Kind;

/// A column, by its table and its name.
pub(super) type Column = (String, String);

/// What is known.
#[derive(Default)]
pub(super) struct Known {
    /// The tables that this file makes. Nobody uses them yet.
    new_tables: BTreeSet<String>,
    /// The types that columns have, as far as these files say.
    types: BTreeMap<Column, Kind>,
    /// Constraints of a table that a column is not null, by table and name.
    set_checks: BTreeMap<Column, Column>,
    /// The columns that are sure to be set.
    set: BTreeSet<Column>,
    /// Columns that these files add, and that the versions that still run leave empty.
    left_empty: BTreeSet<Column>,
    /// Where the transaction that is open begins.
    pub(super) transaction: Option<Span>,
}

impl Known {
    /// A file is applied by itself.
    pub(super) fn next_file(&mut self) {
        self.new_tables.clear();
        self.transaction = None;
    }

    pub(super) fn makes_table(&mut self, table: &str) {
        self.new_tables.insert(table.to_owned());
    }

    pub(super) fn is_new(&self, table: &str) -> bool {
        self.new_tables.contains(table)
    }

    pub(super) fn type_of(&self, column: &Column) -> Option<&Kind> {
        self.types.get(column)
    }

    pub(super) fn has_type(&mut self, column: Column, kind: Kind) {
        self.types.insert(column, kind);
    }

    /// A column has another name from here on.
    pub(super) fn renamed(&mut self, old: &Column, new: Column) {
        if let Some(kind) = self.types.remove(old) {
            self.types.insert(new, kind);
        }
    }

    /// A constraint says that a column is set; `valid` when every row was looked at.
    pub(super) fn must_be_set(&mut self, constraint: Option<Column>, column: Column, valid: Valid) {
        match (valid, constraint) {
            (Valid::Yes, _) => {
                self.set.insert(column);
            }
            (Valid::NotYet, Some(constraint)) => {
                self.set_checks.insert(constraint, column);
            }
            (Valid::NotYet, None) => {}
        }
    }

    /// Every row was held against a constraint.
    pub(super) fn validated(&mut self, constraint: &Column) {
        if let Some(column) = self.set_checks.remove(constraint) {
            self.set.insert(column);
        }
    }

    /// A new column without a value of its own.
    pub(super) fn leaves_empty(&mut self, column: Column) {
        self.left_empty.insert(column);
    }

    pub(super) fn is_left_empty(&self, column: &Column) -> bool {
        self.left_empty.contains(column)
    }

    pub(super) fn is_set(&self, column: &Column) -> bool {
        self.set.contains(column)
    }
}

/// Whether every row was held against a constraint.
#[derive(Clone, Copy)]
pub(super) enum Valid {
    Yes,
    NotYet,
}
