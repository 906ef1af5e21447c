//! A consumer on the bench: its requests are kept, its answers are made up.

use super::{at, batch, partition};
use catchup::broker::{
    FetchedPartition, Generation, GroupError, GroupId, Joined, JoinedMember, ListedOffset, MemberId, Request, Response,
    Subscription,
};
use catchup::client::{Assignor, AutoOffsetReset, Consumer, ConsumerConfig, ConsumerState};
use catchup::log::{Isolation, Offset, TopicId, TopicPartition};
use catchup::time::Span;
use std::sync::Arc;

pub(super) const ME: MemberId = MemberId(7);
const HEARTBEAT: Span = Span::from_ms(1_000);
const MAX_POLL_INTERVAL: Span = Span::from_ms(5_000);
const MAX_POLL_RECORDS: u32 = 3;
const REQUEST_TIMEOUT: Span = Span::from_ms(30_000);
const RETRY_BACKOFF: Span = Span::from_ms(100);

/// A consumer, and the requests that it sent.
pub(super) struct Bench {
    pub(super) consumer: Consumer,
    pub(super) sent: Vec<(u32, Request)>,
}

impl Bench {
    /// A consumer that has asked to join.
    pub(super) fn new() -> Self {
        Self::with(|_| ())
    }

    /// The same, with other settings.
    pub(super) fn with(set: impl FnOnce(&mut ConsumerConfig)) -> Self {
        let mut config = ConsumerConfig {
            group: GroupId(0),
            group_instance_id: None,
            topics: Arc::new([(TopicId(0), 1)]),
            assignor: Assignor::Range,
            auto_offset_reset: AutoOffsetReset::Earliest,
            isolation: Isolation::ReadUncommitted,
            auto_commit: None,
            session_timeout: Span::from_ms(6_000),
            heartbeat_interval: HEARTBEAT,
            max_poll_interval: MAX_POLL_INTERVAL,
            max_poll_records: MAX_POLL_RECORDS,
            fetch_max_wait: Span::from_ms(500),
            max_partition_fetch_bytes: 16_384,
            request_timeout: REQUEST_TIMEOUT,
            retry_backoff: RETRY_BACKOFF,
        };
        set(&mut config);
        Self { consumer: Consumer::new(config), sent: Vec::new() }
    }

    /// A consumer that reads its partition from offset 0 on, in generation 1.
    pub(super) fn reading() -> Self {
        Self::reading_with(|_| ())
    }

    /// The same, with other settings.
    pub(super) fn reading_with(set: impl FnOnce(&mut ConsumerConfig)) -> Self {
        let mut bench = Self::with(set);
        bench.consumer.poll(at(0));
        bench.settles(1, &[partition()]);
        bench.answer_last(0, committed(Some(0)));
        assert_eq!(bench.consumer.state(), ConsumerState::Reading);
        bench
    }

    /// Answers its requests to join and to sync.
    pub(super) fn settles(&mut self, generation: i32, assignment: &[TopicPartition]) {
        self.answer_last(0, joined(generation));
        self.answer_last(0, Response::SyncGroup(Ok(assignment.into())));
    }

    /// A heartbeat is answered so.
    pub(super) fn hears(&mut self, ms: u64, answer: Result<(), GroupError>) {
        self.consumer.tick(at(ms));
        self.answer_last(ms, Response::Heartbeat(answer));
    }

    /// The last request that it sent.
    pub(super) fn last(&mut self) -> &Request {
        self.sends();
        &self.sent.last().expect("it has sent something").1
    }

    /// The offsets of its last commit.
    pub(super) fn commits(&mut self) -> Vec<(TopicPartition, Offset)> {
        let Request::OffsetCommit(commit) = self.last() else { panic!("the last request is a commit") };
        commit.offsets.iter().map(|(partition, place)| (*partition, place.offset)).collect()
    }

