//! Commands on payments in any state: granted ones apply, hold what they ask for, and can always be answered.

use payflow_lifecycle::{Command, Event, EventKind, Order, Payment, Verdict, order};
use proptest::prelude::*;

use crate::history::history;
use crate::order::choices;
use crate::script::{FREE, event, sealed};
use crate::store::checked;

const HISTORIES: u32 = 6_000;

/// The fact that a granted command becomes, as whoever takes commands writes it.
fn asked(number: usize, granted: &Order<'_>) -> Event {
    let id = format!("command-{number}");
    let fact = event(&id, granted.kind, &id, granted.amount_minor);
    sealed(Event { source: granted.source.unwrap_or(FREE).into(), ..fact })
}

/// What the provider says of it: it took effect, or it failed.
fn answered(asked: &Event, success: bool) -> Event {
    use EventKind as Kind;
    let kind = match (asked.kind, success) {
        (Kind::CaptureRequested, true) => Kind::CaptureSucceeded,
        (Kind::CaptureRequested, false) => Kind::CaptureFailed,
        (Kind::RefundRequested, true) => Kind::RefundSucceeded,
        (Kind::RefundRequested, false) => Kind::RefundFailed,
        (Kind::ReleaseRequested, true) => Kind::AuthorizationReleased,
        (Kind::ReleaseRequested, false) => Kind::ReleaseFailed,
        (_, true) => Kind::CancellationSucceeded,
        (_, false) => Kind::CancellationFailed,
    };
    let event_id = format!("answer-{}", asked.event_id).into();
    sealed(Event { kind, event_id, ..asked.clone() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn granted_commands_apply_hold_their_amount_and_never_pass_what_is_left(
        profile: u8,
        choices in choices(),
        wanted in prop::collection::vec((0_usize..4, prop::option::of(1_i64..400), any::<Option<bool>>()), 1..12),
    ) {
        let mut payment = Payment::new("p1");
        for fact in history(profile, &choices) {
            checked(&mut payment, &fact);
        }
        for (number, (command, amount, answer)) in wanted.into_iter().enumerate() {
            let before = payment.sums;
            let Ok(granted) = order(&payment, Command::ALL[command], amount) else { continue };
            let fact = asked(number, &granted);
            prop_assert_eq!(checked(&mut payment, &fact).verdict, Verdict::Apply);

            let held = fact.money.map_or(0, |money| money.amount_minor);
            let (left, left_before) = match fact.kind {
                EventKind::RefundRequested => (payment.sums.refundable(), before.refundable()),
                EventKind::CancellationRequested => (0, 0),
                _ => (payment.sums.capturable(), before.capturable()),
            };
            prop_assert_eq!(left, left_before - held, "the amount is held");
            prop_assert!(left >= 0, "never more than what is left");

            if let Some(success) = answer {
                let judgement = checked(&mut payment, &answered(&fact, success));
                prop_assert_eq!(judgement.verdict, Verdict::Apply, "{}", judgement.reason);
                let sums = payment.sums;
                let now = match fact.kind {
                    EventKind::RefundRequested => sums.refundable(),
                    EventKind::CancellationRequested => 0,
                    _ => sums.capturable(),
                };
                // What its failure sets free may be taken at once by facts that waited for it.
                if judgement.rejudged.is_empty() {
                    prop_assert_eq!(now, if success { left } else { left_before }, "a failure lets go of it");
                }
            }
        }
    }
}
