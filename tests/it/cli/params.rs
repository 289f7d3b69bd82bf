//! Parameters: what is wrong with one is said with its place, before anything starts.

use super::RUNBOOKS;
use super::said::Said;
use crate::program::Place;

#[test]
fn each_wrong_parameter_is_named_with_its_place() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    let (version, commit) = ("version=2.4.0", "commit=abc1234");
    let wrong: [&[&str]; 8] = [
        &[],
        &["--param", version],
        &["--param", "version=two", "--param", commit],
        &["--param", version, "--param", "commit=xyz"],
        &["--param", version, "--param", commit, "--param", "share=1s"],
        &[
            "--param",
            version,
            "--param",
            commit,
            "--param",
            "colour=red",
        ],
        &["--param", version, "--param", commit, "--param", version],
        &["--param", version, "--param", "commit"],
    ];
    let mut said = Said::in_place(&place);
    for params in wrong {
        let words = [&["run", &file], params].concat();
        let ran = said.call(&words);
        assert_eq!(ran.status, Some(2), "{}", ran.err);
    }
    assert_said!(said, "params_wrong");
    assert!(!place.at("state").exists(), "state was written");
    assert!(!place.at("shipped").exists(), "a step ran");
}

#[test]
fn a_file_of_parameters_is_read_and_the_command_line_goes_first() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    place.write(
        "release.params",
        "# the release\nversion = 2.4.0\ncommit=0000000\n\nshare=25%\n",
    );
    let ran = place.call(&[
        "run",
        &file,
        "--params",
        "release.params",
        "--param",
        "commit=abc1234",
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(place.read("shipped"), "2.4.0 abc1234 25\n");

    place.write("release.params", "version 2.4.0\n");
    let mut said = Said::in_place(&place);
    said.call(&["run", &file, "--params", "release.params"]);
    said.call(&["run", &file, "--params", "nowhere.params"]);
    place.write(
        "release.params",
        "version=2.4.0\nshare=25%\nversion=2.5.0\n",
    );
    let twice = said.call(&["run", &file, "--params", "release.params"]);
    assert_eq!(twice.status, Some(2), "{}", twice.err);
    assert_said!(said, "params_file");
}

#[test]
fn a_mark_of_windows_before_the_first_parameter_is_no_part_of_its_name() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    place.write(
        "release.params",
        "\u{feff}version=2.4.0\r\ncommit=abc1234\r\nshare=25%\r\n",
    );
    let ran = place.call(&["run", &file, "--params", "release.params"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(place.read("shipped"), "2.4.0 abc1234 25\n");
}

#[test]
fn a_list_has_commas_and_each_of_its_values_is_a_turn() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/lists.runbook");
    let ran = place.call(&["run", &file, "--param", "places=here, over there"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(
        place.read("shipped"),
        "here 10 of 2\nhere 100 of 2\nit is here\nover there 10 of 2\nover there 100 of 2\n"
    );
}

#[test]
fn a_list_that_makes_no_turns_or_two_of_one_name_is_refused() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/lists.runbook");
    let mut said = Said::in_place(&place);
    for wrong in [
        "places=",
        "places=a,,b",
        "places=a,b,a",
        "places=a,-b",
        "shares=1%,1%",
        "shares=1",
    ] {
        let mut words = vec!["run", &file, "--param", wrong];
        if !wrong.starts_with("places") {
            words.extend(["--param", "places=here"]);
        }
        let ran = said.call(&words);
        assert_eq!(ran.status, Some(2), "{wrong}: {}", ran.err);
    }
    assert_said!(said, "params_lists");
    assert!(!place.at("state").exists(), "state was written");
    assert!(!place.at("shipped").exists(), "a step ran");
}
