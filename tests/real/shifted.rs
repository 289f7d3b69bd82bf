//! A server at another time: what is asked of it is asked of a real one as of a moment of the past. The program, which only ever
//! asks for what is now, so plays through history as fast as it can.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Serves for as long as the test's process lives.
pub(crate) struct Shifted {
    pub(crate) url: String,
    /// What time it is there, in Unix milliseconds.
    now: Arc<AtomicI64>,
}

impl Shifted {
    pub(crate) fn before(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its number"));
        let now = Arc::new(AtomicI64::new(0));
        let (address, time) = (address.to_owned(), Arc::clone(&now));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (address, time) = (address.clone(), Arc::clone(&time));
                // Connections come one after the other; a client may keep one open.
                std::thread::spawn(move || drop(serve(stream, &address, &time)));
            }
        });
        Self { url, now }
    }

    pub(crate) fn is_now(&self, millis: i64) {
        self.now.store(millis, Ordering::SeqCst);
    }
}

fn serve(mut stream: TcpStream, address: &str, time: &AtomicI64) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    let Some(path) = line.split(' ').nth(1) else {
        return Ok(());
    };
    let now = time.load(Ordering::SeqCst);
    let (path, back) = then(path, now as f64 / 1_000.0);
    let mut there = TcpStream::connect(address)?;
    write!(there, "GET {path} HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    there.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or(("HTTP/1.0 502 X", ""));
    let status = head.split(' ').nth(1).unwrap_or("502");
    let body = back.map_or_else(|| body.to_owned(), |back| moved(body, back));
    let date = Timestamp::from_millisecond(now).map_err(std::io::Error::other)?;
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nDate: {date}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The same question as of another time, in Unix seconds: that of a range is its end. Also by how much that is back, for a range.
fn then(path: &str, now: f64) -> (String, Option<f64>) {
    let (place, form) = path.split_once('?').expect("a question");
    if place.ends_with("/query") {
        return (format!("{path}&time={now:.3}"), None);
    }
    let number = |name: &str| {
        let value = form.split('&').find_map(|pair| pair.strip_prefix(name));
        value.and_then(|value| value.parse::<f64>().ok())
    };
    let (Some(start), Some(end)) = (number("start="), number("end=")) else {
        panic!("what is this: {path}");
    };
    let pairs: Vec<String> = form
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some(("start", _)) => format!("start={:.3}", now - (end - start)),
            Some(("end", _)) => format!("end={now:.3}"),
            Some(_) | None => pair.to_owned(),
        })
        .collect();
    (format!("{place}?{}", pairs.join("&")), Some(end - now))
}

/// The answer about a range with its times so much later.
fn moved(body: &str, by: f64) -> String {
    let mut answer: serde_json::Value = serde_json::from_str(body).expect("an answer is JSON");
    let series = answer
        .pointer_mut("/data/result")
        .and_then(|all| all.as_array_mut());
    for one in series.into_iter().flatten() {
        let values = one.get_mut("values").and_then(|all| all.as_array_mut());
        for point in values.into_iter().flatten() {
            let at = point[0].as_f64().expect("a time");
            point[0] = (at + by).into();
        }
    }
    answer.to_string()
}
