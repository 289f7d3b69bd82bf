//! Owns the values of secrets between their source and one attempt: read when it starts, handed over as files that only
//! their owner can read, removed after it. They are never in a plan, a journal, an argument or a message.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::mask::Mask;
use super::program::Program;
use super::scene::{Base, Scene};
use super::short::{self, End};
use super::stop::Stop;
use super::text;
use crate::plan::{Plan, Secret, SecretSource, Variable, VariableValue};
use crate::value::Millis;

/// How long the command of a secret may take.
const COMMAND: Millis = Millis(30_000);

/// How long the file of a secret may take.
const FILE: Millis = Millis(10_000);

/// What is larger is no secret.
const LARGEST: usize = 1024 * 1024;

/// The secrets of one attempt.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// As files, whose paths are in `NAME_file`.
    files: Vec<Secret>,
    /// As variables: the variable and the secret.
    vars: Vec<(String, Secret)>,
    /// As values, for whoever sends them.
    values: Vec<Secret>,
}

impl Needs {
    /// What these names and variables need.
    ///
    /// # Errors
    /// A sentence when the plan has no such secret.
    pub(super) fn new(plan: &Plan, names: &[String], vars: &[Variable]) -> Result<Self, String> {
        let mut needs = Self::default();
        for name in names {
            needs.files.push(find(plan, name)?);
        }
        for variable in vars {
            match &variable.value {
                VariableValue::Text(_) => {}
                VariableValue::Secret(name) => {
                    needs.vars.push((variable.name.clone(), find(plan, name)?));
                }
            }
        }
        Ok(needs)
    }

    /// Adds secrets that are wanted as values.
    ///
    /// # Errors
    /// A sentence when the plan has no such secret.
    pub(super) fn hand_over<'n>(
        &mut self,
        plan: &Plan,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<(), String> {
        for name in names {
            self.values.push(find(plan, name)?);
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.vars.is_empty() && self.values.is_empty()
    }
}

fn find(plan: &Plan, name: &str) -> Result<Secret, String> {
    let mut all = plan.secrets.iter();
    all.find(|secret| secret.name == name)
        .cloned()
        .ok_or_else(|| format!("the plan has no secret {name}"))
}

/// Secrets handed over: where their files lie, and what hides them in the output.
pub(super) struct Delivered {
    pub(super) folder: Option<PathBuf>,
    pub(super) mask: Mask,
    /// The values, for whoever masks what the attempt prints.
    pub(super) values: Vec<Vec<u8>>,
    /// Those that were wanted as values, in their order.
    pub(super) handed: Vec<Vec<u8>>,
}

impl Delivered {
    pub(super) fn nothing() -> Self {
        Self {
            folder: None,
            mask: Mask::none(),
            values: Vec::new(),
            handed: Vec::new(),
        }
    }

