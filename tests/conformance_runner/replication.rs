//! The area `replication`: Kafka's rules about replicas, one by one; and two brokers that fail, as a script.

use super::Case;
use super::case::{Checked, same, unknown_expectation};
use super::replication_script;
use catchup::broker::replication::{
    AckWhen, CaughtUp, Election, FollowerFetch, LeaderEpochs, NotEnoughReplicas, after_append, before_append, elect,
    high_watermark, is_caught_up, may_join,
};
use catchup::broker::{Acks, BrokerId, LeaderEpoch};
use catchup::log::Offset;
use catchup::time::{Instant, Span};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HighWatermarkInput {
    leader: u16,
    leader_leo: i64,
    follower_leo: BTreeMap<u16, Option<i64>>,
    isr: Vec<u16>,
    caught_up_outside_isr: Vec<u16>,
    min_insync_replicas: usize,
    current_high_watermark: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MembershipInput {
    in_isr: bool,
    follower_leo: i64,
    leader_leo: i64,
    high_watermark: i64,
    leader_epoch_start_offset: i64,
    last_caught_up_ms: u64,
    now_ms: u64,
    replica_lag_time_max_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaughtUpInput {
    initial_last_caught_up_ms: u64,
    fetches: Vec<FetchInput>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FetchInput {
    time_ms: u64,
    fetch_offset: i64,
    leader_leo: i64,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum AcksName {
    #[serde(rename = "0")]
    Zero,
    #[serde(rename = "1")]
    One,
    #[serde(rename = "all")]
    All,
}

impl AcksName {
    pub(super) const fn acks(self) -> Acks {
        match self {
            Self::Zero => Acks::Zero,
            Self::One => Acks::One,
            Self::All => Acks::All,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcksInput {
    acks: AcksName,
    isr_size: usize,
    min_insync_replicas: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AfterAppendInput {
    acks: AcksName,
    required_offset: i64,
    high_watermark: i64,
    isr_size: usize,
    min_insync_replicas: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ElectionName {
    Online,
    Unclean,
    Preferred,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ElectionInput {
    election: ElectionName,
    replicas: Vec<u16>,
    isr: Vec<u16>,
    leader: Option<u16>,
    alive: Vec<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EpochInput {
    assign: Vec<(i32, i64)>,
    log_end_offset: i64,
    requested_epoch: i32,
}

pub(super) fn check(case: &Case) -> Checked {
    match case.kind.as_str() {
        "high_watermark" => check_high_watermark(case),
        "isr_membership" => check_membership(case),
        "last_caught_up" => check_caught_up(case),
        "produce_acks" => check_acks(case),
        "produce_acks_after_append" => check_after_append(case),
        "election" => check_election(case),
        "leader_epoch_end_offset" => check_epochs(case),
        "scenario" => replication_script::check(case),
        _ => case.unknown_kind(),
    }
}

fn check_high_watermark(case: &Case) -> Checked {
    let input: HighWatermarkInput = case.input()?;
    let others = input.isr.iter().chain(&input.caught_up_outside_isr).filter(|broker| **broker != input.leader);
    let ends = others.map(|broker| input.follower_leo.get(broker).copied().flatten().map(Offset));
    let (current, end) = (Offset(input.current_high_watermark), Offset(input.leader_leo));
    let found = high_watermark(current, end, ends, input.isr.len(), input.min_insync_replicas);
    case.expectations().try_for_each(|(key, expected)| match key {
        "high_watermark" => same(key, &json!(found.0), expected),
        _ => unknown_expectation(key),
    })
}

fn check_membership(case: &Case) -> Checked {
    let input: MembershipInput = case.input()?;
    let (follower, leader) = (Offset(input.follower_leo), Offset(input.leader_leo));
    let found = if input.in_isr {
        let [last, now] = [input.last_caught_up_ms, input.now_ms].map(Instant::from_ms);
        is_caught_up(follower, leader, last, now, Span::from_ms(input.replica_lag_time_max_ms))
    } else {
        may_join(follower, Offset(input.high_watermark), Offset(input.leader_epoch_start_offset))
    };
    case.expectations().try_for_each(|(key, expected)| match key {
        "in_isr_after" => same(key, &json!(found), expected),
        _ => unknown_expectation(key),
    })
}

fn check_caught_up(case: &Case) -> Checked {
    let input: CaughtUpInput = case.input()?;
    let mut caught_up = CaughtUp::at(Instant::from_ms(input.initial_last_caught_up_ms));
    for fetch in input.fetches {
        let (at, offset) = (Instant::from_ms(fetch.time_ms), Offset(fetch.fetch_offset));
        caught_up.fetched(FollowerFetch { at, offset, leader_end: Offset(fetch.leader_leo) });
    }
    case.expectations().try_for_each(|(key, expected)| match key {
        "last_caught_up_ms" => same(key, &json!(caught_up.last().as_ms()), expected),
        _ => unknown_expectation(key),
    })
}

fn check_acks(case: &Case) -> Checked {
    let input: AcksInput = case.input()?;
    let found = before_append(input.acks.acks(), input.isr_size, input.min_insync_replicas);
    case.expectations().try_for_each(|(key, expected)| match key {
        "error" => same(key, &json!(found.err().map(|NotEnoughReplicas| "NOT_ENOUGH_REPLICAS")), expected),
        "appended" => same(key, &json!(found.is_ok()), expected),
        "acknowledged_when" => same(key, &json!(found.ok().map(name_of_when)), expected),
        _ => unknown_expectation(key),
    })
}

const fn name_of_when(when: AckWhen) -> &'static str {
    match when {
        AckWhen::Immediately => "immediately",
        AckWhen::LeaderAppend => "leader_append",
        AckWhen::HighWatermarkPastOffset => "high_watermark_past_offset",
    }
}

fn check_after_append(case: &Case) -> Checked {
    let input: AfterAppendInput = case.input()?;
    if !matches!(input.acks, AcksName::All) {
        return Err("only acks=all waits".to_owned());
    }
    let (required, mark) = (Offset(input.required_offset), Offset(input.high_watermark));
    let found = after_append(required, mark, input.isr_size, input.min_insync_replicas);
    let error = found.and_then(Result::err).map(|NotEnoughReplicas| "NOT_ENOUGH_REPLICAS_AFTER_APPEND");
    case.expectations().try_for_each(|(key, expected)| match key {
        "complete" => same(key, &json!(found.is_some()), expected),
        "error" => same(key, &json!(error), expected),
        _ => unknown_expectation(key),
    })
}

fn check_election(case: &Case) -> Checked {
    let input: ElectionInput = case.input()?;
    let election = match input.election {
        ElectionName::Online => Election::Online,
        ElectionName::Unclean => Election::Unclean,
        ElectionName::Preferred => Election::Preferred,
    };
    let ids = |numbers: &[u16]| numbers.iter().copied().map(BrokerId).collect::<Vec<_>>();
    let is_alive = |broker: BrokerId| input.alive.contains(&broker.0);
    let (replicas, isr, leader) = (ids(&input.replicas), ids(&input.isr), input.leader.map(BrokerId));
    let found = elect(election, &replicas, &isr, leader, &is_alive);
    case.expectations().try_for_each(|(key, expected)| match key {
        "leader" => same(key, &json!(found.leader.map(|broker| broker.0)), expected),
        "unclean" => same(key, &json!(found.is_unclean), expected),
        "isr_after" => same(key, &numbers(&found.isr_after(&isr)), expected),
        _ => unknown_expectation(key),
    })
}

pub(super) fn numbers(brokers: &[BrokerId]) -> Value {
    json!(brokers.iter().map(|broker| broker.0).collect::<Vec<_>>())
}

fn check_epochs(case: &Case) -> Checked {
    let input: EpochInput = case.input()?;
    let mut epochs = LeaderEpochs::default();
    for (epoch, start) in input.assign {
        epochs.assign(LeaderEpoch(epoch), Offset(start));
    }
    let found = epochs.end_of(LeaderEpoch(input.requested_epoch), Offset(input.log_end_offset));
    let entries: Vec<(i32, i64)> = epochs.entries().iter().map(|(epoch, start)| (epoch.0, start.0)).collect();
    case.expectations().try_for_each(|(key, expected)| match key {
        "epoch" => same(key, &json!(found.map_or(-1, |end| end.epoch.0)), expected),
        "end_offset" => same(key, &json!(found.map_or(-1, |end| end.end_offset.0)), expected),
        "entries" => same(key, &json!(entries), expected),
        _ => unknown_expectation(key),
    })
}
