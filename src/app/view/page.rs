//! The whole page.

use super::brokers::{BrokersView, brokers};
use super::challenges::{ChallengesView, challenges};
use super::chart::{ChartView, chart};
use super::direct::{DirectView, direct};
use super::inspector::{InspectorView, inspector};
use super::keeping::{KeepingView, keeping};
use super::ledger::{LedgerLine, ListView, ledger, list, pace};
use super::panel::{PanelView, panel};
use super::partition::{PartitionView, partition};
use super::promises::{PromisesView, promises};
use super::search::{SearchView, search};
use super::section::Section;
use super::service::{ServiceView, services};
use super::text::{grouped, seconds};
use super::time::{TimeView, time};
use super::tools::{ToolsView, tools};
use super::topic::{TopicLanes, topics};
use super::tour::{TourView, tour};
use crate::app::narrate::Tone;
use crate::app::{LagReason, Lateness, Layout, Model, NextStep, Notice, PartitionLateness, Term, Theme};
use crate::broker::GroupId;
use crate::log::RecordRef;
use crate::sim::ServiceId;
use crate::time::Span;
use std::rc::Rc;

/// The smallest scale of the bars that show lag, for a service and for one lane.
const LAG_SCALE_MIN: u64 = 60;
/// How many partitions of one group are listed with their lag.
const LAG_PARTS_MAX: usize = 64;

/// Everything that is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageView {
    /// The scenario's name.
    pub scenario: Rc<str>,
    /// Its heading.
    pub title: Rc<str>,
    /// The scenario in a sentence.
    pub summary: Rc<str>,
    /// What is happening now, with names marked.
    pub sentence: Rc<str>,
    /// What kind of news that is.
    pub tone: Tone,
    /// The record that it is about, if it is about one.
    pub told: Option<RecordRef>,
    /// What to do next.
    pub next_step: Option<NextStep>,
    /// The services.
    pub services: Vec<Rc<ServiceView>>,
    /// The topics.
    pub topics: Vec<Rc<TopicLanes>>,
    /// Lag over time.
    pub chart: Rc<ChartView>,
    /// The brokers.
    pub brokers: Rc<BrokersView>,
    /// The run beside the same day with direct calls.
    pub direct: Rc<DirectView>,
    /// The search for an outage that breaks a promise.
    pub search: Rc<SearchView>,
    /// The lag of each group.
    pub lag_rows: Rc<Vec<LagRow>>,
    /// What became of every update.
    pub ledger: Rc<Vec<LedgerLine>>,
    /// The records behind the number that is looked at.
    pub list: Option<Rc<ListView>>,
    /// What the services promise.
    pub promises: Rc<PromisesView>,
    /// What is worth bringing about.
    pub challenges: Rc<ChallengesView>,
    /// The record that is looked at.
    pub inspector: Option<Rc<InspectorView>>,
    /// The partition that is looked at.
    pub partition: Option<Rc<PartitionView>>,
    /// The service that is looked at.
    pub panel: Option<Rc<PanelView>>,
    /// The services that may join.
    pub offers: Rc<Vec<OfferView>>,
    /// The record that was published by hand last.
    pub by_hand: Option<Rc<ByHandView>>,
    /// Time and its controls.
    pub time: Rc<TimeView>,
    /// What goes with it: what happened when, breakpoints, roads.
    pub tools: Rc<ToolsView>,
    /// What there is to tell the person.
    pub notice: Option<Rc<Notice>>,
    /// What is said of keeping and sending.
    pub keeping: Rc<KeepingView>,
    /// The tour, while it goes on.
    pub tour: Option<Rc<TourView>>,
    /// The colours.
    pub theme: Theme,
    /// Which panels are shown.
    pub layout: Layout,
    /// Whether shortcuts are switched on.
    pub has_shortcuts: bool,
    /// Which of the page's runs this is.
    pub run_id: u32,
}

/// The record that was published by hand last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHandView {
    /// The record.
    pub record: RecordRef,
    /// Where it is.
    pub place: String,
}

/// A service that may join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferView {
    /// Its name.
    pub name: Rc<str>,
    /// What it does.
    pub summary: Rc<str>,
}

/// The lag of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LagRow {
    /// The group.
    pub name: Rc<str>,
    /// Which of the groups, from 0.
    pub index: usize,
    /// Log end offset less committed offset, over all partitions.
    pub lag: u64,
    /// How old the oldest record is that it has not committed; if all of them are dealt with, why it lags.
    pub oldest: String,
    /// What that word means, if it is one.
    pub why: Option<Term>,
    /// How often its membership was settled.
    pub generation: i32,
    /// How many members it has.
    pub members: usize,
    /// How much arrives and is processed, and when it will have caught up.
    pub pace: String,
    /// Its partitions.
    pub partitions: Vec<LagPart>,
}

