//! Owns the masking of secrets in a stream of bytes: before anything of it reaches a disk or a screen, across the borders of
//! chunks, and in the forms that tools give to text. A secret that was changed in another way gets through; so does one of more than 512
//! bytes in base64 that was encoded behind something else and broken into lines.

use std::collections::BTreeSet;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

/// What stands in the place of a secret.
const MASK: &[u8] = b"***";

/// Shorter pieces are not masked: half of every output would be, and the stars would spell them out.
const SHORTEST: usize = 4;

/// The columns after which tools break base64.
const COLUMNS: [usize; 2] = [64, 76];

/// What encoders leave as it is, besides letters and digits: by the RFC, as a path (Python's `quote`), in a form (browsers, Java), as
/// `encodeURIComponent` and `encodeURI`, and as Go writes a path or a query.
const OPEN: [&[u8]; 8] = [
    b"-._~",
    b"-._~/",
    b"-._*",
    b"-._",
    b"-._~!'()*",
    b"-._~!'()*;/?:@&=+$,#",
    b"-._~$&+=:@",
    b"-._~$&+,/:;=@",
];

/// In a longer secret not every place is looked for at which base64 may be broken: there would be more forms than output.
const BROKEN_AT_MOST: usize = 512;

/// The forms of some secrets, ready to be looked for.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    forms: Option<Arc<Forms>>,
}

#[derive(Debug)]
struct Forms {
    all: AhoCorasick,
    /// The same in order, to see whether one of them begins as a text ends.
    sorted: Vec<Vec<u8>>,
    longest: usize,
}

impl Forms {
    /// Where a form may begin whose rest has not come yet. Whatever begins before this place is all there.
    fn begun(&self, bytes: &[u8]) -> usize {
        let first = bytes.len().saturating_sub(self.longest.saturating_sub(1));
        let tails = (first..bytes.len()).find(|at| {
            let tail = bytes.get(*at..).unwrap_or_default();
            let next = self.sorted.partition_point(|form| form.as_slice() < tail);
            let next = self.sorted.get(next);
            next.is_some_and(|form| form.starts_with(tail))
        });
        tails.unwrap_or(bytes.len())
    }
}

impl Mask {
    /// Masks nothing.
    pub(super) fn none() -> Self {
        Self { forms: None }
    }

    /// Whether it masks nothing.
    pub(super) fn is_none(&self) -> bool {
        self.forms.is_none()
    }

    /// Masks these secrets.
    ///
    /// # Errors
    /// A sentence when there is more to look for than can be looked for.
    pub(super) fn new(secrets: &[Vec<u8>]) -> Result<Self, String> {
        let forms: BTreeSet<Vec<u8>> = secrets.iter().flat_map(|secret| forms(secret)).collect();
        let Some(longest) = forms.iter().map(Vec::len).max() else {
            return Ok(Self::none());
        };
        let all = AhoCorasickBuilder::new()
            // All matches are wanted, overlapping ones too: one secret may be the beginning of another.
            .match_kind(MatchKind::Standard)
            .build(&forms)
            .map_err(|error| format!("the secrets cannot be masked: {error}"))?;
        let forms = Forms {
            all,
            sorted: forms.into_iter().collect(),
            longest,
        };
        Ok(Self {
            forms: Some(Arc::new(forms)),
        })
    }

    /// A stream to be masked.
    pub(super) fn stream(&self) -> Stream {
        Stream {
            mask: self.clone(),
            held: Vec::new(),
            covered: 0,
        }
    }

    /// Masks bytes that are all there.
    pub(super) fn whole(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut stream = self.stream();
        stream.push(bytes, &mut out);
        stream.finish(&mut out);
        out
    }
}

/// A stream being masked.
#[derive(Debug)]
pub(super) struct Stream {
    mask: Mask,
    /// What may be the beginning of a secret whose rest has not come yet.
    held: Vec<u8>,
    /// So many bytes at the beginning of `held` belong to a secret whose mask has been written.
    covered: usize,
}

