//! The areas of one partition's log: scripts of steps, each with what it returns, and the lookup of aborted transactions.

use super::Case;
use super::case::{Checked, unknown_expectation};
use super::log_bench::{Failure, LogBench};
use super::log_case::{Append, Isolation as ScriptIsolation, ListSpec, Origin, Record, Script, Step, Target};
use catchup::log::{
    AbortedTransaction, Appended, Batches, CommittedRecords, CompactionRange, Isolation, Log, Offset, ProducerId,
    ProducerState, TimedOffset, search_aborted,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(super) fn check(case: &Case) -> Checked {
    match case.kind.as_str() {
        "script" => check_script(case),
        "aborted_txn_lookup" => check_lookup(case),
        _ => case.unknown_kind(),
    }
}

fn check_script(case: &Case) -> Checked {
    let script: Script = case.input()?;
    let mut bench = LogBench::new(&script.config)?;
    let results = case.results()?;
    if results.len() != script.steps.len() {
        return Err(format!("{} steps and {} results", script.steps.len(), results.len()));
    }
    for (number, (step, expected)) in script.steps.iter().zip(results).enumerate() {
        let actual = outcome(&mut bench, step).map_err(|error| format!("step {number}: {error}"))?;
        compare(&actual, expected).map_err(|difference| format!("step {number}: {difference}"))?;
    }
    Ok(())
}

/// All that a step returns; what went wrong is under `error`.
fn outcome(bench: &mut LogBench, step: &Step) -> Result<Value, String> {
    match run(bench, step) {
        Ok(mut value) => {
            value["error"] = Value::Null;
            Ok(value)
        }
        Err(Failure::Refused(name)) => Ok(json!({ "error": name })),
        Err(Failure::Script(error)) => Err(error),
    }
}

/// Every expected key is there with the expected value. A step that fails must be expected to.
fn compare(actual: &Value, expected: &Map<String, Value>) -> Checked {
    if !actual["error"].is_null() && !expected.contains_key("error") {
        return Err(format!("it fails with {}", actual["error"]));
    }
    expected.iter().try_for_each(|(key, expected)| match actual.get(key) {
        None if !actual["error"].is_null() => Err(format!("it fails with {}, expected {key}", actual["error"])),
        None => unknown_expectation(key),
        Some(actual) if is_subset(actual, expected) => Ok(()),
        Some(actual) => Err(format!("{key} is {actual}, expected {expected}")),
    })
}

/// Whether `actual` is `expected`, but for keys of maps that are not mentioned. What a map does not have is null.
fn is_subset(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().all(|(key, expected)| is_subset(actual.get(key).unwrap_or(&Value::Null), expected))
        }
        (Value::Array(actual), Value::Array(expected)) => {
            actual.len() == expected.len() && actual.iter().zip(expected).all(|(one, other)| is_subset(one, other))
        }
        (actual, expected) => actual == expected,
    }
}

fn run(bench: &mut LogBench, step: &Step) -> Result<Value, Failure> {
    let now_ms = bench.now_ms;
    Ok(match step {
        Step::Append(step) => bench.append(step)?.map_or(json!({}), |appended| appended_value(&appended)),
        Step::AppendN { n, record } => append_n(bench, *n, record)?,
        Step::EndTxn { producer, result, coordinator_epoch } => {
            json!({ "offset": bench.end_txn(*producer, *result, *coordinator_epoch)?.first_offset })
        }
        Step::Roll
        | Step::AdvanceTime { .. }
        | Step::TruncateTo { .. }
        | Step::TruncateFullyAndStartAt { .. }
        | Step::ExpireProducers => {
            change(bench, step);
            json!({})
        }
        Step::SetHighWatermark { offset } => {
            let offset = target(&bench.log, offset)?;
            json!({ "high_watermark": bench.log.set_high_watermark(offset) })
        }
        Step::Fetch { offset, isolation } => fetch(&bench.log, Offset(*offset), isolation_of(*isolation))?,
        Step::ListOffset { spec, timestamp_ms, isolation } => {
            list_offset(&bench.log, *spec, *timestamp_ms, isolation_of(*isolation))?
        }
        Step::DeleteRecords { before_offset } => {
            let before = if *before_offset == -1 { bench.log.high_watermark() } else { Offset(*before_offset) };
            json!({ "low_watermark": bench.log.delete_records(before)? })
        }
        Step::ApplyRetention => json!({ "deleted_segments": bench.log.apply_retention(now_ms) }),
        Step::CleanableRange { last_clean_offset } => cleanable_range(bench, last_clean_offset.map(Offset)),
        Step::Compact { first_dirty_offset, max_map_entries, upper_bound_offset } => {
            let active = bench.log.segments().last().map_or(Offset::ZERO, catchup::log::Segment::base_offset);
            let range = CompactionRange {
                first_dirty_offset: Offset(*first_dirty_offset),
                upper_bound_offset: upper_bound_offset.map_or(active, Offset),
                keys_max: max_map_entries.unwrap_or(usize::MAX),
            };
            json!({ "next_dirty_offset": bench.log.compact(range, now_ms).next_dirty_offset })
        }
        Step::State => state(&bench.log),
    })
}

