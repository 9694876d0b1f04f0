//! Proves the trail in itself: each event has one first sight that its payload bears out, is applied at most once,
//! and the machine, fed with the first sights in order, says of every row what the row says.

use std::fmt::{self, Write};

use payflow_lifecycle::{
    Event, Parked, Payment, Policies, Reason, Rejudged, Snapshot, Verdict, judge, rejudge,
};

use super::difference::Findings;
use super::rows::TrailRow;

/// Slug of the reason that a duplicate has which Redis knew; nothing but its fingerprint was looked at.
const MARKED_AS_SEEN: &str = "marked_as_seen";

/// Verdicts by which a parked fact leaves without being judged: it waited too long, or an operator decided.
const EXITS: [&str; 3] = ["orphaned", "discarded", "linked"];

/// A payment as its trail says it must be.
pub struct Rebuilt<'e> {
    pub payment: Payment,
    /// The event that created it, by its place among the events.
    pub created_by: Option<(usize, &'e Event)>,
}

/// Proves one payment's trail and rebuilds the payment; `None` if the trail can't be trusted to say what it must be.
pub fn prove<'e>(
    payment_id: &str,
    trail: &[TrailRow<'_>],
    events: &'e [Event],
    policies: &Policies,
    findings: &mut Findings,
) -> Option<Rebuilt<'e>> {
    let found_before = findings.total;
    let firsts = first_sights(payment_id, trail, findings);
    for row in trail {
        check_payload(payment_id, row, events, findings);
    }
    if findings.total > found_before {
        return None;
    }
    replay(payment_id, trail, &firsts, events, policies, findings)
}

