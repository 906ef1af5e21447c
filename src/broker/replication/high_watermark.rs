//! Up to where a log is on every in-sync replica.

use crate::log::Offset;

/// The high watermark of a log that ends at `leader_end`, if the other replicas that count have come so far. Those count that
/// are in sync, and those that have caught up and are about to be; of one that has not asked yet nothing is known, and the
/// mark waits for it. It never goes back, and stays while there are fewer in-sync replicas than `min.insync.replicas`.
pub fn high_watermark(
    current: Offset,
    leader_end: Offset,
    others: impl IntoIterator<Item = Option<Offset>>,
    isr_size: usize,
    min_insync: usize,
) -> Offset {
    if isr_size < min_insync {
        return current;
    }
    let least = others.into_iter().try_fold(leader_end, |least, end| Some(least.min(end?)));
    least.map_or(current, |least| least.max(current))
}
