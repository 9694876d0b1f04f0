//! What the two hashes promise, over generated events.

use payflow_idempotency::{Amount, Dispute, Fields, MARK_KEY_LEN, TAGS, fingerprint, mark_key, tag_of};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// An event that owns its text, so that it can be generated and changed.
#[derive(Clone, Debug, PartialEq)]
struct Owned {
    texts: [String; 6],
    parent_id: Option<String>,
    amount: Option<(i64, String, u8)>,
    occurred_at_us: i64,
    reason: Option<String>,
    dispute: Option<(String, String, Option<i64>)>,
}

impl Owned {
    fn fingerprint(&self) -> [u8; 16] {
        let [event_id, source, event_type, payment_id, operation_id, merchant_id] = &self.texts;
        fingerprint(&Fields {
            event_id,
            source,
            event_type,
            payment_id,
            operation_id,
            merchant_id,
            parent_id: self.parent_id.as_deref(),
            amount: self.amount.as_ref().map(|(value, currency, exponent)| Amount {
                value: *value,
                currency,
                exponent: *exponent,
            }),
            occurred_at_us: self.occurred_at_us,
            reason: self.reason.as_deref(),
            dispute: self.dispute.as_ref().map(|(stage, status, due_at_us)| Dispute {
                stage,
                status,
                due_at_us: *due_at_us,
            }),
        })
    }
}

/// Few letters, so that neighbouring fields often hold the same text; some far longer than the stack buffer.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[ab]{0,3}", 1 => "[ab]{500,700}"]
}

fn owned() -> impl Strategy<Value = Owned> {
    (
        vec(text(), 6),
        option::of(text()),
        option::of((0..3_i64, text(), 0..3_u8)),
        0..3_i64,
        option::of(text()),
        option::of((text(), text(), option::of(0..3_i64))),
    )
        .prop_map(|(texts, parent_id, amount, occurred_at_us, reason, dispute)| Owned {
            texts: texts.try_into().expect("six texts"),
            parent_id,
            amount,
            occurred_at_us,
            reason,
            dispute,
        })
}

fn key(parts: [&str; 4]) -> Vec<u8> {
    let mut key = Vec::new();
    mark_key(parts[0], parts[1], parts[2], parts[3], &mut key);
    key
}

proptest! {
    #[test]
    fn two_events_share_a_fingerprint_only_when_every_listed_field_is_equal(one in owned(), other in owned()) {
        prop_assert_eq!(one == other, one.fingerprint() == other.fingerprint());
    }

    #[test]
    fn a_change_of_any_text_changes_the_fingerprint(event in owned(), at in 0..6_usize, letter in "[a-z]") {
        let mut changed = event.clone();
        changed.texts[at].push_str(&letter);
        prop_assert_ne!(event.fingerprint(), changed.fingerprint());
    }

    #[test]
    fn text_that_moves_over_a_field_boundary_changes_the_fingerprint(event in owned(), at in 0..5_usize) {
        let mut changed = event.clone();
        if let Some(moved) = changed.texts[at].pop() {
            changed.texts[at + 1].insert(0, moved);
            prop_assert_ne!(event.fingerprint(), changed.fingerprint());
        }
    }

    #[test]
    fn absent_and_empty_are_different(event in owned()) {
        let (mut absent, mut empty) = (event.clone(), event);
        (absent.parent_id, empty.parent_id) = (None, Some(String::new()));
        prop_assert_ne!(absent.fingerprint(), empty.fingerprint());
    }

    #[test]
    fn a_change_of_any_number_changes_the_fingerprint(event in owned(), step in 1..i64::MAX) {
        let mut changed = event.clone();
        changed.occurred_at_us = event.occurred_at_us.wrapping_add(step);
        prop_assert_ne!(event.fingerprint(), changed.fingerprint());
        if let Some((value, currency, exponent)) = event.amount.clone() {
            changed = event.clone();
            changed.amount = Some((value.wrapping_add(step), currency.clone(), exponent));
            prop_assert_ne!(event.fingerprint(), changed.fingerprint());
            changed.amount = Some((value, currency, exponent + 1));
            prop_assert_ne!(event.fingerprint(), changed.fingerprint());
        }
    }

    #[test]
    fn two_names_share_a_mark_key_only_when_all_four_parts_are_equal(
        one in vec("[ab]{0,3}", 4), other in vec("[ab]{0,3}", 4),
    ) {
        let keys = [&one, &other].map(|parts| key([&parts[0], &parts[1], &parts[2], &parts[3]]));
        prop_assert_eq!(one == other, keys[0] == keys[1]);
    }

    #[test]
    fn a_mark_key_is_short_printable_and_tagged_by_its_payment(parts in vec(".{0,200}", 4)) {
        let key = key([&parts[0], &parts[1], &parts[2], &parts[3]]);
        prop_assert_eq!(key.len(), MARK_KEY_LEN);
        let key = String::from_utf8(key).expect("ASCII");
        let tag = tag_of(&parts[1]);
        prop_assert!(tag < TAGS);
        let hash = key.strip_prefix(&format!("pf:{{{tag:x}}}:")).expect("prefix and tag");
        prop_assert!(hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }
}

#[test]
fn keys_are_appended_behind_what_is_there() {
    let mut keys = b"before".to_vec();
    mark_key("ledger", "pay_1", "adyen", "evt_1", &mut keys);
    assert_eq!(&keys[6..], key(["ledger", "pay_1", "adyen", "evt_1"]));
}

#[test]
fn payments_spread_evenly_over_the_tags() {
    let mut counts = [0_u32; TAGS as usize];
    for number in 0..16_000 {
        counts[usize::from(tag_of(&format!("pay_{number:08}")))] += 1;
    }
    assert!(counts.iter().all(|&count| (800..=1_200).contains(&count)), "{counts:?}");
}

/// These never change: marks and audit rows that exist were written with them.
#[test]
fn the_encodings_are_fixed_for_ever() {
    let event = Owned {
        texts: ["evt_1", "adyen", "dispute.closed", "pay_1", "op_1", "m_1"].map(str::to_owned),
        parent_id: Some("op_0".to_owned()),
        amount: Some((12_345, "EUR".to_owned(), 2)),
        occurred_at_us: 1_763_805_600_123_000,
        reason: Some("fraud".to_owned()),
        dispute: Some(("chargeback".to_owned(), "lost".to_owned(), Some(1))),
    };
    assert_eq!(u128::from_be_bytes(event.fingerprint()), 0x9c1c_8a19_691f_f41e_a08e_4bf5_5166_e203);
    assert_eq!(
        String::from_utf8(key(["5f0c6c1e-6a53-4f0e-9d1c-0f4d7f6c2b11", "pay_1", "adyen", "evt_1"])),
        Ok("pf:{e}:g5IqIpLkhRZZ4yMb5SyfSA".to_owned())
    );
}
