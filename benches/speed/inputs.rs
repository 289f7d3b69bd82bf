//! The files that are measured.

/// The runbook that the manual shows.
const CANONICAL: &str = include_str!("../../runbooks/jwt-auth.runbook");

/// The canonical runbook with its declarations and its stages over and over, until there is a megabyte. What may be said only once is said once.
pub(crate) fn megabyte() -> Option<String> {
    let (head, rest) = CANONICAL.split_once("\nprovider ")?;
    let (declarations, rest) = rest.split_once("\nbefore rollout ")?;
    let (before, rest) = rest.split_once("\nrollout {")?;
    let (stages, rest) = rest.split_once("\n}\n")?;
    let declarations = format!("\nprovider {declarations}");
    let times = 1_000_000 / (declarations.len() + stages.len()) + 1;
    Some(format!(
        "{head}{}\nbefore rollout {before}\nrollout {{{}\n}}\n{rest}",
        declarations.repeat(times),
        stages.repeat(times)
    ))
}
