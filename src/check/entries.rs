//! The lists behind the sums of the ledger: which records make up a number, the newest first.

use super::account::Standing;
use super::incident::{Incident, What};
use super::ledger::Ledger;
use super::page::{Fate, Page};
use crate::broker::GroupId;
use crate::log::{Offset, TopicPartition};
use crate::time::Instant;
use std::collections::VecDeque;

/// One of the numbers of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// All there is to process.
    Published,
    /// Processed at least once.
    Processed,
    /// Still to be processed.
    Waiting,
    /// Put aside, to be tried again.
    Retrying,
    /// Put aside for good.
    DeadLettered,
    /// Replaced by a later record before it was processed.
    Compacted,
    /// Aborted with their transaction before they were processed.
    Aborted,
    /// Not processed, and nobody will.
    Lost,
    /// Processed more than once; each time that was too many.
    Again,
}

/// One record of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: Offset,
    /// When it came to stand so, if that is known.
    pub at: Option<Instant>,
    /// What befell it, if that is why it is in the list.
    pub what: Option<What>,
}

impl Listed {
    /// All of them, in the order of the sum.
    pub const ALL: [Self; 9] = [
        Self::Published,
        Self::Processed,
        Self::Waiting,
        Self::Compacted,
        Self::Retrying,
        Self::DeadLettered,
        Self::Aborted,
        Self::Lost,
        Self::Again,
    ];
}

impl Ledger {
    /// The records of a group that make up a number of its account: the newest of each partition or, of what is kept as incidents, the
    /// newest of all; not more than `max`, of each partition. What was deleted is in the sums only.
    pub fn entries(&self, group: GroupId, listed: Listed, max: usize) -> Vec<Entry> {
        let incidents = self.incidents(group);
        let newest = |list: &VecDeque<Incident>| list.iter().rev().take(max).map(Entry::of).collect();
        let aside = |what: What| {
            let aside = incidents.into_iter().flat_map(|it| it.aside().iter().rev());
            aside.filter(move |it| it.what == what).take(max).map(Entry::of).collect()
        };
        match listed {
            Listed::Published => self.of_pages(group, max, |_| true),
            Listed::Processed => self.of_pages(group, max, |fate| fate.standing() == Standing::Processed),
            Listed::Waiting => self.of_pages(group, max, |fate| fate.standing() == Standing::Waiting),
            Listed::Compacted => self.of_pages(group, max, |fate| fate.standing() == Standing::Compacted),
            Listed::Aborted => self.of_pages(group, max, |fate| fate.standing() == Standing::Aborted),
            Listed::Retrying => aside(What::SentToRetry),
            Listed::DeadLettered => aside(What::DeadLettered),
            Listed::Lost => incidents.map(|it| newest(it.lost())).unwrap_or_default(),
            Listed::Again => incidents.map(|it| newest(it.again())).unwrap_or_default(),
        }
    }

    fn of_pages(&self, group: GroupId, max: usize, is_listed: fn(&Fate) -> bool) -> Vec<Entry> {
        let pages = self.pages().filter(|((of, _), _)| *of == group);
        pages.flat_map(|((_, partition), page)| newest_of(*partition, page, max, is_listed)).collect()
    }
}

fn newest_of(
    partition: TopicPartition,
    page: &Page,
    max: usize,
    is_listed: fn(&Fate) -> bool,
) -> impl Iterator<Item = Entry> {
    let first = page.first.0;
    let kept = (0..page.fates.len()).rev().filter_map(move |place| Some((place, page.fates.get(place)?)));
    let listed = kept.filter(move |(_, fate)| !fate.is_marker && is_listed(fate)).take(max);
    listed.map(move |(place, fate)| Entry {
        partition,
        offset: Offset(first + place as i64),
        at: fate.last_at,
        what: None,
    })
}

impl Entry {
    fn of(incident: &Incident) -> Self {
        let Incident { at, partition, offset, what } = *incident;
        Self { partition, offset, at: Some(at), what: Some(what) }
    }
}
