//! The sentence, where retention has deleted what was waiting.

use super::*;
use crate::app::rehearsal::{go_on, switch};
use crate::app::view::page;
use crate::scenario::shipped;
use crate::sim::WorldSpec;
use crate::time::Instant;
use std::sync::Arc;

const NOTIFICATIONS: ServiceId = ServiceId(2);

/// The delivery scenario, whose topic forgets after ten seconds.
fn forgetful() -> Model {
    let mut scenario = shipped("delivery").expect("a shipped scenario");
    let mut spec = WorldSpec::clone(&scenario.world);
    spec.topics[0].log.retention_ms = Some(10_000);
    spec.topics[0].log.segment_bytes = 1_024;
    spec.broker.log_retention_check_interval = Span::from_ms(1_000);
    scenario.world = Arc::new(spec);
    Model::new(scenario, 42)
}

#[test]
fn what_retention_has_deleted_is_not_said_to_wait() {
    let mut model = forgetful();
    go_on(&mut model, 20_000);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 40_000);
    let (waiting, deleted) = (model.world().waiting(NOTIFICATIONS), model.world().lag_deleted(NOTIFICATIONS));
    assert!(waiting > 0 && deleted > 0, "{waiting} waiting, {deleted} deleted");
    assert_eq!(model.world().lag(NOTIFICATIONS), waiting + deleted);
    let expected = format!(
        "notifications is offline: {waiting} updates are waiting for it, {deleted} were deleted by retention before they \
         were read."
    );
    assert!(model.narrate().1.starts_with(&expected), "{}", model.narrate().1);
}

#[test]
fn nothing_waits_when_everything_was_deleted_and_the_service_goes_on_with_what_comes_next() {
    let mut model = forgetful();
    go_on(&mut model, 20_000);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 10_000);
    switch(&mut model, "orders", false);
    go_on(&mut model, 30_000);
    let lag = model.world().lag(NOTIFICATIONS);
    assert!(lag > 0, "Kafka's tools count what was deleted");
    assert_eq!(model.world().waiting(NOTIFICATIONS), 0);
    let told = format!("nothing is waiting for it any more, {lag} were deleted by retention before they were read.");
    assert!(model.narrate().1.contains(&told), "{}", model.narrate().1);
    let lanes = page(&model).topics[0].lanes.clone();
    assert!(lanes.iter().all(|lane| lane.groups[1].text.ends_with("behind, all deleted")), "{lanes:?}");

    switch(&mut model, "notifications", true);
    go_on(&mut model, 1_500);
    assert_eq!(model.world().service_state(NOTIFICATIONS), ServiceState::Running);
    assert_eq!(model.world().lag(NOTIFICATIONS), lag, "there was nothing to commit");
    let lost = model.account_of(NOTIFICATIONS).lost;
    assert!(lost > 0 && lag - lost <= 20, "{lost} lost; of what was in hand, some was processed and not committed");

    switch(&mut model, "orders", true);
    go_on(&mut model, 8_000); // logistics works on the burst first
    let expected = format!("notifications is back. All that it had missed was deleted: {lost} were lost.");
    assert_eq!(model.narrate(), (Tone::Down, expected), "a loss is no good news");
    go_on(&mut model, 60_000);
    assert_eq!((model.narrate().0, model.world().lag_deleted(NOTIFICATIONS)), (Tone::Calm, 0));
    assert_eq!(model.account_of(NOTIFICATIONS).lost, lost, "what came next was processed");
}

#[test]
fn an_outage_that_lost_nothing_does_not_answer_for_one_that_did() {
    let mut model = forgetful();
    go_on(&mut model, 20_000);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 40_000);
    switch(&mut model, "notifications", true);
    go_on(&mut model, 40_000);
    let lost = model.account_of(NOTIFICATIONS).lost;
    assert!(lost > 0);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 3_000);
    switch(&mut model, "notifications", true);
    let back_at: Instant = model.world().now();
    while model.narrate().0 != Tone::Good && model.world().now().since(back_at) < Span::from_ms(20_000) {
        go_on(&mut model, 100);
    }
    assert!(model.narrate().1.contains("Nothing was lost"), "{}", model.narrate().1);
    assert_eq!(model.account_of(NOTIFICATIONS).lost, lost);
}
