//! A place in a JSON text: what is there, and the path to it. What is wrong is said in plain words.

use super::Json;
use std::ops::RangeInclusive;
use thiserror::Error;

/// How many characters of a text are quoted.
const QUOTED_CHARS_MAX: usize = 40;

/// What is wrong in a JSON text, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {reason}")]
pub struct JsonError {
    /// The path to what is wrong, such as `services[1].consumes.topics[0]`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

impl JsonError {
    /// What is wrong at `path`.
    pub fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}

/// A place, and what is there.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// What the whole is called.
    root: &'static str,
    path: String,
    json: &'a Json,
}

/// The members of an object, each of a name that is known and there once.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    place: Place<'a>,
    members: &'a [(String, Json)],
}

impl<'a> Place<'a> {
    /// The whole of a text, called `name`. The paths to its parts do not begin with that name.
    pub fn root(json: &'a Json, name: &'static str) -> Self {
        Self { root: name, path: String::new(), json }
    }

    /// What is there.
    pub fn json(&self) -> &'a Json {
        self.json
    }

    /// What is wrong here.
    pub fn wrong(&self, reason: impl Into<String>) -> JsonError {
        JsonError::new(self.to_string(), reason)
    }

    /// What is wrong with the member `name` of what is here.
    pub fn wrong_in(&self, name: &str, reason: impl Into<String>) -> JsonError {
        JsonError::new(member(&self.path, name), reason)
    }

    /// An object that has no other names than those in `known`.
    pub fn object(&self, known: &[&str]) -> Result<Members<'a>, JsonError> {
        let object = self.entries()?;
        match object.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                let reason = format!("there is no such field; there are: {}", known.join(", "));
                Err(JsonError::new(member(&self.path, name), reason))
            }
            None => Ok(Members { place: self.clone(), members: object }),
        }
    }

    /// An object of any names, in order.
    pub fn named(&self) -> Result<Vec<(&'a str, Self)>, JsonError> {
        let at = |(name, json): &'a (String, Json)| (name.as_str(), self.inside(member(&self.path, name), json));
        Ok(self.entries()?.iter().map(at).collect())
    }

    /// A list.
    pub fn list(&self) -> Result<Vec<Self>, JsonError> {
        let Json::List(list) = self.json else { return Err(self.must_be("a list")) };
        let at = |(index, json)| self.inside(format!("{}[{index}]", self.path), json);
        Ok(list.iter().enumerate().map(at).collect())
    }

    /// A text.
    pub fn text(&self) -> Result<&'a str, JsonError> {
        self.json.as_text().ok_or_else(|| self.must_be("a text"))
    }

    /// A text, or a whole number as a text.
    pub fn text_or_whole(&self) -> Result<String, JsonError> {
        match self.json {
            Json::Text(text) => Ok(text.clone()),
            Json::Whole(number) => Ok(number.to_string()),
            Json::Null | Json::Flag(_) | Json::Fraction | Json::List(_) | Json::Object(_) => {
                Err(self.must_be("a whole number or a text"))
            }
        }
    }

    /// `true` or `false`.
    pub fn flag(&self) -> Result<bool, JsonError> {
        if let Json::Flag(flag) = self.json { Ok(*flag) } else { Err(self.must_be("true or false")) }
    }

    /// A whole number, positive or negative.
    pub fn whole(&self) -> Result<i64, JsonError> {
        if let Json::Whole(number) = self.json { Ok(*number) } else { Err(self.must_be("a whole number")) }
    }

    /// A whole number in `range`.
    pub fn within(&self, range: RangeInclusive<u64>) -> Result<u64, JsonError> {
        match self.json {
            Json::Whole(number) if u64::try_from(*number).is_ok_and(|number| range.contains(&number)) => {
                Ok(number.unsigned_abs())
            }
            _ => Err(self.must_be(&format!("a whole number from {} to {}", range.start(), range.end()))),
        }
    }

    fn inside(&self, path: String, json: &'a Json) -> Self {
        Self { root: self.root, path, json }
    }

    fn entries(&self) -> Result<&'a [(String, Json)], JsonError> {
        let Json::Object(object) = self.json else { return Err(self.must_be("an object")) };
        let again = |(index, (name, _)): &(usize, &(String, Json))| object[..*index].iter().any(|it| it.0 == *name);
        match object.iter().enumerate().find(again) {
            Some((_, (name, _))) => Err(JsonError::new(member(&self.path, name), "it is there twice")),
            None => Ok(object),
        }
    }

    fn must_be(&self, what: &str) -> JsonError {
        let is = match self.json {
            Json::Null => "null".to_owned(),
            Json::Flag(flag) => flag.to_string(),
            Json::Whole(number) => number.to_string(),
            Json::Fraction => "a fraction or too large".to_owned(),
            Json::Text(text) if text.chars().count() > QUOTED_CHARS_MAX => {
                format!("\"{}…\"", text.chars().take(QUOTED_CHARS_MAX).collect::<String>())
            }
            Json::Text(text) => format!("\"{text}\""),
            Json::List(_) => "a list".to_owned(),
            Json::Object(_) => "an object".to_owned(),
        };
        self.wrong(format!("it is {is}; it must be {what}"))
    }
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.path.is_empty() { self.root } else { &self.path })
    }
}

