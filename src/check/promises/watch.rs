//! One group, watched: what each event says of the promises that can be judged at once.

use super::kept::Taken;
use super::promise::{Cause, Promise};
use crate::broker::{Generation, MemberId};
use crate::log::{Offset, TopicPartition};
use crate::sorted::SortedMap;

/// A group.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    committed: SortedMap<TopicPartition, Offset>,
    /// The offset after the last record that was processed, or left out.
    done: SortedMap<TopicPartition, Offset>,
    taken: Taken,
    /// Where each instance will go on.
    next: SortedMap<(u32, TopicPartition), Offset>,
    owners: SortedMap<TopicPartition, MemberId>,
    generation: Option<Generation>,
}

/// What was not as promised: which promise, where, and by what.
pub(super) type Fault = (Promise, TopicPartition, Offset, Cause);

impl Watch {
    /// What was taken of each partition.
    pub(super) fn taken(&self) -> &Taken {
        &self.taken
    }

    /// A group commits where it will go on. A commit that does not go forward nor back says nothing new.
    pub(super) fn commits(&mut self, partition: TopicPartition, offset: Offset) -> Option<Fault> {
        let before = self.committed.insert(partition, offset);
        let goes_back = before.is_some_and(|before| offset < before);
        goes_back.then_some((Promise::OffsetsGoForward, partition, offset, Cause::WentBack))
    }

    /// What a group has forgotten, it may commit anew.
    pub(super) fn forgets(&mut self, partitions: &[TopicPartition]) {
        self.committed.retain(|partition, _| !partitions.contains(partition));
    }

    /// A person lets the group begin elsewhere.
    pub(super) fn seeks(&mut self, partition: TopicPartition, to: Offset) {
        self.committed.insert(partition, to);
        self.done.insert(partition, to);
        self.next.retain(|(_, of), _| *of != partition);
    }

    /// An instance takes records. Returns whether it takes some again, as it may: it goes back to what it does not know to be committed,
    /// also when only the answer to its commit was lost.
    pub(super) fn polls(&mut self, instance: u32, partition: TopicPartition, (first, last): (Offset, Offset)) -> bool {
        let taken = self.taken.entry(partition).or_default();
        *taken = last.next().max(*taken);
        let before = self.next.insert((instance, partition), last.next());
        before.is_some_and(|next| first < next)
    }

    /// The instances begin anew where the group has committed.
    pub(super) fn begins_anew(&mut self) {
        self.next.clear();
    }

    /// A record is processed or left out; `is_first` says whether for the first time.
    pub(super) fn processes(
        &mut self,
        partition: TopicPartition,
        offset: Offset,
        is_first: impl FnOnce() -> bool,
    ) -> Option<Fault> {
        let done = self.done.entry(partition).or_default();
        if offset >= *done {
            *done = offset.next();
            return None;
        }
        is_first().then_some((Promise::InOrder, partition, offset, Cause::Overtaken))
    }

    /// A member is given its partitions.
    pub(super) fn assigns(
        &mut self,
        generation: Generation,
        member: MemberId,
        partitions: &[TopicPartition],
    ) -> Option<Fault> {
        if self.generation.replace(generation) != Some(generation) {
            self.owners.clear();
        }
        let mut twice = None;
        for partition in partitions {
            let before = self.owners.insert(*partition, member);
            if before.is_some_and(|before| before != member) {
                let at = self.committed.get(partition).copied().unwrap_or_default();
                twice = twice.or(Some((Promise::OneOwner, *partition, at, Cause::TwoOwners)));
            }
        }
        twice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTITION: TopicPartition =
        TopicPartition { topic: crate::log::TopicId(0), partition: crate::log::PartitionId(0) };

    #[test]
    fn a_commit_goes_forward_unless_a_person_lets_it_go_back() {
        let mut watch = Watch::default();
        assert_eq!(watch.commits(PARTITION, Offset(5)), None);
        assert_eq!(watch.commits(PARTITION, Offset(5)), None);
        assert!(watch.commits(PARTITION, Offset(4)).is_some());
        watch.seeks(PARTITION, Offset(2));
        assert_eq!(watch.commits(PARTITION, Offset(3)), None);
    }

    #[test]
    fn a_record_that_comes_late_for_the_first_time_is_out_of_order() {
        let mut watch = Watch::default();
        assert_eq!(watch.processes(PARTITION, Offset(3), || true), None);
        assert_eq!(watch.processes(PARTITION, Offset(2), || false), None);
        assert!(watch.processes(PARTITION, Offset(2), || true).is_some());
    }

    #[test]
    fn a_partition_has_one_owner_in_a_generation() {
        let mut watch = Watch::default();
        let [first, second] = [1, 2].map(Generation);
        assert_eq!(watch.assigns(first, MemberId(0), &[PARTITION]), None);
        assert!(watch.assigns(first, MemberId(1), &[PARTITION]).is_some());
        assert_eq!(watch.assigns(second, MemberId(1), &[PARTITION]), None);
    }

    #[test]
    fn an_instance_may_take_again_what_it_has_taken() {
        let mut watch = Watch::default();
        assert!(!watch.polls(0, PARTITION, (Offset(0), Offset(4))));
        assert!(watch.polls(0, PARTITION, (Offset(2), Offset(4))));
        assert!(!watch.polls(0, PARTITION, (Offset(5), Offset(6))), "that follows");
        assert!(!watch.polls(1, PARTITION, (Offset(0), Offset(4))), "that is another");
    }
}
