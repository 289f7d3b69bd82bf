//! Owns HTTP: one client whose connections are kept, bounds on time, redirects and size, and the words for what goes wrong
//! on the way. What an answer means is the asker's business.

use std::error::Error as _;
use std::sync::OnceLock;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use super::headers::Headers;
use super::text;
use crate::value::Millis;

/// A longer body is not read.
const MOST: usize = 1024 * 1024;

const REDIRECTS: usize = 5;

const AGENT: &str = concat!("runbook/", env!("CARGO_PKG_VERSION"));

/// Why no answer came. A complete sentence, without credentials that the address may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// The address is not one.
    Address(String),
    /// Something on the way.
    Transport(String),
}

/// Why nothing is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// Nothing of it reached anybody.
    NotSent(String),
    /// It may have been carried out.
    NoAnswer(String),
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// `host:port` of who was asked.
    pub(super) host: String,
}

/// The clients, made when they are first needed.
#[derive(Debug, Default)]
pub(super) struct Web {
    far: OnceLock<Client>,
    near: OnceLock<Client>,
    /// The same, but following no redirect.
    far_straight: OnceLock<Client>,
    near_straight: OnceLock<Client>,
}

/// Whether a client goes where an answer sends it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Redirects {
    Followed,
    Refused,
}

/// What is posted.
#[derive(Debug)]
pub(super) struct Parcel<'a> {
    /// Its headers, by name.
    pub(super) headers: &'a [(&'static str, String)],
    /// JSON.
    pub(super) body: &'a str,
}

impl Web {
    /// Asks with GET, or with POST when there is a form. What is asked with headers of its own is meant for one server, so it is
    /// not sent elsewhere.
    pub(super) async fn ask(
        &self,
        url: &str,
        (form, headers): (Option<String>, &Headers),
        limit: Millis,
    ) -> Result<Reply, Silence> {
        let url = read(url)?;
        let host = host(&url);
        let redirects = if headers.is_empty() {
            Redirects::Followed
        } else {
            Redirects::Refused
        };
        let client = self.client(&url, redirects)?;
        let mut request = match form {
            None => client.get(url),
            Some(form) => client
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
        };
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value).map_err(|_| {
                Silence::Address(format!("the header {name} holds a sign that no header can"))
            })?;
            request = request.header(name, value);
        }
        answered(request, host, limit).await
    }

    /// Posts JSON. A redirect is an answer and is not followed: what is posted was meant for one address.
    pub(super) async fn post(
        &self,
        url: &str,
        parcel: &Parcel<'_>,
        limit: Millis,
    ) -> Result<Reply, Silence> {
        let url = read(url)?;
        let host = host(&url);
        let mut request = self
            .client(&url, Redirects::Refused)?
            .post(url)
            .header("content-type", "application/json")
            .body(parcel.body.to_owned());
        for (name, value) in parcel.headers {
            request = request.header(*name, value);
        }
        answered(request, host, limit).await
    }

    /// Sends a request that changes something. A redirect is an answer and is not followed, and nothing is sent a second time.
    pub(super) async fn send(
        &self,
        (method, url): (&str, &str),
        (headers, body): (&[(String, Vec<u8>)], Option<&str>),
        limit: Millis,
    ) -> Result<Reply, Lost> {
        let not_sent = |silence| match silence {
            Silence::Address(why) | Silence::Transport(why) => Lost::NotSent(why),
        };
        let url = read(url).map_err(not_sent)?;
        let host = host(&url);
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| Lost::NotSent(format!("there is no method {method}")))?;
        let client = self.client(&url, Redirects::Refused).map_err(not_sent)?;
        let mut request = client.request(method, url);
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value).map_err(|_| {
                Lost::NotSent(format!("the header {name} holds a sign that no header can"))
            })?;
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let answer = async {
            let response = request.send().await?;
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            // The status is the answer; a body that breaks off takes nothing from it.
            let body = body_of(response).await;
            Ok((status, headers, body))
        };
        match tokio::time::timeout(limit.to_std(), answer).await {
            Err(_) => Err(Lost::NoAnswer(format!(
                "no answer from {host} within {limit}"
            ))),
            Ok(Err(error)) => {
                let error: reqwest::Error = error;
                let why = words(&error, &host);
                Err(if error.is_connect() || error.is_builder() {
                    Lost::NotSent(why)
                } else {
                    Lost::NoAnswer(why)
                })
            }
            Ok(Ok((status, headers, body))) => Ok(Reply {
                status,
                headers,
                body,
                host,
            }),
        }
    }

    /// This machine is asked without a proxy, everything else as the environment says.
    fn client(&self, url: &Url, redirects: Redirects) -> Result<&Client, Silence> {
        let is_near = url.host_str().is_some_and(|host| {
            let host = host.trim_matches(['[', ']']);
            host == "localhost"
                || host
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        });
        let slot = match (is_near, redirects) {
            (true, Redirects::Followed) => &self.near,
            (true, Redirects::Refused) => &self.near_straight,
            (false, Redirects::Followed) => &self.far,
            (false, Redirects::Refused) => &self.far_straight,
        };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        prepare_tls();
        let mut builder = Client::builder();
        if is_near {
            builder = builder.no_proxy();
        }
        let policy = match redirects {
            Redirects::Followed => Policy::limited(REDIRECTS),
            Redirects::Refused => Policy::none(),
        };
        let client = builder
            .user_agent(AGENT)
            .redirect(policy)
            .build()
            .map_err(|error| Silence::Transport(format!("no HTTP client can be made: {error}")))?;
        Ok(slot.get_or_init(|| client))
    }
}

