//! The form of a file: what it looks like, that it holds still, that it says the same, and what the command does with files.

use std::path::Path;

use proptest::prelude::*;
use runbook::fmt::{Unformatted, format};
use runbook::source::SourceFile;
use runbook::syntax::{TokenKind, parse, tokens};

use crate::program::{Place, Ran};

fn formed(text: &str) -> Result<String, Unformatted> {
    format(&SourceFile::new("a.runbook", text))
}

/// The tree without its places.
fn tree(text: &str) -> String {
    let parsed = parse(&SourceFile::new("a.runbook", text));
    format!("{:-?}", parsed.ast)
}

fn comments(text: &str) -> Vec<String> {
    let parsed = parse(&SourceFile::new("a.runbook", text));
    let words = |comment: &runbook::ast::Comment| text[comment.span.range()].trim_end().to_owned();
    parsed.comments.iter().map(words).collect()
}

/// Formats a text, and holds what must be true of every form.
fn lawful(text: &str) -> String {
    let once = formed(text).unwrap_or_else(|why| panic!("{why:?}: {text}"));
    assert_eq!(
        formed(&once).as_deref(),
        Ok(once.as_str()),
        "it moves when it is formatted again"
    );
    assert_eq!(tree(&once), tree(text), "it says something else");
    assert_eq!(comments(&once), comments(text), "a comment is lost");
    once
}

/// All runbooks of the project that can be read.
fn readable() -> Vec<String> {
    let texts = crate::syntax::laws::texts();
    let readable = texts
        .into_iter()
        .filter(|text| formed(text) != Err(Unformatted::Unreadable));
    let readable: Vec<String> = readable.collect();
    assert!(readable.len() >= 40, "only {} files", readable.len());
    readable
}

#[test]
fn inputs_have_their_form() {
    crate::inputs::glob!("fmt/*.runbook", |path| {
        let text = std::fs::read_to_string(path).expect("an input file");
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(lawful(&text));
        });
    });
}

#[test]
fn every_file_of_the_project_says_the_same_in_its_form() {
    for text in readable() {
        lawful(&text);
    }
}

#[test]
fn the_examples_are_in_their_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in std::fs::read_dir(root.join("runbooks")).expect("the examples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "runbook") {
            let text = std::fs::read_to_string(&path).expect("an example");
            similar_asserts(&path, &text, &lawful(&text));
            seen += 1;
        }
    }
    assert!(seen >= 2, "only {seen} examples");
}

fn similar_asserts(path: &Path, text: &str, form: &str) {
    assert!(
        text == form,
        "{} is not in its form:\n{form}",
        path.display()
    );
}

#[test]
fn the_mended_examples_of_the_pages_are_in_their_form() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diag/pages");
    let mut seen = 0;
    for entry in std::fs::read_dir(pages).expect("the pages") {
        let path = entry.expect("an entry").path();
        let page = std::fs::read_to_string(&path).expect("a page");
        for part in page.split("```runbook mended\n").skip(1) {
            let text = part.split("```").next().expect("the block");
            similar_asserts(&path, text, &lawful(text));
            seen += 1;
        }
    }
    assert!(seen >= 40, "only {seen} blocks");
}

