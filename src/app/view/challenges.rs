//! The challenges in words: what to bring about, how, what it shows.

use super::text::clock;
use crate::app::challenges::{gives_up, is_seen};
use crate::app::{Layout, Model};
use crate::check::{By, Challenge, Done};
use crate::sim::ServiceSpec;
use crate::time::Instant;

/// The challenges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengesView {
    /// How many are done, and how many there are.
    pub counted: (usize, usize),
    /// Whether they are shown one by one.
    pub is_unfolded: bool,
    /// Whether they can be folded up.
    pub is_foldable: bool,
    /// The challenges; none while they are folded up.
    pub rows: Vec<ChallengeRow>,
}

/// A challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeRow {
    /// What it is called.
    pub title: &'static str,
    /// What to bring about.
    pub task: String,
    /// How, for whoever wants to be told.
    pub hint: String,
    /// That it is done, if it is.
    pub done: Option<DoneView>,
}

/// That a challenge is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneView {
    /// When, and by whom.
    pub when: String,
    /// What it shows.
    pub lesson: &'static str,
    /// The moment, if it came about in this run.
    pub at: Option<Instant>,
}

/// What has just been done, as long as that is news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldView {
    /// What is told.
    pub text: String,
    /// Whether the challenges are there to be shown, and are not.
    pub is_offered: bool,
}

/// What there is to tell now.
pub(super) fn told(model: &Model) -> Option<ToldView> {
    let text = model.challenge_news()?.to_owned();
    Some(ToldView { text, is_offered: *model.layout() == Layout::Whole && !model.has_unfolded_challenges() })
}

/// The challenges as they are now.
pub fn challenges(model: &Model) -> ChallengesView {
    let is_unfolded = model.has_unfolded_challenges();
    let rows = || all_challenges(model).into_iter().map(|(_, row)| row).collect();
    ChallengesView {
        counted: model.challenges_counted(),
        is_unfolded,
        is_foldable: *model.layout() == Layout::Whole,
        rows: if is_unfolded { rows() } else { Vec::new() },
    }
}

/// All challenges of this system.
pub fn all_challenges(model: &Model) -> Vec<(Challenge, ChallengeRow)> {
    let names = names(model);
    model.challenges().map(|it| (it, row(model, &names, it))).collect()
}

fn row(model: &Model, names: &Names<'_>, challenge: Challenge) -> ChallengeRow {
    let Words { title, task, hint, lesson } = words(challenge);
    let done = model.challenge_done(challenge).map(|it| DoneView { when: when(model, it), lesson, at: Some(it.at) });
    let before = model.has_earned(challenge).then(|| DoneView {
        when: "Done before, in another run or on another road.".to_owned(),
        lesson,
        at: None,
    });
    ChallengeRow { title, task: named(task, names), hint: named(hint, names), done: done.or(before) }
}

fn when(model: &Model, Done { at, by }: Done) -> String {
    format!("Done at {}: {}.", clock(at), done_by(model, by))
}

/// By whom a challenge was done, or where.
pub fn done_by(model: &Model, by: By) -> String {
    match by {
        By::Service(id) => model.name(id).to_owned(),
        By::Broker(broker) => format!("broker {broker}"),
        By::Partition(it) => {
            format!("partition {} of {}", it.partition, model.world().broker().topic(it.topic).name())
        }
    }
}

/// What a challenge is called.
pub const fn title(challenge: Challenge) -> &'static str {
    words(challenge).title
}

/// What stands in the texts for the names of this system, and the names.
type Names<'a> = [(&'static str, &'a str); 6];

fn names(model: &Model) -> Names<'_> {
    let world = model.world();
    let reader = |is_so: fn(&ServiceSpec) -> bool| model.reader_with(is_so).map_or("a service", |id| model.name(id));
    let outcome = model.reader_with(is_seen).and_then(|id| world.service_spec(id).consumes.as_ref()?.outcome.as_ref());
    let publisher = world.service_ids().find(|id| world.service_spec(*id).publishes.is_some());
    let topic = publisher.and_then(|id| world.service_spec(id).publishes.as_ref()).map(|it| it.topic);
    [
        ("reader", reader(|_| true)),
        ("seen", reader(is_seen)),
        ("twice", outcome.map_or("", |it| &it.twice)),
        ("gives up", reader(gives_up)),
        ("publisher", publisher.map_or("whoever publishes", |id| model.name(id))),
        ("topic", topic.map_or("its topic", |id| world.broker().topic(id).name())),
    ]
}

