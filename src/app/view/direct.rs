//! The run beside the same day with direct calls.

use super::settings::{SettingGroup, SettingRow};
use super::text::{count, list};
use crate::app::Model;
use crate::app::comparison::{Better, CRITERIA, Comparison, Criterion, Side, knows};
use crate::app::same_day::Comparing;
use crate::direct::DirectSetting;
use std::rc::Rc;

/// The part of the page for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectView {
    /// What there is to see, while somebody looks at it.
    pub shown: Option<ComparedView>,
}

/// Both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedView {
    /// How far the other day is computed, in hundredths, while it is not there yet.
    pub percent: Option<u64>,
    /// Which did better, in words.
    pub verdict: String,
    /// Which did better.
    pub better: Better,
    /// The numbers.
    pub rows: Vec<ComparedRow>,
    /// Who has to know whom: on the bus, and with direct calls.
    pub knows: [String; 2],
    /// What had to be done for it: on the bus, and with direct calls.
    pub parts: [String; 2],
    /// What was done to the run that means nothing with direct calls.
    pub ignored: Vec<String>,
    /// The knobs.
    pub knobs: Rc<Vec<SettingRow>>,
}

/// One criterion, and how both sides stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedRow {
    /// What it is called.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// The bus, then direct calls.
    pub sides: [ComparedCell; 2],
    /// Which is better.
    pub better: Better,
}

/// One number of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedCell {
    /// The number.
    pub text: String,
    /// More about it.
    pub more: String,
    /// How much it is of the larger of the two, in thousandths.
    pub part: u32,
}

/// The comparison as it is now.
pub fn direct(model: &Model) -> DirectView {
    DirectView { shown: compared(model) }
}

fn compared(model: &Model) -> Option<ComparedView> {
    let run = model.same_day()?.run();
    let comparison = Comparison::of(model, run);
    Some(ComparedView {
        percent: model.same_day_percent(),
        verdict: comparison.verdict(),
        better: comparison.better(),
        rows: CRITERIA.iter().map(|criterion| row(criterion, &comparison)).collect(),
        knows: who_knows(model),
        parts: parts(model, &comparison),
        ignored: run.ignored().map(str::to_owned).collect(),
        knobs: Rc::new(knobs(&model.comparing)),
    })
}

fn row(criterion: &Criterion, comparison: &Comparison) -> ComparedRow {
    let (bus, direct) = (&comparison.bus, &comparison.direct);
    let largest = criterion.of(bus).max(criterion.of(direct)).max(1);
    let cell = |side: &Side| ComparedCell {
        text: criterion.written(criterion.of(side)),
        more: (criterion.more)(side),
        part: (criterion.of(side).saturating_mul(1_000) / largest) as u32,
    };
    ComparedRow {
        title: criterion.title,
        meaning: criterion.meaning,
        sides: [cell(bus), cell(direct)],
        better: criterion.better(bus, direct),
    }
}

fn who_knows(model: &Model) -> [String; 2] {
    let mut callers: Vec<(String, Vec<String>)> = Vec::new();
    for (caller, callee) in knows(model) {
        match callers.iter_mut().find(|(known, _)| *known == caller) {
            Some((_, callees)) => callees.push(callee),
            None => callers.push((caller, vec![callee])),
        }
    }
    let tell = |(caller, callees): &(String, Vec<String>)| {
        format!("{caller} has to know {}", list(&callees.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    let direct = callers.iter().map(tell).collect::<Vec<_>>().join("; ");
    [
        "No service knows another; each knows its topic.".to_owned(),
        format!("{direct}, and be changed for each new neighbour."),
    ]
}

fn parts(model: &Model, comparison: &Comparison) -> [String; 2] {
    let services = model.world().service_ids().count() as u64;
    let brokers = model.world().broker().nodes().len() as u64;
    let (records, calls) = (comparison.bus.messages, comparison.direct.messages);
    [
        format!(
            "{}, and {}; {}.",
            count(services, "service", "services"),
            count(brokers, "broker that has to run", "brokers that have to run"),
            count(records, "record", "records")
        ),
        format!("{}, and nothing else; {}.", count(services, "service", "services"), count(calls, "call", "calls")),
    ]
}

fn knobs(comparing: &Comparing) -> Vec<SettingRow> {
    let row = |setting: DirectSetting| SettingRow {
        name: setting.name(),
        words: None,
        group: SettingGroup::Plain,
        meaning: setting.meaning(),
        input: setting.input(),
        value: comparing.config().value(setting),
        in_kafka: None,
        no_effect: comparing.config().no_effect(setting),
        refused: comparing.refusal_of(setting).cloned(),
    };
    DirectSetting::ALL.map(row).to_vec()
}
