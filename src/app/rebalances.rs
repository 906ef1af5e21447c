//! The latest rebalance of each group: why it began, how long it took, and what it moved.

use crate::broker::{GroupFact, GroupId, GroupState, MemberId, RebalanceReason};
use crate::client::Assignor;
use crate::log::TopicPartition;
use crate::sim::{Event, Stamped};
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};

/// A rebalance that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RebalanceSummary {
    /// Why it began.
    pub reason: RebalanceReason,
    /// The generation that came of it.
    pub generation: i32,
    /// Whether its members kept what they had meanwhile, but for what moved.
    pub is_cooperative: bool,
    /// How long it took until everybody knew its share.
    pub took: Span,
    /// How many partitions have another reader than before, or one for the first time.
    pub moved: usize,
    /// How many partitions are read.
    pub assigned: usize,
}

/// The latest rebalance of each group.
#[derive(Clone, Debug, Default)]
pub(super) struct Rebalances(SortedMap<GroupId, Course>);

/// How the rebalances of one group go.
#[derive(Clone, Debug, Default)]
struct Course {
    begun: Option<(Instant, RebalanceReason)>,
    ended: Option<(RebalanceReason, i32, Span)>,
    is_cooperative: bool,
    readers: SortedMap<TopicPartition, MemberId>,
    readers_before: SortedMap<TopicPartition, MemberId>,
}

impl Rebalances {
    pub(super) fn observe(&mut self, stamped: &Stamped) {
        let Event::Group(fact) = &stamped.event else { return };
        match fact {
            GroupFact::RebalanceStarted { group, reason, .. } => {
                self.course(*group).begun.get_or_insert((stamped.at, *reason));
            }
            GroupFact::GenerationStarted { group, protocol, .. } => {
                self.course(*group).is_cooperative = Assignor::named(protocol).is_some_and(Assignor::is_cooperative);
            }
            GroupFact::Changed { group, state: GroupState::Stable, generation, .. } => {
                self.course(*group).end(stamped.at, generation.0);
            }
            // It is told right after the group has become stable.
            GroupFact::Assigned { group, member, partitions, .. } => {
                self.course(*group).readers.extend(partitions.iter().map(|partition| (*partition, *member)));
            }
            // Nobody is left who could wait.
            GroupFact::Changed { group, state: GroupState::Empty | GroupState::Dead, .. } => {
                self.course(*group).begun = None;
            }
            GroupFact::Changed { state: GroupState::PreparingRebalance | GroupState::CompletingRebalance, .. }
            | GroupFact::MemberJoined { .. }
            | GroupFact::MemberRejoined { .. }
            | GroupFact::MemberReplaced { .. }
            | GroupFact::MemberLeft { .. } => {}
        }
    }

    fn course(&mut self, group: GroupId) -> &mut Course {
        self.0.entry(group).or_default()
    }

    /// The latest rebalance of a group that is over.
    pub(super) fn latest(&self, group: GroupId) -> Option<RebalanceSummary> {
        let course = self.0.get(&group)?;
        let (reason, generation, took) = course.ended?;
        let before = &course.readers_before;
        let moved = course.readers.iter().filter(|(partition, member)| before.get(partition) != Some(member)).count();
        let (is_cooperative, assigned) = (course.is_cooperative, course.readers.len());
        Some(RebalanceSummary { reason, generation, is_cooperative, took, moved, assigned })
    }
}

impl Course {
    fn end(&mut self, at: Instant, generation: i32) {
        let Some((begun, reason)) = self.begun.take() else { return };
        self.ended = Some((reason, generation, at.since(begun)));
        self.readers_before = std::mem::take(&mut self.readers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::Generation;
    use crate::log::{PartitionId, TopicId};

    const GROUP: GroupId = GroupId(0);

    fn assigned(member: u32, partitions: &[u32]) -> Event {
        let partition = |number: &u32| TopicPartition { topic: TopicId(0), partition: PartitionId(*number) };
        let partitions = partitions.iter().map(partition).collect();
        Event::Group(GroupFact::Assigned {
            group: GROUP,
            generation: Generation(1),
            member: MemberId(member),
            partitions,
        })
    }

    fn started() -> Event {
        Event::Group(GroupFact::RebalanceStarted {
            group: GROUP,
            generation: Generation(1),
            reason: RebalanceReason::MemberJoined,
        })
    }

    fn stable(generation: i32) -> Event {
        let (state, generation) = (GroupState::Stable, Generation(generation));
        Event::Group(GroupFact::Changed { group: GROUP, state, generation, members: 2 })
    }

    #[test]
    fn a_rebalance_tells_how_long_it_took_and_what_it_moved() {
        let mut rebalances = Rebalances::default();
        let events = [(0, started()), (10, stable(1)), (10, assigned(1, &[0, 1, 2])), (50, started()), (60, started())];
        let rest = [(80, stable(2)), (80, assigned(1, &[0, 1])), (80, assigned(2, &[2]))];
        for (ms, event) in events.into_iter().chain(rest) {
            rebalances.observe(&Stamped { at: Instant::from_ms(ms), event });
        }
        let expect = RebalanceSummary {
            reason: RebalanceReason::MemberJoined,
            generation: 2,
            is_cooperative: false,
            took: Span::from_ms(30),
            moved: 1,
            assigned: 3,
        };
        assert_eq!(rebalances.latest(GROUP), Some(expect));
    }
}
