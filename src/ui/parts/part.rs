//! A part of the page that is drawn again only when what it shows has changed.
//!
//! It is one component for all such parts: what Yew keeps for each component weighs more than what draws most of them. What is not drawn
//! at first stays a function of its own (`inline(never)`): a browser compiles a function, whole, when it runs for the first time.

use super::{
    brokers, challenges, chart, direct, foot, header, inspector, keeping, lag_table, lane, ledger, news, outcome,
    panel, panel_tools, partition, promises, report, search, service, time_bar, tools, topic, tour, word,
};
use crate::app::view::{
    BrokersView, ChallengesView, ChartView, DirectView, InspectorView, KeepingView, LagRow, LaneView, LedgerLine,
    ListView, OfferView, OutcomeBoard, PanelView, PartitionView, PromisesView, ReportView, SearchView, SeekView,
    ServiceSettingsView, ServiceView, SettingRow, SettingsView, TimeView, ToolsView, TopicLanes, TourView,
};
use crate::app::{Msg, NextStep, Notice, Panel, Tone};
use crate::log::RecordRef;
use crate::sim::ServiceId;
use std::rc::Rc;
use yew::prelude::*;

/// What a part shows.
#[derive(Clone, PartialEq)]
pub(super) enum Part {
    Header(header::Top),
    /// The services that may join.
    Offers(Rc<Vec<OfferView>>),
    News(News),
    Glossary,
    Tour(Rc<TourView>),
    Keeping(Rc<KeepingView>),
    Service(Rc<ServiceView>),
    Outcome(Outcome),
    Topic(Rc<TopicLanes>),
    Lane(Rc<LaneView>),
    Chart(Rc<ChartView>),
    Brokers(Rc<BrokersView>),
    Direct(Rc<DirectView>),
    /// Apart from the rest of the comparison, for the same reason as the seed.
    DirectKnobs(Rc<Vec<SettingRow>>),
    Search(Rc<SearchView>),
    LagTable(Rc<Vec<LagRow>>),
    Ledger(Rc<Vec<LedgerLine>>),
    List(Rc<ListView>),
    Promises(Rc<PromisesView>),
    Challenges(Rc<ChallengesView>),
    Inspector(Rc<InspectorView>),
    Partition(Rc<PartitionView>),
    /// Apart from the rest of the partition, for the same reason as the seed.
    Settings(Rc<SettingsView>),
    Panel(Rc<PanelView>),
    /// Apart from the rest of the panel, for the same reason as the seed.
    Seek(Rc<SeekView>),
    ServiceSettings(Rc<ServiceSettingsView>),
    Time(Rc<TimeView>, Rc<ToolsView>),
    PanelTools(Panel),
    /// What stands above what is embedded.
    Embedded(Rc<str>, Option<Rc<str>>),
    /// What is printed.
    Report(Rc<ReportView>),
    Foot {
        has_shortcuts: bool,
    },
    /// Apart from the rest of the time bar, for they change less often.
    Tools(Rc<ToolsView>, u64),
    /// Apart from the rest of the time bar, so that what is being typed is not overwritten whenever the clock moves.
    Seed(u64),
}

/// What is happening now.
#[derive(Clone, PartialEq)]
pub(super) struct News {
    pub(super) sentence: Rc<str>,
    pub(super) tone: Tone,
    /// The record that the sentence is about.
    pub(super) told: Option<RecordRef>,
    /// What to do next.
    pub(super) next_step: Option<NextStep>,
    /// What a screen reader says; it changes less often than the sentence.
    pub(super) announcement: Rc<str>,
    pub(super) notice: Option<Rc<Notice>>,
    /// Which instant is looked at, and how far the run has come, if those are not the same.
    pub(super) past: Option<[Rc<str>; 2]>,
    /// Since when the run takes another road, if time is held there; and the number of the road that was left.
    pub(super) road_taken: Option<(Rc<str>, Option<usize>)>,
}

/// What people outside see of a service.
#[derive(Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) board: Rc<OutcomeBoard>,
    /// For how long nothing new has come, if the service is away.
    pub(super) quiet: Option<String>,
    pub(super) service: ServiceId,
}

#[derive(PartialEq, Properties)]
struct DrawnProps {
    part: Part,
    on_msg: Callback<Msg>,
}

/// A part in its place. Its `key` tells it from the parts beside it.
pub(super) fn part(key: impl Into<yew::virtual_dom::Key>, part: Part, on_msg: &Callback<Msg>) -> Html {
    html! { <Drawn key={key.into()} {part} on_msg={on_msg.clone()} /> }
}

#[component]
fn Drawn(props: &DrawnProps) -> Html {
    // Whether the table of a part that has one is unfolded.
    let unfolded = use_state(|| false);
    let on_msg = &props.on_msg;
    match &props.part {
        Part::Header(top) => header::header(top, on_msg),
        Part::Offers(offers) => service::offers(offers, on_msg),
        Part::News(news) => news::news(news, on_msg),
        Part::Tour(view) => tour::tour(view, on_msg),
        Part::Glossary => word::glossary(),
        Part::Keeping(view) => keeping::keeping(view, on_msg),
        Part::Service(service) => service::card(service, on_msg),
        Part::Outcome(outcome) => outcome::outcome(outcome, on_msg),
        Part::Topic(view) => topic::topic(view, &unfolded, on_msg),
        Part::Lane(lane) => lane::lane(lane, on_msg),
        Part::Chart(chart) => chart::chart(chart, &unfolded, on_msg),
        Part::Brokers(view) => brokers::brokers(view, on_msg),
        Part::Direct(view) => direct::direct(view, on_msg),
        Part::DirectKnobs(rows) => direct::knobs(rows, on_msg),
        Part::Search(view) => search::search(view, on_msg),
        Part::LagTable(rows) => {
            html! { <lag_table::LagTable rows={rows.clone()} {unfolded} on_msg={on_msg.clone()} /> }
        }
        Part::Ledger(lines) => ledger::ledger(lines, on_msg),
        Part::List(list) => ledger::list(list, on_msg),
        Part::Promises(view) => promises::promises(view, on_msg),
        Part::Challenges(view) => challenges::challenges(view, on_msg),
        Part::Partition(view) => partition::partition(view, on_msg),
        Part::Settings(view) => partition::settings(view, on_msg),
        Part::Panel(view) => panel::panel(view, on_msg),
        Part::Seek(view) => panel::seek(view, on_msg),
        Part::ServiceSettings(view) => panel::settings(view, on_msg),
        Part::Inspector(record) => inspector::inspector(record, on_msg),
        Part::Time(time, view) => time_bar::time_bar(time, view, on_msg),
        Part::PanelTools(panel) => panel_tools::panel_tools(*panel, on_msg),
        Part::Embedded(title, held) => foot::embedded(title, held.as_deref(), on_msg),
        Part::Report(view) => report::report(view),
        Part::Foot { has_shortcuts } => foot::foot(*has_shortcuts, on_msg),
        Part::Tools(view, seed) => tools::tools(view, *seed, &unfolded, on_msg),
        Part::Seed(seed) => time_bar::seed_field(*seed, on_msg),
    }
}