/// The steps that return nothing.
fn change(bench: &mut LogBench, step: &Step) {
    let now_ms = bench.now_ms;
    match step {
        Step::Roll => bench.log.roll(now_ms),
        Step::AdvanceTime { ms } => bench.now_ms += ms,
        Step::TruncateTo { offset } => bench.log.truncate_to(Offset(*offset), now_ms),
        Step::TruncateFullyAndStartAt { offset, log_start_offset } => {
            bench.log.truncate_fully_and_start_at(Offset(*offset), log_start_offset.map(Offset), now_ms);
        }
        Step::ExpireProducers => bench.log.expire_producers(now_ms),
        Step::Append(_)
        | Step::AppendN { .. }
        | Step::EndTxn { .. }
        | Step::SetHighWatermark { .. }
        | Step::Fetch { .. }
        | Step::ListOffset { .. }
        | Step::DeleteRecords { .. }
        | Step::ApplyRetention
        | Step::CleanableRange { .. }
        | Step::Compact { .. }
        | Step::State => unreachable!("it returns something"),
    }
}

fn appended_value(appended: &Appended) -> Value {
    json!({
        "first_offset": appended.first_offset,
        "last_offset": appended.last_offset,
        "duplicate": appended.is_duplicate,
    })
}

fn append_n(bench: &mut LogBench, n: u32, record: &Record) -> Result<Value, Failure> {
    let step = Append {
        records: vec![record.clone()],
        producer: None,
        transactional: false,
        origin: Origin::Client,
        at_offset: None,
        batch_bytes: None,
    };
    let mut all: Option<Appended> = None;
    for _ in 0..n {
        let last = bench.append(&step)?;
        all = all.map_or(last, |all| last.map(|last| Appended { first_offset: all.first_offset, ..last }));
    }
    Ok(all.map_or(json!({}), |all| appended_value(&all)))
}

fn target(log: &Log, target: &Target) -> Result<Offset, Failure> {
    match target {
        Target::Offset(offset) => Ok(Offset(*offset)),
        Target::Named(name) if name == "log_end" => Ok(log.log_end_offset()),
        Target::Named(name) => Err(Failure::Script(format!("there is no offset called \"{name}\""))),
    }
}

fn isolation_of(isolation: ScriptIsolation) -> Isolation {
    match isolation {
        ScriptIsolation::LogEnd => Isolation::LogEnd,
        ScriptIsolation::ReadUncommitted => Isolation::ReadUncommitted,
        ScriptIsolation::ReadCommitted => Isolation::ReadCommitted,
    }
}

/// Fetches until nothing more comes, as a consumer does that only reads.
fn fetch(log: &Log, from: Offset, isolation: Isolation) -> Result<Value, Failure> {
    let mut position = from;
    let (mut offsets, mut aborted) = (Vec::new(), Vec::new());
    loop {
        let fetched = log.fetch(position, isolation, usize::MAX)?;
        let Some(last) = Batches::new(fetched.bytes).last() else { break };
        let rows = fetched.aborted.iter().map(|row| (row.producer.0, row.first_offset.0));
        aborted.extend(rows);
        let records = CommittedRecords::new(Batches::new(fetched.bytes), fetched.aborted);
        offsets.extend(records.map(|record| record.offset).filter(|offset| *offset >= from));
        position = last.last_offset().next();
    }
    aborted.sort_unstable();
    aborted.dedup();
    Ok(json!({
        "count": offsets.len(),
        "first_offset": offsets.first(),
        "last_offset": offsets.last(),
        "offsets": offsets,
        "next_position": position,
        "aborted_transactions": aborted,
    }))
}

fn list_offset(log: &Log, spec: ListSpec, timestamp_ms: Option<i64>, isolation: Isolation) -> Result<Value, Failure> {
    let timed = |found: Option<TimedOffset>| {
        let (offset, timestamp_ms) = (found.map(|it| it.offset), found.map(|it| it.timestamp_ms));
        json!({ "offset": offset, "timestamp_ms": timestamp_ms })
    };
    Ok(match spec {
        ListSpec::Earliest => json!({ "offset": log.log_start_offset(), "timestamp_ms": null }),
        ListSpec::Latest => json!({ "offset": log.bound(isolation), "timestamp_ms": null }),
        ListSpec::MaxTimestamp => timed(log.offset_of_max_timestamp(isolation)),
        ListSpec::Timestamp => {
            let timestamp_ms = timestamp_ms.ok_or_else(|| Failure::Script("timestamp_ms is missing".to_owned()))?;
            timed(log.offset_for_time(timestamp_ms, isolation))
        }
    })
}

