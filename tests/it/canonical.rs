//! The file that shows the language as a whole, unchanged: it is checked, in form, planned and its tests hold, by the real program.

use sha2::{Digest, Sha256};

use crate::program::Place;

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/canonical/jwt_auth.runbook"
);

/// The file as it was designed. It is the program that is changed, never the file.
const DIGEST: &str = "4d9a91fc2436d2123aeaa79d8766fc97f243990ddc2339ed2721e792cc072db8";

#[test]
fn the_whole_language_is_checked_formed_planned_and_tested() {
    let text = std::fs::read(FILE).expect("the canonical file");
    let digest = Sha256::digest(&text);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, DIGEST, "the file was changed");

    let place = Place::new();
    let checked = place.call(&["check", FILE]);
    assert_eq!(checked.status, Some(0), "{}", checked.err);
    assert_eq!(checked.err, "1 file: nothing found\n");
    let formed = place.call(&["fmt", "--check", FILE]);
    assert_eq!(formed.status, Some(0), "{}{}", formed.out, formed.err);
    let tested = place.call(&["test", FILE]);
    assert_eq!(tested.status, Some(0), "{}{}", tested.out, tested.err);
    let words = ["--param", "version=2.4.0", "--param", "commit=abc1234"];
    let planned = place.call(&[&["plan", FILE], &words[..]].concat());
    assert_eq!(
        (planned.status, planned.err.as_str()),
        (Some(0), ""),
        "{}",
        planned.err
    );
    insta::assert_snapshot!(planned.out);
}
