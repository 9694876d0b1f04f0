//! From text to a syntax tree with positions, under the caps on text.

use cel::Env;
use cel::common::ast::{Expr, IdedExpr, SourceInfo};

use crate::source::Caps;

/// One slip makes the parser complain several times; the first few say all.
const SYNTAX_FAULTS_MAX: usize = 4;
/// The parser repeats input in its messages.
const MESSAGE_CHARACTERS_MAX: usize = 200;

/// Something wrong with a condition, at a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// From 1.
    pub(crate) line: u32,
    /// In characters, from 1.
    pub(crate) column: u32,
    pub(crate) message: String,
}

/// A parsed condition.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) root: IdedExpr,
    positions: SourceInfo,
}

impl Parsed {
    /// A fault at the token that `expr` begins with, or at its operator where it has one.
    pub(crate) fn fault(&self, expr: &IdedExpr, message: String) -> Fault {
        let offset = self.positions.offset_for(expr.id).map_or(0, |(start, _)| start as usize);
        // The token of a selection is its dot; a reader looks for the name behind it.
        let offset = offset + usize::from(matches!(expr.expr, Expr::Select(_)));
        let source = self.positions.source.as_str();
        let before = source.get(..offset).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&character| character != '\n').count() + 1;
        Fault { line: line as u32, column: column as u32, message }
    }
}

/// Parses a condition. Its text is bounded first: the parser's work and stack grow with it.
pub(crate) fn parse(env: &Env, condition: &str, caps: &Caps) -> Result<Parsed, Vec<Fault>> {
    let at_start = |message| vec![Fault { line: 1, column: 1, message }];
    if condition.trim().is_empty() {
        return Err(at_start(
            "condition: empty; write a CEL expression such as verdict == \"conflict\"".to_owned(),
        ));
    }
    if condition.len() > caps.condition_bytes_max {
        return Err(at_start(format!(
            "condition: {} bytes; at most {} are allowed; split the rule",
            condition.len(),
            caps.condition_bytes_max
        )));
    }
    let nesting_max = u16::try_from(caps.depth_max).unwrap_or(u16::MAX);
    let parsed = env.parser().max_recursion_depth(nesting_max).parse_with_source_info(condition);
    parsed.map(|(root, positions)| Parsed { root, positions }).map_err(|refused| {
        let faults = refused.errors.into_iter().take(SYNTAX_FAULTS_MAX).map(|error| Fault {
            line: error.pos.0.max(1) as u32,
            column: error.pos.1.max(1) as u32,
            message: in_plain_words(&error.msg, caps),
        });
        faults.collect()
    })
}

/// The parser's message without the token names and debug output of the grammar behind it.
fn in_plain_words(message: &str, caps: &Caps) -> String {
    if message.contains("Recursion limit") {
        return format!(
            "condition: nested deeper than {}; use fewer brackets or split the rule",
            caps.depth_max
        );
    }
    let (what, _expected) = message.split_once(" expecting ").unwrap_or((message, ""));
    what.replace("Syntax error: ", "syntax: ")
        .replace("mismatched input", "unexpected")
        .replace("extraneous input", "unexpected")
        .replace("'<EOF>'", "end of the condition")
        .chars()
        .take(MESSAGE_CHARACTERS_MAX)
        .collect()
}
