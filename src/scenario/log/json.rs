//! A line of JSON becomes pairs of key and value as they stand in the text, whatever else is in it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The pairs of an object, in the order written.
pub(super) struct Pairs<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

/// A key, borrowed where it needs no decoding.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Deserialize<'a> for Pairs<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Pairs<'a>, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'a> Visitor<'a> for Object {
    type Value = Pairs<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Pairs<'a>, A::Error> {
        let mut pairs = Vec::new();
        while let Some((Name(key), value)) = map.next_entry()? {
            pairs.push((key, value));
        }
        Ok(Pairs(pairs))
    }
}

/// The value under a dotted path, the last one where a key stands twice; a key that has dots comes first.
pub(super) fn under<'a>(pairs: &Pairs<'a>, path: &str) -> Option<&'a RawValue> {
    let of = |key: &str| pairs.0.iter().rev().find(|(name, _)| name == key).map(|(_, v)| *v);
    of(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        under(&serde_json::from_str::<Pairs<'_>>(of(first)?.get()).ok()?, rest)
    })
}

/// A value as a cell: text without its quotes, nothing for null.
pub(super) fn cell(value: &RawValue) -> Cow<'_, str> {
    match value.get() {
        "null" => Cow::Borrowed(""),
        text if text.starts_with('"') => {
            serde_json::from_str::<Name<'_>>(text).map_or(Cow::Borrowed(text), |name| name.0)
        }
        other => Cow::Borrowed(other),
    }
}

/// Where a value stands in its line.
pub(super) fn place(line: &str, value: &RawValue) -> Range<usize> {
    let start = (value.get().as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    start..start + value.get().len()
}