fn cleanable_range(bench: &LogBench, last_clean_offset: Option<Offset>) -> Value {
    let range = bench.log.cleanable_range(last_clean_offset, bench.now_ms);
    json!({
        "first_dirty_offset": range.first_dirty_offset,
        "first_uncleanable_offset": range.first_uncleanable_offset,
        "checkpoint_reset": range.is_reset,
    })
}

fn state(log: &Log) -> Value {
    let batches: Vec<_> = log.segments().flat_map(catchup::log::Segment::batches).collect();
    let data = batches.iter().filter(|batch| !batch.is_control()).flat_map(|batch| batch.records());
    let data: Vec<_> = data.collect();
    let markers = batches.iter().filter(|batch| batch.is_control()).flat_map(|batch| batch.records());
    let values = || data.iter().filter(|record| record.value.is_some());
    let tombstones = data.iter().filter(|record| record.value.is_none());
    let aborted: Vec<Value> = log.aborted_transactions().map(aborted_value).collect();
    json!({
        "log_start_offset": log.log_start_offset(),
        "log_end_offset": log.log_end_offset(),
        "high_watermark": log.high_watermark(),
        "last_stable_offset": log.last_stable_offset(),
        "first_unstable_offset": log.first_unstable_offset(),
        "num_segments": log.segments().count(),
        "segment_base_offsets": log.segments().map(catchup::log::Segment::base_offset).collect::<Vec<_>>(),
        "record_offsets": values().map(|record| record.offset).collect::<Vec<_>>(),
        "keys": values().map(|record| record.key.map(String::from_utf8_lossy)).collect::<Vec<_>>(),
        "tombstone_offsets": tombstones.map(|record| record.offset).collect::<Vec<_>>(),
        "marker_offsets": markers.map(|record| record.offset).collect::<Vec<_>>(),
        "batch_base_offsets": batches.iter().map(|batch| batch.base_offset()).collect::<Vec<_>>(),
        "batch_last_offsets": batches.iter().map(|batch| batch.last_offset()).collect::<Vec<_>>(),
        "aborted_transactions": aborted,
        "producers": log.producers().map(producer_value).collect::<Map<_, _>>(),
    })
}

fn aborted_value(aborted: &AbortedTransaction) -> Value {
    json!({
        "producer_id": aborted.producer.0,
        "first_offset": aborted.first_offset,
        "last_offset": aborted.last_offset,
        "last_stable_offset": aborted.last_stable_offset,
    })
}

fn producer_value((id, state): (ProducerId, &ProducerState)) -> (String, Value) {
    let value = json!({
        "epoch": state.epoch().0,
        "first_sequence": state.batches().next().map_or(-1, |batch| batch.first_sequence.0),
        "last_sequence": state.batches().last().map_or(-1, |batch| batch.last_sequence.0),
        "current_txn_first_offset": state.txn_first_offset(),
        "coordinator_epoch": state.coordinator_epoch().unwrap_or(-1),
    });
    (id.to_string(), value)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookup {
    index: Vec<Vec<i64>>,
    index_columns: Vec<String>,
    queries: Vec<Vec<i64>>,
    query_columns: Vec<String>,
}

fn check_lookup(case: &Case) -> Checked {
    let input: Lookup = case.input()?;
    let cell = |row: &[i64], columns: &[String], name: &str| {
        let column = columns.iter().position(|column| column == name);
        column.and_then(|column| row.get(column)).copied().ok_or_else(|| format!("there is no column {name}"))
    };
    let row = |row: &Vec<i64>| {
        let cell = |name: &str| cell(row, &input.index_columns, name);
        Ok(AbortedTransaction {
            producer: ProducerId(cell("producer_id")?),
            first_offset: Offset(cell("first_offset")?),
            last_offset: Offset(cell("last_offset")?),
            last_stable_offset: Offset(cell("last_stable_offset")?),
        })
    };
    let index = input.index.iter().map(row).collect::<Result<Vec<_>, String>>()?;
    let query = |row: &Vec<i64>| {
        let cell = |name: &str| cell(row, &input.query_columns, name).map(Offset);
        Ok(search_aborted(&index, cell("fetch_offset")?, cell("upper_bound_offset_exclusive")?))
    };
    let found = input.queries.iter().map(query).collect::<Result<Vec<_>, String>>()?;
    let ids = |rows: &[AbortedTransaction]| rows.iter().map(|row| row.producer.0).collect::<Vec<_>>();
    let actual = json!({
        "error": null,
        "producer_ids": found.iter().map(|search| ids(&search.found)).collect::<Vec<_>>(),
        "complete": found.iter().map(|search| search.is_complete).collect::<Vec<_>>(),
    });
    compare(&actual, case.expect())
}
