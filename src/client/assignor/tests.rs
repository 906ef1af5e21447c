//! Tests of the assignors: small ones here, properties of random groups in `properties.rs`.

use super::*;
use crate::broker::{Generation, Subscription};

#[cfg(not(target_arch = "wasm32"))] // proptest needs a source of entropy
mod properties;

fn tp(topic: u16, partition: u32) -> TopicPartition {
    TopicPartition { topic: TopicId(topic), partition: PartitionId(partition) }
}

fn member(id: u32, topics: &[u16], owned: &[(u16, u32)]) -> JoinedMember {
    let subscription = Subscription {
        topics: topics.iter().copied().map(TopicId).collect(),
        owned: owned.iter().map(|(topic, partition)| tp(*topic, *partition)).collect(),
        generation: Generation(1),
    };
    JoinedMember { member: MemberId(id), instance: None, subscription }
}

fn in_generation(generation: i32, mut member: JoinedMember) -> JoinedMember {
    member.subscription.generation = Generation(generation);
    member
}

/// Checks what the members get, in order of their ids, of topics that have `partitions`.
fn check(assignor: Assignor, members: &[JoinedMember], partitions: &[u32], expect: &[&[(u16, u32)]]) {
    let topics: Vec<(TopicId, u32)> = (0..).map(TopicId).zip(partitions.iter().copied()).collect();
    let assignment = assignor.assign(members, &topics);
    let found: Vec<Vec<(u16, u32)>> =
        assignment.values().map(|share| share.iter().map(|it| (it.topic.0, it.partition.0)).collect()).collect();
    assert_eq!(found, expect, "{assignor}");
}

#[test]
fn range_gives_the_first_members_the_remainder() {
    let members = [member(1, &[0], &[]), member(2, &[0], &[])];
    check(Assignor::Range, &members, &[3], &[&[(0, 0), (0, 1)], &[(0, 2)]]);
}

#[test]
fn with_range_some_are_idle_if_there_are_more_members_than_partitions() {
    let members = [1, 2, 3].map(|id| member(id, &[0], &[]));
    check(Assignor::Range, &members, &[2], &[&[(0, 0)], &[(0, 1)], &[]]);
}

#[test]
fn members_with_an_instance_id_come_first() {
    let named = JoinedMember { instance: Some("a".into()), ..member(2, &[0], &[]) };
    check(Assignor::Range, &[member(1, &[0], &[]), named.clone()], &[1], &[&[], &[(0, 0)]]);
    check(Assignor::RoundRobin, &[member(1, &[0], &[]), named], &[1], &[&[], &[(0, 0)]]);
}

#[test]
fn round_robin_goes_on_with_the_next_topic_where_it_was() {
    let members = [member(1, &[0, 1], &[]), member(2, &[0, 1], &[])];
    check(Assignor::RoundRobin, &members, &[1, 2], &[&[(0, 0), (1, 1)], &[(1, 0)]]);
}

#[test]
fn topics_that_do_not_exist_or_that_nobody_wants_are_not_given_out() {
    for assignor in Assignor::ALL {
        check(assignor, &[member(1, &[0, 7], &[])], &[1, 1], &[&[(0, 0)]]);
    }
}

#[test]
fn sticky_members_keep_what_they_have() {
    let members = [member(1, &[0], &[(0, 1), (0, 2)]), member(2, &[0], &[(0, 0)])];
    check(Assignor::Sticky, &members, &[4], &[&[(0, 1), (0, 2)], &[(0, 0), (0, 3)]]);
}

#[test]
fn a_newcomer_takes_no_more_than_its_share() {
    let members = [member(1, &[0], &[(0, 0), (0, 1), (0, 2)]), member(2, &[0], &[])];
    check(Assignor::Sticky, &members, &[3], &[&[(0, 0), (0, 1)], &[(0, 2)]]);
}

#[test]
fn cooperative_members_give_up_first_what_moves() {
    let members = [member(1, &[0], &[(0, 0), (0, 1), (0, 2)]), member(2, &[0], &[])];
    check(Assignor::CooperativeSticky, &members, &[3], &[&[(0, 0), (0, 1)], &[]]);
    let members = [member(1, &[0], &[(0, 0), (0, 1)]), member(2, &[0], &[])];
    check(Assignor::CooperativeSticky, &members, &[3], &[&[(0, 0), (0, 1)], &[(0, 2)]]);
}

#[test]
fn the_latest_generation_is_believed() {
    let late = in_generation(2, member(2, &[0], &[(0, 0)]));
    check(Assignor::Sticky, &[member(1, &[0], &[(0, 0)]), late], &[1], &[&[], &[(0, 0)]]);
}

#[test]
fn of_two_who_claim_a_partition_cooperatively_both_give_it_up() {
    let members = [member(1, &[0], &[(0, 0)]), member(2, &[0], &[(0, 0)])];
    check(Assignor::CooperativeSticky, &members, &[1], &[&[], &[]]);
}

#[test]
fn with_unequal_wishes_one_who_has_two_more_gives_one_away() {
    let members = [member(1, &[0, 1], &[(0, 0), (0, 1), (1, 0)]), member(2, &[0], &[])];
    check(Assignor::Sticky, &members, &[2, 1], &[&[(0, 1), (1, 0)], &[(0, 0)]]);
}

#[test]
fn with_unequal_wishes_what_is_new_moves_first() {
    let members = [member(1, &[0], &[]), member(2, &[1, 2], &[(2, 0)]), member(3, &[0, 2], &[])];
    let new_to_it: &[(u16, u32)] = &[(2, 1), (2, 2), (2, 3), (2, 4)];
    let keeps: &[(u16, u32)] = &[(1, 0), (1, 1), (1, 2), (2, 0)];
    check(Assignor::Sticky, &members, &[3, 3, 5], &[&[(0, 0), (0, 1), (0, 2)], keeps, new_to_it]);
}

#[test]
fn with_unequal_wishes_what_must_move_goes_to_who_had_it_before() {
    let had_it = in_generation(-1, member(2, &[0], &[(0, 0)]));
    let members = [member(1, &[0], &[]), had_it, member(3, &[0, 7], &[(0, 0), (0, 1)])];
    check(Assignor::Sticky, &members, &[2], &[&[], &[(0, 0)], &[(0, 1)]]);
}

#[test]
fn with_unequal_wishes_two_members_do_not_swap_partitions_of_a_topic() {
    let members = [
        in_generation(0, member(1, &[2, 3], &[(2, 0)])),
        in_generation(2, member(2, &[0, 1, 2, 3], &[(1, 4), (2, 0), (3, 1)])),
        member(3, &[3], &[]),
        member(4, &[1, 2], &[(1, 2)]),
    ];
    let keeps: &[(u16, u32)] = &[(0, 0), (0, 1), (0, 2), (1, 4)];
    let takes: &[(u16, u32)] = &[(1, 0), (1, 1), (1, 2), (1, 3)];
    check(Assignor::Sticky, &members, &[3, 5, 1, 3], &[&[(2, 0), (3, 0)], keeps, &[(3, 1), (3, 2)], takes]);
}

#[test]
fn every_assignor_is_found_by_its_name_and_no_other_is() {
    let found = Assignor::ALL.map(|assignor| Assignor::named(assignor.name()));
    assert_eq!(found, Assignor::ALL.map(Some));
    assert_eq!(Assignor::named("Range"), None);
}
