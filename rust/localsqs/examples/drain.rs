//! Fills a queue, drains it over several connections, and prints what that cost the server, as JSON.
//!
//! `drain URL [--messages N] [--connections N] [--body-bytes N]`. The CPU time is read from the server itself, so
//! that of this client is not in it.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lexopt::{Arg, Parser, ValueExt as _};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const READ_TIMEOUT: Duration = Duration::from_secs(30);
const BATCH: u64 = 10;

struct Plan {
    address: String,
    messages: u64,
    connections: u64,
    body_bytes: usize,
}

/// One keep-alive connection.
struct Connection {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(READ_TIMEOUT))?;
        Ok(Self { address: address.to_owned(), stream: BufReader::new(stream) })
    }

    fn call(&mut self, action: &str, body: &str) -> Outcome<Vec<u8>> {
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-amz-json-1.0\r\n\
             x-amz-target: AmazonSQS.{action}\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all((head + body).as_bytes())?;
        self.reply()
    }

    fn stats(&mut self) -> Outcome<Value> {
        let head = format!("GET /_payflow/stats HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        self.stream.get_mut().write_all(head.as_bytes())?;
        Ok(serde_json::from_slice(&self.reply()?)?)
    }

    fn reply(&mut self) -> Outcome<Vec<u8>> {
        let (mut line, mut length, mut is_ok) = (String::new(), 0, false);
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            is_ok |= line.starts_with("HTTP/1.1 200");
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse()?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        if is_ok { Ok(body) } else { Err(String::from_utf8_lossy(&body).into()) }
    }
}

fn main() -> Outcome<()> {
    let plan = plan()?;
    let mut connection = Connection::open(&plan.address)?;
    let name = json!({ "QueueName": format!("drain-{}", std::process::id()) }).to_string();
    let created: Value = serde_json::from_slice(&connection.call("CreateQueue", &name)?)?;
    let url = created["QueueUrl"].as_str().ok_or("no QueueUrl in the reply")?.to_owned();
    let fill = measure(&plan, |worker, connection| fill(&plan, worker, connection, &url))?;
    let left = AtomicU64::new(plan.messages);
    let drain = measure(&plan, |_, connection| drain(connection, &url, &left))?;
    connection.call("DeleteQueue", &json!({ "QueueUrl": url }).to_string())?;
    let report = json!({
        "messages": plan.messages,
        "connections": plan.connections,
        "body_bytes": plan.body_bytes,
        "fill": fill,
        "drain": drain,
    });
    println!("{report:#}");
    Ok(())
}

fn plan() -> Outcome<Plan> {
    let mut plan = Plan { address: String::new(), messages: 300_000, connections: 8, body_bytes: 600 };
    let mut parser = Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("messages") => plan.messages = parser.value()?.parse()?,
            Arg::Long("connections") => plan.connections = parser.value()?.parse()?,
            Arg::Long("body-bytes") => plan.body_bytes = parser.value()?.parse()?,
            Arg::Value(url) => url.string()?.trim_start_matches("http://").clone_into(&mut plan.address),
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    if plan.address.is_empty() {
        Err("usage: drain URL [--messages N] [--connections N]".into())
    } else {
        Ok(plan)
    }
}

/// Runs `work` on each connection at once; answers rate and server CPU.
fn measure(plan: &Plan, work: impl Fn(u64, &mut Connection) -> Outcome<()> + Sync) -> Outcome<Value> {
    let mut control = Connection::open(&plan.address)?;
    let before = control.stats()?;
    let start = Instant::now();
    thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = (0..plan.connections)
            .map(|worker| scope.spawn(move || work(worker, &mut Connection::open(&plan.address)?)))
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker broke off")?)
    })?;
    let elapsed_s = start.elapsed().as_secs_f64();
    let after = control.stats()?;
    let spent = |name: &str| after[name].as_f64().unwrap_or(0.0) - before[name].as_f64().unwrap_or(0.0);
    let cpu_s = spent("process_cpu_s");
    Ok(json!({
        "messages_per_s": (plan.messages as f64 / elapsed_s).round(),
        "server_cpu_us_per_message": (cpu_s * 1e8 / plan.messages as f64).round() / 100.0,
        "server_cpu_share": (cpu_s / elapsed_s * 100.0).round() / 100.0,
        "messages_per_server_core_s": (plan.messages as f64 / cpu_s).round(),
        "calls": spent("calls_total"),
    }))
}

fn fill(plan: &Plan, worker: u64, connection: &mut Connection, url: &str) -> Outcome<()> {
    let body = "x".repeat(plan.body_bytes);
    let mut left = plan.messages / plan.connections + u64::from(worker < plan.messages % plan.connections);
    while left > 0 {
        let entries: Vec<Value> =
            (0..left.min(BATCH)).map(|index| json!({"Id": index.to_string(), "MessageBody": body})).collect();
        left -= entries.len() as u64;
        connection.call("SendMessageBatch", &json!({"QueueUrl": url, "Entries": entries}).to_string())?;
    }
    Ok(())
}

fn drain(connection: &mut Connection, url: &str, left: &AtomicU64) -> Outcome<()> {
    let ask = json!({
        "QueueUrl": url,
        "MaxNumberOfMessages": BATCH,
        "WaitTimeSeconds": 1,
        "MessageSystemAttributeNames": ["ApproximateReceiveCount", "SentTimestamp"],
    })
    .to_string();
    while left.load(Ordering::Relaxed) > 0 {
        let reply: Value = serde_json::from_slice(&connection.call("ReceiveMessage", &ask)?)?;
        let Some(messages) = reply["Messages"].as_array() else { continue };
        let entries: Vec<Value> = messages
            .iter()
            .enumerate()
            .map(|(index, message)| json!({"Id": index.to_string(), "ReceiptHandle": message["ReceiptHandle"]}))
            .collect();
        left.fetch_sub(entries.len() as u64, Ordering::Relaxed);
        connection.call("DeleteMessageBatch", &json!({"QueueUrl": url, "Entries": entries}).to_string())?;
    }
    Ok(())
}
