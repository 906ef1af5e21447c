//! What people outside have seen: the texts of each service, in the order in which they came.

use super::board::Board;
use crate::check::Ledger;
use crate::cow::CowDeque;
use crate::log::{Offset, TopicPartition};
use crate::sim::{Event, Latencies, Outcome, OutcomeView, ServiceEvent, ServiceId, Stamped, World};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// How many texts are kept of each service; the oldest go first.
const ENTRIES_MAX: usize = 10_000;

/// One text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeEntry {
    /// When it was seen.
    pub at: Instant,
    /// How long after what it tells had happened.
    pub late: Span,
    /// The record it came from.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: Offset,
    /// What, or whom, it is about.
    pub subject: Arc<str>,
    /// How far that has come.
    pub stage: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// Whether the same record had been seen before.
    pub again: bool,
}

/// The texts of one service.
#[derive(Clone, Debug)]
pub struct ServiceOutcomes {
    /// The latest texts, in order.
    pub entries: CowDeque<OutcomeEntry>,
    /// What is on show.
    pub board: Board,
    /// How late those were that had not been seen before, of all of the run.
    pub effects: Latencies,
}

/// The texts of all services that have any.
#[derive(Clone, Debug)]
pub struct Outcomes(Vec<(ServiceId, ServiceOutcomes)>);

impl Outcomes {
    pub(super) fn of(world: &World) -> Self {
        Self(world.service_ids().filter_map(|id| Some((id, ServiceOutcomes::of(world, id)?))).collect())
    }

    /// The texts of one service, if it is one that has texts.
    pub fn of_service(&self, service: ServiceId) -> Option<&ServiceOutcomes> {
        self.0.iter().find(|(id, _)| *id == service).map(|(_, outcomes)| outcomes)
    }

    /// All services that have texts.
    pub fn iter(&self) -> impl Iterator<Item = (ServiceId, &ServiceOutcomes)> {
        self.0.iter().map(|(id, outcomes)| (*id, outcomes))
    }

    fn get_mut(&mut self, service: ServiceId) -> Option<&mut ServiceOutcomes> {
        self.0.iter_mut().find(|(id, _)| *id == service).map(|(_, outcomes)| outcomes)
    }

    pub(super) fn board_mut(&mut self, service: ServiceId) -> Option<&mut Board> {
        self.get_mut(service).map(|outcomes| &mut outcomes.board)
    }

    pub(super) fn observe(&mut self, stamped: &Stamped, ledger: &Ledger, world: &World) {
        let Event::Outcome(Outcome { service, partition, offset, timestamp_ms, subject, detail, stage, text }) =
            &stamped.event
        else {
            return self.observe_joining(&stamped.event, world);
        };
        let Some(outcomes) = self.get_mut(*service) else { return };
        let fate = world.group_of(*service).and_then(|group| ledger.fate(group, *partition, *offset));
        let happened = Instant::from_ms(u64::try_from(*timestamp_ms).unwrap_or(0));
        let entry = OutcomeEntry {
            at: stamped.at,
            late: stamped.at.since(happened),
            partition: *partition,
            offset: *offset,
            subject: subject.clone(),
            stage: stage.clone(),
            text: text.clone(),
            again: fate.is_some_and(|fate| fate.times > 1),
        };
        if !entry.again {
            outcomes.effects.note(entry.late);
        }
        outcomes.board.show(&entry, detail);
        if outcomes.entries.len() == ENTRIES_MAX {
            outcomes.entries.pop_front();
        }
        outcomes.entries.push_back(entry);
    }
}

/// The stages of the entities whose records a service reads.
impl Outcomes {
    /// What people see of a service that joins begins then.
    fn observe_joining(&mut self, event: &Event, world: &World) {
        let Event::Service(ServiceEvent::Added { service, .. }) = *event else { return };
        self.0.extend(ServiceOutcomes::of(world, service).map(|outcomes| (service, outcomes)));
    }
}

impl ServiceOutcomes {
    fn of(world: &World, id: ServiceId) -> Option<Self> {
        let outcome = world.service_spec(id).consumes.as_ref()?.outcome.as_ref()?;
        let stages = stages_read_by(world, id);
        let board = match outcome.view {
            OutcomeView::Schedule => Board::of_passers(stages),
            OutcomeView::Phones => Board::of_regulars(stages),
        };
        Some(Self { entries: CowDeque::new(), board, effects: Latencies::default() })
    }
}

fn stages_read_by(world: &World, id: ServiceId) -> Vec<Arc<str>> {
    let Some(consumes) = &world.service_spec(id).consumes else { return Vec::new() };
    let publishers = world.spec().services.iter().filter_map(|service| service.publishes.as_ref());
    let stages = publishers.filter(|publishes| consumes.topics.contains(&publishes.topic));
    let names = stages.flat_map(|publishes| publishes.stages.iter().map(|stage| stage.name.clone()));
    names.fold(Vec::new(), |mut known, name| {
        if !known.contains(&name) {
            known.push(name);
        }
        known
    })
}