/// For each row, where the first sight of its event stands.
fn first_sights(payment_id: &str, trail: &[TrailRow<'_>], findings: &mut Findings) -> Vec<usize> {
    let mut firsts = vec![0; trail.len()];
    let mut order: Vec<usize> = (0..trail.len()).collect();
    let name = |place: usize| (trail[place].source, trail[place].event_id);
    order.sort_by_key(|&place| name(place));
    for places in order.chunk_by(|&one, &other| name(one) == name(other)) {
        let (earliest, later) = (&trail[places[0]], &places[1..]);
        if !earliest.first || later.iter().any(|&place| trail[place].first) {
            let found = format!("row {} with verdict {}", earliest.audit_id, earliest.verdict);
            let expected = "one first sight, ahead of every other row of the event";
            findings.add(
                "first_sight_missing",
                payment_id,
                Some(earliest.audit_id),
                subject(earliest),
                expected,
                found,
            );
        }
        let applied: Vec<&TrailRow<'_>> = places
            .iter()
            .map(|&place| &trail[place])
            .filter(|row| row.verdict == Verdict::Apply.as_str())
            .collect();
        if let [_, again, ..] = applied[..] {
            let rows: Vec<String> = applied.iter().map(|row| row.audit_id.to_string()).collect();
            let found = format!("rows {}", rows.join(", "));
            findings.add(
                "applied_twice",
                payment_id,
                Some(again.audit_id),
                subject(again),
                "at most one row with verdict apply",
                found,
            );
        }
        for &place in places {
            firsts[place] = places[0];
        }
    }
    firsts
}

fn check_payload(payment_id: &str, row: &TrailRow<'_>, events: &[Event], findings: &mut Findings) {
    let mut wrong = |check, subject: String, expected: String, found: String| {
        findings.add(check, payment_id, Some(row.audit_id), subject, expected, found);
    };
    if let Some(fault) = row.unreadable {
        wrong(
            "payload_unreadable",
            subject(row),
            format!("a payload that is a {} event", row.action),
            fault.to_owned(),
        );
    } else if row.first && !row.has_payload {
        wrong(
            "payload_missing",
            subject(row),
            "the payload of the first sight".to_owned(),
            "none".to_owned(),
        );
    }
    let Some(event) = row.event.map(|place| &events[place]) else { return };
    let told = (&*event.payment_id, &*event.source, &*event.event_id, event.kind.as_str());
    let kept = (payment_id, row.source, row.event_id, row.action);
    if told != kept {
        let text = |(payment, source, id, kind): (&str, &str, &str, &str)| {
            format!("{kind} {source}/{id} of {payment}")
        };
        wrong("payload_altered", subject(row), text(kept), text(told));
    } else if row.fingerprint != Some(&event.fingerprint.0) {
        let kept = row.fingerprint.map_or_else(|| "none".to_owned(), hex);
        wrong("payload_altered", format!("{} fingerprint", subject(row)), kept, hex(&event.fingerprint.0));
    }
}

fn replay<'e>(
    payment_id: &str,
    trail: &[TrailRow<'_>],
    firsts: &[usize],
    events: &'e [Event],
    policies: &Policies,
    findings: &mut Findings,
) -> Option<Rebuilt<'e>> {
    let mut payment = Payment::new(payment_id);
    let mut created_by = None;
    let mut place = 0;
    while let Some(row) = trail.get(place) {
        place += 1;
        let now = Snapshot::of(&payment);
        let expected = if let (true, Some(event_place)) = (row.first, row.event) {
            let event = &events[event_place];
            let freed = rejudged_rows(&trail[place..]);
            place += freed.len();
            in_order_of(&mut payment.parked, freed);
            payment.seen.clear(); // each first sight is the only one, which is proved already
            let judgement = judge(&mut payment, event, policies);
            if !judgement.before.exists && judgement.after.exists {
                created_by = Some((event_place, event));
            }
            let expected = Outcome::of(judgement.reason, judgement.before, judgement.after);
            if !same(payment_id, row, &expected, findings)
                || !same_rejudged(payment_id, row, &judgement.rejudged, freed, findings)
            {
                return None;
            }
            continue;
        } else if row.fingerprint != trail[firsts[place - 1]].fingerprint {
            Outcome::of(Reason::EventIdReused, now, now)
        } else if row.reason == MARKED_AS_SEEN {
            Outcome {
                verdict: Verdict::Duplicate.as_str(),
                reason: MARKED_AS_SEEN,
                from: None,
                to: None,
                version: None,
            }
        } else if is_exit(row) {
            if !leave(payment_id, row, &mut payment.parked, findings) {
                return None;
            }
            Outcome::unjudged(row, now)
        } else if is_rejudged(row) {
            // A sweep judged what waits, without a delivery.
            let freed = rejudged_rows(&trail[place - 1..]);
            place += freed.len() - 1;
            in_order_of(&mut payment.parked, freed);
            let rejudged = rejudge(&mut payment, policies);
            if !same_rejudged(payment_id, row, &rejudged, freed, findings) {
                return None;
            }
            continue;
        } else {
            Outcome::of(Reason::EventSeen, now, now)
        };
        if !same(payment_id, row, &expected, findings) {
            return None;
        }
    }
    Some(Rebuilt { payment, created_by })
}

/// The rows, straight behind a first sight, of parked facts that it set free.
fn rejudged_rows<'t, 'a>(rest: &'t [TrailRow<'a>]) -> &'t [TrailRow<'a>] {
    let end = rest.iter().position(|row| !is_rejudged(row)).unwrap_or(rest.len());
    &rest[..end]
}

fn is_rejudged(row: &TrailRow<'_>) -> bool {
    !row.first && !row.has_payload && row.verdict != Verdict::Duplicate.as_str() && !is_exit(row)
}

fn is_exit(row: &TrailRow<'_>) -> bool {
    !row.first && EXITS.contains(&row.verdict)
}

/// Takes a fact out of parking, as the trail says that it was.
fn leave(payment_id: &str, row: &TrailRow<'_>, parked: &mut Vec<Parked>, findings: &mut Findings) -> bool {
    let waiting = parked
        .iter()
        .position(|fact| row.event_id == &*fact.event.event_id && row.source == &*fact.event.source);
    if let Some(place) = waiting {
        parked.remove(place);
        return true;
    }
    findings.add(
        "verdict_differs",
        payment_id,
        Some(row.audit_id),
        subject(row),
        "no such row: the fact did not wait at that time",
        Outcome::stated(row),
    );
    false
}

