//! The events of one group in one partition, as the tests of this room make them.

use crate::broker::{GroupId, LogFact, OffsetsFact};
use crate::check::{Checker, Invariant};
use crate::log::{Offset, TopicPartition};
use crate::sim::{Event, ServiceId, Stamped, WorkEvent};
use crate::time::Instant;

/// The group.
pub(super) const GROUP: GroupId = GroupId(0);

/// The partition.
pub(super) fn partition() -> TopicPartition {
    TopicPartition::default()
}

pub(super) fn processed(offset: i64) -> Event {
    let (service, partition, offset) = (ServiceId(0), partition(), Offset(offset));
    Event::Work(WorkEvent::Processed { service, group: GROUP, partition, offset, key: None, epoch: None })
}

pub(super) fn committed(offset: i64) -> Event {
    let (partition, offset) = (partition(), Offset(offset));
    Event::Offsets(OffsetsFact::Committed { group: GROUP, member: None, partition, offset, epoch: None })
}

pub(super) fn deleted(log_start: i64) -> Event {
    Event::Log(LogFact::Deleted { partition: partition(), log_start_offset: Offset(log_start) })
}

/// Which invariant these events break first, if they break one.
pub(super) fn check_invariants(events: &[Event], expect: Option<Invariant>) {
    let mut checker = Checker::default();
    let mut observe = |event: &Event| checker.observe(&Stamped { at: Instant::START, event: event.clone() });
    let first = events.iter().find_map(|event| observe(event).err());
    assert_eq!(first.map(|violation| violation.invariant), expect);
}
