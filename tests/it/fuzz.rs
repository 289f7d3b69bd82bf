//! The laws that the fuzz targets hold, over the kept corpus, every runbook of the project, and what little changes make of them.
//! `bash fuzz/run SECONDS` looks for more.

mod laws;

use std::path::Path;

/// How many changed copies are made of each text.
const CHANGED: u64 = 3;

/// A sequence of numbers without chance: the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).expect("it is below a usize")
    }
}

fn kept() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the kept corpus")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| std::fs::read(path).expect("an input");
    paths.iter().map(read).collect()
}

/// A piece is taken out, doubled, moved to another place, or taken from another text; or a byte is another one.
fn changed(bytes: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.next(3) {
        let from = numbers.next(bytes.len());
        let to = (from + numbers.next(40)).min(bytes.len());
        match numbers.next(5) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let piece = bytes[from..to].to_vec();
                bytes.splice(from..from, piece);
            }
            2 => {
                let piece: Vec<u8> = bytes.drain(from..to).collect();
                let at = numbers.next(bytes.len());
                bytes.splice(at..at, piece);
            }
            3 => {
                let start = numbers.next(other.len());
                let end = (start + numbers.next(80)).min(other.len());
                bytes.splice(from..to, other[start..end].iter().copied());
            }
            _byte => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte = b"\0\n\r\t \"'{}()[]$#\\\x1b\x7f\xc3\xffaz09%"[numbers.next(24)];
                }
            }
        }
    }
    bytes
}

#[test]
fn the_laws_hold_for_the_kept_corpus_and_what_is_near_to_it() {
    let mut texts: Vec<Vec<u8>> = crate::syntax::laws::texts()
        .into_iter()
        .map(String::into_bytes)
        .collect();
    let kept = kept();
    assert!(kept.len() >= 50, "only {} kept inputs", kept.len());
    texts.extend(kept);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut cases = 0;
    for at in 0..texts.len() {
        let mut inputs = vec![texts[at].clone()];
        for _ in 0..CHANGED {
            let other = &texts[numbers.next(texts.len())];
            inputs.push(changed(&texts[at], other, &mut numbers));
        }
        for input in inputs {
            laws::parse_law(&input);
            laws::check_law(&input);
            laws::fmt_law(&input);
            cases += 1;
        }
    }
    assert!(cases >= 600, "only {cases} cases");
}
