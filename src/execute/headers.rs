//! Owns the headers that something is asked with, between the plan and one question: their secrets are read when it is asked, and
//! hidden in whatever is said of the answer.

use super::mask::Mask;
use super::scene::{Base, Scene};
use super::secrets;
use super::stop::Stop;
use crate::engine::{Outcome, Reading};
use crate::plan::{HeaderValue, Plan, RequestHeader, Secret};

/// Headers as they are sent.
pub(super) type Headers = Vec<(String, Vec<u8>)>;

/// What something is asked with, before its secrets are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Sealed {
    headers: Vec<RequestHeader>,
    /// The secrets that they need, in their order.
    secrets: Vec<Secret>,
}

/// The same with its secrets.
pub(super) struct Open {
    pub(super) headers: Headers,
    mask: Mask,
}

impl Sealed {
    pub(super) fn new(plan: &Plan, headers: &[RequestHeader]) -> Self {
        let named = headers.iter().filter_map(|header| header.value.secret());
        let known = named.filter_map(|name| plan.secrets.iter().find(|one| one.name == name));
        Self {
            headers: headers.to_vec(),
            secrets: known.cloned().collect(),
        }
    }

    /// Reads the secrets.
    ///
    /// # Errors
    /// A sentence that names the secret, never its value.
    pub(super) async fn open(
        &self,
        (base, scene): (&Base, &Scene),
        stop: &mut Stop,
    ) -> Result<Open, String> {
        let mut values = Vec::new();
        for secret in &self.secrets {
            values.push(secrets::read(secret, base, scene, stop).await?);
        }
        let mask = if values.is_empty() {
            Mask::none()
        } else {
            Mask::new(&values)?
        };
        Ok(Open {
            headers: filled(&self.headers, scene, values.iter()),
            mask,
        })
    }
}

impl Open {
    fn masked(&self, said: &str) -> String {
        String::from_utf8_lossy(&self.mask.whole(said.as_bytes())).into_owned()
    }

    /// An outcome that tells no secret.
    pub(super) fn outcome(&self, outcome: Outcome) -> Outcome {
        if let Outcome::Exited { status, said } = outcome {
            let said = self.masked(&said);
            return Outcome::Exited { status, said };
        }
        outcome
    }

    /// A reading that tells no secret.
    pub(super) fn reading(&self, reading: Reading) -> Reading {
        match reading {
            Reading::Value(value) => Reading::Value(value),
            Reading::NoData(why) => Reading::NoData(self.masked(&why)),
            Reading::Error(why) => Reading::Error(self.masked(&why)),
            Reading::Misconfigured(why) => Reading::Misconfigured(self.masked(&why)),
        }
    }
}

/// Headers with the values of their secrets, in their order.
pub(super) fn filled(
    headers: &[RequestHeader],
    scene: &Scene,
    mut secrets: std::slice::Iter<'_, Vec<u8>>,
) -> Headers {
    let mut all: Headers = Vec::new();
    for header in headers {
        let mut secret = || {
            let value = secrets.next().map_or(&[][..], Vec::as_slice);
            value.strip_suffix(b"\n").unwrap_or(value)
        };
        let value = match &header.value {
            HeaderValue::Text(text) => scene.fill(text).into_bytes(),
            HeaderValue::Secret(_) => secret().to_vec(),
            HeaderValue::Bearer(_) => [b"Bearer ", secret()].concat(),
        };
        all.push((header.name.clone(), value));
    }
    all
}
