//! Owns what a step prints on its way into the file: straight, or through the mask in pieces of one size.

use std::fs::File;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::{FdFlags, fcntl_setfd};

use super::super::mask::{Mask, Stream};
use super::Start;
use super::desk::Desk;

/// So many bytes are read at once.
const CHUNK: usize = 64 * 1024;

/// So many chunks are taken before anything else is looked at.
const TURN: usize = 16;

/// Output that is masked.
pub(super) struct Masking {
    reader: PipeReader,
    chunk: Vec<u8>,
    open: bool,
    into: Sink,
}

/// The way through the mask into a file.
pub(super) struct Sink {
    file: File,
    stream: Stream,
    out: Vec<u8>,
    /// How many bytes came, and how many went.
    counts: (usize, usize),
    trouble: io::Result<()>,
}

/// Whether a secret was in what was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Masked {
    Something,
    Nothing,
}

/// Streams that are masked.
#[derive(Default)]
pub(super) struct Streams {
    pub(super) output: Option<Masking>,
    /// Standard output, where it is a value.
    pub(super) value: Option<Masking>,
    /// Both, where the step has a terminal.
    pub(super) desk: Option<Desk>,
}

impl Streams {
    /// What is waited for.
    pub(super) fn awaited(&self) -> Vec<PollFd<'_>> {
        let both = self.output.iter().chain(&self.value);
        let readers = both.filter_map(Masking::reader);
        let mut all: Vec<PollFd<'_>> = readers
            .map(|reader| PollFd::from_borrowed_fd(reader.as_fd(), PollFlags::IN))
            .collect();
        all.extend(self.desk.iter().flat_map(Desk::awaited));
        all
    }

    /// Takes what is there, at most some of it.
    pub(super) fn pump(&mut self) {
        for one in self.output.iter_mut().chain(&mut self.value) {
            one.pump();
        }
        if let Some(desk) = &mut self.desk {
            desk.pump();
        }
    }
}

/// Gives both streams of the step their way; what is returned has to be pumped.
pub(super) fn connect(
    command: &mut Start<'_>,
    (file, value): (File, Option<File>),
    mask: &Mask,
) -> io::Result<Streams> {
    let mut streams = Streams::default();
    if mask.is_none() {
        // The file is the step's own: nothing stands between, however much it prints, whoever dies.
        let value = value.map_or_else(|| file.try_clone(), Ok)?;
        command.stderr(file);
        command.stdout(value);
        return Ok(streams);
    }
    let (output, writer) = masking(file, mask)?;
    command.stderr(writer.try_clone()?);
    match value {
        None => command.stdout(writer),
        Some(value) => {
            let (value, writer) = masking(value, mask)?;
            streams.value = Some(value);
            command.stdout(writer)
        }
    };
    streams.output = Some(output);
    Ok(streams)
}

fn masking(file: File, mask: &Mask) -> io::Result<(Masking, PipeWriter)> {
    let (reader, writer) = io::pipe()?;
    // The step keeps a reading end: should its supervisor be killed, printing does not kill it too.
    let kept = reader.try_clone()?;
    fcntl_setfd(&kept, FdFlags::empty())?;
    fcntl_setfl(&reader, OFlags::NONBLOCK)?;
    // Never closed here: this process does nothing else, and ends soon after the step.
    std::mem::forget(kept);
    let masking = Masking {
        reader,
        chunk: vec![0; CHUNK],
        open: true,
        into: Sink::new(file, mask),
    };
    Ok((masking, writer))
}

impl Masking {
    /// What is waited for, while someone may print.
    pub(super) fn reader(&self) -> Option<&PipeReader> {
        self.open.then_some(&self.reader)
    }

    /// What came and is not in the file yet; it is not masked.
    pub(super) fn held(&self) -> &[u8] {
        self.into.stream.held()
    }

    /// Takes what is there, at most some of it. It reads on when the file takes no more, so that the step is not held up.
    /// Whether there may be more.
    pub(super) fn pump(&mut self) -> bool {
        for _ in 0..TURN {
            match self.reader.read(&mut self.chunk) {
                Ok(0) => {
                    self.open = false;
                    return false;
                }
                Ok(count) => {
                    let bytes = self.chunk.get(..count).unwrap_or_default();
                    self.into.take(bytes);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }

    /// Takes the rest, when nobody is left to print.
    ///
    /// # Errors
    /// Why not all of it is in the file.
    pub(super) fn finish(mut self) -> io::Result<Masked> {
        while self.pump() {}
        self.into.finish()
    }
}

impl Sink {
    pub(super) fn new(file: File, mask: &Mask) -> Self {
        Self {
            file,
            stream: mask.stream(),
            out: Vec::new(),
            counts: (0, 0),
            trouble: Ok(()),
        }
    }

    /// Takes the next bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.counts.0 = self.counts.0.wrapping_add(bytes.len());
        self.stream.push(bytes, &mut self.out);
        self.write();
    }

    /// Lets go of what was held back.
    ///
    /// # Errors
    /// Why not all of it is in the file.
    pub(super) fn finish(mut self) -> io::Result<Masked> {
        self.stream.finish(&mut self.out);
        self.write();
        self.trouble?;
        // What stands for a secret is shorter than every secret.
        Ok(if self.counts.0 == self.counts.1 {
            Masked::Nothing
        } else {
            Masked::Something
        })
    }

    fn write(&mut self) {
        self.counts.1 = self.counts.1.wrapping_add(self.out.len());
        if self.trouble.is_ok() {
            self.trouble = self.file.write_all(&self.out);
        }
        self.out.clear();
    }
}
