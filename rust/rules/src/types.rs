//! Static types, and the operators and functions that conditions may use.

use std::fmt;

use cel::common::ast::operators;

/// The type of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    Int,
    Text,
    Timestamp,
    Duration,
}

/// The type of an expression. A list only ever stands on the right of `in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    One(Scalar),
    List(Scalar),
}

impl fmt::Display for Scalar {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text => "string",
            Self::Timestamp => "timestamp",
            Self::Duration => "duration",
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(scalar) => scalar.fmt(out),
            Self::List(element) => write!(out, "list({element})"),
        }
    }
}

/// Where a call's arguments have to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `f(x)`
    Global,
    /// `x.f(y)`; `x` is the first argument.
    Member,
}

/// One overload of a function that conditions may call.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    pub(crate) arguments: &'static [Scalar],
    pub(crate) result: Scalar,
    /// Whether the arguments have to be literals, so that the call is made once, when the rule is compiled.
    pub(crate) literal: bool,
}

const fn member(name: &'static str, arguments: &'static [Scalar], result: Scalar) -> Function {
    Function { name, style: Style::Member, arguments, result, literal: false }
}

const fn conversion(name: &'static str, result: Scalar) -> Function {
    Function { name, style: Style::Global, arguments: &[Scalar::Text], result, literal: true }
}

/// Every function that conditions may call. Each costs time linear in the length of its arguments at most.
pub(crate) static FUNCTIONS: [Function; 18] = [
    member("contains", &[Scalar::Text, Scalar::Text], Scalar::Bool),
    member("startsWith", &[Scalar::Text, Scalar::Text], Scalar::Bool),
    member("endsWith", &[Scalar::Text, Scalar::Text], Scalar::Bool),
    member("size", &[Scalar::Text], Scalar::Int),
    Function {
        name: "size",
        style: Style::Global,
        arguments: &[Scalar::Text],
        result: Scalar::Int,
        literal: false,
    },
    conversion("timestamp", Scalar::Timestamp),
    conversion("duration", Scalar::Duration),
    member("getFullYear", &[Scalar::Timestamp], Scalar::Int),
    member("getMonth", &[Scalar::Timestamp], Scalar::Int),
    member("getDate", &[Scalar::Timestamp], Scalar::Int),
    member("getDayOfMonth", &[Scalar::Timestamp], Scalar::Int),
    member("getDayOfWeek", &[Scalar::Timestamp], Scalar::Int),
    member("getDayOfYear", &[Scalar::Timestamp], Scalar::Int),
    member("getHours", &[Scalar::Timestamp], Scalar::Int),
    member("getMinutes", &[Scalar::Timestamp], Scalar::Int),
    member("getHours", &[Scalar::Duration], Scalar::Int),
    member("getMinutes", &[Scalar::Duration], Scalar::Int),
    member("getSeconds", &[Scalar::Duration], Scalar::Int),
];

/// What to write instead of parts of CEL that conditions do without.
pub(crate) fn left_out(function: &str) -> Option<&'static str> {
    match function {
        "has" => Some("every field always has a value; compare it with \"\" or 0"),
        "all" | "exists" | "exists_one" | "map" | "filter" => Some(
            "the facts hold no lists to run over; write x in [a, b] or spell the cases out with && and ||",
        ),
        "matches" => Some(
            "a regular expression's cost is not bounded by its length; use startsWith, endsWith or contains",
        ),
        "double" | "uint" | "bytes" | "string" | "int" | "bool" | "dyn" | "type" => Some(
            "conditions do not convert types; compare values of one type, amounts as integer minor units",
        ),
        operators::INDEX => Some("conditions do not index; write event.<field> or x in [a, b]"),
        _ => None,
    }
}

/// How a condition spells an operator.
pub(crate) fn symbol(operator: &str) -> &str {
    match operator {
        operators::LOGICAL_AND => "&&",
        operators::LOGICAL_OR => "||",
        operators::LOGICAL_NOT => "!",
        operators::CONDITIONAL => "? :",
        operators::EQUALS => "==",
        operators::NOT_EQUALS => "!=",
        operators::LESS => "<",
        operators::LESS_EQUALS => "<=",
        operators::GREATER => ">",
        operators::GREATER_EQUALS => ">=",
        operators::ADD => "+",
        operators::SUBSTRACT | operators::NEGATE => "-",
        operators::MULTIPLY => "*",
        operators::DIVIDE => "/",
        operators::MODULO => "%",
        operators::IN => "in",
        operators::INDEX => "[ ]",
        name => name,
    }
}

/// Whether a call is an operator rather than a function: functions are called as they are spelled.
pub(crate) fn is_operator(name: &str) -> bool {
    symbol(name) != name
}

/// What an operator applies to, in words for the error.
pub(crate) fn operands_of(operator: &str) -> &'static str {
    match operator {
        operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT => {
            "it joins bools; compare first"
        }
        operators::CONDITIONAL => "write bool ? a : b with a and b of one type",
        operators::IN => "write x in [a, b] with all values of the type of x",
        operators::ADD | operators::SUBSTRACT => "it takes two ints, or timestamps and durations",
        operators::MULTIPLY | operators::DIVIDE | operators::MODULO => "it takes two ints",
        operators::NEGATE => "it takes an int",
        _ => "both sides have to be of one type",
    }
}

/// The type of `left operator right` where `operator` computes, or nothing where it does not apply.
pub(crate) fn arithmetic(operator: &str, left: Scalar, right: Scalar) -> Option<Scalar> {
    use Scalar::{Duration, Int, Timestamp};
    match (operator, left, right) {
        (
            operators::ADD
            | operators::SUBSTRACT
            | operators::MULTIPLY
            | operators::DIVIDE
            | operators::MODULO,
            Int,
            Int,
        ) => Some(Int),
        (operators::ADD | operators::SUBSTRACT, Timestamp, Duration)
        | (operators::ADD, Duration, Timestamp) => Some(Timestamp),
        (operators::ADD | operators::SUBSTRACT, Duration, Duration)
        | (operators::SUBSTRACT, Timestamp, Timestamp) => Some(Duration),
        _ => None,
    }
}