    /// Removes the files. When this runner dies before, whoever takes the run up does it.
    pub(super) fn remove(&self) {
        if let Some(folder) = &self.folder {
            remove(folder);
        }
    }
}

/// Removes the folder of secrets that an attempt had.
pub(super) fn remove(folder: &Path) {
    // It lies in a directory for temporary files; that it is gone already is as good.
    let _ = std::fs::remove_dir_all(folder);
}

/// Reads what is needed and hands it over: as files below `temp`, and as variables of the scene.
///
/// # Errors
/// A sentence that names the secret, never its value.
pub(super) async fn deliver(
    needs: &Needs,
    (base, temp): (&Base, &Path),
    scene: &mut Scene,
    stop: &mut Stop,
) -> Result<Delivered, String> {
    if needs.is_empty() {
        return Ok(Delivered::nothing());
    }
    let mut values = Vec::new();
    let mut files = Vec::new();
    let mut plain = scene.clone();
    plain.stay();
    for secret in &needs.files {
        let value = read(secret, base, &plain, stop).await?;
        files.push((secret, value.clone()));
        values.push(value);
    }
    for (name, secret) in &needs.vars {
        let value = read(secret, base, &plain, stop).await?;
        let line = value.strip_suffix(b"\n").unwrap_or(&value);
        scene.set(name, OsStr::from_bytes(line));
        values.push(value);
    }
    let mut handed = Vec::new();
    for secret in &needs.values {
        let value = read(secret, base, &plain, stop).await?;
        handed.push(value.clone());
        values.push(value);
    }
    let mask = Mask::new(&values)?;
    let mut delivered = Delivered {
        folder: None,
        mask,
        values,
        handed,
    };
    if !files.is_empty() {
        let folder = tempfile::Builder::new()
            .prefix("runbook-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(temp)
            // Kept on purpose: a step that outlives its runner still needs it.
            .map(tempfile::TempDir::keep)
            .map_err(|error| {
                format!(
                    "no folder for secrets can be made in {}: {}",
                    temp.display(),
                    text::reason(&error)
                )
            })?;
        delivered.folder = Some(folder.clone());
        if let Err(error) = give(&folder, scene) {
            delivered.remove();
            return Err(format!(
                "the folder of secrets cannot be handed over: {}",
                text::reason(&error)
            ));
        }
        for (secret, value) in files {
            let path = folder.join(&secret.name);
            if let Err(error) = write(&path, &value).and_then(|()| give(&path, scene)) {
                delivered.remove();
                return Err(format!(
                    "secret {} cannot be handed over: {}",
                    secret.name,
                    text::reason(&error)
                ));
            }
            scene.set(format!("{}_file", secret.name), &path);
        }
    }
    Ok(delivered)
}

/// Hands a file or folder to the user that the step runs as.
fn give(path: &Path, scene: &Scene) -> std::io::Result<()> {
    match scene.account() {
        None => Ok(()),
        Some(account) => chown(path, Some(account.id), Some(account.group)),
    }
}

fn write(path: &Path, value: &[u8]) -> std::io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(value)
}

/// Reads a secret.
///
/// # Errors
/// A sentence that names the secret, never its value.
pub(super) async fn read(
    secret: &Secret,
    base: &Base,
    scene: &Scene,
    stop: &mut Stop,
) -> Result<Vec<u8>, String> {
    let name = &secret.name;
    let value = match &secret.from {
        SecretSource::Env(var) => {
            from_env(var, base).map_err(|why| format!("secret {name}: {why}"))?
        }
        SecretSource::File(path) => {
            let path = scene.dir().join(path);
            let late = format!(
                "secret {name}: {} could not be read within {FILE}",
                path.display()
            );
            // A disk or a share that does not answer holds up this attempt, and nothing else.
            let reading = tokio::task::spawn_blocking(move || from_file(&path));
            match tokio::time::timeout(FILE.to_std(), reading).await {
                Ok(Ok(read)) => read.map_err(|why| format!("secret {name}: {why}"))?,
                Ok(Err(_)) | Err(_) => return Err(late),
            }
        }
        SecretSource::Command(command) => {
            let program =
                Program::find(command, scene).map_err(|why| format!("secret {name}: {why}"))?;
            let short = short::run((&program, None), scene, COMMAND.to_std(), stop)
                .await
                .map_err(|why| format!("secret {name}: {why}"))?;
            match short.end {
                End::Exited(0) => {}
                // What it said may hold the secret, so it is not repeated.
                End::Exited(status) => {
                    return Err(format!("secret {name}: its command exits with {status}"));
                }
                End::Signalled(signal) => {
                    return Err(format!(
                        "secret {name}: its command ended by signal {signal}"
                    ));
                }
                End::TimedOut => {
                    return Err(format!(
                        "secret {name}: its command did not end within {COMMAND}"
                    ));
                }
                End::Stopped => {
                    return Err(format!("secret {name}: its command was stopped"));
                }
            }
            let mut value = short.output;
            if value.last() == Some(&b'\n') {
                value.pop();
            }
            value
        }
    };
    if value.is_empty() {
        return Err(format!("secret {name} is empty"));
    }
    Ok(value)
}

/// Whether a secret can be read, as far as that starts nothing: what a command would print is not asked before it is needed.
///
/// # Errors
/// Why not, as a sentence.
pub(super) fn look(secret: &Secret, base: &Base, scene: &Scene) -> Result<(), String> {
    let value = match &secret.from {
        SecretSource::Env(var) => from_env(var, base)?,
        SecretSource::File(path) => {
            // An earlier step may make the directory that a step is in.
            if Path::new(path).is_relative() && !scene.dir().is_dir() {
                return Ok(());
            }
            from_file(&scene.dir().join(path))?
        }
        SecretSource::Command(_) => return Ok(()),
    };
    match (value.is_empty(), &secret.from) {
        (false, _) | (true, SecretSource::Command(_)) => Ok(()),
        (true, SecretSource::Env(var)) => Err(format!("the environment variable {var} is empty")),
        (true, SecretSource::File(path)) => Err(format!("{path} is empty")),
    }
}

fn from_env(var: &str, base: &Base) -> Result<Vec<u8>, String> {
    base.environment
        .iter()
        .find(|(known, _)| known == OsStr::new(var))
        .map(|(_, value)| OsString::into_vec(value.clone()))
        .ok_or_else(|| format!("the environment variable {var} is not set"))
}

fn from_file(path: &Path) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let unread = |error: std::io::Error| format!("{shown}: {}", text::reason(&error));
    // Without NONBLOCK a pipe that nobody writes would be waited for.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file =
        rustix::fs::open(path, flags, Mode::empty()).map_err(|error| unread(error.into()))?;
    let file = File::from(file);
    if !file.metadata().map_err(unread)?.is_file() {
        return Err(format!("{shown} is not a file"));
    }
    let mut value = Vec::new();
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut value).map_err(unread)?;
    if value.len() > LARGEST {
        return Err(format!("{shown} is larger than 1 MiB"));
    }
    Ok(value)
}
