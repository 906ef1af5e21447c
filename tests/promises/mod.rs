//! What a service that reads may be held to, from what happened and what is in the logs alone. Each promise is a sentence; it
//! holds for a run in which nothing was done that takes it back.
//!
//! The promises of a single moment are `check::Invariant`; those here can be judged only when everything is read.

mod settling;
mod story;
mod terms;

pub(crate) use story::{Place, Story};
pub(crate) use terms::Terms;

use catchup::broker::{Generation, GroupFact, GroupId, MemberId, OffsetsFact};
use catchup::log::{Offset, TopicPartition};
use catchup::sim::{Event, Fared, ServiceEvent, Stamped};
use std::collections::{BTreeMap, BTreeSet};

/// A sentence, when it is promised, and whether it was kept.
pub(crate) struct Promise {
    pub(crate) sentence: &'static str,
    pub(crate) is_made: fn(&Terms) -> bool,
    pub(crate) is_kept: fn(&Story) -> Result<(), String>,
}

/// All promises.
pub(crate) const PROMISES: [Promise; 9] = [
    Promise {
        sentence: "exactly once neither loses nor repeats anything in the committed output",
        is_made: |terms| terms.always("exactly_once") && !terms.sought && !terms.begins_late,
        is_kept: exactly_once_neither_loses_nor_repeats,
    },
    Promise {
        sentence: "at least once never loses a record",
        is_made: |terms| !terms.ever("before_processing") && !terms.sought && !terms.begins_late,
        is_kept: at_least_once_never_loses,
    },
    Promise {
        sentence: "what is processed is published, if it is not committed before",
        is_made: |terms| !terms.ever("before_processing") && !terms.sought,
        is_kept: what_is_processed_is_published,
    },
    Promise {
        sentence: "at most once never repeats a record",
        is_made: |terms| terms.always("before_processing") && !terms.sought && !terms.puts_aside,
        is_kept: at_most_once_never_repeats,
    },
    Promise {
        sentence: "the first deliveries of a key are in the order of its records",
        is_made: |terms| !terms.ever("before_processing") && !terms.sought && !terms.puts_aside,
        is_kept: first_deliveries_of_a_key_are_in_order,
    },
    Promise {
        sentence: "only a person lets a committed offset go back",
        is_made: |_| true,
        is_kept: only_a_person_lets_a_committed_offset_go_back,
    },
    Promise {
        sentence: "a partition has one owner in a generation",
        is_made: |_| true,
        is_kept: a_partition_has_one_owner_in_a_generation,
    },
    Promise {
        sentence: "what is recognised was done before",
        is_made: |terms| !terms.ever("before_processing"),
        is_kept: what_is_recognised_was_done,
    },
    Promise {
        sentence: "what is left out is said so, and only on failure",
        is_made: |terms| !terms.skips,
        is_kept: nothing_is_left_out,
    },
];

fn exactly_once_neither_loses_nor_repeats(story: &Story) -> Result<(), String> {
    let excused: BTreeSet<Place> = story.fared(|how| matches!(how, Fared::Skipped | Fared::Deduplicated)).collect();
    for place in story.inputs.keys() {
        let times = story.outputs.get(place).copied().unwrap_or_default();
        match times {
            1 => {}
            0 if excused.contains(place) => {}
            _ => return Err(format!("{place:?} is {times} times in the output")),
        }
    }
    Ok(())
}

fn at_least_once_never_loses(story: &Story) -> Result<(), String> {
    let told = |how: Fared| matches!(how, Fared::Skipped | Fared::Deduplicated | Fared::DeadLettered(_));
    let mut done: BTreeSet<Place> = story.fared(told).collect();
    done.extend(story.processed());
    story.inputs.keys().find(|place| !done.contains(place)).map_or(Ok(()), |lost| Err(format!("{lost:?} is lost")))
}

fn what_is_processed_is_published(story: &Story) -> Result<(), String> {
    let missing = story.processed().find(|place| !story.outputs.contains_key(place));
    missing.map_or(Ok(()), |place| Err(format!("{place:?} is processed and not in the output")))
}

