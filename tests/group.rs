//! The group coordinator, request by request: joining, syncing, heartbeats, leaving, expiry and commits, as Kafka's classic
//! protocol has them; and fetches that wait.

#![cfg(not(target_arch = "wasm32"))]

mod broker_bench;
#[path = "group/commits.rs"]
mod commits;
#[path = "group/expiry.rs"]
mod expiry;
#[path = "group/fetches.rs"]
mod fetches;
#[path = "group/heartbeats.rs"]
mod heartbeats;
#[path = "group/joining.rs"]
mod joining;
#[path = "group/leaving.rs"]
mod leaving;

#[path = "group/list_offsets.rs"]
mod list_offsets;
#[path = "group/model.rs"]
mod model;
#[path = "group/protocols.rs"]
mod protocols;
#[path = "group/static_members.rs"]
mod static_members;
#[path = "group/syncing.rs"]
mod syncing;
#[path = "group/transactions.rs"]
mod transactions;

use broker_bench::Bench;
use catchup::broker::{Fact, GroupFact, GroupState, LeaveReason, MemberId, RebalanceReason};

const UNKNOWN: MemberId = MemberId(99);

fn state(bench: &Bench) -> (GroupState, i32, usize) {
    let group = bench.broker.group(bench.group);
    (group.state(), group.generation().0, group.members().len())
}

/// The members that left, and why, in order.
fn departures(bench: &Bench) -> Vec<(MemberId, LeaveReason)> {
    let departure = |fact: &Fact| match fact {
        Fact::Group(GroupFact::MemberLeft { member, reason, .. }) => Some((*member, *reason)),
        _ => None,
    };
    bench.facts().iter().filter_map(departure).collect()
}

fn rebalances(bench: &Bench) -> Vec<RebalanceReason> {
    let reason = |fact: &Fact| match fact {
        Fact::Group(GroupFact::RebalanceStarted { reason, .. }) => Some(*reason),
        _ => None,
    };
    bench.facts().iter().filter_map(reason).collect()
}
