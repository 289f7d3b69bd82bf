//! Owns the way from a `use` to a file: relative to the file that says it, and never out of the project.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use crate::link::{Loaded, Loader, Pattern, Refusal, SETTINGS};

use super::compile;

/// How many names are looked at below the directory of a pattern.
const MOST_ENTRIES: usize = 20_000;

/// Where people are, which never changes while this program runs.
static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();

/// Opens the libraries of one runbook.
pub(super) struct Project {
    main: PathBuf,
    root: PathBuf,
    here: Option<PathBuf>,
}

impl Project {
    /// The project of a runbook: the nearest directory upwards with a `runbook.toml` or a `.git`, else the runbook's own.
    pub(super) fn of(main: &Path) -> Self {
        let main = main.canonicalize().unwrap_or_else(|_| main.to_path_buf());
        let own = main.parent().unwrap_or(&main).to_path_buf();
        let marked = own
            .ancestors()
            .find(|dir| dir.join(SETTINGS).exists() || dir.join(".git").exists());
        let root = marked.map_or_else(|| own.clone(), Path::to_path_buf);
        Self {
            main,
            root,
            here: HERE
                .get_or_init(|| {
                    let here = std::env::current_dir().and_then(|dir| dir.canonicalize());
                    here.ok()
                })
                .clone(),
        }
    }

    /// A path as people know it: from where they are, or else from the root of the project.
    fn shown(&self, path: &Path) -> String {
        let near = self
            .here
            .as_ref()
            .and_then(|here| path.strip_prefix(here).ok());
        let near = near.or_else(|| path.strip_prefix(&self.root).ok());
        near.unwrap_or(path).display().to_string()
    }

    /// The path of a file by the name that people know it under.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        let near = self.here.as_ref().map(|here| here.join(name));
        near.filter(|path| path.exists())
            .unwrap_or_else(|| self.root.join(name))
    }

    fn outside(&self, how: String) -> Refusal {
        Refusal::Outside {
            how,
            root: self.root.display().to_string(),
        }
    }
}

impl Loader for Project {
    fn main(&self) -> String {
        self.main.to_string_lossy().into_owned()
    }

    fn settings(&self) -> Result<Option<Loaded>, (String, String)> {
        let path = self.root.join(SETTINGS);
        if !path.exists() {
            return Ok(None);
        }
        let name = self.shown(&path);
        match compile::bytes(&path) {
            Ok(bytes) => Ok(Some(Loaded {
                key: path.to_string_lossy().into_owned(),
                name,
                bytes,
            })),
            Err(why) => Err((name, why)),
        }
    }

    fn list(&self, from: &str, pattern: &Pattern) -> Result<Vec<Loaded>, Refusal> {
        let folder = self.found(from, pattern.folder())?;
        let mut all = Vec::new();
        let mut seen = 0;
        below(&folder, (pattern, ""), &mut seen, &mut all)?;
        all.sort();
        all.iter()
            .map(|below| self.opened(&self.real(&folder.join(below))?))
            .collect()
    }

    fn load(&self, from: &str, path: &str) -> Result<Loaded, Refusal> {
        let real = self.found(from, path)?;
        // A pipe would keep whoever reads it waiting.
        if !real.is_file() {
            return Err(unreadable("this is not a file".to_owned()));
        }
        self.opened(&real)
    }
}

impl Project {
    /// What a path in a file leads to.
    fn found(&self, from: &str, path: &str) -> Result<PathBuf, Refusal> {
        if Path::new(path).is_absolute() {
            return Err(self.outside("this is an absolute path".to_owned()));
        }
        let own = Path::new(from).parent().unwrap_or(&self.root);
        let wanted = without_dots(&own.join(path));
        if !wanted.starts_with(&self.root) {
            return Err(self.outside("this leads out of it".to_owned()));
        }
        self.real(&wanted)
    }

    /// What is there behind symbolic links, which do not lead out of the project.
    fn real(&self, wanted: &Path) -> Result<PathBuf, Refusal> {
        let real = wanted.canonicalize().map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                Refusal::Missing {
                    looked_for: self.shown(wanted),
                }
            } else {
                unreadable(error.to_string())
            }
        })?;
        if !real.starts_with(&self.root) {
            let to = real.display();
            return Err(self.outside(format!("a symbolic link on the way leads to {to}")));
        }
        Ok(real)
    }

    fn opened(&self, real: &Path) -> Result<Loaded, Refusal> {
        let bytes = compile::bytes(real).map_err(unreadable)?;
        Ok(Loaded {
            key: real.to_string_lossy().into_owned(),
            name: self.shown(real),
            bytes,
        })
    }
}

fn unreadable(why: String) -> Refusal {
    Refusal::Unreadable { why }
}

/// The files that a pattern means in a directory and below it. Directories behind symbolic links are not gone into: they could lead
/// back.
fn below(
    folder: &Path,
    (pattern, prefix): (&Pattern, &str),
    seen: &mut usize,
    all: &mut Vec<String>,
) -> Result<(), Refusal> {
    let depth = prefix.matches('/').count().saturating_add(1);
    let entries = std::fs::read_dir(folder.join(prefix));
    for entry in entries.map_err(|error| unreadable(error.to_string()))? {
        *seen = seen.saturating_add(1);
        if *seen > MOST_ENTRIES {
            let why = format!("more than {MOST_ENTRIES} files are below this directory");
            return Err(unreadable(why));
        }
        let entry = entry.map_err(|error| unreadable(error.to_string()))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = format!("{prefix}{name}");
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_folder {
            if pattern.matches(&path) && entry.path().is_file() {
                all.push(path);
            }
        } else if pattern.depth().is_none_or(|most| depth < most) {
            below(folder, (pattern, &format!("{path}/")), seen, all)?;
        }
    }
    Ok(())
}

/// A path with its `.` and `..` carried out on its text.
fn without_dots(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => whole.push(part),
        }
    }
    whole
}
