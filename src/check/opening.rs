//! The window of time that the file chooses, and those that it declares.

use crate::ast::{self, HeaderKey, HeaderValue, Name};
use crate::diag::factory::check as say;
use crate::value::Type;

use super::Checker;
use super::constant::expr_of;
use super::gather::Declared;
use super::names::Sort;
use super::tree;

impl<'a> Checker<'a> {
    /// The window that the header line chooses.
    pub(super) fn window(&mut self, declared: &Declared<'a>) -> Option<tree::Window> {
        for window in &declared.windows {
            if window.rules.is_empty() && window.holidays.is_empty() {
                self.says_nothing(window.name.span, "window", "allow mon..thu 09:00..16:00");
            }
        }
        let line = declared.header(HeaderKey::Window);
        let chosen = line.and_then(|line| match &line.value {
            HeaderValue::Word(word) => Some(word.clone()),
            HeaderValue::Text(text) => {
                let plain = text.plain().unwrap_or("NAME");
                self.found.push(say::window_is_a_name(text.span, plain));
                None
            }
        });
        let window = chosen
            .as_ref()
            .and_then(|name| self.chosen_window(name, declared));
        // The window of a library is chosen by the runbook that uses it.
        let own = declared.windows.iter().filter(|_| !self.is_library());
        for other in own.copied().collect::<Vec<_>>() {
            let is_chosen = chosen
                .as_ref()
                .is_some_and(|name| name.text == other.name.text);
            if (line.is_none() || window.is_some()) && !is_chosen {
                let name = &other.name;
                self.found.push(say::unused_window(name.span, &name.text));
            }
        }
        if line.is_some() {
            self.part(window)
        } else {
            None
        }
    }

    fn chosen_window(&mut self, name: &Name, declared: &Declared<'a>) -> Option<tree::Window> {
        let index = self.find(Sort::Window, name)?;
        let window = declared.windows.get(index as usize)?;
        if declared.header(HeaderKey::Zone).is_none() {
            self.found.push(say::window_without_zone(name.span));
            return None;
        }
        let mut holidays = Vec::new();
        for one in &window.holidays {
            holidays.push(match one {
                ast::Holidays::Dates(days) => tree::Holidays::Dates(days.clone()),
                ast::Holidays::File(text) => tree::Holidays::File {
                    path: self.expect(&expr_of(text), &Type::Path, "a file of holidays")?,
                    span: text.span,
                },
            });
        }
        let rules = window.rules.iter().map(|rule| tree::WindowRule {
            kind: rule.kind,
            days: rule.days.clone(),
            hours: rule.hours,
            text: super::condition::one_line(self.file.slice(rule.span)),
        });
        Some(tree::Window {
            name: name.text.clone(),
            rules: rules.collect(),
            holidays,
        })
    }
}
