//! Calls of tasks: each gets a copy of what its task does, so that every later phase sees what happens there. A task that calls
//! itself, at once or by way of others, is named with the whole chain.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{File, Item, Statement, Task, TaskBody, TaskCall};
use crate::diag::Diagnostics;
use crate::diag::factory::task as say;
use crate::source::Span;

/// The most statements that all calls of a file come to.
const MOST: usize = 2_000;

/// The most calls that are within each other.
const DEEPEST: usize = 20;

/// Fills in every call of a file.
pub(super) fn expand(ast: &mut File) -> Diagnostics {
    let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
    for item in &ast.items {
        if let Item::Task(task) = item {
            // A second one of a name is reported with all other names.
            tasks
                .entry(task.name.text.clone())
                .or_insert_with(|| task.clone());
        }
    }
    if tasks.is_empty() {
        return Diagnostics::new();
    }
    let mut expanding = Expanding {
        tasks: &tasks,
        chain: Vec::new(),
        loops: Vec::new(),
        made: 0,
        found: Diagnostics::new(),
    };
    for item in &mut ast.items {
        if let Item::Rollout(one) = item {
            for stage in &mut one.stages {
                expanding.statements(&mut stage.statements);
            }
        } else if let Item::Rollback(one) = item {
            for level in &mut one.levels {
                expanding.statements(&mut level.statements);
            }
        } else if let Item::Task(one) = item {
            expanding.chain.push((one.name.text.clone(), one.name.span));
            expanding.statements(&mut one.statements);
            expanding.chain.pop();
        }
    }
    expanding.found
}

struct Expanding<'t> {
    tasks: &'t BTreeMap<String, Task>,
    /// The tasks that are being copied, from the outside, each with the place that leads to it.
    chain: Vec<(String, Span)>,
    /// The tasks of each loop that was reported.
    loops: Vec<BTreeSet<String>>,
    /// So many statements were copied.
    made: usize,
    found: Diagnostics,
}

impl Expanding<'_> {
    fn statements(&mut self, statements: &mut [Statement]) {
        for statement in statements {
            if let Statement::Call(call) = statement {
                self.call(call);
            } else {
                for inside in statement.inside_mut() {
                    self.statements(inside);
                }
            }
        }
    }

    fn call(&mut self, call: &mut TaskCall) {
        // That there is none is said where names are looked up.
        let Some(task) = self.tasks.get(call.name.as_str()) else {
            return;
        };
        let mut on_the_way = self.chain.iter();
        if let Some(first) = on_the_way.position(|(known, _)| *known == call.name.text) {
            let way: Vec<(&str, Span)> = self
                .chain
                .iter()
                .skip(first)
                .map(|(name, span)| (name.as_str(), *span))
                .collect();
            // Everything that comes to it would say it again.
            let round = way.iter().map(|(name, _)| (*name).to_owned()).collect();
            if !self.loops.contains(&round) {
                self.loops.push(round);
                self.found
                    .push(say::task_loop((call.span, call.name.as_str()), &way));
            }
            return;
        }
        if self.chain.len() >= DEEPEST {
            self.found.push(say::called_too_deep(call.span, DEEPEST));
            return;
        }
        let mut statements = task.statements.clone();
        self.made = self.made.saturating_add(Statement::all(&statements).len());
        if self.made > MOST {
            self.found.push(say::too_much_called(call.span, MOST));
            return;
        }
        self.chain.push((call.name.text.clone(), call.span));
        self.statements(&mut statements);
        self.chain.pop();
        call.body = Some(TaskBody {
            task: task.name.clone(),
            params: task.params.clone(),
            statements,
        });
    }
}
