//! The files that `sql` steps name: each gets the text that it is, so that a run never reads the file again.

use crate::ast::{Command, Item, Sql, Statement};
use crate::diag::factory::sql as say;

use super::Refusal;
use super::files::Files;

impl Files<'_> {
    /// Reads the files that the steps of all files name: those of stages, levels and tasks.
    pub(super) fn read_sql(&mut self) {
        for index in 0..self.all.len() {
            self.read_sql_of(index);
        }
    }

    fn read_sql_of(&mut self, index: usize) {
        let Some(file) = self.all.get_mut(index) else {
            return;
        };
        let mut items = std::mem::take(&mut file.ast.items);
        for item in &mut items {
            if let Item::Rollout(rollout) = item {
                for stage in &mut rollout.stages {
                    self.in_statements(&mut stage.statements, index);
                }
            } else if let Item::Rollback(rollback) = item {
                for level in &mut rollback.levels {
                    self.in_statements(&mut level.statements, index);
                }
            } else if let Item::Task(task) = item {
                self.in_statements(&mut task.statements, index);
            }
        }
        if let Some(file) = self.all.get_mut(index) {
            file.ast.items = items;
        }
    }

    fn in_statements(&mut self, statements: &mut [Statement], index: usize) {
        for statement in statements {
            for inside in statement.inside_mut() {
                self.in_statements(inside, index);
            }
            if let Statement::Command(Command::Sql(sql)) = statement {
                self.read_one(sql, index);
            } else if let Statement::Step(step) = statement {
                if let Some(Command::Sql(sql)) = &mut step.command {
                    self.read_one(sql, index);
                }
                if let Some(undo) = step.clauses.undo_mut() {
                    self.in_statements(&mut undo.statements, index);
                }
            }
        }
    }

    fn read_one(&mut self, sql: &mut Sql, index: usize) {
        let span = sql.file.span;
        let Some(path) = sql.file.plain().map(str::to_owned) else {
            self.found.push(say::path_is_not_plain(span));
            return;
        };
        let said = match self.load(index, &path) {
            Ok(loaded) => match String::from_utf8(loaded.bytes) {
                Ok(text) if text.contains('\0') => say::unreadable(span, &path, "it holds a NUL"),
                Ok(text) => {
                    sql.text = Some(text);
                    return;
                }
                Err(_) => say::unreadable(span, &path, "it is not UTF-8 text"),
            },
            Err(Refusal::Missing { looked_for }) => say::missing(span, &path, &looked_for),
            Err(Refusal::Outside { how, root }) => say::outside(span, (&path, &how), &root),
            Err(Refusal::Unreadable { why }) => say::unreadable(span, &path, &why),
        };
        self.found.push(said);
    }
}
