//! Hidden messages come back in time, and only then.

use payflow_localsqs::action::Action;
use payflow_localsqs::error::ErrorKind;
use serde_json::json;

use crate::bench::{Bench, url};

#[test]
fn a_received_message_is_hidden_until_its_timeout_and_not_a_millisecond_longer() {
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    assert_eq!(bench.bodies("q", 10), ["a"]);
    bench.pass_ms(29_999);
    assert_eq!(bench.counts("q"), [0, 0, 1]);
    assert!(bench.receive("q", 10).is_empty());
    bench.pass_ms(1);
    assert_eq!(bench.counts("q"), [1, 0, 0]);
    let message = &bench.receive("q", 10)[0];
    assert_eq!(message["Attributes"]["ApproximateReceiveCount"], "2");
}

#[test]
fn an_extension_counts_from_the_call_and_replaces_the_old_timeout() {
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    let message = bench.receive("q", 1).remove(0);
    bench.pass_ms(20_000);
    bench.hide_s("q", &message, 60).unwrap();
    bench.pass_ms(59_999);
    assert_eq!(bench.counts("q"), [0, 0, 1]);
    bench.pass_ms(1);
    assert_eq!(bench.counts("q"), [1, 0, 0]);
}

#[test]
fn a_shorter_timeout_set_later_wins() {
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    bench.send("q", "b");
    let messages = bench.receive("q", 2);
    bench.hide_s("q", &messages[1], 5).unwrap();
    bench.pass_ms(5_000);
    assert_eq!(bench.bodies("q", 10), ["b"]);
}

#[test]
fn visibility_zero_gives_the_message_back_at_once() {
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    let message = bench.receive("q", 1).remove(0);
    bench.hide_s("q", &message, 0).unwrap();
    assert_eq!(bench.bodies("q", 1), ["a"]);
}

#[test]
fn the_visibility_of_what_is_not_in_flight_can_not_be_changed() {
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    let message = bench.receive("q", 1).remove(0);
    bench.pass_ms(30_000);
    assert_eq!(bench.hide_s("q", &message, 5), Err(ErrorKind::MessageNotInflight));
    let again = bench.receive("q", 1).remove(0);
    assert_eq!(bench.hide_s("q", &message, 5), Err(ErrorKind::InvalidParameterValue));
    bench.delete("q", &again);
    assert_eq!(bench.hide_s("q", &again, 5), Err(ErrorKind::InvalidParameterValue));
}

#[test]
fn an_old_receipt_handle_deletes_nothing_and_says_it_did() {
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    let old = bench.receive("q", 1).remove(0);
    bench.pass_ms(30_000);
    let current = bench.receive("q", 1).remove(0);
    bench.delete("q", &old);
    assert_eq!(bench.counts("q"), [0, 0, 1]);
    bench.delete("q", &current);
    bench.delete("q", &current);
    assert_eq!(bench.counts("q"), [0, 0, 0]);
}

#[test]
fn a_message_visible_again_is_deleted_by_its_latest_handle() {
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    bench.send("q", "b");
    let message = bench.receive("q", 1).remove(0);
    bench.pass_ms(30_000);
    bench.delete("q", &message);
    assert_eq!(bench.counts("q"), [1, 0, 0]);
    assert_eq!(bench.bodies("q", 10), ["b"]);
}

#[test]
fn a_delayed_message_shows_after_its_delay() {
    let mut bench = Bench::with_queue("q");
    let request = json!({"QueueUrl": url("q"), "MessageBody": "late", "DelaySeconds": 5});
    bench.call(Action::SendMessage, &request).unwrap();
    assert_eq!(bench.counts("q"), [0, 1, 0]);
    bench.pass_ms(4_999);
    assert!(bench.receive("q", 1).is_empty());
    bench.pass_ms(1);
    assert_eq!(bench.bodies("q", 1), ["late"]);
}

#[test]
fn a_handle_of_another_queue_is_refused() {
    let mut bench = Bench::with_queue("q");
    bench.create("other", &json!({}));
    bench.send("q", "a");
    let message = bench.receive("q", 1).remove(0);
    let request = json!({"QueueUrl": url("other"), "ReceiptHandle": message["ReceiptHandle"]});
    assert_eq!(bench.call(Action::DeleteMessage, &request), Err(ErrorKind::ReceiptHandleIsInvalid));
}

#[test]
fn a_message_past_its_retention_is_gone_wherever_it_stands() {
    let mut bench = Bench::new();
    bench.create("q", &json!({"MessageRetentionPeriod": "60"}));
    bench.send("q", "seen");
    bench.receive("q", 1);
    bench.send("q", "unseen");
    bench.pass_ms(60_000);
    assert_eq!(bench.counts("q"), [0, 0, 0]);
    assert_eq!(bench.engine.memory.used_bytes(), 0);
}
