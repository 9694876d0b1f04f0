//! Messages received too often go to the dead-letter queue.

use payflow_localsqs::action::Action;
use serde_json::json;

use crate::bench::{Bench, arn, url};

fn bench_with_dead_letters(max_receive_count: u64) -> Bench {
    let mut bench = Bench::with_queue("dead");
    let policy = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": max_receive_count});
    bench.create("q", &json!({"RedrivePolicy": policy.to_string()}));
    bench
}

#[test]
fn a_message_moves_at_the_receive_after_the_last_allowed_one_and_keeps_id_and_time() {
    let mut bench = bench_with_dead_letters(2);
    let id = bench.send("q", "poison");
    let sent_ms = bench.now_ms;
    for _ in 0..2 {
        assert_eq!(bench.bodies("q", 10), ["poison"]);
        bench.pass_ms(30_000);
    }
    assert_eq!(bench.counts("q"), [1, 0, 0]);
    assert!(bench.receive("q", 10).is_empty());
    assert_eq!(bench.counts("q"), [0, 0, 0]);
    let dead = bench.receive("dead", 10).remove(0);
    assert_eq!(dead["MessageId"], id);
    assert_eq!(dead["Attributes"]["SentTimestamp"], sent_ms.to_string());
    assert_eq!(dead["Attributes"]["DeadLetterQueueSourceArn"], arn("q"));
    assert_eq!(dead["Attributes"]["ApproximateReceiveCount"], "1");
}

#[test]
fn a_receive_that_meets_dead_messages_still_hands_out_the_live_ones() {
    let mut bench = bench_with_dead_letters(1);
    bench.send("q", "poison");
    bench.receive("q", 1);
    bench.pass_ms(30_000);
    bench.send("q", "live");
    assert_eq!(bench.bodies("q", 1), ["live"]);
    assert_eq!(bench.counts("dead"), [1, 0, 0]);
}

#[test]
fn without_the_dead_letter_queue_the_message_is_delivered_on() {
    let mut bench = bench_with_dead_letters(1);
    bench.send("q", "poison");
    bench.receive("q", 1);
    bench.call(Action::DeleteQueue, &json!({"QueueUrl": url("dead")})).unwrap();
    bench.pass_ms(30_000);
    assert_eq!(bench.bodies("q", 1), ["poison"]);
}

#[test]
fn the_sources_of_a_dead_letter_queue_are_listed() {
    let mut bench = bench_with_dead_letters(1);
    let reply = bench.call(Action::ListDeadLetterSourceQueues, &json!({"QueueUrl": url("dead")})).unwrap();
    assert_eq!(reply, json!({"queueUrls": [url("q")]}));
}
