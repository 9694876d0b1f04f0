//! Queues survive a clean stop.

use std::fs;
use std::path::PathBuf;

use payflow_localsqs::action::Action;
use payflow_localsqs::snapshot;
use serde_json::json;

use crate::bench::{Bench, arn, url};

fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("payflow-localsqs-{}-{name}.jsonl", std::process::id()))
}

#[test]
fn queues_settings_tags_and_messages_come_back_and_what_was_in_flight_is_visible() {
    let path = path("whole");
    let mut bench = Bench::with_queue("dead");
    let policy = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 5}).to_string();
    bench.create("q", &json!({"RedrivePolicy": policy, "VisibilityTimeout": "7"}));
    bench.call(Action::TagQueue, &json!({"QueueUrl": url("q"), "Tags": {"team": "pay"}})).unwrap();
    let attributes = json!({"kind": {"DataType": "Binary", "BinaryValue": "AAE="}});
    let request = json!({"QueueUrl": url("q"), "MessageBody": "\"é\n", "MessageAttributes": attributes});
    let sent = bench.call(Action::SendMessage, &request).unwrap();
    bench.receive("q", 1);
    let request = json!({"QueueUrl": url("q"), "MessageBody": "late", "DelaySeconds": 60});
    bench.call(Action::SendMessage, &request).unwrap();
    snapshot::save(&path, &bench.engine, bench.now_ms).unwrap();

    let mut after = Bench::new();
    snapshot::load(&path, &mut after.engine, after.now_ms).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(after.counts("q"), [1, 1, 0]);
    let ask = json!({"QueueUrl": url("q"), "MessageAttributeNames": ["All"], "AttributeNames": ["All"]});
    let message = after.call(Action::ReceiveMessage, &ask).unwrap()["Messages"][0].clone();
    assert_eq!(message["Body"], "\"é\n");
    assert_eq!(message["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert_eq!(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    assert_eq!(message["Attributes"]["ApproximateReceiveCount"], "2");
    let attributes = json!({"QueueUrl": url("q"), "AttributeNames": ["RedrivePolicy", "VisibilityTimeout"]});
    let before = bench.call(Action::GetQueueAttributes, &attributes);
    assert_eq!(after.call(Action::GetQueueAttributes, &attributes), before);
    let tags = after.call(Action::ListQueueTags, &json!({"QueueUrl": url("q")})).unwrap();
    assert_eq!(tags, json!({"Tags": {"team": "pay"}}));
}

#[test]
fn a_handle_of_the_run_before_is_old_not_invalid() {
    let path = path("handles");
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    let message = bench.receive("q", 1).remove(0);
    snapshot::save(&path, &bench.engine, bench.now_ms).unwrap();
    let mut after = Bench::new();
    after.engine.epoch += 1;
    snapshot::load(&path, &mut after.engine, after.now_ms).unwrap();
    fs::remove_file(&path).unwrap();
    after.delete("q", &message);
    assert_eq!(after.counts("q"), [1, 0, 0]);
}

#[test]
fn a_file_that_is_cut_off_or_foreign_is_refused_and_a_missing_one_is_empty() {
    let path = path("broken");
    let mut bench = Bench::with_queue("q");
    bench.send("q", "a");
    snapshot::save(&path, &bench.engine, bench.now_ms).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let cut_off = lines[..lines.len() - 1].join("\n");
    let lacking = [&lines[..2], &lines[3..]].concat().join("\n");
    for content in [cut_off.as_str(), lacking.as_str(), "{}", "", "\u{0}\u{1}"] {
        fs::write(&path, content).unwrap();
        assert!(snapshot::load(&path, &mut Bench::new().engine, 0).is_err(), "{content}");
    }
    fs::remove_file(&path).unwrap();
    assert!(snapshot::load(&path, &mut Bench::new().engine, 0).is_ok());
}
