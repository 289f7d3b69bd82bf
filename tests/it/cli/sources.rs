//! Metrics that are counted in a file and timed by connecting, in the real world.

use std::net::TcpListener;

use super::RUNBOOKS;
use crate::program::Place;

#[test]
fn what_a_log_says_since_the_last_look_rolls_back_and_the_past_does_not() {
    let place = Place::new();
    place.write("app.log", "ERROR of yesterday\nERROR again\n");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    let file = format!("{RUNBOOKS}/sources.runbook");
    let port = format!("port={port}");
    let words = [
        "run",
        &file,
        "--param",
        &port,
        "--rehearse",
        "600x",
        "--non-interactive",
    ];
    let ran = place.call(&words);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert!(
        ran.err.contains("guard failing: failures is"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("done        deploy"), "{}", ran.err);

    // Nobody listens: that is an error, and found before anything begins.
    drop(listener);
    let ran = place.call(&words);
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    assert!(
        ran.err.contains("no connection to 127.0.0.1"),
        "{}",
        ran.err
    );
}
