//! Patterns of files, as `migrations "db/*.sql"` has them: the directory that is written out, and what stands below it.

use globset::{GlobBuilder, GlobMatcher};

/// A pattern of files.
#[derive(Clone, Debug)]
pub struct Pattern {
    folder: String,
    matcher: GlobMatcher,
    depth: Option<usize>,
}

/// What makes a part of a path a pattern.
const SIGNS: [char; 6] = ['*', '?', '[', ']', '{', '}'];

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none, as a label.
    pub fn of(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("there is nothing in it".to_owned());
        }
        let parts: Vec<&str> = text.split('/').collect();
        let name = parts.len().saturating_sub(1);
        let written_out = parts.iter().position(|part| part.contains(SIGNS));
        let (folder, rest) = parts.split_at(written_out.unwrap_or(name).min(name));
        let rest = rest.join("/");
        let glob = GlobBuilder::new(&rest)
            .literal_separator(true)
            .build()
            .map_err(|error| error.kind().to_string())?;
        let depth = rest.split('/').count();
        Ok(Self {
            folder: if text.starts_with('/') && folder.len() <= 1 {
                "/".to_owned()
            } else {
                folder.join("/")
            },
            matcher: glob.compile_matcher(),
            depth: (!rest.contains("**")).then_some(depth),
        })
    }

    /// The directory that is written out before the first sign; empty when there is none.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// How many names a path below the directory has; any number when there is none.
    #[must_use]
    pub fn depth(&self) -> Option<usize> {
        self.depth
    }

    /// Whether a path below the directory, written with `/`, is meant.
    #[must_use]
    pub fn matches(&self, below: &str) -> bool {
        self.matcher.is_match(below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_ends_before_the_first_sign() {
        let cases = [
            ("db/*.sql", "db", "1.sql", "sub/1.sql"),
            ("*.sql", "", "1.sql", "db/1.sql"),
            ("db/a/1.sql", "db/a", "1.sql", "2.sql"),
            ("db/**/*.sql", "db", "a/b/1.sql", "a/b/1.txt"),
            ("db/*/up.sql", "db", "1/up.sql", "up.sql"),
            ("../db/{1,2}.sql", "../db", "2.sql", "3.sql"),
        ];
        for (text, folder, is, is_not) in cases {
            let pattern = Pattern::of(text).expect("a pattern");
            assert_eq!(pattern.folder(), folder, "{text}");
            assert!(pattern.matches(is), "{text} {is}");
            assert!(!pattern.matches(is_not), "{text} {is_not}");
        }
        assert!(Pattern::of("db/{a.sql").is_err());
        assert!(Pattern::of("").is_err());
    }
}
