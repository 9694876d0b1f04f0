//! One event as one line of text, so that tests read as tables.
//!
//! ```text
//! capture.succeeded c1 60 ^a1 @7 reason=late source=strict event=e9 currency=USD merchant=m2 exponent=3
//! dispute.closed d1 chargeback/won
//! ```
//! Kind and operation come first. A bare number is the amount, `^` names the parent, `@` the second it happened in.

use payflow_lifecycle::{Currency, Dispute, Event, EventKind, Fingerprint, Money, Policies, SourcePolicy};

/// A source that adjusts, and allows no overcapture.
pub const FREE: &str = "free";
/// A source that never adjusts: one amount, authorized once.
pub const STRICT: &str = "strict";
/// A source that adjusts and lets captures exceed the authorization by 15 %.
pub const OVER: &str = "over";
/// A source that never adjusts and lets captures exceed the authorization by 20 %.
pub const STRICT_OVER: &str = "strict_over";

/// The policies of the four sources that tests use.
pub fn policies() -> Policies {
    let policy =
        |adjustable, overcapture_bps| SourcePolicy { adjustable, overcapture_bps, retry_horizon_s: 259_200 };
    let mut policies = Policies::new(policy(true, 0));
    policies.insert(STRICT, policy(false, 0));
    policies.insert(OVER, policy(true, 1_500));
    policies.insert(STRICT_OVER, policy(false, 2_000));
    policies
}

/// An event of `m1` over euros from [`FREE`], with nothing optional in it.
pub fn event(event_id: &str, kind: EventKind, operation_id: &str, amount_minor: Option<i64>) -> Event {
    let currency = Currency(*b"EUR");
    sealed(Event {
        source: FREE.into(),
        event_id: event_id.into(),
        kind,
        payment_id: "p1".into(),
        operation_id: operation_id.into(),
        parent_id: None,
        merchant_id: "m1".into(),
        money: amount_minor.map(|amount_minor| Money { amount_minor, currency, exponent: 2 }),
        occurred_at_us: 0,
        reason: None,
        dispute: None,
        correlation_id: "c".into(),
        fingerprint: Fingerprint::default(),
    })
}

/// The event with a fingerprint over all of its fields (FNV-1a, 128 bits): enough to tell payloads apart.
pub fn sealed(mut event: Event) -> Event {
    event.fingerprint = Fingerprint::default();
    let digest =
        format!("{event:?}").bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        });
    event.fingerprint = Fingerprint(digest.to_be_bytes());
    event
}

/// Reads one line; the event id is the whole line unless `event=` gives another.
pub fn parse(line: &str) -> Event {
    let mut words = line.split_whitespace();
    let kind =
        words.next().and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no kind in {line:?}"));
    let operation_id = words.next().unwrap_or_else(|| panic!("no operation in {line:?}"));
    let mut parsed = event(line.trim(), kind, operation_id, None);
    for word in words {
        read_word(&mut parsed, word);
    }
    sealed(parsed)
}

fn read_word(event: &mut Event, word: &str) {
    if let Ok(amount_minor) = word.parse() {
        event.money = Some(Money { amount_minor, currency: Currency(*b"EUR"), exponent: 2 });
    } else if let Some(parent) = word.strip_prefix('^') {
        event.parent_id = Some(parent.into());
    } else if let Some(second) = word.strip_prefix('@') {
        event.occurred_at_us = second.parse::<i64>().expect("a second after @") * 1_000_000;
    } else if let Some((stage, status)) = word.split_once('/') {
        let (stage, status) = (stage.parse().expect("a stage"), status.parse().expect("a status"));
        event.dispute = Some(Dispute { stage, status });
    } else {
        let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("{word:?} means nothing here"));
        let money = event.money.as_mut();
        match key {
            "reason" => event.reason = Some(value.into()),
            "source" => event.source = value.into(),
            "event" => event.event_id = value.into(),
            "merchant" => event.merchant_id = value.into(),
            "currency" => {
                money.expect("an amount first").currency =
                    Currency(value.as_bytes().try_into().expect("three letters"));
            }
            "exponent" => money.expect("an amount first").exponent = value.parse().expect("a digit"),
            _ => panic!("unknown key {key:?}"),
        }
    }
}