impl<'a> Members<'a> {
    /// The member `name`, which must be there.
    pub fn required(&self, name: &str) -> Result<Place<'a>, JsonError> {
        self.find(name).ok_or_else(|| self.place.wrong(format!("the field \"{name}\" is missing")))
    }

    /// The member `name`, if it is there and not null.
    pub fn optional(&self, name: &str) -> Option<Place<'a>> {
        self.find(name).filter(|place| *place.json != Json::Null)
    }

    /// What is wrong with the member `name`, whether it is there or not.
    pub fn wrong(&self, name: &str, reason: impl Into<String>) -> JsonError {
        JsonError::new(member(&self.place.path, name), reason)
    }

    fn find(&self, name: &str) -> Option<Place<'a>> {
        let (_, json) = self.members.iter().find(|(known, _)| known == name)?;
        Some(self.place.inside(member(&self.place.path, name), json))
    }
}

/// The path to the member `name` of what is at `path`. A name that is not one word is quoted: Kafka's settings have dots.
fn member(path: &str, name: &str) -> String {
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (is_word, path.is_empty()) {
        (false, _) => format!("{path}[\"{name}\"]"),
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: std::fmt::Debug>(text: &str, read: impl Fn(Place) -> Result<T, JsonError>, expect: &str) {
        let json = Json::read(text).expect("JSON");
        assert_eq!(read(Place::root(&json, "the file")).expect_err("it is wrong").to_string(), expect);
    }

    #[test]
    fn what_is_wrong_is_said_in_plain_words() {
        check("3", |it| it.text().map(str::len), "the file: it is 3; it must be a text");
        check("[1, null]", |it| it.list()?[1].flag(), "[1]: it is null; it must be true or false");
        let partitions = |it: Place| it.object(&["partitions"])?.required("partitions")?.within(1..=128);
        let expect = "a whole number from 1 to 128";
        check("{\"partitions\": \"three\"}", partitions, &format!("partitions: it is \"three\"; it must be {expect}"));
        check("{\"partitions\": -1}", partitions, &format!("partitions: it is -1; it must be {expect}"));
        check(
            "{\"partitions\": 1.5}",
            partitions,
            &format!("partitions: it is a fraction or too large; it must be {expect}"),
        );
        check("{}", partitions, "the file: the field \"partitions\" is missing");
    }

    #[test]
    fn a_name_must_be_known_and_there_once() {
        let read = |it: Place| it.object(&["a", "b.c"]).map(drop);
        check("{\"d.e\": 1}", read, "[\"d.e\"]: there is no such field; there are: a, b.c");
        check("{\"\": 1}", read, "[\"\"]: there is no such field; there are: a, b.c");
        check("{\"a\": 1, \"b.c\": 2, \"a\": 3}", read, "a: it is there twice");
    }
}
