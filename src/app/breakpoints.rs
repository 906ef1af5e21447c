//! Breakpoints: what the run is to be held at, as a debugger holds a program.

use super::moment::Moment;
use super::notice::{Notice, Opens};
use super::view::breaking;
use super::view::text::{count, grouped};
use crate::broker::{GroupFact, GroupId};
use crate::check::promises::{Promise, Verdict};
use crate::json::Json;
use crate::log::{Isolation, RecordRef, RecordView};
use crate::sim::{Event, ServiceId, Stamped, World};
use crate::time::{Instant, Span};
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

/// What has been counted so far of a service, so that the next change is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    lost: u64,
    again: u64,
}

/// The instant at which what a search has found comes about; the run is held there once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Appointment {
    pub(super) promise: Promise,
    pub(super) service: String,
    /// In whole milliseconds: it is within this one.
    pub(super) at: Instant,
}

/// The breakpoints of the page.
#[derive(Clone, Debug, Default)]
pub(super) struct Breakpoints {
    /// Each with whether it waits: one that holds as long as something lasts waits until that is over.
    points: Vec<(Breakpoint, bool)>,
    /// By service.
    counted: Vec<Counted>,
    pub(super) appointment: Option<Appointment>,
}

impl Breakpoints {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty() && self.appointment.is_none()
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
        self.appointment.take_if(|it| moment.now() > it.until());
        for (point, waits) in &mut self.points {
            *waits = !lasts(point, &moment.world);
        }
    }

    /// The first breakpoint that the latest instant has reached, in words.
    pub(super) fn reached(&mut self, moment: &Moment, watched: &[Stamped]) -> Option<Notice> {
        let before = std::mem::replace(&mut self.counted, Counted::of(moment));
        let counted = (&*before, &*self.counted);
        let mut reached = self.appointment.as_ref().and_then(|it| it.kept(moment));
        self.appointment.take_if(|_| reached.is_some());
        for (point, waits) in &mut self.points {
            if *waits && reached.is_none() && is_at(point, moment, watched, counted) {
                reached = Some(said(point, moment, counted));
            }
            *waits = !lasts(point, &moment.world);
        }
        reached
    }
}

impl Counted {
    fn of(moment: &Moment) -> Vec<Self> {
        let accounts = moment.world.service_ids().map(|id| moment.account_of(id));
        accounts.map(|account| Self { lost: account.lost, again: account.processed_again }).collect()
    }
}

/// The first service of which more is counted now than before, and how much more.
fn more((before, now): (&[Counted], &[Counted]), what: fn(&Counted) -> u64, world: &World) -> Option<(ServiceId, u64)> {
    let counted = world.service_ids().zip(now).enumerate();
    let mut more = counted.map(|(index, (id, now))| (id, what(now).saturating_sub(before.get(index).map_or(0, what))));
    more.find(|(_, more)| *more > 0)
}

impl Appointment {
    /// The instant after which it would be missed.
    fn until(&self) -> Instant {
        self.at + Span::from_ms(1)
    }

    /// What is told when it is kept.
    fn kept(&self, moment: &Moment) -> Option<Notice> {
        let service = moment.world.service_id(&self.service).filter(|_| moment.now() >= self.at)?;
        let standings = moment.promises.standings(&moment.ledger, true);
        let breach =
            standings.into_iter().filter(|it| it.promise == self.promise && it.service == service).find_map(|it| {
                match it.verdict {
                    Verdict::Broken(breach) | Verdict::NeverPromised { slipped: Some(breach), .. } => Some(breach),
                    Verdict::Holds { .. } | Verdict::NeverPromised { slipped: None, .. } => None,
                }
            });
        let record = breach.map(|it| RecordRef { partition: it.partition, offset: it.offset });
        let what = format!("{} {}", self.service, breaking(self.promise));
        (record.is_some() || moment.now() >= self.until())
            .then(|| told(&format!("{what} at this instant"), service, record, moment))
    }
}

/// That the run is held because of something that befell a record of a service, and what opens that.
fn told(what: &str, service: ServiceId, record: Option<RecordRef>, moment: &Moment) -> Notice {
    let log = |at: RecordRef| moment.world.broker().log(at.partition);
    let place = record.map_or(String::new(), |RecordRef { partition, offset }| {
        let topic = moment.world.broker().topic(partition.topic).name().clone();
        format!(": {topic}, partition {}, offset {}", partition.partition, offset)
    });
    let is_there = |at: &RecordRef| log(*at).is_some_and(|log| log.log_start_offset() <= at.offset);
    let opens = record.filter(is_there).map_or(Opens::Service(service), Opens::Record);
    Notice { text: format!("Held: {what}{place}."), is_error: false, opens: Some(opens) }
}

/// Whether what a breakpoint waits for goes on at present.
fn lasts(point: &Breakpoint, world: &World) -> bool {
    match point {
        Breakpoint::LagAbove(service, limit) => world.lag(*service) > *limit,
        Breakpoint::Lost | Breakpoint::Again | Breakpoint::Rebalance(_) | Breakpoint::Published { .. } => false,
    }
}

fn is_at(point: &Breakpoint, moment: &Moment, watched: &[Stamped], counted: (&[Counted], &[Counted])) -> bool {
    match point {
        Breakpoint::LagAbove(..) => lasts(point, &moment.world),
        Breakpoint::Lost => more(counted, |it| it.lost, &moment.world).is_some(),
        Breakpoint::Again => more(counted, |it| it.again, &moment.world).is_some(),
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
fn said(point: &Breakpoint, moment: &Moment, counted: (&[Counted], &[Counted])) -> Notice {
    let world = &moment.world;
    let plain = |text: String| Notice { text, is_error: false, opens: None };
    let befell = |is_loss: bool, (service, more): (ServiceId, u64)| {
        let group = world.group_of(service);
        let latest =
            group.and_then(|it| if is_loss { moment.ledger.lost_last(it) } else { moment.ledger.again_last(it) });
        let record = latest.filter(|(at, _)| *at == moment.now()).map(|(_, record)| record);
        let (name, much) = (world.name_of(service), count(more, "update", "updates"));
        let what = if is_loss { format!("{name} lost {much}") } else { format!("{name} processed {much} again") };
        told(&what, service, record, moment)
    };
    let held = || plain(format!("Held: {}.", described(point, world)));
    match point {
        Breakpoint::LagAbove(service, _) => {
            plain(format!("Held: the lag of {} is {}.", world.name_of(*service), grouped(world.lag(*service))))
        }
        Breakpoint::Lost => more(counted, |it| it.lost, world).map_or_else(held, |it| befell(true, it)),
        Breakpoint::Again => more(counted, |it| it.again, world).map_or_else(held, |it| befell(false, it)),
        Breakpoint::Rebalance(_) | Breakpoint::Published { .. } => held(),
    }
}

/// A breakpoint in words, as the end of "hold when …".
pub(super) fn described(point: &Breakpoint, world: &World) -> String {
    let name = |service: ServiceId| world.name_of(service);
    match point {
        Breakpoint::LagAbove(service, limit) => {
            format!("the lag of {} is above {}", name(*service), grouped(*limit))
        }
        Breakpoint::Lost => "an update is lost".to_owned(),
        Breakpoint::Again => "an update is processed again".to_owned(),
        Breakpoint::Rebalance(service) => format!("the group of {} rebalances", name(*service)),
        Breakpoint::Published { key, text } if text.is_empty() => format!("a record with the key {key} is published"),
        Breakpoint::Published { key, text } => format!("{key} is {text}"),
    }
}
