//! What is done to both logs, drawn at random, and shrunk to the least that fails.

use catchup::log::{CleanupPolicy, Isolation, LogConfig};
use proptest::collection::vec;
use proptest::prelude::*;

/// The most that a sequence does.
const OPS_MAX: usize = 60;

/// A key and a value of a record.
pub(crate) type Content = (Option<u8>, Option<Vec<u8>>);

/// How a producer's batch follows those before it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Follows {
    /// As it should.
    Next,
    /// It is the one so many batches ago once more.
    Again(usize),
    /// So many records are missing before it.
    Gap(i64),
    /// The producer has begun anew since.
    OldEpoch,
    /// The producer begins anew.
    NewEpoch,
}

/// Where in the log, in 1/255 of it; the ends lie a little outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(pub(crate) u8);

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Append(Vec<Content>),
    Produce {
        producer: u8,
        is_transactional: bool,
        follows: Follows,
        records: Vec<Content>,
    },
    EndTxn {
        producer: u8,
        is_abort: bool,
        follows: Follows,
        coordinator_epoch: i32,
    },
    Roll,
    Wait {
        ms: i64,
    },
    Replicate(Place),
    Fetch {
        place: Place,
        isolation: Isolation,
        bytes_max: usize,
    },
    ListOffsets {
        timestamp_ms: i64,
        isolation: Isolation,
    },
    DeleteRecords(Place),
    ApplyRetention,
    Truncate(Place),
    Restart {
        ahead: i64,
    },
    Compact,
    /// Keeps a clone beside the log.
    Clone,
    /// Goes on with the clone, and keeps the log beside it.
    Swap,
}

pub(crate) fn any_ops() -> impl Strategy<Value = Vec<Op>> {
    vec(any_op(), 1..OPS_MAX)
}

fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        10 => any_records().prop_map(Op::Append),
        20 => any_produce(),
        8 => any_end(),
        4 => Just(Op::Roll),
        4 => (0..40i64).prop_map(|ms| Op::Wait { ms }),
        10 => any_place().prop_map(Op::Replicate),
        12 => (any_place(), any_isolation(), prop_oneof![Just(0), 0..400usize, Just(usize::MAX)])
            .prop_map(|(place, isolation, bytes_max)| Op::Fetch { place, isolation, bytes_max }),
        4 => (0..200i64, any_isolation())
            .prop_map(|(timestamp_ms, isolation)| Op::ListOffsets { timestamp_ms, isolation }),
        2 => any_place().prop_map(Op::DeleteRecords),
        3 => Just(Op::ApplyRetention),
        2 => any_place().prop_map(Op::Truncate),
        1 => (0..5i64).prop_map(|ahead| Op::Restart { ahead }),
        8 => Just(Op::Compact),
        2 => Just(Op::Clone),
        2 => Just(Op::Swap),
    ]
}

fn any_produce() -> impl Strategy<Value = Op> {
    (0..3u8, proptest::bool::weighted(0.8), any_follows(), any_records()).prop_map(
        |(producer, is_transactional, follows, records)| Op::Produce { producer, is_transactional, follows, records },
    )
}

fn any_end() -> impl Strategy<Value = Op> {
    (0..3u8, any::<bool>(), any_follows(), 0..3i32).prop_map(|(producer, is_abort, follows, coordinator_epoch)| {
        Op::EndTxn { producer, is_abort, follows, coordinator_epoch }
    })
}

fn any_follows() -> impl Strategy<Value = Follows> {
    prop_oneof![
        16 => Just(Follows::Next),
        2 => (0..7usize).prop_map(Follows::Again),
        1 => (1..4i64).prop_map(Follows::Gap),
        1 => Just(Follows::OldEpoch),
        1 => Just(Follows::NewEpoch),
    ]
}

fn any_records() -> impl Strategy<Value = Vec<Content>> {
    let key = proptest::option::weighted(0.95, 0..4u8);
    vec((key, proptest::option::weighted(0.8, vec(any::<u8>(), 0..30))), 1..4)
}

fn any_place() -> impl Strategy<Value = Place> {
    prop_oneof![any::<u8>().prop_map(Place), Just(Place(u8::MAX))]
}

fn any_isolation() -> impl Strategy<Value = Isolation> {
    prop_oneof![Just(Isolation::LogEnd), Just(Isolation::ReadUncommitted), Just(Isolation::ReadCommitted)]
}

pub(crate) fn any_config() -> impl Strategy<Value = LogConfig> {
    let policy =
        prop_oneof![Just(CleanupPolicy::Delete), Just(CleanupPolicy::Compact), Just(CleanupPolicy::CompactAndDelete)];
    let sizes = (prop_oneof![120..1_500usize, Just(20_000)], prop_oneof![Just(usize::MAX), 90..200usize]);
    let retention = (proptest::option::of(0..60i64), proptest::option::of(0..1_500u64));
    let compaction = (prop_oneof![Just(0), 1..40i64], 0..60i64, 0..=100u8);
    (policy, sizes, prop_oneof![Just(i64::MAX), 0..60i64], retention, compaction).prop_map(
        |(cleanup_policy, (segment_bytes, max_message_bytes), segment_ms, retention, compaction)| LogConfig {
            segment_bytes,
            segment_ms,
            max_message_bytes,
            cleanup_policy,
            retention_ms: retention.0,
            retention_bytes: retention.1,
            min_compaction_lag_ms: compaction.0,
            delete_retention_ms: compaction.1,
            min_cleanable_dirty_percent: compaction.2,
            ..LogConfig::default()
        },
    )
}
