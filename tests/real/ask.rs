//! The three ways in which a runbook asks the same question of the same server, and what each makes of an answer that is no number.

use runbook::engine::Reading;

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Their API: `query PROVIDER '…'`.
    Query,
    /// A plain question with a filter: `http get "…" json("…")`.
    Http,
    /// A pipe: `$ curl … | sed …`.
    Command,
}

pub(crate) const WAYS: [Way; 3] = [Way::Query, Way::Http, Way::Command];

/// Every series of an answer.
const FILTER: &str = ".data.result[].value[1] | tonumber";

impl Way {
    /// The line of the metric that asks a server; `script` is the path of a file that [`Self::script`] goes into.
    pub(crate) fn source(self, url: &str, query: &str, script: &str) -> String {
        match self {
            Self::Query => format!("query prom '{query}'"),
            Self::Http => {
                let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
                format!(
                    "http get \"{url}/api/v1/query?nocache=1&query={query}\" json(\"{FILTER}\")"
                )
            }
            Self::Command => format!("$ sh {script}"),
        }
    }

    /// Asks as people do in a pipe, a value a line.
    pub(crate) fn script(url: &str, query: &str) -> String {
        format!(
            "set -e\nanswer=$(curl -fsG --data-urlencode 'query={query}' -d nocache=1 {url}/api/v1/query)\n\
             printf '%s\\n' \"$answer\" | tr '{{' '\\n' | sed -n 's/.*\"value\":\\[[0-9.e+]*,\"\\([^\"]*\\)\"\\].*/\\1/p'\n"
        )
    }

    /// What this way makes of a reading that a series has.
    pub(crate) fn makes_of(self, written: &Reading) -> Reading {
        let nothing = match self {
            Self::Query => "the query returned nothing".to_owned(),
            Self::Http => format!("`{FILTER}` gives nothing"),
            Self::Command => "the command printed nothing".to_owned(),
        };
        let two = match self {
            Self::Query => return written.clone(),
            Self::Http => format!("`{FILTER}` gives several values, not one number"),
            Self::Command => "the command printed `0.001 0.001`, not one number".to_owned(),
        };
        match written {
            Reading::Value(_) | Reading::Error(_) => written.clone(),
            Reading::NoData(why) if why.contains("nothing") => Reading::NoData(nothing),
            Reading::NoData(_) => written.clone(),
            Reading::Misconfigured(_) => Reading::Misconfigured(two),
        }
    }
}
