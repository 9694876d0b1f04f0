//! What goes into a rule set, and what is said when it is refused.

use std::fmt;
use std::str::FromStr;

/// How urgent an alert of the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Severity {
    Info,
    Warning,
    High,
    Critical,
}

impl Severity {
    /// The name as stored in `rules` and `alerts`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "info" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "high" => Ok(Self::High),
            "critical" => Ok(Self::Critical),
            _ => Err(format!("severity: {name:?} is not one of info, warning, high, critical")),
        }
    }
}

/// One version of one rule, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSource {
    /// Key of the row in `rules`; goes into the alert.
    pub rule_id: i64,
    /// Unique within a set; what errors and counters are called by.
    pub name: String,
    /// Version of the condition that this is.
    pub version: i32,
    /// Severity of the alerts that it raises.
    pub severity: Severity,
    /// CEL, of type bool.
    pub condition: String,
}

/// What bounds the work of compiling and evaluating rules. Each is checked before evaluation, never during.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Length of one condition in bytes; checked before it is parsed.
    pub condition_bytes_max: usize,
    /// Nodes of one condition's syntax tree, each list element included.
    pub nodes_max: usize,
    /// Nesting of one condition: of its text for the parser, then of its syntax tree.
    pub depth_max: usize,
    /// Elements of one list literal.
    pub list_elements_max: usize,
    /// Static cost of one condition, as docs/rules.md counts it.
    pub cost_max: usize,
    /// Static cost of all conditions of one set together: what one event can cost at most.
    pub set_cost_max: usize,
    /// Rules in one set.
    pub rules_max: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            condition_bytes_max: 4096,
            nodes_max: 512,
            depth_max: 24,
            list_elements_max: 256,
            cost_max: 1024,
            set_cost_max: 16_384,
            rules_max: 256,
        }
    }
}

/// Why a rule was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The rule at fault.
    pub rule_name: String,
    /// Line in the condition, from 1; 0 where the whole rule is at fault.
    pub line: u32,
    /// Column in characters, from 1; 0 where the whole rule is at fault.
    pub column: u32,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "rule {:?}", self.rule_name)?;
        if self.line > 0 {
            write!(out, ", line {}, column {}", self.line, self.column)?;
        }
        write!(out, ": {}", self.message)
    }
}

impl std::error::Error for RuleError {}
