//! Queues on disk between a clean stop and the next start.
//!
//! JSON lines: a header with the version, a line for each queue and each message, and a last line with the counts,
//! without which the file is refused as cut off. Messages in flight are saved as visible, since the receipt handles
//! of this run end with it. The file is written beside its name and renamed, so a crash leaves the old one whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::attributes::{AttributeValue, MessageAttribute, checked};
use crate::engine::Engine;
use crate::ident::{parse_uuid, uuid};
use crate::message::{Content, Extras, Message, Place, md5};
use crate::queue::Queue;
use crate::settings::QueueSettings;

const FORMAT: &str = "payflow-localsqs";
const VERSION: u32 = 1;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    Header { format: Cow<'a, str>, version: u32 },
    Queue(QueueLine),
    Message(#[serde(borrow)] MessageLine<'a>),
    End { queues: usize, messages: usize },
}

#[derive(Deserialize, Serialize)]
struct QueueLine {
    name: String,
    created_ms: u64,
    modified_ms: u64,
    settings: QueueSettings,
    tags: BTreeMap<String, String>,
}

/// A message of the queue whose line came last.
#[derive(Deserialize, Serialize)]
struct MessageLine<'a> {
    id: String,
    sent_ms: u64,
    visible_ms: u64,
    receive_count: u32,
    first_received_ms: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, AttributeValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace_header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dead_letter_source_arn: Option<String>,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// Writes all queues of `engine` to `path`, atomically.
pub fn save(path: &Path, engine: &Engine, now_ms: u64) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let draft_path = path.with_added_extension("draft");
    let mut out = BufWriter::new(File::create(&draft_path)?);
    write(&mut out, engine, now_ms)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&draft_path, path)?;
    File::open(directory)?.sync_all()
}

fn write(out: &mut impl Write, engine: &Engine, now_ms: u64) -> io::Result<()> {
    put(out, &Line::Header { format: FORMAT.into(), version: VERSION })?;
    let (mut queues, mut messages) = (0, 0);
    for queue in engine.queues() {
        put(out, &Line::Queue(queue_line(queue)))?;
        queues += 1;
        for message in queue.messages_in_order() {
            put(out, &Line::Message(message_line(message, now_ms)?))?;
            messages += 1;
        }
    }
    put(out, &Line::End { queues, messages })
}

fn put(out: &mut impl Write, line: &Line<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

fn queue_line(queue: &Queue) -> QueueLine {
    QueueLine {
        name: queue.name.clone(),
        created_ms: queue.created_ms,
        modified_ms: queue.modified_ms,
        settings: queue.settings.clone(),
        tags: queue.tags.clone(),
    }
}

fn message_line(message: &Message, now_ms: u64) -> io::Result<MessageLine<'_>> {
    let content = &message.content;
    let extras = content.extras.as_deref().cloned().unwrap_or_default();
    Ok(MessageLine {
        id: uuid(content.id),
        sent_ms: content.sent_ms,
        visible_ms: if message.place == Place::Delayed { message.until_ms } else { now_ms },
        receive_count: message.receive_count,
        first_received_ms: message.first_received_ms,
        attributes: extras
            .attributes
            .into_iter()
            .map(|attribute| (attribute.name, attribute.value))
            .collect(),
        trace_header: extras.trace_header,
        group_id: extras.group_id,
        dead_letter_source_arn: extras.dead_letter_source_arn,
        body: serde_json::from_str(&content.body_json)?,
    })
}

/// Reads queues and messages into `engine`. A file that is not there holds none.
pub fn load(path: &Path, engine: &mut Engine, now_ms: u64) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    read(BufReader::new(file), engine, now_ms)
}

fn read(input: impl BufRead, engine: &mut Engine, now_ms: u64) -> io::Result<()> {
    let mut lines = input.lines().enumerate();
    let header = lines.next().map(|(_, line)| line).transpose()?.unwrap_or_default();
    match serde_json::from_str(&header) {
        Ok(Line::Header { format, version: VERSION }) if format == FORMAT => {}
        _ => return Err(broken(1, &format!("it is not a {FORMAT} file of version {VERSION}"))),
    }
    let (mut queue_id, mut queues, mut messages) = (None, 0, 0);
    for (index, line) in lines {
        let (text, number) = (line?, index + 1);
        match serde_json::from_str(&text).map_err(|error| broken(number, &error.to_string()))? {
            Line::Header { .. } => return Err(broken(number, "a second header")),
            Line::Queue(line) => {
                let id = engine.add_queue(line.created_ms, &line.name, line.settings, line.tags);
                if let Ok(queue) = engine.queue(id) {
                    queue.modified_ms = line.modified_ms;
                }
                queue_id = Some(id);
                queues += 1;
            }
            Line::Message(line) => {
                let queue = queue_id.and_then(|id| engine.queue(id).ok());
                let queue = queue.ok_or_else(|| broken(number, "a message before the first queue"))?;
                let (visible_ms, received) = (line.visible_ms, (line.receive_count, line.first_received_ms));
                let content = read_content(line).map_err(|reason| broken(number, &reason))?;
                queue.restore(Rc::new(content), now_ms, visible_ms, received);
                messages += 1;
            }
            Line::End { queues: queues_saved, messages: messages_saved } => {
                let is_whole = queues == queues_saved && messages == messages_saved;
                return if is_whole { Ok(()) } else { Err(broken(number, "the counts do not match")) };
            }
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "the end is missing"))
}

fn read_content(line: MessageLine<'_>) -> Result<Content, String> {
    let body: String = serde_json::from_str(line.body.get()).map_err(|error| error.to_string())?;
    let attributes = checked(line.attributes).map_err(|error| error.to_string())?;
    let attributes_bytes: u64 = attributes.iter().map(MessageAttribute::size_bytes).sum();
    let extras = Extras {
        attributes,
        trace_header: line.trace_header,
        group_id: line.group_id,
        dead_letter_source_arn: line.dead_letter_source_arn,
    };
    Ok(Content {
        id: parse_uuid(&line.id).ok_or("id is not a UUID")?,
        body_json: line.body.get().into(),
        body_md5: md5(body.as_bytes()),
        size_bytes: body.len() as u64 + attributes_bytes,
        sent_ms: line.sent_ms,
        extras: (extras != Extras::default()).then(|| Box::new(extras)),
    })
}

fn broken(line_number: usize, reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("line {line_number}: {reason}"))
}
