//! The files of `check … migrations "db/*.sql"`: read once each, in the order of their paths.

use crate::ast::{BeforeItem, Item};
use crate::diag::factory::migration as say;
use crate::source::{SourceFile, Span};

use super::files::Files;
use super::{Loaded, Pattern, Refusal};

/// How many files one check may name, and how many bytes all of them may have: every journal keeps them.
const MOST: usize = 1_000;
const MOST_BYTES: usize = 16 << 20;

/// The files that one check names.
#[derive(Clone, Debug)]
pub struct Migrations {
    /// Where the pattern stands.
    pub pattern: Span,
    /// The files, in the order of their paths.
    pub files: Vec<SourceFile>,
}

impl Files<'_> {
    /// Reads the files that the checks of the main file name.
    pub(super) fn read_migrations(&mut self) -> Vec<Migrations> {
        let mut patterns = Vec::new();
        for item in self.all.first().map_or(&[][..], |main| &main.ast.items) {
            let Item::Before(block) = item else {
                continue;
            };
            for one in &block.items {
                if let BeforeItem::Check(check) = one
                    && let Some(text) = &check.migrations
                {
                    patterns.push((text.span, text.plain().map(str::to_owned)));
                }
            }
        }
        let mut read: Vec<(String, SourceFile)> = Vec::new();
        let mut all = Vec::new();
        for (span, pattern) in patterns {
            let Some(pattern) = pattern else {
                self.found.push(say::pattern_not_plain(span));
                continue;
            };
            if let Some(files) = self.of_pattern((span, &pattern), &mut read) {
                all.push(Migrations {
                    pattern: span,
                    files,
                });
            }
        }
        all
    }

    /// The files of one pattern; nothing where something is wrong with it, which is said.
    fn of_pattern(
        &mut self,
        (span, text): (Span, &str),
        read: &mut Vec<(String, SourceFile)>,
    ) -> Option<Vec<SourceFile>> {
        let pattern = match Pattern::of(text) {
            Ok(pattern) => pattern,
            Err(why) => {
                self.found.push(say::bad_glob(span, text, &why));
                return None;
            }
        };
        let loaded = match self.list(&pattern) {
            Ok(loaded) if loaded.is_empty() => {
                let folder = match pattern.folder() {
                    "" => "the directory of the runbook".to_owned(),
                    folder => format!("the directory {folder}"),
                };
                self.found.push(say::nothing_matches(span, text, &folder));
                return None;
            }
            Ok(loaded) if loaded.len() > MOST => {
                let why = format!("these are {} files; at most {MOST} are read", loaded.len());
                self.found
                    .push(say::migrations_unreadable(span, text, &why));
                return None;
            }
            Ok(loaded) => loaded,
            Err(refusal) => {
                self.found.push(match refusal {
                    Refusal::Missing { looked_for } => {
                        let folder = format!("{looked_for}, which is not there");
                        say::nothing_matches(span, text, &folder)
                    }
                    Refusal::Outside { how, root } => {
                        say::migrations_outside(span, (text, &how), &root)
                    }
                    Refusal::Unreadable { why } => say::migrations_unreadable(span, text, &why),
                });
                return None;
            }
        };
        let bytes: usize = loaded.iter().map(|one| one.bytes.len()).sum();
        if bytes > MOST_BYTES {
            let why = "these files are too large to be kept with every run";
            self.found.push(say::migrations_unreadable(span, text, why));
            return None;
        }
        let mut files = Vec::new();
        for one in loaded {
            files.push(self.migration((span, text), one, read)?);
        }
        Some(files)
    }

    fn migration(
        &mut self,
        (span, pattern): (Span, &str),
        loaded: Loaded,
        read: &mut Vec<(String, SourceFile)>,
    ) -> Option<SourceFile> {
        if let Some((_, file)) = read.iter().find(|(key, _)| *key == loaded.key) {
            return Some(file.clone());
        }
        let Ok(text) = String::from_utf8(loaded.bytes) else {
            let why = format!("{} is not UTF-8 text", loaded.name);
            self.found
                .push(say::migrations_unreadable(span, pattern, &why));
            return None;
        };
        let file = self.sources.add(SourceFile::new(loaded.name, text));
        read.push((loaded.key, file.clone()));
        Some(file)
    }
}
