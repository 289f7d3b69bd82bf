//! Owns the hash chain: each row of a run's journal seals all rows before it, and the first seals the plan and the source.
//! It makes tampering evident only to those who kept a head elsewhere: who can rewrite all rows can rewrite the chain.

use std::fmt;

use sha2::{Digest, Sha256};

use super::entry::Row;
use super::error::StoreError;
use super::ids::Seq;
use super::store::{RunMeta, StoredRun};

/// A SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// The end of a run's journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The position that the next row will have.
    pub next: Seq,
    /// What seals all rows before it.
    pub hash: Hash,
}

/// A digest of fields: each with its length before it, so that no two lists of fields give the same bytes.
struct Fields(Sha256);

impl Fields {
    fn add(&mut self, bytes: &[u8]) {
        self.0
            .update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
    }

    fn seal(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// What the first row is linked to: all that was written down when the run was created.
pub(super) fn genesis(meta: &RunMeta, source: &str, begin: Option<&str>) -> Hash {
    let mut fields = Fields(Sha256::new());
    for text in [
        meta.id.as_str(),
        &meta.service,
        &meta.by,
        &meta.program,
        &meta.dir,
        source,
    ] {
        fields.add(text.as_bytes());
    }
    fields.add(&meta.plan_hash.0);
    fields.add(&meta.started.to_be_bytes());
    fields.add(&meta.speed.to_be_bytes());
    // Older programs did not keep it.
    if let Some(begin) = begin {
        fields.add(begin.as_bytes());
    }
    fields.seal()
}

/// The hash of a row that follows `before`.
pub(super) fn link(before: Hash, row: &Row) -> Hash {
    let mut fields = Fields(Sha256::new());
    fields.add(&before.0);
    fields.add(&row.seq.0.to_be_bytes());
    fields.add(&row.stamp.run.0.to_be_bytes());
    fields.add(&row.stamp.wall.to_be_bytes());
    fields.add(row.kind.word().as_bytes());
    fields.add(&row.format.to_be_bytes());
    fields.add(row.body.as_bytes());
    fields.seal()
}

/// Walks the chain from the creation of a run to its stored head.
pub(super) fn verify(run: &StoredRun, rows: &[Row], stored: Head) -> Result<Head, StoreError> {
    let id = &run.meta.id;
    let damaged = |why: String| StoreError::Corrupted { why };
    if Hash::of(run.plan_text.as_bytes()) != run.meta.plan_hash {
        return Err(damaged(format!("the plan of {id} was changed")));
    }
    let mut head = Head {
        next: Seq::FIRST,
        hash: genesis(&run.meta, &run.source, run.begin_text.as_deref()),
    };
    for row in rows {
        if row.seq != head.next {
            return Err(damaged(format!("row {} of {id} is missing", head.next.0)));
        }
        let hash = link(head.hash, row);
        if hash != row.hash {
            return Err(damaged(format!(
                "row {} of {id}, or what was written before it, was changed",
                row.seq.0
            )));
        }
        head = Head {
            next: row.seq.after(1),
            hash,
        };
    }
    if head != stored {
        return Err(damaged(format!(
            "{id} ends at row {}, but its head says {}",
            head.next.0.saturating_sub(1),
            stored.next.0.saturating_sub(1)
        )));
    }
    Ok(head)
}
