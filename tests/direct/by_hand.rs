//! One order or two, whose calls take 10 ms each way and 20 ms of work, and what is done to the neighbours meanwhile.

use crate::observed::{LOGISTICS, NOTIFICATIONS, ORDERS, config, delivery, millis, publishes, switch};
use crate::random_run::set;
use catchup::direct::{DirectConfig, DirectRun, Reached, dependencies};
use catchup::log::TopicId;
use catchup::sim::{Command, POISON, ServiceId, WorldSpec};
use catchup::time::{Instant, Span};
use std::sync::Arc;

const LOGISTICS_ID: ServiceId = ServiceId(1);
const NOTIFICATIONS_ID: ServiceId = ServiceId(2);

/// So many orders that are placed at the very beginning, and nothing else ever.
fn orders(count: u32) -> WorldSpec {
    let mut spec = delivery();
    spec.network.latency = millis(10, 10);
    for reader in [LOGISTICS, NOTIFICATIONS] {
        config(&mut spec, reader).processing = millis(20, 20);
    }
    let publishes = publishes(&mut spec);
    publishes.stages.truncate(1);
    publishes.stages[0].after = millis(0, 0);
    (publishes.arrivals_per_min, publishes.in_progress_at_start) = (0, count);
    spec
}

/// What came of a day: when the answers were there at the latest, how many failed, and what each neighbour did.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    answered: u64,
    last_answer_ms: u64,
    failed: u64,
    /// Done, done again, lost, and when the last was done.
    logistics: (u64, u64, u64, u64),
    notifications: (u64, u64, u64, u64),
}

fn day(spec: WorldSpec, config: DirectConfig, commands: &[(u64, Command)]) -> DirectRun {
    let mut run = DirectRun::new(Arc::new(spec), 7, config);
    for (ms, command) in commands {
        run.run_until(Instant::from_ms(*ms));
        run.apply(command, &mut |_| ());
    }
    run.run_until(Instant::from_ms(60_000));
    run
}

fn outcome(run: &DirectRun) -> Outcome {
    let tally = run.tally();
    let reached = |id| {
        let Reached { done, done_again, lost, effects, .. } = tally.reached(id).cloned().unwrap_or_default();
        (done, done_again, lost, effects.worst().as_ms())
    };
    Outcome {
        answered: tally.answers.times.count(),
        last_answer_ms: tally.answers.times.worst().as_ms(),
        failed: tally.answers.failed,
        logistics: reached(LOGISTICS_ID),
        notifications: reached(NOTIFICATIONS_ID),
    }
}

fn check(spec: WorldSpec, config: DirectConfig, commands: &[(u64, Command)], expect: &Outcome) {
    assert_eq!(outcome(&day(spec, config, commands)), *expect);
}

fn in_parallel() -> DirectConfig {
    DirectConfig { in_parallel: true, ..DirectConfig::default() }
}

const WELL: Outcome =
    Outcome { answered: 1, last_answer_ms: 80, failed: 0, logistics: (1, 0, 0, 30), notifications: (1, 0, 0, 70) };

#[test]
fn one_after_another_takes_as_long_as_all_together() {
    check(orders(1), DirectConfig::default(), &[], &WELL);
}

#[test]
fn in_parallel_takes_as_long_as_the_slowest() {
    let expect = Outcome { last_answer_ms: 40, notifications: (1, 0, 0, 30), ..WELL };
    check(orders(1), in_parallel(), &[], &expect);
}

#[test]
fn a_neighbour_that_is_down_for_longer_than_all_attempts_fails_the_order() {
    // Calls at 40, 1240, 2640 and 4440 ms, each given up after a second; the last arrives 0.55 s too early.
    let config = DirectConfig { refuses_when_off: false, ..DirectConfig::default() };
    let down = [(0, switch(NOTIFICATIONS, false)), (5_000, switch(NOTIFICATIONS, true))];
    let expect = Outcome { answered: 0, last_answer_ms: 0, failed: 1, notifications: (0, 0, 1, 0), ..WELL };
    let run = day(orders(1), config, &down);
    assert_eq!(outcome(&run), expect);
    assert_eq!(run.tally().calls, 1 + 4);
}

#[test]
fn one_more_attempt_reaches_it_and_the_order_was_held_up() {
    // The fifth call goes out 1.6 s after the fourth was given up, at 7040 ms.
    let config = DirectConfig { refuses_when_off: false, retries: 4, ..DirectConfig::default() };
    let down = [(0, switch(NOTIFICATIONS, false)), (5_000, switch(NOTIFICATIONS, true))];
    let run = day(orders(1), config, &down);
    assert_eq!(outcome(&run), Outcome { last_answer_ms: 7_080, notifications: (1, 0, 0, 7_070), ..WELL });
    assert_eq!(run.tally().answers.held_up, 1);
}

