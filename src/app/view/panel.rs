//! A service laid open: its instances and their group, where the group begins, what became of the records on which it failed, and
//! what waits in its producer.

use super::group::{group_facts, rebalance};
use super::settings::{ServiceSettingsView, settings};
use super::text::{count, grouped};
use crate::app::refusal::Owner;
use crate::app::{Model, SeekDraft};
use crate::client::ConsumerState;
use crate::log::TopicPartition;
use crate::sim::{CommitPolicy, Ended, InstanceInfo, ReadConfig, ReadSetting, Role, SeekMove, ServiceId, Trouble};
use std::rc::Rc;

/// A service that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelView {
    /// What it lies over, and leads back to.
    pub back: Option<String>,
    /// Its number.
    pub id: ServiceId,
    /// Its name.
    pub name: Rc<str>,
    /// Which of the groups it is, from 0, if it reads.
    pub group: Option<usize>,
    /// Whether it is switched on.
    pub online: bool,
    /// Whether it can reach the broker.
    pub connected: bool,
    /// Whether it goes for good as soon as it is through with what it has in hand.
    pub is_leaving: bool,
    /// What its switch does, beside the orderly way.
    pub how_it_ends: &'static str,
    /// What is to be said of it in numbers: what it is, how much, what it means.
    pub facts: Vec<(&'static str, String, &'static str)>,
    /// What there is to say of one that reads.
    pub reader: Option<ReaderView>,
    /// Its settings.
    pub settings: Rc<ServiceSettingsView>,
}

/// What there is to say of a service that reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderView {
    /// Its instances.
    pub instances: Vec<InstanceRow>,
    /// How many instances it is to have.
    pub wanted: u32,
    /// Why it cannot have as many as were asked for.
    pub refused: Option<String>,
    /// Why some of them have nothing to do, if so.
    pub idle: Option<String>,
    /// What the present rebalance means for those who read, or what the latest one was.
    pub rebalance: Option<String>,
    /// What its failures have cost, in the words of the scenario, and what came of those records.
    pub costs: Vec<(String, bool)>,
    /// How many dead letters can be redriven; `None` if it puts nothing aside.
    pub dead_letters: Option<u64>,
    /// Where its group could begin.
    pub seek: Rc<SeekView>,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceRow {
    /// Its number.
    pub number: u32,
    /// How it is called.
    pub name: String,
    /// What it does.
    pub text: String,
    /// Whether it runs.
    pub online: bool,
    /// Whether it can be switched by itself.
    pub has_switch: bool,
    /// Whether it runs and has nothing to read.
    pub is_idle: bool,
}

/// Where a group could begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeekView {
    /// The service.
    pub service: Rc<str>,
    /// What was chosen.
    pub draft: SeekDraft,
    /// What that would do.
    pub preview: String,
    /// Whether the group is on its way there.
    pub is_seeking: bool,
}

/// The service that is looked at, if any is.
#[inline(never)]
pub fn panel(model: &Model) -> Option<PanelView> {
    let id = model.opened_service()?;
    let world = model.world();
    let name: Rc<str> = Rc::from(&*world.service_spec(id).name);
    Some(PanelView {
        back: model.back_to(),
        id,
        group: world.readers().find(|(_, reader, _)| *reader == id).map(|(index, ..)| index),
        online: world.is_online(id),
        connected: world.is_connected(id),
        is_leaving: world.is_leaving(id),
        how_it_ends: how_it_ends(world.config_of(id)),
        facts: facts(model, id),
        reader: reader(model, id, &name),
        settings: Rc::new(settings(model, id, &name)),
        name,
    })
}

fn reader(model: &Model, id: ServiceId, name: &Rc<str>) -> Option<ReaderView> {
    let world = model.world();
    let consumes = world.service_spec(id).consumes.as_ref()?;
    let (config, group) = (world.config_of(id)?, world.broker().group(world.group_of(id)?));
    // One that was let go is of no more interest.
    let is_shown = |it: &InstanceInfo<'_>| it.ended.is_none() || it.role == Role::Retry || it.number < config.instances;
    let of_role = |role| world.instances(id).filter(move |it| it.role == role && is_shown(it));
    let instances = of_role(Role::Main).chain(of_role(Role::Retry));
    let instances: Vec<InstanceRow> = instances.map(|instance| row(model, id, &instance)).collect();
    Some(ReaderView {
        wanted: config.instances,
        refused: model.refusal_of(Owner::Service(id), ReadSetting::Instances.name()).map(|refusal| refusal.why),
        idle: idle(&instances, world.partitions_of(id)),
        instances,
        rebalance: rebalance(model, group, config.assignor.is_cooperative()),
        costs: costs(model, id),
        dead_letters: consumes.dead_letter_topic.map(|_| model.account_of(id).dead_lettered),
        seek: Rc::new(seek(model, id, name)),
    })
}

