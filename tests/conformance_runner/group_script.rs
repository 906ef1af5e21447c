//! The area of the group coordinator: scripts of what members ask, each step with its answer.

use super::Case;
use super::case::{Checked, unknown_expectation};
use super::group_bench::{GroupBench, error_name};
use super::group_case::{Commit, Join, LeaveMember, MemberRef, Script, Step, Sync, TxnCommit, TxnResult};
use catchup::broker::{
    CommitRequest, Fact, Generation, GroupError, GroupFact, GroupState, HeartbeatRequest, JoinRequest, Joined,
    LeaveRequest, Leaving, MemberId, Membership, OffsetFetchRequest, Protocol, Request, Response, Subscription,
    SyncRequest, Ticket,
};
use catchup::log::{ProducerId, TopicPartition};
use catchup::time::Span;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) fn check(case: &Case) -> Checked {
    if case.kind != "group_script" {
        return case.unknown_kind();
    }
    let script: Script = case.input()?;
    let mut bench = GroupBench::new(script.config.broker_config());
    let results = case.results()?;
    if results.len() != script.steps.len() {
        return Err(format!("{} steps and {} results", script.steps.len(), results.len()));
    }
    for (number, (step, expected)) in script.steps.iter().zip(results).enumerate() {
        let actual = run(&mut bench, step).map_err(|error| format!("step {number}: {error}"))?;
        compare(&bench, &actual, expected).map_err(|difference| format!("step {number}: {difference}"))?;
    }
    Ok(())
}

/// Every expected key is there with the expected value. A step that fails must be expected to.
fn compare(bench: &GroupBench, actual: &Value, expected: &Map<String, Value>) -> Checked {
    let error = &actual["error"];
    if !error.is_null() && !expected.contains_key("error") {
        return Err(format!("it fails with {error}"));
    }
    expected.iter().try_for_each(|(key, expected)| compare_key(bench, actual, key, expected))
}

fn compare_key(bench: &GroupBench, actual: &Value, key: &str, expected: &Value) -> Checked {
    let is_as_expected = match (key, actual.get(key.trim_end_matches("_not"))) {
        (_, None) if !actual["error"].is_null() => return Err(format!("it fails with {}", actual["error"])),
        // An answer that is there is not pending, and one that is not there has nothing of what an answer has.
        (_, None) if actual["pending"] == json!(true) => return Err("it is not answered yet".to_owned()),
        (_, None) => return unknown_expectation(key),
        ("member_id_not", Some(actual)) => !is_member(bench, actual, expected)?,
        ("member_id" | "leader", Some(actual)) => is_member(bench, actual, expected)?,
        ("members", Some(actual)) => sorted(actual) == sorted(&members(bench, expected)?),
        (_, Some(actual)) => actual == expected,
    };
    if is_as_expected { Ok(()) } else { Err(format!("{key} is not as expected, {expected}, in {actual}")) }
}

/// Whether `actual` is the id of the member that is called `expected`. Two joins may be of the same member.
fn is_member(bench: &GroupBench, actual: &Value, expected: &Value) -> Result<bool, String> {
    let name = expected.as_str().ok_or_else(|| format!("{expected} is no name"))?;
    Ok(*actual == json!(bench.member_called(name)?.0))
}

fn members(bench: &GroupBench, names: &Value) -> Result<Value, String> {
    let names = names.as_array().ok_or_else(|| format!("{names} is no list of names"))?;
    names.iter().map(|name| Ok(json!(bench.member_called(name.as_str().unwrap_or_default())?.0))).collect()
}

fn sorted(list: &Value) -> Vec<u64> {
    let mut list: Vec<u64> = list.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    list.sort_unstable();
    list
}

fn run(bench: &mut GroupBench, step: &Step) -> Result<Value, String> {
    match step {
        Step::Join(join) => run_join(bench, join),
        Step::JoinResult { of } => {
            let ticket = bench.ticket(of)?;
            join_result(bench, of, ticket)
        }
        Step::Sync(sync) => run_sync(bench, sync),
        Step::SyncResult { of } => sync_result(bench, bench.ticket(of)?),
        Step::Heartbeat { member_id, generation, instance_id } => {
            heartbeat(bench, member_id, *generation, instance_id.as_ref())
        }
        Step::Leave { members } => leave(bench, members),
        Step::Commit(commit) => run_commit(bench, commit),
        Step::TxnCommit(commit) => run_txn_commit(bench, commit),
        Step::EndTxn { producer_id, result } => {
            let committed = *result == TxnResult::Commit;
            bench.broker.end_transaction(bench.group, ProducerId(*producer_id), committed, &mut bench.out);
            Ok(done(Ok(())))
        }
        Step::FetchOffsets { partitions, require_stable } => fetch_offsets(bench, partitions, *require_stable),
        Step::DeleteGroup => Ok(done(bench.broker.delete_group(bench.now, bench.group, &mut bench.out))),
        Step::MarkDead => {
            bench.broker.hand_over_group(bench.now, bench.group, &mut bench.out);
            Ok(done(Ok(())))
        }
        Step::State => Ok(state(bench)),
        Step::AdvanceTime { ms } => {
            bench.advance(*ms);
            Ok(done(Ok(())))
        }
    }
}

