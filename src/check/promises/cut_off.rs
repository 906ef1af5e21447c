//! What an election throws away: the publisher was told that it is there.

use super::Promises;
use super::promise::{Breach, Cause, Promise};
use crate::broker::ClusterFact;
use crate::check::incident::Lost;
use crate::log::{Offset, TopicPartition};
use crate::sim::WorkEvent;

impl Promises {
    pub(super) fn observe_cluster(&mut self, fact: &ClusterFact) {
        self.cuts.observe(fact);
        if let ClusterFact::CutOff { partition, log_end, lost, .. } = fact {
            self.cut_off(*partition, *log_end, lost);
        }
    }

    /// Whether somebody works on what is not in the log any more: nothing was promised of that. What is taken partly is.
    pub(super) fn is_thrown_away(&self, work: &WorkEvent) -> bool {
        match *work {
            WorkEvent::Polled { partition, first: offset, epoch, .. }
            | WorkEvent::Processed { partition, offset, epoch, .. }
            | WorkEvent::Fared { partition, offset, epoch, .. } => self.cuts.took(partition, offset, epoch),
        }
    }

    fn cut_off(&mut self, partition: TopicPartition, log_end: Offset, lost: &[Offset]) {
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
            service.copies.cut_off(partition, log_end);
        }
    }
}
