//! The scenarios that ship with the page. They are also served as files, to be read, copied and changed.

use super::{Scenario, ScenarioError, parse};

/// The names of the shipped scenarios and the text of their files; the first is the one that the page opens with.
pub const SHIPPED: &[(&str, &str)] = &[
    ("delivery", include_str!("../../static/scenarios/delivery.json")),
    ("shop", include_str!("../../static/scenarios/shop.json")),
];

/// The shipped scenario called `name`.
pub fn shipped(name: &str) -> Result<Scenario, ScenarioError> {
    let Some((_, text)) = SHIPPED.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
        let reason = format!("there is no scenario \"{name}\"; there are: {}", known.join(", "));
        return Err(ScenarioError::new("scenario", reason));
    };
    parse(text)
}
