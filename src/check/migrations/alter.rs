//! `alter table`: what each of its operations does to the versions that still run.

use sqlparser::ast::{
    AlterColumnOperation, AlterTableOperation, ColumnDef, ColumnOption, Expr, Ident,
    RenameTableNameKind, TableConstraint,
};

use crate::diag::factory::migration as say;

use super::judge::{Judge, lower, name_of};
use super::known::Valid;
use super::types::{Change, Kind, is_serial};

/// Functions whose value is the same for every row of one statement.
const STEADY: &[&str] = &[
    "now",
    "current_timestamp",
    "current_date",
    "current_time",
    "current_user",
    "session_user",
    "localtimestamp",
    "localtime",
    "transaction_timestamp",
    "statement_timestamp",
    "to_jsonb",
    "jsonb_build_object",
    "jsonb_build_array",
    "make_interval",
    "lower",
    "upper",
    "coalesce",
];

/// One operation on a table.
pub(super) fn operation(judge: &mut Judge<'_>, table: &str, one: &AlterTableOperation) {
    use AlterTableOperation as Do;
    let is_new = judge.known.is_new(table);
    match one {
        Do::AddColumn { column_def, .. } => add_column(judge, table, column_def),
        Do::DropColumn { column_names, .. } => {
            for name in column_names {
                if !is_new {
                    let what = format!("column `{}` of {table}", lower(name));
                    let at = judge.at(name);
                    judge.found.push(say::drops(at, &what));
                }
            }
        }
        Do::RenameColumn {
            old_column_name,
            new_column_name,
        } => {
            let (old, new) = (lower(old_column_name), lower(new_column_name));
            if !is_new {
                let at = judge.at(old_column_name);
                let what = format!("column `{old}` of {table}");
                judge.found.push(say::renames(at, &what, &new));
            }
            let column = |name| (table.to_owned(), name);
            judge.known.renamed(&column(old), column(new));
        }
        Do::RenameTable { table_name } => {
            let (RenameTableNameKind::As(to) | RenameTableNameKind::To(to)) = table_name;
            if !is_new {
                let at = judge.at_name(to);
                let what = format!("table `{table}`");
                judge.found.push(say::renames(at, &what, &name_of(to)));
            }
        }
        Do::AlterColumn { column_name, op } => alter_column(judge, table, (column_name, op)),
        Do::AddConstraint {
            constraint,
            not_valid,
        } => {
            let valid = if *not_valid {
                Valid::NotYet
            } else {
                Valid::Yes
            };
            add_constraint(judge, table, (constraint, valid));
        }
        Do::ValidateConstraint { name } => {
            judge.known.validated(&(table.to_owned(), lower(name)));
        }
        Do::SetLogged | Do::SetUnlogged => {
            if !is_new {
                let way = "leave it to a time at which nobody uses the table";
                let at = judge.opens();
                judge.found.push(say::command_locks(at, "set logged", way));
            }
        }
        Do::DisableTrigger { name } => judge.switched_off("trigger", (name, table)),
        Do::DisableRule { name } => judge.switched_off("rule", (name, table)),
        // These take nothing away, or take away what only refused something.
        Do::DropConstraint { .. }
        | Do::RenameConstraint { .. }
        | Do::OwnerTo { .. }
        | Do::ReplicaIdentity { .. }
        | Do::EnableTrigger { .. }
        | Do::EnableAlwaysTrigger { .. }
        | Do::EnableReplicaTrigger { .. }
        | Do::EnableRule { .. }
        | Do::EnableAlwaysRule { .. }
        | Do::EnableReplicaRule { .. }
        | Do::NoForceRowLevelSecurity
        | Do::DisableRowLevelSecurity
        | Do::SetOptionsParens { .. }
        | Do::AttachPartitionOf { .. } => {}
        _other => judge.not_known(),
    }
}

fn add_column(judge: &mut Judge<'_>, table: &str, column: &ColumnDef) {
    let name = lower(&column.name);
    let at = (table.to_owned(), name.clone());
    judge.known.has_type(at, Kind::of(&column.data_type));
    if judge.known.is_new(table) {
        return;
    }
    let whole = format!("column `{name}` of {table}");
    let place = judge.at(&column.name);
    let options = || column.options.iter().map(|one| &one.option);
    let is_serial = is_serial(&column.data_type);
    let has_value = options().any(|one| {
        matches!(
            one,
            ColumnOption::Default(_) | ColumnOption::Generated { .. } | ColumnOption::Identity(_)
        )
    });
    let must_be = options().any(|one| matches!(one, ColumnOption::NotNull));
    if must_be && !has_value && !is_serial {
        let ty = column.data_type.to_string().to_lowercase();
        judge
            .found
            .push(say::added_not_null(place, &whole, (table, &name, &ty)));
    }
    if !has_value && !must_be && !is_serial {
        judge.known.leaves_empty((table.to_owned(), name.clone()));
    }
    if is_serial {
        let why = "a number of a sequence";
        judge.found.push(say::written_anew(place, &whole, why));
    }
    for one in options() {
        match one {
            ColumnOption::Default(value) => {
                if let Some(function) = unsteady(value) {
                    let why = format!("`{function}()` may differ from row to row");
                    judge.found.push(say::written_anew(place, &whole, &why));
                }
            }
            ColumnOption::Generated { .. } | ColumnOption::Identity(_) => {
                let why = "it is generated";
                judge.found.push(say::written_anew(place, &whole, why));
            }
            ColumnOption::PrimaryKey(_) => {
                let what = "`primary key`";
                judge
                    .found
                    .push(say::column_constraint_locks(place, what, table));
            }
            ColumnOption::Unique(_) => {
                let what = "`unique`";
                judge
                    .found
                    .push(say::column_constraint_locks(place, what, table));
                // Without a value of its own it stays empty where nobody writes it.
                if has_value {
                    judge.found.push(say::becomes_unique(place, table, &name));
                }
            }
            ColumnOption::ForeignKey(_) => {
                let what = "`references`";
                judge
                    .found
                    .push(say::column_constraint_locks(place, what, table));
            }
            ColumnOption::Check(_) => {
                let what = "`check`";
                judge
                    .found
                    .push(say::column_constraint_locks(place, what, table));
            }
            _other => {}
        }
    }
}

