//! `flagctl` and `appctl`: the command-line clients that the steps of the demo's runbook call. They speak HTTP/1.1 over
//! a blocking socket, so that a step costs milliseconds. They print nothing themselves and read no environment.

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

/// The tools by name, with how each is called.
const TOOLS: [(&str, &str); 2] = [
    (
        "flagctl",
        "flagctl set new_auth --percent N | get new_auth --percent",
    ),
    (
        "appctl",
        "appctl deploy VERSION | restart | config restore | config apply REVISION | status | report COUNT",
    ),
];

/// How long the production may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Runs one call of a tool against the production whose control port is at `control` (`address:port`). Returns what it
/// prints on stdout.
///
/// # Errors
/// What it prints on stderr, without the tool's name: wrong usage, no production there, or the production's refusal.
pub fn main(tool: &str, args: &[String], control: &str) -> Result<String, String> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let call = |method, path: &str, body| request(control, method, path, body);
    match (tool, args.as_slice()) {
        ("flagctl", ["set", flag, "--percent", percent]) => {
            let percent: f64 = number(percent)?;
            call(
                "POST",
                &format!("/flags/{}", segment(flag)?),
                json!({ "percent": percent }),
            )?;
            Ok(String::new())
        }
        ("flagctl", ["get", flag, "--percent"]) => {
            let answer = call("GET", &format!("/flags/{}", segment(flag)?), Value::Null)?;
            let percent = answer.get("percent").and_then(Value::as_f64);
            percent
                .map(|percent| format!("{percent}\n"))
                .ok_or_else(|| format!("unexpected answer: {answer}"))
        }
        ("appctl", ["deploy", version]) => {
            call("POST", "/deploy", json!({ "version": version }))?;
            Ok(format!("{version} is deployed\n"))
        }
        ("appctl", ["restart"]) => {
            let answer = call("POST", "/restart", Value::Null)?;
            Ok(format!("restarted with {}\n", text(&answer, "config")))
        }
        ("appctl", ["config", "restore"]) => {
            call("POST", "/config/restore", Value::Null)?;
            Ok("the configuration of before is in place; restart to load it\n".to_owned())
        }
        ("appctl", ["config", "apply", revision]) => {
            call("POST", "/config/apply", json!({ "revision": revision }))?;
            Ok(format!("{revision} is in place; restart to load it\n"))
        }
        ("appctl", ["status"]) => {
            let answer = call("GET", "/status", Value::Null)?;
            Ok(format!(
                "version {}, config {}\n",
                text(&answer, "version"),
                text(&answer, "config")
            ))
        }
        ("appctl", ["report", count]) => {
            let count: u64 = number(count)?;
            call("POST", "/reports", json!({ "count": count }))?;
            Ok(format!("{count} more users reported a problem\n"))
        }
        (tool, _) => Err(usage(tool)),
    }
}

fn usage(tool: &str) -> String {
    match TOOLS.iter().find(|(name, _)| *name == tool) {
        Some((_, usage)) => format!("usage: {usage}"),
        None => format!("the demo has no tool {tool:?}; it has flagctl and appctl"),
    }
}

fn number<T: std::str::FromStr>(given: &str) -> Result<T, String> {
    given
        .parse()
        .map_err(|_| format!("{given:?} is not a number that fits here"))
}

/// A name that can stand in a path as it is.
fn segment(name: &str) -> Result<&str, String> {
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if plain {
        Ok(name)
    } else {
        Err(format!("{name:?} is not a flag's name"))
    }
}

fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or("(unknown)")
}

/// One request, one answer, one connection.
fn request(control: &str, method: &str, path: &str, body: Value) -> Result<Value, String> {
    let nobody = |error: io::Error| format!("no demo production answers at {control}: {error}");
    let (status, body) = exchange(control, method, path, &body).map_err(nobody)?;
    let answer: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
    if status == 200 {
        return Ok(answer);
    }
    let why = answer
        .get("error")
        .and_then(Value::as_str)
        .unwrap_or(body.trim());
    Err(format!("{method} {path} was answered with {status}: {why}"))
}

fn exchange(control: &str, method: &str, path: &str, body: &Value) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(control)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {control}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let garbled = || io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(garbled)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(garbled)?;
    Ok((status, body.to_owned()))
}

/// Writes a small script for each tool into `bin`, which is made if need be.
pub(super) fn write_wrappers(bin: &Path, runbook: &Path, control: &str) -> io::Result<()> {
    fs::create_dir_all(bin)?;
    let Some(runbook) = runbook.to_str() else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the program's own path is not UTF-8",
        ));
    };
    let quoted = runbook.replace('\'', r"'\''");
    for (tool, _) in TOOLS {
        let path = bin.join(tool);
        let script =
            format!("#!/bin/sh\nRUNBOOK_DEMO='{control}' exec '{quoted}' __demo {tool} \"$@\"\n");
        fs::write(&path, script)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
