//! One partition, laid open, and its topic's settings.

use super::opened::opened;
use super::part::{Part, part};
use super::setting::{Control, Said, setting};
use super::word::word;
use crate::app::view::{CompactionView, PartitionView, SegmentView, SettingsView, TopicSetting, text::thousandths};
use crate::app::{Msg, Term};
use crate::log::Setting;
use crate::sim::Command;
use std::rc::Rc;
use yew::prelude::*;

const POLICIES: [&str; 3] = ["delete", "compact", "compact,delete"];

#[inline(never)]
pub(super) fn partition(view: &PartitionView, on_msg: &Callback<Msg>) -> Html {
    let heading = html! { { format!("{} · partition {}", view.topic, view.partition.partition) } };
    let body = html! {
        <>
            <dl class="facts explained" key="facts">{ for view.facts.iter().map(fact) }</dl>
            <section key="segments">
                <h3>{ word(Term::Segment, "Segments") }</h3>
                { older(view.older_segments) }
                <ol class="segments" aria-label="Segments, oldest first">{ for view.segments.iter().map(segment) }</ol>
                <p class="note">{ &view.retention }</p>
            </section>
            <section key="compaction">{ for view.compaction.iter().map(compaction) }</section>
            <section key="settings">
                <h3>{ format!("Settings of topic {}", view.topic) }</h3>
                { part("settings", Part::Settings(view.settings.clone()), on_msg) }
            </section>
        </>
    };
    opened(Classes::new(), heading, view.back.as_ref().map(|back| (back, Msg::OpenPartition(None))), body, on_msg)
}

fn fact((name, value, meaning): &(&'static str, String, &'static str)) -> Html {
    html! { <div key={*name}><dt>{ *name }</dt><dd>{ value }</dd><dd class="note">{ *meaning }</dd></div> }
}

fn older(segments: usize) -> Html {
    let text = (segments > 0).then(|| format!("{segments} older than these"));
    html! { <p class="note" key="older">{ text.unwrap_or_default() }</p> }
}

fn segment(segment: &SegmentView) -> Html {
    let class = classes!("segment", segment.is_active.then_some("active"), segment.is_clean.then_some("clean"));
    let style = format!("--part: {}", thousandths(segment.size_per_mille));
    html! {
        <li key={segment.base_offset.to_string()} {class}>
            <b>{ &segment.offsets }</b><span class="bar" ~style={style} aria-hidden="true"></span><span>{ &segment.text }</span>
        </li>
    }
}

fn compaction(view: &CompactionView) -> Html {
    let survivor = |(offset, is_tombstone): &(i64, bool)| {
        let what = if *is_tombstone { "†" } else { "" };
        let title = is_tombstone.then_some("a tombstone: it says that its key is deleted");
        html! { <li key={offset.to_string()} {title}>{ *offset }{ what }</li> }
    };
    let survivors = if view.survivors.is_empty() {
        html! { "Nothing has been compacted yet." }
    } else {
        html! { <>
            { "The oldest offsets that survive: each was the last of its key when that was cleaned († is a " }
            { word(Term::Tombstone, "tombstone") }{ ")." }
        </> }
    };
    html! {
        <div key="compaction">
            <h3>{ word(Term::Compaction, "Compaction") }</h3>
            <p class="note">{ &view.text }</p>
            <p class="note">{ survivors }</p>
            <ul class="survivors" aria-label="Offsets that survive compaction">{ for view.survivors.iter().map(survivor) }</ul>
        </div>
    }
}

#[inline(never)]
pub(super) fn settings(view: &SettingsView, on_msg: &Callback<Msg>) -> Html {
    html! { <div class="settings">{ for view.values.iter().map(|it| setting_field(&view.topic, it, on_msg)) }</div> }
}

fn setting_field(topic: &Rc<str>, row: &TopicSetting, on_msg: &Callback<Msg>) -> Html {
    let of = row.of;
    let control = match of {
        Setting::CleanupPolicy => Control::OneOf(POLICIES.iter().map(|policy| (*policy, *policy)).collect()),
        Setting::UncleanLeaderElection => Control::Flag,
        Setting::RetentionMs
        | Setting::RetentionBytes
        | Setting::SegmentMs
        | Setting::SegmentBytes
        | Setting::MaxMessageBytes
        | Setting::MinCleanableDirtyRatio
        | Setting::MinCompactionLagMs
        | Setting::DeleteRetentionMs
        | Setting::MinInsyncReplicas => Control::Text,
    };
    let on_value = {
        let (topic, on_msg) = (topic.clone(), on_msg.clone());
        Callback::from(move |value: String| {
            let (topic, name) = (topic.to_string(), of.name().to_owned());
            on_msg.emit(Msg::Do(Command::SetTopicConfig { topic, name, value }));
        })
    };
    let said = Said {
        name: of.name(),
        words: None,
        meaning: of.meaning(),
        in_kafka: row.in_kafka.as_deref(),
        no_effect: row.no_effect.as_deref(),
        value: &row.value,
        refused: row.refused.as_ref(),
    };
    setting(&said, control, on_value, on_msg)
}
