//! The area `consumer_position`: where a consumer begins, how far it lags, where a reset moves a group, which offsets expire.

use super::case::{Checked, same, unknown_expectation};
use super::{Case, group_offsets};
use catchup::broker::lag;
use catchup::client::{AutoOffsetReset, LogBounds, OffsetReset, PositionError, reset_offset, start_position};
use catchup::log::{Isolation, Offset};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum IsolationName {
    ReadUncommitted,
    ReadCommitted,
}

impl IsolationName {
    const fn level(self) -> Isolation {
        match self {
            Self::ReadUncommitted => Isolation::ReadUncommitted,
            Self::ReadCommitted => Isolation::ReadCommitted,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartInput {
    auto_offset_reset: String,
    committed: Option<i64>,
    seek: Option<i64>,
    log_start_offset: i64,
    high_watermark: i64,
    last_stable_offset: i64,
    isolation: IsolationName,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum LagOf {
    Position,
    Committed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LagInput {
    position: Option<i64>,
    committed: Option<i64>,
    high_watermark: Option<i64>,
    last_stable_offset: Option<i64>,
    isolation: IsolationName,
    of: LagOf,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ResetSpec {
    ToEarliest(bool),
    ToLatest(bool),
    ToCurrent(bool),
    ToOffset(i64),
    ShiftBy(i64),
    ToDatetimeMs(IgnoredAny),
    ByDurationMs(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResetInput {
    spec: ResetSpec,
    committed: Option<i64>,
    log_start_offset: i64,
    log_end_offset: i64,
    timestamp_lookup_result: Option<i64>,
}

pub(super) fn check(case: &Case) -> Checked {
    match case.kind.as_str() {
        "start_position" => check_start(case),
        "lag" => check_lag(case),
        "reset_offsets" => check_reset(case),
        "offset_expiration" => group_offsets::check_expiration(case),
        _ => case.unknown_kind(),
    }
}

/// An offset of the files, in which -1 stands for none.
fn offset(known: Option<i64>) -> Option<Offset> {
    known.filter(|offset| *offset >= 0).map(Offset)
}

const fn name(error: PositionError) -> &'static str {
    match error {
        PositionError::NoOffsetForPartition => "NO_OFFSET_FOR_PARTITION",
        PositionError::OffsetOutOfRange => "OFFSET_OUT_OF_RANGE",
    }
}

fn check_start(case: &Case) -> Checked {
    let input: StartInput = case.input()?;
    let reset = AutoOffsetReset::named(&input.auto_offset_reset).ok_or("there is no such policy")?;
    let bounds = LogBounds {
        log_start_offset: Offset(input.log_start_offset),
        high_watermark: Offset(input.high_watermark),
        last_stable_offset: Offset(input.last_stable_offset),
    };
    let position = offset(input.seek).or(offset(input.committed));
    let found = start_position(reset, position, &bounds, input.isolation.level());
    case.expectations().try_for_each(|(key, expected)| match key {
        "position" => same(key, &json!(found.ok().map(|offset| offset.0)), expected),
        "error" => same(key, &json!(found.err().map(name)), expected),
        _ => unknown_expectation(key),
    })
}

fn check_lag(case: &Case) -> Checked {
    let input: LagInput = case.input()?;
    let end = match input.isolation {
        IsolationName::ReadUncommitted => input.high_watermark,
        IsolationName::ReadCommitted => input.last_stable_offset,
    };
    let found = match input.of {
        LagOf::Position => lag(offset(input.position), offset(end)),
        LagOf::Committed => lag(offset(input.committed), offset(input.high_watermark)),
    };
    case.expectations().try_for_each(|(key, expected)| match key {
        "lag" => same(key, &json!(found), expected),
        _ => unknown_expectation(key),
    })
}

fn check_reset(case: &Case) -> Checked {
    let input: ResetInput = case.input()?;
    let found = offset(input.timestamp_lookup_result);
    let reset = match input.spec {
        ResetSpec::ToEarliest(true) => OffsetReset::ToEarliest,
        ResetSpec::ToLatest(true) => OffsetReset::ToLatest,
        ResetSpec::ToCurrent(true) => OffsetReset::ToCurrent,
        ResetSpec::ToEarliest(false) | ResetSpec::ToLatest(false) | ResetSpec::ToCurrent(false) => {
            return Err("a reset that is not wanted".to_owned());
        }
        ResetSpec::ToOffset(to) => OffsetReset::ToOffset(Offset(to)),
        ResetSpec::ShiftBy(delta) => OffsetReset::ShiftBy(delta),
        // The instant is what was looked up.
        ResetSpec::ToDatetimeMs(_) | ResetSpec::ByDurationMs(_) => OffsetReset::ToTime { found },
    };
    let (start, end) = (Offset(input.log_start_offset), Offset(input.log_end_offset));
    let found = reset_offset(reset, offset(input.committed), start, end);
    case.expectations().try_for_each(|(key, expected)| match key {
        "new_offset" => same(key, &json!(found.ok().map(|offset| offset.0)), expected),
        "error" => same(key, &json!(found.err().map(name)), expected),
        _ => unknown_expectation(key),
    })
}
