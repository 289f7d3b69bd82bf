//! Owns metrics that stand in a JSON answer.

use super::super::headers::Headers;
use super::super::jq::{self, Fault, Found};
use super::super::text;
use super::super::web::Web;
use crate::engine::Reading;
use crate::value::Millis;

pub(super) async fn ask(
    web: &Web,
    (url, headers): (&str, &Headers),
    filter: &str,
    limit: Millis,
) -> Reading {
    let reply = match web.ask(url, (None, headers), limit).await {
        Ok(reply) => reply,
        Err(silence) => return super::silent(silence),
    };
    if let Some(reading) = super::refused(reply.status, &reply.host) {
        return reading;
    }
    let misfit =
        |what: &str| Reading::Misconfigured(format!("`{filter}` gives {what}, not one number"));
    match jq::apply(filter, reply.body, limit).await {
        Ok(Found::Number(value)) => super::number(value),
        Ok(Found::Nothing) => Reading::NoData(format!("`{filter}` gives nothing")),
        Ok(Found::Null) => Reading::NoData(format!("`{filter}` gives null")),
        Ok(Found::Several) => misfit("several values"),
        Ok(Found::Bool(value)) => misfit(&value.to_string()),
        Ok(Found::Text(value)) => misfit(&format!("the text \"{}\"", text::shortened(&value, 40))),
        Ok(Found::Composite(kind)) => misfit(kind),
        Err(Fault::Filter(why)) => Reading::Misconfigured(why),
        Err(Fault::Answer(why)) => Reading::Error(format!("{}: {why}", reply.host)),
    }
}
