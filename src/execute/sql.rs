//! Owns SQL that a step runs: what `psql` is started with, and what is known by its end. The address of the database reaches it as
//! variables, never as arguments, and the statements through its standard input.

use std::ffi::OsString;

use reqwest::Url;

use super::outputs::Files;
use super::program::{Program, located};
use super::request::Repeated;
use super::scene::Scene;
use crate::engine::Outcome;
use crate::plan::Sql;

/// What psql prints first when it is connected.
const MARK: &str = "runbook-sql[";

/// Parameters of an address that libpq takes from variables.
const PARAMETERS: [(&str, &str); 12] = [
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("application_name", "PGAPPNAME"),
    ("options", "PGOPTIONS"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("host", "PGHOST"),
    ("port", "PGPORT"),
    ("user", "PGUSER"),
    ("dbname", "PGDATABASE"),
];

/// A client that is ready to start.
pub(super) struct Client {
    pub(super) program: Program,
    pub(super) input: Vec<u8>,
    /// What of the address nobody may see.
    pub(super) password: Option<Vec<u8>>,
}

/// Makes the client ready; its variables are put into the scene.
///
/// # Errors
/// What is missing or wrong, as a sentence that tells no secret.
pub(super) fn client(sql: &Sql, address: &[u8], scene: &mut Scene) -> Result<Client, String> {
    let dir = scene.dir().to_owned();
    let path = located("psql", &dir, scene.get("PATH"))?;
    let address = String::from_utf8_lossy(address);
    let (vars, password) = vars(address.trim())?;
    for (name, value) in vars {
        scene.set(name, value);
    }
    let mut args: Vec<OsString> = [
        "--no-psqlrc",
        "--quiet",
        "--no-password",
        "--set",
        "ON_ERROR_STOP=1",
    ]
    .map(OsString::from)
    .to_vec();
    if sql.alone.is_none() {
        args.push("--single-transaction".into());
    }
    args.extend(["--file", "-"].map(OsString::from));
    let run = scene.get("RUNBOOK_RUN").unwrap_or_default();
    // It has read nothing of this before it is connected.
    // What follows stands on the same line, so that psql counts the lines as the file does.
    let first = format!("\\echo '{MARK}{}] connected' \\\\ ", run.to_string_lossy());
    Ok(Client {
        program: Program { path, args, dir },
        input: [first.as_bytes(), sql.text.as_bytes(), b"\n"].concat(),
        password: password.map(String::into_bytes),
    })
}

type Vars = Vec<(&'static str, String)>;

/// The variables for an address, and its password.
fn vars(address: &str) -> Result<(Vars, Option<String>), String> {
    let wrong = |why: &str| Err(format!("the address of the database {why}"));
    let Ok(url) = Url::parse(address) else {
        return wrong("is none: it has the form postgres://USER@HOST/DATABASE");
    };
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return wrong("does not begin with postgres://");
    }
    let mut vars: Vars = Vec::new();
    let mut put = |name, text: &str| {
        if !text.is_empty() {
            vars.push((name, decoded(text)));
        }
    };
    let host = url.host_str().unwrap_or_default();
    put("PGHOST", host.trim_matches(['[', ']']));
    if let Some(port) = url.port() {
        put("PGPORT", &port.to_string());
    }
    put("PGUSER", url.username());
    put("PGDATABASE", url.path().trim_start_matches('/'));
    let password = url.password().map(decoded);
    if let Some(password) = url.password() {
        put("PGPASSWORD", password);
    }
    for (name, value) in url.query_pairs() {
        match PARAMETERS.iter().find(|(known, _)| *known == name) {
            Some((_, variable)) => vars.push((variable, value.into_owned())),
            None if name == "password" => {
                return wrong("has its password among the parameters; it belongs before the host");
            }
            None => {
                return wrong(&format!(
                    "has the parameter {name}, which is not known here"
                ));
            }
        }
    }
    Ok((vars, password))
}

/// Percent-encoded text as it is meant.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|_| *byte == b'%')
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What psql says is wrong, with the line of the statements; what it prints behind that explains it, or points at it with a caret. Where it
/// complains of nothing, the last line.
fn complaint(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let said = text.lines().rfind(|line| line.starts_with("psql:"));
    let Some(said) = said else {
        return super::text::last_line_without(output, &[MARK]);
    };
    let line = match said.strip_prefix("psql:<stdin>:") {
        Some(placed) => format!("line {placed}"),
        None => said.to_owned(),
    };
    super::text::one_line(line.as_bytes())
}

/// What is known by the end of the client.
pub(super) fn known(outcome: Outcome, files: &Files, repeated: Repeated) -> Outcome {
    let said = || complaint(&files.tail().unwrap_or_default());
    let unknown = |why: String| match repeated {
        Repeated::Harmless => Outcome::Exited {
            status: 2,
            said: why,
        },
        Repeated::Unsafe => Outcome::Unknown { why },
    };
    match outcome {
        // The connection is over. What was committed before is not known.
        Outcome::Exited { status: 2, .. } => {
            let is_connected =
                std::fs::read(files.output()).is_ok_and(|text| text.starts_with(MARK.as_bytes()));
            if is_connected {
                unknown(format!(
                    "the connection to the database was lost: {}",
                    said()
                ))
            } else {
                Outcome::NotStarted {
                    why: format!("the database was not reached: {}", said()),
                }
            }
        }
        Outcome::TimedOut if repeated == Repeated::Unsafe => {
            unknown("its time was over before the database had answered".to_owned())
        }
        Outcome::Stopped if repeated == Repeated::Unsafe => {
            unknown("it was told to stop before the database had answered".to_owned())
        }
        Outcome::Signalled { .. } => {
            unknown("psql was killed before the database had answered".to_owned())
        }
        Outcome::Exited { status, .. } if status != 0 => Outcome::Exited {
            status,
            said: said(),
        },
        Outcome::Exited { .. }
        | Outcome::TimedOut
        | Outcome::Stopped
        | Outcome::NotStarted { .. }
        | Outcome::NeverBegan
        | Outcome::Unknown { .. }
        | Outcome::Printed { .. }
        | Outcome::Read { .. } => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Result<Vec<String>, String> {
        let (vars, _) = vars(address)?;
        Ok(vars
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect())
    }

    #[test]
    fn what_went_wrong_is_what_psql_complains_of() {
        let said = "runbook-sql[1] connected\npsql:<stdin>:1: NOTICE:  table \"t\" does not exist, skipping\npsql:<stdin>:2: ERROR:  invalid input syntax for type integer: \"x\"\nLINE 1: insert into t2 values ('x');\n                               ^\n";
        assert_eq!(
            complaint(said.as_bytes()),
            "line 2: ERROR:  invalid input syntax for type integer: \"x\""
        );
        let unreached = "psql: error: connection to server at \"localhost\" (127.0.0.1), port 1 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n";
        let why = complaint(unreached.as_bytes());
        assert!(why.ends_with("failed: Connection refused"), "{why}");
        assert_eq!(
            complaint(b"runbook-sql[1] connected\nout of memory\n"),
            "out of memory"
        );
    }

    #[test]
    fn an_address_becomes_variables() {
        assert_eq!(
            read("postgres://ann%40x:p%3Aw@db.example.com:5433/app?sslmode=require").unwrap(),
            [
                "PGHOST=db.example.com",
                "PGPORT=5433",
                "PGUSER=ann@x",
                "PGDATABASE=app",
                "PGPASSWORD=p:w",
                "PGSSLMODE=require"
            ]
        );
        assert_eq!(
            read("postgresql:///app?host=/run/postgresql").unwrap(),
            ["PGDATABASE=app", "PGHOST=/run/postgresql"]
        );
        for wrong in [
            "host=db user=x",
            "mysql://a/b",
            "postgres://a/b?unheard_of=1",
        ] {
            let why = read(wrong).unwrap_err();
            assert!(!why.contains("user=x"), "{why}");
        }
    }
}
