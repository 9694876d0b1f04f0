//! An engine on a test bench: calls as JSON, time by hand.

use std::collections::BTreeMap;

use payflow_localsqs::action::Action;
use payflow_localsqs::calls::{Call, Origin, carry_out};
use payflow_localsqs::engine::Engine;
use payflow_localsqs::error::ErrorKind;
use payflow_localsqs::faults::{FaultSettings, Faults};
use payflow_localsqs::ident::Ids;
use payflow_localsqs::limits::MEMORY_CAP_BYTES_DEFAULT;
use serde_json::{Value, json};

pub struct Bench {
    pub engine: Engine,
    pub now_ms: u64,
}

impl Bench {
    pub fn new() -> Self {
        Self::with_cap(MEMORY_CAP_BYTES_DEFAULT)
    }

    pub fn with_cap(memory_cap_bytes: u64) -> Self {
        let engine = Engine::new(Ids::seeded(1), memory_cap_bytes, FaultSettings::default());
        Self { engine, now_ms: 1_800_000_000_000 }
    }

    /// One queue of that name.
    pub fn with_queue(name: &str) -> Self {
        let mut bench = Self::new();
        bench.create(name, &json!({}));
        bench
    }

    pub fn call(&mut self, action: Action, body: &Value) -> Result<Value, ErrorKind> {
        let body = body.to_string();
        let origin = Origin::Host("localhost:9324");
        let call = Call { engine: &mut self.engine, now_ms: self.now_ms, origin, body: body.as_bytes() };
        let reply = carry_out(action, call).map_err(|error| error.kind)?;
        Ok(serde_json::from_slice(&reply).expect("a reply is JSON"))
    }

    pub fn pass_ms(&mut self, ms: u64) {
        self.now_ms += ms;
        self.engine.tick(self.now_ms);
    }

    pub fn switch(&mut self, faults: &Value) {
        self.engine.faults =
            Faults::new(FaultSettings::parse(faults.to_string().as_bytes()).expect("switches"));
    }

    pub fn create(&mut self, name: &str, attributes: &Value) {
        let body = json!({"QueueName": name, "Attributes": attributes});
        self.call(Action::CreateQueue, &body).expect("the queue is made");
    }

    pub fn send(&mut self, queue: &str, body: &str) -> String {
        let request = json!({"QueueUrl": url(queue), "MessageBody": body});
        let sent = self.call(Action::SendMessage, &request).expect("the message is sent");
        sent["MessageId"].as_str().expect("an id").to_owned()
    }

    pub fn receive(&mut self, queue: &str, count: u64) -> Vec<Value> {
        let request = json!({
            "QueueUrl": url(queue), "MaxNumberOfMessages": count, "MessageSystemAttributeNames": ["All"],
        });
        let mut reply = self.call(Action::ReceiveMessage, &request).expect("a reply");
        reply["Messages"].as_array_mut().map(std::mem::take).unwrap_or_default()
    }

    pub fn bodies(&mut self, queue: &str, count: u64) -> Vec<String> {
        let messages = self.receive(queue, count);
        messages.iter().map(|message| message["Body"].as_str().expect("a body").to_owned()).collect()
    }

    pub fn delete(&mut self, queue: &str, message: &Value) {
        let request = json!({"QueueUrl": url(queue), "ReceiptHandle": message["ReceiptHandle"]});
        self.call(Action::DeleteMessage, &request).expect("the message is deleted");
    }

    pub fn hide_s(&mut self, queue: &str, message: &Value, timeout_s: u64) -> Result<Value, ErrorKind> {
        let request = json!({
            "QueueUrl": url(queue), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": timeout_s,
        });
        self.call(Action::ChangeMessageVisibility, &request)
    }

    /// Visible, delayed, in flight.
    pub fn counts(&mut self, queue: &str) -> [u64; 3] {
        let request = json!({"QueueUrl": url(queue), "AttributeNames": ["All"]});
        let reply = self.call(Action::GetQueueAttributes, &request).expect("attributes");
        let attributes: BTreeMap<String, String> =
            serde_json::from_value(reply["Attributes"].clone()).expect("a map of text");
        ["", "Delayed", "NotVisible"].map(|which| {
            attributes[&format!("ApproximateNumberOfMessages{which}")].parse().expect("a number")
        })
    }
}

pub fn url(queue: &str) -> String {
    format!("http://localhost:9324/000000000000/{queue}")
}

pub fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{queue}")
}
