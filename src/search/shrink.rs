//! What could be left out of a schedule, or be shorter in it.

use super::trial::BEGINS;
use crate::sim::{Command, StampedCommand};
use crate::time::{Instant, Span};

/// Times are made round to these.
const ROUND: [Span; 2] = [Span::from_ms(1_000), Span::from_ms(100)];
/// The shortest time between two commands, or of a stall, that is tried.
const SHORTEST_MS: u64 = 100;

/// All schedules that are a step smaller: one command less first, then rounder times, then shorter ones. Whatever is taken of these,
/// there is an end to it.
pub(super) fn smaller(schedule: &[StampedCommand]) -> Vec<Vec<StampedCommand>> {
    let all = 0..schedule.len();
    let without = all.clone().map(|place| {
        let mut left = schedule.to_vec();
        left.remove(place);
        left
    });
    let changed = all.flat_map(|place| earlier(schedule, place).into_iter().chain(shorter(schedule, place)));
    without.chain(changed).collect()
}

/// A command at a rounder time before, and closer to the one before it.
fn earlier(schedule: &[StampedCommand], place: usize) -> Vec<Vec<StampedCommand>> {
    let at = schedule[place].at;
    let before = place.checked_sub(1).map_or(BEGINS, |before| schedule[before].at);
    let rounded = ROUND.map(|round| Instant::from_us(at.as_us() / round.as_us() * round.as_us()));
    let halfway_ms = before.as_ms() + at.since(before).as_ms() / 2;
    let halfway = Instant::from_ms(halfway_ms / SHORTEST_MS * SHORTEST_MS);
    let wanted = rounded.into_iter().chain((place > 0).then_some(halfway));
    wanted.filter(|wanted| *wanted < at && *wanted >= before).map(|wanted| moved(schedule, place, wanted)).collect()
}

fn moved(schedule: &[StampedCommand], place: usize, at: Instant) -> Vec<StampedCommand> {
    let mut moved = schedule.to_vec();
    moved[place].at = at;
    moved
}

/// A stall of half the length.
fn shorter(schedule: &[StampedCommand], place: usize) -> Option<Vec<StampedCommand>> {
    let Command::Stall { service, ms } = &schedule[place].command else { return None };
    let half = (ms / 2 / SHORTEST_MS * SHORTEST_MS).max(SHORTEST_MS);
    (half < *ms).then(|| {
        let mut shorter = schedule.to_vec();
        shorter[place].command = Command::Stall { service: service.clone(), ms: half };
        shorter
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off(ms: u64) -> StampedCommand {
        let command = Command::SetServiceOnline { service: "a".to_owned(), online: false };
        StampedCommand { at: Instant::from_ms(ms), command }
    }

    #[test]
    fn first_one_command_less_then_rounder_then_closer() {
        let times = |schedule: &Vec<StampedCommand>| schedule.iter().map(|it| it.at.as_ms()).collect::<Vec<_>>();
        let smaller: Vec<Vec<u64>> = smaller(&[off(9_250), off(9_940)]).iter().map(times).collect();
        let expect: [&[u64]; 6] =
            [&[9_940], &[9_250], &[9_000, 9_940], &[9_200, 9_940], &[9_250, 9_900], &[9_250, 9_500]];
        assert_eq!(smaller, expect);
    }

    #[test]
    fn whatever_is_taken_there_is_an_end_to_it() {
        let stall = StampedCommand {
            at: Instant::from_ms(20_123),
            command: Command::Stall { service: "a".to_owned(), ms: 25_000 },
        };
        let mut schedule = vec![off(12_345), off(12_346), stall];
        let mut steps = 0;
        while let Some(next) = smaller(&schedule).pop() {
            schedule = next;
            steps += 1;
            assert!(steps < 200);
        }
        assert_eq!(schedule, []);
    }
}
