//! Whether a jq filter compiles. It runs none.

use jaq_core::Compiler;
use jaq_core::load::{Arena, Error, File, Loader};

/// Why a filter does not compile, in words; `None` when it does.
pub(super) fn fault(filter: &str) -> Option<String> {
    let defs = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    let funs = jaq_core::funs::<jaq_core::data::JustLut<jaq_json::Val>>()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    let arena = Arena::default();
    let program = File {
        code: filter,
        path: (),
    };
    let modules = match Loader::new(defs).load(&arena, program) {
        Ok(modules) => modules,
        Err(errors) => {
            let first = errors.into_iter().next().map(|(_, error)| match error {
                Error::Io(errors) => errors
                    .into_iter()
                    .next()
                    .map(|(path, _)| format!("it includes `{path}`, and filters stand alone")),
                Error::Lex(errors) => errors
                    .into_iter()
                    .next()
                    .map(|(expected, found)| wanted(expected.as_str(), found)),
                Error::Parse(errors) => errors
                    .into_iter()
                    .next()
                    .map(|(expected, found)| wanted(expected.as_str(), found)),
            });
            return Some(
                first
                    .flatten()
                    .unwrap_or_else(|| "it cannot be read".into()),
            );
        }
    };
    let errors = Compiler::default().with_funs(funs).compile(modules).err()?;
    let first = errors
        .into_iter()
        .flat_map(|(_, errors)| errors)
        .map(|(name, kind)| format!("there is no {} `{name}`", kind.as_str()))
        .next();
    Some(first.unwrap_or_else(|| "it does not compile".into()))
}

fn wanted(expected: &str, found: &str) -> String {
    if found.is_empty() {
        format!("it ends where a {expected} is expected")
    } else {
        format!("a {expected} is expected at `{found}`")
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn a_filter_compiles_or_says_why_not() {
        assert_eq!(fault(".status"), None);
        assert_eq!(fault("[.items[] | select(.open)] | length"), None);
        assert!(fault(".status |").is_some());
        assert!(fault(".a[").is_some());
        let unknown = fault("lenght").unwrap_or_default();
        assert!(unknown.contains("lenght"), "{unknown}");
    }
}