impl Stream {
    /// Takes the next bytes, and gives out all but what may be the beginning of a secret: who dies now has kept the rest.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(bytes);
        let forms = self.mask.forms.as_ref();
        let settled = forms.map_or(self.held.len(), |forms| forms.begun(&self.held));
        self.give(settled, out);
    }

    /// What was not given out yet, because it may be the beginning of a secret.
    pub(super) fn held(&self) -> &[u8] {
        &self.held
    }

    /// Gives out the rest.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.give(self.held.len(), out);
    }

    fn give(&mut self, settled: usize, out: &mut Vec<u8>) {
        let Some(forms) = &self.mask.forms else {
            out.append(&mut self.held);
            return;
        };
        let mut hits: Vec<(usize, usize)> = forms
            .all
            .find_overlapping_iter(&self.held)
            .map(|hit| (hit.start(), hit.end()))
            .filter(|(start, _)| *start < settled)
            .collect();
        hits.sort_unstable();
        // Up to here everything is given out or masked.
        let mut done = self.covered;
        for (start, end) in hits {
            if start >= done {
                out.extend_from_slice(self.held.get(done..start).unwrap_or_default());
                out.extend_from_slice(MASK);
            }
            done = done.max(end);
        }
        if done < settled {
            out.extend_from_slice(self.held.get(done..settled).unwrap_or_default());
            done = settled;
        }
        self.held.drain(..settled);
        self.covered = done.saturating_sub(settled);
    }
}

/// A secret in all the forms in which it is looked for.
fn forms(secret: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    let whole = secret.trim_ascii();
    let lines = whole.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    for piece in std::iter::once(whole).chain(lines) {
        if piece.len() < SHORTEST {
            continue;
        }
        found.insert(piece.to_vec());
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            for open in OPEN {
                found.insert(percent(piece, digits, (b"%20", open)));
                found.insert(percent(piece, digits, (b"+", open)));
            }
        }
        found.insert(replaced(piece, b'\'', b"'\\''"));
        for form in json(piece) {
            // JSON in a string of JSON, as in logs of logs.
            found.insert(replaced(&replaced(&form, b'\\', b"\\\\"), b'"', b"\\\""));
            found.insert(form);
        }
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            found.insert(hex(piece, digits));
        }
        found.extend(markup(piece));
        for last in [b"+/", b"-_"] {
            for before in 0..3 {
                found.insert(base64(piece, before, *last));
            }
            // As tools break it into lines when it is all that they encode.
            for columns in COLUMNS {
                found.insert(broken(&base64(piece, 0, *last), (columns, columns)));
            }
        }
    }
    if (SHORTEST..=BROKEN_AT_MOST).contains(&whole.len()) {
        for before in 0..3 {
            let form = base64(whole, before, *b"+/");
            for columns in COLUMNS {
                // What stands before it decides how much of it is on its first line.
                let firsts = 1..=columns.min(form.len());
                found.extend(firsts.map(|first| broken(&form, (first, columns))));
            }
        }
    }
    found.retain(|form| form.len() >= SHORTEST);
    found
}

/// Two digits for each byte.
fn hex(piece: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    let of = |half: u8| digits.get(usize::from(half)).copied().unwrap_or(b'0');
    let all = piece.iter().flat_map(|byte| [of(byte >> 4), of(byte & 15)]);
    all.collect()
}

/// Broken into lines: the first one so long, and the others.
fn broken(text: &[u8], (first, columns): (usize, usize)) -> Vec<u8> {
    let (head, rest) = text.split_at(first.min(text.len()));
    let lines = std::iter::once(head).chain(rest.chunks(columns));
    lines.collect::<Vec<_>>().join(&b'\n')
}

