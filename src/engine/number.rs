//! Owns how a number from outside is written down: JSON has no infinity, and a journal must bring back what came.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// A number, or the word for one that JSON cannot write.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Word(String),
}

pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        serializer.serialize_f64(*value)
    } else {
        serializer.collect_str(value)
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match Written::deserialize(deserializer)? {
        Written::Number(value) => Ok(value),
        Written::Word(word) => word.parse().map_err(D::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::super::input::Reading;

    #[test]
    fn every_number_comes_back_as_it_was() {
        for value in [
            0.1,
            -0.0,
            f64::MIN_POSITIVE,
            0.1 + 0.2,
            1e300,
            3.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            let text = serde_json::to_string(&Reading::Value(value)).unwrap();
            let Reading::Value(back) = serde_json::from_str(&text).unwrap() else {
                panic!("{text}");
            };
            assert_eq!(back.to_bits(), value.to_bits(), "{text}");
        }
    }
}
