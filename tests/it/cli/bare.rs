//! Requests and files of SQL that are steps by themselves, wherever statements stand.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use super::RUNBOOKS;
use crate::execute::server::{Server, reply};
use crate::program::{Place, Ran};

/// What was asked of the server and of the database, each sorted: strands are at once.
fn left(place: &Place, server: &Server) -> (Vec<String>, Vec<String>) {
    let requests = server.requests.lock().expect("nobody panicked");
    let mut asked: Vec<String> = requests
        .iter()
        .map(|request| request.line.trim_end().to_owned())
        .collect();
    asked.sort();
    let read = place.read("read");
    let statements = read
        .lines()
        .filter_map(|line| line.split_once("connected' \\\\ "));
    let mut run: Vec<String> = statements.map(|(_, text)| text.to_owned()).collect();
    run.sort();
    (asked, run)
}

#[test]
fn what_has_no_step_around_it_is_a_step() {
    let place = Place::new();
    let fine = |name: &str| (name.to_owned(), reply(200, "", ""));
    let ill = ("ill".to_owned(), reply(500, "", ""));
    let server = Server::start(BTreeMap::from([fine("well"), ill]));
    std::fs::create_dir(place.at("bin")).expect("a folder");
    place.write("bin/psql", "#!/bin/sh\ncat >> read\n");
    let psql = place.at("bin/psql");
    std::fs::set_permissions(&psql, PermissionsExt::from_mode(0o755)).expect("it is ours");
    for name in ["stage", "strand", "task", "level"] {
        place.write(&format!("{name}.sql"), &format!("select '{name}';\n"));
    }
    let text = std::fs::read_to_string(format!("{RUNBOOKS}/bare.runbook")).expect("an input");
    place.write("bare.runbook", &text);
    let host = format!("server={}", server.url(""));
    let mut command =
        place.command(&["run", "bare.runbook", "--param", &host, "--non-interactive"]);
    let path = format!("{}:/usr/bin:/bin", place.at("bin").display());
    command.env("PATH", path).env(
        "DATABASE_URL",
        "postgres://ann:hunter2-and-more@db.example.com/app",
    );
    let ran = Ran::of(&mut command);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    let (asked, run) = left(&place, &server);
    assert_eq!(
        asked,
        [
            "DELETE /well/level HTTP/1.1",
            "PATCH /well/task HTTP/1.1",
            "POST /ill/last HTTP/1.1",
            "POST /well/stage HTTP/1.1",
            "PUT /well/strand HTTP/1.1",
        ]
    );
    assert_eq!(
        run,
        [
            "select 'level';",
            "select 'stage';",
            "select 'strand';",
            "select 'task';"
        ]
    );
    assert!(!ran.err.contains("hunter2"), "{}", ran.err);
}
