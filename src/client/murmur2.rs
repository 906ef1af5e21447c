//! The hash that decides on a keyed record's partition: 32-bit murmur2, as Kafka's clients compute it.

const SEED: u32 = 0x9747_b28c;
const M: u32 = 0x5bd1_e995;
const R: u32 = 24;

/// The hash of `key`, in Kafka's signed form.
#[inline]
pub fn murmur2(key: &[u8]) -> i32 {
    let mut hash = SEED ^ key.len() as u32;
    let (words, tail) = key.as_chunks::<4>();
    for word in words {
        hash = hash.wrapping_mul(M) ^ scramble(u32::from_le_bytes(*word));
    }
    if !tail.is_empty() {
        let word = tail.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        hash = (hash ^ word).wrapping_mul(M);
    }
    hash = (hash ^ hash >> 13).wrapping_mul(M);
    (hash ^ hash >> 15) as i32
}

const fn scramble(word: u32) -> u32 {
    let word = word.wrapping_mul(M);
    (word ^ word >> R).wrapping_mul(M)
}
