//! Breakpoints: what the run is to be held at, as a debugger holds a program.

use super::moment::Moment;
use super::view::text::{count, grouped};
use crate::broker::{GroupFact, GroupId};
use crate::json::Json;
use crate::log::{Isolation, RecordView};
use crate::sim::{Event, ServiceId, Stamped, World};
use thiserror::Error;

/// How many breakpoints there are at most.
pub const BREAKPOINTS_MAX: usize = 16;

/// What the run is to be held at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breakpoint {
    /// More records than this wait for a service.
    LagAbove(ServiceId, u64),
    /// A record is lost to any service.
    Lost,
    /// A record is processed again by any service.
    Again,
    /// A service's group begins to share out its partitions anew.
    Rebalance(ServiceId),
    /// A record with this key is published, with this text among its values if one is given.
    Published {
        /// The key, such as `order-1042`.
        key: String,
        /// The text, such as `shipped`; empty for any.
        text: String,
    },
}

/// Why there is no such breakpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BreakpointError {
    /// There are too many.
    #[error("there are {BREAKPOINTS_MAX} breakpoints, which is the limit; remove one first")]
    TooMany,
    /// It is there.
    #[error("the run is held there already")]
    Known,
    /// It needs a key.
    #[error("say which key to wait for, such as order-1042")]
    NoKey,
}

/// What has been counted so far, so that the next change is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    lost: u64,
    again: u64,
}

/// The breakpoints of the page.
#[derive(Clone, Debug, Default)]
pub(super) struct Breakpoints {
    /// Each with whether it waits: one that holds as long as something lasts waits until that is over.
    points: Vec<(Breakpoint, bool)>,
    counted: Counted,
}

impl Breakpoints {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// All of them, in the order in which they were made.
    pub(super) fn all(&self) -> impl Iterator<Item = &Breakpoint> {
        self.points.iter().map(|(point, _)| point)
    }

    pub(super) fn add(&mut self, point: Breakpoint, moment: &Moment) -> Result<(), BreakpointError> {
        if matches!(&point, Breakpoint::Published { key, .. } if key.is_empty()) {
            return Err(BreakpointError::NoKey);
        }
        if self.all().any(|known| *known == point) {
            return Err(BreakpointError::Known);
        }
        if self.points.len() == BREAKPOINTS_MAX {
            return Err(BreakpointError::TooMany);
        }
        self.points.push((point, true));
        self.look_at(moment);
        Ok(())
    }

    pub(super) fn remove(&mut self, index: usize) {
        if index < self.points.len() {
            self.points.remove(index);
        }
    }

    /// Begins to watch from this instant on.
    pub(super) fn look_at(&mut self, moment: &Moment) {
        self.counted = Counted::of(moment);
        for (point, waits) in &mut self.points {
            *waits = !lasts(point, &moment.world);
        }
    }

    /// The first breakpoint that the latest instant has reached, in words.
    pub(super) fn reached(&mut self, moment: &Moment, watched: &[Stamped]) -> Option<String> {
        let counted = Counted::of(moment);
        let before = std::mem::replace(&mut self.counted, counted);
        let mut reached = None;
        for (point, waits) in &mut self.points {
            let is_at = is_at(point, moment, watched, (before, counted));
            if is_at && *waits && reached.is_none() {
                reached = Some(said(point, &moment.world));
            }
            *waits = !lasts(point, &moment.world);
        }
        reached
    }
}

impl Counted {
    fn of(moment: &Moment) -> Self {
        let accounts = moment.world.service_ids().map(|id| moment.account_of(id));
        accounts.fold(Self::default(), |sum, account| Self {
            lost: sum.lost + account.lost,
            again: sum.again + account.processed_again,
        })
    }
}

/// Whether what a breakpoint waits for goes on at present.
fn lasts(point: &Breakpoint, world: &World) -> bool {
    match point {
        Breakpoint::LagAbove(service, limit) => world.lag(*service) > *limit,
        Breakpoint::Lost | Breakpoint::Again | Breakpoint::Rebalance(_) | Breakpoint::Published { .. } => false,
    }
}

fn is_at(point: &Breakpoint, moment: &Moment, watched: &[Stamped], (before, now): (Counted, Counted)) -> bool {
    match point {
        Breakpoint::LagAbove(..) => lasts(point, &moment.world),
        Breakpoint::Lost => now.lost > before.lost,
        Breakpoint::Again => now.again > before.again,
        Breakpoint::Rebalance(service) => {
            let group = moment.world.group_of(*service);
            watched.iter().any(|stamped| rebalancing(&stamped.event).is_some_and(|of| Some(of) == group))
        }
        Breakpoint::Published { key, text } => {
            watched.iter().flat_map(|stamped| published(&stamped.event, &moment.world)).any(|record| {
                record.key == Some(key.as_bytes()) && (text.is_empty() || says(record.value.unwrap_or_default(), text))
            })
        }
    }
}

/// The group that begins to rebalance with an event.
fn rebalancing(event: &Event) -> Option<GroupId> {
    if let Event::Group(GroupFact::RebalanceStarted { group, .. }) = event { Some(*group) } else { None }
}

/// The records that an event is about, if it is about newly published ones.
fn published<'a>(event: &Event, world: &'a World) -> impl Iterator<Item = RecordView<'a>> + use<'a> {
    let appended = if let Event::Appended { partition, base_offset, records, .. } = event {
        Some((*partition, *base_offset, *records))
    } else {
        None
    };
    appended.into_iter().flat_map(|(partition, base, records)| {
        let log = world.broker().log(partition);
        log.into_iter().flat_map(move |log| log.records(base, Isolation::LogEnd).take(records as usize))
    })
}

/// Whether a value is this text, or a JSON object of which a member is.
fn says(value: &[u8], text: &str) -> bool {
    let Some(Json::Object(members)) = Json::of_bytes(value) else { return value == text.as_bytes() };
    members.iter().any(|(_, value)| value.as_text() == Some(text))
}

/// What is told when the run is held.
fn said(point: &Breakpoint, world: &World) -> String {
    let now = |service: ServiceId| {
        let lag = world.lag(service);
        let waiting = count(lag, "update waits", "updates wait");
        format!("{waiting} for {}", world.name_of(service))
    };
    match point {
        Breakpoint::LagAbove(service, _) => format!("Held: {}.", now(*service)),
        Breakpoint::Lost => "Held: an update was lost.".to_owned(),
        Breakpoint::Again => "Held: an update was processed again.".to_owned(),
        Breakpoint::Rebalance(_) | Breakpoint::Published { .. } => format!("Held: {}.", described(point, world)),
    }
}

/// A breakpoint in words, as the end of "hold when …".
pub(super) fn described(point: &Breakpoint, world: &World) -> String {
    let name = |service: ServiceId| world.name_of(service);
    match point {
        Breakpoint::LagAbove(service, limit) => {
            format!("more than {} updates wait for {}", grouped(*limit), name(*service))
        }
        Breakpoint::Lost => "an update is lost".to_owned(),
        Breakpoint::Again => "an update is processed again".to_owned(),
        Breakpoint::Rebalance(service) => format!("the group of {} rebalances", name(*service)),
        Breakpoint::Published { key, text } if text.is_empty() => format!("a record with the key {key} is published"),
        Breakpoint::Published { key, text } => format!("{key} is {text}"),
    }
}