fn named(text: &str, names: &Names<'_>) -> String {
    let filled = |part| names.iter().find(|(place, _)| *place == part).map_or(part, |(_, name)| *name);
    text.split(['{', '}']).map(filled).collect()
}

/// What is said of a challenge; names stand in braces.
struct Words {
    title: &'static str,
    task: &'static str,
    hint: &'static str,
    lesson: &'static str,
}

const fn words(challenge: Challenge) -> Words {
    match challenge {
        Challenge::NothingLost => Words {
            title: "Nothing lost",
            task: "Have {reader}, or another service that reads, be away for at least 30 seconds. Bring it back, and have it catch \
                   up without losing one update.",
            hint: "Its switch, or the large button at the top, takes it offline and brings it back; to be cut off from the network \
                   counts too. Meanwhile time can run faster: choose a speed at the bottom.",
            lesson: "The log keeps the records and the place of the group, so being away costs time and nothing else.",
        },
        Challenge::SaidTwice => Words {
            title: "Said twice",
            task: "Have {seen} do the same thing twice. Its card then counts them: {twice}.",
            hint: "Switch {seen} off while it is busy, for instance while it catches up, and on again. What it had done and not yet \
                   committed comes again. If it had committed just then, try once more.",
            lesson: "The log hands out again whatever was not committed, done or not: delivered at least once is not done once.",
        },
        Challenge::MissedForGood => Words {
            title: "Missed for good",
            task: "Have {reader} miss an update for good, although the log still has it. Its account will say: lost.",
            hint: "Look inside {reader}, and have it commit its offset before it does the work. Then switch it off while it is busy, \
                   for instance while it catches up.",
            lesson: "A committed offset says how far a group has come, not what it has done: nobody gets what lies before it again.",
        },
        Challenge::Recognised => Words {
            title: "Delivered twice, done once",
            task: "Have an update come to {reader} a second time, and be recognised, so that nothing is done twice.",
            hint: "Look inside {reader}, and switch on “Recognises repeated records”; it has to commit after it has done the work. \
                   Then switch it off while it is busy, for instance while it catches up, and on again.",
            lesson: "The log cannot know what was done with a record. The reader can: it knew the update, and did nothing.",
        },
        Challenge::Redriven => Words {
            title: "Around the poison",
            task: "Have {gives up} put aside a record that it cannot process, go on with the rest, and process it after all, later on.",
            hint: "Look inside {gives up}, and have it set aside as a dead letter what it fails on. Publish a poison record by hand; \
                   whoever else reads it meets it too. Once it lies aside, switch on “Can read a poison record”, and press Redrive.",
            lesson: "What cannot be processed need not hold up the rest, nor be lost: it lies aside until somebody has mended the \
                     cause.",
        },
        Challenge::BrokerBack => Words {
            title: "One broker less",
            task: "Have a broker fail and others lead in its place. Bring it back, and wait until every replica is in sync again, \
                   with no acknowledged record gone.",
            hint: "Unfold Brokers and switch one off. After a few seconds others are elected. Switch it on again: it copies what it \
                   has missed.",
            lesson: "Every replica in sync has what is acknowledged to acks=all, so any of them can lead, and nothing is gone.",
        },
        Challenge::AcknowledgedLost => Words {
            title: "Acknowledged and gone",
            task: "Have an election throw away a record of which {publisher} had been told that it is written.",
            hint: "Click a partition of {topic} and turn unclean.leader.election.enable on: now one may lead that has not \
                   everything. Under Brokers, switch one off and let {publisher} publish for ten seconds. Switch the others off, \
                   and the first one on again.",
            lesson: "The new leader did not have it. An acknowledgement holds as long as only those may lead that have everything.",
        },
    }
}
