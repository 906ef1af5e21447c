//! The whole page, from top to bottom.

use super::header::Top;
use super::part::{News, Outcome, Part, part};
use super::publish::Publish;
use crate::app::view::{OutcomeBoard, PageView, ReportView, ServiceView, TopicLanes};
use crate::app::{Layout, Msg, Panel};
use crate::ui::flow::FlowRefs;
use std::rc::Rc;
use yew::prelude::*;

/// How many services that read have room for a card of their own, and for what people see of them.
pub(super) const ROOMY_READERS: usize = 4;

/// The page; without `has_all` only what is seen first.
pub(in crate::ui) fn page(
    page: &PageView,
    has_all: bool,
    announcement: &Rc<str>,
    report: Option<ReportView>,
    flow_refs: &FlowRefs,
    on_msg: &Callback<Msg>,
) -> Html {
    let is_embedded = matches!(page.layout, Layout::Embedded(_));
    let (scenario, title, summary) = (page.scenario.clone(), page.title.clone(), page.summary.clone());
    let are_many = page.lag_rows.len() > ROOMY_READERS;
    let top = Top { scenario, title, summary, theme: page.theme, seed: page.time.seed };
    html! {
        <div class={classes!("page", page.time.is_rush.then_some("rush"), page.is_opened().then_some("opened"), page.time.told.is_some().then_some("telling"))} data-layout={page.layout.name()} data-shown={page.layout.words()}
            data-tour={page.tour.as_ref().map(|tour| tour.stop.name())}>
            { part("header", Part::Header(top), on_msg) }
            <main key="main">
                <div class="embedded" key="embedded">{ for is_embedded.then(|| part("embedded", Part::Embedded(page.title.clone(), page.held()), on_msg)) }</div>
                { part("news", Part::News(news_of(page, announcement)), on_msg) }
                { part("keeping", Part::Keeping(page.keeping.clone()), on_msg) }
                { flow(page, flow_refs, on_msg) }
                <div class={classes!("below", are_many.then_some("many"))} key="below">{ for has_all.then(|| below(page, on_msg)) }</div>
                <div class="end" key="end">{ for has_all.then(|| end(page, on_msg)) }</div>
            </main>
            <div class="inspector-place" key="inspector">
                { for page.list.iter().map(|list| part("list", Part::List(list.clone()), on_msg)) }
                { for page.partition.iter().map(|view| part("partition", Part::Partition(view.clone()), on_msg)) }
                { for page.panel.iter().map(|view| part("panel", Part::Panel(view.clone()), on_msg)) }
                { for page.inspector.iter().map(|record| part("inspector", Part::Inspector(record.clone()), on_msg)) }
            </div>
            <div class="tour-place" key="tour">{ for page.tour.iter().map(|view| part("tour", Part::Tour(view.clone()), on_msg)) }</div>
            <div class="report-place" key="report">{ for report.into_iter().map(|report| part("report", Part::Report(Rc::new(report)), on_msg)) }</div>
            { part("time", Part::Time(page.time.clone(), page.tools.clone()), on_msg) }
        </div>
    }
}

/// What lies below the flow.
fn below(page: &PageView, on_msg: &Callback<Msg>) -> Html {
    html! {
        <>
            { part("chart", Part::Chart(page.chart.clone()), on_msg) }
            { part("lag", Part::LagTable(page.lag_rows.clone()), on_msg) }
            { part("ledger", Part::Ledger(page.ledger.clone()), on_msg) }
            { part("promises", Part::Promises(page.promises.clone()), on_msg) }
            { part("challenges", Part::Challenges(page.challenges.clone()), on_msg) }
            { part("direct", Part::Direct(page.direct.clone()), on_msg) }
            { part("search", Part::Search(page.search.clone()), on_msg) }
            { part("brokers", Part::Brokers(page.brokers.clone()), on_msg) }
        </>
    }
}

/// What closes the page.
fn end(page: &PageView, on_msg: &Callback<Msg>) -> Html {
    html! {
        <>
            { part("glossary", Part::Glossary, on_msg) }
            { part("foot", Part::Foot { has_shortcuts: page.has_shortcuts }, on_msg) }
        </>
    }
}

