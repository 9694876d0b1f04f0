//! The order of ranks inside each kind of operation, and how two ranks merge (PAYMENTS 1.1).
//!
//! A rank only climbs. Merging is `max` for every kind but the dispute case, whose rank packs three things so that it
//! still grows as one number: the position `(stage, level)` in the high bits, and below them the end of each stage.
//!
//! ```text
//! bit 15..14  stage   inquiry 0, chargeback 1, pre_arbitration 2, arbitration 3
//! bit 13..12  level   opened 0, under_review 1, ended 2
//! bit 11..0   ends    three bits a stage: none 0, won 1, lost 2, accepted 3, expired 4, withdrawn 5
//! ```

use std::borrow::Cow;

use crate::event::{Dispute, DisputeStage, DisputeStatus};
use crate::payment::OperationKind;

/// Ranks of an authorization: a late success overrides a failure.
pub mod authorization {
    /// We asked for it.
    pub const REQUESTED: i32 = 1;
    /// The provider is working on it.
    pub const PENDING: i32 = 2;
    /// We asked and do not know the answer.
    pub const UNKNOWN: i32 = 3;
    /// Declined, for now.
    pub const FAILED: i32 = 4;
    /// Granted.
    pub const SUCCEEDED: i32 = 5;
}

/// Ranks of a capture, a refund, a release or a cancellation: a late failure undoes a success.
pub mod movement {
    /// We asked for it; the amount is held.
    pub const REQUESTED: i32 = 1;
    /// The provider is working on it; the amount is held.
    pub const PENDING: i32 = 2;
    /// We asked and do not know the answer; the amount is held.
    pub const UNKNOWN: i32 = 3;
    /// It took effect.
    pub const SUCCEEDED: i32 = 4;
    /// It did not take effect, or was undone.
    pub const FAILED: i32 = 5;
}

/// The only rank of adjustments, dispute movements and intents: somebody stated it.
pub const STATED: i32 = 1;

const ENDS_BITS: u32 = 12;
const END_BITS: u32 = 3;
const ENDED: i32 = 2;

/// The rank that one report about a dispute case amounts to.
pub const fn dispute_rank(dispute: Dispute) -> i32 {
    let (level, end) = match dispute.status {
        DisputeStatus::Opened => (0, 0),
        DisputeStatus::UnderReview => (1, 0),
        DisputeStatus::Won => (ENDED, 1),
        DisputeStatus::Lost => (ENDED, 2),
        DisputeStatus::Accepted => (ENDED, 3),
        DisputeStatus::Expired => (ENDED, 4),
        DisputeStatus::Withdrawn => (ENDED, 5),
    };
    let stage = dispute.stage as i32;
    (stage << 14) | (level << 12) | (end << (END_BITS * stage as u32))
}

/// Where a dispute case stands: its highest stage, and its status inside that stage.
pub const fn dispute_position(rank: i32) -> Dispute {
    let (stage, stage_number) = match (rank >> 14) & 0b11 {
        0 => (DisputeStage::Inquiry, 0),
        1 => (DisputeStage::Chargeback, 1),
        2 => (DisputeStage::PreArbitration, 2),
        _ => (DisputeStage::Arbitration, 3),
    };
    let status = match ((rank >> 12) & 0b11, end_of(rank, stage_number)) {
        (0, _) => DisputeStatus::Opened,
        (1, _) => DisputeStatus::UnderReview,
        (_, 1) => DisputeStatus::Won,
        (_, 2) => DisputeStatus::Lost,
        (_, 3) => DisputeStatus::Accepted,
        (_, 4) => DisputeStatus::Expired,
        _ => DisputeStatus::Withdrawn,
    };
    Dispute { stage, status }
}

/// Whether two dispute ranks name different ends for the same stage.
pub(crate) const fn ends_contradict(left: i32, right: i32) -> bool {
    let mut stage = 0;
    while stage < 4 {
        let (one, other) = (end_of(left, stage), end_of(right, stage));
        if one != 0 && other != 0 && one != other {
            return true;
        }
        stage += 1;
    }
    false
}

/// The least rank that is as high as both: commutative, associative, idempotent.
/// Dispute ranks that contradict each other have no such rank; the caller has excluded them.
pub(crate) fn join(kind: OperationKind, left: i32, right: i32) -> i32 {
    if kind != OperationKind::Dispute {
        return left.max(right);
    }
    let ends = (left | right) & ((1 << ENDS_BITS) - 1);
    let position = (left >> ENDS_BITS).max(right >> ENDS_BITS);
    (position << ENDS_BITS) | ends
}

