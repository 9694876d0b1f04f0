//! A source's policy is configuration, and may change under payments that used it.

use payflow_lifecycle::{Payment, Policies, SourcePolicy, judge};

use crate::script::parse;

fn allowing(overcapture_bps: u32) -> Policies {
    Policies::new(SourcePolicy { adjustable: true, overcapture_bps, retry_horizon_s: 259_200 })
}

fn reasons(payment: &mut Payment, policies: &Policies, facts: &[&str]) -> Vec<&'static str> {
    facts.iter().map(|fact| judge(payment, &parse(fact), policies).reason.as_str()).collect()
}

#[test]
fn a_tightened_overcapture_holds_up_captures_and_nothing_else() {
    let mut payment = Payment::new("p1");
    let generous = ["authorization.succeeded a1 100", "capture.succeeded c1 110"];
    assert_eq!(reasons(&mut payment, &allowing(1_500), &generous), ["payment_created", "applied"]);

    let after = ["refund.succeeded r1 30", "dispute.funds_withdrawn w1 5", "capture.succeeded c2 1"];
    let expected = ["applied", "applied", "capture_exceeds_authorized"];
    assert_eq!(reasons(&mut payment, &allowing(0), &after), expected);
    assert_eq!(payment.sums.overcapture_allowance, 10, "what is in use stays granted");
    assert_eq!(payment.sums.violates(), None);

    assert_eq!(reasons(&mut payment, &allowing(0), &["capture.failed c1 110"]), ["success_reversed"]);
    assert_eq!(
        (payment.sums.captured, payment.sums.overcapture_allowance),
        (1, 0),
        "the parked capture fits now"
    );
}
