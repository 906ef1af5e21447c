//! Putting a record aside on which an instance has failed: into the retry topic, or among the dead letters. The instance goes on when
//! the broker has the record, as frameworks for Kafka do; not before, or it could be lost in between.

use super::event::{Fared, ServiceId};
use super::instance::{Phase, Running};
use super::origin::Origin;
use super::policy::CommitPolicy;
use super::world::World;
use crate::client::{ConsumedRecord, RecordHandle};
use crate::log::{RecordRef, TopicId};
use crate::time::Instant;

/// Where a record is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aside {
    /// Into the retry topic.
    Retry,
    /// Into the dead letter topic.
    DeadLetter,
}

/// What became of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PutAside {
    /// It lies there, as far as the broker has said where.
    At(Option<RecordRef>),
    /// The topic does not take it.
    Refused,
    /// Nobody knows that it is there.
    Undelivered,
}

impl World {
    /// Puts a record into another topic, with where it comes from in its headers.
    pub(super) fn put_aside(
        &mut self,
        id: ServiceId,
        index: u32,
        (topic, aside): (TopicId, Aside),
        record: &ConsumedRecord,
        origin: &Origin,
        retry_at: Option<Instant>,
    ) {
        let headers = origin.headers(record, self.broker.topic(origin.partition.topic).name(), retry_at);
        let Some(running) = self.running_mut(id, index) else { return };
        (running.phase, running.put_aside) = (Phase::PuttingAside(RecordHandle(running.next_handle), aside), None);
        let _ = self.publish_from(id, index, topic, (record.key.as_deref(), record.value.as_deref()), &headers);
    }

    /// Goes on when the broker has said what it did with the record. One that is not known to be there stays where it was, to be
    /// tried again; under at most once it is lost, for nobody would hand it out again.
    pub(super) fn go_on_putting_aside(&mut self, id: ServiceId, index: u32, aside: Aside) -> bool {
        let Some(running) = self.running_mut(id, index) else { return false };
        let Some(put) = running.put_aside.take() else { return false };
        let is_committed = running.policy == CommitPolicy::BeforeProcessing;
        let Some(record) = running.work.front().cloned() else { return false };
        let origin = self.origin_of(id, index, &record);
        match put {
            PutAside::At(place) => {
                self.fare(id, index, &origin, aside.at(place));
                self.next_record(id, index);
            }
            PutAside::Undelivered if !is_committed => {
                self.running_mut(id, index).into_iter().for_each(Running::stop_here);
            }
            PutAside::Refused | PutAside::Undelivered => self.skip(id, index, &origin),
        }
        true
    }
}

impl Aside {
    const fn at(self, place: Option<RecordRef>) -> Fared {
        match self {
            Self::Retry => Fared::SentToRetry(place),
            Self::DeadLetter => Fared::DeadLettered(place),
        }
    }
}

impl Running {
    pub(super) fn is_putting_aside(&self, handle: RecordHandle) -> bool {
        matches!(self.phase, Phase::PuttingAside(put, _) if put == handle)
    }

    /// Notes what became of the record that is being put aside, if it is this one.
    pub(super) fn settles_aside(&mut self, handle: RecordHandle, put: PutAside) {
        if self.is_putting_aside(handle) {
            self.put_aside = Some(put);
        }
    }
}
