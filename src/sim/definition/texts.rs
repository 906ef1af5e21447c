//! The texts of a service: what they may name is what the records that they are about really have.

use super::values::{Checked, text_of};
use crate::json::{Members, Place};
use crate::log::TopicId;
use crate::sim::spec::{FieldSpec, OutcomeSpec, OutcomeView, ServiceSpec};
use crate::sim::template::Template;
use std::sync::Arc;

/// What a text about a record can always name, whatever the record holds.
const KEY: &str = "key";
const EFFECT: [&str; 9] = ["view", "title", "subject", "detail", "by", "texts", "otherwise", "twice", "never"];

/// The names in the values of the records that services publish to a topic.
pub(super) type KnownByTopic = Vec<(TopicId, Arc<str>)>;

type Named = Vec<(Arc<str>, Template)>;

/// The texts of which a service makes its records.
pub(super) struct Published {
    pub(super) key: Template,
    pub(super) value: Named,
    pub(super) headers: Named,
}

pub(super) fn known_by_topic<'a>(services: impl Iterator<Item = &'a ServiceSpec>) -> KnownByTopic {
    let published = services.filter_map(|service| service.publishes.as_ref());
    published.flat_map(|it| it.value.iter().map(|(name, _)| (it.topic, name.clone()))).collect()
}

pub(super) fn published(publishes: &Members, fields: &[FieldSpec]) -> Checked<Published> {
    let mut known: Vec<&str> = vec!["number", "stage"];
    known.extend(fields.iter().map(|field| &*field.name));
    let key = template(&publishes.required("key")?, &known)?;
    known.push(KEY);
    let value = publishes.required("value")?;
    for (name, text) in value.named()? {
        check_not_built_in(&text, name, &[KEY])?;
    }
    let headers = publishes.optional("headers");
    Ok(Published {
        key,
        value: templates(&value, &known)?,
        headers: headers.map_or(Ok(Vec::new()), |headers| templates(&headers, &known))?,
    })
}

/// A name that texts know already would hide what is called so.
pub(super) fn check_not_built_in(place: &Place, name: &str, built_in: &[&str]) -> Checked<()> {
    if built_in.contains(&name) {
        return Err(place.wrong(format!("`{{{name}}}` in a text means something else already; choose another name")));
    }
    Ok(())
}

pub(super) fn outcome(effect: &Place, topics: &[TopicId], known: &KnownByTopic) -> Checked<OutcomeSpec> {
    let effect = effect.object(&EFFECT)?;
    let mut names: Vec<&str> = vec![KEY];
    for (_, name) in known.iter().filter(|(topic, _)| topics.contains(topic)) {
        if !names.contains(&&**name) {
            names.push(name);
        }
    }
    let by = effect.required("by")?;
    if !names.contains(&by.text()?) {
        return Err(by.wrong(format!("no record has a \"{}\"; they have: {}", by.text()?, names.join(", "))));
    }
    let detail = effect.optional("detail").map(|detail| template(&detail, &names));
    Ok(OutcomeSpec {
        view: view_of(&effect.required("view")?)?,
        title: text_of(&effect.required("title")?)?,
        subject: template(&effect.required("subject")?, &names)?,
        detail: detail.unwrap_or_else(|| Ok(Template::default()))?,
        by: by.text()?.into(),
        texts: effect.optional("texts").map_or(Ok(Vec::new()), |texts| templates(&texts, &names))?,
        otherwise: template(&effect.required("otherwise")?, &names)?,
        twice: effect.optional("twice").map_or(Ok("seen twice".into()), |twice| text_of(&twice))?,
        never: effect.optional("never").map_or(Ok("never seen".into()), |never| text_of(&never))?,
    })
}

fn view_of(view: &Place) -> Checked<OutcomeView> {
    match view.text()? {
        "schedule" => Ok(OutcomeView::Schedule),
        "phones" => Ok(OutcomeView::Phones),
        other => Err(view.wrong(format!("there is no view \"{other}\"; there are: schedule, phones"))),
    }
}

fn templates(texts: &Place, known: &[&str]) -> Checked<Named> {
    let texts = texts.named()?;
    texts.iter().map(|(name, text)| Ok(((*name).into(), template(text, known)?))).collect()
}

fn template(text: &Place, known: &[&str]) -> Checked<Template> {
    Template::parse(text.text()?, known).map_err(|error| text.wrong(error.to_string()))
}
