//! Rules for the entries of a batch.

use payflow_localsqs::action::Action;
use payflow_localsqs::error::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, url};

#[test]
fn number_and_ids_of_the_entries_are_checked_before_any_is_carried_out() {
    let eleven: Vec<Value> =
        (0..11).map(|index| json!({"Id": index.to_string(), "MessageBody": "x"})).collect();
    for (entries, kind) in [
        (json!([]), ErrorKind::EmptyBatchRequest),
        (json!(eleven), ErrorKind::TooManyEntriesInBatchRequest),
        (json!([{"Id": "a b", "MessageBody": "x"}]), ErrorKind::InvalidBatchEntryId),
        (json!([{"Id": "", "MessageBody": "x"}]), ErrorKind::InvalidBatchEntryId),
        (json!([{"Id": "a".repeat(81), "MessageBody": "x"}]), ErrorKind::InvalidBatchEntryId),
        (
            json!([{"Id": "a", "MessageBody": "x"}, {"Id": "a", "MessageBody": "x"}]),
            ErrorKind::BatchEntryIdsNotDistinct,
        ),
    ] {
        let mut bench = Bench::with_queue("q");
        let request = json!({"QueueUrl": url("q"), "Entries": entries});
        for action in
            [Action::SendMessageBatch, Action::DeleteMessageBatch, Action::ChangeMessageVisibilityBatch]
        {
            assert_eq!(bench.call(action, &request), Err(kind), "{} {request}", action.name());
        }
        assert_eq!(bench.counts("q"), [0, 0, 0]);
    }
}

#[test]
fn a_bad_entry_fails_alone() {
    let mut bench = Bench::with_queue("q");
    let entries = json!([
        {"Id": "good", "MessageBody": "x"},
        {"Id": "bell", "MessageBody": "\u{7}"},
        {"Id": "late", "MessageBody": "x", "DelaySeconds": 901},
    ]);
    let reply =
        bench.call(Action::SendMessageBatch, &json!({"QueueUrl": url("q"), "Entries": entries})).unwrap();
    assert_eq!(reply["Successful"][0]["Id"], "good");
    let failed: Vec<_> = reply["Failed"].as_array().unwrap().iter().map(|entry| &entry["Code"]).collect();
    assert_eq!(failed, ["InvalidMessageContents", "InvalidParameterValue"]);
    assert_eq!(bench.counts("q"), [1, 0, 0]);
}

#[test]
fn a_batch_is_as_large_as_one_message_may_be_and_no_larger() {
    let mut bench = Bench::with_queue("q");
    let mut send = |first_bytes: usize| {
        let entries = json!([
            {"Id": "a", "MessageBody": "x".repeat(first_bytes)},
            {"Id": "b", "MessageBody": "x".repeat(524_288)},
        ]);
        bench.call(Action::SendMessageBatch, &json!({"QueueUrl": url("q"), "Entries": entries})).map(|_| ())
    };
    assert_eq!(send(524_288), Ok(()));
    assert_eq!(send(524_289), Err(ErrorKind::BatchRequestTooLong));
}
