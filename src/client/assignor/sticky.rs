//! The sticky assignors: shares as even as possible, and then as little movement as possible.
//!
//! As in Kafka there are two ways: an exact one for members that want the same topics, and a search for the others.

use super::claims::{Claims, Shares};
use super::{general, uniform};
use crate::broker::{JoinedMember, MemberId};
use crate::log::{TopicId, TopicPartition};
use crate::sorted::SortedMap;

/// Kafka's sticky assignor.
pub(super) fn assign(members: &[JoinedMember], topics: &[(TopicId, u32)]) -> SortedMap<MemberId, Vec<TopicPartition>> {
    let claims = Claims::new(members, topics);
    let shares = share(&claims);
    claims.named(shares)
}

/// Kafka's cooperative sticky assignor: the same, but what is to move is given to nobody yet.
///
/// It differs from Kafka's in one point: there, members that want the same topics get at once what only a member of an
/// earlier generation claims. Here it too is given up first, so that no two members ever read the same partition.
pub(super) fn assign_cooperatively(
    members: &[JoinedMember],
    topics: &[(TopicId, u32)],
) -> SortedMap<MemberId, Vec<TopicPartition>> {
    let claims = Claims::new(members, topics);
    let mut shares = share(&claims);
    for (member, share) in shares.iter_mut().enumerate() {
        share.retain(|partition| {
            let stays = claims.is_claimed_by(member, *partition);
            let is_unclear = claims.is_uniform && claims.contested.contains(partition);
            if stays { !is_unclear } else { !claims.is_claimed_by_another(member, *partition) }
        });
    }
    claims.named(shares)
}

fn share(claims: &Claims) -> Shares {
    if claims.wants.is_empty() {
        Vec::new()
    } else if claims.is_uniform {
        uniform::share(claims)
    } else {
        general::share(claims)
    }
}
