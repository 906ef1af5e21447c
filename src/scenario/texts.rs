//! The texts of a scenario file: what they may name is what the records that they are about really have.

use super::file::{EffectFile, PublishesFile, ScenarioFile, ViewFile};
use super::{ScenarioError, member};
use crate::sim::{OutcomeSpec, OutcomeView, Template};
use indexmap::IndexMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// For each topic, the names in the values of the records that services publish to it.
pub(super) type KnownByTopic = BTreeMap<String, Vec<String>>;

/// The texts of which a service makes its records.
pub(super) struct Published {
    pub(super) key: Template,
    pub(super) value: Vec<(Arc<str>, Template)>,
    pub(super) headers: Vec<(Arc<str>, Template)>,
}

pub(super) fn known_by_topic(file: &ScenarioFile) -> KnownByTopic {
    let mut known = KnownByTopic::new();
    for publishes in file.services.iter().filter_map(|service| service.publishes.as_ref()) {
        known.entry(publishes.topic.clone()).or_default().extend(publishes.value.keys().cloned());
    }
    known
}

pub(super) fn published(file: &PublishesFile, path: &str) -> Result<Published, ScenarioError> {
    let mut known: Vec<&str> = vec!["number", "stage"];
    known.extend(file.fields.keys().map(String::as_str));
    let key = template(&file.key, &known, &format!("{path}.key"))?;
    known.push("key");
    Ok(Published {
        key,
        value: templates(&file.value, &known, &format!("{path}.value"))?,
        headers: templates(&file.headers, &known, &format!("{path}.headers"))?,
    })
}

pub(super) fn outcome(
    file: &EffectFile,
    path: &str,
    topics: &[String],
    known: &KnownByTopic,
) -> Result<OutcomeSpec, ScenarioError> {
    let mut names: Vec<&str> = vec!["key"];
    names.extend(topics.iter().filter_map(|topic| known.get(topic)).flatten().map(String::as_str));
    names.dedup();
    let of = |text: &str, field: &str| template(text, &names, &format!("{path}.{field}"));
    if !names.contains(&file.by.as_str()) {
        let reason = format!("no record has a \"{}\"; they have: {}", file.by, names.join(", "));
        return Err(ScenarioError::new(format!("{path}.by"), reason));
    }
    Ok(OutcomeSpec {
        view: match file.view {
            ViewFile::Schedule => OutcomeView::Schedule,
            ViewFile::Phones => OutcomeView::Phones,
        },
        title: file.title.as_str().into(),
        subject: of(&file.subject, "subject")?,
        detail: of(&file.detail, "detail")?,
        by: file.by.as_str().into(),
        texts: templates(&file.texts, &names, &format!("{path}.texts"))?,
        otherwise: of(&file.otherwise, "otherwise")?,
    })
}

fn templates(
    texts: &IndexMap<String, String>,
    known: &[&str],
    path: &str,
) -> Result<Vec<(Arc<str>, Template)>, ScenarioError> {
    let of = |(name, text): (&String, &String)| Ok((name.as_str().into(), template(text, known, &member(path, name))?));
    texts.iter().map(of).collect()
}

fn template(text: &str, known: &[&str], path: &str) -> Result<Template, ScenarioError> {
    Template::parse(text, known).map_err(|error| ScenarioError::new(path, error.to_string()))
}