/// The lag of a group in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LagPart {
    /// The partition, with its topic if the group reads several.
    pub name: String,
    /// How many records it has before it there.
    pub lag: u64,
    /// How old the oldest of them is; if all of them are dealt with, why it lags.
    pub oldest: String,
}

impl PageView {
    /// That time is held, and how it goes on: what is said of that where there is room for nothing else.
    pub fn held(&self) -> Option<Rc<str>> {
        match &self.keeping.opening {
            Some(opening) => Some(Rc::from(&**opening)),
            None => {
                (!self.time.playing).then(|| Rc::from(format!("Held at {}: press Play to go on.", self.time.clock)))
            }
        }
    }

    /// Whether something is laid open beside the flow.
    pub fn is_opened(&self) -> bool {
        self.list.is_some() || self.partition.is_some() || self.panel.is_some() || self.inspector.is_some()
    }
}

/// The page as it is now.
pub fn page(model: &Model) -> PageView {
    view(Source { model, before: None })
}

/// The page as it was `before`, but for some sections, which are as they are now.
pub fn page_with(sections: &[Section], model: &Model, before: &PageView) -> PageView {
    view(Source { model, before: Some((sections, before)) })
}

/// What a view is made from: the model, or for other sections than some the view before.
#[derive(Clone, Copy)]
struct Source<'a> {
    model: &'a Model,
    before: Option<(&'a [Section], &'a PageView)>,
}

impl Source<'_> {
    fn of<T>(self, section: Section, kept: impl FnOnce(&PageView) -> T, now: impl FnOnce(&Model) -> T) -> T {
        match self.before {
            Some((renewed, before)) if !renewed.contains(&section) => kept(before),
            _ => now(self.model),
        }
    }

    /// What is shared: the same as before is known to be the same without a look at it.
    fn shared<T>(
        self,
        section: Section,
        kept: impl FnOnce(&PageView) -> &Rc<T>,
        now: impl FnOnce(&Model) -> T,
    ) -> Rc<T> {
        self.of(section, |before| kept(before).clone(), |model| Rc::new(now(model)))
    }

    /// The same for what may not be there.
    fn opened<T>(self, kept: impl FnOnce(&PageView) -> &Option<Rc<T>>, now: fn(&Model) -> Option<T>) -> Option<Rc<T>> {
        self.of(Section::Opened, |before| kept(before).clone(), |model| now(model).map(Rc::new))
    }
}

fn view(source: Source<'_>) -> PageView {
    let model = source.model;
    let scenario = model.scenario();
    let (tone, sentence) = source.of(Section::Top, |it| (it.tone, it.sentence.clone()), sentence);
    PageView {
        scenario: Rc::from(&*scenario.name),
        title: Rc::from(&*scenario.title),
        summary: Rc::from(&*scenario.summary),
        sentence,
        tone,
        told: source.of(Section::Top, |it| it.told, Model::record_told),
        next_step: source.of(Section::Top, |it| it.next_step.clone(), Model::next_step),
        services: source.of(Section::Services, |it| it.services.clone(), |model| services(model, scales(model).0)),
        topics: source.of(Section::Topics, |it| it.topics.clone(), shared_topics),
        chart: source.shared(Section::Lag, |it| &it.chart, chart),
        brokers: source.shared(Section::Brokers, |it| &it.brokers, brokers),
        direct: source.shared(Section::Calls, |it| &it.direct, direct),
        search: source.shared(Section::Search, |it| &it.search, search),
        lag_rows: source.shared(Section::Groups, |it| &it.lag_rows, lag_rows),
        ledger: source.shared(Section::Ledger, |it| &it.ledger, ledger),
        promises: source.shared(Section::Promises, |it| &it.promises, promises),
        challenges: source.shared(Section::Challenges, |it| &it.challenges, challenges),
        list: source.opened(|it| &it.list, list),
        inspector: source.opened(|it| &it.inspector, inspector),
        partition: source.opened(|it| &it.partition, partition),
        panel: source.opened(|it| &it.panel, panel),
        time: source.shared(Section::Time, |it| &it.time, time),
        offers: source.shared(Section::Services, |it| &it.offers, offers),
        by_hand: source.of(Section::Services, |it| it.by_hand.clone(), |model| by_hand(model).map(Rc::new)),
        tools: source.shared(Section::Time, |it| &it.tools, tools),
        notice: source.of(Section::Top, |it| it.notice.clone(), |model| model.notice().cloned().map(Rc::new)),
        keeping: source.shared(Section::Top, |it| &it.keeping, keeping),
        tour: source.of(Section::Top, |it| it.tour.clone(), |model| tour(model).map(Rc::new)),
        theme: model.theme(),
        layout: model.layout().clone(),
        has_shortcuts: model.has_shortcuts(),
        run_id: model.run_id,
    }
}

