//! A consumer group: its state, its members, who looks after it, and its rebalances.

use super::text::{count, grouped, short};
use crate::app::{Model, RebalanceSummary};
use crate::broker::{Group, GroupState, RebalanceReason};
use crate::client::Assignor;

/// What there is to see of a group: what it is, how it stands, what it means.
pub(super) fn group_facts(model: &Model, group: &Group) -> Vec<(&'static str, String, &'static str)> {
    let assignor = group.protocol().and_then(|name| Assignor::named(name));
    let coordinator = model.world().broker().coordinator_of(group.id());
    vec![
        ("Group", group.name().to_string(), "the instances of a service share a group, and so the work"),
        ("State", group_state_word(group.state()).to_owned(), group_state_meaning(group.state())),
        ("Generation", group.generation().0.to_string(), "rises with each rebalance, and when the last member leaves"),
        (
            "Members",
            grouped(group.members().len() as u64),
            "the instances in the group; a crashed one stays until its session times out",
        ),
        (
            "Assignor",
            assignor.map_or("none yet", Assignor::name).to_owned(),
            assignor.map_or("the members have not agreed on one", Assignor::meaning),
        ),
        (
            "Coordinator",
            coordinator.map_or_else(|| "nobody".to_owned(), |id| format!("broker {id}")),
            "the broker that keeps the group's members and its committed offsets",
        ),
        ("Protocol", "classic".to_owned(), "JoinGroup and SyncGroup; that of KIP-848 is not simulated"),
    ]
}

/// Kafka's word for a group's state.
pub const fn group_state_word(state: GroupState) -> &'static str {
    match state {
        GroupState::Empty => "Empty",
        GroupState::PreparingRebalance => "PreparingRebalance",
        GroupState::CompletingRebalance => "CompletingRebalance",
        GroupState::Stable => "Stable",
        GroupState::Dead => "Dead",
    }
}

/// What a group's state means.
const fn group_state_meaning(state: GroupState) -> &'static str {
    match state {
        GroupState::Empty => "it has no members; its committed offsets are kept",
        GroupState::PreparingRebalance => "it waits until its members have joined again",
        GroupState::CompletingRebalance => "it waits for its leader, one of the members, to divide the partitions",
        GroupState::Stable => "every member knows its partitions",
        GroupState::Dead => "it is gone, and its offsets with it",
    }
}

/// What its rebalance does while one goes on, or what the latest did.
pub(super) fn rebalance(model: &Model, group: &Group, is_cooperative: bool) -> Option<String> {
    let is_going_on = match group.state() {
        GroupState::PreparingRebalance | GroupState::CompletingRebalance => true,
        GroupState::Empty | GroupState::Stable | GroupState::Dead => false,
    };
    let text = match (is_going_on, is_cooperative) {
        (true, false) => {
            "The group is rebalancing. Its assignor is eager: every consumer first gives up all of its partitions, and nothing is read meanwhile."
        }
        (true, true) => {
            "The group is rebalancing. Its assignor is cooperative: consumers read on, and only the partitions that move are revoked."
        }
        (false, _) => {
            return model.moment.rebalances.latest(group.id()).map(|latest| latest_rebalance(&latest));
        }
    };
    Some(text.to_owned())
}

fn latest_rebalance(latest: &RebalanceSummary) -> String {
    let why = match latest.reason {
        RebalanceReason::MemberJoined => "a member joined",
        RebalanceReason::MemberLeft => "a member left",
        RebalanceReason::MemberRejoined => "a member rejoined",
        RebalanceReason::StaticMemberReplaced => "a static member was replaced",
    };
    let moved = count(latest.moved as u64, "partition was", "partitions were");
    let stood = match (latest.is_cooperative, latest.moved < latest.assigned) {
        (true, true) => "the others were read throughout",
        (true, false) => "no consumer had to give up anything else",
        (false, _) => "nothing was read meanwhile",
    };
    format!(
        "The latest rebalance ({why}) took {}: {moved} reassigned, and {stood}. Generation {}.",
        short(latest.took),
        latest.generation
    )
}
