//! What a group forgets: the kind `offset_expiration` of the area `consumer_position`.

use super::Case;
use super::case::{Checked, same, unknown_expectation};
use super::group_bench::GroupBench;
use catchup::broker::{
    BrokerConfig, CommitRequest, Fact, Generation, GroupFact, JoinRequest, MemberId, Membership, Protocol, Request,
    Subscription, SyncRequest,
};
use catchup::log::{Offset, ProducerId, TopicId};
use catchup::time::{Instant, Span};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Longer than any case lasts.
const FOR_EVER: Span = Span::from_ms(1 << 50);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expiration {
    offsets_retention_ms: u64,
    commits: Vec<Commit>,
    subscribed_topics: Vec<String>,
    now_ms: u64,
    #[serde(default)]
    pending_transactional: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    partition: String,
    commit_time_ms: u64,
}

/// Lets a broker look for what has expired once, at the case's time.
pub(super) fn check_expiration(case: &Case) -> Checked {
    let mut input: Expiration = case.input()?;
    input.commits.sort_by_key(|commit| commit.commit_time_ms);
    let mut bench = GroupBench::new(BrokerConfig {
        group_initial_rebalance_delay: Span::ZERO,
        group_max_session_timeout: FOR_EVER,
        offsets_retention: Span::from_ms(input.offsets_retention_ms),
        offsets_retention_check_interval: Span::from_ms(input.now_ms.max(1)),
        ..BrokerConfig::default()
    });
    let membership = subscribe(&mut bench, &input.subscribed_topics)?;
    for commit in &input.commits {
        go_to(&mut bench, commit.commit_time_ms);
        let (group, offsets) = (bench.group, vec![(bench.partition(&commit.partition)?, Offset(1).into())]);
        let request = CommitRequest { group, membership: membership.clone(), offsets };
        bench.answer_now(Request::OffsetCommit(request))?;
    }
    for name in &input.pending_transactional {
        let offsets = [(bench.partition(name)?, Offset(2).into())];
        let committed = bench.broker.commit_transactional(bench.now, bench.group, ProducerId(1), None, &offsets);
        committed.map_err(|error| format!("the transactional commit: {error}"))?;
    }
    go_to(&mut bench, input.now_ms);
    let mut expired = Vec::new();
    for commit in &input.commits {
        let partition = bench.partition(&commit.partition)?;
        if bench.broker.group(bench.group).committed(partition).is_none() {
            expired.push(&commit.partition);
        }
    }
    case.expectations().try_for_each(|(key, expected)| match key {
        "expired" => same(key, &json!(expired), expected),
        _ => unknown_expectation(key),
    })
}

fn go_to(bench: &mut GroupBench, ms: u64) {
    bench.advance(Instant::from_ms(ms).since(bench.now).as_ms());
}

/// Makes the group stable with one member that reads these topics; without topics, the group has no member.
fn subscribe(bench: &mut GroupBench, topics: &[String]) -> Result<Option<Membership>, String> {
    if topics.is_empty() {
        return Ok(None);
    }
    let topics = topics.iter().map(|topic| bench.topic(topic)).collect::<Arc<[TopicId]>>();
    let subscription = Subscription { topics, owned: Arc::default(), generation: Generation(-1) };
    bench.ask(Request::JoinGroup(JoinRequest {
        group: bench.group,
        member: None,
        instance: None,
        protocols: [Protocol { name: "range".into(), subscription }].into(),
        session_timeout: FOR_EVER,
        rebalance_timeout: FOR_EVER,
    }));
    bench.advance(0);
    let member = bench.out.facts.iter().find_map(leader).ok_or("no generation has started")?;
    let membership = bench.membership_of(member, 1);
    bench.answer_now(Request::SyncGroup(SyncRequest { membership: membership.clone(), assignments: Vec::new() }))?;
    Ok(Some(membership))
}

fn leader(fact: &Fact) -> Option<MemberId> {
    match fact {
        Fact::Group(GroupFact::GenerationStarted { leader, .. }) => Some(*leader),
        _ => None,
    }
}
