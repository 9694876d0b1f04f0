//! The provider's side of one payment: what it knows, what may happen next, and what it tells.
//!
//! It keeps its own running books, in the order of events, with nothing of the machine under test.

use payflow_lifecycle::{Dispute, DisputeStage, DisputeStatus, Event, EventKind};

use crate::script::{event, policies, sealed};

#[derive(Clone, Debug)]
pub struct Authorization {
    pub id: Box<str>,
    pub source: &'static str,
    pub amount: i64,
    pub rank: u8,
    /// The amount after all adjustments.
    pub total: i64,
    pub sold: bool,
}

/// A capture, a refund, a release or, with no amount, a cancellation.
#[derive(Clone, Debug)]
pub struct Movement {
    pub id: Box<str>,
    pub source: &'static str,
    pub amount: Option<i64>,
    /// 1 requested, 2 pending, 3 unknown, 4 succeeded, 5 failed.
    pub rank: u8,
    pub parent: Option<Box<str>>,
}

pub struct Provider {
    pub facts: Vec<Event>,
    pub clock_s: i64,
    pub authorizations: Vec<Authorization>,
    pub captures: Vec<Movement>,
    pub refunds: Vec<Movement>,
    /// What gives authorized money back; adjustments are in the authorizations' totals.
    pub releases: Vec<Movement>,
    pub cancellations: Vec<Movement>,
    pub cases: Vec<(Box<str>, Dispute)>,
    pub disputed: i64,
    sources: &'static [&'static str],
    used_ids: usize,
}

