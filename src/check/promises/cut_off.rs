//! What an election throws away: the publisher was told that it is there.

use super::Promises;
use super::promise::{Breach, Cause, Promise};
use crate::check::incident::Lost;
use crate::log::{Offset, TopicPartition};

impl Promises {
    pub(super) fn cut_off(&mut self, partition: TopicPartition, log_end: Offset, lost: &[Offset]) {
        let (at, cause) = (self.now, Cause::Lost(Lost::ThrownAway));
        for offset in lost {
            let sender = self.recording.sender_of(partition, *offset);
            let breach = Breach { at, partition, offset: *offset, cause };
            let of_sender = self.services.iter_mut().filter(|it| Some(it.id) == sender);
            of_sender.for_each(|it| it.fails(Promise::AcknowledgedIsThere, breach));
        }
        let end_before = self.log_ends.insert(partition, log_end).unwrap_or(log_end);
        self.unreadable.cut_off(partition, log_end);
        self.recording.cut_off(partition, log_end);
        self.recording.gone(at, partition, end_before);
        for service in &mut self.services {
            service.watch.cut_off(partition, log_end);
            service.sends.cut_off(partition, log_end);
        }
    }
}