fn row(model: &Model, id: ServiceId, instance: &InstanceInfo<'_>) -> InstanceRow {
    let is_main = instance.role == Role::Main;
    let reads = instance.membership == Some(ConsumerState::Reading);
    InstanceRow {
        number: instance.number,
        name: if is_main { format!("instance {}", instance.number) } else { "retry instance".to_owned() },
        text: instance_text(model, id, instance),
        online: instance.ended.is_none(),
        has_switch: is_main && model.world().is_online(id) && is_wanted(model, id, instance.number),
        is_idle: is_main && reads && instance.assignment.is_empty(),
    }
}

/// Whether the service is to have so many instances; others have been let go.
fn is_wanted(model: &Model, id: ServiceId, number: u32) -> bool {
    model.world().config_of(id).is_some_and(|config| number < config.instances)
}

fn instance_text(model: &Model, id: ServiceId, instance: &InstanceInfo<'_>) -> String {
    if let Some(ended) = instance.ended {
        return ended_text(ended, has_silent_member(model, id)).to_owned();
    }
    let doing = doing(model, instance);
    let in_hand = match instance.in_hand {
        0 => String::new(),
        records => format!("; {} in hand", count(records as u64, "record", "records")),
    };
    let ending = if instance.is_ending { "; shuts down once it is done with them" } else { "" };
    let cut_off = if model.world().is_connected(id) { "" } else { "; cut off from the broker" };
    format!("{doing}{in_hand}{ending}{cut_off}")
}

fn doing(model: &Model, instance: &InstanceInfo<'_>) -> String {
    if instance.is_stalled {
        let group = if instance.member.is_none() {
            "its client left the group: no poll within max.poll.interval.ms"
        } else {
            "it still sends heartbeats"
        };
        return format!("stalled; {group}");
    }
    match (instance.membership, instance.trouble) {
        (Some(ConsumerState::Reading), Some(trouble)) => tries_again(instance, trouble),
        (Some(ConsumerState::Reading), None) if instance.rests_until.is_some() => {
            "waits until it may retry a record".to_owned()
        }
        (Some(ConsumerState::Reading), None) if instance.role == Role::Retry => "reads the retry topic".to_owned(),
        (Some(ConsumerState::Reading), None) => partitions(model, instance),
        (Some(ConsumerState::Away), _) => {
            "reads nothing: it did not poll within max.poll.interval.ms, so its client left the group; it rejoins once it is done".to_owned()
        }
        (Some(ConsumerState::FetchingOffsets), _) => "fetches its committed offsets".to_owned(),
        (Some(ConsumerState::Joining | ConsumerState::Syncing | ConsumerState::Stopped) | None, _) => {
            "is joining the group".to_owned()
        }
    }
}

/// `has failed 3 times at offset 7 of partition 0; tries again soon`.
fn tries_again(instance: &InstanceInfo<'_>, trouble: Trouble) -> String {
    let times = count(trouble.failures.into(), "time", "times");
    let place = format!("offset {} of partition {}", trouble.record.offset, trouble.record.partition.partition);
    let rests = if instance.rests_until.is_some() { "; paused until it retries" } else { "" };
    format!("has failed {times} at {place}{rests}")
}

/// Whether the group still counts a member that no running instance is: one that crashed, until its session times out.
fn has_silent_member(model: &Model, id: ServiceId) -> bool {
    let world = model.world();
    let main = || world.instances(id).filter(|instance| instance.role == Role::Main); // others are of another group
    let known = || main().filter_map(|instance| instance.member);
    world
        .group_of(id)
        .is_some_and(|group| world.broker().group(group).members().keys().any(|member| known().all(|it| it != *member)))
}

const fn ended_text(ended: Ended, is_still_member: bool) -> &'static str {
    match ended {
        Ended::Crashed if is_still_member => {
            "crashed without leaving its group, which counts it as a member until its session times out"
        }
        Ended::Crashed => "crashed; its session has timed out, and its group no longer counts it as a member",
        Ended::ShutDown => "shut down cleanly",
        Ended::Failed => "stopped, because it failed on a record",
        Ended::Refused => "gave up, because its client met a fatal error",
    }
}

/// `reads partitions 0 and 2`.
fn partitions(model: &Model, instance: &InstanceInfo<'_>) -> String {
    let broker = model.world().broker();
    let several = instance.assignment.windows(2).any(|pair| pair[0].topic != pair[1].topic);
    let name = |it: &TopicPartition| {
        let topic = several.then(|| format!("{} ", broker.topic(it.topic).name()));
        format!("{}{}", topic.unwrap_or_default(), it.partition)
    };
    let names: Vec<String> = instance.assignment.iter().map(name).collect();
    match names.len() {
        0 => "has no partition to read".to_owned(),
        1 => format!("reads partition {}", names[0]),
        _ => format!("reads partitions {}", names.join(", ")),
    }
}

