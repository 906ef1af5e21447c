//! A topic: its partitions as lanes, and the same as a table.

use super::lane::select_of;
use super::part::{Part, part};
use super::twin::twin;
use crate::app::Msg;
use crate::app::view::{CellView, LaneView, Mark, TopicLanes, text::grouped};
use yew::prelude::*;

pub(super) fn topic(topic: &TopicLanes, unfolded: &UseStateHandle<bool>, on_msg: &Callback<Msg>) -> Html {
    let count = topic.lanes.len();
    html! {
        <section class="topic" aria-label={format!("Topic {}", topic.name)}>
            <div class="topic-head">
                <h2>{ &*topic.name }</h2>
                <p class="note">{ format!("a topic in {count} partition{}; whoever has read a record, it stays", if count == 1 { "" } else { "s" }) }</p>
            </div>
            { for topic.lanes.iter().map(|lane| part(lane.partition.partition.0, Part::Lane(lane.clone()), on_msg)) }
            { twin(unfolded, || tables(topic, on_msg)) }
        </section>
    }
}

fn tables(topic: &TopicLanes, on_msg: &Callback<Msg>) -> Html {
    let groups: Vec<_> =
        topic.lanes.first().iter().flat_map(|lane| &lane.groups).map(|group| group.name.clone()).collect();
    html! {
        <div key="twin" class="scroll" tabindex="0" role="region" aria-label={format!("Tables of {}", topic.name)}>
            <table>
                <caption>{ format!("Partitions of {}", topic.name) }</caption>
                <thead><tr>
                    <th scope="col">{ "Partition" }</th><th scope="col">{ "Log start" }</th>
                    <th scope="col">{ "High watermark" }</th><th scope="col">{ "Log end" }</th>
                    { for groups.iter().map(|name| html! { <th key={name.to_string()} scope="col">{ format!("{name}: committed, lag") }</th> }) }
                </tr></thead>
                <tbody>{ for topic.lanes.iter().map(|lane| lane_row(lane)) }</tbody>
            </table>
            <table>
                <caption>{ "The latest records" }</caption>
                <thead><tr>
                    <th scope="col">{ "Partition, offset" }</th><th scope="col">{ "Record" }</th>
                    { for groups.iter().map(|name| html! { <th key={name.to_string()} scope="col">{ &**name }</th> }) }
                </tr></thead>
                <tbody>{ for topic.lanes.iter().flat_map(|lane| lane.cells.iter().rev()).map(|cell| cell_row(cell, on_msg)) }</tbody>
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
