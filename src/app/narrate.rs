//! What is happening, in plain words: one sentence for the whole page. Single events are told in `describe.rs`.

use super::lateness::CatchUp;
use super::model::Model;
use super::troubles::STUCK_FAILURES;
use super::view::text::{count, grouped, list_of, plain, roughly, seconds, tenths};
use crate::client::ConsumerState;
use crate::log::RecordRef;
use crate::sim::{CommitPolicy, InstanceInfo, Role, ServiceId, ServiceState, Trouble};
use crate::time::{Instant, Span};

/// How long the page goes on saying that a service has caught up, on the clock on the wall.
const NEWS: Span = Span::from_ms(12_000);
/// From how many records on a service that is on counts as falling behind; more than a poll, and not what one burst leaves.
const FALLING_BEHIND: u64 = 100;

/// From how many records on it is told that they were processed and come again.
const REPEATED_MIN: u64 = 5;
/// From how many records on, the oldest of which has waited for how long, a service is not said to keep up.
const WORTH_TELLING: u64 = 10;
const WORTH_TELLING_AGE: Span = Span::from_ms(2_000);
/// From how many records on it is told that more has come in while a service caught up.
const NEWER_MIN: u64 = 10;

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
    /// The one sentence that says what is happening now, as plain text.
    pub fn narrate(&self) -> (Tone, String) {
        let (tone, prose) = self.narrate_in_prose();
        (tone, plain(&prose))
    }

    /// The same, with the names of services marked: see `view::text::named`.
    pub fn narrate_in_prose(&self) -> (Tone, String) {
        self.tell_violation()
            .or_else(|| self.tell_brokers_to_blame())
            .or_else(|| self.tell_offline())
            .or_else(|| self.tell_troubled())
            .or_else(|| self.tell_return())
            .or_else(|| self.tell_falling_behind())
            .or_else(|| self.tell_broker_away())
            .or_else(|| self.tell_news())
            .or_else(|| self.tell_backlog())
            .unwrap_or_else(|| (Tone::Calm, self.tell_calm()))
    }

    /// The record that the sentence is about, if it is about one.
    pub fn record_told(&self) -> Option<RecordRef> {
        if self.tell_violation().or_else(|| self.tell_brokers_to_blame()).or_else(|| self.tell_offline()).is_some() {
            return None;
        }
        let troubled = self.troubled()?;
        let stuck = self.stuck_at(troubled)?;
        self.tell_elsewhere(troubled).is_none().then_some(stuck.record)
    }

    fn tell_violation(&self) -> Option<(Tone, String)> {
        let violation = self.moment.violation?;
        Some((Tone::Down, format!("This is a mistake in Catchup, please report it with the seed: {violation}.")))
    }

    fn tell_offline(&self) -> Option<(Tone, String)> {
        let offline = self.in_state(ServiceState::Offline);
        if offline.is_empty() {
            return None;
        }
        let parts: Vec<String> = offline.iter().map(|id| self.tell_one_offline(*id)).collect();
        let goes_on = |id: &ServiceId| self.world().service_state(*id) == ServiceState::Running && !self.is_behind(*id);
        let others: Vec<String> = self.world().service_ids().filter(goes_on).map(|id| self.named(id)).collect();
        let rest = match others.len() {
            0 => String::new(),
            1 => format!(" {} goes on unaffected.", others[0]),
            _ => format!(" {} go on unaffected.", list_of(&others)),
        };
        Some((Tone::Down, format!("{}{rest}", parts.join(" "))))
    }

    /// A service that is on and yet does not get on.
    fn tell_troubled(&self) -> Option<(Tone, String)> {
        Some((Tone::Down, self.tell_one_troubled(self.troubled()?)?))
    }

    /// The service that does not get on of which the sentence tells: one that none of its records keeps from its work, or else one
    /// that is stuck, before those of which it is decided how they go on.
    pub(super) fn troubled(&self) -> Option<ServiceId> {
        let all = || self.world().service_ids();
        let stuck = || all().filter(|id| self.stuck_at(*id).is_some());
        let elsewhere = all().find(|id| self.tell_elsewhere(*id).is_some());
        elsewhere.or_else(|| stuck().find(|id| self.decided(*id).is_none())).or_else(|| stuck().next())
    }

    fn tell_one_troubled(&self, id: ServiceId) -> Option<String> {
        self.tell_elsewhere(id).or_else(|| self.tell_stuck(id))
    }

    /// What keeps a service from its work that is none of its records.
    fn tell_elsewhere(&self, id: ServiceId) -> Option<String> {
        let (world, name) = (self.world(), self.named(id));
        let waiting = || self.tell_waiting(id);
        let any = |is_so: fn(&InstanceInfo<'_>) -> bool| world.instances(id).any(|instance| is_so(&instance));
        if world.service_state(id) == ServiceState::Failed {
            return Some(format!("{name} has stopped: none of its instances runs any more, and {}.", waiting()));
        }
        if !world.is_connected(id) {
            let reads = world.group_of(id).is_some();
            let rest = if reads { waiting() } else { "what it publishes waits in its memory".to_owned() };
            return Some(format!("{name} runs, but cannot reach the broker: {rest}."));
        }
        if any(|instance| instance.is_stalled && instance.member.is_none()) {
            return Some(format!("{name} was stalled for so long that it was removed from its group; {}.", waiting()));
        }
        if any(|instance| instance.is_stalled) {
            return Some(format!("{name} is stalled: it still sends heartbeats, but does no work; {}.", waiting()));
        }
        any(|instance| instance.membership == Some(ConsumerState::Away)).then(|| {
            format!("{name} has not polled for max.poll.interval.ms, so it has lost its partitions; {}.", waiting())
        })
    }

    fn tell_stuck(&self, id: ServiceId) -> Option<String> {
        let trouble = self.stuck_at(id)?;
        let (name, times) = (self.named(id), count(trouble.failures.into(), "time", "times"));
        let (offset, partition) = (trouble.record.offset, trouble.record.partition.partition);
        let soon = self.next_attempt(id).map_or_else(String::new, |it| format!(" ({it})"));
        let next = self.decided(id).map_or_else(|| format!(". {}", self.tell_ways_out(id)), |it| format!("; {it}."));
        Some(format!(
            "{name} has failed {times} at offset {offset} of partition {partition}{soon}, and everything behind it there waits{next}"
        ))
    }

    /// The record that a service tries again and again.
    pub(super) fn stuck_at(&self, id: ServiceId) -> Option<Trouble> {
        let mut main = self.world().instances(id).filter(|instance| instance.role == Role::Main);
        main.find_map(|instance| instance.trouble.filter(|trouble| trouble.failures >= STUCK_FAILURES))
    }

    fn tell_one_offline(&self, id: ServiceId) -> String {
        let name = self.named(id);
        if self.world().group_of(id).is_none() {
            return format!("{name} is offline: nothing new is published until it is back.");
        }
        let waits = match (self.world().waiting(id), self.world().lag_deleted(id)) {
            (0, 0) => "nothing is waiting for it yet".to_owned(),
            (0, deleted) => format!("nothing is waiting for it any more, {}", tell_deleted(deleted)),
            (waiting, 0) => format!("{}{}", self.tell_waiting(id), self.tell_repeated(id, waiting)),
            (_, deleted) => format!("{}, {}", self.tell_waiting(id), tell_deleted(deleted)),
        };
        format!("{name} is offline: {waits}.")
    }

    /// `3 updates are waiting for it`. While time runs the number is rounded: one that changes in each frame cannot be read, and the
    /// card of the service has it.
    fn tell_waiting(&self, id: ServiceId) -> String {
        match self.world().waiting(id) {
            0 => "nothing is waiting for it yet".to_owned(),
            waiting if self.playing => format!("{} are waiting for it", roughly(waiting)),
            waiting => format!("{} waiting for it", count(waiting, "update is", "updates are")),
        }
    }

    /// `3 updates`, rounded likewise.
    fn tell_left(&self, left: u64) -> String {
        if self.playing { roughly(left) } else { count(left, "update", "updates") }
    }

    /// How many of those that wait come again: with auto commit they are processed some time before they are committed.
    fn tell_repeated(&self, id: ServiceId, waiting: u64) -> String {
        let is_auto = self.world().config_of(id).is_some_and(|it| it.commit_policy == CommitPolicy::Auto);
        let repeated = waiting.saturating_sub(self.account_of(id).waiting);
        if !is_auto || repeated < REPEATED_MIN {
            return String::new();
        }
        let repeated = if self.playing { "some".to_owned() } else { grouped(repeated) };
        format!(", {repeated} of them again: processed, but not committed")
    }

    fn tell_return(&self) -> Option<(Tone, String)> {
        if let Some(id) = self.in_state(ServiceState::Joining).first() {
            return Some((Tone::CatchingUp, self.tell_joining(*id)));
        }
        let id = *self.in_state(ServiceState::CatchingUp).first()?;
        let name = self.named(id);
        let how = match self.moment.recoveries.get(&id).map(|recovery| (recovery.missed, recovery.has_joined)) {
            Some((missed @ 1.., true)) => {
                format!("has joined and reads the {} that were there before it", count(missed, "update", "updates"))
            }
            Some((missed @ 1.., false)) => {
                format!("is back and catches up where it left off: it missed {}", count(missed, "update", "updates"))
            }
            Some((0, _)) | None => "is back and catches up where it left off".to_owned(),
        };
        let missed = self.moment.recoveries.get(&id).map_or(0, |recovery| recovery.missed);
        let left = match self.world().waiting(id) {
            _ if self.playing => String::new(),
            // What came since it is back was not missed.
            waiting if missed > 0 && waiting > missed => {
                format!("with what came since, {} are to go, ", grouped(waiting))
            }
            waiting => format!("{} to go, ", grouped(waiting)),
        };
        Some((Tone::CatchingUp, format!("{name} {how}; {left}the oldest of each partition first.")))
    }

    fn tell_joining(&self, id: ServiceId) -> String {
        let name = self.named(id);
        let waiting = self.tell_waiting(id);
        let counts_on_the_dead =
            self.world().group_of(id).is_some_and(|group| self.world().broker().group(group).counts_on_absent());
        let was_away = self.moment.recoveries.get(&id).is_some_and(|it| it.done_at.is_none() && !it.has_joined);
        if counts_on_the_dead && was_away {
            return format!(
                "{name} is back, but its group still waits for the instance that crashed, until its session times out; \
                 {waiting}."
            );
        }
        if counts_on_the_dead {
            return format!(
                "{name} joins its group again, which still counts a former member, until that one's session times out; \
                 {waiting}."
            );
        }
        let how = if self.has_just_joined(id) { "is new" } else { "is back" };
        format!("{name} {how} and joins its group: {waiting}.")
    }

    /// Whether a service is here for the first time, since it was added.
    fn has_just_joined(&self, id: ServiceId) -> bool {
        self.moment.recoveries.get(&id).is_some_and(|recovery| recovery.has_joined)
    }

    /// A service that has more to do than its polls explain, and does not get on top of it.
    fn tell_falling_behind(&self) -> Option<(Tone, String)> {
        let late = self.world().service_ids().filter_map(|id| Some((id, self.lateness(id)?)));
        let (id, lateness) = late.into_iter().find(|(_, it)| it.catch_up == CatchUp::Never)?;
        let (arriving, processed) = (tenths(lateness.arrival_tenths_per_s), tenths(lateness.processing_tenths_per_s));
        let waiting = self.tell_waiting(id);
        let name = self.named(id);
        let text =
            format!("{name} does not keep up: {arriving} a second arrive, {processed} are processed, and {waiting}.");
        Some((Tone::CatchingUp, text))
    }

    /// A service that has more to do than its polls explain, and gets on top of it.
    fn tell_backlog(&self) -> Option<(Tone, String)> {
        let id = self.world().service_ids().find(|id| self.is_behind(*id))?;
        let left = self.tell_left(self.world().waiting(id));
        let when = match self.lateness(id)?.catch_up {
            CatchUp::In(span) => format!(", which takes about {}", seconds(span)),
            CatchUp::KeepsUp | CatchUp::Never | CatchUp::Away => String::new(),
        };
        Some((Tone::CatchingUp, format!("{} works off its backlog: {left} to go{when}.", self.named(id))))
    }

    /// How many updates a service has before it, if it does not keep up with them at this moment.
    fn left_to_do(&self, id: ServiceId) -> Option<u64> {
        let oldest = self.lateness(id)?.oldest()?;
        let left = self.account_of(id).waiting;
        (left > WORTH_TELLING && oldest > WORTH_TELLING_AGE).then_some(left)
    }

    /// Whether a service has more to do than its polls explain.
    pub(super) fn is_behind(&self, id: ServiceId) -> bool {
        let config = self.world().config_of(id);
        let in_hand = config.map_or(0, |it| 2 * u64::from(it.max_poll_records * it.instances));
        self.world().waiting(id) > FALLING_BEHIND.max(in_hand)
    }

    /// What is over, the latest of it: an outage of a service, or of brokers.
    fn tell_news(&self) -> Option<(Tone, String)> {
        let news = [self.tell_caught_up(), self.tell_brokers_back()].into_iter().flatten();
        news.max_by_key(|(at, _)| *at).map(|(_, told)| told)
    }

    /// Whether what was at an instant is still news.
    pub(super) fn is_news(&self, at: Instant) -> bool {
        self.world().now().since(at) < self.speed().simulated(NEWS).max(NEWS)
    }

    fn tell_caught_up(&self) -> Option<(Instant, (Tone, String))> {
        let (id, recovery) = self
            .moment
            .recoveries
            .iter()
            .filter(|(id, recovery)| {
                self.world().has_service(**id) && recovery.done_at.is_some_and(|at| self.is_news(at))
            })
            .max_by_key(|(_, recovery)| recovery.done_at)?;
        let name = self.named(*id);
        let account = self.account_of(*id);
        let lost = account.lost.saturating_sub(recovery.lost_before);
        let again = account.processed_again.saturating_sub(recovery.again_before);
        let tone = if lost == 0 { Tone::Good } else { Tone::Down };
        let text = match (recovery.missed, lost) {
            (0, _) if recovery.has_joined => format!("{name} has joined. It had nothing to catch up on."),
            (missed, 0) if recovery.has_joined => {
                let missed = count(missed, "update that was there before it", "updates that were there before it");
                format!("{name} has joined and caught up: it has read the {missed}. The log had kept them.")
            }
            (0, 0) => format!("{name} is back. It had missed nothing."),
            (0, lost) => {
                format!("{name} is back. All that it had missed was deleted: {} lost.", count(lost, "was", "were"))
            }
            (missed, lost) => {
                let missed = count(missed, "update it missed", "updates it missed");
                let (verdict, next) = (tell_verdict(lost, again), self.tell_newer(*id));
                format!("{name} has caught up with the {missed}, in order within each partition. {verdict}{next}")
            }
        };
        Some((recovery.done_at?, (tone, text)))
    }

    /// What has come in while it caught up, if that is worth a word.
    fn tell_newer(&self, id: ServiceId) -> String {
        match self.account_of(id).waiting {
            ..NEWER_MIN => String::new(),
            _ if self.playing => " Next is what came in meanwhile.".to_owned(),
            newer => format!(" Next are the {} that came in meanwhile.", grouped(newer)),
        }
    }

    fn tell_calm(&self) -> String {
        if let Some((left, id)) = self.world().service_ids().filter_map(|id| Some((self.left_to_do(id)?, id))).max() {
            let left = self.tell_left(left);
            return format!("All services are running. {} has {left} to go.", self.named(id));
        }
        let reads = |id: &ServiceId| self.world().group_of(*id).is_some();
        let readers: Vec<String> = self.world().service_ids().filter(reads).map(|id| self.named(id)).collect();
        match readers.len() {
            0 => "All services are running. None of them reads anything.".to_owned(),
            1 => format!("All services are running. {} keeps up with every update.", readers[0]),
            _ => format!("All services are running. {} keep up with every update.", list_of(&readers)),
        }
    }

    pub(super) fn in_state(&self, state: ServiceState) -> Vec<ServiceId> {
        self.world().service_ids().filter(|id| self.world().service_state(*id) == state).collect()
    }

    /// The state of a service in a few words.
    pub(super) fn state_text(&self, id: ServiceId) -> String {
        match self.world().service_state(id) {
            ServiceState::Offline => {
                format!("offline, down {}", seconds(self.world().now().since(self.world().switched_at(id))))
            }
            ServiceState::Stopping => "shutting down".to_owned(),
            ServiceState::Failed => "stopped: no instance runs".to_owned(),
            _ if !self.world().is_connected(id) => "cut off from the broker".to_owned(),
            _ if self.waits_for_the_log(id) => self.tell_wait_for_the_log(id),
            ServiceState::Joining => "joining its group".to_owned(),
            _ if self.stuck_at(id).is_some() => "stuck on a record".to_owned(),
            ServiceState::CatchingUp => "catching up".to_owned(),
            ServiceState::Running => "running".to_owned(),
        }
    }
}

/// `2 were deleted by retention before it read them`.
fn tell_deleted(deleted: u64) -> String {
    match deleted {
        1 => "1 was deleted by retention before it was read".to_owned(),
        _ => format!("{} deleted by retention before they were read", count(deleted, "was", "were")),
    }
}

fn tell_verdict(lost: u64, again: u64) -> String {
    match (lost, again) {
        (0, 0) => "Nothing was lost.".to_owned(),
        (0, again) => format!("Nothing was lost; {} delivered twice.", count(again, "was", "were")),
        (lost, _) => format!("{} lost.", count(lost, "was", "were")),
    }
}

#[cfg(test)]
mod tests;