/// The function in a default whose value may differ from row to row.
fn unsteady(value: &Expr) -> Option<String> {
    match value {
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            (!STEADY.contains(&name.as_str())).then_some(name)
        }
        Expr::Cast { expr, .. } | Expr::Nested(expr) | Expr::UnaryOp { expr, .. } => unsteady(expr),
        Expr::BinaryOp { left, right, .. } => unsteady(left).or_else(|| unsteady(right)),
        _other => None,
    }
}

fn alter_column(judge: &mut Judge<'_>, table: &str, (name, op): (&Ident, &AlterColumnOperation)) {
    let column = (table.to_owned(), lower(name));
    let whole = format!("column `{}` of {table}", column.1);
    let is_new = judge.known.is_new(table);
    let at = judge.at(name);
    match op {
        AlterColumnOperation::SetNotNull => {
            if !is_new && !judge.known.is_set(&column) {
                judge
                    .found
                    .push(say::becomes_not_null(at, (&column.1, table), &whole));
            }
        }
        AlterColumnOperation::DropDefault => {
            if !is_new {
                judge.found.push(say::drops_default(at, &whole));
            }
        }
        AlterColumnOperation::SetDataType { data_type, .. } => {
            let to = data_type.to_string().to_lowercase();
            let kind = Kind::of(data_type);
            if !is_new {
                let known = judge
                    .known
                    .type_of(&column)
                    .map(|old| (old.to(&kind), old.words()));
                let said = match &known {
                    Some((Change::Free, _)) => None,
                    Some((Change::Narrower, old)) => Some(say::NewType::Narrower(old)),
                    Some((Change::Rewrites, old)) => Some(say::NewType::Other(old)),
                    None => Some(say::NewType::Unknown),
                };
                if let Some(known) = said {
                    judge
                        .found
                        .push(say::changes_type(at, (&whole, &to), &known));
                }
            }
            judge.known.has_type(column, kind);
        }
        AlterColumnOperation::DropNotNull
        | AlterColumnOperation::SetDefault { .. }
        | AlterColumnOperation::AddGenerated { .. } => {}
        _other => judge.not_known(),
    }
}

fn add_constraint(
    judge: &mut Judge<'_>,
    table: &str,
    (constraint, valid): (&TableConstraint, Valid),
) {
    let is_new = judge.known.is_new(table);
    let (name, what, with) = match constraint {
        TableConstraint::Check(check) => {
            if let Some(column) = set_column(&check.expr) {
                let of = |name| (table.to_owned(), name);
                let constraint = check.name.as_ref().map(|name| of(lower(name)));
                judge.known.must_be_set(constraint, of(column), valid);
            }
            (&check.name, "a check", None)
        }
        TableConstraint::ForeignKey(key) => (&key.name, "a foreign key", None),
        TableConstraint::Unique(unique) => (&unique.name, "a unique constraint", Some("unique")),
        TableConstraint::PrimaryKey(key) => (&key.name, "a primary key", Some("primary key")),
        TableConstraint::PrimaryKeyUsingIndex(_) | TableConstraint::UniqueUsingIndex(_) => return,
        _other => return judge.not_known(),
    };
    if is_new {
        return;
    }
    let at = name.as_ref().map_or(judge.opens(), |name| judge.at(name));
    match constraint {
        TableConstraint::Unique(unique) => {
            judge.becomes_unique(table, (&unique.columns, at));
        }
        TableConstraint::PrimaryKey(key) => judge.becomes_unique(table, (&key.columns, at)),
        _other => {}
    }
    match (with, valid) {
        (Some(with), _) => judge.found.push(say::unique_locks(at, (what, table), with)),
        (None, Valid::Yes) => {
            let name = name.as_ref().map_or("NAME".to_owned(), lower);
            judge
                .found
                .push(say::constraint_locks(at, (what, table), &name));
        }
        (None, Valid::NotYet) => {}
    }
}

/// The column of `column is not null`.
fn set_column(expr: &Expr) -> Option<String> {
    match expr {
        Expr::IsNotNull(inner) => match &**inner {
            Expr::Identifier(name) => Some(lower(name)),
            Expr::Nested(inner) => match &**inner {
                Expr::Identifier(name) => Some(lower(name)),
                _other => None,
            },
            _other => None,
        },
        Expr::Nested(inner) => set_column(inner),
        _other => None,
    }
}
