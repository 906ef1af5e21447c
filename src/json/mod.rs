//! JSON as it was written: the names of an object in order, and each as often as it is there. What reads commands and
//! scenario files says with a [`Place`] what is wrong in them, and where.
//!
//! Not a library for JSON: nothing in the house computes with fractions, so their digits are not kept.

mod layout;
mod place;
mod read;

pub use layout::laid_out;
pub use place::{JsonError, Members, Place};
pub use read::ReadError;

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
    pub fn read(text: &str) -> Result<Self, ReadError> {
        read::read(text)
    }

    /// Reads the bytes of a record, if they are a JSON text.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        Self::read(std::str::from_utf8(bytes).ok()?).ok()
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
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c < ' ' => quoted.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

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
