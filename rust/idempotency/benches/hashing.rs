//! What do the two hashes of one event cost? Prints nanoseconds for each.

use std::hint::black_box;
use std::time::Instant;

use payflow_idempotency::{Amount, Fields, fingerprint, mark_key};

const ROUNDS: u32 = 1_000_000;

fn main() {
    let fields = Fields {
        event_id: "evt_01JD3Z5M6Q",
        source: "adyen",
        event_type: "capture.succeeded",
        payment_id: "pay_01JD3Z0K2A",
        operation_id: "8836542198765432",
        merchant_id: "m_00042",
        parent_id: Some("8836542198765000"),
        amount: Some(Amount { value: 12_345, currency: "EUR", exponent: 2 }),
        occurred_at_us: 1_763_805_600_123_000,
        reason: None,
        dispute: None,
    };
    measure("fingerprint", || {
        black_box(fingerprint(black_box(&fields)));
    });

    let mut key = Vec::new();
    measure("mark_key", || {
        key.clear();
        mark_key(
            black_box("5f0c6c1e-6a53-4f0e-9d1c-0f4d7f6c2b11"),
            fields.payment_id,
            fields.source,
            fields.event_id,
            &mut key,
        );
        black_box(&key);
    });
}

fn measure(name: &str, mut hash: impl FnMut()) {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        hash();
    }
    println!("{name}: {} ns/event", start.elapsed().as_nanos() / u128::from(ROUNDS));
}
