//! How a run went: how every service that reads stood, at regular instants from the beginning on, so that two roads can be compared
//! at the same one. Deliberately not the lag of the last minutes, which the chart shows in all its detail: that is the history's.

use super::samples::keep_every_second;
use crate::time::{Instant, Span};
use std::sync::Arc;

/// The simulated time between two samples, at the beginning of a run.
const SAMPLE_EVERY: Span = Span::from_ms(250);
/// How many samples there are at most, and how many standings in all of them. When they are full, every second sample goes, and from
/// then on half as many are taken: so whatever two courses have noted, they have noted at the same instants.
const SAMPLES_MAX: usize = 512;
const STANDINGS_MAX: usize = 2_048;

/// How a service stands that reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The service. On another road another service may have its number, so it goes by its name.
    pub service: Arc<str>,
    /// Its group's lag.
    pub lag: u32,
    /// How many records were lost to it.
    pub lost: u32,
    /// How often it has processed a record again.
    pub again: u32,
    /// How many records it has set aside as dead letters.
    pub set_aside: u32,
}

/// How things stand at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// When.
    pub at: Instant,
    /// The services that read, in their order. All courses that have this sample share it.
    pub readers: Arc<[Standing]>,
}

impl Stood {
    /// The lag of all services together.
    pub fn lag(&self) -> u64 {
        self.readers.iter().map(|reader| u64::from(reader.lag)).sum()
    }
}

/// How a run went so far. A clone shares all of it, and after the next sample still everything but the list of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    every: Span,
    /// In order.
    stood: Arc<Vec<Stood>>,
}

impl Default for Course {
    fn default() -> Self {
        Self { every: SAMPLE_EVERY, stood: Arc::default() }
    }
}

impl Course {
    /// How far it is known; `None` if nobody has ever been on that road.
    pub fn to(&self) -> Option<Instant> {
        self.last().map(|last| last.at)
    }

    /// How things stood as far as it is known.
    pub fn last(&self) -> Option<&Stood> {
        self.stood.last()
    }

    /// How things stood at `at`, or when they were last noted before; `None` if it is not known that far.
    pub fn at(&self, at: Instant) -> Option<&Stood> {
        self.to().filter(|to| at <= *to)?;
        self.stood.get(self.noted_until(at).checked_sub(1)?)
    }

    /// What was noted from `from` on, and once before.
    pub fn since(&self, from: Instant) -> &[Stood] {
        &self.stood[self.stood.partition_point(|stood| stood.at < from).saturating_sub(1)..]
    }

    /// About how many bytes a clone takes once it has gone its own way.
    pub(super) fn len_bytes(&self) -> u64 {
        (self.stood.len() * size_of::<Stood>()) as u64
    }

