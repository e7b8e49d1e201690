//! JSON that a stranger wrote, read without trust. A reply may nest a million lists, hold numbers that
//! no machine type takes, or break a surrogate pair. So nothing here becomes a tree: serde_json skips
//! every value with a loop and a byte of heap for each open bracket (no recursion), hands over its
//! text, and only the few fields that detectors know are looked at again.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Deserializer, Error};

use super::Status;

/// Calls `visit(key, value)` for each member of an object, in the order written. The key is decoded,
/// the value is its JSON text. Fails when `json` is not one well-formed object; members before the
/// fault have been visited by then.
pub(crate) fn members<'a>(json: &'a str, visit: impl FnMut(&[u8], &'a str)) -> Result<(), Error> {
    let mut reader = Deserializer::from_str(json);
    reader.deserialize_map(Members(visit))?;
    reader.end()
}

/// The JSON texts of a list's elements. Fails when `json` is not one well-formed list.
pub(super) fn elements(json: &str) -> Result<Vec<&str>, Error> {
    let mut reader = Deserializer::from_str(json);
    let texts = reader.deserialize_seq(Elements)?;
    reader.end()?;
    Ok(texts)
}

/// The bytes of a JSON string; `None` for any other value. They are UTF-8, except that a lone surrogate
/// stands as the three bytes that UTF-8 would give it.
pub(super) fn string(json: &str) -> Option<Cow<'_, [u8]>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        Deserializer::from_str(json).deserialize_bytes(Bytes).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner.as_bytes()))
    }
}

/// The kind of a `status_code`. A number is an integer by its digits: 503 is one, 503.0 and 503e0 are not.
pub(crate) fn status(json: &str) -> Status {
    match json.as_bytes() {
        b"true" => Status::Bool(true),
        b"false" => Status::Bool(false),
        [b'-' | b'0'..=b'9', ..] if !json.contains(['.', 'e', 'E']) => {
            json.parse().map_or(Status::Wide, Status::Integer)
        }
        _ => Status::Other,
    }
}

struct Members<F>(F);

impl<'de, F: FnMut(&[u8], &'de str)> Visitor<'de> for Members<F> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let key = string(key.get()).ok_or_else(|| A::Error::custom("key must be a string"))?;
            (self.0)(&key, value.get());
        }
        Ok(())
    }
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(element) = list.next_element::<&RawValue>()? {
            texts.push(element.get());
        }
        Ok(texts)
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Vec<u8>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_known_by_its_digits() {
        assert_eq!(status("503"), Status::Integer(503));
        assert_eq!(status("-0"), Status::Integer(0));
        assert_eq!(status("-9223372036854775808"), Status::Integer(i64::MIN));
        assert_eq!(status("9223372036854775808"), Status::Wide);
        assert_eq!(status("-99999999999999999999"), Status::Wide);
        for other in ["503.0", "5.03e2", "503E0", "1e400", "\"503\"", "null", "[503]", "{}"] {
            assert_eq!(status(other), Status::Other, "{other}");
        }
    }

    #[test]
    fn strings_keep_what_utf8_cannot() {
        assert_eq!(string(r#""plain""#).as_deref(), Some(&b"plain"[..]));
        assert_eq!(string(r#""\u0069\n""#).as_deref(), Some(&b"i\n"[..]));
        assert_eq!(string(r#""\ud800""#).as_deref(), Some(&b"\xed\xa0\x80"[..]));
        assert_eq!(string("503"), None);
    }

    #[test]
    fn what_is_not_one_well_formed_object_is_refused() {
        for bad in ["", "[]", "{", "{} {}", "{\"a\":NaN}", "{\"a\":01}", "{1:2}", "{\"a\n\":1}"] {
            assert!(members(bad, |_, _| {}).is_err(), "{bad}");
        }
    }
}
