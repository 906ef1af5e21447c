//! Letting a group begin elsewhere, as Kafka's tool for groups does it: the group must have no members. So its instances
//! finish what they have in hand and leave, the offsets are changed, and the instances begin again. Static members, which do not leave,
//! are taken out; for one that crashed the group waits as it always does, until its session ends.

use super::command::SeekTo;
use super::event::{Event, ServiceEvent, ServiceId};
use super::instance::{Ended, Plan, Role};
use super::world::World;
use crate::broker::{GroupId, GroupState, Out};
use crate::client::{LogBounds, OffsetReset, reset_offset, start_position};
use crate::log::{Isolation, Log, Offset, TopicPartition};

/// What a seek would do in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeekMove {
    /// The partition.
    pub partition: TopicPartition,
    /// Where the group would begin without it.
    pub from: Offset,
    /// Where it would begin.
    pub to: Offset,
}

impl SeekMove {
    /// How many offsets it would read again.
    pub fn replayed(self) -> u64 {
        self.from.records_since(self.to)
    }

    /// How many offsets it would leave out.
    pub fn skipped(self) -> u64 {
        self.to.records_since(self.from)
    }
}

impl World {
    /// What a seek would do, in each partition that the service reads. Changes nothing.
    pub fn seek_preview(&self, id: ServiceId, to: SeekTo) -> Vec<SeekMove> {
        let moves = self.partitions_read(id).into_iter().map(|partition| self.seek_move(id, partition, to));
        moves.flatten().collect()
    }

    /// Whether a service waits for its group to have no members, to begin elsewhere.
    pub fn is_seeking(&self, id: ServiceId) -> bool {
        self.service(id).seeking.is_some()
    }

    pub(super) fn seek(&mut self, id: ServiceId, to: SeekTo) {
        self.service_mut(id).seeking = Some(to);
        for index in self.indexes_running(id) {
            if self.running(id, index).is_some_and(|running| running.role == Role::Main) {
                self.plan(id, index, Plan::End(Ended::ShutDown));
            }
        }
        self.go_where_sought(id);
    }

    /// Changes the offsets, if a seek waits for that and the group has no members any more, and lets the service go on.
    pub(super) fn go_where_sought(&mut self, id: ServiceId) {
        let (Some(to), Some(group)) = (self.service(id).seeking, self.group_of(id)) else { return };
        if self.service(id).running().any(|running| running.role == Role::Main) {
            return;
        }
        if self.broker.group(group).state() != GroupState::Empty {
            return self.remove_who_stopped(group);
        }
        self.service_mut(id).seeking = None;
        self.alter_offsets(group, self.seek_preview(id, to));
        if self.service(id).online {
            self.start_instances(id);
        }
    }

    /// Static members keep their place in the group when they stop: they are taken out, and what waits for that goes on then.
    fn remove_who_stopped(&mut self, group: GroupId) {
        let mut out = Out::default();
        if self.broker.remove_static_members(self.now, group, &mut out) {
            self.after_broker(out, None);
        }
    }

    fn alter_offsets(&mut self, group: GroupId, moves: Vec<SeekMove>) {
        let offsets: Vec<(TopicPartition, Offset)> = moves.iter().map(|it| (it.partition, it.to)).collect();
        let mut out = Out::default();
        let altered = self.broker.alter_offsets(self.now, group, &offsets, &mut out);
        debug_assert!(altered.is_ok(), "the group has no members");
        for SeekMove { partition, from, to } in moves {
            self.emit(Event::Service(ServiceEvent::Sought { group, partition, from, to }));
        }
        self.after_broker(out, None);
    }

    fn seek_move(&self, id: ServiceId, partition: TopicPartition, to: SeekTo) -> Option<SeekMove> {
        let log = self.broker.log(partition)?;
        let config = self.read_config(id)?;
        let committed = self.broker.group(self.group_of(id)?).committed(partition);
        let bounds = LogBounds {
            log_start_offset: log.log_start_offset(),
            high_watermark: log.high_watermark(),
            last_stable_offset: log.last_stable_offset(),
        };
        let begins = start_position(config.auto_offset_reset, committed, &bounds, config.isolation());
        let (start, end) = (log.log_start_offset(), log.log_end_offset());
        let to = reset_offset(reset_of(log, to), committed, start, end).unwrap_or(start);
        Some(SeekMove { partition, from: begins.unwrap_or(start), to })
    }
}

/// As Kafka's tool has it.
fn reset_of(log: &Log, to: SeekTo) -> OffsetReset {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    match to {
        SeekTo::Earliest => OffsetReset::ToEarliest,
        SeekTo::Latest => OffsetReset::ToLatest,
        SeekTo::Offset(offset) => OffsetReset::ToOffset(Offset(whole(offset))),
        SeekTo::TimeMs(ms) => {
            let found = log.offset_for_time(whole(ms), Isolation::ReadUncommitted);
            OffsetReset::ToTime { found: found.map(|found| found.offset) }
        }
    }
}
