//! Owns jq filters over JSON answers. Bounded: text that is not JSON or nests too deeply never reaches the filter, and at most two
//! of its results are computed.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};

use super::text;
use crate::value::Millis;

/// What a filter found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// No result at all.
    Nothing,
    /// `null`.
    Null,
    /// A number; NaN when the filter made one.
    Number(f64),
    /// A truth value.
    Bool(bool),
    /// Text.
    Text(String),
    /// An array or an object.
    Composite(&'static str),
    /// More than one result.
    Several,
}

/// Why nothing could be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The filter is not one, or does not fit the answer.
    Filter(String),
    /// The answer is not JSON, or the filter does not end.
    Answer(String),
}

/// Applies a filter, for at most `limit`, away from the loop that everything else waits in.
pub(super) async fn apply(filter: &str, json: Vec<u8>, limit: Millis) -> Result<Found, Fault> {
    let code = filter.to_owned();
    let work = tokio::task::spawn_blocking(move || found(&code, &json));
    match tokio::time::timeout(limit.to_std(), work).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Fault::Filter(format!("the filter `{filter}` fails"))),
        Err(_) => Err(Fault::Answer(format!("the filter `{filter}` does not end"))),
    }
}

fn found(code: &str, json: &[u8]) -> Result<Found, Fault> {
    // This reader refuses what nests too deeply for a stack; the filter's own reader does not.
    if serde_json::from_slice::<serde_json::Value>(json).is_err() {
        return Err(Fault::Answer(not_json(json)));
    }
    let input =
        read::parse_single(json).map_err(|_| Fault::Answer("the answer is not JSON".to_owned()))?;
    let wrong = || Fault::Filter(format!("`{code}` is not a jq filter"));
    let defs = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    let funs = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    let arena = Arena::default();
    let modules = Loader::new(defs)
        .load(&arena, File { code, path: () })
        .map_err(|_| wrong())?;
    let filter = Compiler::default()
        .with_funs(funs)
        .compile(modules)
        .map_err(|_| wrong())?;
    let context = Ctx::<data::JustLut<Val>>::new(&filter.lut, Vars::new([]));
    let mut results = filter.id.run((context, input)).map(unwrap_valr);
    let Some(first) = results.next() else {
        return Ok(Found::Nothing);
    };
    let first = first.map_err(|error| {
        let said = text::one_line(error.to_string().as_bytes());
        Fault::Filter(format!(
            "the filter `{code}` does not fit the answer: {said}"
        ))
    })?;
    if results.next().is_some() {
        return Ok(Found::Several);
    }
    Ok(read_value(&first))
}

fn read_value(value: &Val) -> Found {
    match value {
        Val::Null => Found::Null,
        Val::Bool(value) => Found::Bool(*value),
        Val::Num(number) => Found::Number(number.to_string().parse().unwrap_or(f64::NAN)),
        Val::BStr(bytes) | Val::TStr(bytes) => {
            Found::Text(String::from_utf8_lossy(bytes).into_owned())
        }
        Val::Arr(_) => Found::Composite("an array"),
        Val::Obj(_) => Found::Composite("an object"),
    }
}

/// What an answer is that should have been JSON.
pub(super) fn not_json(body: &[u8]) -> String {
    let begin = body.trim_ascii_start();
    if begin.is_empty() {
        "the answer is empty, not JSON".to_owned()
    } else if begin.starts_with(b"<") {
        "the answer is a web page, not JSON".to_owned()
    } else {
        let said = text::shortened(&text::one_line(begin), 60);
        format!("the answer is not JSON: {said}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(code: &str, json: &str) -> Result<Found, Fault> {
        found(code, json.as_bytes())
    }

    #[test]
    fn each_kind_of_result() {
        let json = r#"{"n": 0.25, "big": 1e300, "s": "ok", "b": true, "z": null, "a": [1, 2]}"#;
        for (code, wanted) in [
            (".n", Found::Number(0.25)),
            (".big", Found::Number(1e300)),
            (".a | length", Found::Number(2.0)),
            (".s", Found::Text("ok".to_owned())),
            (".b", Found::Bool(true)),
            (".z", Found::Null),
            (".nowhere.at.all", Found::Null),
            (".a", Found::Composite("an array")),
            (".", Found::Composite("an object")),
            (".a[]", Found::Several),
            ("empty", Found::Nothing),
            ("repeat(1)", Found::Several),
        ] {
            assert_eq!(find(code, json), Ok(wanted), "{code}");
        }
        assert!(matches!(find("nan", json), Ok(Found::Number(number)) if number.is_nan()));
        assert_eq!(find("infinite", json), Ok(Found::Number(f64::INFINITY)));
    }

    #[test]
    fn what_cannot_be_found_says_why() {
        let faults = [
            find(".[", "1"),
            find("nofunction", "1"),
            find(".a", "[1]"),
            find(".", "<html>Sign in</html>"),
            find(".", ""),
            find(".", "upstream timed out\n"),
            find(".", &"[".repeat(100_000)),
        ];
        let said: Vec<String> = faults
            .into_iter()
            .map(|fault| match fault {
                Err(Fault::Filter(why)) => format!("filter: {why}"),
                Err(Fault::Answer(why)) => format!("answer: {why}"),
                Ok(found) => format!("found {found:?}"),
            })
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
