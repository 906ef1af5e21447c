//! What a service that publishes has in the log, watched: whether an update is there a second time, and whose doing that is.
//!
//! An update is known by what it says, not by its number: a new producer numbers it anew, and so does one that is handed it again.

use super::Promises;
use super::promise::{Breach, Cause, Promise};
use crate::cow::RecentSet;
use crate::log::{Offset, RecordRef, TopicPartition};
use crate::sim::{Resent, ServiceId, UpdateHash};

/// How many records of each service are remembered at least. A copy comes as long as the update waits to be acknowledged, so that
/// hardly more than [`crate::sim::UNACKNOWLEDGED_MAX`] lie between.
const REMEMBERED_MIN: usize = 50_000;

/// The updates of a service that are in the log, and those that it has sent again itself.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    there: RecentSet<(UpdateHash, RecordRef)>,
    resent: RecentSet<(UpdateHash, u32, bool)>,
}

/// A record that says what another one says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    pub(super) at: RecordRef,
    /// The first that says it.
    pub(super) first: RecordRef,
    /// Why the service has sent it again; `None` if it has not, or not so often.
    pub(super) why: Option<Resent>,
}

impl Default for Copies {
    fn default() -> Self {
        Self { there: RecentSet::new(REMEMBERED_MIN), resent: RecentSet::new(REMEMBERED_MIN) }
    }
}

impl Copies {
    /// The service sends an update again itself.
    pub(super) fn resent(&mut self, update: UpdateHash, why: Resent) {
        let times = self.resent.matching(|it| it.0.cmp(&update)).len() as u32;
        self.resent.insert((update, times, why == Resent::Restarted));
    }

    /// Takes in a record. Returns what it repeats, if it does.
    pub(super) fn appended(&mut self, update: UpdateHash, at: RecordRef) -> Option<Copy> {
        let before = self.there.matching(|it| it.0.cmp(&update));
        self.there.insert((update, at));
        let (_, first) = before.iter().min().copied()?;
        let resent = self.resent.matching(|it| it.0.cmp(&update));
        let is_covered = before.len() <= resent.len();
        let latest = resent.iter().max().filter(|_| is_covered);
        let why = latest.map(|(.., restarted)| if *restarted { Resent::Restarted } else { Resent::GivenUp });
        Some(Copy { at, first, why })
    }

    /// The log ends at `log_end` now: what was behind it is not there any more.
    pub(super) fn cut_off(&mut self, partition: TopicPartition, log_end: Offset) {
        self.there.retain(|(_, at)| at.partition != partition || at.offset < log_end);
    }
}

impl Promises {
    /// Records of a service are in the log.
    pub(super) fn written(
        &mut self,
        sender: ServiceId,
        partition: TopicPartition,
        base: Offset,
        updates: &[UpdateHash],
        is_numbered: bool,
    ) {
        let now = self.now;
        let Some(service) = self.services.iter_mut().find(|it| it.id == sender) else { return };
        for (update, index) in updates.iter().zip(0..) {
            let at = RecordRef { partition, offset: base.plus(index) };
            let Some(Copy { at, first, why }) = service.copies.appended(*update, at) else { continue };
            let cause = Cause::WrittenBefore { first, why };
            let breach = Breach { at: now, partition, offset: at.offset, cause };
            service.fails(Promise::WrittenOnce, breach);
            match why {
                Some(Resent::Restarted | Resent::GivenUp) => {}
                None if is_numbered => service.fails(Promise::RetriedOnce, breach),
                // Whatever is set by now, its producer has promised nothing.
                None => service.slips(Promise::RetriedOnce, breach),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: UpdateHash = UpdateHash(1);

    fn at(offset: i64) -> RecordRef {
        RecordRef { partition: TopicPartition::default(), offset: Offset(offset) }
    }

    fn repeats(copies: &mut Copies, offset: i64) -> Option<(i64, Option<Resent>)> {
        copies.appended(FIRST, at(offset)).map(|copy| (copy.first.offset.0, copy.why))
    }

    #[test]
    fn an_update_that_is_there_twice_was_retried_unless_its_service_has_sent_it_again() {
        let mut copies = Copies::default();
        assert_eq!(repeats(&mut copies, 3), None);
        assert_eq!(copies.appended(UpdateHash(2), at(4)), None, "it says something else");
        copies.resent(FIRST, Resent::Restarted);
        assert_eq!(repeats(&mut copies, 5), Some((3, Some(Resent::Restarted))));
        assert_eq!(repeats(&mut copies, 6), Some((3, None)), "it was sent twice, and is there three times");
        copies.resent(FIRST, Resent::GivenUp);
        copies.resent(FIRST, Resent::GivenUp);
        assert_eq!(repeats(&mut copies, 9), Some((3, Some(Resent::GivenUp))));
    }

    #[test]
    fn what_an_election_has_cut_off_is_not_there_any_more() {
        let mut copies = Copies::default();
        assert_eq!(repeats(&mut copies, 3), None);
        copies.cut_off(TopicPartition::default(), Offset(3));
        assert_eq!(repeats(&mut copies, 3), None);
        copies.cut_off(TopicPartition::default(), Offset(4));
        assert_eq!(repeats(&mut copies, 7), Some((3, None)));
    }
}
