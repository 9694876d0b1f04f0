//! The switches do what they say, the same way each time.

use payflow_localsqs::action::Action;
use serde_json::{Value, json};

use crate::bench::{Bench, url};

/// Bodies in the order of their delivery, under `faults`.
fn deliveries(faults: &Value) -> Vec<String> {
    let mut bench = Bench::with_queue("q");
    bench.switch(faults);
    for index in 0..200 {
        bench.send("q", &index.to_string());
    }
    bench.pass_ms(2_000);
    std::iter::from_fn(|| {
        let bodies = bench.bodies("q", 10);
        (!bodies.is_empty()).then_some(bodies)
    })
    .flatten()
    .collect()
}

#[test]
fn without_switches_messages_come_once_and_in_order() {
    let expected: Vec<String> = (0..200).map(|index| index.to_string()).collect();
    assert_eq!(deliveries(&json!({})), expected);
}

#[test]
fn the_same_seed_gives_the_same_deliveries_and_another_seed_others() {
    let faults = |seed: u64| json!({"seed": seed, "duplicate": 0.2, "reorder": 0.5, "delay": 0.1});
    assert_eq!(deliveries(&faults(1)), deliveries(&faults(1)));
    assert_ne!(deliveries(&faults(1)), deliveries(&faults(2)));
}

#[test]
fn each_message_comes_twice_and_no_more_when_all_are_duplicated() {
    let mut seen = deliveries(&json!({"duplicate": 1}));
    seen.sort_by_key(|body| body.parse::<u32>().unwrap());
    let expected: Vec<String> = (0..400).map(|index| (index / 2).to_string()).collect();
    assert_eq!(seen, expected);
}

#[test]
fn reordering_loses_and_adds_nothing() {
    let mut seen = deliveries(&json!({"reorder": 1, "reorder_window": 50}));
    let in_order: Vec<String> = (0..200).map(|index| index.to_string()).collect();
    assert_ne!(seen, in_order);
    seen.sort_by_key(|body| body.parse::<u32>().unwrap());
    assert_eq!(seen, in_order);
}

#[test]
fn a_copy_outlives_the_deletion_of_the_first_delivery() {
    let mut bench = Bench::with_queue("q");
    bench.switch(&json!({"duplicate": 1}));
    let id = bench.send("q", "a");
    let first = bench.receive("q", 1).remove(0);
    bench.delete("q", &first);
    let second = bench.receive("q", 1).remove(0);
    assert_eq!(second["MessageId"], id);
    bench.delete("q", &second);
    assert_eq!(bench.counts("q"), [0, 0, 0]);
    assert_eq!(bench.engine.memory.used_bytes(), 0);
}

#[test]
fn delayed_messages_show_late() {
    let mut bench = Bench::with_queue("q");
    bench.switch(&json!({"delay": 1, "delay_ms": 700}));
    bench.send("q", "a");
    bench.pass_ms(699);
    assert!(bench.receive("q", 1).is_empty());
    bench.pass_ms(1);
    assert_eq!(bench.bodies("q", 1), ["a"]);
}

#[test]
fn a_failed_entry_is_not_carried_out() {
    let mut bench = Bench::with_queue("q");
    bench.switch(&json!({"partial_batch_failure": 1}));
    let entries = json!([{"Id": "a", "MessageBody": "a"}, {"Id": "b", "MessageBody": "b"}]);
    let reply =
        bench.call(Action::SendMessageBatch, &json!({"QueueUrl": url("q"), "Entries": entries})).unwrap();
    assert!(reply.get("Successful").is_none());
    assert_eq!(reply["Failed"][1]["Id"], "b");
    assert_eq!(reply["Failed"][1]["SenderFault"], false);
    assert_eq!(bench.counts("q"), [0, 0, 0]);
}
