//! Which side did better, by what.

use super::*;
use crate::scenario::{SHIPPED, shipped};
use crate::sim::{Command, POISON};
use crate::time::Instant;

fn side(lost: u64, failed: u64, effect_us: u64, answer_us: u64) -> Side {
    let mut side = Side { lost, ..Side::default() };
    side.effects.note(Span::from_us(effect_us));
    side.answers.answered(Span::from_us(answer_us));
    side.answers.failed = failed;
    side
}

#[test]
fn the_first_difference_decides_and_what_speaks_for_the_other_is_said() {
    let comparison = Comparison { bus: side(0, 0, 90_000, 9_000), direct: side(3, 4, 40_000, 80_000) };
    assert_eq!(comparison.better(), Better::Bus);
    assert_eq!(
        comparison.verdict(),
        "The bus did better so far. Updates lost: 0 on the bus, 3 with direct calls. In return direct calls did better in \
         time to the effect: 90 ms on the bus, 40 ms with direct calls."
    );
}

#[test]
fn direct_calls_can_win() {
    let comparison = Comparison { bus: side(2, 0, 90_000, 9_000), direct: side(0, 0, 40_000, 80_000) };
    assert_eq!(comparison.better(), Better::Direct);
    let slow = Comparison { bus: side(0, 0, 1_900_000, 9_000), direct: side(0, 0, 40_000, 80_000) };
    assert_eq!(slow.better(), Better::Direct);
}

#[test]
fn without_a_difference_neither_is_better() {
    let none = Comparison { bus: Side::default(), direct: Side::default() };
    let same = "Both did the same so far: no update was lost, failed or was worked on twice.";
    assert_eq!((none.better(), &*none.verdict()), (Better::Neither, same));
    let quiet = Comparison { bus: side(0, 0, 90_000, 9_000), direct: side(0, 0, 40_000, 80_000) };
    let little = " They differ in time only. Time to the effect: 90 ms on the bus, 40 ms with direct calls.";
    assert_eq!((quiet.better(), quiet.verdict()), (Better::Neither, format!("{same}{little}")));
    let both = Comparison { bus: side(2, 1, 90_000, 9_000), direct: side(2, 1, 90_000, 9_000) };
    assert!(both.verdict().contains("as many updates were lost"), "{}", both.verdict());
}

#[test]
fn many_updates_held_up_decide_and_a_few_do_not() {
    let with = |held_up, answered| {
        let mut direct = side(0, 0, 90_000, 9_000);
        (1..answered).for_each(|_| direct.answers.answered(Span::from_us(9_000)));
        direct.answers.held_up = held_up;
        Comparison { bus: side(0, 0, 90_000, 9_000), direct }.better()
    };
    assert_eq!([with(33, 100), with(34, 100)], [Better::Neither, Better::Bus]);
}

#[test]
fn before_anything_happens_neither_did_better() {
    for (name, _) in SHIPPED {
        for seed in [1, 7, 42] {
            let mut model = Model::opened(shipped(name).expect("a scenario"), seed);
            for _ in 0..3 {
                let found = model.compare_direct();
                assert_eq!(found.better, "neither", "{name} with seed {seed}: {}", found.verdict);
                assert!(found.verdict.starts_with("Both did the same so far: no update was lost"));
                model.advance_to(model.world().now() + Span::from_ms(20_000));
            }
        }
    }
}

#[test]
fn while_the_bus_stands_still_it_has_not_done_better() {
    let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
    model.advance_to(Instant::from_ms(12_000));
    let (topic, key, value, partition) = ("order-status".to_owned(), None, None, None);
    let headers = [(POISON.to_owned(), "true".to_owned())].into();
    model.act(Command::Publish { topic, key, value, headers, partition }).expect("anybody may publish");
    model.advance_to(Instant::from_ms(200_000));
    let readers = model.world().service_ids().filter(|id| model.stuck_at(*id).is_some());
    let waiting: u64 = readers.map(|id| model.account_of(id).waiting).sum();
    let found = model.compare_direct();
    assert!(waiting > 0 && found.direct.lost > 0, "{waiting} {}", found.verdict);
    assert_eq!(found.better, "neither", "{}", found.verdict);
    let told = format!(
        "There is no saying yet which does better: {} updates wait on the bus for services that stand still. So far \
         updates lost: 0 on the bus, {} with direct calls.",
        grouped(waiting),
        found.direct.lost
    );
    assert_eq!(found.verdict, told);
    while let Some(fix) = model.world().service_ids().find_map(|id| model.fix_of(id)) {
        model.act(fix).expect("it can be fixed");
    }
    model.advance_to(Instant::from_ms(400_000));
    let found = model.compare_direct();
    assert_eq!((found.better, found.bus.lost), ("bus", 0), "{}", found.verdict);
}

#[test]
fn what_the_bus_has_lost_already_decides_though_it_stands_still() {
    let bus = Side { waiting: 8, stuck: 1, ..side(2, 0, 90_000, 9_000) };
    let comparison = Comparison { bus, direct: side(0, 0, 40_000, 80_000) };
    assert_eq!(comparison.better(), Better::Direct);
    assert!(comparison.verdict().ends_with(" 1 update waits on the bus for services that stand still."));
    assert_eq!((CRITERIA[0].more)(&comparison.bus), "8 waiting (1 stuck)");
}