/// What tools write as numbers inside a string of JSON, besides what they must: nothing, Go and kubectl, Gson, .NET.
const NUMBERED: [&str; 4] = ["", "&<>", "&<>='", "&<>+'`\""];

/// Inside a string of JSON: as the tools write it, each with slashes escaped or not, in Unicode or in ASCII, and with digits of both kinds.
fn json(piece: &[u8]) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(piece).unwrap_or_default();
    let mut forms = Vec::new();
    for numbered in NUMBERED {
        for is_foreign in [|_: char| false, |one: char| !one.is_ascii()] {
            let write = |number: fn(u16) -> String| -> String {
                let all = text.chars();
                let all = all.map(|one| {
                    if numbered.contains(one) || is_foreign(one) {
                        let mut units = [0; 2];
                        one.encode_utf16(&mut units)
                            .iter()
                            .map(|unit| number(*unit))
                            .collect()
                    } else {
                        quoted(one)
                    }
                });
                all.collect()
            };
            for form in [
                write(|unit| format!("\\u{unit:04x}")),
                write(|unit| format!("\\u{unit:04X}")),
            ] {
                forms.push(form.replace('/', "\\/").into_bytes());
                forms.push(form.into_bytes());
            }
        }
    }
    forms
}

/// A character inside a string of JSON.
fn quoted(one: char) -> String {
    let whole = serde_json::to_string(&one).unwrap_or_default();
    let inside = whole.get(1..whole.len().saturating_sub(1));
    inside.unwrap_or_default().to_owned()
}

/// How quotes are written in XML and HTML: by name, and by number as Go, Python and PHP do.
const QUOTES: [(&str, &str); 4] = [
    ("&quot;", "&apos;"),
    ("&#34;", "&#39;"),
    ("&quot;", "&#x27;"),
    ("&quot;", "&#039;"),
];

/// Inside a text of XML or HTML: with its quotes escaped or not.
fn markup(piece: &[u8]) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(piece).unwrap_or_default();
    let text = text.replace('&', "&amp;");
    let text = text.replace('<', "&lt;").replace('>', "&gt;");
    let double = QUOTES.iter().map(|(double, _)| text.replace('"', double));
    let both = QUOTES
        .iter()
        .map(|(double, single)| text.replace('"', double).replace('\'', single));
    let all = double.chain(both).chain([text.clone()]);
    all.map(String::into_bytes).collect()
}

fn replaced(bytes: &[u8], what: u8, with: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in bytes {
        if *byte == what {
            out.extend_from_slice(with);
        } else {
            out.push(*byte);
        }
    }
    out
}

/// In an address, where a blank is a code, or in a form, where it is a plus.
fn percent(bytes: &[u8], digits: &[u8; 16], (blank, open): (&[u8], &[u8])) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in bytes {
        if *byte == b' ' {
            out.extend_from_slice(blank);
        } else if byte.is_ascii_alphanumeric() || open.contains(byte) {
            out.push(*byte);
        } else {
            out.push(b'%');
            out.extend(digits.get(usize::from(byte >> 4)));
            out.extend(digits.get(usize::from(byte & 15)));
        }
    }
    out
}

/// The characters that base64 gives to these bytes whatever comes after them, when `before` bytes (modulo three) precede them.
fn base64(bytes: &[u8], before: usize, last: [u8; 2]) -> Vec<u8> {
    const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let bit = |index: usize| {
        let byte = bytes.get((index / 8).wrapping_sub(before))?;
        Some((byte >> (7 - index % 8)) & 1)
    };
    let first = (before * 8).div_ceil(6);
    let behind = (before + bytes.len()) * 8 / 6;
    (first..behind)
        .filter_map(|digit| {
            let value = (digit * 6..digit * 6 + 6)
                .try_fold(0_u8, |value, index| Some((value << 1) | bit(index)?))?;
            let special = usize::from(value).checked_sub(62);
            match special {
                Some(index) => last.get(index).copied(),
                None => DIGITS.get(usize::from(value)).copied(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
