//! Seeded disorder: what a standard queue may do to a list of messages.

use payflow_lifecycle::Event;

/// `SplitMix64`: small, seeded, the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % sides.max(1) as u64) as usize
    }

    /// Every event one to five times, in any order.
    pub fn deliveries(&mut self, facts: &[Event]) -> Vec<Event> {
        let mut deliveries: Vec<Event> = Vec::new();
        for fact in facts {
            let copies = 1 + self.roll(2) * self.roll(5);
            deliveries.extend(std::iter::repeat_n(fact.clone(), copies));
        }
        for position in (1..deliveries.len()).rev() {
            deliveries.swap(position, self.roll(position + 1));
        }
        deliveries
    }

    /// The deliveries cut into batches of one to eight.
    pub fn batches<'a>(&mut self, mut deliveries: &'a [Event]) -> Vec<&'a [Event]> {
        let mut batches = Vec::new();
        while !deliveries.is_empty() {
            let (batch, rest) = deliveries.split_at((1 + self.roll(8)).min(deliveries.len()));
            batches.push(batch);
            deliveries = rest;
        }
        batches
    }
}
