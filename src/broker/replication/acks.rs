//! When a batch counts as written (`acks`), and when there are too few replicas for that.

use crate::broker::Acks;
use crate::log::Offset;

/// When the producer hears that its batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckWhen {
    /// At once, and it hears nothing.
    Immediately,
    /// When the leader has appended it.
    LeaderAppend,
    /// When every in-sync replica has it.
    HighWatermarkPastOffset,
}

/// There are fewer in-sync replicas than `min.insync.replicas`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEnoughReplicas;

/// Whether a batch is appended, and when it counts as written then. `min.insync.replicas` binds `acks=all` only.
pub const fn before_append(acks: Acks, isr_size: usize, min_insync: usize) -> Result<AckWhen, NotEnoughReplicas> {
    match acks {
        Acks::Zero => Ok(AckWhen::Immediately),
        Acks::One => Ok(AckWhen::LeaderAppend),
        Acks::All if isr_size < min_insync => Err(NotEnoughReplicas),
        Acks::All => Ok(AckWhen::HighWatermarkPastOffset),
    }
}

/// Whether a batch that ends before `required` is written; `None` as long as it is not. In-sync replicas may have become too few
/// since it was appended: then it is there, and nobody promises that it stays.
pub fn after_append(
    required: Offset,
    high_watermark: Offset,
    isr_size: usize,
    min_insync: usize,
) -> Option<Result<(), NotEnoughReplicas>> {
    let is_enough = if isr_size < min_insync { Err(NotEnoughReplicas) } else { Ok(()) };
    (high_watermark >= required).then_some(is_enough)
}
