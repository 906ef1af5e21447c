//! The files' common shape, and how an expectation is compared. What inputs and expectations mean, each area knows.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

/// Nothing if a case holds, the difference if it does not.
pub(crate) type Checked = Result<(), String>;

/// What a case says to people only.
const INFORMATIVE: [&str; 2] = ["note", "rule"];

/// One file: one area, or a part of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) area: String,
    #[serde(rename = "part")]
    _part: String,
    #[serde(rename = "source")]
    _source: Vec<String>,
    #[serde(rename = "notes")]
    _notes: String,
    pub(crate) cases: Vec<Case>,
}

/// One fact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) source: String,
    input: Value,
    expect: Map<String, Value>,
}

impl Case {
    /// The input, which must have the fields of `T` and no others.
    pub(super) fn input<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_value(self.input.clone()).map_err(|error| format!("the input: {error}"))
    }

    /// What is asserted: each key with what is expected, a null being an expectation too.
    pub(super) fn expectations(&self) -> impl Iterator<Item = (&str, &Value)> {
        let asserted = self.expect.iter().filter(|(key, _)| !INFORMATIVE.contains(&key.as_str()));
        asserted.map(|(key, value)| (key.as_str(), value))
    }

    /// All that is expected, by key.
    pub(super) fn expect(&self) -> &Map<String, Value> {
        &self.expect
    }

    /// What is expected of each step of a script.
    pub(super) fn results(&self) -> Result<Vec<&Map<String, Value>>, String> {
        let (Some(Value::Array(results)), 1) = (self.expect.get("results"), self.expect.len()) else {
            return Err("a script expects `results`, and nothing else".to_owned());
        };
        results.iter().map(|result| result.as_object().ok_or_else(|| format!("{result} is no map"))).collect()
    }

    /// An error that says that the area has no cases of this kind.
    pub(super) fn unknown_kind(&self) -> Checked {
        Err(format!("there is no kind \"{}\" in this area", self.kind))
    }
}

/// Says where `actual` differs from what is expected under `key`.
pub(super) fn same(key: &str, actual: &Value, expected: &Value) -> Checked {
    if actual == expected { Ok(()) } else { Err(format!("{key} is {actual}, expected {expected}")) }
}

/// An error that says that the runner does not know what `key` asserts.
pub(super) fn unknown_expectation(key: &str) -> Checked {
    Err(format!("nobody knows what \"{key}\" in the expectation asserts"))
}

/// Every `*.json` in `folder`, in order of their names.
pub(crate) fn read_folder(folder: &Path) -> Result<Vec<File>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| read(path).map_err(|error| format!("{}: {error}", path.display()))).collect()
}

fn read(path: &Path) -> Result<File, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}
