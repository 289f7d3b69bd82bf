//! Masking held against every way to cut a stream into two, and against the forms of well-known tools.

use super::*;

fn mask(secrets: &[&str]) -> Mask {
    let secrets: Vec<Vec<u8>> = secrets.iter().map(|s| s.as_bytes().to_vec()).collect();
    Mask::new(&secrets).expect("few secrets")
}

fn masked(secrets: &[&str], text: &str) -> String {
    String::from_utf8(mask(secrets).whole(text.as_bytes())).expect("text")
}

#[test]
fn every_border_between_two_chunks_hides_it_alike() {
    let mask = mask(&["hunter2-secret", "other"]);
    let text = b"a hunter2-secret b other c hunter2-secre d";
    for border in 0..=text.len() {
        let (first, second) = text.split_at(border);
        let mut out = Vec::new();
        let mut stream = mask.stream();
        stream.push(first, &mut out);
        stream.push(second, &mut out);
        stream.finish(&mut out);
        assert_eq!(
            String::from_utf8_lossy(&out),
            "a *** b *** c hunter2-secre d",
            "border {border}"
        );
    }
}

#[test]
fn byte_by_byte_hides_it_too() {
    let mut out = Vec::new();
    let mut stream = mask(&["hunter2", "ter2-and-more"]).stream();
    for byte in b"xhunter2-and-morey hunter2 z" {
        stream.push(&[*byte], &mut out);
    }
    stream.finish(&mut out);
    assert_eq!(String::from_utf8_lossy(&out), "x***y *** z");
}

#[test]
fn a_secret_that_begins_like_another_leaves_no_tail() {
    assert_eq!(
        masked(&["abcd", "abcdefgh"], "abcdefgh abcdxx"),
        "*** ***xx"
    );
}

#[test]
fn each_line_of_it_is_one() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n";
    assert_eq!(masked(&[key], "x kqhkiG9w0BAQEF y"), "x *** y");
    assert_eq!(
        masked(&[key], &format!("in full:\n{key}")),
        "in full:\n***\n"
    );
}

#[test]
fn encoded_forms_are_found() {
    let secret = "p@ss wörd/+\"1'";
    // As printed by base64, jq -R @uri, jq -R ., and a shell that traces.
    for form in [
        "cEBzcyB3w7ZyZC8rIjEn",
        "p%40ss%20w%C3%B6rd%2F%2B%221%27",
        "p%40ss%20w%c3%b6rd%2f%2b%221%27",
        "p@ss wörd/+\\\"1'",
        "p@ss wörd/+\"1'\\''",
        // JSON in a string of JSON, and digits of bytes.
        "p@ss wörd/+\\\\\\\"1'",
        "704073732077c3b672642f2b223127",
        "704073732077C3B672642F2B223127",
    ] {
        let line = format!("<{form}>");
        assert_eq!(masked(&[secret], &line), "<***>", "{form}");
    }
}

#[test]
fn percent_encoded_forms_of_well_known_encoders_are_found() {
    let secret = "p/a!s's(w)o*r d:~#,$%1";
    for form in [
        // Python: quote, quote with no safe character, quote_plus.
        "p/a%21s%27s%28w%29o%2Ar%20d%3A~%23%2C%24%251",
        "p%2Fa%21s%27s%28w%29o%2Ar%20d%3A~%23%2C%24%251",
        "p%2Fa%21s%27s%28w%29o%2Ar+d%3A~%23%2C%24%251",
        // encodeURIComponent, encodeURI, URLSearchParams.
        "p%2Fa!s's(w)o*r%20d%3A~%23%2C%24%251",
        "p/a!s's(w)o*r%20d:~#,$%251",
        "p%2Fa%21s%27s%28w%29o*r+d%3A%7E%23%2C%24%251",
        // Go: PathEscape, URL.EscapedPath.
        "p%2Fa%21s%27s%28w%29o%2Ar%20d:~%23%2C$%251",
        "p/a%21s%27s%28w%29o%2Ar%20d:~%23,$%251",
        // PHP: urlencode.
        "p%2Fa%21s%27s%28w%29o%2Ar+d%3A%7E%23%2C%24%251",
    ] {
        let line = format!("<{form}>");
        assert_eq!(masked(&[secret], &line), "<***>", "{form}");
    }
}