impl Provider {
    pub fn new(sources: &'static [&'static str]) -> Self {
        Self {
            facts: Vec::new(),
            clock_s: 10,
            authorizations: Vec::new(),
            captures: Vec::new(),
            refunds: Vec::new(),
            releases: Vec::new(),
            cancellations: Vec::new(),
            cases: Vec::new(),
            disputed: 0,
            sources,
            used_ids: 0,
        }
    }

    pub fn rank(kind: EventKind) -> u8 {
        use EventKind as Kind;
        match kind {
            Kind::AuthorizationRequested
            | Kind::CaptureRequested
            | Kind::RefundRequested
            | Kind::ReleaseRequested
            | Kind::CancellationRequested => 1,
            Kind::AuthorizationPending
            | Kind::CapturePending
            | Kind::RefundPending
            | Kind::ReleasePending
            | Kind::CancellationPending => 2,
            Kind::AuthorizationUnknown
            | Kind::CaptureUnknown
            | Kind::RefundUnknown
            | Kind::ReleaseUnknown
            | Kind::CancellationUnknown => 3,
            Kind::AuthorizationFailed
            | Kind::CaptureSucceeded
            | Kind::RefundSucceeded
            | Kind::AuthorizationReleased
            | Kind::CancellationSucceeded => 4,
            _ => 5,
        }
    }

    pub fn adjustable(&self) -> bool {
        policies().of(self.sources[0]).adjustable
    }

    /// A source that never adjusts has one successful authorization for a payment.
    pub fn may_authorize(&self) -> bool {
        self.adjustable() || self.authorizations.iter().all(|authorization| authorization.rank < 5)
    }

    fn succeeded(&self) -> impl Iterator<Item = &Authorization> {
        self.authorizations.iter().filter(|authorization| authorization.rank == 5)
    }

    fn captured(&self) -> i64 {
        at(&self.captures, 4)
    }

    fn released(&self) -> i64 {
        at(&self.releases, 4)
    }

    fn allowance(&self) -> i64 {
        let declared = policies();
        let weighted = |one: &Authorization| one.total * i64::from(declared.of(one.source).overcapture_bps);
        self.succeeded().map(weighted).sum::<i64>() / 10_000
    }

    pub fn capturable(&self) -> i64 {
        let open: i64 = self.succeeded().map(|one| one.total).sum::<i64>() - self.released();
        if self.succeeded().next().is_none() { 0 } else { open + self.allowance() - self.captured() }
    }

    /// What may be asked for before an authorization has succeeded; a strict source asks for its one amount at most.
    pub fn pending_capture_bound(&self) -> i64 {
        self.authorizations.first().map_or(0, |first| first.amount)
    }

    pub fn releasable(&self) -> i64 {
        let open: i64 = self.succeeded().map(|one| one.total).sum::<i64>() - self.released();
        open.min(self.capturable())
    }

    pub fn refundable(&self) -> i64 {
        let open = at(&self.captures, 4) + at(&self.captures, 5) - at(&self.refunds, 4);
        if self.adjustable() { open } else { open.min(self.pending_capture_bound() + self.allowance()) }
    }

    /// Whether what is captured and released still fits once an authorization stands at this total.
    pub fn fits_adjustment(&mut self, position: usize, total: i64) -> bool {
        let before = std::mem::replace(&mut self.authorizations[position].total, total);
        let fits = self.releasable() >= 0;
        self.authorizations[position].total = before;
        fits
    }

    /// A share of a bound: all of it now and then.
    pub fn part_of(bound: i64, share: u8) -> Option<i64> {
        (bound > 0).then(|| if share > 180 { bound } else { 1 + (bound - 1) * i64::from(share) / 180 })
    }

    pub fn pick_authorization(&self, pick: u8, wanted: impl Fn(&Authorization) -> bool) -> Option<usize> {
        let found: Vec<usize> = (0..self.authorizations.len())
            .filter(|&position| wanted(&self.authorizations[position]))
            .collect();
        (!found.is_empty()).then(|| found[usize::from(pick) % found.len()])
    }

    pub fn pick_fact(&self, pick: u8, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        let found: Vec<&Event> = self.facts.iter().filter(|fact| wanted(fact)).collect();
        (!found.is_empty()).then(|| found[usize::from(pick) % found.len()].clone())
    }

    pub fn has_authorized(&self, id: &str) -> bool {
        self.succeeded().any(|authorization| *authorization.id == *id)
    }

    /// An authorization that a capture, a release or a cancellation of this kind may name.
    pub fn parent_authorization(&self, pick: u8, kind: EventKind) -> Option<Box<str>> {
        let moves = matches!(kind, EventKind::CaptureSucceeded | EventKind::AuthorizationReleased);
        let position = self.pick_authorization(pick, |one| !moves || one.rank == 5)?;
        Some(self.authorizations[position].id.clone())
    }

    /// A capture that has succeeded or failed.
    pub fn settled_capture(&self, pick: u8) -> Option<Box<str>> {
        let settled: Vec<&Movement> = self.captures.iter().filter(|capture| capture.rank >= 4).collect();
        (!settled.is_empty()).then(|| settled[usize::from(pick) % settled.len()].id.clone())
    }

    pub fn new_authorization(&mut self, pick: u8, share: u8) -> usize {
        let amount = if self.adjustable() { 1 + i64::from(share) * 3 } else { 500 };
        let id = self.new_id("a");
        let source = self.sources[usize::from(pick) % self.sources.len()];
        self.authorizations.push(Authorization { id, source, amount, rank: 0, total: amount, sold: false });
        self.authorizations.len() - 1
    }

    pub fn authorization_becomes(&mut self, position: usize, kind: EventKind, reason: Option<&str>) {
        let authorization = &mut self.authorizations[position];
        authorization.rank = Self::rank(kind);
        let (id, source, amount) = (authorization.id.clone(), authorization.source, authorization.amount);
        self.tell(kind, source, &id, Some(amount), |fact| fact.reason = reason.map(Into::into));
    }

    pub fn adjust(&mut self, position: usize, total: i64) {
        let authorization = &mut self.authorizations[position];
        authorization.total = total;
        let (id, source) = (authorization.id.clone(), authorization.source);
        self.tell(EventKind::AuthorizationAdjusted, source, &id, Some(total), |_| {});
    }

    /// What the payment is for; providers never tell that, whoever asks for the money does.
    pub fn intend(&mut self, amount: i64) {
        let (id, source) = (self.new_id("i"), self.sources[0]);
        self.tell(EventKind::PaymentCreated, source, &id, Some(amount), |_| {});
    }

    pub fn sell(&mut self, position: usize) {
        let authorization = &mut self.authorizations[position];
        (authorization.rank, authorization.sold) = (5, true);
        let (id, source, amount) = (authorization.id.clone(), authorization.source, authorization.amount);
        self.captures.push(Movement { id: id.clone(), source, amount: Some(amount), rank: 4, parent: None });
        self.tell(EventKind::SaleSucceeded, source, &id, Some(amount), |_| {});
    }

    /// The movements that a fact of this kind is about.
    pub fn side(&mut self, kind: EventKind) -> &mut Vec<Movement> {
        match kind.as_str().split('.').next() {
            Some("capture") => &mut self.captures,
            Some("refund") => &mut self.refunds,
            Some("cancellation") => &mut self.cancellations,
            _ => &mut self.releases,
        }
    }

    /// A movement, first heard of by a fact of this kind.
    pub fn new_movement(
        &mut self,
        kind: EventKind,
        pick: u8,
        amount: Option<i64>,
        parent: Option<Box<str>>,
        reason: Option<&str>,
    ) {
        let id = self.new_id(&kind.as_str()[..2]);
        let source = self.sources[usize::from(pick / 7) % self.sources.len()];
        self.side(kind).push(Movement { id, source, amount, rank: 0, parent });
        let position = self.side(kind).len() - 1;
        self.movement_becomes(kind, position, reason);
    }

    pub fn movement_becomes(&mut self, kind: EventKind, position: usize, reason: Option<&str>) {
        let movement = &mut self.side(kind)[position];
        movement.rank = Self::rank(kind);
        let Movement { id, source, amount, parent, .. } = movement.clone();
        self.tell(kind, source, &id, amount, |fact| {
            fact.parent_id = parent;
            fact.reason = reason.map(Into::into);
        });
    }

    pub fn open_case(&mut self, case: Dispute, parent: Option<Box<str>>, plain: bool) {
        let (id, source) = (self.new_id("d"), self.sources[0]);
        self.cases.push((id.clone(), case));
        let kind = match case.stage {
            DisputeStage::Inquiry => EventKind::DisputeInquiry,
            _ => EventKind::DisputeOpened,
        };
        self.tell(kind, source, &id, None, |fact| {
            fact.parent_id = parent;
            fact.dispute = (!plain).then_some(case);
        });
    }

    pub fn case_becomes(&mut self, position: usize, case: Dispute) {
        self.cases[position].1 = case;
        let ended = case.status as u8 >= DisputeStatus::Won as u8;
        let kind = if ended { EventKind::DisputeClosed } else { EventKind::DisputeUpdated };
        let (id, source) = (self.cases[position].0.clone(), self.sources[0]);
        self.tell(kind, source, &id, ended.then_some(7), |fact| fact.dispute = Some(case));
    }

    /// A withdrawal under its own reference, or under that of a case which has none yet.
    pub fn withdraw(&mut self, amount: i64, own: bool) {
        let id = self.movement_id(EventKind::DisputeFundsWithdrawn, own);
        self.disputed += amount;
        self.tell(EventKind::DisputeFundsWithdrawn, self.sources[0], &id, Some(amount), |_| {});
    }

    pub fn reinstate(&mut self, amount: i64, own: bool) {
        let id = self.movement_id(EventKind::DisputeFundsReinstated, own);
        self.disputed -= amount;
        self.tell(EventKind::DisputeFundsReinstated, self.sources[0], &id, Some(amount), |_| {});
    }

    fn movement_id(&mut self, kind: EventKind, own: bool) -> Box<str> {
        let unused = self
            .cases
            .iter()
            .map(|(id, _)| id)
            .find(|id| !self.facts.iter().any(|fact| fact.kind == kind && fact.operation_id == **id));
        match unused {
            Some(id) if !own => id.clone(),
            _ => self.new_id("w"),
        }
    }

    pub fn tell_again(&mut self, mut fact: Event) {
        fact.event_id = self.event_id();
        self.facts.push(sealed(fact));
    }

    fn tell(
        &mut self,
        kind: EventKind,
        source: &str,
        operation_id: &str,
        amount: Option<i64>,
        shape: impl FnOnce(&mut Event),
    ) {
        let mut fact = event(&self.event_id(), kind, operation_id, amount);
        fact.source = source.into();
        fact.occurred_at_us = self.clock_s * 1_000_000;
        shape(&mut fact);
        self.facts.push(sealed(fact));
    }

    /// Ids of one moment grow as text, in the order in which things happened; ids of two moments sort as they please.
    fn event_id(&mut self) -> Box<str> {
        let moment = format!("e{:02}-", self.clock_s * 37 % 100);
        self.new_id(&moment)
    }

    fn new_id(&mut self, kind: &str) -> Box<str> {
        self.used_ids += 1;
        format!("{kind}{:04}", self.used_ids).into()
    }
}

/// What movements of this rank amount to.
fn at(movements: &[Movement], rank: u8) -> i64 {
    movements.iter().filter(|movement| movement.rank == rank).filter_map(|movement| movement.amount).sum()
}
