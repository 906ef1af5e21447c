//! The inputs of group scripts: the coordinator's settings, and what members ask of it step by step.

use catchup::broker::BrokerConfig;
use catchup::time::Span;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The session and rebalance timeout of a member unless the script says otherwise, in milliseconds.
const TIMEOUT_MS: u64 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    #[serde(default)]
    pub(super) config: Config,
    pub(super) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the names are the files' own")]
pub(super) struct Config {
    initial_rebalance_delay_ms: u64,
    min_session_timeout_ms: u64,
    max_session_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { initial_rebalance_delay_ms: 50, min_session_timeout_ms: 10, max_session_timeout_ms: 600_000 }
    }
}

impl Config {
    /// The same settings for our broker.
    pub(super) fn broker_config(&self) -> BrokerConfig {
        BrokerConfig {
            group_initial_rebalance_delay: Span::from_ms(self.initial_rebalance_delay_ms),
            group_min_session_timeout: Span::from_ms(self.min_session_timeout_ms),
            group_max_session_timeout: Span::from_ms(self.max_session_timeout_ms),
            ..BrokerConfig::default()
        }
    }
}

/// A member id: as it is, or the one that was handed out to a join of the script.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum MemberRef {
    Literal(String),
    Of { r#ref: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Join {
    pub(super) r#as: String,
    pub(super) member_id: MemberRef,
    pub(super) instance_id: Option<String>,
    #[serde(default = "range")]
    pub(super) protocols: Vec<String>,
    #[serde(default = "timeout_ms")]
    pub(super) session_timeout_ms: u64,
    #[serde(default = "timeout_ms")]
    pub(super) rebalance_timeout_ms: u64,
    pub(super) group_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sync {
    pub(super) member_id: MemberRef,
    pub(super) generation: i32,
    #[serde(default)]
    pub(super) assignment: BTreeMap<String, String>,
    pub(super) instance_id: Option<String>,
    pub(super) r#as: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Commit {
    pub(super) member_id: MemberRef,
    pub(super) generation: i32,
    pub(super) offsets: BTreeMap<String, i64>,
    pub(super) instance_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TxnCommit {
    pub(super) producer_id: i64,
    pub(super) offsets: BTreeMap<String, i64>,
    pub(super) member_id: Option<MemberRef>,
    pub(super) generation: Option<i32>,
    pub(super) instance_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaveMember {
    pub(super) member_id: Option<MemberRef>,
    pub(super) instance_id: Option<String>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum TxnResult {
    Commit,
    Abort,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Step {
    Join(Join),
    JoinResult { of: String },
    Sync(Sync),
    SyncResult { of: String },
    Heartbeat { member_id: MemberRef, generation: i32, instance_id: Option<String> },
    Leave { members: Vec<LeaveMember> },
    Commit(Commit),
    TxnCommit(TxnCommit),
    EndTxn { producer_id: i64, result: TxnResult },
    FetchOffsets { partitions: Vec<String>, require_stable: bool },
    DeleteGroup,
    MarkDead,
    State,
    AdvanceTime { ms: u64 },
}

fn range() -> Vec<String> {
    vec!["range".to_owned()]
}

const fn timeout_ms() -> u64 {
    TIMEOUT_MS
}
