//! Durations counted between fixed bounds: cheap to add to, read by whoever asks for metrics.

use std::time::Duration;

use crate::counters::Counter;

/// Bounds of lags, in seconds: the smallest is what an answer over loopback takes.
pub const LAG_BOUNDS_S: [f64; 20] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
    1800.0, 7200.0, 86400.0,
];

/// Bounds of what is left of a visibility timeout, in seconds; half of 30 is where most of them are.
pub const MARGIN_BOUNDS_S: [f64; 13] =
    [0.0, 0.25, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0, 12.5, 14.0, 15.0, 30.0, 300.0];

/// A histogram that any thread may add to.
pub struct Histogram {
    bounds_s: &'static [f64],
    counts: Vec<Counter>,
    sum_us: Counter,
}

/// What a histogram holds at one moment.
#[derive(Debug, PartialEq)]
pub struct Counted {
    /// Ascending bounds, in seconds.
    pub bounds_s: &'static [f64],
    /// How many values are at most each bound; one more at the end counts all of them.
    pub counts: Vec<u64>,
    /// All values added up, in seconds.
    pub sum_s: f64,
}

impl Histogram {
    /// An empty histogram; what is greater than the last bound is counted too.
    pub fn new(bounds_s: &'static [f64]) -> Self {
        let counts = (0..=bounds_s.len()).map(|_| Counter::default()).collect();
        Self { bounds_s, counts, sum_us: Counter::default() }
    }

    /// Counts one value.
    pub fn record(&self, value: Duration) {
        let value_s = value.as_secs_f64();
        self.counts[self.bounds_s.partition_point(|bound_s| *bound_s < value_s)].add(1);
        self.sum_us.add(value.as_micros() as u64);
    }

    /// What was counted so far.
    pub fn read(&self) -> Counted {
        let mut sum = 0;
        let counts = self.counts.iter().map(|count| {
            sum += count.get();
            sum
        });
        Counted { bounds_s: self.bounds_s, counts: counts.collect(), sum_s: self.sum_us.get() as f64 / 1e6 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, Duration, Histogram};

    #[test]
    fn a_value_is_counted_at_every_bound_that_it_does_not_exceed() {
        const BOUNDS_S: &[f64] = &[0.001, 0.01];
        let histogram = Histogram::new(BOUNDS_S);
        for value_ms in [1, 2, 10, 11] {
            histogram.record(Duration::from_millis(value_ms));
        }
        assert_eq!(histogram.read(), Counted { bounds_s: BOUNDS_S, counts: vec![1, 3, 4], sum_s: 0.024 });
    }
}
