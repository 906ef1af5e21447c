//! The records behind each number, and what befell them.

use super::*;
#[test]
fn every_number_has_its_list_the_newest_first() {
    let events = [appended(4), processed(0), processed(1)];
    assert_eq!(listed(&events, Listed::Published), [(3, None), (2, None), (1, None), (0, None)]);
    assert_eq!(listed(&events, Listed::Processed), [(1, None), (0, None)]);
    assert_eq!(listed(&events, Listed::Waiting), [(3, None), (2, None)]);
}

#[test]
fn what_was_lost_says_why() {
    let lost = |events: &[Event]| listed(events, Listed::Lost);
    assert_eq!(lost(&[appended(1), deleted(1)]), [(0, Some(What::Lost(Lost::Expired)))]);
    assert_eq!(lost(&[appended(2), committed(1)]), [(0, Some(What::Lost(Lost::Committed)))]);
    assert_eq!(lost(&[appended(2), sought(1)]), [(0, Some(What::Lost(Lost::Sought)))]);
    assert_eq!(lost(&[appended(1), fared(0, Fared::Skipped)]), [(0, Some(What::Lost(Lost::SkippedOnFailure)))]);
    assert_eq!(lost(&[appended(2), sought(1), sought(0)]), [], "it will be read after all");
    assert_eq!(lost(&[appended(2), committed(1), processed(0)]), [], "somebody had it in hand");
}

#[test]
fn what_was_processed_again_says_why() {
    let again =
        |between: Event| listed(&[appended(2), polled(0, 0, 1), processed(0), between, processed(0)], Listed::Again);
    assert_eq!(again(ended(0)), [(0, Some(What::Again(Again::InstanceEnded)))]);
    assert_eq!(again(sought(0)), [(0, Some(What::Again(Again::Sought)))]);
    assert_eq!(again(appended(1)), [(0, Some(What::Again(Again::Delivered)))]);
}

#[test]
fn what_is_aside_is_listed_until_it_is_done() {
    let retried = [appended(1), fared(0, Fared::SentToRetry(Some(aside(0))))];
    assert_eq!(listed(&retried, Listed::Retrying), [(0, Some(What::SentToRetry))]);
    let dead = [&retried[..], &[fared(0, Fared::DeadLettered(Some(aside(1))))]].concat();
    assert_eq!(listed(&dead, Listed::Retrying), []);
    assert_eq!(listed(&dead, Listed::DeadLettered), [(0, Some(What::DeadLettered))]);
    let done = [&dead[..], &[fared(0, Fared::Redriven(Some(aside(2)))), processed(0)]].concat();
    assert_eq!((listed(&done, Listed::Retrying), listed(&done, Listed::DeadLettered)), (Vec::new(), Vec::new()));
}

#[test]
fn what_lay_aside_when_a_person_let_the_group_begin_before_it_comes_twice_for_that_reason() {
    let first = [appended(1), fared(0, Fared::DeadLettered(Some(aside(0)))), committed(1)];
    let again = [sought(0), processed(0), fared(0, Fared::Redriven(Some(aside(1)))), processed(0), processed(0)];
    let ledger = ledger_after(&[&first[..], &again[..]].concat());
    let why: Vec<What> =
        ledger.incidents(GROUP).into_iter().flat_map(|it| it.again().iter().map(|it| it.what)).collect();
    assert_eq!(why, [What::Again(Again::Sought), What::Again(Again::Delivered)], "the third time is nobody's wish");
    let twice = [sought(0), processed(0), sought(0), processed(0)];
    let redriven = [fared(0, Fared::Redriven(Some(aside(1)))), processed(0), processed(0)];
    let ledger = ledger_after(&[&first[..], &twice[..], &redriven[..]].concat());
    let why: Vec<What> =
        ledger.incidents(GROUP).into_iter().flat_map(|it| it.again().iter().map(|it| it.what)).collect();
    let wished = What::Again(Again::Sought);
    assert_eq!(why, [wished, wished, What::Again(Again::Delivered)], "two seeks and what lay aside explain two");
    let aside_later =
        [appended(1), processed(0), committed(1), sought(0), fared(0, Fared::DeadLettered(Some(aside(0))))];
    let ledger = ledger_after(&[&aside_later[..], &[committed(1), sought(0), processed(0)], &redriven[..]].concat());
    let why: Vec<What> =
        ledger.incidents(GROUP).into_iter().flat_map(|it| it.again().iter().map(|it| it.what)).collect();
    assert_eq!(why, [wished, wished, What::Again(Again::Delivered)], "it was put aside after it had been processed");
}