/// The same text with other blanks: `choices` says for every gap what stands there now.
fn mangled(text: &str, choices: &[u8]) -> String {
    let mut out = String::new();
    let mut choices = choices.iter().copied().cycle();
    let mut at = 0;
    for token in tokens(text) {
        let gap = &text[at..token.span.range().start];
        let word = &text[token.span.range()];
        let choice = choices.next().unwrap_or(0);
        match token.kind {
            // A blank line more, and blanks at the end of the line.
            TokenKind::Newline => {
                out.push_str(["\n", "  \n", "\n\n", "\r\n"][usize::from(choice % 4)])
            }
            _ if at == 0 || out.ends_with('\n') => {
                out.push_str(["", "  ", "\t", "     "][usize::from(choice % 4)]);
                out.push_str(word);
            }
            _ => {
                // A gap stays a gap: words that are glued together mean something else.
                if !gap.is_empty() {
                    out.push_str([" ", "   ", "\t", "  \t "][usize::from(choice % 4)]);
                }
                out.push_str(word);
            }
        }
        at = token.span.range().end;
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blanks_mean_nothing(choices in proptest::collection::vec(any::<u8>(), 1..200), which in any::<prop::sample::Index>()) {
        let all = readable();
        let text = which.get(&all);
        let other = mangled(text, &choices);
        if formed(&other) != Err(Unformatted::Unreadable) {
            lawful(&other);
        }
    }
}

const CROOKED: &str =
    "runbook \"A\"\nservice api\nowner \"@me\"\nrollout{\nstage all{\nstep a $ true\n}\n}\n";
const STRAIGHT: &str = "runbook \"A\"\nservice api\nowner   \"@me\"\nrollout {\n  stage all {\n    step a $ true\n  }\n}\n";

fn said(ran: &Ran) -> (Option<i32>, &str, &str) {
    (ran.status, &ran.out, &ran.err)
}

#[test]
fn the_command_writes_names_and_shows() {
    let place = Place::new();
    place.write("a.runbook", CROOKED);
    let file = place.at("a.runbook");
    let name = file.to_str().expect("a path of words");
    let named = place.call(&["fmt", "--check", name]);
    assert_eq!(
        said(&named),
        (
            Some(1),
            format!("{name}\n").as_str(),
            "1 file: 1 not in form; nothing was changed\n"
        )
    );
    let shown = place.call(&["fmt", "--diff", name]);
    assert_eq!(shown.status, Some(1));
    insta::assert_snapshot!(shown.out.replace(name, "a.runbook"), @r#"
    --- a.runbook
    +++ a.runbook
    @@ -1,8 +1,8 @@
     runbook "A"
     service api
    -owner "@me"
    -rollout{
    -stage all{
    -step a $ true
    -}
    +owner   "@me"
    +rollout {
    +  stage all {
    +    step a $ true
    +  }
     }
    "#);
    assert_eq!(
        place.read("a.runbook"),
        CROOKED,
        "it was only to be looked at"
    );
    let written = place.call(&["fmt", name]);
    assert_eq!(said(&written), (Some(0), "", "1 file: 1 formatted\n"));
    assert_eq!(place.read("a.runbook"), STRAIGHT);
    let again = place.call(&["fmt", "--check", name]);
    assert_eq!(said(&again), (Some(0), "", "1 file: nothing to format\n"));
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone() {
    let place = Place::new();
    let broken = "runbook \"A\"\nservice api\nrollout {\n stepp a $ true\n}\n";
    place.write("a.runbook", broken);
    let name = place.at("a.runbook");
    let ran = place.call(&["fmt", name.to_str().expect("a path of words")]);
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    assert!(
        ran.err.contains("is left as it is: it cannot be read"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("stepp"), "{}", ran.err);
    assert_eq!(place.read("a.runbook"), broken);
}

#[test]
fn a_link_stays_a_link_and_the_mode_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::new();
    place.write("real.runbook", CROOKED);
    let real = place.at("real.runbook");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("our file");
    symlink(&real, place.at("link.runbook")).expect("our directory");
    let link = place.at("link.runbook");
    let ran = place.call(&["fmt", link.to_str().expect("a path of words")]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(link.is_symlink(), "the link was replaced");
    assert_eq!(place.read("real.runbook"), STRAIGHT);
    let mode = std::fs::metadata(&real)
        .expect("our file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn stdin_is_formatted_to_stdout() {
    let place = Place::new();
    place.write("in", CROOKED);
    let mut command = place.command(&["fmt", "-"]);
    command.stdin(std::fs::File::open(place.at("in")).expect("our file"));
    let ran = Ran::of(&mut command);
    assert_eq!(said(&ran), (Some(0), STRAIGHT, ""));
}
