//! Where a consumer begins to read, and how it reads on.

use super::{Asked, Chore, Consumer, ConsumerError, Phase, Rejoin};
use crate::broker::{
    EpochEnd, FetchPartitionError, FetchRequest, FetchedPartition, GroupError, ListOffsetsRequest, ListedOffset,
    OffsetFetchRequest, OffsetSpec, Request,
};
use crate::client::ConsumedRecord;
use crate::log::{BatchView, Batches, CommittedRecords, FetchError, Offset, OffsetAndEpoch, TopicPartition};

/// How far it is with finding its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// It asks what its group has committed.
    #[default]
    AskCommitted,
    /// It asks where that is.
    AskListed(OffsetSpec),
    /// It has a position.
    Reading,
    /// There is no such partition.
    Missing,
}

/// Where it is in a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) stage: Stage,
    /// After what polls have returned.
    pub(super) position: OffsetAndEpoch,
    /// After what is in hand for the next polls.
    fetch_from: OffsetAndEpoch,
    /// What is known to be committed.
    pub(super) committed: Option<Offset>,
}

impl Consumer {
    /// Goes on there, whatever is committed there. False if it does not read this partition.
    pub fn seek(&mut self, partition: TopicPartition, to: OffsetAndEpoch) -> bool {
        let Some(place) = self.places.get_mut(&partition) else { return false };
        *place = Place { stage: Stage::Reading, position: to, fetch_from: to, committed: place.committed };
        self.buffer.retain(|other| other != partition);
        self.error = self.error.filter(|error| error.partition() != Some(partition));
        self.proceed();
        true
    }

    /// The records of a poll. With an eager assignor there are none while it is about to give its partitions up.
    pub(super) fn take_records(&mut self) -> Vec<ConsumedRecord> {
        let gives_up = self.rejoin == Rejoin::Begun && !self.config.assignor.is_cooperative();
        if gives_up || self.is_paused || self.error.is_some() || self.phase == Phase::Closing {
            return Vec::new();
        }
        let (records, positions) = self.buffer.take(self.config.max_poll_records as usize);
        for (partition, position) in positions {
            if let Some(place) = self.places.get_mut(&partition) {
                place.position = position;
            }
        }
        records
    }

    fn in_stage(&self, is_it: impl Fn(Stage) -> bool) -> Vec<TopicPartition> {
        self.places.iter().filter(|(_, place)| is_it(place.stage)).map(|(partition, _)| *partition).collect()
    }

    /// Asks where its group is in the partitions that are new. Offsets that an open transaction may change are not stable.
    pub(super) fn ask_committed(&mut self) {
        let partitions = self.in_stage(|stage| stage == Stage::AskCommitted);
        let is_asking =
            self.must_wait(Chore::AskCommitted) || self.in_flight.any(|it| matches!(it, Asked::Committed(_)));
        if !partitions.is_empty() && !is_asking {
            let (group, asked) = (self.config.group, partitions.clone());
            let request = OffsetFetchRequest { group, partitions, require_stable: true };
            self.request(Asked::Committed(asked), Request::OffsetFetch(request));
        }
    }

    pub(super) fn begin_at_committed(
        &mut self,
        offsets: Vec<(TopicPartition, Result<Option<OffsetAndEpoch>, GroupError>)>,
    ) {
        for (partition, offset) in offsets {
            let Some(place) = self.places.get_mut(&partition).filter(|place| place.stage == Stage::AskCommitted) else {
                continue;
            };
            match offset {
                Ok(Some(committed)) => {
                    place.committed = Some(committed.offset);
                    self.begin(partition, committed);
                }
                Ok(None) => self.reset(partition, ConsumerError::NoOffsetForPartition { partition }),
                Err(error) => {
                    self.put_off(Chore::AskCommitted);
                    self.take_to_heart(error);
                }
            }
        }
    }

    /// Begins again as `auto.offset.reset` says, or stops with `error`.
    fn reset(&mut self, partition: TopicPartition, error: ConsumerError) {
        let Some(place) = self.places.get_mut(&partition) else { return };
        match self.config.auto_offset_reset.spec() {
            Some(spec) => place.stage = Stage::AskListed(spec),
            None => self.error = Some(error),
        }
    }

    pub(super) fn ask_listed(&mut self) {
        let wanted = self.places.iter().filter_map(|(partition, place)| match place.stage {
            Stage::AskListed(spec) => Some((*partition, spec)),
            Stage::AskCommitted | Stage::Reading | Stage::Missing => None,
        });
        let partitions: Vec<(TopicPartition, OffsetSpec)> = wanted.collect();
        let is_asking = self.must_wait(Chore::AskListed) || self.in_flight.any(|it| matches!(it, Asked::Listed(_)));
        if !partitions.is_empty() && !is_asking {
            let asked = partitions.iter().map(|(partition, _)| *partition).collect();
            let request = ListOffsetsRequest { isolation: self.config.isolation, partitions };
            self.request(Asked::Listed(asked), Request::ListOffsets(request));
        }
    }

    pub(super) fn begin_at_listed(&mut self, offsets: Vec<ListedOffset>) {
        for ListedOffset { partition, offset } in offsets {
            let Some(place) = self.places.get_mut(&partition) else { continue };
            match (place.stage, offset) {
                (Stage::AskListed(_), Ok(Some(offset))) => self.begin(partition, offset),
                (Stage::AskListed(_), Err(FetchPartitionError::UnknownTopicOrPartition)) => {
                    place.stage = Stage::Missing;
                }
                (Stage::AskListed(_), Ok(None) | Err(_)) => self.put_off(Chore::AskListed),
                (Stage::AskCommitted | Stage::Reading | Stage::Missing, _) => {}
            }
        }
    }

