//! What a statement does to rows, beyond its first words: a `where` that leaves none out, `merge`, and functions that a query calls.

use sqlparser::ast::{
    Delete, Expr, FromTable, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    IndexColumn, Merge, MergeAction, ObjectName, Query, SelectItem, SetExpr, TableFactor, Update,
    Value,
};

use crate::diag::factory::migration as say;
use crate::source::Span;

use super::judge::{Judge, lower, name_of};

/// Functions of the database itself that change nothing that a version that still runs has, or only what their name says.
const KNOWN: &[&str] = &[
    "abs",
    "age",
    "array_agg",
    "array_length",
    "avg",
    "bool_and",
    "bool_or",
    "btrim",
    "cardinality",
    "ceil",
    "char_length",
    "clock_timestamp",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "current_database",
    "current_date",
    "current_schema",
    "current_setting",
    "current_time",
    "current_timestamp",
    "current_user",
    "currval",
    "date_part",
    "date_trunc",
    "dense_rank",
    "every",
    "exists",
    "extract",
    "first_value",
    "floor",
    "format",
    "gen_random_uuid",
    "generate_series",
    "greatest",
    "initcap",
    "json_agg",
    "json_build_object",
    "jsonb_agg",
    "jsonb_build_object",
    "lag",
    "last_value",
    "lastval",
    "lead",
    "least",
    "left",
    "length",
    "localtime",
    "localtimestamp",
    "lower",
    "ltrim",
    "make_interval",
    "max",
    "md5",
    "min",
    "mod",
    "nextval",
    "now",
    "nullif",
    "pg_advisory_lock",
    "pg_advisory_unlock",
    "pg_advisory_unlock_all",
    "pg_advisory_xact_lock",
    "pg_get_constraintdef",
    "pg_get_indexdef",
    "pg_get_serial_sequence",
    "pg_notify",
    "pg_relation_size",
    "pg_size_pretty",
    "pg_sleep",
    "pg_table_size",
    "pg_total_relation_size",
    "pg_try_advisory_lock",
    "pg_try_advisory_xact_lock",
    "position",
    "power",
    "quote_ident",
    "quote_literal",
    "random",
    "rank",
    "regexp_match",
    "regexp_replace",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "row_number",
    "row_to_json",
    "rtrim",
    "session_user",
    "set_config",
    "setval",
    "sign",
    "split_part",
    "sqrt",
    "statement_timestamp",
    "string_agg",
    "string_to_array",
    "strpos",
    "substr",
    "substring",
    "sum",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_regclass",
    "to_timestamp",
    "transaction_timestamp",
    "translate",
    "trim",
    "trunc",
    "unnest",
    "upper",
    "version",
];

/// Whether a statement is about every row.
fn leaves_none_out(selection: Option<&Expr>) -> bool {
    selection.is_none_or(|selection| !is_false(selection) && is_constant(selection))
}

/// `where false`: about none.
fn is_false(selection: &Expr) -> bool {
    match selection {
        Expr::Value(value) => value.value == Value::Boolean(false),
        Expr::Nested(inner) => is_false(inner),
        _other => false,
    }
}

