//! The bus and direct calls, side by side: the same numbers of both, from the same definitions, and which of them did better.

use super::model::Model;
use super::view::text::{count, grouped, short};
use crate::direct::{DirectRun, dependencies};
use crate::log::Log;
use crate::sim::{Answers, HELD_UP, Latencies, ServiceId, ServiceState};
use crate::time::Span;
use serde::Serialize;

/// The numbers of one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Side {
    /// What became of the updates, for those who wait for an answer.
    pub(super) answers: Answers,
    /// How many nobody has an answer for yet.
    pub(super) unanswered: u64,
    /// How long it took until a neighbour had done its work on an update.
    pub(super) effects: Latencies,
    /// How many updates neighbours have still to work on.
    pub(super) waiting: u64,
    /// How many of those wait for one that stands still: it is stuck on a record, or has stopped over one.
    pub(super) stuck: u64,
    /// How many were put aside, for somebody to look at.
    pub(super) put_aside: u64,
    /// How many a neighbour will never work on.
    pub(super) lost: u64,
    /// How often a neighbour worked on an update that it had worked on before.
    pub(super) done_again: u64,
    /// How many records, or calls, that took.
    pub(super) messages: u64,
}

/// Which side did better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The bus.
    Bus,
    /// Direct calls.
    Direct,
    /// Neither.
    Neither,
}

/// How much a difference has to be before it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// A single update is enough: it should never be.
    One,
    /// So many of a hundred updates: a day that begins with many updates at once holds some of them up.
    Percent(u64),
    /// A time, which differs on any day: it has to be more than anybody would wait for.
    Time,
}

/// Something by which the two are judged; less of it is better.
#[derive(Clone, Copy, Debug)]
pub(super) struct Criterion {
    /// What it is called.
    pub(super) title: &'static str,
    /// What it means, in a sentence.
    pub(super) meaning: &'static str,
    value: fn(&Side) -> u64,
    weight: Weight,
    /// What more there is to say of it.
    pub(super) more: fn(&Side) -> String,
}

/// Everything by which the two are judged. The first in which they differ by enough decides.
pub(super) const CRITERIA: [Criterion; 6] = [
    Criterion {
        title: "Updates lost",
        meaning: "Updates that a neighbour will never work on: nobody tries any more to tell it.",
        value: |side| side.lost,
        weight: Weight::One,
        more: |side| {
            let aside =
                if side.put_aside > 0 { format!(", {} put aside", grouped(side.put_aside)) } else { String::new() };
            let stuck = if side.stuck > 0 { format!(" ({} stuck)", grouped(side.stuck)) } else { String::new() };
            format!("{} waiting{stuck}{aside}", grouped(side.waiting))
        },
    },
    Criterion {
        title: "Updates that failed",
        meaning: "Whoever waited for the answer got an error, because a neighbour could not be reached in time.",
        value: |side| side.answers.failed,
        weight: Weight::One,
        more: |side| {
            let answered = grouped(side.answers.times.count());
            format!("{answered} answered, {} waiting for an answer", grouped(side.unanswered))
        },
    },
    Criterion {
        title: "Work done twice",
        meaning: "A neighbour worked again on an update that it had worked on before: a text sent twice.",
        value: |side| side.done_again,
        weight: Weight::One,
        more: |_| String::new(),
    },
    Criterion {
        title: "Held up",
        meaning: "Whoever waited for the answer waited for more than a second.",
        value: |side| side.answers.held_up,
        weight: Weight::Percent(33),
        more: |_| String::new(),
    },
    Criterion {
        title: "Time to the effect",
        meaning: "From an update until a neighbour has done its work on it, where it has: half of them take no longer.",
        value: |side| side.effects.percentile(50).as_us(),
        weight: Weight::Time,
        more: |side| spread(&side.effects),
    },
    Criterion {
        title: "Time to the answer",
        meaning: "Until the publishing service can say that all is well: on the bus when the log has the update, with direct calls when every neighbour has answered. The median: half of them take no longer.",
        value: |side| side.answers.times.percentile(50).as_us(),
        weight: Weight::Time,
        more: |side| spread(&side.answers.times),
    },
];

impl Criterion {
    /// Its value on one side.
    pub(super) fn of(&self, side: &Side) -> u64 {
        (self.value)(side)
    }

    /// A value in words.
    pub(super) fn written(&self, value: u64) -> String {
        if self.is_time() { short(Span::from_us(value)) } else { grouped(value) }
    }

    fn is_time(&self) -> bool {
        self.weight == Weight::Time
    }