fn at_most_once_never_repeats(story: &Story) -> Result<(), String> {
    let mut done = BTreeSet::new();
    let again = story.processed().find(|place| !done.insert(*place));
    again.map_or(Ok(()), |place| Err(format!("{place:?} is processed again")))
}

fn first_deliveries_of_a_key_are_in_order(story: &Story) -> Result<(), String> {
    let (mut done, mut last) = (BTreeSet::new(), BTreeMap::new());
    for place in story.delivered().filter(|place| done.insert(*place)) {
        let Some((Some(key), _)) = story.inputs.get(&place) else { continue };
        let before = last.insert((place.0, key), place.1);
        if before.is_some_and(|before| before > place.1) {
            return Err(format!("{place:?} came after {before:?}, which has its key and is behind it"));
        }
    }
    Ok(())
}

fn only_a_person_lets_a_committed_offset_go_back(story: &Story) -> Result<(), String> {
    let mut last: BTreeMap<(GroupId, TopicPartition), Offset> = BTreeMap::new();
    for stamped in story.events {
        match stamped.event {
            Event::Service(ServiceEvent::Sought { group, partition, to, .. }) => {
                last.insert((group, partition), to);
            }
            Event::Offsets(OffsetsFact::Committed { group, partition, offset, .. }) => {
                let before = last.insert((group, partition), offset);
                if before.is_some_and(|before| before > offset) {
                    return Err(format!("{group:?} went back from {before:?} to {offset:?} in {partition:?}"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn a_partition_has_one_owner_in_a_generation(story: &Story) -> Result<(), String> {
    let mut owners: BTreeMap<(GroupId, Generation, TopicPartition), MemberId> = BTreeMap::new();
    for stamped in story.events {
        let Event::Group(GroupFact::Assigned { group, generation, member, partitions }) = &stamped.event else {
            continue;
        };
        for partition in partitions.iter() {
            let owner = *owners.entry((*group, *generation, *partition)).or_insert(*member);
            if owner != *member {
                return Err(format!("{owner:?} and {member:?} own {partition:?} in {generation:?} of {group:?}"));
            }
        }
    }
    Ok(())
}

fn what_is_recognised_was_done(story: &Story) -> Result<(), String> {
    let work: BTreeSet<_> = story.processed().filter_map(|place| story.work(place)).collect();
    let recognised = story.fared(|how| how == Fared::Deduplicated);
    let wrong = recognised
        .filter(|place| story.inputs.contains_key(place))
        .find(|place| !story.work(*place).is_some_and(|done| work.contains(&done)));
    wrong.map_or(Ok(()), |place| Err(format!("{place:?} was recognised, and nobody had done it")))
}

fn nothing_is_left_out(story: &Story) -> Result<(), String> {
    let skipped = story.fared(|how| how == Fared::Skipped).next();
    skipped.map_or(Ok(()), |place| Err(format!("{place:?} was left out")))
}

/// Whether no two members of a group hold the same partition now.
pub(crate) fn no_partition_is_held_twice<'a>(held: impl Iterator<Item = &'a [TopicPartition]>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let twice = held.flatten().find(|partition| !seen.insert(**partition));
    twice.map_or(Ok(()), |partition| Err(format!("{partition:?} is held by two members")))
}

/// The first promise that was made and not kept.
pub(crate) fn broken(terms: &Terms, story: &Story) -> Option<String> {
    let mut made = PROMISES.iter().filter(|promise| (promise.is_made)(terms));
    made.find_map(|promise| (promise.is_kept)(story).err().map(|why| format!("\"{}\": {why}", promise.sentence)))
}

/// Events that make up a story, for the tests of the promises themselves.
#[cfg(test)]
mod tests;

/// When something happened does not matter to a promise.
#[cfg(test)]
fn stamped(event: Event) -> Stamped {
    Stamped { at: catchup::time::Instant::START, event }
}
