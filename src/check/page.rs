//! A page of the ledger: the fates of the records of one partition, for one group.

use super::account::{Account, Standing};
use super::asides::ASIDES_MAX;
use super::missed::Missed;
use crate::cow::CowDeque;
use crate::log::Offset;
use crate::sim::Begins;
use crate::sorted::SortedMap;
use crate::time::Instant;

/// What became of one record in one group.
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that can have happened to a record, with any other")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// When it was processed for the first time; `None` while it waits.
    pub first_at: Option<Instant>,
    /// When it was processed for the last time.
    pub last_at: Option<Instant>,
    /// How often it was processed. More than once means that it was delivered again after a crash.
    pub times: u32,
    /// Whether the group said it was done with it without having processed it.
    pub skipped: bool,
    /// Whether compaction removed it, because a later record has its key.
    pub compacted: bool,
    /// Whether its transaction was aborted.
    pub aborted: bool,
    /// Whether there is a control marker instead of a record, which nobody processes.
    pub is_marker: bool,
    /// Where it was put aside, if it was.
    pub aside: Option<Aside>,
    /// Whether the group knew without processing it that this was done before.
    pub recognised: bool,
    /// How often a person let the group begin before it while it lay aside: so often it comes from its place, and then from
    /// where it lies.
    pub comes_again: u8,
}

/// Where a record lies on which its service has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// In the retry topic: it will be tried again.
    Retrying,
    /// In the dead letter topic: somebody has to look at it.
    DeadLettered,
}

/// The fates of the records that a partition still holds, for one group.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) first: Offset,
    pub(super) committed: Offset,
    /// Where an election has cut the log off last before where the group was, and where that was.
    pub(super) past_cut: (Offset, Offset),
    pub(super) fates: CowDeque<Fate>,
    /// What was lost when it was deleted.
    pub(super) missed: Missed,
    /// What compaction had replaced by the time that it was deleted.
    pub(super) replaced: Missed,
    /// What had been put aside by the time that it was deleted, and how it stands now.
    aside: SortedMap<Offset, Standing>,
    /// Of what was put aside and lies below, nothing is known any more.
    aside_forgotten: Offset,
}

impl Fate {
    pub(super) fn standing(self) -> Standing {
        match self {
            Self { is_marker: true, .. } => Standing::Forgotten,
            Self { times: 1.., .. } | Self { recognised: true, .. } => Standing::Processed,
            Self { aside: Some(Aside::Retrying), .. } => Standing::Retrying,
            Self { aside: Some(Aside::DeadLettered), .. } => Standing::DeadLettered,
            Self { aborted: true, .. } => Standing::Aborted,
            Self { compacted: true, .. } => Standing::Compacted,
            Self { skipped: true, .. } => Standing::Lost,
            Self { .. } => Standing::Waiting,
        }
    }
}

impl Page {
    /// The page of a group that joins.
    pub(super) fn from(begins: &Begins) -> Self {
        let mut page = Self { first: begins.from, committed: begins.from, ..Self::default() };
        page.aside_forgotten = begins.from; // of what lies before, nothing was ever known
        page.fates.extend((begins.from.0..begins.end.0).map(|_| Fate::default()));
        for offset in begins.without.iter() {
            page.fate_mut(*offset).into_iter().for_each(|fate| fate.is_marker = true);
        }
        page
    }

    /// How many records it holds.
    pub(super) fn records(&self) -> u64 {
        self.fates.iter().filter(|fate| !fate.is_marker).count() as u64
    }

    /// An election has cut the log off at `log_end`, and its group had come as far as `reached`.
    pub(super) fn cut_off(&mut self, log_end: Offset, reached: Offset) {
        if reached > log_end {
            self.past_cut = (log_end, reached);
        }
        self.committed = self.committed.min(log_end);
    }

    /// Its group reads on from there: of what lies behind it, the election has kept nothing from it.
    pub(super) fn goes_on_at(&mut self, offset: Offset) {
        self.past_cut.1 = self.past_cut.1.min(offset.max(self.past_cut.0));
    }

    /// Notes that a deleted record is processed, and returns how it stood before.
    pub(super) fn process_deleted(&mut self, offset: Offset) -> Standing {
        if let Some(standing) = self.aside.remove(&offset) {
            return standing;
        }
        if offset < self.aside_forgotten {
            return Standing::Forgotten;
        }
        let was_replaced = self.replaced.process(offset) == Standing::Lost;
        if was_replaced { Standing::Compacted } else { self.missed.process(offset) }
    }

    /// Whether a record is still to be processed, and nothing else has become of it.
    pub(super) fn is_waiting(&self, offset: Offset) -> bool {
        let fate = usize::try_from(offset.0 - self.first.0).ok().and_then(|index| self.fates.get(index));
        fate.is_some_and(|fate| fate.standing() == Standing::Waiting)
    }

    /// Gives up a record that nobody has processed. Returns whether it is lost by that.
    pub(super) fn skip(&mut self, offset: Offset, account: &mut Account) -> bool {
        if let Some(standing) = self.aside.get_mut(&offset) {
            let before = std::mem::replace(standing, Standing::Lost);
            account.moves(before, Standing::Lost);
            return before != Standing::Lost;
        }
        let Some(fate) = self.fate_mut(offset) else { return false };
        let before = fate.standing();
        (fate.aside, fate.skipped) = (None, true);
        account.moves(before, fate.standing());
        before != Standing::Lost && fate.standing() == Standing::Lost
    }

    /// Puts a record aside that its service has failed on. Returns whether it is aside by that.
    pub(super) fn put_aside(&mut self, offset: Offset, aside: Aside, account: &mut Account) -> bool {
        if let Some(standing) = self.aside.get_mut(&offset) {
            account.moves(std::mem::replace(standing, aside.standing()), aside.standing());
            return true;
        }
        let Some(fate) = self.fate_mut(offset) else { return false };
        let before = fate.standing();
        fate.aside = Some(aside);
        account.moves(before, fate.standing());
        fate.standing() == aside.standing()
    }

    pub(super) fn recognise(&mut self, offset: Offset, account: &mut Account) {
        account.recognised += 1;
        if let Some(standing) = self.aside.remove(&offset) {
            return account.moves(standing, Standing::Processed);
        }
        let Some(fate) = self.fate_mut(offset) else { return };
        let before = fate.standing();
        fate.recognised = true;
        account.moves(before, fate.standing());
    }

    /// Remembers where a record was put that is about to be deleted here. If there are too many, the oldest is not followed any more.
    pub(super) fn keep_aside(&mut self, fate: Fate, account: &mut Account) {
        self.aside.extend(fate.aside.map(|aside| (self.first, aside.standing())));
        if self.aside.len() > ASIDES_MAX
            && let Some((oldest, _)) = self.aside.pop_first()
        {
            self.aside_forgotten = oldest.next();
            account.unfollowed += 1;
        }
    }

    pub(super) fn fate_mut(&mut self, offset: Offset) -> Option<&mut Fate> {
        self.fates.get_mut(usize::try_from(offset.0 - self.first.0).ok()?)
    }
}

impl Aside {
    const fn standing(self) -> Standing {
        match self {
            Self::Retrying => Standing::Retrying,
            Self::DeadLettered => Standing::DeadLettered,
        }
    }
}
