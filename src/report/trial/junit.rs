//! Owns the results of tests in the form of JUnit: a suite a file, a case a test.

use std::fmt::Write;

use super::tested::{FileTested, Tested, counts};

/// The whole document. `unread` are files whose tests could not be run, each with why.
#[must_use]
pub fn junit(files: &[FileTested], unread: &[(String, String)]) -> String {
    let (passed, failed) = counts(files);
    let tests = passed + failed + unread.len();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    put(
        &mut out,
        format_args!(
            "<testsuites name=\"runbook test\" tests=\"{tests}\" failures=\"{failed}\" errors=\"{}\">",
            unread.len()
        ),
    );
    for file in files.iter().filter(|file| !file.tests.is_empty()) {
        suite(&mut out, file);
    }
    for (file, why) in unread {
        let name = attribute(file);
        put(
            &mut out,
            format_args!("  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\">"),
        );
        put(
            &mut out,
            format_args!("    <testcase name=\"the file can be read\" classname=\"{name}\">"),
        );
        put(
            &mut out,
            format_args!(
                "      <error message=\"its tests could not be run\">{}</error>",
                content(why)
            ),
        );
        put(&mut out, format_args!("    </testcase>\n  </testsuite>"));
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, file: &FileTested) {
    let failed = file.tests.iter().filter(|test| !test.failures.is_empty());
    let name = attribute(&file.file);
    put(
        out,
        format_args!(
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
            file.tests.len(),
            failed.count()
        ),
    );
    for test in &file.tests {
        case(out, &name, test);
    }
    put(out, format_args!("  </testsuite>"));
}

fn case(out: &mut String, class: &str, test: &Tested) {
    let head = format!(
        "    <testcase name=\"{}\" classname=\"{class}\" file=\"{class}\" line=\"{}\"",
        attribute(&test.name),
        test.line
    );
    if test.failures.is_empty() {
        put(out, format_args!("{head}/>"));
        return;
    }
    put(out, format_args!("{head}>"));
    // A case has one failure at most; what else does not hold stands in its text.
    let messages: Vec<&str> = test.failures.iter().map(|one| one.found.as_str()).collect();
    let mut text = String::new();
    for one in &test.failures {
        put(
            &mut text,
            format_args!(
                "line {}: expected {}; {}",
                one.line, one.expected, one.found
            ),
        );
        for near in &one.near {
            put(&mut text, format_args!("  {near}"));
        }
    }
    for line in &test.story {
        put(&mut text, format_args!("{line}"));
    }
    put(
        out,
        format_args!(
            "      <failure message=\"{}\">{}</failure>",
            attribute(&messages.join("; ")),
            content(&text)
        ),
    );
    put(out, format_args!("    </testcase>"));
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = writeln!(out, "{line}");
}

/// Text in an attribute.
fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;")
}

/// Text between tags. Characters that XML cannot hold at all are shown as U+FFFD.
fn content(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(ch),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