    /// Whether one side has so much less of it that it did better.
    fn decides(&self, bus: &Side, direct: &Side) -> bool {
        let apart = self.of(bus).abs_diff(self.of(direct));
        let answered = || bus.answers.times.count().max(direct.answers.times.count());
        let is_enough = match self.weight {
            Weight::One => true,
            Weight::Percent(percent) => apart * 100 > answered() * percent,
            Weight::Time => Span::from_us(apart) > HELD_UP,
        };
        is_enough && self.better(bus, direct) != Better::Neither
    }

    /// The side that has less of it.
    pub(super) fn better(&self, bus: &Side, direct: &Side) -> Better {
        let is_measured = !self.is_time() || bus.effects.count() > 0 && direct.effects.count() > 0;
        match self.of(bus).cmp(&self.of(direct)) {
            std::cmp::Ordering::Less if is_measured => Better::Bus,
            std::cmp::Ordering::Greater if is_measured => Better::Direct,
            std::cmp::Ordering::Less | std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => Better::Neither,
        }
    }
}

/// Both sides at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    /// The bus.
    pub(super) bus: Side,
    /// Direct calls.
    pub(super) direct: Side,
}

impl Comparison {
    pub(super) fn of(model: &Model, run: &DirectRun) -> Self {
        Self { bus: bus(model), direct: direct(model, run) }
    }

    /// Which side did better: the first criterion in which they differ by enough decides.
    pub(super) fn better(&self) -> Better {
        let better =
            self.decisive().map_or(Better::Neither, |(_, criterion)| criterion.better(&self.bus, &self.direct));
        if better == Better::Bus && self.bus.stuck > 0 { Better::Neither } else { better }
    }

    /// What waits on the bus for somebody who stands still: it may be lost yet.
    fn standstill(&self) -> Option<String> {
        let stuck = self.bus.stuck;
        (stuck > 0).then(|| {
            format!("{} on the bus for services that stand still", count(stuck, "update waits", "updates wait"))
        })
    }

    fn decisive(&self) -> Option<(usize, &'static Criterion)> {
        CRITERIA.iter().enumerate().find(|(_, criterion)| criterion.decides(&self.bus, &self.direct))
    }

    /// That neither did better, and what differs all the same.
    fn no_verdict(&self) -> String {
        let [bus, direct] = [&self.bus, &self.direct];
        let grave = || CRITERIA.iter().filter(|it| it.weight == Weight::One);
        let same = if grave().all(|it| it.of(bus) == 0) {
            "no update was lost, failed or was worked on twice"
        } else {
            "as many updates were lost, failed or were worked on twice"
        };
        let differs = CRITERIA.iter().find(|it| it.better(bus, direct) != Better::Neither);
        let rest = differs.map(|it| format!(" They differ in time only. {}.", self.told(it.title, it)));
        format!("Both did the same so far: {same}.{}", rest.unwrap_or_default())
    }

    /// Which side did better, by what, and what speaks for the other all the same; that there is no saying while the bus stands
    /// still, unless it has lost already.
    pub(super) fn verdict(&self) -> String {
        let (standstill, decisive) = (self.standstill(), self.decisive());
        match (standstill, decisive) {
            (None, _) => self.judged(),
            (Some(waits), Some(_)) if self.better() == Better::Direct => format!("{} {waits}.", self.judged()),
            (Some(waits), decisive) => {
                let so_far =
                    decisive.map(|(_, it)| format!(" So far {}.", self.told(&it.title.to_ascii_lowercase(), it)));
                format!("There is no saying yet which does better: {waits}.{}", so_far.unwrap_or_default())
            }
        }
    }

    fn judged(&self) -> String {
        let Some((place, criterion)) = self.decisive() else { return self.no_verdict() };
        let (winner, loser) = match criterion.better(&self.bus, &self.direct) {
            Better::Bus => ("The bus", Better::Direct),
            Better::Direct | Better::Neither => ("Direct calls", Better::Bus),
        };
        let in_return = CRITERIA[place + 1..].iter().find(|it| it.better(&self.bus, &self.direct) == loser);
        let in_return = in_return.map_or_else(String::new, |it| {
            let other = if loser == Better::Bus { "the bus" } else { "direct calls" };
            format!(" In return {other} did better in {}.", self.told(&it.title.to_ascii_lowercase(), it))
        });
        format!("{winner} did better so far. {}.{in_return}", self.told(criterion.title, criterion))
    }

    fn told(&self, title: &str, criterion: &Criterion) -> String {
        let [bus, direct] = [&self.bus, &self.direct].map(|side| criterion.written(criterion.of(side)));
        format!("{title}: {bus} on the bus, {direct} with direct calls")
    }
}

