//! Several instances of one service share its partitions.

use super::observed::{LOGISTICS, Observed, config};
use super::{SEED, busy};
use std::collections::BTreeSet;

#[test]
fn instances_share_the_partitions() {
    let mut spec = busy();
    config(&mut spec, LOGISTICS).instances = 3;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    let id = observed.id(LOGISTICS);
    let readers: BTreeSet<_> = observed.partitions().map(|it| observed.world.reader_of(id, it)).collect();
    assert_eq!(readers, BTreeSet::from([Some(0), Some(1), Some(2)]));
    assert_eq!(observed.assignment_sizes(LOGISTICS), [1, 1, 1]);
    assert_eq!(observed.instances_that_polled(LOGISTICS), BTreeSet::from([0, 1, 2]));
}

#[test]
fn fewer_instances_than_partitions_read_several_each() {
    let mut spec = busy();
    config(&mut spec, LOGISTICS).instances = 2;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [2, 1]);
}

#[test]
fn more_instances_than_partitions_leave_some_idle() {
    let mut spec = busy();
    config(&mut spec, LOGISTICS).instances = 5;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [1, 1, 1, 0, 0]);
    assert_eq!(observed.instances_that_polled(LOGISTICS).len(), 3);
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).processed_again, 0);
}
