//! A store as the ledger keeps one: it sees nothing of a payment but what `Change` tells it to write.
//!
//! So a change that the machine forgets to mark is lost between two batches, and the properties notice.

use std::collections::BTreeMap;

use payflow_lifecycle::{
    Change, Event, Fingerprint, Judgement, Operation, OperationKind, Parked, Payment, Seen, Sums, Verdict,
    judge, recompute,
};

use crate::script::policies;

type OperationKey = (Box<str>, OperationKind, Box<str>);

#[derive(Default)]
pub struct Store {
    /// The row without what other tables hold.
    row: Option<Payment>,
    operations: BTreeMap<OperationKey, Operation>,
    parked: Vec<Event>,
    audit: BTreeMap<(Box<str>, Box<str>), Fingerprint>,
}

impl Store {
    /// The payment as a batch would lock it: with all that is stored, and what the audit has of the batch's events.
    pub fn load(&self, batch: &[Event]) -> Payment {
        let mut payment = self.row.clone().unwrap_or_else(|| Payment::new("p1"));
        payment.operations = self.operations.values().cloned().collect();
        payment.parked =
            self.parked.iter().map(|event| Parked { event: event.clone(), change: Change::None }).collect();
        for event in batch {
            let key = (event.source.clone(), event.event_id.clone());
            if let Some(&fingerprint) = self.audit.get(&key) {
                payment.seen.push(Seen { source: key.0, event_id: key.1, fingerprint });
            }
        }
        payment
    }

    /// Judges a batch as one transaction, and checks after each event what must always hold.
    pub fn process(&mut self, batch: &[Event]) -> Vec<Judgement> {
        let mut payment = self.load(batch);
        let judgements = batch.iter().map(|event| checked(&mut payment, event)).collect();
        self.write(payment);
        judgements
    }

    pub fn payment(&self) -> Payment {
        self.load(&[])
    }

    fn write(&mut self, mut payment: Payment) {
        for operation in std::mem::take(&mut payment.operations) {
            let key = (operation.source.clone(), operation.kind, operation.operation_id.clone());
            let stored = self.operations.get(&key);
            match operation.change {
                Change::None => assert_eq!(stored, Some(&operation), "changed, and not marked"),
                Change::Inserted => assert_eq!(stored, None, "inserted twice"),
                Change::Updated => assert!(stored.is_some(), "updated, and not stored"),
                Change::Removed => panic!("operations are never removed"),
            }
            self.operations.insert(key, Operation { change: Change::None, ..operation });
        }
        for Parked { event, change } in std::mem::take(&mut payment.parked) {
            let stored = self.parked.iter().position(|stored| stored.event_id == event.event_id);
            match (change, stored) {
                (Change::Inserted, None) => self.parked.push(event),
                (Change::Removed, Some(position)) => drop(self.parked.remove(position)),
                (Change::None, Some(_)) => {}
                (change, stored) => panic!("parked {change:?} while stored at {stored:?}"),
            }
        }
        for seen in std::mem::take(&mut payment.seen) {
            self.audit.insert((seen.source, seen.event_id), seen.fingerprint);
        }
        match payment.change {
            Change::None => assert_eq!(self.row.as_ref(), Some(&payment), "changed, and not marked"),
            Change::Inserted => assert!(self.row.is_none(), "inserted twice"),
            Change::Updated => assert!(self.row.is_some(), "updated, and not stored"),
            Change::Removed => panic!("payments are never removed"),
        }
        self.row = Some(Payment { change: Change::None, ..payment });
    }
}

/// I1 to I3 and D >= 0, written down apart from the machine's own check.
fn invariants_hold(sums: &Sums) -> bool {
    (0..=sums.authorized).contains(&sums.released)
        && sums.captured + sums.released <= sums.authorized + sums.overcapture_allowance
        && sums.refunded <= sums.captured + sums.capture_failed
        && sums.disputed >= 0
}

/// One judgement, with the invariants, the cache and the chain of snapshots held against it.
pub fn checked(payment: &mut Payment, event: &Event) -> Judgement {
    let version = payment.version;
    let judgement = judge(payment, event, &policies());

    assert!(invariants_hold(&payment.sums), "{:?} after {event:?}", payment.sums);
    assert_eq!(payment.sums.violates(), None);
    let cached = (payment.sums, payment.status, payment.dispute_state);
    assert_eq!(cached, recompute(payment, &policies()), "I5 after {event:?}");

    let mut last = judgement.after;
    let mut applied = i64::from(judgement.verdict == Verdict::Apply);
    if applied == 0 {
        assert_eq!(judgement.before, judgement.after, "only an applied fact changes anything");
    }
    for freed in &judgement.rejudged {
        assert_eq!(freed.before, last);
        assert_ne!(freed.verdict, Verdict::Premature);
        assert_eq!(freed.verdict, freed.reason.verdict());
        applied += i64::from(freed.verdict == Verdict::Apply);
        last = freed.after;
    }
    assert_eq!(payment.version, version + applied, "each applied fact is one version");
    assert_eq!((payment.sums, payment.status, payment.version), (last.sums, last.status, last.version));
    judgement
}
