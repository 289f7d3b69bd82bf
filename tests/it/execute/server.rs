//! A tiny HTTP server for tests: each path has one fixed answer, as bytes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What is done with a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes are the whole answer.
    Raw(Vec<u8>),
    /// Nothing, for ever.
    Never,
    /// The connection is closed.
    Close,
}

pub(crate) fn reply(status: u16, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Raw(
        format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
            .into_bytes(),
    )
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// The running server; it lives as long as the test's process.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) requests: Arc<Mutex<Vec<Request>>>,
    pub(crate) connections: Arc<AtomicUsize>,
}

impl Server {
    /// Answers by the first part of the path: `/NAME/…` with the reply of that name.
    pub(crate) fn start(replies: BTreeMap<String, Reply>) -> Self {
        let one = |(name, reply)| (name, vec![reply]);
        Self::in_turn(replies.into_iter().map(one).collect())
    }

    /// The same with a reply for each request, in their order; the last one repeats.
    pub(crate) fn in_turn(replies: BTreeMap<String, Vec<Reply>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (log, count) = (Arc::clone(&requests), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let (replies, log) = (replies.clone(), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &replies, &log));
            }
        });
        Self {
            host,
            requests,
            connections,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.host)
    }

    pub(crate) fn last(&self) -> Request {
        let requests = self.requests.lock().expect("nobody panicked");
        requests.last().cloned().expect("a request came")
    }
}

fn serve(stream: TcpStream, replies: &BTreeMap<String, Vec<Reply>>, log: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a handle"));
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut headers = String::new();
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 || header == "\r\n" {
                break;
            }
            let lower = header.to_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            headers.push_str(&lower);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let path = line.split(' ').nth(1).expect("a path").to_owned();
        let name = path.split(['/', '?']).nth(1).expect("a name").to_owned();
        let mut requests = log.lock().expect("nobody panicked");
        let of_name = |one: &&Request| {
            let path = one.line.split(' ').nth(1).unwrap_or_default();
            path.split(['/', '?']).nth(1) == Some(&name)
        };
        let earlier = requests.iter().filter(of_name).count();
        requests.push(Request {
            line: line.trim().to_owned(),
            headers,
            body: String::from_utf8(body).expect("text"),
        });
        drop(requests);
        let replies = replies.get(&name);
        match replies.and_then(|all| all.get(earlier).or_else(|| all.last())) {
            Some(Reply::Raw(bytes)) => {
                if stream.write_all(bytes).is_err() {
                    return;
                }
            }
            Some(Reply::Never) => loop {
                std::thread::park();
            },
            Some(Reply::Close) | None => return,
        }
    }
}
