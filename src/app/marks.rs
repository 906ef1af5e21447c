//! What happened when, for the time line: rebalances, losses, repetitions, failures, returns. Absences have a length and are kept
//! apart.

use super::history::Who;
use super::troubles::Troubles;
use crate::broker::{ClusterFact, GroupFact};
use crate::check::Account;
use crate::cow::CowDeque;
use crate::log::RecordRef;
use crate::sim::{Event, ServiceEvent, ServiceId, Stamped, World};
use crate::time::{Instant, Span};

/// How many marks are kept; the oldest go first.
const MARKS_MAX: usize = 2_048;
/// What happens again within this time counts with what happened first.
const TOGETHER: Span = Span::from_ms(2_000);
/// The same for failures, which come again and again while a service fails by chance.
const TOGETHER_FAILURES: Span = Span::from_ms(10_000);

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// Its group began to share out partitions anew.
    Rebalance,
    /// Records were lost to it.
    Lost,
    /// It processed records again.
    Again,
    /// It has no more to do than it had before it was away.
    CaughtUp,
    /// It was added while everything ran.
    Joined,
    /// It was removed, and is gone.
    Left,
    /// It leads a partition now that another broker has led.
    Election,
    /// It fails on a record again and again.
    Stuck,
    /// It went on, for it has processed the record that it was stuck on.
    Processed,
    /// It went on, for it has left out the record that it was stuck on.
    Skipped,
    /// It went on, for the record that it was stuck on waits in its retry topic.
    Retried,
    /// It set a record aside as a dead letter, whether it was stuck on it or not.
    SetAside,
    /// An instance of it stopped, for it failed on a record.
    Stopped,
    /// Such an instance was started again.
    Started,
}

impl MarkKind {
    /// For how long what happens again counts with what happened first.
    const fn together(self) -> Span {
        match self {
            Self::Stuck | Self::Processed | Self::Skipped | Self::Retried | Self::SetAside => TOGETHER_FAILURES,
            Self::Rebalance
            | Self::Lost
            | Self::Again
            | Self::CaughtUp
            | Self::Joined
            | Self::Left
            | Self::Election
            | Self::Stopped
            | Self::Started => TOGETHER,
        }
    }
}

/// The sign before something that happened: the one that it has on the line, if it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentSign {
    /// The beginning of an absence, which is a band on the line.
    Off,
    /// The end of one.
    On,
    /// A mark on the line.
    Mark(MarkKind),
    /// A setting that was changed. It does not stand on the line, where there is no room for every change.
    Setting,
    /// What a person did otherwise, which does not stand there either.
    Deed,
}

/// Something that happened to a service or a broker, once or several times shortly after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When it happened first.
    pub at: Instant,
    /// To whom.
    pub who: Who,
    /// What.
    pub kind: MarkKind,
    /// How many records, or how many times.
    pub times: u64,
    /// On which record, if it is about one; of several, the first.
    pub record: Option<RecordRef>,
}

/// What happened so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// In order.
    all: CowDeque<Mark>,
    /// Of each service, how many records were lost and how many processed again when that was last looked at.
    counted: Vec<(u64, u64)>,
    /// Who fails on what.
    troubles: Troubles,
}

impl Marks {
    /// Takes in what happened. `account_of` is the sum for a service, this event included.
    pub(super) fn observe(&mut self, stamped: &Stamped, world: &World, account_of: impl Fn(ServiceId) -> Account) {
        if let Some((service, kind, record)) = self.troubles.observe(&stamped.event) {
            self.put(Mark { at: stamped.at, who: Who::Service(service), kind, times: 1, record });
        }
        match &stamped.event {
            Event::Group(GroupFact::RebalanceStarted { group, .. }) => {
                for id in world.service_ids().filter(|id| world.group_of(*id) == Some(*group)) {
                    self.add(stamped.at, Who::Service(id), MarkKind::Rebalance, 1);
                }
            }
            Event::Service(ServiceEvent::CaughtUp { service }) => {
                self.add(stamped.at, Who::Service(*service), MarkKind::CaughtUp, 1);
            }
            Event::Service(ServiceEvent::Added { service, .. }) => {
                self.add(stamped.at, Who::Service(*service), MarkKind::Joined, 1);
            }
            Event::Service(ServiceEvent::Removed { service, .. }) => {
                self.add(stamped.at, Who::Service(*service), MarkKind::Left, 1);
            }
            Event::Cluster(ClusterFact::Elected { leader: Some(broker), .. }) => {
                self.add(stamped.at, Who::Broker(*broker), MarkKind::Election, 1);
            }
            Event::Log(_) | Event::Offsets(_) | Event::Work(_) | Event::Service(_) | Event::Cluster(_) => {
                for id in world.service_ids() {
                    self.count(stamped.at, id, account_of(id));
                }
            }
            Event::Appended { .. }
            | Event::TopicConfigured { .. }
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Outcome(_) => {}
        }
    }

