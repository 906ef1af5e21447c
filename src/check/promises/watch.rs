//! One group, watched: what each event says of the promises that can be judged at once.

use super::kept::Taken;
use super::promise::{Cause, Promise};
use crate::broker::{Generation, MemberId};
use crate::log::{Offset, TopicPartition};
use crate::sim::KeyHash;
use crate::sorted::SortedMap;

/// A group.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    committed: SortedMap<TopicPartition, Offset>,
    /// The offset after the last record that was processed, or left out.
    done: SortedMap<TopicPartition, Offset>,
    /// What was put aside, by its key, until it is processed after all.
    aside: SortedMap<(TopicPartition, KeyHash), Vec<Aside>>,
    asides: usize,
    /// Whether something is aside that is not followed.
    has_lost_count: bool,
    taken: Taken,
    /// Where each instance will go on.
    next: SortedMap<(u32, TopicPartition), Offset>,
    owners: SortedMap<TopicPartition, MemberId>,
    generation: Option<Generation>,
}

/// How many records that were put aside are followed in one group; of more it is not known in which order they come.
const ASIDES_MAX: usize = 4_096;

/// A record that was put aside.
#[derive(Clone, Copy, Debug)]
struct Aside {
    offset: Offset,
    /// Whether one of its key that lies behind it was processed since.
    is_overtaken: bool,
}

/// A record: where it is, and its key if it has one.
pub(super) type Record = (TopicPartition, Offset, Option<KeyHash>);

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
        self.forget_aside(partition, to);
        self.next.retain(|(_, of), _| *of != partition);
    }

    /// What was put aside from `from` on is forgotten.
    fn forget_aside(&mut self, partition: TopicPartition, from: Offset) {
        let gone = |place: &(TopicPartition, KeyHash), it: &Aside| place.0 == partition && it.offset >= from;
        self.aside.retain(|place, of_key| {
            of_key.retain(|it| !gone(place, it));
            !of_key.is_empty()
        });
        self.asides = self.aside.values().map(Vec::len).sum();
    }

    /// The log ends at `log_end` now: what was behind it, nobody has done or taken.
    pub(super) fn cut_off(&mut self, partition: TopicPartition, log_end: Offset) {
        for reached in [&mut self.committed, &mut self.done, &mut self.taken] {
            reached.get_mut(&partition).into_iter().for_each(|offset| *offset = log_end.min(*offset));
        }
        self.forget_aside(partition, log_end);
        self.next.retain(|(_, of), next| *of != partition || *next <= log_end);
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

    /// A record is processed or left out; `is_first` says whether for the first time. It is out of order if one of its key that lies
    /// behind it was processed before; of records that were never put aside, that is known by their partition only.
    pub(super) fn processes(
        &mut self,
        (partition, offset, key): Record,
        is_first: impl FnOnce() -> bool,
    ) -> Option<Fault> {
        let aside = key.and_then(|key| self.takes_back((partition, key), offset));
        let done = self.done.entry(partition).or_default();
        let is_late = offset < *done;
        *done = offset.next().max(*done);
        let is_overtaken = match aside {
            Some(aside) => aside.is_overtaken,
            None => is_late && key.is_some() && !self.has_lost_count,
        };
        (is_overtaken && is_first()).then_some((Promise::InOrder, partition, offset, Cause::Overtaken))
    }

    /// A record is put aside, to be processed later.
    pub(super) fn puts_aside(&mut self, (partition, offset, key): Record) {
        let done = self.done.entry(partition).or_default();
        *done = offset.next().max(*done);
        let Some(key) = key else { return };
        if self.asides == ASIDES_MAX {
            self.has_lost_count = true;
            return;
        }
        let of_key = self.aside.entry((partition, key)).or_default();
        if !of_key.iter().any(|it| it.offset == offset) {
            of_key.push(Aside { offset, is_overtaken: false });
            self.asides += 1;
        }
    }

    /// The record of this key at this offset, if it was aside; those before it are overtaken by it.
    fn takes_back(&mut self, place: (TopicPartition, KeyHash), offset: Offset) -> Option<Aside> {
        let of_key = self.aside.get_mut(&place)?;
        of_key.iter_mut().filter(|it| it.offset < offset).for_each(|it| it.is_overtaken = true);
        let index = of_key.iter().position(|it| it.offset == offset)?;
        let aside = of_key.remove(index);
        self.asides -= 1;
        if of_key.is_empty() {
            self.aside.remove(&place);
        }
        Some(aside)
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
        assert_eq!(watch.processes(record(3, 1), || true), None);
        assert_eq!(watch.processes(record(2, 1), || false), None);
        assert!(watch.processes(record(2, 1), || true).is_some());
    }

    fn record(offset: i64, key: u64) -> Record {
        (PARTITION, Offset(offset), Some(KeyHash(key)))
    }

    #[test]
    fn what_was_put_aside_is_overtaken_by_its_own_key_only() {
        let mut watch = Watch::default();
        watch.puts_aside(record(0, 1));
        watch.puts_aside(record(1, 2));
        assert_eq!(watch.processes(record(2, 1), || true), None);
        assert_eq!(watch.processes(record(1, 2), || true), None, "nothing of its key came before it");
        let late = (Promise::InOrder, PARTITION, Offset(0), Cause::Overtaken);
        assert_eq!(watch.processes(record(0, 1), || true), Some(late));
        assert_eq!((watch.asides, watch.aside.len()), (0, 0));
    }

    #[test]
    fn of_what_is_too_much_to_be_followed_nothing_is_said() {
        let mut watch = Watch::default();
        (0..=ASIDES_MAX as i64).for_each(|offset| watch.puts_aside(record(offset, 1)));
        assert_eq!(watch.processes(record(ASIDES_MAX as i64 + 1, 1), || true), None);
        assert_eq!(watch.processes(record(ASIDES_MAX as i64, 1), || true), None);
        assert!(watch.processes(record(0, 1), || true).is_some());
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
