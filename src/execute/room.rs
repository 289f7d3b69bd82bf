//! Owns the room that one large file is looked at in. What is made of a megabyte of runbook is tens of megabytes, and most of what getting
//! them costs is that the system gives them out in pages of 4 KiB, each cleared when it is first touched. Here the allocator takes them at
//! once, and the system is asked for pages of 2 MiB (`madvise(2)`, `MADV_HUGEPAGE`). Nothing else depends on it: where there are none,
//! or with another allocator than glibc's, it only takes longer.

use std::path::Path;

/// A file of so many bytes is large.
const LARGE: u64 = 256 * 1024;

/// What is made of a byte of a file, in bytes.
const MADE_OF_ONE: usize = 64;

/// The most that is taken.
const MOST: usize = 256 << 20;

/// Gets room for what will be made of a file, if it is large.
pub fn make_room(path: &Path) {
    let Ok(meta) = path.metadata() else {
        return;
    };
    if meta.is_file() && meta.len() >= LARGE {
        let bytes = usize::try_from(meta.len()).unwrap_or(MOST);
        take(bytes.saturating_mul(MADE_OF_ONE).min(MOST));
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "the allocator and the system are told how to give memory out; what is in memory stays as it is"
)]
fn take(room: usize) {
    use nix::libc::{
        M_MMAP_THRESHOLD, M_TOP_PAD, M_TRIM_THRESHOLD, MADV_HUGEPAGE, c_int, c_void, madvise,
        mallopt, sbrk,
    };

    /// A large page.
    const PAGE: usize = 2 << 20;
    /// More than the allocator has left over before.
    const FIRST: usize = 1 << 20;
    /// How much more than what is wanted it takes by itself.
    const USUAL: c_int = 128 << 10;

    let Ok(pad) = c_int::try_from(room) else {
        return;
    };
    // SAFETY: these only set when the allocator asks the system, and for how much.
    unsafe {
        mallopt(M_MMAP_THRESHOLD, c_int::MAX);
        mallopt(M_TRIM_THRESHOLD, c_int::MAX);
        mallopt(M_TOP_PAD, pad);
    }
    // So that it asks now. Where the system does not give so much, nothing is lost.
    let first = Vec::<u8>::new().try_reserve_exact(std::hint::black_box(FIRST));
    // SAFETY: as above.
    unsafe { mallopt(M_TOP_PAD, USUAL) };
    if first.is_err() {
        return;
    }
    // SAFETY: the end of the heap is only read.
    let end = unsafe { sbrk(0) }.addr();
    let start = end.saturating_sub(room).next_multiple_of(PAGE);
    let start = std::ptr::without_provenance_mut::<c_void>(start);
    let length = end.saturating_sub(start.addr());
    // SAFETY: what is in these pages stays as it is, whatever their size, and whoever has them.
    unsafe { madvise(start, length, MADV_HUGEPAGE) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn take(_: usize) {}