#[test]
fn forms_inside_of_json_and_markup_are_found() {
    let secret = "p&w<o>'r=d+\"ä😀/1";
    for form in [
        // Python: json.dumps, with and without ensure_ascii; PHP escapes slashes too.
        "p&w<o>'r=d+\\\"\\u00e4\\ud83d\\ude00/1",
        "p&w<o>'r=d+\\\"ä😀/1",
        "p&w<o>'r=d+\\\"\\u00e4\\ud83d\\ude00\\/1",
        // Go, as kubectl, docker, terraform and vault print it.
        "p\\u0026w\\u003co\\u003e'r=d+\\\"ä😀/1",
        // Gson.
        "p\\u0026w\\u003co\\u003e\\u0027r\\u003dd+\\\"ä😀/1",
        // .NET.
        "p\\u0026w\\u003Co\\u003E\\u0027r=d\\u002B\\u0022\\u00E4\\uD83D\\uDE00/1",
        // Python: xml.sax.saxutils.escape, html.escape; Go: html.EscapeString; PHP: htmlspecialchars.
        "p&amp;w&lt;o&gt;'r=d+\"ä😀/1",
        "p&amp;w&lt;o&gt;&#x27;r=d+&quot;ä😀/1",
        "p&amp;w&lt;o&gt;&#39;r=d+&#34;ä😀/1",
        "p&amp;w&lt;o&gt;&#039;r=d+&quot;ä😀/1",
    ] {
        let line = format!("<{form}>");
        assert_eq!(masked(&[secret], &line), "<***>", "{form}");
    }
}

#[test]
fn nothing_is_held_back_but_what_may_begin_a_secret() {
    let mut out = Vec::new();
    let mut stream = mask(&["hunter2-secret"]).stream();
    stream.push(b"copied 2 of 3\n", &mut out);
    assert_eq!(String::from_utf8_lossy(&out), "copied 2 of 3\n");
    stream.push(b"with hunt", &mut out);
    assert_eq!(String::from_utf8_lossy(&out), "copied 2 of 3\nwith ");
    assert_eq!(stream.held(), b"hunt");
}

#[test]
fn base64_of_something_around_it_is_found() {
    // `user:hunter2-secret` and `u:hunter2-secret`: what precedes it moves the bits; its first and last digit may belong
    // to its neighbours as well.
    for (encoded, rest) in [
        ("dXNlcjpodW50ZXIyLXNlY3JldA==", "dXNlcjpo"),
        ("dTpodW50ZXIyLXNlY3JldA==", "dTpo"),
    ] {
        let seen = masked(&["hunter2-secret"], encoded);
        assert!(seen.contains("***"), "{seen}");
        assert!(seen.len() < rest.len() + 8, "{seen}");
    }
}

#[test]
fn what_is_too_short_is_not_masked() {
    assert_eq!(masked(&["abc", ""], "abc"), "abc");
}

#[test]
fn bytes_that_are_no_text_pass() {
    let mask = mask(&["hunter2"]);
    assert_eq!(mask.whole(b"\0\xff hunter2\xfe"), b"\0\xff ***\xfe");
}

#[test]
fn base64_behind_something_and_broken_into_lines_is_found() {
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ-0123456789abcdefghijABCDEFGHIJ-0123456789abcdefghij.tail";
    let mask = mask(&[secret]);
    for columns in [64, 76] {
        for before in 0..120 {
            let text = format!("{}{secret}", "x".repeat(before));
            let whole = super::base64(text.as_bytes(), 0, *b"+/");
            let lines = super::broken(&whole, (columns, columns));
            let out = mask.whole(&lines);
            let hidden = String::from_utf8_lossy(&out).replace('\n', "");
            // What is left of the secret are the bits that it shares with its neighbours.
            let open = super::base64("x".repeat(before).as_bytes(), 0, *b"+/").len();
            assert!(
                hidden.contains("***") && hidden.len() <= open + 3 + 3,
                "{columns} columns, behind {before}: {hidden}"
            );
        }
    }
}
