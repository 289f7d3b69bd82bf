//! A program to be scraped: serves the values that the test sets and the counters that it lets grow, in the exposition format,
//! on a free loopback port. It must not know who scrapes it or what the values mean.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Shared {
    values: Mutex<BTreeMap<String, Series>>,
    over: AtomicBool,
}

/// A value that grows evenly, or not at all.
#[derive(Clone, Copy)]
struct Series {
    value: f64,
    at: Instant,
    per_second: f64,
}

impl Series {
    fn now(self) -> f64 {
        self.value + self.per_second * self.at.elapsed().as_secs_f64()
    }
}

/// Serves until it is dropped.
pub(crate) struct Exporter {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Exporter {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port's number");
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if for_thread.over.load(Ordering::Relaxed) {
                    return;
                }
                // A scrape that breaks off is the scraper's affair.
                drop(stream.and_then(|stream| answer(stream, &for_thread)));
            }
        });
        Self {
            address,
            shared,
            thread: Some(thread),
        }
    }

    /// Where it listens: `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From the next scrape on, the series `name` (with labels, if any, as in `requests{code="500"}`) has this value.
    pub(crate) fn set(&self, name: &str, value: f64) {
        self.put(name, |_| value, 0.0);
    }

    /// From now on the counter `name` grows by so much a second.
    pub(crate) fn grow(&self, name: &str, per_second: f64) {
        self.put(name, |known| known.map_or(0.0, Series::now), per_second);
    }

    fn put(&self, name: &str, value: impl Fn(Option<Series>) -> f64, per_second: f64) {
        let mut values = self.shared.values.lock().expect("no panic while locked");
        let series = Series {
            value: value(values.get(name).copied()),
            at: Instant::now(),
            per_second,
        };
        values.insert(name.to_owned(), series);
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // The thread waits for a connection: this is its last.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Reads one request to the end of its head, and answers with all values, whatever it asks for.
fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let mut body = String::new();
    for (name, series) in shared.values.lock().expect("no panic while locked").iter() {
        writeln!(body, "{name} {}", series.now()).expect("a string takes everything");
    }
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
