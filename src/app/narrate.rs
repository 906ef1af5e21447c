//! What is happening, in plain words: one sentence for the whole page. Single events are told in `describe.rs`.

use super::model::Model;
use super::view::text::{count, list, seconds};
use crate::sim::{ServiceId, ServiceState};
use crate::time::Span;

/// How long the page goes on saying that a service has caught up, on the clock on the wall.
const NEWS: Span = Span::from_ms(12_000);
/// From how many records on a service that is on counts as falling behind; more than a poll, and not what one burst leaves.
const FALLING_BEHIND: u64 = 100;

/// What kind of news a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Calm,
    /// Something is away.
    Down,
    /// Something is coming back.
    CatchingUp,
    /// Something has come back.
    Good,
}

impl Model {
    /// The one sentence that says what is happening now.
    pub fn narrate(&self) -> (Tone, String) {
        self.tell_violation()
            .or_else(|| self.tell_offline())
            .or_else(|| self.tell_return())
            .or_else(|| self.tell_falling_behind())
            .or_else(|| self.tell_caught_up())
            .unwrap_or_else(|| (Tone::Calm, self.tell_calm()))
    }

    fn tell_violation(&self) -> Option<(Tone, String)> {
        let violation = self.violation?;
        Some((Tone::Down, format!("This is a mistake in Catchup, please report it with the seed: {violation}.")))
    }

    fn tell_offline(&self) -> Option<(Tone, String)> {
        let offline = self.in_state(ServiceState::Offline);
        if offline.is_empty() {
            return None;
        }
        let parts: Vec<String> = offline.iter().map(|id| self.tell_one_offline(*id)).collect();
        let others: Vec<&str> = self
            .world()
            .service_ids()
            .filter(|id| self.world().service_state(*id) == ServiceState::Running && !self.is_behind(*id))
            .map(|id| self.name(id))
            .collect();
        let rest = match others.len() {
            0 => String::new(),
            1 => format!(" {} goes on as if nothing had happened.", others[0]),
            _ => format!(" {} go on as if nothing had happened.", list(&others)),
        };
        Some((Tone::Down, format!("{}{rest}", parts.join(" "))))
    }

    fn tell_one_offline(&self, id: ServiceId) -> String {
        let name = self.name(id);
        if self.world().group_of(id).is_none() {
            return format!("{name} is offline: nothing new is published until it is back.");
        }
        match self.world().lag(id) {
            0 => format!("{name} is offline: nothing is waiting for it yet."),
            1 => format!("{name} is offline: 1 update is waiting for it."),
            lag => format!("{name} is offline: {lag} updates are waiting for it."),
        }
    }

    fn tell_return(&self) -> Option<(Tone, String)> {
        if let Some(id) = self.in_state(ServiceState::Joining).first() {
            return Some((Tone::CatchingUp, self.tell_joining(*id)));
        }
        let id = *self.in_state(ServiceState::CatchingUp).first()?;
        let left = count(self.world().lag(id), "update", "updates");
        let text = format!("{} is back and catches up where it left off: {left} to go, oldest first.", self.name(id));
        Some((Tone::CatchingUp, text))
    }

    fn tell_joining(&self, id: ServiceId) -> String {
        let name = self.name(id);
        let waiting = count(self.world().lag(id), "update is", "updates are");
        let counts_on_the_dead =
            self.world().group_of(id).is_some_and(|group| self.world().broker().group(group).counts_on_absent());
        if counts_on_the_dead {
            return format!(
                "{name} is back, but its group still waits for the instance that crashed, until its session times out. \
                 {waiting} waiting."
            );
        }
        format!("{name} is back and joins its group: {waiting} waiting for it.")
    }

    fn tell_falling_behind(&self) -> Option<(Tone, String)> {
        let id = self.world().service_ids().find(|id| self.is_behind(*id))?;
        let lag = self.world().lag(id);
        let text = format!(
            "{} cannot keep up: more arrives than it can process, and {lag} updates are waiting for it.",
            self.name(id)
        );
        Some((Tone::CatchingUp, text))
    }

    /// Whether a service has more to do than its polls explain.
    fn is_behind(&self, id: ServiceId) -> bool {
        let consumes = self.world().service_spec(id).consumes.as_ref();
        let in_hand = consumes.map_or(0, |it| 2 * u64::from(it.max_poll_records * it.instances));
        self.world().lag(id) > FALLING_BEHIND.max(in_hand)
    }

    fn tell_caught_up(&self) -> Option<(Tone, String)> {
        let (id, recovery) = self
            .recoveries
            .iter()
            .filter(|(_, recovery)| {
                recovery.done_at.is_some_and(|at| self.world().now().since(at) < self.speed().simulated(NEWS).max(NEWS))
            })
            .max_by_key(|(_, recovery)| recovery.done_at)?;
        let name = self.name(*id);
        if recovery.missed == 0 {
            return Some((Tone::Good, format!("{name} is back. It had missed nothing.")));
        }
        let missed = count(recovery.missed, "update that it missed was", "updates that it missed were");
        let account = self.world().group_of(*id).map(|group| self.ledger().account(group)).unwrap_or_default();
        let verdict = match (account.lost, account.processed_again.saturating_sub(recovery.again_before)) {
            (0, 0) => "Nothing was lost.".to_owned(),
            (0, again) => format!("Nothing was lost; {} delivered twice.", count(again, "was", "were")),
            (lost, _) => format!("{} lost.", count(lost, "was", "were")),
        };
        Some((Tone::Good, format!("{name} has caught up: the {missed} processed in order. {verdict}")))
    }

    fn tell_calm(&self) -> String {
        let readers: Vec<&str> = self
            .world()
            .service_ids()
            .filter(|id| self.world().group_of(*id).is_some())
            .map(|id| self.name(id))
            .collect();
        match readers.len() {
            0 => "All services are running. None of them reads anything.".to_owned(),
            1 => format!("All services are running. {} keeps up with every update.", readers[0]),
            _ => format!("All services are running. {} keep up with every update.", list(&readers)),
        }
    }

    pub(super) fn in_state(&self, state: ServiceState) -> Vec<ServiceId> {
        self.world().service_ids().filter(|id| self.world().service_state(*id) == state).collect()
    }

    pub(super) fn name(&self, id: ServiceId) -> &str {
        &self.world().service_spec(id).name
    }

    /// The state of a service in a few words.
    pub(super) fn state_text(&self, id: ServiceId) -> String {
        match self.world().service_state(id) {
            ServiceState::Offline => {
                format!("offline, down {}", seconds(self.world().now().since(self.world().switched_at(id))))
            }
            ServiceState::Joining => "joining its group".to_owned(),
            ServiceState::CatchingUp => "catching up".to_owned(),
            ServiceState::Running => "running".to_owned(),
        }
    }
}