    /// Reads from there on, after what is in hand.
    fn begin(&mut self, partition: TopicPartition, from: OffsetAndEpoch) {
        let has_some = self.buffer.has(partition);
        if has_some {
            self.buffer.skip(partition, from);
        }
        if let Some(place) = self.places.get_mut(&partition) {
            place.stage = Stage::Reading;
            place.fetch_from = from;
            place.position = if has_some { place.position } else { from };
        }
    }

    /// Fetches ahead while there is less in hand than one poll may take.
    pub(super) fn fetch(&mut self) {
        let wants_more = self.buffer.len() < self.config.max_poll_records as usize;
        let is_fetching = self.must_wait(Chore::Fetch) || self.in_flight.any(|it| matches!(it, Asked::Fetch(_)));
        let reading = self.places.iter().filter(|(_, place)| place.stage == Stage::Reading);
        let partitions: Vec<_> = reading.map(|(partition, place)| (*partition, place.fetch_from)).collect();
        if wants_more && !is_fetching && !self.is_paused && !partitions.is_empty() {
            let asked = partitions.clone();
            let request = FetchRequest {
                partitions,
                max_wait: self.config.fetch_max_wait,
                max_partition_bytes: self.config.max_partition_fetch_bytes,
                isolation: self.config.isolation,
            };
            self.request(Asked::Fetch(asked), Request::Fetch(request));
        }
    }

    /// Takes in what was found, but not where it has sought another offset or lost the partition since it asked.
    pub(super) fn fetched(&mut self, asked: &[(TopicPartition, OffsetAndEpoch)], found: &[FetchedPartition]) {
        for found in found {
            let is_expected = |place: &&mut Place| {
                place.stage == Stage::Reading && asked.contains(&(found.partition, place.fetch_from))
            };
            let Some(place) = self.places.get_mut(&found.partition).filter(is_expected) else { continue };
            match &found.batches {
                Ok(bytes) => self.take_in(found, bytes),
                // Whoever asks again later may find another leader.
                Err(FetchPartitionError::LeaderNotAvailable | FetchPartitionError::Disconnected) => {
                    self.put_off(Chore::Fetch);
                }
                // No topic is created or deleted during a run: there will never be anything to read there.
                Err(FetchPartitionError::UnknownTopicOrPartition) => place.stage = Stage::Missing,
                Err(FetchPartitionError::Read(FetchError::OffsetOutOfRange { offset, .. })) => {
                    self.out_of_range(found.partition, *offset);
                }
                Err(FetchPartitionError::DivergingEpoch(end)) => self.truncated(found.partition, *end),
            }
        }
    }

    /// What is in hand is handed out before it stops.
    fn out_of_range(&mut self, partition: TopicPartition, offset: Offset) {
        if self.config.auto_offset_reset.spec().is_none() && self.buffer.has(partition) {
            self.put_off(Chore::Fetch);
        } else {
            self.reset(partition, ConsumerError::OffsetOutOfRange { partition, offset });
        }
    }

    /// What it has read last is not in the log any more. What is in hand it drops, and asks again from where polls have come to; if
    /// that is not in the log either, it goes on from where the log is the same still, whichever `auto.offset.reset` it has, if it has
    /// one. (Kafka's client finds that out with a request of its own, `OffsetsForLeaderEpoch`, as soon as it hears of a new leader; this one
    /// with its next fetch, as Kafka's followers do.)
    fn truncated(&mut self, partition: TopicPartition, end: EpochEnd) {
        let has_some = self.buffer.has(partition);
        self.buffer.retain(|other| other != partition);
        let resets = self.config.auto_offset_reset.spec().is_some();
        let Some(place) = self.places.get_mut(&partition) else { return };
        if has_some {
            place.fetch_from = place.position;
        } else if resets {
            place.position = OffsetAndEpoch { offset: end.end_offset, epoch: Some(end.epoch) };
            place.fetch_from = place.position;
        } else {
            let (offset, end) = (place.position.offset, end.end_offset);
            self.error = Some(ConsumerError::LogTruncation { partition, offset, end });
        }
    }

    /// Keeps the records that its isolation level lets it see. The position moves over the others, over markers, and over
    /// what compaction has removed: what matters is where the last batch ends, not what it holds.
    fn take_in(&mut self, found: &FetchedPartition, bytes: &[u8]) {
        let Some(place) = self.places.get_mut(&found.partition) else { return };
        let from = place.fetch_from;
        let mut batches = Batches::new(bytes);
        let (mut batch, mut next) = (batches.next(), from.offset);
        for record in CommittedRecords::new(Batches::new(bytes), found.aborted.clone()) {
            while batch.is_some_and(|batch| batch.last_offset() < record.offset) {
                batch = batches.next();
            }
            if record.offset >= from.offset {
                next = record.offset.next();
                let epoch = batch.map(BatchView::leader_epoch).unwrap_or_default();
                self.buffer.push(found.partition, ConsumedRecord::new(found.partition, epoch, &record));
            }
        }
        let end = batches.last().or(batch).map(end_of).filter(|end| end.offset > from.offset).unwrap_or(from);
        place.fetch_from = end;
        if end.offset > next && self.buffer.has(found.partition) {
            self.buffer.skip(found.partition, end);
        } else if end.offset > next {
            place.position = end;
        }
    }
}

fn end_of(batch: BatchView<'_>) -> OffsetAndEpoch {
    OffsetAndEpoch { offset: batch.last_offset().next(), epoch: Some(batch.leader_epoch()) }
}
