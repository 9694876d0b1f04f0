//! The bounds that SQS documents, and the few that this server adds for itself.

/// Entries that one batch request may hold.
pub const BATCH_ENTRIES_MAX: usize = 10;
/// Size of one message, and of all messages of one batch request, attributes included.
pub const MESSAGE_BYTES_MAX: u64 = 1_048_576;
/// The smallest `MaximumMessageSize` that a queue may ask for.
pub const MESSAGE_BYTES_MAX_LOWEST: u64 = 1_024;
/// Messages that one queue may have in flight.
pub const IN_FLIGHT_MAX: usize = 120_000;
/// Longest visibility timeout: 12 hours.
pub const VISIBILITY_TIMEOUT_S_MAX: u64 = 43_200;
/// Longest wait of a long poll.
pub const WAIT_S_MAX: u64 = 20;
/// Longest delay of a message: 15 minutes.
pub const DELAY_S_MAX: u64 = 900;
/// Shortest retention.
pub const RETENTION_S_MIN: u64 = 60;
/// Longest retention: 14 days.
pub const RETENTION_S_MAX: u64 = 1_209_600;
/// Message attributes of one message.
pub const MESSAGE_ATTRIBUTES_MAX: usize = 10;
/// Characters of a queue name or of a batch entry id.
pub const NAME_CHARS_MAX: usize = 80;
/// Characters of the name of a message attribute.
pub const ATTRIBUTE_NAME_CHARS_MAX: usize = 256;
/// Tags of one queue.
pub const TAGS_MAX: usize = 50;
/// Receives after which a redrive policy moves a message.
pub const MAX_RECEIVE_COUNT_MAX: u64 = 1_000;
/// Results of one page of a list.
pub const PAGE_RESULTS_MAX: u64 = 1_000;
/// Results of one `ListMessageMoveTasks`.
pub const MOVE_TASK_RESULTS_MAX: u64 = 10;
/// Fastest message move task that a client may ask for.
pub const MOVES_PER_S_MAX: u64 = 500;
/// Time between two purges of one queue.
pub const PURGE_INTERVAL_MS: u64 = 60_000;

/// Queues of one server; SQS has no such bound, a machine has.
pub const QUEUES_MAX: usize = 10_000;
/// Message move tasks that are remembered for one source queue.
pub const MOVE_TASKS_KEPT_MAX: usize = 10;
/// Messages that one step of a message move task may move, so that other calls get their turn.
pub const MOVES_PER_STEP_MAX: u64 = 1_000;
/// Bytes of one HTTP request body. One MiB of control characters, escaped, is six MiB of JSON.
pub const REQUEST_BYTES_MAX: usize = 8 * 1_048_576;
/// Connections served at a time; more wait in the backlog of the listener.
pub const CONNECTIONS_MAX: usize = 4_096;
/// What a message costs beside its body and attributes; it counts towards the memory cap.
pub const MESSAGE_OVERHEAD_BYTES: u64 = 192;
/// Memory that messages may take over all queues, unless told otherwise.
pub const MEMORY_CAP_BYTES_DEFAULT: u64 = 4 * 1_073_741_824;
