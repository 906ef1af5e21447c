//! A broker with one group, to which a script speaks by names: of joins for members, and of texts for assignments.

use super::group_case::MemberRef;
use catchup::broker::{
    Broker, BrokerConfig, ClientId, Generation, GroupError, GroupId, MemberId, Membership, Out, Request, Response,
    Ticket,
};
use catchup::log::{Offset, OffsetAndEpoch, PartitionId, TopicId, TopicPartition};
use catchup::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An id that is never given to a member; it stands for all ids that a script makes up.
const MADE_UP: MemberId = MemberId(u32::MAX);
/// The topic whose partitions stand for the texts of assignments.
const ASSIGNED: TopicId = TopicId(u16::MAX);

/// A broker and its group, the time, and what the script's names stand for.
pub(super) struct GroupBench {
    pub(super) broker: Broker,
    pub(super) group: GroupId,
    pub(super) out: Out,
    pub(super) now: Instant,
    tickets: u32,
    /// The joins and syncs by name.
    named: BTreeMap<String, Ticket>,
    /// The names of members in the order of their joins, each with the id it was given.
    members: Vec<(String, MemberId)>,
    texts: Vec<String>,
    topics: Vec<String>,
}

impl GroupBench {
    pub(super) fn new(config: BrokerConfig) -> Self {
        let mut broker = Broker::new(config);
        let group = broker.group_id("group");
        Self {
            broker,
            group,
            out: Out::default(),
            now: Instant::START,
            tickets: 0,
            named: BTreeMap::new(),
            members: Vec::new(),
            texts: Vec::new(),
            topics: Vec::new(),
        }
    }

    /// Sends a request over a connection of its own.
    pub(super) fn ask(&mut self, request: Request) -> Ticket {
        let ticket = Ticket { client: ClientId(self.tickets), correlation: 0 };
        self.tickets += 1;
        self.broker.handle(self.now, ticket, request, &mut self.out);
        ticket
    }

    /// Keeps a join or sync, whose answer may come later, under a name.
    pub(super) fn name(&mut self, name: &str, ticket: Ticket) {
        self.named.insert(name.to_owned(), ticket);
    }

    pub(super) fn ticket(&self, name: &str) -> Result<Ticket, String> {
        self.named.get(name).copied().ok_or_else(|| format!("nothing is called {name}"))
    }

    /// What `ticket` was answered, if it was.
    pub(super) fn answer(&self, ticket: Ticket) -> Option<&Response> {
        self.out.replies.iter().find(|reply| reply.to == ticket).map(|reply| &reply.response)
    }

    /// The answer that a request must have had at once.
    pub(super) fn answer_now(&mut self, request: Request) -> Result<Response, String> {
        let ticket = self.ask(request);
        self.answer(ticket).cloned().ok_or_else(|| "it is not answered at once".to_owned())
    }

    /// Moves time on, and lets the broker do what becomes due on the way, in order.
    pub(super) fn advance(&mut self, ms: u64) {
        let until = self.now + Span::from_ms(ms);
        while self.broker.deadline() <= until {
            self.now = self.now.max(self.broker.deadline());
            self.broker.tick(self.now, &mut self.out);
        }
        self.now = until;
    }

    /// Keeps the id of a join's member, once it is known.
    pub(super) fn learn(&mut self, name: &str, member: MemberId) {
        self.members.retain(|(known, _)| known != name);
        self.members.push((name.to_owned(), member));
    }

    /// The id that a reference stands for; `None` is the empty id.
    pub(super) fn member(&self, reference: &MemberRef) -> Result<Option<MemberId>, String> {
        match reference {
            MemberRef::Literal(id) if id.is_empty() => Ok(None),
            MemberRef::Literal(_) => Ok(Some(MADE_UP)),
            MemberRef::Of { r#ref } => self.member_called(r#ref).map(Some),
        }
    }

    pub(super) fn member_called(&self, name: &str) -> Result<MemberId, String> {
        let known = self.members.iter().find(|(known, _)| known == name);
        known.map(|(_, id)| *id).ok_or_else(|| format!("no member is called {name}"))
    }

    /// What a member shows. An empty id is none that the group could know.
    pub(super) fn membership(
        &self,
        member: &MemberRef,
        generation: i32,
        instance: Option<&String>,
    ) -> Result<Membership, String> {
        let instance = instance.map(|instance| instance.as_str().into());
        Ok(Membership { instance, ..self.membership_of(self.member(member)?.unwrap_or(MADE_UP), generation) })
    }

    pub(super) fn membership_of(&self, member: MemberId, generation: i32) -> Membership {
        Membership { group: self.group, member, generation: Generation(generation), instance: None }
    }

    /// Partitions that stand for the text of an assignment; none for an empty one.
    pub(super) fn parts(&mut self, text: &str) -> Arc<[TopicPartition]> {
        if text.is_empty() {
            return Arc::default();
        }
        let partition = PartitionId(index_of(&mut self.texts, text));
        [TopicPartition { topic: ASSIGNED, partition }].into()
    }

    pub(super) fn text(&self, parts: &[TopicPartition]) -> String {
        parts.iter().map(|part| self.texts[part.partition.0 as usize].as_str()).collect()
    }

    /// The partition that is called `topic-0`.
    pub(super) fn partition(&mut self, name: &str) -> Result<TopicPartition, String> {
        let no_partition = || format!("{name} is no partition");
        let (topic, number) = name.rsplit_once('-').ok_or_else(no_partition)?;
        let partition = PartitionId(number.parse().map_err(|_| no_partition())?);
        Ok(TopicPartition { topic: self.topic(topic), partition })
    }

    pub(super) fn topic(&mut self, name: &str) -> TopicId {
        TopicId(index_of(&mut self.topics, name) as u16)
    }

    pub(super) fn offsets(
        &mut self,
        offsets: &BTreeMap<String, i64>,
    ) -> Result<Vec<(TopicPartition, OffsetAndEpoch)>, String> {
        offsets.iter().map(|(name, offset)| Ok((self.partition(name)?, Offset(*offset).into()))).collect()
    }
}

/// The place of `name` among `names`, at whose end it is put if it is new.
fn index_of(names: &mut Vec<String>, name: &str) -> u32 {
    let known = names.iter().position(|known| known == name);
    known.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    }) as u32
}

/// Kafka's name of an error.
pub(super) const fn error_name(error: GroupError) -> &'static str {
    match error {
        GroupError::UnknownMemberId => "UNKNOWN_MEMBER_ID",
        GroupError::IllegalGeneration => "ILLEGAL_GENERATION",
        GroupError::RebalanceInProgress => "REBALANCE_IN_PROGRESS",
        GroupError::InconsistentGroupProtocol => "INCONSISTENT_GROUP_PROTOCOL",
        GroupError::InvalidSessionTimeout => "INVALID_SESSION_TIMEOUT",
        GroupError::InvalidGroupId => "INVALID_GROUP_ID",
        GroupError::FencedInstanceId => "FENCED_INSTANCE_ID",
        GroupError::NotCoordinator => "NOT_COORDINATOR",
        GroupError::CoordinatorNotAvailable => "COORDINATOR_NOT_AVAILABLE",
        GroupError::UnstableOffsetCommit => "UNSTABLE_OFFSET_COMMIT",
        GroupError::NonEmptyGroup => "NON_EMPTY_GROUP",
        GroupError::GroupIdNotFound => "GROUP_ID_NOT_FOUND",
    }
}
