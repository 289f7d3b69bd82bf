//! Owns the way from a `use` to a file: relative to the file that says it, and never out of the project.

use std::path::{Component, Path, PathBuf};

use crate::link::{Loaded, Loader, Refusal, SETTINGS};

use super::compile;

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
        let here = std::env::current_dir().and_then(|dir| dir.canonicalize());
        Self {
            main,
            root,
            here: here.ok(),
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

    fn load(&self, from: &str, path: &str) -> Result<Loaded, Refusal> {
        if Path::new(path).is_absolute() {
            return Err(self.outside("this is an absolute path".to_owned()));
        }
        let own = Path::new(from).parent().unwrap_or(&self.root);
        let wanted = without_dots(&own.join(path));
        if !wanted.starts_with(&self.root) {
            return Err(self.outside("this leads out of it".to_owned()));
        }
        let unreadable = |why: String| Refusal::Unreadable { why };
        let real = wanted.canonicalize().map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                Refusal::Missing {
                    looked_for: self.shown(&wanted),
                }
            } else {
                unreadable(error.to_string())
            }
        })?;
        if !real.starts_with(&self.root) {
            let to = real.display();
            return Err(self.outside(format!("a symbolic link on the way leads to {to}")));
        }
        // A pipe would keep whoever reads it waiting.
        if !real.is_file() {
            return Err(unreadable("this is not a file".to_owned()));
        }
        let bytes = compile::bytes(&real).map_err(unreadable)?;
        Ok(Loaded {
            key: real.to_string_lossy().into_owned(),
            name: self.shown(&real),
            bytes,
        })
    }
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