    /// The marks, in order.
    pub(super) fn all(&self) -> &CowDeque<Mark> {
        &self.all
    }

    fn count(&mut self, at: Instant, id: ServiceId, account: Account) {
        let place = usize::from(id.0);
        if self.counted.len() <= place {
            self.counted.resize(place + 1, (0, 0));
        }
        let (lost, again) = std::mem::replace(&mut self.counted[place], (account.lost, account.processed_again));
        let who = Who::Service(id);
        self.add(at, who, MarkKind::Lost, account.lost.saturating_sub(lost));
        self.add(at, who, MarkKind::Again, account.processed_again.saturating_sub(again));
    }

    fn add(&mut self, at: Instant, who: Who, kind: MarkKind, times: u64) {
        if times > 0 {
            self.put(Mark { at, who, kind, times, record: None });
        }
    }

    fn put(&mut self, new: Mark) {
        let recent = self.all.partition_point(|mark| new.at.since(mark.at) > new.kind.together());
        let same = |index: &usize| self.all.get(*index).is_some_and(|it| (it.who, it.kind) == (new.who, new.kind));
        let place = (recent..self.all.len()).find(same);
        if let Some(mark) = place.and_then(|place| self.all.get_mut(place)) {
            mark.times += new.times;
            return;
        }
        if self.all.len() == MARKS_MAX {
            self.all.pop_front();
        }
        self.all.push_back(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: ServiceId = ServiceId(1);

    fn marks(added: &[(u64, MarkKind, u64)]) -> Vec<(u64, MarkKind, u64)> {
        let mut marks = Marks::default();
        for (ms, kind, times) in added {
            marks.add(Instant::from_ms(*ms), Who::Service(SERVICE), *kind, *times);
        }
        marks.all().iter().map(|mark| (mark.at.as_ms(), mark.kind, mark.times)).collect()
    }

    #[test]
    fn what_happens_in_quick_succession_is_one_mark() {
        use MarkKind::{Again, Lost};
        let added = [(0, Lost, 1), (1_000, Again, 1), (2_000, Lost, 2), (2_001, Lost, 4), (9_000, Again, 0)];
        assert_eq!(marks(&added), [(0, Lost, 3), (1_000, Again, 1), (2_001, Lost, 4)]);
    }

    #[test]
    fn a_loss_is_counted_once_however_often_it_is_looked_at() {
        let mut marks = Marks::default();
        for (ms, lost) in [(0, 0), (10_000, 3), (20_000, 3), (30_000, 2), (40_000, 4)] {
            marks.count(Instant::from_ms(ms), SERVICE, Account { lost, ..Account::default() });
        }
        let found: Vec<_> = marks.all().iter().map(|mark| (mark.at.as_ms(), mark.times)).collect();
        assert_eq!(found, [(10_000, 3), (40_000, 2)]);
    }

    #[test]
    fn there_are_never_too_many() {
        let mut marks = Marks::default();
        for ms in (0..2 * MARKS_MAX as u64).map(|index| index * 10_000) {
            marks.add(Instant::from_ms(ms), Who::Service(SERVICE), MarkKind::Rebalance, 1);
        }
        assert_eq!(marks.all().len(), MARKS_MAX);
        assert_eq!(marks.all().back().map(|mark| mark.at.as_ms()), Some((2 * MARKS_MAX as u64 - 1) * 10_000));
    }
}
