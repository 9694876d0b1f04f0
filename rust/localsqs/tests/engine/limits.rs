//! The bounds that the server keeps.

use payflow_localsqs::action::Action;
use payflow_localsqs::error::ErrorKind;
use payflow_localsqs::limits::{IN_FLIGHT_MAX, MESSAGE_BYTES_MAX, MESSAGE_OVERHEAD_BYTES};
use serde_json::json;

use crate::bench::{Bench, url};

#[test]
fn past_the_messages_in_flight_a_short_poll_is_refused_and_a_long_one_gets_nothing() {
    let mut bench = Bench::with_queue("q");
    for _ in 0..=IN_FLIGHT_MAX {
        bench.send("q", "x");
    }
    for _ in 0..IN_FLIGHT_MAX / 10 {
        assert_eq!(bench.receive("q", 10).len(), 10);
    }
    let short = json!({"QueueUrl": url("q")});
    let long = json!({"QueueUrl": url("q"), "WaitTimeSeconds": 1});
    assert_eq!(bench.call(Action::ReceiveMessage, &short), Err(ErrorKind::OverLimit));
    assert_eq!(bench.call(Action::ReceiveMessage, &long), Ok(json!({})));
    bench.pass_ms(30_000);
    assert_eq!(bench.receive("q", 10).len(), 10);
}

#[test]
fn sends_past_the_memory_cap_are_throttled_until_messages_are_deleted() {
    let mut bench = Bench::with_cap(MESSAGE_OVERHEAD_BYTES + 100);
    bench.create("q", &json!({}));
    bench.send("q", &"x".repeat(100));
    let request = json!({"QueueUrl": url("q"), "MessageBody": "y"});
    assert_eq!(bench.call(Action::SendMessage, &request), Err(ErrorKind::RequestThrottled));
    let message = bench.receive("q", 1).remove(0);
    bench.delete("q", &message);
    assert!(bench.call(Action::SendMessage, &request).is_ok());
}

#[test]
fn a_message_of_one_mebibyte_passes_and_a_byte_more_does_not() {
    let mut bench = Bench::with_queue("q");
    for (bytes, is_allowed) in [(MESSAGE_BYTES_MAX, true), (MESSAGE_BYTES_MAX + 1, false)] {
        let request = json!({"QueueUrl": url("q"), "MessageBody": "x".repeat(bytes as usize)});
        assert_eq!(bench.call(Action::SendMessage, &request).is_ok(), is_allowed, "{bytes}");
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let mut bench = Bench::with_queue("q");
    for (field, value) in [
        ("MaxNumberOfMessages", 0),
        ("MaxNumberOfMessages", 11),
        ("WaitTimeSeconds", 21),
        ("WaitTimeSeconds", -1),
        ("VisibilityTimeout", 43_201),
    ] {
        let request = json!({"QueueUrl": url("q"), field: value});
        let refused = bench.call(Action::ReceiveMessage, &request);
        assert_eq!(refused, Err(ErrorKind::InvalidParameterValue), "{field}={value}");
    }
}

#[test]
fn a_second_purge_within_a_minute_is_refused() {
    let mut bench = Bench::with_queue("q");
    bench.send("q", "x");
    let request = json!({"QueueUrl": url("q")});
    bench.call(Action::PurgeQueue, &request).unwrap();
    assert_eq!(bench.counts("q"), [0, 0, 0]);
    assert_eq!(bench.call(Action::PurgeQueue, &request), Err(ErrorKind::PurgeQueueInProgress));
    bench.pass_ms(60_000);
    assert!(bench.call(Action::PurgeQueue, &request).is_ok());
}

#[test]
fn fifo_queues_are_refused_by_name_and_by_attribute() {
    let mut bench = Bench::new();
    for request in [
        json!({"QueueName": "q.fifo", "Attributes": {"FifoQueue": "true"}}),
        json!({"QueueName": "q", "Attributes": {"FifoQueue": "true"}}),
    ] {
        assert_eq!(bench.call(Action::CreateQueue, &request), Err(ErrorKind::UnsupportedOperation));
    }
}
