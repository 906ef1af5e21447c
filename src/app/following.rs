//! Which records a lane shows: the newest ones, or those that a service is reading, until it has caught up.

use super::holding::Holding;
use super::model::Model;
use crate::log::{Log, Offset, TopicId, TopicPartition};
use crate::sim::ServiceId;

/// How many records a lane shows that the service it follows has read already.
const READ_BEFORE: i64 = 1;

impl Model {
    /// The service whose place the lanes of a topic show.
    pub fn followed_on(&self, topic: TopicId) -> Option<ServiceId> {
        let (of, service) = self.followed?;
        (of == topic && self.world().has_service(service)).then_some(service)
    }

    /// Has the lanes of a topic show where a service reads, or the newest records: also those that are held.
    pub(super) fn follow(&mut self, followed: Option<(TopicId, ServiceId)>) {
        (self.followed, self.holding) = (followed, Holding::default());
    }

    /// The first record that a lane shows if it is not held. It shows as many as it has room for.
    pub(super) fn first_shown(&self, partition: TopicPartition, log: &Log) -> Offset {
        let newest = self.first_newest(log);
        let Some(place) = self.followed_on(partition.topic).and_then(|id| self.place_of(id, partition, log)) else {
            return newest;
        };
        if place >= newest { newest } else { Offset(place.0 - READ_BEFORE).max(log.log_start_offset()) }
    }

    /// The first record of those that a lane shows if it shows the newest ones.
    pub(super) fn first_newest(&self, log: &Log) -> Offset {
        Offset(log.log_end_offset().0 - i64::from(self.lane_cells)).max(log.log_start_offset())
    }

    /// Goes back to the newest records once a service that was followed has caught up in each partition.
    pub(super) fn stop_following(&mut self) {
        let Some((topic, service)) = self.followed else { return };
        let broker = self.world().broker();
        let is_behind = |partition: TopicPartition| {
            let log = broker.log(partition)?;
            Some(self.place_of(service, partition, log)? < self.first_newest(log))
        };
        let goes_on = self.world().has_service(service)
            && broker.partitions(topic).any(|partition| is_behind(partition).unwrap_or(false));
        if !goes_on {
            self.followed = None;
        }
    }

    /// Where a service goes on reading.
    fn place_of(&self, service: ServiceId, partition: TopicPartition, log: &Log) -> Option<Offset> {
        let group = self.world().group_of(service)?;
        let committed = self.world().broker().group(group).committed(partition);
        Some(committed.unwrap_or_default().max(log.log_start_offset()))
    }
}

#[cfg(test)]
mod tests {
    use crate::app::rehearsal::switch;
    use crate::app::view::{LaneView, TopicLanes, topics};
    use crate::app::{Model, Msg, update};
    use crate::log::TopicId;
    use crate::scenario::shipped;
    use crate::sim::ServiceState;
    use std::rc::Rc;

    fn lanes(model: &Model) -> Vec<Rc<LaneView>> {
        topics(model, 1).into_iter().next().map(|topic: TopicLanes| topic.lanes).expect("a topic")
    }

    fn go_on(model: &mut Model, ms: u64) {
        crate::app::rehearsal::go_on(model, ms);
        model.settle();
    }

    #[test]
    fn the_lanes_follow_a_service_until_it_has_caught_up_and_then_show_the_newest_records() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        let notifications = model.world().service_id("notifications").expect("a service");
        go_on(&mut model, 20_000);
        switch(&mut model, "notifications", false);
        go_on(&mut model, 60_000);
        update(&mut model, Msg::Follow(Some((TopicId(0), notifications))));
        let shown = |model: &Model| {
            for lane in lanes(model) {
                let group = lane.groups.iter().find(|group| group.service == notifications).expect("it reads this");
                assert_eq!(group.hidden, 0, "its place is in the picture");
                assert_eq!(lane.cells.len(), lane.places as usize, "as many as there is room for");
                let place = group.committed.expect("it has committed");
                assert!(lane.cells.iter().any(|cell| cell.record.offset.0 == place), "{place} is shown");
            }
        };
        shown(&model);
        assert!(lanes(&model).iter().all(|lane| lane.newer > 0), "and there are newer ones");
        switch(&mut model, "notifications", true);
        while model.world().service_state(notifications) != ServiceState::CatchingUp {
            go_on(&mut model, 100);
        }
        shown(&model);
        for _ in 0..240 {
            go_on(&mut model, 500);
        }
        assert_eq!(model.followed_on(TopicId(0)), None, "it has caught up");
        assert!(lanes(&model).iter().all(|lane| lane.newer == 0));
    }

    #[test]
    fn whoever_goes_back_to_the_newest_records_sees_them_while_the_service_is_still_behind() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        let notifications = model.world().service_id("notifications").expect("a service");
        switch(&mut model, "notifications", false);
        go_on(&mut model, 60_000);
        let newest = lanes(&model);
        update(&mut model, Msg::Follow(Some((TopicId(0), notifications))));
        assert_ne!(lanes(&model), newest);
        update(&mut model, Msg::Follow(None));
        assert_eq!(lanes(&model), newest);
    }
}
