//! Owns a Prometheus that behaves as badly as it is told to: slow, silent, broken, restarting, redirecting, chatty. It listens on
//! a free loopback port and counts who asks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::moment;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Healthy,
    /// Nothing is wrong but the time that it takes, which is within the limit.
    Slow,
    /// It takes a question and never answers.
    Hangs,
    /// It closes the connection instead of an answer.
    BreaksOff,
    /// It stops in the middle of an answer.
    HalfAnAnswer,
    RedirectsForEver,
    /// A page for people, as a proxy or a login in front of it shows.
    Html,
    /// HTTP 429 with `Retry-After`.
    TooOften,
    /// HTTP 503.
    Unavailable,
    /// Ten megabytes.
    Huge,
    /// An answer without a series.
    Empty,
}

/// What it answers when it is healthy: the body, for the path and query that it was asked, decoded.
type Answers = Box<dyn Fn(&str) -> String + Send + Sync>;

struct Shared {
    mood: Mutex<Mood>,
    answers: Answers,
    asked: AtomicUsize,
    over: AtomicBool,
}

/// Answers until it is dropped.
pub(crate) struct Source {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Source {
    /// One that answers a thousandth to every question.
    pub(crate) fn new(mood: Mood) -> Self {
        Self::answering(mood, |asked| number(asked, 0.001))
    }

    pub(crate) fn answering(
        mood: Mood,
        answers: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port's number");
        let shared = Arc::new(Shared {
            mood: Mutex::new(mood),
            answers: Box::new(answers),
            asked: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        });
        let thread = Some(listen(listener, &shared));
        Self {
            address,
            shared,
            thread,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self
            .shared
            .mood
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// How many questions have come.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Nobody listens any more.
    pub(crate) fn stop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // The thread waits for a connection: this is its last.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it ends");
        }
    }

    /// It listens again, where it did before.
    pub(crate) fn start_again(&mut self) {
        self.shared.over.store(false, Ordering::SeqCst);
        let listener = TcpListener::bind(self.address).expect("the port is still free");
        self.thread = Some(listen(listener, &self.shared));
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(listener: TcpListener, shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if shared.over.load(Ordering::SeqCst) {
                return;
            }
            let shared = Arc::clone(&shared);
            // One that hangs lives as long as the test's process.
            std::thread::spawn(move || drop(serve(stream, &shared)));
        }
    })
}

/// A whole answer of this type with these series.
pub(crate) fn answered(kind: &str, result: &str) -> String {
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"{kind}\",\"result\":[{result}]}}}}"
    )
}

/// One series with this value now; it remembers nothing.
pub(crate) fn number(asked: &str, value: f64) -> String {
    if asked.contains("query_range") {
        return answered("matrix", "");
    }
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs_f64();
    answered(
        "vector",
        &format!("{{\"metric\":{{}},\"value\":[{now:.3},\"{value}\"]}}"),
    )
}

/// A path without its percent signs.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (first, _) => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One question, one answer: no connection is kept.
fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header == "\r\n" {
            break;
        }
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let mood = *shared.mood.lock().unwrap_or_else(PoisonError::into_inner);
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let healthy = || (shared.answers)(&decoded(&path));
    match mood {
        Mood::Healthy => answer(&mut stream, "200 OK", "", &healthy()),
        Mood::Slow => {
            moment::after(60_000);
            answer(&mut stream, "200 OK", "", &healthy())
        }
        Mood::Hangs => loop {
            std::thread::park();
        },
        Mood::BreaksOff => Ok(()),
        Mood::HalfAnAnswer => {
            let whole = healthy();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}",
                whole.len(),
                &whole[..whole.len() / 2]
            )
        }
        Mood::RedirectsForEver => answer(
            &mut stream,
            "302 Found",
            &format!("Location: {path}\r\n"),
            "",
        ),
        Mood::Html => {
            let page = "<!doctype html><title>Sign in</title><p>0.001";
            answer(&mut stream, "200 OK", "Content-Type: text/html\r\n", page)
        }
        Mood::TooOften => answer(
            &mut stream,
            "429 Too Many Requests",
            "Retry-After: 1\r\n",
            "",
        ),
        Mood::Unavailable => answer(&mut stream, "503 Service Unavailable", "", "starting up"),
        Mood::Huge => {
            let padding = " ".repeat(10 * 1024 * 1024);
            answer(&mut stream, "200 OK", "", &(padding + &healthy()))
        }
        Mood::Empty => answer(&mut stream, "200 OK", "", &answered("vector", "")),
    }
}

fn answer(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}
