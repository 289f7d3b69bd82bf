//! Which files there are: reads each once, and says what is wrong with the way to it.

use std::collections::BTreeMap;

use crate::ast::{self, FileKind, Item, Use};
use crate::diag::factory::library::{self as say, Link};
use crate::diag::{Diagnostics, nearest};
use crate::source::{SourceFile, Sources, Span};
use crate::syntax;

use super::standard::{self, STANDARD};
use super::{Loaded, Loader, Pattern, Refusal};

/// How many files one runbook may use.
const MOST: usize = 100;

/// One file.
pub(super) struct Read {
    pub(super) source: SourceFile,
    pub(super) ast: ast::File,
    pub(super) readable: bool,
    /// The files that it uses, by the names under which it knows them; nothing where one could not be read.
    pub(super) uses: BTreeMap<String, Option<usize>>,
    key: String,
}

/// All files, each once: the main one first, a library after the file that used it first.
pub(super) struct Files<'l> {
    pub(super) sources: Sources,
    pub(super) all: Vec<Read>,
    pub(super) found: Diagnostics,
    loader: &'l dyn Loader,
}

/// A step on the way to a file: where its path stands, and what people know it as.
type Step = (Span, String, usize);

impl<'l> Files<'l> {
    pub(super) fn new(main: &SourceFile, loader: &'l dyn Loader) -> Self {
        let mut files = Self {
            sources: Sources::default(),
            all: Vec::new(),
            found: Diagnostics::new(),
            loader,
        };
        files.add(main.clone(), loader.main());
        files
    }

    /// Reads everything that the main file uses.
    pub(super) fn read(&mut self) {
        self.read_uses(0, &mut Vec::new());
    }

    fn add(&mut self, file: SourceFile, key: String) -> usize {
        let source = self.sources.add(file);
        let parsed = syntax::parse(&source);
        // A runbook that is used by mistake is wrong as a whole, and nothing else about it is said.
        if self.all.is_empty() || !parsed.readable || parsed.ast.kind == FileKind::Library {
            self.found.extend(parsed.diagnostics);
        }
        self.all.push(Read {
            source,
            ast: parsed.ast,
            readable: parsed.readable,
            uses: BTreeMap::new(),
            key,
        });
        self.all.len() - 1
    }

