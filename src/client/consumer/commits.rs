//! How a consumer records how far it has come: when its owner says so, or by itself at intervals.

use super::membership::is_away;
use super::{Asked, Chore, Consumer, Phase, Stage};
use crate::broker::{CommitRequest, Generation, GroupError, Request};
use crate::log::{OffsetAndEpoch, TopicPartition};
use crate::time::Instant;

/// A commit on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    offsets: Vec<(TopicPartition, OffsetAndEpoch)>,
    generation: Generation,
    by_owner: bool,
}

/// What is under way, and what came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Commits {
    /// The last commit of the owner, until it is known what came of it.
    of_owner: Option<Commit>,
    result: Option<Result<(), GroupError>>,
    next_auto_commit: Option<Instant>,
    /// What to commit by itself when the commit that is on its way is answered. Positions may have moved by then, over
    /// records that its owner is not done with.
    next: Option<Commit>,
}

impl Consumer {
    /// Commits that all before these offsets is done with. Only the last commit counts: one that is still on its way is
    /// not waited for any more. One that is not answered is repeated while the generation lasts. After
    /// `RebalanceInProgress` it can be tried once more with what is still assigned.
    pub fn commit(&mut self, offsets: Vec<(TopicPartition, OffsetAndEpoch)>) {
        self.in_flight.retain(|asked| !matches!(asked, Asked::Commit(commit) if commit.by_owner));
        self.commits.result = None;
        self.not_before.remove(&Chore::Commit);
        let commit = Commit { offsets, generation: self.generation, by_owner: true };
        self.commits.of_owner = Some(commit);
        self.repeat_commit();
    }

    /// Whether a commit of its owner is still on its way; poll only afterwards.
    pub fn is_committing(&self) -> bool {
        self.commits.of_owner.is_some()
    }

    /// What came of the last commit of its owner, told once.
    pub fn take_commit_result(&mut self) -> Option<Result<(), GroupError>> {
        self.commits.result.take()
    }

    /// Sends the owner's commit, for the first time or again; not again if the generation is over. (Kafka's client does not
    /// even send it while its group rebalances. Here the coordinator decides, which takes it until the generation ends.)
    pub(super) fn repeat_commit(&mut self) {
        let Some(commit) = self.commits.of_owner.clone() else { return };
        if self.in_flight.any(|asked| asked.is(&commit)) {
            return;
        }
        if self.membership().is_none() {
            self.owner_learns(Err(GroupError::UnknownMemberId));
        } else if commit.generation != self.generation {
            self.owner_learns(Err(GroupError::RebalanceInProgress));
        } else if !self.must_wait(Chore::Commit) {
            self.send_commit(commit);
        }
    }

    fn send_commit(&mut self, commit: Commit) {
        if let Some(membership) = self.membership() {
            let (group, offsets) = (self.config.group, commit.offsets.clone());
            let request = CommitRequest { group, membership: Some(membership), offsets };
            self.request(Asked::Commit(commit), Request::OffsetCommit(request));
        }
    }

    fn owner_learns(&mut self, result: Result<(), GroupError>) {
        self.commits.of_owner = None;
        self.commits.result = Some(result);
    }

    /// What has been handed out and worked on, and is not known to be committed. (Kafka commits all positions each time,
    /// moved or not.)
    fn uncommitted(&self) -> Vec<(TopicPartition, OffsetAndEpoch)> {
        let moved = self
            .places
            .iter()
            .filter(|(_, place)| place.stage == Stage::Reading && place.committed != Some(place.position.offset));
        moved.map(|(partition, place)| (*partition, place.position)).collect()
    }

    /// Commits by itself, if it is told to and there is something to commit. One commit after another: a later one must not
    /// be overtaken.
    pub(super) fn auto_commit(&mut self) {
        if self.config.auto_commit.is_none() || self.membership().is_none() {
            return;
        }
        let commit = Commit { offsets: self.uncommitted(), generation: self.generation, by_owner: false };
        let is_known = commit.offsets.is_empty() || self.in_flight.any(|asked| asked.is(&commit));
        if !is_known {
            self.commits.next = Some(commit);
            self.send_next_commit();
        }
    }

    fn send_next_commit(&mut self) {
        if !self.in_flight.any(|asked| matches!(asked, Asked::Commit(_)))
            && let Some(commit) = self.commits.next.take()
            && commit.generation == self.generation
        {
            self.send_commit(commit);
        }
    }

    /// Commits by itself, if the interval is over.
    pub(super) fn auto_commit_if_due(&mut self) {
        let Some(interval) = self.config.auto_commit else { return };
        match self.commits.next_auto_commit {
            Some(due) if due > self.now || self.phase != Phase::Stable => {}
            Some(_) => {
                self.auto_commit();
                self.commits.next_auto_commit = Some(self.now + interval);
            }
            None => self.commits.next_auto_commit = Some(self.now + interval),
        }
    }

    /// When a commit is due that no poll has to wait for: an owner without records in hand counts as waiting inside of poll.
    pub(super) fn auto_commit_due(&self) -> Option<Instant> {
        let has_something = || self.phase == Phase::Stable && !self.uncommitted().is_empty();
        self.commits.next_auto_commit.filter(|_| !self.is_busy() && has_something())
    }

    pub(super) fn committed(&mut self, commit: Commit, answer: Result<(), GroupError>) {
        match answer {
            Err(error) if is_away(error) => return self.commit_unanswered(&commit),
            Ok(()) => {
                for (partition, committed) in commit.offsets {
                    if let Some(place) = self.places.get_mut(&partition) {
                        place.committed = Some(committed.offset);
                    }
                }
            }
            // The answer to what was asked in an earlier generation says nothing of this one.
            Err(error) if self.is_settled_in(commit.generation) => self.take_to_heart(error),
            Err(_) => {}
        }
        if commit.by_owner {
            self.owner_learns(answer);
        }
        self.send_next_commit();
    }

    /// A commit is to be repeated: the owner's as it is, its own with what there will be to commit by then.
    pub(super) fn commit_unanswered(&mut self, commit: &Commit) {
        if commit.by_owner {
            self.put_off(Chore::Commit);
        } else {
            self.commits.next_auto_commit = Some(self.now + self.config.retry_backoff);
            self.send_next_commit();
        }
    }
}
