//! What a person outside sees of a processed record: the scenario's texts, filled from the record's value.

use super::spec::OutcomeSpec;
use crate::client::ConsumedRecord;
use crate::json::Json;
use std::sync::Arc;

/// The texts for one record.
pub(super) struct OutcomeTexts {
    pub(super) subject: Arc<str>,
    pub(super) detail: Arc<str>,
    pub(super) stage: Arc<str>,
    pub(super) text: Arc<str>,
}

/// Fills the scenario's texts. A value that is not a JSON object fills nothing but the key: `?` stands for the rest.
pub(super) fn outcome_of(spec: &OutcomeSpec, record: &ConsumedRecord) -> OutcomeTexts {
    let value = record.value.as_deref().and_then(Json::of_bytes);
    let value = value.unwrap_or(Json::Null);
    let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
    let fill = |name: &str| value.get(name).and_then(Json::as_text).or(if name == "key" { key } else { None });
    let stage = fill(&spec.by).unwrap_or("?");
    let case = spec.texts.iter().find(|(value, _)| **value == *stage).map(|(_, text)| text);
    OutcomeTexts {
        subject: spec.subject.render(fill).into(),
        detail: spec.detail.render(fill).into(),
        stage: stage.into(),
        text: case.unwrap_or(&spec.otherwise).render(fill).into(),
    }
}