fn spread(times: &Latencies) -> String {
    format!("95 of 100 within {}, the slowest {}", short(times.percentile(95)), short(times.worst()))
}

fn bus(model: &Model) -> Side {
    let world = model.world();
    let mut side = Side::default();
    for service in world.service_ids() {
        if let Some(answers) = world.answers(service) {
            side.answers.add(answers);
            side.unanswered += world.unacknowledged(service);
        }
        if let Some(outcomes) = model.outcomes().of_service(service) {
            side.effects.add(&outcomes.effects);
        }
        let account = model.account_of(service);
        side.waiting += account.waiting + account.retrying;
        if model.stuck_at(service).is_some() || world.service_state(service) == ServiceState::Failed {
            side.stuck += account.waiting;
        }
        side.put_aside += account.dead_lettered;
        side.lost += account.lost;
        side.done_again += account.processed_again.max(model.costs().repeated(service));
    }
    let topics = (0..world.spec().topics.len() as u16).map(crate::log::TopicId);
    let ends = topics.flat_map(|topic| world.broker().partitions(topic)).filter_map(|it| world.broker().log(it));
    side.messages = ends.map(|log: &Log| log.log_end_offset().0 as u64).sum();
    side
}

fn direct(model: &Model, run: &DirectRun) -> Side {
    let tally = run.tally();
    let mut side = Side {
        answers: tally.answers.clone(),
        unanswered: tally.unanswered(),
        messages: tally.calls,
        ..Side::default()
    };
    for service in model.world().service_ids() {
        let Some(reached) = tally.reached(service) else { continue };
        // An effect is what people see: where they see none on the bus, there is nothing to compare with.
        if model.outcomes().of_service(service).is_some() {
            side.effects.add(&reached.effects);
        }
        side.waiting += reached.waiting;
        side.lost += reached.lost;
        side.done_again += reached.done_again;
    }
    side
}

/// Times in whole microseconds.
#[derive(Serialize)]
struct Times {
    median: u64,
    p95: u64,
    worst: u64,
}

#[derive(Serialize)]
struct SideSnapshot {
    answered: u64,
    failed: u64,
    unanswered: u64,
    held_up: u64,
    answer_us: Times,
    effect_us: Times,
    waiting: u64,
    put_aside: u64,
    lost: u64,
    done_again: u64,
    messages: u64,
}

/// What `compare_direct()` gives.
#[derive(Serialize)]
pub struct ComparisonSnapshot {
    time_us: u64,
    bus: SideSnapshot,
    direct: SideSnapshot,
    /// Who calls whom.
    knows: Vec<(String, String)>,
    ignored: Vec<String>,
    better: &'static str,
    verdict: String,
}

fn times(latencies: &Latencies) -> Times {
    let [median, p95] = [50, 95].map(|percent| latencies.percentile(percent).as_us());
    Times { median, p95, worst: latencies.worst().as_us() }
}

fn side_snapshot(side: &Side) -> SideSnapshot {
    SideSnapshot {
        answered: side.answers.times.count(),
        failed: side.answers.failed,
        unanswered: side.unanswered,
        held_up: side.answers.held_up,
        answer_us: times(&side.answers.times),
        effect_us: times(&side.effects),
        waiting: side.waiting,
        put_aside: side.put_aside,
        lost: side.lost,
        done_again: side.done_again,
        messages: side.messages,
    }
}

impl Model {
    /// The run beside the same day with direct calls, at the instant that is looked at. Computes that day if nobody looks at it.
    pub fn compare_direct(&mut self) -> ComparisonSnapshot {
        let is_shown = self.same_day().is_some();
        let run = self.whole_same_day();
        if !is_shown {
            self.forget_same_day();
        }
        let comparison = Comparison::of(self, &run);
        ComparisonSnapshot {
            time_us: run.now().as_us(),
            bus: side_snapshot(&comparison.bus),
            direct: side_snapshot(&comparison.direct),
            knows: knows(self).collect(),
            ignored: run.ignored().map(str::to_owned).collect(),
            better: match comparison.better() {
                Better::Bus => "bus",
                Better::Direct => "direct",
                Better::Neither => "neither",
            },
            verdict: comparison.verdict(),
        }
    }
}

/// Who calls whom, by name.
pub(super) fn knows(model: &Model) -> impl Iterator<Item = (String, String)> {
    let name = |service: ServiceId| model.name(service).to_owned();
    let pairs = dependencies(model.world().spec());
    let is_there = |(caller, callee): &(_, _)| [caller, callee].into_iter().all(|it| model.world().has_service(*it));
    pairs.into_iter().filter(is_there).map(move |(caller, callee)| (name(caller), name(callee)))
}

#[cfg(test)]
mod tests;
