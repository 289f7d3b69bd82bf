//! Addresses: what is put together from values is escaped for its place, and the whole must be one that can be asked.

use crate::ast::{Expr, ExprKind, TextPart};
use crate::value::Type;

use super::eval::{NoValue, Values, eval};

/// The address that an expression stands for. A value inside a text is percent-encoded where the path or the query
/// stands, and taken as it is where the address begins: there it is a whole URL or a host.
///
/// # Errors
/// Why there is none.
pub fn address(expr: &Expr, values: &Values) -> Result<String, NoValue> {
    let ExprKind::Text(text) = &expr.kind else {
        return eval(expr, values, Some(&Type::Text)).map(|value| value.plain());
    };
    let mut whole = String::new();
    for part in &text.parts {
        match part {
            TextPart::Piece(piece) => whole.push_str(piece),
            TextPart::Expr(expr) => {
                let value = eval(expr, values, None)?.plain();
                if in_path(&whole) {
                    encode(&value, &mut whole);
                } else {
                    whole.push_str(&value);
                }
            }
        }
    }
    Ok(whole)
}

/// Whether what follows `so_far` belongs to the path or the query.
fn in_path(so_far: &str) -> bool {
    let after_scheme = so_far.split_once("://").map(|(_, rest)| rest);
    after_scheme.is_some_and(|rest| rest.contains(['/', '?', '#']))
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encode(value: &str, out: &mut String) {
    use std::fmt::Write as _;
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// Why a text is no address that can be asked, as the end of a sentence; `None` when it is one.
pub(super) fn fault(address: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = address.split_once("://") else {
        return Some("it has no scheme");
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Some("its scheme is not http or https");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("it holds a user or a password");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    };
    if host.is_empty() {
        return Some("it has no host");
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Some("its port is not a number below 65536");
    }
    let odd = |ch: char| ch.is_whitespace() || ch.is_control() || "<>\"{}|\\^`".contains(ch);
    if address.contains(odd) {
        return Some("it holds a character that no URL has");
    }
    None
}

/// Why a text is no `host:port`; `None` when it is one.
pub(super) fn socket_fault(address: &str) -> Option<&'static str> {
    match address.rsplit_once(':') {
        None => Some("it has no port"),
        Some(("", _)) => Some("it has no host"),
        Some((_, port)) if port.parse::<u16>().map_or(true, |port| port == 0) => {
            Some("its port is not a number from 1 to 65535")
        }
        Some((host, _)) if host.contains(['/', ' ']) => Some("its host is not a name"),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_scheme_a_host_and_maybe_a_port() {
        assert_eq!(fault("https://example.com/a?b=c"), None);
        assert_eq!(fault("http://127.0.0.1:9090"), None);
        assert_eq!(fault("http://[::1]:80/"), None);
        assert_eq!(fault("example.com"), Some("it has no scheme"));
        assert_eq!(
            fault("ftp://example.com"),
            Some("its scheme is not http or https")
        );
        assert_eq!(fault("http:///x"), Some("it has no host"));
        assert_eq!(
            fault("http://a:b@c/"),
            Some("it holds a user or a password")
        );
        assert_eq!(
            fault("http://a:99999/"),
            Some("its port is not a number below 65536")
        );
        assert_eq!(
            fault("http://a/b c"),
            Some("it holds a character that no URL has")
        );
    }

    #[test]
    fn sockets_have_a_host_and_a_port() {
        assert_eq!(socket_fault("db.internal:5432"), None);
        assert_eq!(socket_fault("[::1]:5432"), None);
        assert_eq!(socket_fault("db.internal"), Some("it has no port"));
        assert_eq!(socket_fault(":5432"), Some("it has no host"));
    }
}
