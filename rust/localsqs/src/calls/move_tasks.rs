//! Starting, listing and cancelling message move tasks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Reply, in_range, json as write};
use crate::engine::Engine;
use crate::error::{ErrorKind, SqsError};
use crate::ident::{parse_uuid, uuid};
use crate::limits::{MOVE_TASK_RESULTS_MAX, MOVES_PER_S_MAX};
use crate::move_tasks::{MoveTask, TaskState, step};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StartMessageMoveTask {
    #[serde(default)]
    source_arn: String,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListMessageMoveTasks {
    #[serde(default)]
    source_arn: String,
    max_results: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CancelMessageMoveTask {
    #[serde(default)]
    task_handle: String,
}

/// Starts to move the messages of a dead-letter queue.
pub fn start(request: &StartMessageMoveTask, engine: &mut Engine, now_ms: u64) -> Reply {
    let source = find(engine, &request.source_arn, "SourceArn")?;
    let rate_per_s = in_range(
        request.max_number_of_messages_per_second,
        "MaxNumberOfMessagesPerSecond",
        1,
        MOVES_PER_S_MAX,
    )?;
    if let Some(destination_arn) = &request.destination_arn {
        find(engine, destination_arn, "DestinationArn")?;
        if *destination_arn == request.source_arn {
            return Err(SqsError::invalid(
                destination_arn,
                "DestinationArn",
                "It must differ from SourceArn.",
            ));
        }
    }
    if engine.dead_letter_sources(&request.source_arn).next().is_none() {
        let reason = "Source queue must be configured as a Dead Letter Queue.";
        return Err(SqsError::invalid(&request.source_arn, "SourceArn", reason));
    }
    let task = MoveTask {
        id: engine.ids.next_uuid(),
        source_arn: request.source_arn.clone(),
        destination_arn: request.destination_arn.clone(),
        rate_per_s,
        started_ms: now_ms,
        moved_count: 0,
        to_move_count: engine.queue(source)?.counts().ready as u64,
        state: TaskState::Running,
    };
    let handle = handle(&task);
    engine.move_tasks.start(task)?;
    step(engine, now_ms);
    Ok(write(&json!({ "TaskHandle": handle })))
}

/// Lists the latest tasks of a source, newest first.
pub fn list(request: &ListMessageMoveTasks, engine: &mut Engine) -> Reply {
    find(engine, &request.source_arn, "SourceArn")?;
    let count_max = in_range(request.max_results, "MaxResults", 1, MOVE_TASK_RESULTS_MAX)?.unwrap_or(1);
    let tasks = engine.move_tasks.of_source(&request.source_arn).take(count_max as usize);
    let results: Vec<Value> = tasks.map(show).collect();
    Ok(write(&json!({ "Results": results })))
}

fn show(task: &MoveTask) -> Value {
    let mut shown = json!({
        "Status": task.state.name(),
        "SourceArn": task.source_arn,
        "ApproximateNumberOfMessagesMoved": task.moved_count,
        "ApproximateNumberOfMessagesToMove": task.to_move_count,
        "StartedTimestamp": task.started_ms,
    });
    if task.state == TaskState::Running {
        shown["TaskHandle"] = handle(task).into();
    }
    if let TaskState::Failed(reason) = &task.state {
        shown["FailureReason"] = reason.as_str().into();
    }
    if let Some(destination_arn) = &task.destination_arn {
        shown["DestinationArn"] = destination_arn.as_str().into();
    }
    if let Some(rate_per_s) = task.rate_per_s {
        shown["MaxNumberOfMessagesPerSecond"] = rate_per_s.into();
    }
    shown
}

/// Stops a running task.
pub fn cancel(request: &CancelMessageMoveTask, engine: &mut Engine) -> Reply {
    if request.task_handle.is_empty() {
        return Err(SqsError::missing("TaskHandle"));
    }
    let id = read_handle(&request.task_handle).ok_or_else(|| {
        SqsError::invalid(&request.task_handle, "TaskHandle", "Must be what StartMessageMoveTask gave.")
    })?;
    let moved_count = engine.move_tasks.cancel(id)?;
    Ok(write(&json!({ "ApproximateNumberOfMessagesMoved": moved_count })))
}

fn find(engine: &Engine, arn: &str, parameter: &str) -> Result<u32, SqsError> {
    if arn.is_empty() {
        return Err(SqsError::missing(parameter));
    }
    engine.id_by_arn(arn).ok_or_else(|| {
        let text = format!("The resource that you specified for the {parameter} parameter doesn't exist.");
        SqsError::new(ErrorKind::ResourceNotFound, text)
    })
}

fn handle(task: &MoveTask) -> String {
    STANDARD.encode(json!({"taskId": uuid(task.id), "sourceArn": task.source_arn}).to_string())
}

fn read_handle(handle: &str) -> Option<u128> {
    let json: Value = serde_json::from_slice(&STANDARD.decode(handle).ok()?).ok()?;
    parse_uuid(json.get("taskId")?.as_str()?)
}
