//! A broker on the bench: requests go in by hand, time is moved by hand, and every answer is kept under its ticket.

use catchup::broker::{
    Acks, Broker, BrokerConfig, ClientId, CommitRequest, Fact, FetchRequest, Generation, GroupError, GroupId,
    HeartbeatRequest, JoinRequest, Joined, LeaveRequest, Leaving, MemberId, Membership, Out, Protocol, Request,
    Response, Subscription, SyncRequest, Ticket, TopicConfig,
};
use catchup::log::{BatchBuilder, Isolation, LogConfig, NewRecord, Offset, PartitionId, TopicId, TopicPartition};
use catchup::time::{Instant, Span};
use std::sync::Arc;

/// `group.initial.rebalance.delay.ms`.
pub(crate) const INITIAL_DELAY_MS: u64 = 3_000;
/// `session.timeout.ms` of every member.
pub(crate) const SESSION_MS: u64 = 6_000;
/// `max.poll.interval.ms` of every member.
pub(crate) const REBALANCE_MS: u64 = 10_000;

/// The partition with this number of the bench's first topic.
pub(crate) fn partition(number: u32) -> TopicPartition {
    TopicPartition { topic: TopicId(0), partition: PartitionId(number) }
}

/// A request to join as a new member, or as `member` again.
pub(crate) fn join_request(group: GroupId, member: Option<MemberId>, topics: &[u16]) -> JoinRequest {
    let topics = topics.iter().copied().map(TopicId).collect();
    let subscription = Subscription { topics, owned: Arc::default(), generation: Generation(-1) };
    JoinRequest {
        group,
        member,
        instance: None,
        protocols: Arc::new([Protocol { name: "range".into(), subscription }]),
        session_timeout: Span::from_ms(SESSION_MS),
        rebalance_timeout: Span::from_ms(REBALANCE_MS),
    }
}

/// What a leader hands in: for each member its partitions of the first topic.
pub(crate) fn parts(parts: &[(MemberId, &[u32])]) -> Vec<(MemberId, Arc<[TopicPartition]>)> {
    parts.iter().map(|(member, numbers)| (*member, numbers.iter().copied().map(partition).collect())).collect()
}

/// A broker with two topics of three partitions, and one group.
pub(crate) struct Bench {
    pub(crate) broker: Broker,
    pub(crate) group: GroupId,
    out: Out,
    now: Instant,
    next_client: u32,
}

impl Bench {
    /// At time 0, without members.
    pub(crate) fn new() -> Self {
        let mut broker = Broker::new(BrokerConfig {
            group_initial_rebalance_delay: Span::from_ms(INITIAL_DELAY_MS),
            ..BrokerConfig::default()
        });
        for name in ["one", "two"] {
            broker.create_topic(&TopicConfig {
                name: name.into(),
                partitions: 3,
                replication_factor: 1,
                log: LogConfig::default(),
            });
        }
        let group = broker.group_id("readers");
        Self { broker, group, out: Out::default(), now: Instant::START, next_client: 0 }
    }

    /// A bench whose group is stable in generation 1, with these members; the first leads, and each reads the partition of its
    /// place. It is as late as the initial delay is long.
    pub(crate) fn with_members(count: u32) -> (Self, Vec<MemberId>) {
        let mut bench = Self::new();
        let joins: Vec<Ticket> = (0..count).map(|_| bench.join(None)).collect();
        bench.go_to_answer(joins[0]);
        let members: Vec<MemberId> = joins.iter().map(|join| bench.joined(*join).member).collect();
        let assignments: Vec<_> =
            members.iter().zip(0..).map(|(member, number)| (*member, [partition(number)].into())).collect();
        for (index, member) in members.iter().enumerate() {
            bench.sync(*member, 1, if index == 0 { assignments.clone() } else { Vec::new() });
        }
        (bench, members)
    }

    /// Sends a request over a connection of its own.
    pub(crate) fn ask(&mut self, request: Request) -> Ticket {
        let ticket = Ticket { client: ClientId(self.next_client), correlation: 7 };
        self.next_client += 1;
        self.broker.handle(self.now, ticket, request, &mut self.out);
        ticket
    }

    /// Moves time to `ms`, and lets the broker do what becomes due on the way.
    pub(crate) fn go_to(&mut self, ms: u64) {
        let until = Instant::from_ms(ms);
        assert!(until >= self.now, "time does not go back");
        while self.broker.deadline() <= until {
            self.now = self.now.max(self.broker.deadline());
            self.broker.tick(self.now, &mut self.out);
        }
        self.now = until;
    }

    /// Moves time on until `ticket` is answered, and says when that was.
    pub(crate) fn go_to_answer(&mut self, ticket: Ticket) -> u64 {
        while self.answer(ticket).is_none() {
            assert!(self.now < Instant::from_ms(1_000_000), "it is never answered");
            self.go_to(self.broker.deadline().as_ms());
        }
        self.now.as_ms()
    }

    /// The time.
    pub(crate) fn now_ms(&self) -> u64 {
        self.now.as_ms()
    }

    /// What `ticket` was answered, if it was; twice is a mistake of the broker.
    pub(crate) fn answer(&self, ticket: Ticket) -> Option<&Response> {
        let mut answers = self.out.replies.iter().filter(|reply| reply.to == ticket);
        let first = answers.next();
        assert!(answers.next().is_none(), "{ticket:?} was answered twice");
        first.map(|reply| &reply.response)
    }

    /// What has happened so far.
    pub(crate) fn facts(&self) -> &[Fact] {
        &self.out.facts
    }

