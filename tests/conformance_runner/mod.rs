//! The runner: which areas there are, and what to say of each.

mod assignor;
mod assignor_rounds;
mod case;
mod consumer_position;
mod group_bench;
mod group_case;
mod group_offsets;
mod group_script;
mod jepsen;
mod jepsen_case;
mod log_bench;
mod log_case;
mod log_script;
mod murmur2;
mod partitioner;
mod partitioner_case;
mod replication;
mod replication_script;

pub(super) use case::{Case, Checked, File, read_folder};

use std::collections::BTreeMap;

/// Says whether one case holds, or what the difference is.
type Check = fn(&Case) -> Checked;

/// The areas that are checked.
pub(super) const AREAS: &[(&str, Check)] = &[
    ("assignor_cooperative_sticky", assignor_rounds::check),
    ("assignor_range", assignor::check),
    ("assignor_roundrobin", assignor::check),
    ("assignor_sticky", assignor_rounds::check),
    ("consumer_position", consumer_position::check),
    ("group_protocol", group_script::check),
    ("jepsen_histories", jepsen::check_history),
    ("jepsen_invariants", jepsen::check_definition),
    ("log_compaction", log_script::check),
    ("log_offsets", log_script::check),
    ("log_retention", log_script::check),
    ("log_timestamps", log_script::check),
    ("murmur2_hash", murmur2::check_hash),
    ("murmur2_partition", murmur2::check_partition),
    ("partitioner_behaviour", partitioner::check),
    ("producer_idempotence", log_script::check),
    ("replication", replication::check),
    ("transactions", log_script::check),
];

/// What came of all cases.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// One line an area, to be printed.
    pub(super) lines: Vec<String>,
    /// Each failing case by name, with its difference.
    pub(super) failures: Vec<String>,
    /// How many cases there were.
    pub(super) cases_checked: usize,
}

impl Report {
    /// Checks every case of `files`.
    pub(super) fn of(files: &[File]) -> Self {
        let mut cases: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
        for file in files {
            cases.entry(&file.area).or_default().extend(&file.cases);
        }
        let mut report = Self::default();
        for (area, cases) in cases {
            report.check_area(area, &cases);
        }
        report
    }

    fn check_area(&mut self, area: &str, cases: &[&Case]) {
        let check = AREAS.iter().find(|(name, _)| *name == area).map(|(_, check)| *check);
        let check = |case: &Case| check.ok_or_else(|| format!("there is no area \"{area}\""))?(case);
        let failures: Vec<String> = cases
            .iter()
            .filter_map(|case| Some(format!("{area} {} ({}): {}", case.id, case.source, check(case).err()?)))
            .collect();
        self.cases_checked += cases.len();
        self.lines.push(format!("{area}: {} of {}{}", cases.len() - failures.len(), cases.len(), remark(area, cases)));
        self.failures.extend(failures);
    }
}

/// What else there is to say of an area: an assignment may be right without being Kafka's.
fn remark(area: &str, cases: &[&Case]) -> String {
    match area {
        "assignor_sticky" | "assignor_cooperative_sticky" => {
            let exact = cases.iter().filter(|case| assignor_rounds::is_kafkas_choice(case) == Ok(true)).count();
            format!(" (with exactly Kafka's choice: {exact})")
        }
        _ => String::new(),
    }
}
