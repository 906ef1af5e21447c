//! The areas `murmur2_hash` and `murmur2_partition`: keys, their hashes, and where a producer sends them.

use super::Case;
use super::case::{Checked, same, unknown_expectation};
use catchup::client::{Partitioner, TopicView, murmur2};
use catchup::log::TopicId;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashInput {
    key_hex: String,
    key_utf8: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartitionInput {
    key_hex: String,
    key_utf8: Option<String>,
    num_partitions: u32,
}

pub(super) fn check_hash(case: &Case) -> Checked {
    if case.kind != "hash" {
        return case.unknown_kind();
    }
    let input: HashInput = case.input()?;
    let hash = murmur2(&key_of(&input.key_hex, input.key_utf8.as_deref())?);
    case.expectations().try_for_each(|(key, expected)| match key {
        "hash_i32" => same(key, &json!(hash), expected),
        "hash_positive" => same(key, &json!(hash & 0x7fff_ffff), expected),
        _ => unknown_expectation(key),
    })
}

pub(super) fn check_partition(case: &Case) -> Checked {
    if case.kind != "partition" {
        return case.unknown_kind();
    }
    let input: PartitionInput = case.input()?;
    let key = key_of(&input.key_hex, input.key_utf8.as_deref())?;
    let topic = TopicView { topic: TopicId(0), partitions: input.num_partitions, available: &[] };
    let mut no_random = || panic!("a key alone decides on the partition");
    let partition =
        Partitioner::built_in().partition(topic, Some(&key), &mut no_random).map_err(|error| error.to_string())?;
    case.expectations().try_for_each(|(key, expected)| match key {
        "partition" => same(key, &json!(partition.0), expected),
        _ => unknown_expectation(key),
    })
}

/// The bytes of a key. That it is given twice is a check on the file.
fn key_of(hex: &str, utf8: Option<&str>) -> Result<Vec<u8>, String> {
    let digits = hex.as_bytes();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    };
    let key: Vec<u8> =
        digits.chunks(2).map(byte).collect::<Option<_>>().ok_or_else(|| format!("key_hex {hex:?} is not hex"))?;
    if std::str::from_utf8(&key).ok() == utf8 {
        Ok(key)
    } else {
        Err(format!("key_hex {hex:?} and key_utf8 {utf8:?} are different keys"))
    }
}
