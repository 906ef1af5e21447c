//! Records that leave their log: compaction removes them, or retention deletes them.

use super::Ledger;
use crate::check::account::Standing;
use crate::check::incident::{Incident, Lost, What};
use crate::log::{Offset, TopicPartition};

impl Ledger {
    pub(super) fn compacted(&mut self, partition: TopicPartition, removed: &[Offset]) {
        for offset in removed {
            self.gone_aside(partition, *offset, offset.next());
        }
        for ((group, _), page) in self.pages.iter_mut().filter(|((_, compacted), _)| *compacted == partition) {
            let account = self.accounts.entry(*group).or_default();
            for offset in removed {
                let Some(fate) = page.fate_mut(*offset).filter(|fate| fate.standing() == Standing::Waiting) else {
                    continue;
                };
                fate.compacted = true;
                account.moves(Standing::Waiting, Standing::Compacted);
            }
        }
    }

    pub(super) fn deleted(&mut self, partition: TopicPartition, log_start_offset: Offset) {
        self.gone_aside(partition, Offset::ZERO, log_start_offset);
        for ((group, _), page) in self.pages.iter_mut().filter(|((_, deleted), _)| *deleted == partition) {
            let account = self.accounts.entry(*group).or_default();
            while page.first < log_start_offset {
                let Some(fate) = page.fates.pop_front() else { break };
                match fate.standing() {
                    Standing::Waiting | Standing::Lost => page.missed.add(page.first),
                    Standing::Compacted => page.replaced.add(page.first),
                    Standing::Retrying | Standing::DeadLettered => page.keep_aside(fate, account),
                    Standing::Processed | Standing::Aborted | Standing::Forgotten => {}
                }
                if fate.standing() == Standing::Waiting {
                    account.moves(Standing::Waiting, Standing::Lost);
                    let (offset, what) = (page.first, What::Lost(Lost::Expired));
                    let incidents = self.incidents.entry(*group).or_default();
                    incidents.note(Incident { at: self.now, partition, offset, what });
                }
                page.first = page.first.next();
            }
        }
    }
}
