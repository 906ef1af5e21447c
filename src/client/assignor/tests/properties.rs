//! What holds for every group: each partition has one reader, shares are even, and nothing moves for nothing.

use super::*;
use crate::sorted::SortedSet;
use proptest::prelude::*;

const MEMBERS_MAX: usize = 6;
const TOPICS_MAX: usize = 4;
const PARTITIONS_MAX: u32 = 5;
/// A cooperative group settles within so many runs: the second gives out what the first took away.
const RUNS_MAX: usize = 3;

type Topics = Vec<(TopicId, u32)>;
type Assignment = SortedMap<MemberId, Vec<TopicPartition>>;

/// Topics, and members with random wishes, claims and generations. Two may claim the same.
fn any_group(has_equal_wishes: bool) -> impl Strategy<Value = (Topics, Vec<JoinedMember>)> {
    let topic = 0..TOPICS_MAX as u16 + 1;
    let claims = prop::collection::btree_set((topic.clone(), 0..PARTITIONS_MAX), 0..8);
    let anyone = (prop::collection::btree_set(topic, 0..=TOPICS_MAX), claims, -1..3);
    let members = prop::collection::vec(anyone, 1..=MEMBERS_MAX);
    (prop::collection::vec(0..=PARTITIONS_MAX, 0..=TOPICS_MAX), members).prop_map(move |(partitions, members)| {
        let first = members[0].0.clone();
        let members = members.into_iter().zip(1..).map(|((wishes, claims, generation), id)| {
            let wishes: Vec<u16> = if has_equal_wishes { &first } else { &wishes }.iter().copied().collect();
            let claims: Vec<(u16, u32)> = claims.into_iter().collect();
            in_generation(generation, member(id, &wishes, &claims))
        });
        ((0..).map(TopicId).zip(partitions).collect(), members.collect())
    })
}

/// Checks that everything that somebody wants is with exactly one who wants it.
fn check_valid(members: &[JoinedMember], topics: &Topics, assignment: &Assignment) {
    let mut given = SortedSet::new();
    for member in members {
        for partition in &assignment[&member.member] {
            assert!(member.subscription.topics.contains(&partition.topic), "{:?} has {partition:?}", member.member);
            assert!(given.insert(*partition), "{partition:?} is given twice");
        }
    }
    let is_wanted = |topic: &TopicId| members.iter().any(|member| member.subscription.topics.contains(topic));
    let wanted = topics.iter().filter(|(topic, _)| is_wanted(topic));
    let wanted: SortedSet<_> = wanted.flat_map(|(topic, count)| partitions_of(*topic, *count)).collect();
    assert_eq!(given, wanted);
}

/// Checks that nobody could take a partition from one who has at least two more.
fn check_balanced(members: &[JoinedMember], assignment: &Assignment) {
    for member in members {
        let size = assignment[&member.member].len();
        for (other, share) in assignment.iter().filter(|(_, share)| share.len() > size + 1) {
            let could_take = share.iter().find(|partition| member.subscription.topics.contains(&partition.topic));
            assert_eq!(could_take, None, "{:?} has {size}, {other:?} has {}", member.member, share.len());
        }
    }
}

/// The members as they would come to the next rebalance.
fn with(members: &[JoinedMember], assignment: &Assignment) -> Vec<JoinedMember> {
    let with = |member: &JoinedMember| {
        let mut member = in_generation(5, member.clone());
        member.subscription.owned = assignment[&member.member].as_slice().into();
        member
    };
    members.iter().map(with).collect()
}

fn kept(members: &[JoinedMember], assignment: &Assignment) -> usize {
    let kept = |member: &JoinedMember| {
        member.subscription.owned.iter().filter(|it| assignment[&member.member].contains(it)).count()
    };
    members.iter().map(kept).sum()
}

/// As much as members with equal wishes can keep: each up to its quota, and some one more.
fn kept_at_most(members: &[JoinedMember], topics: &Topics) -> usize {
    let claims = claims::Claims::new(members, topics);
    let partitions: u32 = claims.partitions.iter().sum();
    let (quota, extras) = (partitions as usize / members.len(), partitions as usize % members.len());
    let above = claims.owned.iter().filter(|owned| owned.len() > quota).count();
    claims.owned.iter().map(|owned| owned.len().min(quota)).sum::<usize>() + above.min(extras)
}

proptest! {
    #[test]
    fn every_partition_has_one_reader((topics, members) in any_group(false)) {
        for assignor in [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky] {
            check_valid(&members, &topics, &assignor.assign(&members, &topics));
        }
    }

    #[test]
    fn sticky_shares_are_even_and_stay(
        (topics, members) in prop_oneof![any_group(false), any_group(true)]
    ) {
        let assignment = Assignor::Sticky.assign(&members, &topics);
        check_balanced(&members, &assignment);
        let again = Assignor::Sticky.assign(&with(&members, &assignment), &topics);
        prop_assert_eq!(again, assignment);
    }

    #[test]
    fn members_with_equal_wishes_keep_all_that_they_can((topics, members) in any_group(true)) {
        let assignment = Assignor::Sticky.assign(&members, &topics);
        check_valid(&members, &topics, &assignment);
        prop_assert!(kept(&members, &assignment) >= kept_at_most(&members, &topics));
    }

    #[test]
    fn who_stays_loses_nothing_when_another_leaves((topics, members) in any_group(true)) {
        let mut stay = with(&members, &Assignor::Sticky.assign(&members, &topics));
        stay.remove(0);
        let after = Assignor::Sticky.assign(&stay, &topics);
        for member in &stay {
            prop_assert!(member.subscription.owned.iter().all(|partition| after[&member.member].contains(partition)));
        }
    }

    #[test]
    fn cooperative_members_never_share_a_partition_and_settle(
        (topics, members) in prop_oneof![any_group(false), any_group(true)]
    ) {
        let mut members = members;
        for _ in 0..RUNS_MAX {
            let assignment = Assignor::CooperativeSticky.assign(&members, &topics);
            for (member, other) in members.iter().flat_map(|member| members.iter().map(move |other| (member, other))) {
                let is_new = |partition: &&TopicPartition| !member.subscription.owned.contains(partition);
                let given = assignment[&member.member].iter().filter(is_new);
                let taken = given.filter(|partition| other.subscription.owned.contains(partition)).count();
                prop_assert_eq!(taken, 0, "{:?} gets what {:?} has", member.member, other.member);
            }
            let keeps_all = kept(&members, &assignment) == members.iter().map(|member| member.subscription.owned.len()).sum::<usize>();
            if keeps_all {
                check_valid(&members, &topics, &assignment);
                check_balanced(&members, &assignment);
                return Ok(());
            }
            members = with(&members, &assignment);
        }
        prop_assert!(false, "after {RUNS_MAX} runs somebody still gives something up");
    }
}
