//! Statements that hold others, and approvals, each in its lines.

use runbook::ast::{Approve, Statement, Unapproved};

use super::{Outline, expr, text};

impl Outline {
    pub(super) fn nested(&mut self, depth: usize, statement: &Statement) {
        match statement {
            Statement::Parallel(one) => {
                self.line(depth, "parallel");
                for strand in &one.strands {
                    let name = strand.name.as_ref().map(|name| name.text.as_str());
                    self.line(depth + 1, &format!("strand {name:?}"));
                    self.statements(depth + 2, &strand.statements);
                }
            }
            Statement::For(one) => {
                let most = one.most.as_ref().map(expr);
                let (name, list) = (&one.name.text, expr(&one.list));
                self.line(depth, &format!("for {name} in {list} at most {most:?}"));
                self.statements(depth + 1, &one.statements);
            }
            Statement::If(one) => {
                let within = one.within.as_ref().map(expr);
                self.line(depth, &format!("if {} within {within:?}", expr(&one.when)));
                self.statements(depth + 1, &one.then);
                self.line(depth, "else");
                self.statements(depth + 1, &one.otherwise);
            }
            _other => {}
        }
    }

    pub(super) fn approve(&mut self, depth: usize, one: &Approve) {
        self.docs(depth, &one.docs);
        let count = one.count.as_ref().map(expr);
        let otherwise = match &one.otherwise {
            Unapproved::Rollback { from } => {
                let name = from.as_ref().map(|name| format!(" from {}", name.text));
                format!("rollback{}", name.unwrap_or_default())
            }
            Unapproved::Hold => "hold".to_owned(),
            Unapproved::Continue => "continue".to_owned(),
            Unapproved::Refuse => "refuse".to_owned(),
        };
        self.line(
            depth,
            &format!(
                "approve {} by {} count {count:?} within {} else {otherwise}",
                text(&one.text),
                text(&one.group),
                expr(&one.within),
            ),
        );
    }
}