/// Whether the joined rank moved the case itself, and did not merely fill in the end of an earlier stage.
pub(crate) const fn dispute_moved(before: i32, joined: i32) -> bool {
    joined >> ENDS_BITS > before >> ENDS_BITS
}

const fn end_of(rank: i32, stage: u32) -> i32 {
    (rank >> (END_BITS * stage)) & 0b111
}

/// The name of a rank for people: `succeeded`, `chargeback/won`.
pub fn rank_name(kind: OperationKind, rank: i32) -> Cow<'static, str> {
    use OperationKind as Kind;
    let name = match kind {
        Kind::Authorization => match rank {
            authorization::REQUESTED => "requested",
            authorization::PENDING => "pending",
            authorization::UNKNOWN => "unknown",
            authorization::FAILED => "failed",
            authorization::SUCCEEDED => "succeeded",
            _ => "invalid",
        },
        Kind::Capture | Kind::Refund | Kind::Release | Kind::Cancellation => match rank {
            movement::REQUESTED => "requested",
            movement::PENDING => "pending",
            movement::UNKNOWN => "unknown",
            movement::SUCCEEDED => "succeeded",
            movement::FAILED => "failed",
            _ => "invalid",
        },
        Kind::Adjustment | Kind::DisputeWithdrawal | Kind::DisputeReinstatement => "succeeded",
        Kind::Intent => "stated",
        Kind::Dispute => {
            let Dispute { stage, status } = dispute_position(rank);
            return Cow::Owned(format!("{stage}/{status}"));
        }
    };
    Cow::Borrowed(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_position() -> impl Iterator<Item = Dispute> {
        DisputeStage::ALL
            .iter()
            .flat_map(|&stage| DisputeStatus::ALL.iter().map(move |&status| Dispute { stage, status }))
    }

    #[test]
    fn every_dispute_position_survives_packing() {
        for dispute in every_position() {
            assert_eq!(dispute_position(dispute_rank(dispute)), dispute);
        }
    }

    #[test]
    fn dispute_ranks_order_by_stage_then_level() {
        for left in every_position() {
            for right in every_position() {
                let level = |status| (status as u8).min(DisputeStatus::Won as u8);
                let expected = (left.stage, level(left.status)).cmp(&(right.stage, level(right.status)));
                let found = (dispute_rank(left) >> ENDS_BITS).cmp(&(dispute_rank(right) >> ENDS_BITS));
                assert_eq!(found, expected, "{left:?} against {right:?}");
            }
        }
    }

    #[test]
    fn joining_dispute_ranks_never_lowers_and_is_a_lattice_join() {
        let kind = OperationKind::Dispute;
        for left in every_position().map(dispute_rank) {
            assert_eq!(join(kind, left, left), left);
            for right in every_position().map(dispute_rank) {
                if ends_contradict(left, right) {
                    continue;
                }
                let joined = join(kind, left, right);
                assert!(joined >= left && joined >= right);
                assert_eq!(joined, join(kind, right, left));
                assert_eq!(join(kind, joined, right), joined);
            }
        }
    }

    #[test]
    fn two_ends_of_one_stage_contradict_even_when_a_later_stage_began() {
        let at = |stage, status| dispute_rank(Dispute { stage, status });
        let won = at(DisputeStage::Chargeback, DisputeStatus::Won);
        let later = join(OperationKind::Dispute, won, at(DisputeStage::Arbitration, DisputeStatus::Lost));
        assert!(ends_contradict(later, at(DisputeStage::Chargeback, DisputeStatus::Lost)));
        assert!(!ends_contradict(later, won));
        assert!(!ends_contradict(later, at(DisputeStage::PreArbitration, DisputeStatus::Lost)));
    }

    #[test]
    fn ranks_have_the_names_that_people_use() {
        assert_eq!(rank_name(OperationKind::Authorization, authorization::SUCCEEDED), "succeeded");
        assert_eq!(rank_name(OperationKind::Capture, movement::FAILED), "failed");
        let won = dispute_rank(Dispute { stage: DisputeStage::Chargeback, status: DisputeStatus::Won });
        assert_eq!(rank_name(OperationKind::Dispute, won), "chargeback/won");
    }
}
