//! One thing that is not as the trail says, in words for people and with a slug for programs.

use std::fmt::Display;

/// A difference: which proof failed, on which payment, where, what should be there and what is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub check: &'static str,
    pub payment_id: Box<str>,
    /// The row of the trail that shows it, where there is one.
    pub audit_id: Option<i64>,
    pub subject: String,
    pub expected: String,
    pub found: String,
}

/// Collects differences: all are counted, the first ones are kept.
pub struct Findings {
    pub kept: Vec<Difference>,
    pub total: usize,
    limit: usize,
}

impl Findings {
    pub fn new(limit: usize) -> Self {
        Self { kept: Vec::new(), total: 0, limit }
    }

    pub fn add(
        &mut self,
        check: &'static str,
        payment_id: &str,
        audit_id: Option<i64>,
        subject: impl Into<String>,
        expected: impl Display,
        found: impl Display,
    ) {
        self.total += 1;
        if self.kept.len() < self.limit {
            self.kept.push(Difference {
                check,
                payment_id: payment_id.into(),
                audit_id,
                subject: subject.into(),
                expected: expected.to_string(),
                found: found.to_string(),
            });
        }
    }
}

/// Text for a value that may be absent.
pub fn or_none(value: Option<impl Display>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}
