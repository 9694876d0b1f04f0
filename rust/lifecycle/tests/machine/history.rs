//! Random valid histories: what providers could truly report about one payment, in the order in which it happened.
//!
//! Proptest draws a list of choices; the provider's side of the payment turns each into the facts that may happen
//! next, or into none. So a failing case shrinks to the few choices that matter.

use payflow_lifecycle::{Dispute, DisputeStage, DisputeStatus, Event, EventKind};

use crate::provider::{Movement, Provider};
use crate::script::{FREE, OVER, STRICT, STRICT_OVER};

/// One step that chance asks for: which, on what, how much, and in which manner.
pub type Choice = (u8, u8, u8, u8);

/// The sources that may report one payment.
pub const PROFILES: [&[&str]; 5] = [&[FREE], &[STRICT], &[OVER], &[STRICT_OVER], &[FREE, OVER, "other"]];

/// The facts of one payment, in the order in which they happened.
pub fn history(profile: u8, choices: &[Choice]) -> Vec<Event> {
    let mut provider = Provider::new(PROFILES[usize::from(profile) % PROFILES.len()]);
    let first = choices.first().copied().unwrap_or((0, 0, 120, 4));
    if first.0 % 4 == 0 {
        intend(&mut provider, first);
    }
    if first.0 % 16 != 0 {
        attempt(&mut provider, first);
    }
    for &choice in choices {
        step(&mut provider, choice);
    }
    provider.facts
}

fn step(provider: &mut Provider, choice: Choice) {
    provider.clock_s += i64::from(choice.3 % 3);
    match choice.0 % 32 {
        0 => attempt(provider, choice),
        1..=4 => authorization_goes_on(provider, choice),
        5 => retell(provider, choice),
        6 | 7 => adjust(provider, choice),
        8 => release(provider, choice),
        9 => sale(provider, choice),
        10..=12 => capture(provider, choice),
        13 | 14 => capture_goes_on(provider, choice),
        15..=17 => refund(provider, choice),
        18 | 19 => refund_goes_on(provider, choice),
        20 => open_dispute(provider, choice),
        21 | 22 => dispute_goes_on(provider, choice),
        23 => withdraw(provider, choice),
        24 => reinstate(provider, choice),
        25 | 26 => release_goes_on(provider, choice),
        27 => cancel(provider, choice),
        28 => cancellation_goes_on(provider, choice),
        29 => intend(provider, choice),
        _ => echo(provider, choice),
    }
}

/// Somebody says what the payment is for.
fn intend(provider: &mut Provider, (_, _, share, _): Choice) {
    provider.intend(1 + i64::from(share) * 3);
}

/// A new authorization, first heard of at any of its ranks.
fn attempt(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    use EventKind as Kind;
    let first = [
        Kind::AuthorizationRequested,
        Kind::AuthorizationPending,
        Kind::AuthorizationUnknown,
        Kind::AuthorizationFailed,
        Kind::AuthorizationSucceeded,
    ];
    let kind = first[usize::from(flavour) % first.len()];
    if kind == Kind::AuthorizationSucceeded && !provider.may_authorize() {
        return;
    }
    let position = provider.new_authorization(pick, share);
    let reason = (flavour > 128).then_some("requires_action");
    provider.authorization_becomes(position, kind, reason);
}

/// An authorization climbs, perhaps over several ranks, perhaps from failed to succeeded.
fn authorization_goes_on(provider: &mut Provider, (_, pick, _, flavour): Choice) {
    use EventKind as Kind;
    let next = [
        Kind::AuthorizationPending,
        Kind::AuthorizationUnknown,
        Kind::AuthorizationFailed,
        Kind::AuthorizationSucceeded,
        Kind::AuthorizationSucceeded,
    ];
    let kind = next[usize::from(flavour) % next.len()];
    let Some(position) =
        provider.pick_authorization(pick, |authorization| authorization.rank < Provider::rank(kind))
    else {
        return;
    };
    if kind != Kind::AuthorizationSucceeded || provider.may_authorize() {
        provider.authorization_becomes(position, kind, None);
    }
}

/// The same rank told again with another reason and time, not always the later one.
fn retell(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    let told = |fact: &Event| {
        matches!(
            fact.kind,
            EventKind::AuthorizationRequested
                | EventKind::AuthorizationPending
                | EventKind::AuthorizationReleased
        )
    };
    let reasons = [None, Some("requires_action"), Some("voided"), Some("expired")];
    if let Some(mut fact) = provider.pick_fact(pick, told) {
        fact.reason = reasons[usize::from(flavour) % reasons.len()].map(Into::into);
        fact.occurred_at_us = (provider.clock_s - i64::from(share % 4)) * 1_000_000;
        provider.tell_again(fact);
    }
}