/// An http or https address.
fn read(url: &str) -> Result<Url, Silence> {
    Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| Silence::Address("the address is no http or https address".into()))
}

/// The answer to a request, within its time.
async fn answered(
    request: reqwest::RequestBuilder,
    host: String,
    limit: Millis,
) -> Result<Reply, Silence> {
    let answer = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Ok((status, headers, body(response).await?))
    };
    match tokio::time::timeout(limit.to_std(), answer).await {
        Err(_) => Err(Silence::Transport(format!(
            "no answer from {host} within {limit}"
        ))),
        Ok(Err(error)) => Err(Silence::Transport(words(&error, &host))),
        Ok(Ok((_, _, None))) => Err(Silence::Transport(format!(
            "the answer of {host} is longer than 1 MiB"
        ))),
        Ok(Ok((status, headers, Some(body)))) => Ok(Reply {
            status,
            headers,
            body,
            host,
        }),
    }
}

/// Chooses the process's cryptography for TLS, once; a client cannot be made before.
pub(crate) fn prepare_tls() {
    // An error only says that it was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// `host:port`, without what else an address may hold.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The body; nothing when it is longer than is read.
async fn body(mut response: reqwest::Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len().saturating_add(chunk.len()) > MOST {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// The beginning of the body, as far as it came.
async fn body_of(mut response: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let free = MOST.saturating_sub(body.len());
        body.extend_from_slice(chunk.get(..chunk.len().min(free)).unwrap_or_default());
        if free == 0 {
            break;
        }
    }
    body
}

/// What went wrong on the way, for someone who has to mend it.
fn words(error: &reqwest::Error, host: &str) -> String {
    if error.is_redirect() {
        return format!("{host} redirects more than {REDIRECTS} times");
    }
    let mut innermost = String::new();
    let mut kind = None;
    let mut cause = error.source();
    while let Some(inner) = cause {
        innermost = inner.to_string();
        if let Some(inner) = inner.downcast_ref::<std::io::Error>() {
            kind = Some(inner.kind());
        }
        if innermost.starts_with("dns error") {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            return format!("the name {name} cannot be resolved");
        }
        cause = inner.source();
    }
    match kind {
        Some(std::io::ErrorKind::ConnectionRefused) => format!("connection refused at {host}"),
        Some(_) | None if error.is_connect() => {
            format!(
                "no connection to {host}: {}",
                text::one_line(innermost.as_bytes())
            )
        }
        Some(_) | None => format!(
            "{host} broke off its answer: {}",
            text::one_line(innermost.as_bytes())
        ),
    }
}
