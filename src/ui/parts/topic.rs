//! A topic: its partitions as lanes, and the same as a table.

use super::lane::select_of;
use super::part::{Part, part};
use super::shape::shape;
use super::table::head;
use super::twin::twin;
use super::word::word;
use crate::app::view::{AsideView, CellView, LaneGroup, LaneView, Mark, TopicLanes, text::grouped};
use crate::app::{Msg, Term};
use yew::prelude::*;

pub(super) fn topic(topic: &TopicLanes, unfolded: &UseStateHandle<bool>, on_msg: &Callback<Msg>) -> Html {
    if let Some(view) = &topic.aside {
        return aside(topic, view, on_msg);
    }
    let count = topic.lanes.len();
    html! {
        <section class={classes!("topic", topic.is_dense.then_some("dense"))} aria-label={format!("Topic {}", topic.name)}>
            <div class="topic-head">
                <h2>{ &*topic.name }</h2>
                <p class="note">{ "a " }{ word(Term::Topic, "topic") }{ format!(" in {count} ") }{ word(Term::Partition, if count == 1 { "partition" } else { "partitions" }) }</p>
                <p class="note">{ "Each record has an " }{ word(Term::Offset, "offset") }{ "; reading removes nothing." }{ for has_marks(topic).then_some(" Its marks fill as services process it.") }</p>
            </div>
            { for topic.is_dense.then(|| key_of(topic)) }
            { for topic.lanes.iter().map(|lane| part(lane.partition.partition.0, Part::Lane(lane.clone()), on_msg)) }
            { twin("The same as a table", unfolded, || tables(topic, on_msg)) }
        </section>
    }
}

/// Whether its records are drawn with a mark for each group.
fn has_marks(topic: &TopicLanes) -> bool {
    !topic.is_dense && topic.lanes.iter().any(|lane| !lane.groups.is_empty())
}

/// Which mark is which group's, where the lanes have no room to say so.
fn key_of(topic: &TopicLanes) -> Html {
    let groups = topic.lanes.first().map(|lane| &*lane.groups).unwrap_or_default();
    let entry = |group: &LaneGroup| html! { <li key={group.index}>{ shape(group.index) }{ &*group.name }</li> };
    html! {
        <div key="key" class="topic-key">
            <ul class="legend">{ for groups.iter().map(entry) }</ul>
            <p class="note">{ "One mark a group, in this order: the larger, the further it is behind." }</p>
        </div>
    }
}

/// A topic that only stands beside: one line, which can be unfolded.
fn aside(topic: &TopicLanes, view: &AsideView, on_msg: &Callback<Msg>) -> Html {
    let (id, unfolded) = (topic.id, view.unfolded);
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::UnfoldTopic { topic: id, unfolded: !unfolded });
    let records = if view.records == 1 { "1 record".to_owned() } else { format!("{} records", grouped(view.records)) };
    html! {
        <section class="topic aside" aria-label={format!("Topic {}", topic.name)}>
            <button type="button" class="aside-head" aria-expanded={unfolded.to_string()} {onclick}>
                <b>{ &*topic.name }</b><span class="note">{ &view.purpose }</span><span class="aside-count">{ records }</span>
            </button>
            { for topic.lanes.iter().map(|lane| part(lane.partition.partition.0, Part::Lane(lane.clone()), on_msg)) }
        </section>
    }
}

fn tables(topic: &TopicLanes, on_msg: &Callback<Msg>) -> Html {
    let groups: Vec<&str> =
        topic.lanes.first().iter().flat_map(|lane| &lane.groups).map(|group| &*group.name).collect();
    let of_groups: Vec<String> = groups.iter().map(|name| format!("{name}: committed, lag")).collect();
    let mut of_partitions = vec!["Partition", "Log start", "High watermark", "Log end"];
    of_partitions.extend(of_groups.iter().map(String::as_str));
    let of_records: Vec<&str> = ["Partition, offset", "Record"].into_iter().chain(groups).collect();
    let cells = topic.lanes.iter().flat_map(|lane| lane.cells.iter().rev()).filter(|cell| cell.marker.is_none());
    html! {
        <div key="twin" class="scroll" tabindex="0" role="region" aria-label={format!("Tables of {}", topic.name)}>
            <table>
                <caption>{ format!("Partitions of {}", topic.name) }</caption>
                { head(None, &of_partitions) }
                <tbody>{ for topic.lanes.iter().map(|lane| lane_row(lane)) }</tbody>
            </table>
            <table>
                <caption>{ "The latest records" }</caption>
                { head(None, &of_records) }
                <tbody>{ for cells.map(|cell| cell_row(cell, on_msg)) }</tbody>
            </table>
        </div>
    }
}

fn lane_row(lane: &LaneView) -> Html {
    html! {
        <tr key={lane.partition.partition.0}>
            <th scope="row">{ lane.partition.partition.0 }</th>
            <td>{ lane.log_start_offset }</td><td>{ lane.high_watermark }</td><td>{ lane.log_end_offset }</td>
            { for lane.groups.iter().map(|group| html! {
                <td key={group.index}>{ group.committed.map_or("none".to_owned(), |offset| offset.to_string()) }{ ", " }{ grouped(group.lag) }</td>
            }) }
        </tr>
    }
}

fn cell_row(cell: &CellView, on_msg: &Callback<Msg>) -> Html {
    let (partition, offset) = (cell.record.partition.partition, cell.record.offset);
    html! {
        <tr key={format!("{partition}-{offset}")}>
            <th scope="row"><button type="button" class="link" onclick={select_of(cell.record, on_msg)}>
                { format!("partition {partition}, offset {offset}") }</button></th>
            <td>{ &*cell.label }</td>
            { for cell.marks.iter().enumerate().map(|(index, mark)| html! { <td key={index}>{ mark_word(*mark) }</td> }) }
        </tr>
    }
}

pub(super) const fn mark_word(mark: Mark) -> &'static str {
    match mark {
        Mark::Waiting => "waiting",
        Mark::Processed => "processed, not committed",
        Mark::Committed => "processed",
        Mark::Again => "processed again",
    }
}
