//! A service that reads what another one has written in transactions, some of which were aborted.

use super::observed::{LOGISTICS, NOTIFICATIONS, Observed, config, consumes, switch};
use super::{SEED, busy};
use catchup::sim::{CommitPolicy, Event};
use catchup::time::Span;

/// Logistics writes its output exactly once, and crashes in the middle of it several times; notifications reads that output.
fn chained(policy: CommitPolicy) -> Observed {
    let mut spec = busy();
    config(&mut spec, LOGISTICS).commit_policy = CommitPolicy::ExactlyOnce;
    config(&mut spec, LOGISTICS).session_timeout = Span::from_ms(6_000);
    let output = consumes(&mut spec, LOGISTICS).output.expect("logistics publishes what it does");
    consumes(&mut spec, NOTIFICATIONS).topics = vec![output];
    config(&mut spec, NOTIFICATIONS).commit_policy = policy;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(5_000);
    for _ in 0..6 {
        observed.run_ms(777);
        observed.run_to(10_000, |event| matches!(event, Event::Appended { transactional: Some(_), .. }));
        observed.apply(switch(LOGISTICS, false));
        observed.run_ms(500);
        observed.apply(switch(LOGISTICS, true));
        observed.run_ms(10_000);
    }
    observed.drain();
    observed
}

#[test]
fn who_reads_what_is_committed_never_sees_what_was_aborted_and_nothing_waits_for_ever() {
    let account = chained(CommitPolicy::ExactlyOnce).account(NOTIFICATIONS);
    assert!(account.aborted > 0, "{account:?}");
    assert_eq!((account.waiting, account.lost, account.processed_again), (0, 0, 0), "{account:?}");
}

#[test]
fn who_reads_everything_processes_also_what_was_aborted() {
    let account = chained(CommitPolicy::AfterProcessing).account(NOTIFICATIONS);
    assert_eq!((account.waiting, account.lost, account.aborted), (0, 0, 0), "{account:?}");
}
