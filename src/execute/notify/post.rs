//! Owns delivery over HTTP: what each service is sent, when it is tried again, and that no secret is told in a failure.

use std::time::Duration;

use serde_json::json;

use super::super::mask::Mask;
use super::super::scene::Scene;
use super::super::secrets;
use super::super::stop::Stop;
use super::super::text;
use super::super::web::{Parcel, Reply, Silence};
use super::{Hidden, Letter, Post, Urgency, Way};
use crate::plan::Secret;
use crate::value::Millis;

/// PagerDuty takes no longer summary, in characters.
const SUMMARY: usize = 1_024;

/// Pauses grow no further than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A letter as a service wants it.
struct Sealed {
    url: String,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// What may not be told.
    hidden: Vec<Vec<u8>>,
}

/// Posts a letter, and tries again where that may help.
pub(super) async fn post(
    way: Way,
    letter: &Letter,
    scene: &Scene,
    post: &Post,
) -> Result<(), String> {
    let sealed = seal(way, letter, scene, post).await?;
    let mask = Mask::new(&sealed.hidden)?;
    let masked = |why: String| String::from_utf8_lossy(&mask.whole(why.as_bytes())).into_owned();
    let parcel = Parcel {
        headers: &sealed.headers,
        body: &sealed.body,
    };
    let end = post.ordered + post.patience.all.to_std();
    let mut pause = post.patience.pause.to_std();
    let mut tries = 1_u32;
    loop {
        let answer = post.web.post(&sealed.url, &parcel, post.patience.one).await;
        let (why, wanted) = match judge(answer) {
            Judged::Taken => return Ok(()),
            Judged::Refused(why) => return Err(masked(why)),
            Judged::Later(why, wanted) => (why, wanted),
        };
        let wait = wanted.unwrap_or(pause);
        if tokio::time::Instant::now() + wait >= end {
            let asked = wanted.map_or_else(String::new, |wanted| {
                format!(", and asks to wait {}", Millis(millis(wanted)))
            });
            let often = if tries == 1 {
                "one try".to_owned()
            } else {
                format!("{tries} tries")
            };
            return Err(masked(format!("{why}{asked} ({often})")));
        }
        tokio::time::sleep(wait).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        tries = tries.saturating_add(1);
    }
}

/// What an answer means.
enum Judged {
    Taken,
    /// It will not be taken.
    Refused(String),
    /// It may be taken later; how long the service wants to be left alone.
    Later(String, Option<Duration>),
}

fn judge(answer: Result<Reply, Silence>) -> Judged {
    let reply = match answer {
        Ok(reply) => reply,
        Err(Silence::Address(why)) => return Judged::Refused(why),
        Err(Silence::Transport(why)) => return Judged::Later(why, None),
    };
    let (status, host) = (reply.status, &reply.host);
    match status {
        200..=299 => Judged::Taken,
        300..=399 => Judged::Refused(format!(
            "{host} answers HTTP {status}, a redirect, which a notice does not follow"
        )),
        408 | 429 | 500..=599 => Judged::Later(
            format!("{host} answers HTTP {status}{}", said(&reply)),
            later(&reply),
        ),
        _ => Judged::Refused(format!("{host} answers HTTP {status}{}", said(&reply))),
    }
}

/// The first line of an answer, behind a colon.
fn said(reply: &Reply) -> String {
    let head = reply.body.split(|byte| *byte == b'\n').next();
    let line = text::one_line(head.unwrap_or_default());
    if line.is_empty() || line.starts_with('<') {
        return String::new();
    }
    format!(": {line}")
}

/// `Retry-After` in seconds.
fn later(reply: &Reply) -> Option<Duration> {
    let value = reply.headers.get("retry-after")?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

async fn seal(way: Way, letter: &Letter, scene: &Scene, post: &Post) -> Result<Sealed, String> {
    let mut hidden = Vec::new();
    let mut headers = Vec::new();
    let (url, body) = match way {
        Way::Webhook { address, bearer } => {
            let url = match address {
                Hidden::Open(url) => url,
                Hidden::Secret(secret) => address_of(&secret, scene, post, &mut hidden).await?,
            };
            if let Some(secret) = bearer {
                let token = value(&secret, scene, post).await?;
                hidden.push(token.clone().into_bytes());
                headers.push(("authorization", format!("Bearer {token}")));
            }
            headers.push(("idempotency-key", letter.key()));
            (url, plain(letter))
        }
        Way::Slack(secret) => {
            let url = address_of(&secret, scene, post, &mut hidden).await?;
            (url, json!({ "text": slack(&letter.text) }))
        }
        Way::PagerDuty { key, at } => {
            let key = value(&key, scene, post).await?;
            hidden.push(key.clone().into_bytes());
            (at, pagerduty(letter, &key))
        }
        Way::Command { .. } => return Err("a command is not posted".to_owned()),
    };
    Ok(Sealed {
        url,
        headers,
        body: body.to_string(),
        hidden,
    })
}

/// What a webhook is sent.
fn plain(letter: &Letter) -> serde_json::Value {
    json!({
        "key": letter.key(),
        "run": letter.run,
        "notice": letter.number,
        "service": letter.service,
        "runbook": letter.title,
        "text": letter.text,
    })
}

fn pagerduty(letter: &Letter, key: &str) -> serde_json::Value {
    json!({
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": letter.key(),
        "payload": {
            "summary": text::shortened(&letter.text, SUMMARY),
            "source": letter.service,
            "severity": match letter.urgency {
                Urgency::Critical => "critical",
                Urgency::Error => "error",
                Urgency::Warning => "warning",
            },
            "custom_details": {
                "run": letter.run,
                "runbook": letter.title,
                "text": letter.text,
            },
        },
    })
}

/// Slack reads `<`, `>` and `&` as its own marks: a reason with `<!channel>` in it would call everybody.
fn slack(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// An address that is a secret. Its path is one too: services answer with it.
async fn address_of(
    secret: &Secret,
    scene: &Scene,
    post: &Post,
    hidden: &mut Vec<Vec<u8>>,
) -> Result<String, String> {
    let url = value(secret, scene, post).await?;
    let path = url.split_once("://").map_or("", |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    hidden.push(url.clone().into_bytes());
    hidden.push(path.to_owned().into_bytes());
    for part in path
        .split(['/', '?', '&', '='])
        .filter(|part| part.len() >= 8)
    {
        hidden.push(part.to_owned().into_bytes());
    }
    Ok(url)
}

async fn value(secret: &Secret, scene: &Scene, post: &Post) -> Result<String, String> {
    let bytes = secrets::read(secret, &post.base, scene, &mut Stop::never()).await?;
    let text =
        String::from_utf8(bytes).map_err(|_| format!("secret {} is no text", secret.name))?;
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(format!("secret {} is not one line of text", secret.name));
    }
    Ok(text.to_owned())
}
