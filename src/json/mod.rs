//! JSON as it was written: the names of an object in order, and each as often as it is there. What reads commands and
//! scenario files says with a [`Place`] what is wrong in them, and where.
//!
//! Not a library for JSON: `serde_json` reads the text. And nothing in the house computes with fractions, so their digits
//! are not kept.

mod layout;
mod place;

pub use layout::laid_out;
pub use place::{JsonError, Members, Place};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number of 64 bits.
    Whole(i64),
    /// Any other number.
    Fraction,
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Reads a JSON text. `Err` says what is wrong with it, in which line and column.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Reads the bytes of a record, if they are a JSON text.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The member `name` of an object; the last, if there are several.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// A text as JSON has it: in quotation marks.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text can always be written")
}

/// Adds a text to a JSON text, without the quotation marks around it. Most texts need no escapes, and cost no more than a copy.
pub fn push_escaped(out: &mut String, text: &str) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        return out.push_str(text);
    }
    let quoted = quoted(text);
    out.push_str(&quoted[1..quoted.len() - 1]);
}

/// As a JSON text in one line. Of a fraction, whose digits were not kept, `null` is left.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null | Self::Fraction => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::List(list) => {
                let items: Vec<String> = list.iter().map(Self::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Object(members) => {
                let members: Vec<String> = members.iter().map(|(name, it)| format!("{}:{it}", quoted(name))).collect();
                write!(f, "{{{}}}", members.join(","))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Fraction, Json::Whole))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Fraction)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_added_text_is_escaped_as_a_quoted_one_is() {
        for text in ["", "plain", "ä ☃ \u{7f}", "a \"b\"", "c:\\d", "line\nline", "\u{1}"] {
            let mut out = String::from('"');
            push_escaped(&mut out, text);
            out.push('"');
            assert_eq!(out, quoted(text));
        }
    }

    #[test]
    fn a_text_is_read_in_its_order() {
        let json = Json::read(r#"{"b": [1, -2, 1.5], "a": null, "b": {"c": true, "d": "e"}}"#).expect("JSON");
        let inner = vec![("c".to_owned(), Json::Flag(true)), ("d".to_owned(), Json::Text("e".to_owned()))];
        let expect = vec![
            ("b".to_owned(), Json::List(vec![Json::Whole(1), Json::Whole(-2), Json::Fraction])),
            ("a".to_owned(), Json::Null),
            ("b".to_owned(), Json::Object(inner)),
        ];
        assert_eq!(json, Json::Object(expect));
        assert_eq!(json.get("b").and_then(|it| it.get("d")).and_then(Json::as_text), Some("e"), "the last counts");
    }

    #[test]
    fn what_is_read_can_be_written() {
        let text = r#"{"b":[1,-2,{}],"a \"":null,"c":{"d":true,"e":"f\n"},"g":[]}"#;
        assert_eq!(Json::read(text).expect("JSON").to_string(), text);
    }

    #[test]
    fn a_quoted_text_is_read_as_it_was() {
        for text in ["", "plain", "a \"b\" \\ c", "line\nend\r\ttab", "\u{1}\u{1f}\u{7f}", "ä → 🦀"] {
            assert_eq!(Json::read(&quoted(text)).expect("JSON"), Json::Text(text.to_owned()));
        }
    }

    #[test]
    fn a_number_that_is_too_large_is_not_taken_for_another() {
        assert_eq!(Json::read("18446744073709551615").expect("JSON"), Json::Fraction);
        assert_eq!(Json::read("9223372036854775807").expect("JSON"), Json::Whole(i64::MAX));
    }
}