    fn read_uses(&mut self, index: usize, way: &mut Vec<Step>) {
        let Some(file) = self.all.get(index) else {
            return;
        };
        let lines: Vec<Use> = file
            .ast
            .items
            .iter()
            .filter_map(|item| {
                let Item::Use(line) = item else {
                    return None;
                };
                Some(line.clone())
            })
            .collect();
        let mut first: Vec<(usize, Use)> = Vec::new();
        for line in lines {
            let found = self.open(index, &line, way);
            let again = first
                .iter()
                .find(|(other, _)| found == Some(*other))
                .map(|(_, line)| (line.span, line.name.text.clone()));
            if let Some((span, name)) = again {
                self.found
                    .push(say::library_used_twice(line.span, span, &name));
            }
            let Some(file) = self.all.get_mut(index) else {
                return;
            };
            match file.uses.entry(line.name.text.clone()) {
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(found);
                }
                std::collections::btree_map::Entry::Occupied(mut taken) => {
                    if *taken.get() != found {
                        // Nobody knows which of the two is meant.
                        taken.insert(None);
                    }
                    let known = first
                        .iter()
                        .find(|(_, one)| one.name.text == line.name.text);
                    if let Some((_, known)) = known {
                        let place = (known.name.span, "a library");
                        self.found.push(say::library_name_taken(
                            line.name.span,
                            &line.name.text,
                            place,
                        ));
                    }
                }
            }
            if let Some(found) = found {
                first.push((found, line));
            }
        }
    }

    /// The file that a line names, read with all that it uses in turn.
    fn open(&mut self, from: usize, line: &Use, way: &mut Vec<Step>) -> Option<usize> {
        let path = line.path.plain()?.to_owned();
        let span = line.path.span;
        let loaded = match self.load(from, &path) {
            Ok(loaded) => loaded,
            Err(refusal) => {
                let said = self.refused((span, &path), refusal, way);
                self.found.push(said);
                return None;
            }
        };
        way.push((span, loaded.name.clone(), from));
        let found = self.known_or_new(loaded, (span, &path), way);
        way.pop();
        found
    }

    pub(super) fn load(&self, from: usize, path: &str) -> Result<Loaded, Refusal> {
        if path.starts_with("std/") {
            let text = standard::text(path).ok_or(Refusal::Missing {
                looked_for: String::new(),
            })?;
            let key = path.strip_suffix(".runbook").unwrap_or(path);
            return Ok(Loaded {
                key: key.to_owned(),
                name: format!("{key}.runbook"),
                bytes: text.as_bytes().to_vec(),
            });
        }
        let from = self.all.get(from).map_or("", |file| file.key.as_str());
        self.loader.load(from, path)
    }

    /// The files that a pattern of the main file means.
    pub(super) fn list(&self, pattern: &Pattern) -> Result<Vec<Loaded>, Refusal> {
        let from = self.all.first().map_or("", |file| file.key.as_str());
        self.loader.list(from, pattern)
    }

    fn refused(
        &self,
        (span, path): (Span, &str),
        refusal: Refusal,
        way: &[Step],
    ) -> crate::diag::Diagnostic {
        let mut chain = chain(way);
        // The last link is the place itself.
        chain.push(Link { span, file: path });
        match refusal {
            Refusal::Missing { .. } if path.starts_with("std/") => {
                let known: Vec<&str> = STANDARD.iter().map(|(path, _)| *path).collect();
                say::no_standard_library(span, path, &known, &chain)
            }
            Refusal::Missing { looked_for } => {
                let known = STANDARD.iter().map(|(path, _)| *path);
                let near = nearest(path, known);
                say::library_missing(span, (path, &looked_for), near, &chain)
            }
            Refusal::Outside { how, root } => {
                say::library_outside(span, (path, &how), &root, &chain)
            }
            Refusal::Unreadable { why } => say::library_unreadable(span, (path, &why), &chain),
        }
    }

    fn known_or_new(
        &mut self,
        loaded: Loaded,
        (span, path): (Span, &str),
        way: &mut Vec<Step>,
    ) -> Option<usize> {
        let known = self.all.iter().position(|file| file.key == loaded.key);
        if let Some(known) = known {
            // Only what is still being read can lead back to itself.
            let opens = way.iter().position(|(_, _, from)| *from == known);
            if let Some(opens) = opens {
                let name = self.all.get(known).map_or("", |file| file.source.name());
                let (before, looped) = way.split_at(opens);
                let said = say::library_loop(span, name, (&chain(before), &chain(looped)));
                self.found.push(said);
                return None;
            }
            return Some(known);
        }
        let links = chain(way);
        if self.all.len() > MOST {
            let why = format!("a runbook uses at most {MOST} files");
            let said = say::library_unreadable(span, (path, &why), &links);
            self.found.push(said);
            return None;
        }
        let file = match syntax::decode(&loaded.name, loaded.bytes) {
            Ok(file) => file,
            Err(one) => {
                let said = say::library_unreadable(span, (path, &one.message), &links);
                self.found.push(said);
                return None;
            }
        };
        let index = self.add(file, loaded.key);
        let read = self.all.get(index)?;
        if read.readable && read.ast.kind == FileKind::Runbook {
            let title = read.ast.title.as_ref().map(|title| title.span);
            let said = say::not_a_library(span, (path, title), &chain(way));
            self.found.push(said);
            return None;
        }
        self.read_uses(index, way);
        Some(index)
    }
}

fn chain(way: &[Step]) -> Vec<Link<'_>> {
    way.iter()
        .map(|(span, file, _)| Link { span: *span, file })
        .collect()
}
