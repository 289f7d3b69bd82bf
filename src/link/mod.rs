//! The files of one runbook: reads what `use` names, and makes one tree of them.
//!
//! Reads no file itself: a [`Loader`] does, which the caller gives. Knows names and nothing of types: what a name of a
//! library stands for is put under that name, `hours.office`, beside the declarations of the file, and every later phase
//! finds it there. What a file takes from a template or adopts from a library is made a declaration of its own.

mod files;
mod incidents;
mod merge;
mod migrations;
mod pattern;
mod sql;
mod standard;
mod tasks;
mod templates;

use std::collections::BTreeMap;

use crate::ast;
use crate::diag::Diagnostics;
use crate::diag::factory::settings as say;
use crate::source::{SourceFile, Sources};

pub use incidents::TEMPLATES;
pub use migrations::Migrations;
pub use pattern::Pattern;
pub use standard::STANDARD;

/// The file with the settings of a project.
pub const SETTINGS: &str = "runbook.toml";

/// Opens the files that `use` names.
pub trait Loader {
    /// What the file that the person named is known as, to see when a library uses it.
    fn main(&self) -> String;

    /// Opens the file that `path` names in the file known as `from`.
    ///
    /// # Errors
    /// Why there is none.
    fn load(&self, from: &str, path: &str) -> Result<Loaded, Refusal>;

    /// Opens the files that a pattern means in the file known as `from`, in the order of their paths.
    ///
    /// # Errors
    /// Why there are none.
    fn list(&self, from: &str, pattern: &Pattern) -> Result<Vec<Loaded>, Refusal>;

    /// The settings of the project, `runbook.toml`; nothing when it has none.
    ///
    /// # Errors
    /// Its name, and why it cannot be read.
    fn settings(&self) -> Result<Option<Loaded>, (String, String)>;
}

/// A file that was opened.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The same for the same file, by whatever path it was found.
    pub key: String,
    /// What people know it as.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why a file was not opened.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// There is none.
    Missing {
        /// Where it was looked for.
        looked_for: String,
    },
    /// It is not part of the project.
    Outside {
        /// In which way the path leads out, as a label.
        how: String,
        /// Where the project begins.
        root: String,
    },
    /// It cannot be read.
    Unreadable {
        /// Why, as a label.
        why: String,
    },
}

/// Files that are at hand as text, by their paths: for a text that comes from no directory.
#[derive(Clone, Debug, Default)]
pub struct AtHand {
    main: String,
    files: BTreeMap<String, String>,
}

impl AtHand {
    /// `main` alone, and what is inside the program.
    pub fn alone(main: &SourceFile) -> Self {
        Self {
            main: main.name().to_owned(),
            files: BTreeMap::from([(main.name().to_owned(), main.text().to_owned())]),
        }
    }

    /// The same with a further file.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }
}

impl Loader for AtHand {
    fn main(&self) -> String {
        self.main.clone()
    }

    fn settings(&self) -> Result<Option<Loaded>, (String, String)> {
        let text = self.files.get(SETTINGS);
        Ok(text.map(|text| Loaded {
            key: SETTINGS.to_owned(),
            name: SETTINGS.to_owned(),
            bytes: text.clone().into_bytes(),
        }))
    }

    fn list(&self, from: &str, pattern: &Pattern) -> Result<Vec<Loaded>, Refusal> {
        let folder = way(from, pattern.folder())?;
        let prefix = match folder.as_str() {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let all = self.files.iter().filter_map(|(path, text)| {
            let below = path.strip_prefix(&prefix)?;
            pattern.matches(below).then(|| Loaded {
                key: path.clone(),
                name: path.clone(),
                bytes: text.clone().into_bytes(),
            })
        });
        Ok(all.collect())
    }

    fn load(&self, from: &str, path: &str) -> Result<Loaded, Refusal> {
        let found = way(from, path)?;
        match self.files.get(&found) {
            None => Err(Refusal::Missing { looked_for: found }),
            Some(text) => Ok(Loaded {
                key: found.clone(),
                name: found,
                bytes: text.clone().into_bytes(),
            }),
        }
    }
}

/// Where a path leads from a file.
fn way(from: &str, path: &str) -> Result<String, Refusal> {
    let outside = |how: &str| Refusal::Outside {
        how: how.to_owned(),
        root: "the directory of the runbook".to_owned(),
    };
    if path.starts_with('/') {
        return Err(outside("this is an absolute path"));
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return Err(outside("this leads out of it")),
            ".." => {}
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A file with all that it uses.
#[derive(Clone, Debug)]
pub struct Linked {
    /// All files that were read, the main one first.
    pub sources: Sources,
    /// The main file, with what it uses of others.
    pub ast: ast::File,
    /// Every library by itself, with what it uses of others, and its file.
    pub libraries: Vec<(SourceFile, ast::File)>,
    /// The files that incidents are made from.
    pub templates: Vec<SourceFile>,
    /// The files that the checks of migrations name.
    pub migrations: Vec<Migrations>,
    /// The settings of the project.
    pub settings: Option<SourceFile>,
    /// What could not be read, and what is wrong between the files; sorted by place.
    pub diagnostics: Diagnostics,
    /// Whether the main file could be divided into statements at all.
    pub readable: bool,
}

impl Linked {
    /// The files of all checks of migrations, each once, in the order in which they were read.
    pub fn migrations_once(&self) -> Vec<&SourceFile> {
        let mut all: Vec<&SourceFile> = Vec::new();
        for file in self.migrations.iter().flat_map(|one| &one.files) {
            if all.iter().all(|known| known.base() != file.base()) {
                all.push(file);
            }
        }
        all
    }
}

/// Reads a file and all that it uses.
pub fn link(main: &SourceFile, loader: &dyn Loader) -> Linked {
    let mut files = files::Files::new(main, loader);
    files.read();
    let templates = files.read_templates();
    files.read_sql();
    let migrations = files.read_migrations();
    let mut diagnostics = std::mem::take(&mut files.found);
    let settings = match loader.settings() {
        Ok(loaded) => loaded.map(|loaded| {
            let text = String::from_utf8_lossy(&loaded.bytes).into_owned();
            files.sources.add(SourceFile::new(loaded.name, text))
        }),
        Err((name, why)) => {
            diagnostics.push(say::settings_unread(&name, &why));
            None
        }
    };
    let all = files.all.iter().enumerate();
    let merged: Vec<merge::Merged> = all
        .map(|(index, file)| merge::merge(&files, index, file))
        .collect();
    let readable = files.all.first().is_some_and(|file| file.readable);
    let (mut main, mut libraries) = (None, Vec::new());
    for (file, mut merged) in files.all.into_iter().zip(merged) {
        diagnostics.extend(std::mem::take(&mut merged.found));
        let (tree, found) = merged.tree(file.ast);
        diagnostics.extend(found);
        if main.is_none() {
            main = Some(tree);
        } else if tree.kind == ast::FileKind::Library {
            libraries.push((file.source, tree));
        }
    }
    diagnostics.sort();
    Linked {
        sources: files.sources,
        ast: main.unwrap_or_default(),
        libraries,
        templates,
        migrations,
        settings,
        diagnostics,
        readable,
    }
}