/// Puts those parked facts first that the trail says were set free, in its order.
///
/// The ledger reads parked facts back in an order that depends on how deliveries were cut into batches, and two facts
/// that compete for one amount come out by that order. A fact that still waits changes nothing, so judging those set
/// free first and in their order gives what the ledger gave, and judging the rest behind them proves that none was
/// forgotten.
fn in_order_of(parked: &mut [Parked], freed: &[TrailRow<'_>]) {
    if freed.is_empty() {
        return;
    }
    parked.sort_by_key(|parked| {
        freed
            .iter()
            .position(|row| row.event_id == &*parked.event.event_id && row.source == &*parked.event.source)
            .unwrap_or(usize::MAX)
    });
}

fn same_rejudged(
    payment_id: &str,
    cause: &TrailRow<'_>,
    rejudged: &[Rejudged],
    rows: &[TrailRow<'_>],
    findings: &mut Findings,
) -> bool {
    let found_before = findings.total;
    for (fact, row) in rejudged.iter().zip(rows) {
        let expected = Outcome::of(fact.reason, fact.before, fact.after);
        if (row.source, row.event_id) != (&*fact.event.source, &*fact.event.event_id) {
            let expected = format!("{}/{}: {expected}", fact.event.source, fact.event.event_id);
            findings.add(
                "verdict_differs",
                payment_id,
                Some(row.audit_id),
                subject(row),
                expected,
                Outcome::stated(row),
            );
            return false;
        }
        if !same(payment_id, row, &expected, findings) {
            return false;
        }
    }
    for fact in rejudged.iter().skip(rows.len()) {
        let subject = format!("event {}/{}", fact.event.source, fact.event.event_id);
        let expected = format!("a row behind it: {}", Outcome::of(fact.reason, fact.before, fact.after));
        findings.add("verdict_differs", payment_id, Some(cause.audit_id), subject, expected, "none");
    }
    for row in rows.iter().skip(rejudged.len()) {
        let expected = "no such row: the fact was not parked, or has to wait on";
        findings.add(
            "verdict_differs",
            payment_id,
            Some(row.audit_id),
            subject(row),
            expected,
            Outcome::stated(row),
        );
    }
    findings.total == found_before
}

fn same(payment_id: &str, row: &TrailRow<'_>, expected: &Outcome<'_>, findings: &mut Findings) -> bool {
    let found = Outcome::stated(row);
    if found == *expected {
        return true;
    }
    findings.add("verdict_differs", payment_id, Some(row.audit_id), subject(row), expected, &found);
    found.verdict == expected.verdict
}

fn subject(row: &TrailRow<'_>) -> String {
    format!("event {}/{}", row.source, row.event_id)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a row says came of a delivery.
#[derive(PartialEq, Eq)]
struct Outcome<'a> {
    verdict: &'a str,
    reason: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
    version: Option<i64>,
}

impl<'a> Outcome<'a> {
    fn of(reason: Reason, before: Snapshot, after: Snapshot) -> Self {
        Self {
            verdict: reason.verdict().as_str(),
            reason: reason.as_str(),
            from: before.exists.then(|| before.status.as_str()),
            to: Some(after.status.as_str()),
            version: Some(after.version),
        }
    }

    /// What a row has to say of a payment that it leaves as it is.
    fn unjudged(row: &TrailRow<'a>, now: Snapshot) -> Self {
        Self {
            verdict: row.verdict,
            reason: row.reason,
            from: now.exists.then(|| now.status.as_str()),
            to: Some(now.status.as_str()),
            version: Some(now.version),
        }
    }

    fn stated(row: &TrailRow<'a>) -> Self {
        Self {
            verdict: row.verdict,
            reason: row.reason,
            from: row.from_status,
            to: row.to_status,
            version: row.version,
        }
    }
}

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.verdict, self.reason)?;
        if let (Some(to), Some(version)) = (self.to, self.version) {
            write!(f, ", {} -> {to}, version {version}", self.from.unwrap_or("none"))?;
        }
        Ok(())
    }
}
