//! How many deliveries may still be received, when somebody holds the intake to a rate.

use crate::wire::BATCH_MAX;

/// What one receive may bring, and whether that was paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Deliveries to ask for, 1 to 10.
    pub size: usize,
    /// The meter that paid; None if nobody counted.
    meter: Option<u64>,
}

/// Unlimited until it is first given a number.
#[derive(Debug, Default)]
pub struct Allowance {
    left: Option<u64>,
    /// Which meter runs: what an earlier one paid for is not given back to this one.
    meter: u64,
}

impl Allowance {
    /// Allows `more` deliveries beyond what is left; None ends the count. The first number begins it from nothing.
    pub fn allow(&mut self, more: Option<u64>) {
        self.meter += u64::from(self.left.is_some() != more.is_some());
        self.left = more.map(|more| self.left.unwrap_or(0).saturating_add(more));
    }

    /// What is left; None while nobody counts.
    pub fn left(&self) -> Option<u64> {
        self.left
    }

    /// Takes what one receive may bring. None if nothing is left.
    pub fn take(&mut self) -> Option<Share> {
        let Some(left) = self.left else { return Some(Share { size: BATCH_MAX, meter: None }) };
        let size = BATCH_MAX.min(usize::try_from(left).unwrap_or(BATCH_MAX));
        self.left = Some(left - size as u64);
        (size > 0).then_some(Share { size, meter: Some(self.meter) })
    }

    /// Takes back what a receive did not bring. True if there is more to be had now.
    pub fn give_back(&mut self, share: Share, received: usize) -> bool {
        let unused = share.size.saturating_sub(received) as u64;
        let Some(left) = self.left.as_mut().filter(|_| unused > 0 && share.meter == Some(self.meter)) else {
            return false;
        };
        *left += unused;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Allowance;

    #[test]
    fn nobody_counts_until_somebody_begins() {
        let mut allowance = Allowance::default();
        assert_eq!(allowance.take().map(|share| share.size), Some(10));
        assert_eq!(allowance.left(), None);
        allowance.allow(Some(0));
        assert_eq!((allowance.left(), allowance.take()), (Some(0), None));
        allowance.allow(None);
        assert_eq!(allowance.take().map(|share| share.size), Some(10));
    }

    #[test]
    fn receives_take_ten_or_what_is_left_and_give_back_what_they_did_not_bring() {
        let mut allowance = Allowance::default();
        allowance.allow(Some(13));
        let (first, second) = (allowance.take().unwrap(), allowance.take().unwrap());
        assert_eq!((first.size, second.size, allowance.take()), (10, 3, None));
        assert!(allowance.give_back(first, 4));
        assert!(!allowance.give_back(second, 3), "all of it was used");
        assert_eq!(allowance.left(), Some(6));
        allowance.allow(Some(2));
        assert_eq!(allowance.left(), Some(8));
    }

    #[test]
    fn what_another_meter_paid_for_does_not_come_back() {
        let mut allowance = Allowance::default();
        let unpaid = allowance.take().unwrap();
        allowance.allow(Some(5));
        let paid = allowance.take().unwrap();
        assert!(!allowance.give_back(unpaid, 0));
        allowance.allow(None);
        allowance.allow(Some(0));
        assert!(!allowance.give_back(paid, 0));
        assert_eq!(allowance.left(), Some(0));
    }
}
