//! Lanes that are held still while somebody points at their records, or has the keyboard's focus there: whoever aims at a record hits
//! that one, however fast others come in. The run goes on meanwhile.

use super::model::Model;
use crate::log::{Log, Offset, RecordRef, TopicPartition};

/// What holds a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// A mouse that rests over it, or a press that has begun there.
    Pointer,
    /// The keyboard's focus.
    Focus,
}

/// The records that a lane goes on showing: those that were drawn when it was taken hold of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLane {
    /// The lane.
    pub partition: TopicPartition,
    /// The first of them.
    pub first: Offset,
    /// The offset after the last.
    pub end: Offset,
}

/// The lanes that are held.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holding {
    pointer: Option<HeldLane>,
    focus: Option<HeldLane>,
}

impl Holding {
    pub(super) fn hold(&mut self, by: HeldBy, lane: Option<HeldLane>) {
        match by {
            HeldBy::Pointer => self.pointer = lane,
            HeldBy::Focus => self.focus = lane,
        }
    }

    fn of(&self, partition: TopicPartition) -> Option<HeldLane> {
        [self.pointer, self.focus].into_iter().flatten().find(|lane| lane.partition == partition)
    }
}

impl Model {
    /// What a lane shows while it is held; nothing, if it is not held, or if the log has not got that any more.
    pub(super) fn held_lane(&self, partition: TopicPartition, log: &Log) -> Option<HeldLane> {
        let lane = self.holding.of(partition)?;
        let is_there = log.log_start_offset() <= lane.first && lane.end <= log.log_end_offset();
        // There may be room for fewer by now.
        let first = lane.first.max(Offset(lane.end.0 - i64::from(self.lane_cells)));
        is_there.then_some(HeldLane { first, ..lane })
    }

    /// The records that a lane shows: the first, and the offset after the last.
    pub(super) fn shown(&self, partition: TopicPartition, log: &Log) -> (Offset, Offset) {
        if let Some(lane) = self.held_lane(partition, log) {
            return (lane.first, lane.end);
        }
        let first = self.first_shown(partition, log);
        (first, Offset(first.0 + i64::from(self.lane_cells)).min(log.log_end_offset()))
    }

    /// Holds the lane of a record for the keyboard's focus: as it is, if it shows the record, or else with that in the middle.
    pub(super) fn hold_record(&mut self, record: RecordRef) {
        let RecordRef { partition, offset } = record;
        let Some(log) = self.moment.world.broker().log(partition) else { return };
        let (mut first, mut end) = self.shown(partition, log);
        if !(first..end).contains(&offset) {
            let places = i64::from(self.lane_cells);
            end = Offset(offset.0 + places / 2 + 1).min(log.log_end_offset());
            first = Offset(end.0 - places).max(log.log_start_offset());
        }
        self.holding.hold(HeldBy::Focus, Some(HeldLane { partition, first, end }));
    }