fn done(answer: Result<(), GroupError>) -> Value {
    json!({ "error": answer.err().map(error_name) })
}

fn unexpected<T>(response: &Response) -> Result<T, String> {
    Err(format!("{response:?} answers something else"))
}

fn run_join(bench: &mut GroupBench, join: &Join) -> Result<Value, String> {
    let subscription = Subscription { topics: Arc::default(), owned: Arc::default(), generation: Generation(-1) };
    let protocol = |name: &String| Protocol { name: name.as_str().into(), subscription: subscription.clone() };
    let group = join.group_id.as_ref().map_or(bench.group, |name| bench.broker.group_id(name));
    let request = JoinRequest {
        group,
        member: bench.member(&join.member_id)?,
        instance: join.instance_id.as_deref().map(Into::into),
        protocols: join.protocols.iter().map(protocol).collect(),
        session_timeout: Span::from_ms(join.session_timeout_ms),
        rebalance_timeout: Span::from_ms(join.rebalance_timeout_ms),
    };
    let facts = bench.out.facts.len();
    let ticket = bench.ask(Request::JoinGroup(request));
    bench.name(&join.r#as, ticket);
    if let Some(member) = bench.out.facts[facts..].iter().find_map(newcomer) {
        bench.learn(&join.r#as, member);
    }
    join_result(bench, &join.r#as, ticket)
}

/// The id that a group gave out while it took in a member, whose answer may still have to wait.
fn newcomer(fact: &Fact) -> Option<MemberId> {
    match fact {
        Fact::Group(
            GroupFact::MemberJoined { member, .. }
            | GroupFact::MemberRejoined { member, .. }
            | GroupFact::MemberReplaced { new: member, .. },
        ) => Some(*member),
        _ => None,
    }
}

fn join_result(bench: &mut GroupBench, name: &str, ticket: Ticket) -> Result<Value, String> {
    match bench.answer(ticket).cloned() {
        None => Ok(json!({ "pending": true, "error": null })),
        Some(Response::JoinGroup(Err(error))) => Ok(json!({ "pending": false, "error": error_name(error) })),
        Some(Response::JoinGroup(Ok(joined))) => {
            bench.learn(name, joined.member);
            Ok(joined_value(&joined))
        }
        Some(other) => unexpected(&other),
    }
}

fn joined_value(joined: &Joined) -> Value {
    let members: Vec<u32> = joined.members.iter().map(|member| member.member.0).collect();
    json!({
        "pending": false,
        "error": null,
        "generation": joined.generation.0,
        "member_id": joined.member.0,
        "leader": joined.leader.0,
        "protocol": *joined.protocol,
        "members": members,
    })
}

fn run_sync(bench: &mut GroupBench, sync: &Sync) -> Result<Value, String> {
    let membership = bench.membership(&sync.member_id, sync.generation, sync.instance_id.as_ref())?;
    let assignments = sync
        .assignment
        .iter()
        .map(|(name, text)| Ok((bench.member_called(name)?, bench.parts(text))))
        .collect::<Result<Vec<(MemberId, Arc<[TopicPartition]>)>, String>>()?;
    let ticket = bench.ask(Request::SyncGroup(SyncRequest { membership, assignments }));
    if let Some(name) = &sync.r#as {
        bench.name(name, ticket);
    }
    sync_result(bench, ticket)
}

fn sync_result(bench: &GroupBench, ticket: Ticket) -> Result<Value, String> {
    match bench.answer(ticket) {
        None => Ok(json!({ "pending": true, "error": null })),
        Some(Response::SyncGroup(Err(error))) => Ok(json!({ "pending": false, "error": error_name(*error) })),
        Some(Response::SyncGroup(Ok(parts))) => {
            Ok(json!({ "pending": false, "error": null, "assignment": bench.text(parts) }))
        }
        Some(other) => unexpected(other),
    }
}

fn heartbeat(
    bench: &mut GroupBench,
    member: &MemberRef,
    generation: i32,
    instance: Option<&String>,
) -> Result<Value, String> {
    let membership = bench.membership(member, generation, instance)?;
    match bench.answer_now(Request::Heartbeat(HeartbeatRequest { membership }))? {
        Response::Heartbeat(answer) => Ok(done(answer)),
        other => unexpected(&other),
    }
}

fn leave(bench: &mut GroupBench, members: &[LeaveMember]) -> Result<Value, String> {
    let leaving = |leaving: &LeaveMember| {
        let member = leaving.member_id.as_ref().map_or(Ok(None), |member| bench.member(member))?;
        Ok(Leaving { member, instance: leaving.instance_id.as_deref().map(Into::into) })
    };
    let members = members.iter().map(leaving).collect::<Result<_, String>>()?;
    match bench.answer_now(Request::LeaveGroup(LeaveRequest { group: bench.group, members }))? {
        Response::LeaveGroup(Err(error)) => Ok(json!({ "error": error_name(error), "member_errors": [] })),
        Response::LeaveGroup(Ok(answers)) => {
            let errors: Vec<_> = answers.into_iter().map(|answer| answer.err().map(error_name)).collect();
            Ok(json!({ "error": null, "member_errors": errors }))
        }
        other => unexpected(&other),
    }
}

/// What whoever commits shows: nothing, if it has no id, no generation and no `group.instance.id`.
fn committer(
    bench: &GroupBench,
    member: &MemberRef,
    generation: i32,
    instance: Option<&String>,
) -> Result<Option<Membership>, String> {
    let shows_nothing = bench.member(member)?.is_none() && generation < 0 && instance.is_none();
    if shows_nothing { Ok(None) } else { bench.membership(member, generation, instance).map(Some) }
}

fn run_commit(bench: &mut GroupBench, commit: &Commit) -> Result<Value, String> {
    let membership = committer(bench, &commit.member_id, commit.generation, commit.instance_id.as_ref())?;
    let (group, offsets) = (bench.group, bench.offsets(&commit.offsets)?);
    match bench.answer_now(Request::OffsetCommit(CommitRequest { group, membership, offsets }))? {
        Response::OffsetCommit(answer) => Ok(done(answer)),
        other => unexpected(&other),
    }
}

fn run_txn_commit(bench: &mut GroupBench, commit: &TxnCommit) -> Result<Value, String> {
    let nobody = MemberRef::Literal(String::new());
    let (member, generation) = (commit.member_id.as_ref().unwrap_or(&nobody), commit.generation.unwrap_or(-1));
    let membership = committer(bench, member, generation, commit.instance_id.as_ref())?;
    let (producer, offsets) = (ProducerId(commit.producer_id), bench.offsets(&commit.offsets)?);
    let (now, group) = (bench.now, bench.group);
    Ok(done(bench.broker.commit_transactional(now, group, producer, membership.as_ref(), &offsets)))
}

fn fetch_offsets(bench: &mut GroupBench, names: &[String], require_stable: bool) -> Result<Value, String> {
    let partitions = names.iter().map(|name| bench.partition(name)).collect::<Result<Vec<_>, String>>()?;
    let request = OffsetFetchRequest { group: bench.group, partitions, require_stable };
    let Response::OffsetFetch(answers) = bench.answer_now(Request::OffsetFetch(request))? else {
        return Err("something else is answered".to_owned());
    };
    let mut offsets = Map::new();
    for (name, (_, answer)) in names.iter().zip(answers) {
        let offset = answer.ok().flatten().map_or(-1, |place| place.offset.0);
        offsets.insert(name.clone(), json!({ "offset": offset, "error": answer.err().map(error_name) }));
    }
    Ok(json!({ "error": null, "offsets": offsets }))
}

fn state(bench: &GroupBench) -> Value {
    let group = bench.broker.group(bench.group);
    let state = match group.state() {
        // Kafka says this of every group that it does not know.
        _ if !group.exists() => "Dead",
        GroupState::Empty => "Empty",
        GroupState::PreparingRebalance => "PreparingRebalance",
        GroupState::CompletingRebalance => "CompletingRebalance",
        GroupState::Stable => "Stable",
        GroupState::Dead => "Dead",
    };
    json!({ "error": null, "state": state, "generation": group.generation().0, "member_count": group.members().len() })
}
