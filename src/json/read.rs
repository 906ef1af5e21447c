//! Reading a JSON text (RFC 8259). By hand, because that takes a fifth of the code of a general reader, and can say in
//! plain words what is wrong.

use super::Json;
use thiserror::Error;

/// How deep lists and objects can lie in one another.
const DEPTH_MAX: u32 = 64;

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {what}")]
pub struct ReadError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// A text, and how far it has been read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

type Read<T> = Result<T, &'static str>;

/// The value that all of `text` is.
pub(super) fn read(text: &str) -> Result<Json, ReadError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    reader.whole().map_err(|what| {
        let before = &text[..reader.at];
        let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
        ReadError { line: before.matches('\n').count() + 1, column: line.chars().count() + 1, what }
    })
}

impl Reader<'_> {
    fn whole(&mut self) -> Read<Json> {
        let value = self.value()?;
        self.skip_space();
        if self.at < self.text.len() { Err("something follows the end") } else { Ok(value) }
    }

    fn value(&mut self) -> Read<Json> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => Err("it ends where a value should be"),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<Json>) -> Read<Json> {
        if self.depth == DEPTH_MAX {
            return Err("this lies too deep");
        }
        self.at += 1;
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Read<Json> {
        let mut members = Vec::new();
        while self.goes_on(b'}', members.is_empty())? {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err("a name in quotation marks is missing");
            }
            let name = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err("a colon is missing");
            }
            members.push((name, self.value()?));
        }
        Ok(Json::Object(members))
    }

    fn list(&mut self) -> Read<Json> {
        let mut values = Vec::new();
        while self.goes_on(b']', values.is_empty())? {
            values.push(self.value()?);
        }
        Ok(Json::List(values))
    }

    /// Whether there is another entry before `end`.
    fn goes_on(&mut self, end: u8, is_first: bool) -> Read<bool> {
        self.skip_space();
        if self.take(end) {
            return Ok(false);
        }
        if is_first || self.take(b',') { Ok(true) } else { Err("a comma or the end is missing") }
    }

    fn word(&mut self) -> Read<Json> {
        let words = [("null", Json::Null), ("true", Json::Flag(true)), ("false", Json::Flag(false))];
        let rest = &self.text[self.at..];
        let (word, value) = words.into_iter().find(|(word, _)| rest.starts_with(word)).ok_or("a value is missing")?;
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Read<Json> {
        let began = self.at;
        self.take(b'-');
        let is_zero = self.peek() == Some(b'0');
        if self.digits()? > 1 && is_zero {
            return Err("a number does not begin with 0");
        }
        let mut is_whole = true;
        if self.take(b'.') {
            is_whole = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            is_whole = false;
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let number = self.text[began..self.at].parse().ok().filter(|_| is_whole);
        Ok(number.map_or(Json::Fraction, Json::Whole))
    }

    fn digits(&mut self) -> Read<usize> {
        let began = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == began { Err("a digit is missing") } else { Ok(self.at - began) }
    }

    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let plain = self.text[self.at..].find(|c: char| matches!(c, '"' | '\\') || c < ' ');
            let plain = plain.ok_or("a text has no end")?;
            string.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            if self.take(b'"') {
                return Ok(string);
            }
            if !self.take(b'\\') {
                return Err("a text goes on over the end of the line, or holds a control character");
            }
            string.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Read<char> {
        let escaped = self.peek();
        self.at += usize::from(escaped.is_some_and(|byte| byte.is_ascii()));
        match escaped {
            Some(plain @ (b'"' | b'\\' | b'/')) => Ok(char::from(plain)),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => self.code_point(),
            _ => Err("there is no such escape"),
        }
    }

    /// What stands behind `\u`: a character, or the first half of one and `\u` and the second.
    fn code_point(&mut self) -> Read<char> {
        let mut unit = self.code_unit()?;
        if (0xd800..0xdc00).contains(&unit) && self.take(b'\\') && self.take(b'u') {
            let second = self.code_unit()?;
            let is_second = (0xdc00..0xe000).contains(&second);
            unit = if is_second { 0x1_0000 + ((unit - 0xd800) << 10) + (second - 0xdc00) } else { unit };
        }
        char::from_u32(unit).ok_or("this is half a character")
    }

    fn code_unit(&mut self) -> Read<u32> {
        let hex = self.text.get(self.at..self.at + 4).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit =
            hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).ok_or("four hexadecimal digits are missing")?;
        self.at += 4;
        Ok(unit)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `serde_json` reads, in the same form.
    fn expected(value: &serde_json::Value) -> Json {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(flag) => Json::Flag(*flag),
            serde_json::Value::Number(number) => number.as_i64().map_or(Json::Fraction, Json::Whole),
            serde_json::Value::String(text) => Json::Text(text.clone()),
            serde_json::Value::Array(list) => Json::List(list.iter().map(expected).collect()),
            serde_json::Value::Object(members) => {
                Json::Object(members.iter().map(|(name, value)| (name.clone(), expected(value))).collect())
            }
        }
    }

    /// Checks that a text is taken or refused as `serde_json` does, and read as the same.
    fn check(text: &str) {
        let ours = read(text).ok();
        let theirs = serde_json::from_str::<serde_json::Value>(text).ok();
        assert_eq!(ours, theirs.as_ref().map(expected), "{text:?}");
    }

    #[test]
    fn it_reads_what_serde_json_reads_and_refuses_what_it_refuses() {
        let texts = [
            "",
            " ",
            "null",
            "nul",
            "nullx",
            "true",
            "false",
            "[]",
            "[ ]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1",
            "]",
            "{}",
            "{ }",
            "{\"a\":1}",
            "{\"a\":1,}",
            "{\"a\"}",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":1,\"b\":[{},[[]]]}",
            "0",
            "-0",
            "00",
            "01",
            "-",
            "-1",
            "+1",
            "1.",
            "1.5",
            ".5",
            "1e5",
            "1e",
            "1E+5",
            "1e-",
            "1.5e3x",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "1 2",
            "\"a",
            "\"\"",
            "\"a\\n\\t\\\"\\\\\\/\\b\\f\\r\"",
            "\"\\x\"",
            "\"\\u00e4\"",
            "\"\\u00e\"",
            "\"\\ud83e\\udd80\"",
            "\"\\ud83e\"",
            "\"\\udd80\"",
            "\"\\ud83e\\u0041\"",
            "\"\\ud83e\\ud83e\"",
            "\"\\u+123\"",
            "\"a\nb\"",
            "\"\u{1}\"",
            "\"\u{7f}ä🦀\"",
            "\"\\ä\"",
            "\"\\u12ä\"",
            "\u{feff}1",
            "{\"a\":{\"b\":null}} x",
            "\t\r\n 1 \n",
        ];
        texts.iter().for_each(|text| check(text));
    }

    #[test]
    #[cfg(not(target_arch = "wasm32"))]
    fn so_it_does_with_any_text_of_its_alphabet() {
        use proptest::test_runner::{Config, TestRunner};
        let strategy = "[\\[\\]{}:,\"\\\\untrfalse0-9.eE+\\- \n\u{1}ä]{0,14}";
        let mut runner = TestRunner::new(Config { cases: 20_000, failure_persistence: None, ..Config::default() });
        runner
            .run(&strategy, |text| {
                check(&text);
                Ok(())
            })
            .expect("the same");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let refused = read("{\n  \"ä\" 1\n}").expect_err("it has no colon");
        assert_eq!(refused.to_string(), "line 2, column 7: a colon is missing");
    }

    #[test]
    fn what_lies_too_deep_is_refused() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&deep(64)).is_ok());
        assert!(read(&deep(65)).is_err());
        assert!(read(&deep(100_000)).is_err());
    }
}