    /// From where it fetched last.
    pub(super) fn fetches(&mut self) -> Vec<(TopicPartition, Offset)> {
        let Request::Fetch(fetch) = self.last() else { panic!("the last request is a fetch") };
        fetch.partitions.iter().map(|(partition, place)| (*partition, place.offset)).collect()
    }

    /// The kinds and numbers of the requests that it has sent since the last time.
    pub(super) fn sends(&mut self) -> Vec<(&'static str, u32)> {
        let requests = self.consumer.take_requests();
        let names = requests.iter().map(|(number, request)| (name(request), *number)).collect();
        self.sent.extend(requests);
        names
    }

    /// Answers its latest request, which must be one to which this is an answer.
    pub(super) fn answer_last(&mut self, ms: u64, response: Response) {
        self.sends();
        let (number, request) = self.sent.last().expect("it has sent something");
        assert_eq!(name(request), name_of_answer(&response));
        self.consumer.handle(at(ms), *number, response);
    }

    pub(super) fn poll_offsets(&mut self) -> Vec<i64> {
        self.consumer.poll(at(0)).iter().map(|record| record.offset.0).collect()
    }
}

const fn name(request: &Request) -> &'static str {
    match request {
        Request::Produce { .. } => "produce",
        Request::Fetch(_) => "fetch",
        Request::ListOffsets(_) => "list",
        Request::Metadata(_) => "metadata",
        Request::JoinGroup(_) => "join",
        Request::SyncGroup(_) => "sync",
        Request::Heartbeat(_) => "heartbeat",
        Request::LeaveGroup(_) => "leave",
        Request::OffsetCommit(_) => "commit",
        Request::OffsetFetch(_) => "offsets",
        Request::InitProducerId(_)
        | Request::AddPartitionsToTxn(_)
        | Request::AddOffsetsToTxn(_)
        | Request::TxnOffsetCommit(_)
        | Request::EndTxn(_) => "transaction",
    }
}

const fn name_of_answer(response: &Response) -> &'static str {
    match response {
        Response::Produce { .. } => "produce",
        Response::Fetch(_) => "fetch",
        Response::ListOffsets(_) => "list",
        Response::Metadata(_) => "metadata",
        Response::JoinGroup(_) => "join",
        Response::SyncGroup(_) => "sync",
        Response::Heartbeat(_) => "heartbeat",
        Response::LeaveGroup(_) => "leave",
        Response::OffsetCommit(_) => "commit",
        Response::OffsetFetch(_) => "offsets",
        Response::InitProducerId(_)
        | Response::AddPartitionsToTxn(_)
        | Response::AddOffsetsToTxn(_)
        | Response::TxnOffsetCommit(_)
        | Response::EndTxn(_) => "transaction",
    }
}

pub(super) fn joined(generation: i32) -> Response {
    let subscription =
        Subscription { topics: [TopicId(0)].into(), owned: Arc::default(), generation: Generation(generation - 1) };
    let members = vec![JoinedMember { member: ME, instance: None, subscription }];
    let generation = Generation(generation);
    let joined =
        Joined { member: ME, generation, protocol: "range".into(), leader: ME, members, skip_assignment: false };
    Response::JoinGroup(Ok(joined))
}

pub(super) fn synced() -> Response {
    Response::SyncGroup(Ok([partition()].into()))
}

pub(super) fn committed(offset: Option<i64>) -> Response {
    Response::OffsetFetch(vec![(partition(), Ok(offset.map(|offset| Offset(offset).into())))])
}

pub(super) fn listed(offset: i64) -> Response {
    Response::ListOffsets(vec![ListedOffset { partition: partition(), offset: Ok(Some(Offset(offset).into())) }])
}

pub(super) fn found(records: u32) -> Response {
    let batches = Ok(Arc::from(batch(records).view().bytes()));
    Response::Fetch(vec![FetchedPartition {
        partition: partition(),
        batches,
        log_start_offset: Offset::ZERO,
        aborted: Vec::new(),
    }])
}
