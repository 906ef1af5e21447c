//! A short tour of the page: six stops, each with a sentence or two. It takes the person by the hand through one outage, and
//! what it says follows from what is happening; whoever goes another way is not held up.

use super::model::Model;
use super::msg::Effect;
use super::next_step::WhatToDo;
use super::view::text::list_of;
use crate::sim::{ServiceId, ServiceState};

/// A place that the tour stops at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// Who publishes.
    #[default]
    Publish,
    /// What keeps the records.
    Log,
    /// Who reads.
    Readers,
    /// An outage, and the return.
    Outage,
    /// The proof that nothing was lost.
    Proof,
    /// Time, and what else there is.
    Time,
}

/// What is done with the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TourMsg {
    /// Go to a stop.
    Go(Stop),
    /// End it.
    End,
}

impl Stop {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [Self::Publish, Self::Log, Self::Readers, Self::Outage, Self::Proof, Self::Time];

    /// How many there are before it.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|stop| *stop == self).unwrap_or_default()
    }

    /// The next one.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.index() + 1).copied()
    }

    /// The one before.
    pub fn previous(self) -> Option<Self> {
        Self::ALL.get(self.index().checked_sub(1)?).copied()
    }

    /// What it is about, as the style sheet calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Publish => "publishers",
            Self::Log => "log",
            Self::Readers => "readers",
            Self::Outage => "news",
            Self::Proof => "ledger",
            Self::Time => "time",
        }
    }

    /// Its heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Publish => "Everything begins here",
            Self::Log => "The log keeps it",
            Self::Readers => "Others read, each at its own pace",
            Self::Outage => "Now break something",
            Self::Proof => "Was anything lost?",
            Self::Time => "Time is yours",
        }
    }
}

/// Takes in what is done with the tour.
pub(super) fn update(model: &mut Model, msg: TourMsg) -> Vec<Effect> {
    match msg {
        TourMsg::Go(stop) => {
            model.tour = Some(stop);
            vec![Effect::Reveal(stop.name()), Effect::FocusId("tour-heading")]
        }
        TourMsg::End => {
            model.tour = None;
            vec![Effect::FocusId("tour-begin")]
        }
    }
}

impl Model {
    /// What the tour says at a stop, as things are now.
    pub fn tell_tour(&self, stop: Stop) -> String {
        match stop {
            Stop::Publish => self.tell_publishers(),
            Stop::Log => "Every record is added at the end and gets the next number. Reading removes nothing: the log is \
                          the memory that all services share, so none of them has to be there at the right moment."
                .to_owned(),
            Stop::Readers => self.tell_readers(),
            Stop::Outage => self.tell_outage(),
            Stop::Proof => self.tell_proof(),
            Stop::Time => "Drag the line to look at any instant, run a thousand times faster, take back what you did, or \
                           share a link to exactly this moment. Look inside a service to change how it reads and fails. \
                           And if you want something to aim for: Challenges, near the bottom of the page."
                .to_owned(),
        }
    }

    fn tell_publishers(&self) -> String {
        let publishers = self.names_of(|model, id| model.world().service_spec(id).publishes.is_some());
        let (verb, subject, waits) =
            if publishers.len() == 1 { ("writes", "It does", "waits") } else { ("write", "They do", "wait") };
        format!(
            "{} {verb} every change into the log. {subject} not know who reads it, and {waits} for nobody.",
            list_of(&publishers)
        )
    }

    fn tell_readers(&self) -> String {
        let readers = self.names_of(|model, id| model.world().group_of(id).is_some());
        let head = match readers.len() {
            1 => format!("{} reads the records, and remembers how far it has come.", readers[0]),
            _ => {
                format!(
                    "{} read the same records, and each remembers for itself how far it has come.",
                    list_of(&readers)
                )
            }
        };
        format!("{head} Beside each stands what people see of its work.")
    }

    /// The outage from beginning to end: what to do, what to watch, what has come of it.
    fn tell_outage(&self) -> String {
        let Some(step) = self.next_step() else {
            return "In this scenario nobody reads, so there is nobody to be missed.".to_owned();
        };
        let service = self.in_prose(&step.what);
        let is_busy =
            !self.in_state(ServiceState::CatchingUp).is_empty() || !self.in_state(ServiceState::Joining).is_empty();
        if step.what_to_do == WhatToDo::BringBack {
            return format!(
                "{service} is away. Its lag grows with every record, what people see of it stands still, and the others \
                 go on. Wait a little, then bring it back with the large button."
            );
        }
        if is_busy {
            return "It is back, and reads on exactly where it stopped, much faster than records arrive.".to_owned();
        }
        let back = self.moment.recoveries.iter().filter(|(_, recovery)| recovery.done_at.is_some());
        if let Some((id, _)) = back.max_by_key(|(_, recovery)| recovery.done_at) {
            let name = self.named(*id);
            return format!("{name} has caught up. Take another one offline, even the one that publishes, or go on.");
        }
        let yet = if self.has_broken_nothing() { "Nothing is broken yet. " } else { "" };
        format!("{yet}Take {service} offline with the large button above, and watch what happens to everybody else.")
    }

    /// Whether nobody has been away so far, so that there is nothing to be proved.
    pub fn has_broken_nothing(&self) -> bool {
        self.moment.outages.is_empty()
    }

    fn tell_proof(&self) -> String {
        let yet = if self.has_broken_nothing() {
            "Nothing was broken yet, so nothing could be: go back for that, or see what is counted here meanwhile. "
        } else {
            ""
        };
        format!(
            "{yet}Each line adds up: what was published is what was processed, what still waits, and what was lost. It is counted apart \
             from the machinery above, so it could contradict it. Every number opens its records."
        )
    }

    fn names_of(&self, is_wanted: impl Fn(&Self, ServiceId) -> bool) -> Vec<String> {
        self.world().service_ids().filter(|id| is_wanted(self, *id)).map(|id| self.named(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;
    use crate::sim::Command;
    use crate::time::Instant;

    fn switch(model: &mut Model, ms: u64, online: bool) -> String {
        let command = Command::SetServiceOnline { service: "notifications".to_owned(), online };
        model.act(command).expect("there is such a service");
        model.advance_to(Instant::from_ms(ms));
        model.tell_tour(Stop::Outage)
    }

    #[test]
    fn the_stop_at_the_outage_follows_it_to_its_end() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(12_000));
        let outage = model.tell_tour(Stop::Outage);
        assert!(outage.starts_with("Nothing is broken yet. Take `notifications` offline"), "{outage}");
        assert!(model.tell_tour(Stop::Proof).starts_with("Nothing was broken yet"), "whoever goes on is told");
        assert!(switch(&mut model, 60_000, false).starts_with("`notifications` is away."));
        assert!(switch(&mut model, 66_000, true).starts_with("It is back"));
        model.advance_to(Instant::from_ms(180_000));
        assert!(model.tell_tour(Stop::Outage).starts_with("`notifications` has caught up"));
        assert!(model.tell_tour(Stop::Proof).starts_with("Each line adds up"));
    }

    #[test]
    fn the_tour_goes_from_stop_to_stop_and_ends() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        let mut stop = Stop::default();
        for number in 1.. {
            drop(update(&mut model, TourMsg::Go(stop)));
            assert_eq!(model.tour, Some(stop));
            assert!(!model.tell_tour(stop).is_empty());
            let Some(next) = stop.next() else {
                assert_eq!(number, Stop::ALL.len());
                break;
            };
            assert_eq!(next.previous(), Some(stop));
            stop = next;
        }
        drop(update(&mut model, TourMsg::End));
        assert_eq!(model.tour, None);
    }
}
