//! Fetches: answered at once when there is something to read, parked until there is when not.

use super::cluster::Cluster;
use super::node::Reach;
use super::{ClientId, FetchPartitionError, FetchRequest, FetchedPartition, Out, Response, Ticket, Topic};
use crate::log::{Fetched, Offset, OffsetAndEpoch, TopicPartition};
use crate::time::Instant;

/// What stands for the offset of a partition that is not there, as in Kafka's answers.
const NO_OFFSET: Offset = Offset(-1);

/// A fetch that found nothing, with the time at which it is answered all the same.
#[derive(Clone, Debug)]
struct ParkedFetch {
    ticket: Ticket,
    request: FetchRequest,
    until: Instant,
}

/// The fetches that wait for records; one a client at the most, for a client waits for its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct ParkedFetches(Vec<ParkedFetch>);

impl ParkedFetches {
    /// Answers the fetch, or parks it if there is nothing to answer with.
    pub(super) fn fetch(
        &mut self,
        now: Instant,
        ticket: Ticket,
        request: FetchRequest,
        from: Source<'_>,
        out: &mut Out,
    ) {
        let found = read(&request, from);
        if found.is_empty() {
            let until = now + request.max_wait;
            self.0.push(ParkedFetch { ticket, request, until });
        } else {
            out.reply(ticket, Response::Fetch(found));
        }
    }

    /// Answers those that waited for records in `partition`, if they find some: readers of committed records do not see what
    /// a transaction that is still open has written.
    pub(super) fn appended(&mut self, partition: TopicPartition, from: Source<'_>, out: &mut Out) {
        self.answer(out, |parked| {
            let waits = parked.request.partitions.iter().any(|(wanted, _)| *wanted == partition);
            waits.then(|| read(&parked.request, from)).filter(|found| !found.is_empty())
        });
    }

    /// Answers those that have waited as long as they wanted to.
    pub(super) fn expire(&mut self, now: Instant, from: Source<'_>, out: &mut Out) {
        self.answer(out, |parked| (parked.until <= now).then(|| read(&parked.request, from)));
    }

    /// Answers those for which there is something to say after brokers have come or gone.
    pub(super) fn look_again(&mut self, from: Source<'_>, out: &mut Out) {
        self.answer(out, |parked| Some(read(&parked.request, from)).filter(|found| !found.is_empty()));
    }

    /// Drops what a client was waiting for.
    pub(super) fn forget(&mut self, client: ClientId) {
        self.0.retain(|parked| parked.ticket.client != client);
    }

    /// When the next one has waited long enough.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.iter().map(|parked| parked.until).min()
    }

    /// Answers those for which there is an answer.
    fn answer(&mut self, out: &mut Out, answer: impl Fn(&ParkedFetch) -> Option<Vec<FetchedPartition>>) {
        self.0.retain(|parked| match answer(parked) {
            Some(found) => {
                out.reply(parked.ticket, Response::Fetch(found));
                false
            }
            None => true,
        });
    }
}

/// Where to read: the logs, and whether their leaders can be reached.
type Source<'a> = (&'a [Topic], &'a Cluster);

fn read(request: &FetchRequest, from: Source<'_>) -> Vec<FetchedPartition> {
    let wanted = request.partitions.iter();
    wanted.filter_map(|(partition, place)| read_partition(*partition, *place, request, from)).collect()
}

fn read_partition(
    partition: TopicPartition,
    from: OffsetAndEpoch,
    request: &FetchRequest,
    (topics, cluster): Source<'_>,
) -> Option<FetchedPartition> {
    let refused = |error| {
        let (batches, log_start_offset) = (Err(error), NO_OFFSET);
        Some(FetchedPartition { partition, batches, log_start_offset, aborted: Vec::new() })
    };
    let topic = topics.get(usize::from(partition.topic.0));
    let Some((log, replicas)) = topic.and_then(|topic| topic.replicated(partition.partition)) else {
        return refused(FetchPartitionError::UnknownTopicOrPartition);
    };
    match cluster.reach(replicas) {
        Reach::Serves => {}
        Reach::Silent => return None,
        Reach::NoLeader => return refused(FetchPartitionError::LeaderNotAvailable),
        Reach::Refused => return refused(FetchPartitionError::Disconnected),
    }
    if let Some(end) = replicas.diverges(from, log.log_end_offset()) {
        return refused(FetchPartitionError::DivergingEpoch(end));
    }
    let log_start_offset = log.log_start_offset();
    match log.fetch(from.offset, request.isolation, request.max_partition_bytes) {
        Ok(found) if found.bytes.is_empty() => None,
        Ok(Fetched { bytes, aborted }) => {
            Some(FetchedPartition { partition, batches: Ok(bytes.into()), log_start_offset, aborted })
        }
        Err(error) => {
            let batches = Err(FetchPartitionError::Read(error));
            Some(FetchedPartition { partition, batches, log_start_offset, aborted: Vec::new() })
        }
    }
}
