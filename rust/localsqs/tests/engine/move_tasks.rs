//! Messages go back from a dead-letter queue.

use payflow_localsqs::action::Action;
use payflow_localsqs::error::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, arn};

/// `count` dead messages of queue `q` in queue `dead`.
fn bench_with_dead(count: usize) -> Bench {
    let mut bench = Bench::with_queue("dead");
    let policy = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 1}).to_string();
    bench.create("q", &json!({"RedrivePolicy": policy}));
    for index in 0..count {
        bench.send("q", &index.to_string());
    }
    while !bench.receive("q", 10).is_empty() {}
    bench.pass_ms(30_000);
    assert!(bench.receive("q", 10).is_empty());
    assert_eq!(bench.counts("dead"), [count as u64, 0, 0]);
    bench
}

fn start(bench: &mut Bench, rest: &Value) -> Result<Value, ErrorKind> {
    let mut request = json!({"SourceArn": arn("dead")});
    request.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    bench.call(Action::StartMessageMoveTask, &request)
}

fn latest(bench: &mut Bench) -> Value {
    let listed = bench.call(Action::ListMessageMoveTasks, &json!({"SourceArn": arn("dead")})).unwrap();
    listed["Results"][0].clone()
}

#[test]
fn messages_go_back_to_their_source_with_a_new_id_and_time() {
    let mut bench = bench_with_dead(25);
    start(&mut bench, &json!({})).unwrap();
    bench.pass_ms(100);
    assert_eq!(bench.counts("q"), [25, 0, 0]);
    assert_eq!(latest(&mut bench)["Status"], "COMPLETED");
    assert_eq!(latest(&mut bench)["ApproximateNumberOfMessagesMoved"], 25);
    let message = bench.receive("q", 1).remove(0);
    let sent_ms: u64 = message["Attributes"]["SentTimestamp"].as_str().unwrap().parse().unwrap();
    assert_eq!(sent_ms, bench.now_ms - 100);
    assert_eq!(message["Attributes"]["ApproximateReceiveCount"], "1");
}

#[test]
fn a_rate_is_kept_and_a_running_task_can_be_cancelled_once() {
    let mut bench = bench_with_dead(25);
    let handle = start(&mut bench, &json!({"MaxNumberOfMessagesPerSecond": 10})).unwrap();
    bench.pass_ms(1_000);
    assert_eq!(bench.counts("q"), [10, 0, 0]);
    assert_eq!(latest(&mut bench)["Status"], "RUNNING");
    assert_eq!(start(&mut bench, &json!({})), Err(ErrorKind::UnsupportedOperation));
    let cancelled = bench.call(Action::CancelMessageMoveTask, &handle).unwrap();
    assert_eq!(cancelled, json!({"ApproximateNumberOfMessagesMoved": 10}));
    assert_eq!(bench.call(Action::CancelMessageMoveTask, &handle), Err(ErrorKind::UnsupportedOperation));
    bench.pass_ms(10_000);
    assert_eq!(bench.counts("q"), [10, 0, 0]);
}

#[test]
fn a_destination_of_ones_own_is_used() {
    let mut bench = bench_with_dead(3);
    bench.create("elsewhere", &json!({}));
    start(&mut bench, &json!({"DestinationArn": arn("elsewhere")})).unwrap();
    bench.pass_ms(100);
    assert_eq!((bench.counts("elsewhere"), bench.counts("q")), ([3, 0, 0], [0, 0, 0]));
}

#[test]
fn a_message_that_came_from_nowhere_fails_the_task_and_stays() {
    let mut bench = bench_with_dead(0);
    bench.send("dead", "direct");
    start(&mut bench, &json!({})).unwrap();
    assert_eq!(latest(&mut bench)["Status"], "FAILED");
    assert_eq!(latest(&mut bench)["FailureReason"], "CouldNotDetermineMessageSource");
    assert_eq!(bench.bodies("dead", 1), ["direct"]);
}

#[test]
fn only_a_dead_letter_queue_can_be_the_source() {
    let mut bench = bench_with_dead(1);
    let request = json!({"SourceArn": arn("q")});
    assert_eq!(bench.call(Action::StartMessageMoveTask, &request), Err(ErrorKind::InvalidParameterValue));
    let request = json!({"SourceArn": arn("nowhere")});
    assert_eq!(bench.call(Action::StartMessageMoveTask, &request), Err(ErrorKind::ResourceNotFound));
}