    /// Joins the first topic's readers.
    pub(crate) fn join(&mut self, member: Option<MemberId>) -> Ticket {
        self.ask(Request::JoinGroup(join_request(self.group, member, &[0])))
    }

    /// Joins the first topic's readers as a static member.
    pub(crate) fn join_static(&mut self, instance: &str, member: Option<MemberId>) -> Ticket {
        let request = join_request(self.group, member, &[0]);
        self.ask(Request::JoinGroup(JoinRequest { instance: Some(instance.into()), ..request }))
    }

    /// Joins the first topic's readers with these assignors, in order of preference.
    pub(crate) fn join_with(&mut self, instance: Option<&str>, protocols: &[&str]) -> Ticket {
        let request = JoinRequest { instance: instance.map(Into::into), ..join_request(self.group, None, &[0]) };
        let subscription = request.protocols[0].subscription.clone();
        let protocol = |name: &&str| Protocol { name: (*name).into(), subscription: subscription.clone() };
        self.ask(Request::JoinGroup(JoinRequest { protocols: protocols.iter().map(protocol).collect(), ..request }))
    }

    /// Does something with the group that no request asks for.
    pub(crate) fn manage<T>(&mut self, act: impl FnOnce(&mut Broker, Instant, GroupId, &mut Out) -> T) -> T {
        act(&mut self.broker, self.now, self.group, &mut self.out)
    }

    /// The answer to a join, which must be there.
    pub(crate) fn join_answer(&self, ticket: Ticket) -> Result<Joined, GroupError> {
        match self.answer(ticket) {
            Some(Response::JoinGroup(answer)) => answer.clone(),
            other => panic!("{other:?} is no answer to a join"),
        }
    }

    /// The place in the generation that a join brought.
    pub(crate) fn joined(&self, ticket: Ticket) -> Joined {
        self.join_answer(ticket).expect("the join is granted")
    }

    /// What a member shows.
    pub(crate) fn membership(&self, member: MemberId, generation: i32) -> Membership {
        Membership { group: self.group, member, generation: Generation(generation), instance: None }
    }

    /// Asks for an assignment; a leader brings everyone's.
    pub(crate) fn sync(
        &mut self,
        member: MemberId,
        generation: i32,
        assignments: Vec<(MemberId, Arc<[TopicPartition]>)>,
    ) -> Ticket {
        let membership = self.membership(member, generation);
        self.ask(Request::SyncGroup(SyncRequest { membership, assignments }))
    }

    /// The answer to a sync, which must be there, as numbers of partitions.
    pub(crate) fn synced(&self, ticket: Ticket) -> Result<Vec<u32>, GroupError> {
        match self.answer(ticket) {
            Some(Response::SyncGroup(answer)) => {
                answer.clone().map(|parts| parts.iter().map(|part| part.partition.0).collect())
            }
            other => panic!("{other:?} is no answer to a sync"),
        }
    }

    /// Sends a heartbeat, which is answered at once.
    pub(crate) fn heartbeat(&mut self, member: MemberId, generation: i32) -> Result<(), GroupError> {
        let membership = self.membership(member, generation);
        let ticket = self.ask(Request::Heartbeat(HeartbeatRequest { membership }));
        match self.answer(ticket) {
            Some(Response::Heartbeat(answer)) => *answer,
            other => panic!("{other:?} is no answer to a heartbeat"),
        }
    }

    /// Leaves, which is answered at once.
    pub(crate) fn leave(&mut self, member: MemberId) -> Result<(), GroupError> {
        let members = vec![Leaving { member: Some(member), instance: None }];
        let ticket = self.ask(Request::LeaveGroup(LeaveRequest { group: self.group, members }));
        match self.answer(ticket) {
            Some(Response::LeaveGroup(Ok(answers))) => answers[0],
            other => panic!("{other:?} is no answer to a leave"),
        }
    }

    /// Commits an offset of partition 0, which is answered at once.
    pub(crate) fn commit(&mut self, member: MemberId, generation: i32, offset: i64) -> Result<(), GroupError> {
        let membership = Some(self.membership(member, generation));
        let offsets = vec![(partition(0), Offset(offset).into())];
        let ticket = self.ask(Request::OffsetCommit(CommitRequest { group: self.group, membership, offsets }));
        match self.answer(ticket) {
            Some(Response::OffsetCommit(answer)) => *answer,
            other => panic!("{other:?} is no answer to a commit"),
        }
    }

    /// What the group has committed in partition 0.
    pub(crate) fn committed(&self) -> Option<i64> {
        self.broker.group(self.group).committed(partition(0)).map(|offset| offset.0)
    }

    /// Appends one record to a partition.
    pub(crate) fn produce(&mut self, to: TopicPartition) -> Ticket {
        let mut builder = BatchBuilder::default();
        builder.push(&NewRecord { value: Some(b"placed"), ..NewRecord::default() });
        let batch = builder.finish().expect("a batch of one record");
        self.ask(Request::Produce { partition: to, batch, acks: Acks::All })
    }

    /// Asks for records of these partitions from these offsets on.
    pub(crate) fn fetch(&mut self, partitions: &[(u32, i64)], max_wait_ms: u64) -> Ticket {
        let partitions = partitions.iter().map(|(number, from)| (partition(*number), Offset(*from).into())).collect();
        let max_wait = Span::from_ms(max_wait_ms);
        self.ask(Request::Fetch(FetchRequest {
            partitions,
            max_wait,
            max_partition_bytes: 1_024,
            isolation: Isolation::ReadUncommitted,
        }))
    }
}
