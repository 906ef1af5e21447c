//! Instances that read: poll, work on one record after another, publish what comes of it, commit, poll again.
//!
//! What happens when one fails on a record is in `failing.rs`; how instances begin and end is in `lifecycle.rs`.

use super::agenda::Action;
use super::event::{Event, Fared, InstanceChange, Outcome, ServiceEvent, ServiceId, WorkEvent};
use super::instance::{Phase, Plan, Role, Running};
use super::memory::Known;
use super::origin::Origin;
use super::outcome::{OutcomeTexts, outcome_of};
use super::policy::CommitPolicy;
use super::world::World;
use crate::broker::{Response, Ticket};
use crate::client::{AssignmentChange, ConsumedRecord, ConsumerState, offsets_after};
use crate::log::{LeaderEpoch, Log, Offset, OffsetAndEpoch, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::Span;

impl World {
    pub(super) fn instance_hears(&mut self, id: ServiceId, index: u32, correlation: u32, response: Response) {
        let now = self.now;
        if let Some(running) = self.running_mut(id, index) {
            running.consumer.handle(now, correlation, response);
        }
        self.pump(id, index);
    }

    pub(super) fn instance_tick(&mut self, id: ServiceId, index: u32) {
        let now = self.now;
        if let Some(running) = self.running_mut(id, index) {
            running.ticks.remove(&now);
            running.consumer.tick(now);
        }
        self.pump(id, index);
    }

    /// Work on a record is over, unless the instance stands still: it has come out well, or not.
    pub(super) fn work_done(&mut self, id: ServiceId, index: u32) {
        let now = self.now;
        let Some(running) = self.running_mut(id, index) else { return };
        if let Some(until) = running.stalled_until.filter(|until| *until > now) {
            let client = running.client;
            return self.agenda.put(until, Action::WorkDone(client));
        }
        let Some(record) = running.work.front().cloned() else { return };
        let origin = self.origin_of(id, index, &record);
        if self.fails(id, &record) {
            self.fail(id, index, &record, &origin);
        } else {
            self.succeed(id, index, &record, &origin);
            self.next_record(id, index);
        }
        self.pump(id, index);
    }

    /// The instance is done with the record in hand, one way or another. The next one begins, or there is none.
    pub(super) fn next_record(&mut self, id: ServiceId, index: u32) {
        let Some(running) = self.running_mut(id, index) else { return };
        if let Some(done) = running.work.pop_front() {
            running.trouble.take_if(|trouble| trouble.record == done.place());
            running.uncommitted.insert(done.partition, done.end());
        }
        if running.work.is_empty() {
            running.phase = Phase::Publishing;
        } else {
            self.begin_record(id, index);
        }
    }

    /// Lets work on the record in hand begin.
    pub(super) fn begin_record(&mut self, id: ServiceId, index: u32) {
        let Some(processing) = self.read_config(id).map(|config| config.processing) else { return };
        let takes = self.service_mut(id).work_times.between(processing.min, processing.max);
        let now = self.now;
        let Some(running) = self.running_mut(id, index) else { return };
        running.phase = Phase::Working;
        let client = running.client;
        self.agenda.put(now + takes, Action::WorkDone(client));
    }

    fn succeed(&mut self, id: ServiceId, index: u32, record: &ConsumedRecord, origin: &Origin) {
        let spec = self.spec.clone();
        let Some(consumes) = &spec.services[usize::from(id.0)].consumes else { return };
        let texts = consumes.outcome.as_ref().map(|outcome| outcome_of(outcome, record));
        let known = self.remembers(id, index, record, texts.as_ref());
        if let (Known::No | Known::Done, Some(texts), Some(topic)) = (known, &texts, consumes.output) {
            self.publish_output(id, index, topic, record, origin, texts);
        }
        if known != Known::No {
            return self.fare(id, index, origin, Fared::Deduplicated);
        }
        if let Some(group) = self.service(id).group {
            let (service, Origin { partition, offset, key, epoch, .. }) = (id, *origin);
            let done = WorkEvent::Processed { service, group, partition, offset, key, epoch };
            self.conclude(id, index, Event::Work(done));
        }
        if let Some(texts) = texts {
            self.conclude(id, index, outcome_event(id, record, origin, texts));
        }
    }

    /// Lets an instance do what it can do now: go on with what it has, send what it has to say, set its alarm.
    pub(super) fn pump(&mut self, id: ServiceId, index: u32) {
        while self.go_on(id, index) {}
        self.carry_requests(id, index);
        self.notice_recovery(id);
    }

    /// Takes one step from one phase to the next, if it can be taken. Returns whether it was.
    fn go_on(&mut self, id: ServiceId, index: u32) -> bool {
        let now = self.now;
        let Some(running) = self.running_mut(id, index) else { return false };
        let stands_still = running.stalled_until.is_some_and(|until| until > now);
        match running.phase {
            Phase::Working => false,
            Phase::PuttingAside(_, aside) => self.go_on_putting_aside(id, index, aside),
            Phase::Closing { until } => self.go_on_closing(id, index, until),
            Phase::Barred { until } => self.go_on_barred(id, index, until),
            _ if running.consumer.error().is_some() => self.refused(id, index),
            _ if stands_still => false,
            Phase::Idle => self.go_on_idle(id, index),
            Phase::CommittingFirst => self.go_on_committing_first(id, index),
            Phase::Publishing => self.go_on_publishing(id, index),
            Phase::Committing => self.go_on_committing(id, index),
            Phase::EndingTransaction => self.go_on_ending(id, index),
        }
    }

    fn go_on_idle(&mut self, id: ServiceId, index: u32) -> bool {
        match self.running_mut(id, index).map(|running| running.plan) {
            None => false,
            Some(Plan::End(_) | Plan::BeginAnew) => self.close(id, index),
            Some(Plan::GoOn) if self.rests(id, index) => false,
            Some(Plan::GoOn) => self.take_records(id, index),
        }
    }

    /// Takes the next records to work on.
    fn take_records(&mut self, id: ServiceId, index: u32) -> bool {
        let now = self.now;
        let Some((policy, max_poll_records)) =
            self.read_config(id).map(|config| (config.commit_policy, config.max_poll_records))
        else {
            return false;
        };
        let Some(running) = self.running_mut(id, index) else { return false };
        running.consumer.set_max_poll_records(if running.role == Role::Retry { 1 } else { max_poll_records });
        let records = running.consumer.poll(now);
        running.note_changes();
        if records.is_empty() {
            return running.commit_late();
        }
        running.take(records, policy);
        if self.comes_too_early(id, index) {
            return true;
        }
        self.report_polled(id, index);
        self.begin_taken(id, index, policy);
        true
    }

    fn begin_taken(&mut self, id: ServiceId, index: u32, policy: CommitPolicy) {
        match policy {
            CommitPolicy::BeforeProcessing => {
                let Some(running) = self.running_mut(id, index) else { return };
                let all = running.taken_ends();
                running.consumer.commit(all);
                running.phase = Phase::CommittingFirst;
            }
            CommitPolicy::ExactlyOnce => {
                self.begin_transaction(id, index);
                self.begin_record(id, index);
            }
            CommitPolicy::AfterProcessing | CommitPolicy::Auto => self.begin_record(id, index),
        }
    }

    fn report_polled(&mut self, id: ServiceId, index: u32) {
        let Some(running) = self.running(id, index) else { return };
        let mut stretches: SortedMap<TopicPartition, (Offset, (Offset, LeaderEpoch), u32)> = SortedMap::new();
        for record in &running.work {
            let this = (record.offset, record.leader_epoch);
            let stretch = stretches.entry(record.partition).or_insert((record.offset, this, 0));
            (stretch.1, stretch.2) = (this, stretch.2 + 1);
        }
        let Some(group) = self.group_read_by(id, running.role) else { return };
        for (partition, (first, (last, epoch), records)) in stretches {
            self.emit(Event::Work(WorkEvent::Polled {
                service: id,
                group,
                instance: index,
                partition,
                first,
                last,
                records,
                epoch: Some(epoch),
            }));
        }
    }

    /// It may begin, now that its commit is through. If it is not, somebody else has the records: it lets go of them.
    fn go_on_committing_first(&mut self, id: ServiceId, index: u32) -> bool {
        let Some(running) = self.running_mut(id, index) else { return false };
        let Some(result) = running.consumer.take_commit_result() else { return false };
        if result.is_ok() {
            self.begin_record(id, index);
        } else {
            running.give_back();
        }
        true
    }

    fn go_on_publishing(&mut self, id: ServiceId, index: u32) -> bool {
        let now = self.now;
        let Some(running) = self.running_mut(id, index) else { return false };
        let must_wait = !running.unacknowledged.is_empty() && running.policy != CommitPolicy::ExactlyOnce;
        if must_wait {
            return false;
        }
        let told = std::mem::take(&mut running.to_be_told);
        if running.policy != CommitPolicy::ExactlyOnce && !running.has_failed_to_publish {
            for work in told {
                self.service_mut(id).memory.told(work);
            }
        }
        let Some(running) = self.running_mut(id, index) else { return false };
        match running.policy {
            CommitPolicy::AfterProcessing | CommitPolicy::Auto if running.has_failed_to_publish => running.give_back(),
            CommitPolicy::BeforeProcessing | CommitPolicy::Auto => {
                running.uncommitted.clear();
                running.phase = Phase::Idle;
            }
            CommitPolicy::AfterProcessing => running.commit_done(),
            CommitPolicy::ExactlyOnce => running.end_transaction(now),
        }
        true
    }

    fn go_on_committing(&mut self, id: ServiceId, index: u32) -> bool {
        let Some(running) = self.running_mut(id, index) else { return false };
        let Some(result) = running.consumer.take_commit_result() else { return false };
        if result.is_ok() {
            running.uncommitted.clear();
        }
        running.phase = Phase::Idle;
        true
    }

    pub(super) fn carry_requests(&mut self, id: ServiceId, index: u32) {
        let now = self.now;
        let Some(running) = self.services[usize::from(id.0)].instances.get_mut(index as usize) else { return };
        let Some(running) = running.running_mut() else { return };
        for (correlation, request) in running.consumer.take_requests() {
            let ticket = Ticket { client: running.client, correlation };
            self.network.send(now, ticket, request, &mut self.agenda);
        }
        let waits = running.phase.waits_until();
        let moves = running.stalled_until.filter(|until| *until > now);
        let rests = running.rests_until.filter(|until| *until > now);
        let wakes = running.consumer.deadline().into_iter().chain(moves).chain(rests).chain(waits);
        let next = running.ticks.first().copied();
        if let Some(deadline) = wakes.min().map(|at| at.max(now)).filter(|at| next.is_none_or(|next| *at < next)) {
            running.ticks.insert(deadline);
            self.agenda.put(deadline, Action::ClientTick(running.client));
        }
        if let Some(output) = &mut running.output {
            super::publishing::carry(output, now, &mut self.network, &mut self.agenda);
        }
    }

    /// A service that was away has caught up when it has committed everything that was there when it came back.
    fn notice_recovery(&mut self, id: ServiceId) {
        let service = self.service(id);
        let (Some(ends), Some(group)) = (&service.catch_up_to, service.group) else { return };
        let reads = service.running().any(|running| running.consumer.state() == ConsumerState::Reading);
        let has_passed = |(partition, end): &(TopicPartition, Offset)| {
            let start = self.broker.log(*partition).map_or(Offset::ZERO, Log::log_start_offset);
            self.broker.group(group).committed(*partition).unwrap_or(start).max(start) >= *end
        };
        if reads && ends.iter().all(has_passed) {
            self.service_mut(id).catch_up_to = None;
            self.emit(Event::Service(ServiceEvent::CaughtUp { service: id }));
        }
    }

    /// Where the logs that a service reads end now.
    pub(super) fn log_ends(&self, id: ServiceId) -> Vec<(TopicPartition, Offset)> {
        let partitions = self.partitions_read(id);
        partitions.into_iter().filter_map(|it| Some((it, self.broker.log(it)?.log_end_offset()))).collect()
    }

    /// The partitions that a service reads.
    pub(super) fn partitions_read(&self, id: ServiceId) -> Vec<TopicPartition> {
        let topics = self.service_spec(id).consumes.iter().flat_map(|consumes| &consumes.topics);
        topics.flat_map(|topic| self.broker.partitions(*topic)).collect()
    }

    /// Lets an instance stand still for a while, but for its heartbeats.
    pub(super) fn stall(&mut self, id: ServiceId, span: Span) {
        let (now, until) = (self.now, self.now + span);
        for index in self.indexes_running(id) {
            if let Some(running) = self.running_mut(id, index) {
                running.stalled_until = Some(until);
                if running.phase == Phase::Idle {
                    running.consumer.stay_away(now);
                }
            }
            let change = InstanceChange::Stalled(span);
            self.emit(Event::Service(ServiceEvent::InstanceChanged { service: id, instance: index, change }));
            self.pump(id, index);
        }
    }
}

impl Running {
    fn take(&mut self, records: Vec<ConsumedRecord>, policy: CommitPolicy) {
        self.taken_from.clear();
        for record in &records {
            self.taken_from.entry(record.partition).or_insert(record.start());
        }
        self.has_failed_to_publish = false;
        self.work = records.into();
        self.policy = policy;
    }

    /// For each partition, the offset after the last record in hand, and after what nobody ever reads behind it.
    fn taken_ends(&self) -> Vec<(TopicPartition, OffsetAndEpoch)> {
        self.reached(&offsets_after(&self.work))
    }

    /// Forgets how far it had come in partitions that were taken from it, even if they came back, and what it had kept of them.
    pub(super) fn note_changes(&mut self) {
        for change in self.consumer.take_changes() {
            match change {
                AssignmentChange::Revoked(gone) | AssignmentChange::Lost(gone) => {
                    self.uncommitted.retain(|partition, _| !gone.contains(partition));
                    self.work.retain(|record| !gone.contains(&record.partition));
                    if self.trouble.take_if(|trouble| gone.contains(&trouble.record.partition)).is_some() {
                        self.rests_until = None; // the record is somebody else's now, or comes anew
                    }
                }
                AssignmentChange::Assigned(_) => {}
            }
        }
    }

    /// Lets go of what it has in hand, and reads it again where the partition is still its own.
    pub(super) fn give_back(&mut self) {
        for (partition, first) in std::mem::take(&mut self.taken_from) {
            if self.consumer.assignment().contains(&partition) {
                self.consumer.seek(partition, first);
            }
        }
        self.work.clear();
        self.unacknowledged.clear();
        self.uncommitted.clear();
        self.phase = Phase::Idle;
    }

    /// Commits what it is done with.
    fn commit_done(&mut self) {
        self.consumer.commit(self.done_ends());
        self.phase = Phase::Committing;
    }

    /// How far it has come where it is done with something, and with what nobody ever reads behind it: markers, and what
    /// compaction removed.
    pub(super) fn done_ends(&self) -> Vec<(TopicPartition, OffsetAndEpoch)> {
        self.reached(&self.uncommitted)
    }

    fn reached(&self, ends: &SortedMap<TopicPartition, OffsetAndEpoch>) -> Vec<(TopicPartition, OffsetAndEpoch)> {
        let position = |partition| self.consumer.position(partition).unwrap_or_default();
        let further = |one: OffsetAndEpoch, other: OffsetAndEpoch| if other.offset > one.offset { other } else { one };
        ends.iter().map(|(partition, end)| (*partition, further(*end, position(*partition)))).collect()
    }

    /// Commits what could not be committed during a rebalance, now that there is nothing else to do.
    pub(super) fn commit_late(&mut self) -> bool {
        let may =
            self.consumer.state() == ConsumerState::Reading && !self.uncommitted.is_empty() && self.work.is_empty();
        if may {
            self.commit_done();
        }
        may
    }
}

fn outcome_event(id: ServiceId, record: &ConsumedRecord, origin: &Origin, texts: OutcomeTexts) -> Event {
    Event::Outcome(Outcome {
        service: id,
        partition: origin.partition,
        offset: origin.offset,
        timestamp_ms: record.timestamp_ms,
        subject: texts.subject,
        detail: texts.detail,
        stage: texts.stage,
        text: texts.text,
    })
}