fn sentence(model: &Model) -> (Tone, Rc<str>) {
    let (tone, sentence) = model.narrate_in_prose();
    (tone, sentence.into())
}

fn shared_topics(model: &Model) -> Vec<Rc<TopicLanes>> {
    topics(model, scales(model).1).into_iter().map(Rc::new).collect()
}

/// The services that the scenario offers and that are not there.
fn offers(model: &Model) -> Vec<OfferView> {
    let world = model.world();
    let offered = world.spec().offered.iter().filter(|offered| world.service_id(&offered.name).is_none());
    offered.map(|it| OfferView { name: Rc::from(&*it.name), summary: Rc::from(&*it.summary) }).collect()
}

fn by_hand(model: &Model) -> Option<ByHandView> {
    let record = model.moment.by_hand?;
    let RecordRef { partition, offset } = record;
    let topic = model.world().broker().topic(partition.topic).name();
    let place = format!("partition {} of {topic}, offset {}", partition.partition, grouped(offset.0.max(0) as u64));
    Some(ByHandView { record, place })
}

/// What a full bar means: the largest lag of any service, and of any service in any one lane.
fn scales(model: &Model) -> (u64, u64) {
    let world = model.world();
    let largest = world.service_ids().map(|id| world.lag(id)).max().unwrap_or(0);
    let lane_lags = world.service_ids().flat_map(|id| {
        let topics = world.service_spec(id).consumes.iter().flat_map(|consumes| &consumes.topics);
        let partitions = topics.flat_map(|topic| world.broker().partitions(*topic));
        partitions.filter_map(move |partition| Some(world.broker().partition_lag(world.group_of(id)?, partition)))
    });
    (largest.max(LAG_SCALE_MIN), lane_lags.max().unwrap_or(0).max(LAG_SCALE_MIN / 2))
}

fn lag_rows(model: &Model) -> Vec<LagRow> {
    let world = model.world();
    let row = |(index, id, group): (usize, ServiceId, GroupId)| {
        let lateness = model.lateness(id);
        LagRow {
            name: Rc::from(&**world.broker().group(group).name()),
            index,
            lag: world.lag(id),
            oldest: lateness.as_ref().map_or_else(String::new, |it| age(it.oldest(), it.behind())),
            why: lateness.as_ref().and_then(Lateness::behind).map(meaning),
            generation: world.broker().group(group).generation().0,
            members: world.broker().group(group).members().len(),
            pace: lateness.as_ref().map(pace).unwrap_or_default(),
            partitions: lateness.map(|it| lag_parts(model, &it)).unwrap_or_default(),
        }
    };
    world.readers().map(row).collect()
}

fn lag_parts(model: &Model, lateness: &Lateness) -> Vec<LagPart> {
    let broker = model.world().broker();
    let first = lateness.partitions.first().map(|it| it.partition.topic);
    let is_one_topic = lateness.partitions.iter().all(|it| Some(it.partition.topic) == first);
    let part = |it: &PartitionLateness| {
        let (topic, number) = (broker.topic(it.partition.topic).name(), it.partition.partition);
        let name = if is_one_topic { number.to_string() } else { format!("{topic}, {number}") };
        LagPart { name, lag: it.lag, oldest: age(it.oldest, it.behind) }
    };
    lateness.partitions.iter().take(LAG_PARTS_MAX).map(part).collect()
}

/// Which word says why a group lags although nothing waits for it.
const fn meaning(behind: LagReason) -> Term {
    match behind {
        LagReason::Uncommitted => Term::Processed,
        LagReason::Replicating => Term::Replicating,
        LagReason::Deleted => Term::Deleted,
        LagReason::Markers => Term::Markers,
    }
}

/// Why a group lags although nothing waits for it, or else how old the oldest is of what does.
fn age(oldest: Option<Span>, behind: Option<LagReason>) -> String {
    let why = behind.map(|behind| match behind {
        LagReason::Uncommitted => "processed",
        LagReason::Replicating => "replicating",
        LagReason::Deleted => "deleted",
        LagReason::Markers => "markers",
    });
    why.map(str::to_owned).or_else(|| oldest.map(seconds)).unwrap_or_else(|| "–".to_owned())
}