#[test]
fn who_is_refused_at_once_gives_up_sooner() {
    // Refused at 60, called again at 260, 680 and 1500: given up at 1520, when it is not back yet.
    let down = |ms| [(0, switch(NOTIFICATIONS, false)), (ms, switch(NOTIFICATIONS, true))];
    let lost = Outcome { answered: 0, last_answer_ms: 0, failed: 1, notifications: (0, 0, 1, 0), ..WELL };
    check(orders(1), DirectConfig::default(), &down(1_511), &lost);
    let reached = Outcome { last_answer_ms: 1_540, notifications: (1, 0, 0, 1_530), ..WELL };
    check(orders(1), DirectConfig::default(), &down(1_509), &reached);
}

#[test]
fn what_is_in_hand_at_a_crash_is_lost_to_the_timeout() {
    // At work from 50 to 70; the call is given up at 1040 and made again at 1240.
    let crash = [(60, switch(NOTIFICATIONS, false)), (61, switch(NOTIFICATIONS, true))];
    let expect = Outcome { last_answer_ms: 1_280, notifications: (1, 0, 0, 1_270), ..WELL };
    check(orders(1), DirectConfig::default(), &crash, &expect);
}

#[test]
fn what_waits_at_a_crash_is_lost_to_the_timeout_too() {
    // The second order waits behind the first until 30 ms.
    let config = DirectConfig { retries: 0, ..in_parallel() };
    let crash = [(25, switch(NOTIFICATIONS, false))];
    let expect =
        Outcome { answered: 0, last_answer_ms: 0, failed: 2, logistics: (2, 0, 0, 50), notifications: (0, 0, 2, 0) };
    check(orders(2), config, &crash, &expect);
}

#[test]
fn work_that_takes_longer_than_the_timeout_is_done_again_and_again_and_fails_all_the_same() {
    let mut spec = orders(1);
    config(&mut spec, NOTIFICATIONS).processing = millis(1_500, 1_500);
    // Given up at 1000, 2200, 3600 and 5400; done at 1510, 3010, 4510 and 6010.
    let failed = Outcome { answered: 0, last_answer_ms: 0, failed: 1, notifications: (1, 3, 0, 1_510), ..WELL };
    check(spec.clone(), in_parallel(), &[], &failed);
    config(&mut spec, NOTIFICATIONS).deduplicate = true;
    let run = day(spec, in_parallel(), &[]);
    assert_eq!(outcome(&run), Outcome { notifications: (1, 0, 0, 1_510), ..failed });
    assert_eq!(run.tally().reached(NOTIFICATIONS_ID).map(|it| it.recognised), Some(3));
}

#[test]
fn an_answer_that_is_lost_has_the_work_done_twice() {
    // Work is done at 30, the answer is under way until 40; called again at 1200.
    let cut = |connected| Command::SetConnected { service: NOTIFICATIONS.to_owned(), connected };
    let expect = Outcome { last_answer_ms: 1_240, notifications: (1, 1, 0, 30), ..WELL };
    check(orders(1), in_parallel(), &[(35, cut(false)), (45, cut(true))], &expect);
}

#[test]
fn a_caller_that_has_its_hands_full_lets_the_next_order_wait() {
    let config = DirectConfig { concurrency: 1, ..DirectConfig::default() };
    let expect = Outcome {
        answered: 2,
        last_answer_ms: 160,
        failed: 0,
        logistics: (2, 0, 0, 110),
        notifications: (2, 0, 0, 150),
    };
    check(orders(2), config, &[], &expect);
}

#[test]
fn a_neighbour_with_a_full_queue_turns_calls_away() {
    // One call is at work, one waits, the third is turned away at 10, told so at 20, and not made again.
    let config = DirectConfig { queue_max: 1, retries: 0, ..in_parallel() };
    let expect =
        Outcome { answered: 2, last_answer_ms: 60, failed: 1, logistics: (2, 0, 1, 50), notifications: (2, 0, 1, 50) };
    check(orders(3), config, &[], &expect);
}

#[test]
fn instances_work_side_by_side() {
    let mut spec = orders(2);
    config(&mut spec, LOGISTICS).instances = 2;
    let expect =
        Outcome { answered: 2, last_answer_ms: 60, failed: 0, logistics: (2, 0, 0, 30), notifications: (2, 0, 0, 50) };
    check(spec, in_parallel(), &[], &expect);
}

#[test]
fn an_instance_that_crashes_leaves_what_waits_to_the_other() {
    // Instance 0 has the first order, instance 1 the second, the third waits: at 30 it is taken by instance 1.
    let mut spec = orders(3);
    config(&mut spec, NOTIFICATIONS).instances = 2;
    config(&mut spec, LOGISTICS).instances = 3;
    let crash = Command::SetInstanceOnline { service: NOTIFICATIONS.to_owned(), instance: 0, online: false };
    let config = DirectConfig { retries: 0, ..in_parallel() };
    let expect =
        Outcome { answered: 2, last_answer_ms: 60, failed: 1, logistics: (3, 0, 0, 30), notifications: (2, 0, 1, 50) };
    check(spec, config, &[(15, crash)], &expect);
}