    /// How things stood on both at the last instant up to `limit` that both have noted.
    pub fn together<'a>(&'a self, other: &'a Self, limit: Instant) -> Option<[&'a Stood; 2]> {
        let (mut one, mut two) = (self.noted_until(limit), other.noted_until(limit));
        loop {
            let both = [self.stood.get(one.checked_sub(1)?)?, other.stood.get(two.checked_sub(1)?)?];
            match both[0].at.cmp(&both[1].at) {
                std::cmp::Ordering::Equal => return Some(both),
                std::cmp::Ordering::Greater => one -= 1,
                std::cmp::Ordering::Less => two -= 1,
            }
        }
    }

    /// Whether `at` is far enough from the latest sample for another.
    pub(super) fn is_due(&self, at: Instant) -> bool {
        self.last().is_none_or(|last| at.since(last.at) >= self.every)
    }

    /// Takes a sample.
    pub(super) fn note(&mut self, stood: Stood) {
        let readers = stood.readers.len();
        let all = Arc::make_mut(&mut self.stood);
        all.push(stood);
        if all.len() >= SAMPLES_MAX || all.len() * readers >= STANDINGS_MAX {
            self.every = self.every + self.every;
            keep_every_second(all);
        }
    }

    /// The same up to `end`, and how things stood there.
    pub(super) fn to_end(&self, end: &Stood) -> Self {
        let mut stood = self.until(end.at).stood;
        let all = Arc::make_mut(&mut stood);
        if all.last().is_some_and(|last| last.at == end.at) {
            all.pop();
        }
        all.push(end.clone());
        Self { every: self.every, stood }
    }

    /// The same up to `at`.
    pub(super) fn until(&self, at: Instant) -> Self {
        let (mut course, samples) = (self.clone(), self.noted_until(at));
        if samples < course.stood.len() {
            Arc::make_mut(&mut course.stood).truncate(samples);
        }
        course
    }

    /// How many samples are of `at` or before.
    fn noted_until(&self, at: Instant) -> usize {
        self.stood.partition_point(|stood| stood.at <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 60 * 60 * 1_000;

    /// A course of so many services that was noted every quarter of a second.
    fn course(readers: usize, ms: u64) -> Course {
        let mut course = Course::default();
        for at in (0..=ms).step_by(250).map(Instant::from_ms).filter(|at| at.as_ms() % 250 == 0) {
            if course.is_due(at) {
                course.note(stood(readers, at));
            }
        }
        course
    }

    fn stood(readers: usize, at: Instant) -> Stood {
        let standing = |number: usize| Standing {
            service: format!("service {number}").into(),
            lag: at.as_ms() as u32,
            lost: 0,
            again: 0,
            set_aside: 0,
        };
        Stood { at, readers: (0..readers).map(standing).collect() }
    }

    fn gaps(course: &Course) -> Vec<Span> {
        let taken = course.since(Instant::START);
        taken.windows(2).map(|pair| pair[1].at.since(pair[0].at)).collect()
    }

    #[test]
    fn a_long_run_keeps_a_bounded_number_of_evenly_spaced_samples_from_its_beginning_on() {
        for (readers, ms) in [(2, 10_000), (2, HOUR_MS), (2, 24 * HOUR_MS), (25, HOUR_MS)] {
            let course = course(readers, ms);
            let samples = course.stood.len();
            assert!(samples < SAMPLES_MAX && samples * readers < STANDINGS_MAX, "{samples} of {readers}");
            assert!(samples >= 40, "{samples} of {readers}");
            assert!(gaps(&course).iter().all(|gap| *gap == course.every), "{:?}", gaps(&course));
            assert_eq!(course.since(Instant::START).first().map(|stood| stood.at), Some(Instant::START));
        }
    }

    #[test]
    fn a_course_takes_a_few_dozen_kilobytes() {
        let standing = size_of::<Standing>();
        let most = SAMPLES_MAX * (size_of::<Stood>() + 2 * size_of::<usize>()) + STANDINGS_MAX * standing;
        assert!(most < 100 * 1024, "{most} bytes");
    }

    #[test]
    fn two_courses_are_compared_at_an_instant_that_both_have_noted() {
        for (one, other, limit, expected) in [
            (60_000, 60_000, 60_000, 60_000),
            (60_000, 60_000, 30_100, 30_000),
            (60_000, 20_000, 60_000, 20_000),
            (60_000, HOUR_MS, 60_000, 56_000),
            (HOUR_MS, 60_000, 59_999, 56_000),
            (0, HOUR_MS, HOUR_MS, 0),
        ] {
            let (one, other) = (course(2, one), course(2, other));
            let [here, there] = one.together(&other, Instant::from_ms(limit)).expect("both have begun");
            assert_eq!((here.at, there.at), (Instant::from_ms(expected), here.at));
        }
        assert_eq!(course(2, 1_000).together(&Course::default(), Instant::from_ms(1_000)), None);
    }

    #[test]
    fn the_end_is_noted_however_it_lies() {
        let course = course(2, 10_000);
        for ms in [10_100, 10_000, 7_300] {
            let ended = course.to_end(&stood(1, Instant::from_ms(ms)));
            assert_eq!((ended.to(), ended.last()), (Some(Instant::from_ms(ms)), Some(&stood(1, Instant::from_ms(ms)))));
            assert!(ended.at(Instant::from_ms(ms)).is_some_and(|stood| stood.readers.len() == 1));
            assert_eq!(ended.at(Instant::from_ms(ms + 1)), None);
        }
        assert_eq!(course.until(Instant::from_ms(7_300)).to(), Some(Instant::from_ms(7_250)));
        assert_eq!(course.at(Instant::from_ms(7_300)).map(|stood| stood.at), Some(Instant::from_ms(7_250)));
    }
}