fn news_of(page: &PageView, announcement: &Rc<str>) -> News {
    News {
        sentence: page.sentence.clone(),
        tone: page.tone,
        told: page.told,
        next_step: page.next_step.clone(),
        announcement: announcement.clone(),
        notice: page.notice.clone(),
        past: page.time.past.clone(),
        road_taken: page.time.road_taken.clone(),
    }
}

fn flow(page: &PageView, refs: &FlowRefs, on_msg: &Callback<Msg>) -> Html {
    let (readers, publishers): (Vec<_>, Vec<_>) = page.services.iter().partition(|service| service.group.is_some());
    let topics = |is_wanted: fn(&TopicLanes) -> bool| {
        let wanted = page.topics.iter().filter(move |topic| is_wanted(topic));
        wanted.map(|topic| part(topic.name.to_string(), Part::Topic(topic.clone()), on_msg)).collect::<Vec<Html>>()
    };
    // Rows of their own, or cards that make room for one another.
    let (are_many, are_three) = (readers.len() > ROOMY_READERS, readers.len() > 2);
    html! {
        <div class={classes!("flow", are_many.then_some("many"), are_three.then_some("three"))} key="flow" data-panel={Panel::Flow.word()} ref={refs.area.clone()}>
            <canvas class="sky wires" ref={refs.wires.clone()} aria-hidden="true"></canvas>
            <canvas class="sky dots" ref={refs.dots.clone()} aria-hidden="true"></canvas>
            <section class="column publishers" aria-label="Services that publish">
                { for publishers.into_iter().map(|service| part(service.id.0, Part::Service(service.clone()), on_msg)) }
                <Publish key={format!("publish-{}", page.run_id)} topics={names(&page.topics)} latest={page.by_hand.clone()} on_msg={on_msg.clone()} />
                { part("tools", Part::PanelTools(Panel::Flow), on_msg) }
            </section>
            <div class="column log">
                { for topics(|topic| topic.aside.is_none()) }
                <div class="asides" key="asides">{ for more(page, topics(|topic| topic.aside.is_some())) }</div>
            </div>
            <section class="column readers" aria-label="Services that read">
                { for readers.into_iter().map(|service| reader(service, are_many, page.run_id, on_msg)) }
                <div key="offers">{ for (!page.offers.is_empty()).then(|| part("offers", Part::Offers(page.offers.clone()), on_msg)) }</div>
            </section>
        </div>
    }
}

/// The topics that stand beside, folded up into one line.
fn more(page: &PageView, topics: Vec<Html>) -> Option<Html> {
    let count = topics.len();
    (count > 0).then(|| {
        html! {
            <details class="more" key={format!("more-{}", page.run_id)}>
                <summary><b>{ format!("{count} more topics") }</b><span class="note">{ "outputs, retries, dead letters" }</span></summary>
                { for topics }
            </details>
        }
    })
}

/// The topics, each with its number of partitions.
fn names(topics: &[Rc<TopicLanes>]) -> Vec<(Rc<str>, usize)> {
    topics.iter().map(|topic| (topic.name.clone(), topic.partitions)).collect()
}

/// A service that reads, with what people outside see of it beside it.
fn reader(service: &Rc<ServiceView>, is_one_of_many: bool, run_id: u32, on_msg: &Callback<Msg>) -> Html {
    let outcome = |board: &Rc<OutcomeBoard>| {
        Part::Outcome(Outcome { board: board.clone(), quiet: service.quiet.clone(), service: service.id })
    };
    let outcome = service.outcome.iter().map(|board| part("outcome", outcome(board), on_msg)).next();
    html! {
        <div class="reader" key={format!("{run_id}-{}", service.id.0)}>
            { part("card", Part::Service(service.clone()), on_msg) }
            { if is_one_of_many { folded_outcome(outcome) } else { html! { <div class="outcome-place" key="outcome">{ for outcome }</div> } } }
        </div>
    }
}

/// What people outside see, folded up, for there is no room for everybody's.
fn folded_outcome(outcome: Option<Html>) -> Html {
    let folded = outcome.map(|outcome| {
        html! { <details key="folded"><summary class="note">{ "What people see of it" }</summary>{ outcome }</details> }
    });
    html! { <div class="outcome-fold" key="outcome">{ for folded }</div> }
}