    /// Has a lane that is held show newer records, as far as `offset`.
    pub(super) fn show_on(&mut self, partition: TopicPartition, offset: Offset) {
        let places = i64::from(self.lane_cells);
        for lane in [&mut self.holding.pointer, &mut self.holding.focus].into_iter().flatten() {
            if lane.partition == partition && lane.end <= offset {
                lane.end = Offset(offset.0 + 1);
                lane.first = lane.first.max(Offset(lane.end.0 - places));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rehearsal::{delivery, go_on};
    use crate::app::view::{LaneView, topics};
    use crate::app::{Effect, FocusMove, Msg, RecordRef, update};
    use crate::sim::Command;
    use std::rc::Rc;

    fn lane(model: &Model) -> Rc<LaneView> {
        topics(model, 1)[0].lanes[0].clone()
    }

    fn offsets(model: &Model) -> Vec<i64> {
        lane(model).cells.iter().map(|cell| cell.record.offset.0).collect()
    }

    fn drawn(model: &Model) -> HeldLane {
        let (lane, offsets) = (lane(model), offsets(model));
        let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
        HeldLane { partition: lane.partition, first: Offset(first), end: Offset(last + 1) }
    }

    /// The first lane of a run that goes on, held by `by`.
    fn held(by: HeldBy, ms: u64) -> Model {
        let mut model = delivery();
        go_on(&mut model, ms);
        model.playing = true;
        let drawn = drawn(&model);
        update(&mut model, Msg::HoldLane(by, Some(drawn)));
        model
    }

    #[test]
    fn what_is_pointed_at_stays_what_it_is_and_how_much_has_come_is_told() {
        for ms in [4_000, 30_000] {
            let mut model = held(HeldBy::Pointer, ms); // also while there is room for more
            let (before, end) = (offsets(&model), lane(&model).log_end_offset);
            assert_eq!(lane(&model).held, Some(0));
            go_on(&mut model, 60_000);
            assert_eq!(offsets(&model), before);
            let come = lane(&model).log_end_offset - end;
            assert!(come > i64::from(model.lane_cells), "{come}");
            assert_eq!(lane(&model).held, Some(come as u64));
            assert!(topics(&model, 1)[0].lanes[1].held.is_none(), "the others go on");
            update(&mut model, Msg::HoldLane(HeldBy::Pointer, None));
            assert_eq!((lane(&model).held, offsets(&model).last()), (None, Some(&(lane(&model).log_end_offset - 1))));
        }
    }

    #[test]
    fn a_lane_that_two_hold_is_held_until_both_have_let_go() {
        let mut model = held(HeldBy::Pointer, 30_000);
        let before = offsets(&model);
        go_on(&mut model, 10_000);
        let drawn = drawn(&model);
        update(&mut model, Msg::HoldLane(HeldBy::Focus, Some(drawn)));
        update(&mut model, Msg::HoldLane(HeldBy::Pointer, None));
        assert_eq!(offsets(&model), before);
        update(&mut model, Msg::HoldLane(HeldBy::Focus, None));
        assert_ne!(offsets(&model), before);
    }

    #[test]
    fn the_keyboard_goes_on_to_what_has_come_since() {
        let mut model = held(HeldBy::Focus, 30_000);
        go_on(&mut model, 10_000);
        let before = offsets(&model);
        let last = RecordRef { partition: lane(&model).partition, offset: Offset(before[before.len() - 1]) };
        let go = |to| Msg::MoveFocus { from: Some(last), lane: last.partition, to };
        let next = RecordRef { offset: Offset(last.offset.0 + 1), ..last };
        assert_eq!(update(&mut model, go(FocusMove::Next)), [Effect::FocusRecord(next)]);
        assert_eq!(offsets(&model)[1..], [&before[2..], &[next.offset.0]].concat());
        let newest = RecordRef { offset: Offset(lane(&model).log_end_offset - 1), ..last };
        assert_eq!(update(&mut model, go(FocusMove::Last)), [Effect::FocusRecord(newest)]);
        assert_eq!(offsets(&model).last(), Some(&newest.offset.0));
        assert_eq!(offsets(&model).len(), model.lane_cells as usize);
    }

    #[test]
    fn a_record_that_has_left_the_picture_is_shown_again_for_the_keyboard() {
        let mut model = held(HeldBy::Focus, 30_000);
        let record = RecordRef { partition: lane(&model).partition, offset: Offset(offsets(&model)[1]) };
        update(&mut model, Msg::HoldRecord(record));
        assert_eq!(offsets(&model)[1], record.offset.0, "what shows it stays as it is");
        update(&mut model, Msg::HoldLane(HeldBy::Focus, None));
        go_on(&mut model, 60_000);
        assert!(!offsets(&model).contains(&record.offset.0));
        update(&mut model, Msg::HoldRecord(record));
        assert!(offsets(&model).contains(&record.offset.0));
        assert!(lane(&model).held.is_some_and(|since| since > 0), "and how much has come is told");
        go_on(&mut model, 10_000);
        assert!(offsets(&model).contains(&record.offset.0));
    }

    #[test]
    fn what_the_log_has_not_got_any_more_is_not_held() {
        let mut model = held(HeldBy::Pointer, 30_000);
        for (name, value) in [("segment.bytes", "1024"), ("retention.ms", "5000")] {
            let (topic, name, value) = ("order-status".to_owned(), name.to_owned(), value.to_owned());
            model.act(Command::SetTopicConfig { topic, name, value }).expect("there is such a setting");
        }
        go_on(&mut model, 20 * 60_000);
        assert_eq!(lane(&model).held, None);
        assert_eq!(offsets(&model).last(), Some(&(lane(&model).log_end_offset - 1)));
        let mut model = held(HeldBy::Pointer, 30_000);
        model.seek(crate::time::Instant::from_ms(5_000));
        assert_eq!(lane(&model).held, None, "another instant has other records");
    }
}
