//! A consumer group under Kafka's classic protocol: who is a member, in which state the group is, and when time itself acts.
//!
//! What members ask is in `joining.rs`, `syncing.rs` and `leaving.rs`; what befalls it with its coordinator in `moving.rs`; settling the membership anew in `rebalance.rs`;
//! committed offsets in `offsets.rs`, `transactional.rs` and `expiry.rs`.
//!
//! Knowingly not Kafka's: a new member is not sent back once to fetch an id (`MEMBER_ID_REQUIRED`, KIP-394), there is no
//! `group.max.size`, and every group has the one protocol type `consumer`.

mod expiry;
mod joining;
mod leaving;
mod member;
mod moving;
mod offsets;
mod rebalance;
mod syncing;
mod transactional;

pub use member::{LeaveReason, Member};
pub use offsets::lag;

use super::{BrokerConfig, Fact, Generation, GroupError, GroupFact, GroupId, MemberId, Membership, Out, Subscription};
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};
use offsets::Offsets;
use rebalance::Rebalance;
use std::sync::Arc;

/// A group's state. The names are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupState {
    /// No members; committed offsets remain.
    Empty,
    /// Members are asked to join again.
    PreparingRebalance,
    /// Everyone has joined; the leader's assignment is awaited.
    CompletingRebalance,
    /// Every member has its assignment.
    Stable,
    /// Deleted, or handed over to another coordinator.
    Dead,
}

/// Why a group settles its membership anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebalanceReason {
    /// A member came.
    MemberJoined,
    /// A member left, or was taken for dead.
    MemberLeft,
    /// A member joined again, with other wishes or as the leader.
    MemberRejoined,
    /// A static member came back under a new id, while its place could not simply be kept for it.
    StaticMemberReplaced,
}

/// The broker's settings that every group obeys.
#[derive(Clone, Copy, Debug)]
struct GroupConfig {
    initial_rebalance_delay: Span,
    session_timeout_min: Span,
    session_timeout_max: Span,
}

/// A consumer group.
#[derive(Clone, Debug)]
pub struct Group {
    id: GroupId,
    name: Arc<str>,
    config: GroupConfig,
    /// Whether anybody has joined it or committed to it since it was last deleted.
    exists: bool,
    /// Whether it ever had members: one that did not is a mere place for offsets.
    had_members: bool,
    state: GroupState,
    state_since: Instant,
    generation: Generation,
    protocol: Option<Arc<str>>,
    leader: Option<MemberId>,
    members: SortedMap<MemberId, Member>,
    rebalance: Option<Rebalance>,
    /// When members that have joined this generation but never asked for their assignment are given up.
    sync_ends: Option<Instant>,
    offsets: Offsets,
    next_member: u32,
}

impl Group {
    pub(super) fn new(id: GroupId, name: &str, config: &BrokerConfig) -> Self {
        Self {
            id,
            name: name.into(),
            config: GroupConfig {
                initial_rebalance_delay: config.group_initial_rebalance_delay,
                session_timeout_min: config.group_min_session_timeout,
                session_timeout_max: config.group_max_session_timeout,
            },
            exists: false,
            had_members: false,
            state: GroupState::Empty,
            state_since: Instant::START,
            generation: Generation(0),
            protocol: None,
            leader: None,
            members: SortedMap::new(),
            rebalance: None,
            sync_ends: None,
            offsets: Offsets::default(),
            next_member: 1,
        }
    }

    /// The group's number.
    pub fn id(&self) -> GroupId {
        self.id
    }

    /// The group's name (`group.id`).
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether anybody has joined it or committed to it, since it was last deleted.
    pub fn exists(&self) -> bool {
        self.exists
    }

    /// The state it is in. One that nobody has used yet is `Empty`, though Kafka would not know it.
    pub fn state(&self) -> GroupState {
        self.state
    }

    /// How often its membership has been settled.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// The name of the assignor that the members of the present generation agreed on.
    pub fn protocol(&self) -> Option<&Arc<str>> {
        self.protocol.as_ref()
    }

    /// The member that assigns.
    pub fn leader(&self) -> Option<MemberId> {
        self.leader
    }

    /// Its members in the order in which they came.
    pub fn members(&self) -> &SortedMap<MemberId, Member> {
        &self.members
    }

    /// Whether a rebalance waits for members that have not joined again.
    pub fn counts_on_absent(&self) -> bool {
        self.state == GroupState::PreparingRebalance && !self.members.values().all(Member::has_joined)
    }

    /// When [`Group::tick`] has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.state == GroupState::Dead {
            return None;
        }
        let rebalance = self.rebalance.as_ref().map(Rebalance::ends);
        self.members.values().filter_map(Member::deadline).chain(rebalance).chain(self.sync_ends).min()
    }

    /// Expires the sessions that are due, and ends a rebalance that has waited long enough.
    pub(super) fn tick(&mut self, now: Instant, out: &mut Out) {
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        self.expire_sessions(now, out);
        if self.rebalance.as_ref().is_some_and(|rebalance| rebalance.ends() <= now) {
            self.rebalance_is_due(now, out);
        }
        if self.sync_ends.is_some_and(|ends| ends <= now) {
            self.sync_is_due(now, out);
        }
    }

    /// Whether the sender is a member of the present generation.
    fn check(&self, membership: &Membership) -> Result<(), GroupError> {
        if self.is_handed_over() {
            return Err(GroupError::CoordinatorNotAvailable);
        }
        self.check_member(membership.member, membership.instance.as_deref())?;
        if self.generation == membership.generation { Ok(()) } else { Err(GroupError::IllegalGeneration) }
    }

    /// Whether there is such a member, and the `group.instance.id`, if one is shown, is still its own.
    fn check_member(&self, member: MemberId, instance: Option<&str>) -> Result<(), GroupError> {
        let owner =
            instance.map(|instance| self.static_member(instance).ok_or(GroupError::UnknownMemberId)).transpose()?;
        if owner.is_some_and(|owner| owner != member) {
            Err(GroupError::FencedInstanceId)
        } else if self.members.contains_key(&member) {
            Ok(())
        } else {
            Err(GroupError::UnknownMemberId)
        }
    }

    /// The member that has this `group.instance.id` now.
    fn static_member(&self, instance: &str) -> Option<MemberId> {
        let is_it = |member: &Member| member.instance().is_some_and(|own| **own == *instance);
        self.members.iter().find(|(_, member)| is_it(member)).map(|(id, _)| *id)
    }

    /// What a member told under the protocol that was chosen.
    fn subscription_of(&self, member: &Member) -> Option<Subscription> {
        let protocol = self.protocol.as_deref()?;
        member.protocols().iter().find(|offered| *offered.name == *protocol).map(|offered| offered.subscription.clone())
    }

    /// Whether another coordinator has it, and clients must look for that one.
    fn is_handed_over(&self) -> bool {
        self.exists && self.state == GroupState::Dead
    }

    /// Brings it into being, if nobody has used it yet.
    fn create(&mut self, now: Instant) {
        if !self.exists {
            self.exists = true;
            self.state = GroupState::Empty;
            self.state_since = now;
        }
    }

    fn enter(&mut self, now: Instant, state: GroupState, out: &mut Out) {
        self.state = state;
        self.state_since = now;
        out.facts.push(Fact::Group(GroupFact::Changed {
            group: self.id,
            state,
            generation: self.generation,
            members: self.members.len() as u32,
        }));
    }
}