#[test]
fn who_stands_still_lets_its_callers_wait() {
    let stall = Command::Stall { service: NOTIFICATIONS.to_owned(), ms: 500 };
    let expect = Outcome { last_answer_ms: 525, notifications: (1, 0, 0, 515), ..WELL };
    check(orders(1), in_parallel(), &[(15, stall)], &expect);
}

#[test]
fn who_is_shut_down_finishes_what_it_has_and_takes_no_more() {
    let shut_down = Command::ShutDown { service: NOTIFICATIONS.to_owned() };
    check(
        orders(1),
        in_parallel(),
        &[(15, shut_down.clone())],
        &Outcome { last_answer_ms: 40, notifications: (1, 0, 0, 30), ..WELL },
    );
    let expect = Outcome { answered: 0, last_answer_ms: 0, failed: 1, notifications: (0, 0, 1, 0), ..WELL };
    check(orders(1), in_parallel(), &[(5, shut_down)], &expect);
}

#[test]
fn a_caller_that_crashes_fails_what_it_has_in_hand_and_what_it_has_sent_arrives() {
    let crash = [(45, switch(ORDERS, false)), (46, switch(ORDERS, true))];
    let expect = Outcome { answered: 0, last_answer_ms: 0, failed: 1, ..WELL };
    check(orders(1), DirectConfig::default(), &crash, &expect);
    let sooner = Outcome { notifications: (0, 0, 1, 0), ..expect };
    check(orders(1), DirectConfig::default(), &[(35, switch(ORDERS, false))], &sooner);
}

#[test]
fn a_breaker_keeps_orders_from_waiting_for_a_neighbour_that_is_down() {
    let config = DirectConfig { breaker_failures: 1, concurrency: 1, ..DirectConfig::default() };
    let run = day(orders(3), config, &[(0, switch(NOTIFICATIONS, false))]);
    // The first order is refused at 60 ms, and stopped when it would call again at 260; so are the others, at once.
    assert_eq!((run.tally().calls, run.tally().stopped), (3 + 1, 3));
    assert_eq!(run.tally().reached(LOGISTICS_ID).map(|it| it.effects.worst().as_ms()), Some(260 + 40 + 30));
    assert_eq!(run.tally().answers.failed, 3);
}

#[test]
fn a_poison_record_fails_whoever_cannot_read_it() {
    let poison = Command::Publish {
        topic: "order-status".to_owned(),
        key: None,
        value: None,
        headers: [(POISON.to_owned(), "true".to_owned())].into(),
        partition: None,
    };
    let commands = [(0, set(LOGISTICS, "reads_poison", "true")), (1, poison)];
    let run = day(orders(0), in_parallel(), &commands);
    let expect =
        Outcome { answered: 0, last_answer_ms: 0, failed: 0, logistics: (1, 0, 0, 30), notifications: (0, 0, 1, 0) };
    assert_eq!(outcome(&run), expect, "answers to the person at the page are not counted");
}

#[test]
fn who_tells_others_what_came_of_its_work_answers_when_they_have() {
    let mut spec = orders(1);
    // Notifications reads what logistics makes of it, and nothing else.
    crate::observed::consumes(&mut spec, NOTIFICATIONS).topics = vec![TopicId(1)];
    assert_eq!(dependencies(&spec), [(ServiceId(0), LOGISTICS_ID), (LOGISTICS_ID, NOTIFICATIONS_ID)]);
    let run = day(spec, DirectConfig::default(), &[]);
    let expect = Outcome { last_answer_ms: 80, notifications: (1, 0, 0, 30), ..WELL };
    assert_eq!(outcome(&run), expect);
}

#[test]
fn what_means_nothing_without_a_bus_is_said() {
    let commands = [
        (0, set(LOGISTICS, "commit_policy", "before_processing")),
        (1, set(ORDERS, "acks", "1")),
        (2, Command::Redrive { service: LOGISTICS.to_owned() }),
    ];
    let run = day(orders(0), DirectConfig::default(), &commands);
    let said: Vec<&str> = run.ignored().collect();
    let expect = [
        "acks: there is no producer",
        "commit_policy: there are no offsets",
        "redrive: nothing was put aside: a call that failed is gone",
    ];
    assert_eq!(said, expect);
}

#[test]
fn the_shipped_scenario_has_orders_know_both_its_neighbours() {
    assert_eq!(dependencies(&delivery()), [(ServiceId(0), LOGISTICS_ID), (ServiceId(0), NOTIFICATIONS_ID)]);
}

#[test]
fn time_may_be_cut_up_in_any_way() {
    let whole = day(orders(3), DirectConfig::default(), &[]);
    let mut cut_up = DirectRun::new(Arc::new(orders(3)), 7, DirectConfig::default());
    let mut until = Instant::START;
    while until < Instant::from_ms(60_000) {
        until += Span::from_ms(7);
        let until = until.min(Instant::from_ms(60_000));
        while !cut_up.run_some(until, 1) {}
    }
    assert_eq!(cut_up.tally(), whole.tally());
}
