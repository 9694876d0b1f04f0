//! Message move tasks: the messages of a dead-letter queue go back to where they came from, or elsewhere.
//!
//! A task moves in small steps, one each tick, so that other calls get their turn. A moved message gets a new id and
//! a new time, as SQS gives it.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::engine::Engine;
use crate::error::{ErrorKind, SqsError};
use crate::limits::{MOVE_TASKS_KEPT_MAX, MOVES_PER_STEP_MAX};
use crate::message::Content;

/// Where a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It has messages to move.
    Running,
    /// It has moved all.
    Completed,
    /// A client stopped it.
    Cancelled,
    /// It can't go on, for the reason given.
    Failed(String),
}

impl TaskState {
    /// The word of the API.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed(_) => "FAILED",
        }
    }
}

/// One task.
#[derive(Clone, Debug)]
pub struct MoveTask {
    /// UUID of the task.
    pub id: u128,
    /// The dead-letter queue.
    pub source_arn: String,
    /// Where all messages go; each goes back to its own source if this is missing.
    pub destination_arn: Option<String>,
    /// Messages a second that the client allows.
    pub rate_per_s: Option<u64>,
    /// When it was started, in ms since the epoch.
    pub started_ms: u64,
    /// Messages moved so far.
    pub moved_count: u64,
    /// Messages there when it was started.
    pub to_move_count: u64,
    /// Where it stands.
    pub state: TaskState,
}

/// The tasks that are remembered, newest first.
#[derive(Debug, Default)]
pub struct MoveTasks {
    tasks: VecDeque<MoveTask>,
}

impl MoveTasks {
    /// Tasks of one source, newest first.
    pub fn of_source<'a>(&'a self, source_arn: &'a str) -> impl Iterator<Item = &'a MoveTask> {
        self.tasks.iter().filter(move |task| task.source_arn == source_arn)
    }

    /// Adds a task, unless one runs on its source.
    pub fn start(&mut self, task: MoveTask) -> Result<(), SqsError> {
        let is_busy = self.of_source(&task.source_arn).any(|other| other.state == TaskState::Running);
        if is_busy {
            return Err(SqsError::new(
                ErrorKind::UnsupportedOperation,
                "There is already a task running. Only one active task is allowed for a source queue arn at a given \
                 time.",
            ));
        }
        let source_arn = task.source_arn.clone();
        self.tasks.push_front(task);
        let mut kept_count = 0;
        self.tasks.retain(|task| {
            kept_count += usize::from(task.source_arn == source_arn);
            task.source_arn != source_arn || kept_count <= MOVE_TASKS_KEPT_MAX
        });
        Ok(())
    }

    /// Stops a running task; answers how many messages it has moved.
    pub fn cancel(&mut self, id: u128) -> Result<u64, SqsError> {
        let task = self.tasks.iter_mut().find(|task| task.id == id);
        let task = task.ok_or_else(|| {
            SqsError::new(
                ErrorKind::ResourceNotFound,
                "Task does not exist. Name one that StartMessageMoveTask gave.",
            )
        })?;
        if task.state != TaskState::Running {
            let text = "Only active tasks can be cancelled.";
            return Err(SqsError::new(ErrorKind::UnsupportedOperation, text));
        }
        task.state = TaskState::Cancelled;
        Ok(task.moved_count)
    }
}

/// Lets each running task move what its rate allows until now.
pub fn step(engine: &mut Engine, now_ms: u64) {
    for index in 0..engine.move_tasks.tasks.len() {
        if engine.move_tasks.tasks[index].state == TaskState::Running {
            let mut task = engine.move_tasks.tasks[index].clone();
            advance(engine, &mut task, now_ms);
            engine.move_tasks.tasks[index] = task;
        }
    }
}

fn advance(engine: &mut Engine, task: &mut MoveTask, now_ms: u64) {
    let allowed_count = task.rate_per_s.map_or(MOVES_PER_STEP_MAX, |rate_per_s| {
        let elapsed_ms = now_ms.saturating_sub(task.started_ms);
        (rate_per_s * elapsed_ms / 1_000).saturating_sub(task.moved_count).min(MOVES_PER_STEP_MAX)
    });
    for _ in 0..allowed_count {
        let source = engine.id_by_arn(&task.source_arn).and_then(|id| engine.queue(id).ok());
        let Some(source) = source else {
            task.state = TaskState::Failed("CouldNotFindSourceQueue".to_owned());
            return;
        };
        let Some(content) = source.take_away(now_ms) else {
            task.state = TaskState::Completed;
            return;
        };
        let Some(id) = destination(engine, task, &content) else {
            give_back(engine, task, content, now_ms);
            return;
        };
        put(engine, id, &content, now_ms);
        task.moved_count += 1;
    }
}

fn destination(engine: &Engine, task: &MoveTask, content: &Content) -> Option<u32> {
    let own_source = || content.extras.as_ref()?.dead_letter_source_arn.as_deref();
    engine.id_by_arn(task.destination_arn.as_deref().or_else(own_source)?)
}

fn put(engine: &mut Engine, id: u32, content: &Content, now_ms: u64) {
    let moved = Rc::new(content.redriven(engine.ids.next_uuid(), now_ms));
    if let Ok(queue) = engine.queue(id) {
        queue.push(moved, now_ms, now_ms);
    }
}

fn give_back(engine: &mut Engine, task: &mut MoveTask, content: Rc<Content>, now_ms: u64) {
    if let Some(queue) = engine.id_by_arn(&task.source_arn).and_then(|id| engine.queue(id).ok()) {
        queue.push(content, now_ms, now_ms);
    }
    task.state = TaskState::Failed("CouldNotDetermineMessageSource".to_owned());
}