fn idle(instances: &[InstanceRow], partitions: u64) -> Option<String> {
    let idle = instances.iter().filter(|row| row.is_idle).count() as u64;
    let running = instances.iter().filter(|row| row.online && row.has_switch).count() as u64;
    (idle > 0 && running > partitions).then(|| {
        format!(
            "{} nothing to do: {} for {running} instances, and each partition is read by only one of them.",
            count(idle, "instance has", "instances have"),
            if partitions == 1 {
                "there is 1 partition".to_owned()
            } else {
                format!("there are {partitions} partitions")
            },
        )
    })
}

fn facts(model: &Model, id: ServiceId) -> Vec<(&'static str, String, &'static str)> {
    let world = model.world();
    let group = world.group_of(id).map(|group| group_facts(model, world.broker().group(group)));
    let producer = world.write_config_of(id).map(|config| {
        let buffer = format!("{} of {} bytes", grouped(world.buffered_bytes(id)), grouped(config.buffer_bytes));
        vec![
            ("Unacknowledged", grouped(world.unacknowledged(id)), "updates that the broker has not acknowledged yet"),
            (
                "In the buffer",
                buffer,
                "records waiting in the producer's memory; once it is full, publishing has to wait",
            ),
        ]
    });
    group.into_iter().chain(producer).flatten().collect()
}

/// What the switch of a service does, beside the orderly way; `reads` is how it is set if it reads.
fn how_it_ends(reads: Option<&ReadConfig>) -> &'static str {
    match reads.map(|config| config.static_membership) {
        Some(true) => {
            "Its switch is a crash: the process dies at once and tells its group nothing. Shut down is the orderly way: it \
             finishes and commits. As a static member it does not leave its group either way: its place is kept until its \
             session times out."
        }
        Some(false) => {
            "Its switch is a crash: the process dies at once and tells its group nothing, so its partitions wait until its \
             session times out. Shut down is the orderly way: it finishes, commits and leaves its group."
        }
        None => {
            "Its switch is a crash: the process dies at once, and what waits in its memory with it. Shut down is the orderly \
             way: it sends that first."
        }
    }
}

/// What failures have cost, and whether each is a loss.
fn costs(model: &Model, id: ServiceId) -> Vec<(String, bool)> {
    let account = model.account_of(id);
    let outcome = model.world().service_spec(id).consumes.as_ref().and_then(|consumes| consumes.outcome.as_ref());
    let (twice, never) = outcome.map_or(("processed twice", "never processed"), |it| (&*it.twice, &*it.never));
    let seen_twice = model.costs().repeated(id);
    let missed = account.lost;
    let mut costs = vec![
        (format!("{twice}: {}", grouped(seen_twice)), seen_twice > 0),
        (format!("{never}: {}", grouped(missed)), missed > 0),
    ];
    if model.world().config_of(id).is_some_and(|config| config.commit_policy == CommitPolicy::ExactlyOnce) {
        let text = "as whoever reads its output with read_committed sees it: what a service does outside Kafka is not undone with a transaction";
        costs.push((text.to_owned(), false));
    }
    if account.retrying > 0 {
        costs.push((format!("{} in the retry topic", count(account.retrying, "record waits", "records wait")), false));
    }
    if account.recognised > 0 {
        let text = count(account.recognised, "record that came again was", "records that came again were");
        costs.push((format!("{text} recognised, and cost nothing"), false));
    }
    costs
}

fn seek(model: &Model, id: ServiceId, name: &Rc<str>) -> SeekView {
    let draft = model.seek_draft.clone();
    let is_seeking = model.world().is_seeking(id);
    let preview = match draft.target() {
        Err(reason) => reason,
        Ok(_) if is_seeking => {
            "The group must have no members for that, as with Kafka's own tool: the instances finish what they have in hand and leave, \
             and for one that crashed it waits until its session ends. Then it begins there."
                .to_owned()
        }
        Ok(to) => preview(&model.world().seek_preview(id, to)),
    };
    SeekView { service: name.clone(), draft, preview, is_seeking }
}

fn preview(moves: &[SeekMove]) -> String {
    let replayed: u64 = moves.iter().map(|it| it.replayed()).sum();
    let skipped: u64 = moves.iter().map(|it| it.skipped()).sum();
    match (replayed, skipped) {
        (0, 0) => "That is where it is: nothing would change.".to_owned(),
        (replayed, 0) => format!("{} again.", count(replayed, "record would be read", "records would be read")),
        (0, skipped) => format!("{} never be read.", count(skipped, "record would", "records would")),
        (replayed, skipped) => format!(
            "{} again, and {} never be read.",
            count(replayed, "record would be read", "records would be read"),
            count(skipped, "would", "would")
        ),
    }
}