/// Whether a `where` says nothing about rows.
fn is_constant(selection: &Expr) -> bool {
    match selection {
        Expr::Value(_) => true,
        Expr::Nested(inner)
        | Expr::UnaryOp { expr: inner, .. }
        | Expr::Cast { expr: inner, .. }
        | Expr::IsTrue(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotFalse(inner)
        | Expr::IsNull(inner)
        | Expr::IsNotNull(inner) => is_constant(inner),
        Expr::BinaryOp { left, right, .. } => is_constant(left) && is_constant(right),
        Expr::Between {
            expr, low, high, ..
        } => is_constant(expr) && is_constant(low) && is_constant(high),
        _other => false,
    }
}

impl Judge<'_> {
    pub(super) fn delete(&mut self, delete: &Delete) {
        if delete.using.is_some() || !leaves_none_out(delete.selection.as_ref()) {
            return;
        }
        let (FromTable::WithFromKeyword(all) | FromTable::WithoutKeyword(all)) = &delete.from;
        for table in all {
            if let TableFactor::Table { name, .. } = &table.relation {
                self.loses_rows(name);
            }
        }
    }

    pub(super) fn update(&mut self, update: &Update) {
        if update.from.is_some() || !leaves_none_out(update.selection.as_ref()) {
            return;
        }
        if let TableFactor::Table { name, .. } = &update.table.relation {
            let table = name_of(name);
            if !self.known.is_new(&table) {
                let at = self.at_name(name);
                self.found.push(say::all_rows(at, &table));
            }
        }
    }

    pub(super) fn loses_rows(&mut self, name: &ObjectName) {
        let table = name_of(name);
        if !self.known.is_new(&table) {
            let at = self.at_name(name);
            self.found.push(say::drops_rows(at, &table));
        }
    }

    /// A statement that changes as many rows as match.
    pub(super) fn merge(&mut self, merge: &Merge) {
        let TableFactor::Table { name, .. } = &merge.table else {
            return;
        };
        let table = name_of(name);
        if self.known.is_new(&table) {
            return;
        }
        let at = self.at_name(name);
        let actions = || merge.clauses.iter().map(|clause| &clause.action);
        if actions().any(|action| matches!(action, MergeAction::Delete { .. })) {
            self.found.push(say::merge_deletes(at, &table));
        }
        if actions().any(|action| matches!(action, MergeAction::Update(_))) {
            self.found.push(say::merge_updates(at, &table));
        }
    }

    /// The functions that a query calls by itself: what one of the project's own does is not known.
    pub(super) fn calls(&mut self, query: &Query) {
        let SetExpr::Select(select) = query.body.as_ref() else {
            return;
        };
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr)
                | SelectItem::ExprWithAlias { expr, .. }
                | SelectItem::ExprWithAliases { expr, .. } => self.called_in(expr),
                SelectItem::QualifiedWildcard(..) | SelectItem::Wildcard(_) => {}
            }
        }
        for table in &select.from {
            let joined = table.joins.iter().map(|join| &join.relation);
            for table in std::iter::once(&table.relation).chain(joined) {
                match table {
                    TableFactor::Table {
                        name,
                        args: Some(_),
                        ..
                    }
                    | TableFactor::Function { name, .. } => self.called(name),
                    _other => {}
                }
            }
        }
    }

    fn called_in(&mut self, expr: &Expr) {
        match expr {
            Expr::Function(function) => self.function(function),
            Expr::Nested(inner)
            | Expr::UnaryOp { expr: inner, .. }
            | Expr::Cast { expr: inner, .. } => {
                self.called_in(inner);
            }
            Expr::BinaryOp { left, right, .. } => {
                self.called_in(left);
                self.called_in(right);
            }
            _other => {}
        }
    }

    fn function(&mut self, function: &Function) {
        self.called(&function.name);
        if let FunctionArguments::List(list) = &function.args {
            for argument in &list.args {
                match argument {
                    FunctionArg::Named { arg, .. }
                    | FunctionArg::ExprNamed { arg, .. }
                    | FunctionArg::Unnamed(arg) => {
                        if let FunctionArgExpr::Expr(expr) = arg {
                            self.called_in(expr);
                        }
                    }
                }
            }
        }
    }

    fn called(&mut self, name: &ObjectName) {
        let plain = name_of(name);
        let known = plain.strip_prefix("pg_catalog.").unwrap_or(&plain);
        if !KNOWN.contains(&known) {
            let at = self.at_name(name);
            self.found.push(say::unread(
                at,
                &format!("what `{plain}()` does is not looked at"),
                "a function can change anything",
            ));
        }
    }

    /// Values of these columns become unique. One that the versions that still run leave empty hinders nobody.
    pub(super) fn becomes_unique(&mut self, table: &str, (columns, at): (&[IndexColumn], Span)) {
        let names: Vec<Option<String>> = columns
            .iter()
            .map(|one| match &one.column.expr {
                Expr::Identifier(name) => Some(lower(name)),
                _other => None,
            })
            .collect();
        let mut left_empty = names.iter().flatten();
        let is_left_empty =
            left_empty.any(|name| self.known.is_left_empty(&(table.to_owned(), name.clone())));
        if !self.known.is_new(table) && !is_left_empty {
            let names: Vec<String> = names.into_iter().flatten().collect();
            self.found
                .push(say::becomes_unique(at, table, &names.join(", ")));
        }
    }

    /// A part of a table that is switched off.
    pub(super) fn switched_off(&mut self, what: &str, (name, table): (&Ident, &str)) {
        if !self.known.is_new(table) {
            let at = self.at(name);
            let plain = lower(name);
            let whole = match plain.as_str() {
                "all" | "user" => format!("every {what} of {table}"),
                _one => format!("{what} `{plain}` of {table}"),
            };
            self.found.push(say::switches_off(at, &whole));
        }
    }
}