/// Any earlier fact under another event id: two ways by which one thing is reported. Adjustments are keyed by their
/// event and are left out.
fn echo(provider: &mut Provider, (_, pick, ..): Choice) {
    if let Some(fact) = provider.pick_fact(pick, |fact| fact.kind != EventKind::AuthorizationAdjusted) {
        provider.tell_again(fact);
    }
}

fn adjust(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    if !provider.adjustable() {
        return;
    }
    let Some(position) = provider.pick_authorization(pick, |authorization| authorization.rank == 5) else {
        return;
    };
    let total = provider.authorizations[position].total;
    let wanted =
        if flavour % 2 == 0 { total + 1 + i64::from(share) } else { 1 + total * i64::from(share) / 300 };
    if provider.fits_adjustment(position, wanted) {
        provider.adjust(position, wanted);
    }
}

/// Money given back: stated by the provider at once, or asked for first.
fn release(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    let (kind, bound) = match flavour % 8 {
        0 => (EventKind::ReleaseRequested, provider.pending_capture_bound()),
        1 => (EventKind::ReleasePending, provider.pending_capture_bound()),
        2 => (EventKind::ReleaseUnknown, provider.pending_capture_bound()),
        3 => (EventKind::ReleaseFailed, provider.pending_capture_bound()),
        _ => (EventKind::AuthorizationReleased, provider.releasable()),
    };
    if let Some(amount) = Provider::part_of(bound, share) {
        let parent = (share % 2 == 0).then(|| provider.parent_authorization(pick, kind)).flatten();
        provider.new_movement(kind, pick, Some(amount), parent, Some(release_reason(flavour)));
    }
}

fn release_reason(flavour: u8) -> &'static str {
    ["voided", "expired", "final_capture"][usize::from(flavour) % 3]
}

fn release_goes_on(provider: &mut Provider, (_, pick, _, flavour): Choice) {
    use EventKind as Kind;
    let Some(position) = pick_open(&provider.releases, pick) else {
        return;
    };
    let Movement { rank, amount, parent, .. } = provider.releases[position].clone();
    let fits = provider.releasable() >= amount.unwrap_or(0)
        && provider.authorizations.iter().any(|authorization| authorization.rank == 5)
        && parent.is_none_or(|parent| provider.has_authorized(&parent));
    let lattice =
        [Kind::ReleasePending, Kind::ReleaseUnknown, Kind::AuthorizationReleased, Kind::ReleaseFailed];
    goes_on(provider, lattice, position, rank, fits, flavour, Some(release_reason(flavour)));
}

/// Nothing more shall be attempted.
fn cancel(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    use EventKind as Kind;
    let first = [
        Kind::CancellationRequested,
        Kind::CancellationPending,
        Kind::CancellationUnknown,
        Kind::CancellationSucceeded,
        Kind::CancellationFailed,
    ];
    let kind = first[usize::from(flavour) % first.len()];
    let parent = (share % 2 == 0).then(|| provider.parent_authorization(pick, kind)).flatten();
    provider.new_movement(kind, pick, None, parent, None);
}

fn cancellation_goes_on(provider: &mut Provider, (_, pick, _, flavour): Choice) {
    use EventKind as Kind;
    if let Some(position) = pick_open(&provider.cancellations, pick) {
        let rank = provider.cancellations[position].rank;
        let lattice = [
            Kind::CancellationPending,
            Kind::CancellationUnknown,
            Kind::CancellationSucceeded,
            Kind::CancellationFailed,
        ];
        goes_on(provider, lattice, position, rank, true, flavour, None);
    }
}

/// A movement climbs its lattice (pending, unknown, success, failure), to success only where it fits.
fn goes_on(
    provider: &mut Provider,
    lattice: [EventKind; 4],
    position: usize,
    rank: u8,
    fits: bool,
    flavour: u8,
    reason: Option<&str>,
) {
    let wanted = [lattice[0], lattice[1], lattice[2], lattice[2], lattice[2], lattice[3]];
    let kind = wanted[usize::from(flavour) % wanted.len()];
    let success = Provider::rank(kind) == 4;
    if Provider::rank(kind) > rank && (!success || fits) {
        provider.movement_becomes(kind, position, reason);
    }
}

/// A sale: of a new reference, or of an authorization that was pending.
fn sale(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    if !provider.may_authorize() {
        return;
    }
    let pending =
        provider.pick_authorization(pick, |authorization| authorization.rank < 5 && !authorization.sold);
    let position = match pending {
        Some(position) if flavour % 2 == 0 => position,
        _ => provider.new_authorization(pick, share),
    };
    provider.sell(position);
}

fn capture(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    let (kind, bound) = match flavour % 8 {
        0 => (EventKind::CaptureRequested, provider.pending_capture_bound()),
        1 => (EventKind::CapturePending, provider.pending_capture_bound()),
        2 => (EventKind::CaptureUnknown, provider.pending_capture_bound()),
        3 => (EventKind::CaptureFailed, provider.pending_capture_bound()),
        _ => (EventKind::CaptureSucceeded, provider.capturable()),
    };
    if let Some(amount) = Provider::part_of(bound, share) {
        let parent = (flavour > 128).then(|| provider.parent_authorization(pick, kind)).flatten();
        provider.new_movement(kind, pick, Some(amount), parent, None);
    }
}

fn capture_goes_on(provider: &mut Provider, (_, pick, _, flavour): Choice) {
    let Some(position) = pick_open(&provider.captures, pick) else {
        return;
    };
    let Movement { rank, amount, parent, .. } = provider.captures[position].clone();
    let fits = provider.capturable() >= amount.unwrap_or(0)
        && parent.is_none_or(|parent| provider.has_authorized(&parent));
    let lattice = [
        EventKind::CapturePending,
        EventKind::CaptureUnknown,
        EventKind::CaptureSucceeded,
        EventKind::CaptureFailed,
    ];
    goes_on(provider, lattice, position, rank, fits, flavour, None);
}

fn refund(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    let kind = match flavour % 8 {
        0 => EventKind::RefundRequested,
        1 => EventKind::RefundPending,
        2 => EventKind::RefundUnknown,
        3 => EventKind::RefundFailed,
        _ => EventKind::RefundSucceeded,
    };
    if let Some(amount) = Provider::part_of(provider.refundable(), share) {
        let parent = (flavour > 128).then(|| provider.settled_capture(pick)).flatten();
        provider.new_movement(kind, pick, Some(amount), parent, None);
    }
}

fn refund_goes_on(provider: &mut Provider, (_, pick, _, flavour): Choice) {
    let Some(position) = pick_open(&provider.refunds, pick) else {
        return;
    };
    let Movement { rank, amount, .. } = provider.refunds[position].clone();
    let fits = provider.refundable() >= amount.unwrap_or(0);
    let lattice = [
        EventKind::RefundPending,
        EventKind::RefundUnknown,
        EventKind::RefundSucceeded,
        EventKind::RefundFailed,
    ];
    goes_on(provider, lattice, position, rank, fits, flavour, None);
}

fn pick_open(movements: &[Movement], pick: u8) -> Option<usize> {
    let open: Vec<usize> = (0..movements.len()).filter(|&position| movements[position].rank < 5).collect();
    (!open.is_empty()).then(|| open[usize::from(pick) % open.len()])
}

fn open_dispute(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    if let Some(parent) = provider.settled_capture(pick) {
        let stage = DisputeStage::ALL[usize::from(flavour) % 2];
        let case = Dispute { stage, status: DisputeStatus::Opened };
        provider.open_case(case, (share > 128).then_some(parent), share % 2 == 0);
    }
}

/// A case climbs inside its stage to one end, or goes on to a later stage.
fn dispute_goes_on(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    if provider.cases.is_empty() {
        return;
    }
    let position = usize::from(pick) % provider.cases.len();
    let Dispute { stage, status } = provider.cases[position].1;
    let status_next = DisputeStatus::ALL[usize::from(flavour) % DisputeStatus::ALL.len()];
    let ended = status as u8 >= DisputeStatus::Won as u8;
    if !ended && status_next as u8 > status as u8 {
        provider.case_becomes(position, Dispute { stage, status: status_next });
    } else if let Some(&later) = DisputeStage::ALL.get(stage as usize + 1 + usize::from(share % 4 == 0)) {
        provider.case_becomes(position, Dispute { stage: later, status: status_next });
    }
}

fn withdraw(provider: &mut Provider, (_, pick, share, flavour): Choice) {
    if provider.settled_capture(pick).is_some() {
        provider.withdraw(1 + i64::from(share), flavour % 2 == 0);
    }
}

fn reinstate(provider: &mut Provider, (_, _, share, flavour): Choice) {
    if let Some(amount) = Provider::part_of(provider.disputed, share) {
        provider.reinstate(amount, flavour % 2 == 0);
    }
}
