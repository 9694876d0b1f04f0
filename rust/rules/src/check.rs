//! The static check: every name exists, every operator applies, the whole is a bool and its cost is bounded.

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, Expr, IdedExpr, ListExpr, LiteralValue, SelectExpr, operators};

use crate::field::Field;
use crate::parse::{Fault, Parsed};
use crate::source::Caps;
use crate::types::{
    FUNCTIONS, Function, Scalar, Style, Type, arithmetic, is_operator, left_out, operands_of, symbol,
};

/// What a checked condition may cost; `cost` bounds the work of one evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    nodes: usize,
    depth: usize,
    pub(crate) cost: usize,
}

/// Checks a parsed condition and says what it costs, or everything that is wrong with it.
pub(crate) fn check(parsed: &Parsed, caps: &Caps) -> Result<Size, Vec<Fault>> {
    let mut size = Size::default();
    measure(&parsed.root, 1, &mut size);
    let over = [
        ("nodes", size.nodes, caps.nodes_max),
        ("levels of nesting", size.depth, caps.depth_max),
        ("units of cost", size.cost, caps.cost_max),
    ];
    if let Some((what, have, most)) = over.into_iter().find(|(_, have, most)| have > most) {
        let message = format!("condition: {have} {what}; at most {most} are allowed; split the rule");
        return Err(vec![Fault { line: 1, column: 1, message }]);
    }
    let mut checker = Checker { parsed, caps, faults: Vec::new(), reads: false };
    let type_ = checker.type_of(&parsed.root);
    match type_ {
        Some(Type::One(Scalar::Bool)) if !checker.reads => checker.fault(
            &parsed.root,
            "condition: always the same, it reads no field; compare a field of event, payment or before"
                .to_owned(),
        ),
        Some(Type::One(Scalar::Bool)) | None => {}
        Some(other) => checker.fault(
            &parsed.root,
            format!("condition: of type {other}, and has to be bool; compare it with a value"),
        ),
    }
    if checker.faults.is_empty() { Ok(size) } else { Err(checker.faults) }
}

/// The expressions directly inside another.
pub(crate) fn children(expr: &Expr) -> Vec<&IdedExpr> {
    match expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Select(select) => vec![&select.operand],
        _ => Vec::new(),
    }
}

/// Adds up nodes and cost. The weights follow measurements of the interpreter: a unit is some 20 to 50 ns.
fn measure(expr: &IdedExpr, depth: usize, size: &mut Size) {
    size.nodes += 1;
    size.depth = size.depth.max(depth);
    size.cost += match &expr.expr {
        Expr::Call(call) => match call.func_name.as_str() {
            operators::LOGICAL_AND | operators::LOGICAL_OR | operators::EQUALS | operators::NOT_EQUALS => 1,
            operators::ADD
            | operators::SUBSTRACT
            | operators::MULTIPLY
            | operators::DIVIDE
            | operators::MODULO => 2,
            _ => 6,
        },
        _ => 1,
    };
    for child in children(&expr.expr) {
        measure(child, depth + 1, size);
    }
}

struct Checker<'a> {
    parsed: &'a Parsed,
    caps: &'a Caps,
    faults: Vec<Fault>,
    /// Whether any field was read.
    reads: bool,
}

impl Checker<'_> {
    fn fault(&mut self, expr: &IdedExpr, message: String) {
        self.faults.push(self.parsed.fault(expr, message));
    }

    /// The type of an expression, or nothing where a fault was noted in it.
    fn type_of(&mut self, expr: &IdedExpr) -> Option<Type> {
        let checked = match &expr.expr {
            Expr::Literal(literal) => type_of_literal(literal),
            Expr::Ident(name) => Field::variable(name).map(|field| self.read(field)),
            Expr::Select(select) => return self.type_of_select(expr, select),
            Expr::List(list) => return self.type_of_list(expr, list),
            Expr::Call(call) => return self.type_of_call(expr, call),
            Expr::Map(_) | Expr::Struct(_) => {
                Err("conditions build no maps or messages; compare fields one by one".to_owned())
            }
            Expr::Comprehension(_) | Expr::Unspecified => {
                Err("this part of CEL is not available in conditions".to_owned())
            }
        };
        checked.map_err(|message| self.fault(expr, message)).ok()
    }

    fn read(&mut self, field: Field) -> Type {
        self.reads = true;
        Type::One(field.scalar())
    }

    fn type_of_select(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Option<Type> {
        let Expr::Ident(variable) = &select.operand.expr else {
            let message =
                format!("{}: only event, payment and before have fields; write event.<field>", select.field);
            self.fault(expr, message);
            return None;
        };
        let at = if Field::is_variable(variable) { expr } else { &select.operand };
        match Field::member(variable, &select.field) {
            Ok(field) => Some(self.read(field)),
            Err(message) => {
                self.fault(at, message);
                None
            }
        }
    }

    fn type_of_list(&mut self, expr: &IdedExpr, list: &ListExpr) -> Option<Type> {
        if list.elements.is_empty() {
            self.fault(expr, "[]: nothing is in an empty list; name at least one value".to_owned());
            return None;
        }
        if list.elements.len() > self.caps.list_elements_max {
            let message = format!(
                "list: {} elements; at most {} are allowed",
                list.elements.len(),
                self.caps.list_elements_max
            );
            self.fault(expr, message);
            return None;
        }
        let mut element_type = None;
        for element in &list.elements {
            match (self.type_of(element)?, element_type) {
                (Type::One(scalar), None) => element_type = Some(scalar),
                (Type::One(scalar), Some(first)) if scalar == first => {}
                (other, _) => {
                    self.fault(
                        element,
                        format!("list: this element is {other}; all have to be of the first one's type"),
                    );
                    return None;
                }
            }
        }
        element_type.map(Type::List)
    }

    fn type_of_call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<Type> {
        if let Some(instead) = left_out(&call.func_name) {
            self.fault(
                expr,
                format!("{} is not available in conditions: {instead}", symbol(&call.func_name)),
            );
            return None;
        }
        // A qualified name before the call, as in optional.of(1), is read as a target and refused by its name.
        let operands: Vec<&IdedExpr> = children(&expr.expr);
        let types: Vec<Option<Type>> = operands.iter().map(|operand| self.type_of(operand)).collect();
        let types: Vec<Type> = types.into_iter().collect::<Option<_>>()?;
        if is_operator(&call.func_name) {
            return self.type_of_operator(expr, call, &operands, &types);
        }
        match find_function(call, &types) {
            Ok(function) if function.literal && !matches!(operands[0].expr, Expr::Literal(_)) => {
                self.fault(
                    expr,
                    format!("{}: takes a literal, such as {}(\"...\")", call.func_name, call.func_name),
                );
                None
            }
            Ok(function) => Some(Type::One(function.result)),
            Err(message) => {
                self.fault(expr, message);
                None
            }
        }
    }

    /// The type of an operator's result, or nothing where it does not apply.
    fn type_of_operator(
        &mut self,
        expr: &IdedExpr,
        call: &CallExpr,
        operands: &[&IdedExpr],
        types: &[Type],
    ) -> Option<Type> {
        use Scalar::{Bool, Duration, Int, Text, Timestamp};
        use Type::{List, One};
        let result = match (call.func_name.as_str(), types) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [One(Bool), One(Bool)])
            | (operators::LOGICAL_NOT, [One(Bool)]) => Some(One(Bool)),
            (operators::CONDITIONAL, [One(Bool), One(then), One(otherwise)]) if then == otherwise => {
                Some(One(*then))
            }
            (operators::EQUALS | operators::NOT_EQUALS, [One(left), One(right)]) if left == right => {
                Some(One(Bool))
            }
            (operators::IN, [One(left), List(element)]) if left == element => Some(One(Bool)),
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [One(left @ (Int | Text | Timestamp | Duration)), One(right)],
            ) if left == right => Some(One(Bool)),
            (operators::NEGATE, [One(Int)]) => Some(One(Int)),
            (name, [One(left), One(right)]) => arithmetic(name, *left, *right).map(One),
            _ => None,
        };
        if result.is_some() {
            self.check_words(operands);
            return result;
        }
        let have: Vec<String> = types.iter().map(ToString::to_string).collect();
        let symbol = symbol(&call.func_name);
        self.fault(
            expr,
            format!("{symbol} does not apply to {}; {}", have.join(" and "), operands_of(&call.func_name)),
        );
        None
    }

    /// Refuses a comparison of a field that holds one of a few words with any other word.
    fn check_words(&mut self, operands: &[&IdedExpr]) {
        let Some((field, words)) = operands
            .iter()
            .filter_map(|operand| field_of(operand))
            .find_map(|field| Some((field, field.words()?)))
        else {
            return;
        };
        let listed = operands.iter().flat_map(|operand| match &operand.expr {
            Expr::List(list) => list.elements.iter().collect(),
            _ => vec![*operand],
        });
        for literal in listed {
            if let Some(word) = text_of(literal)
                && !word.is_empty()
                && !words.contains(&word)
            {
                let path = field.path();
                self.fault(literal, format!("{path}: is never {word:?}; it is one of {}", words.join(", ")));
            }
        }
    }
}

/// The field that an expression reads, where it does nothing else.
pub(crate) fn field_of(expr: &IdedExpr) -> Option<Field> {
    match &expr.expr {
        Expr::Ident(name) => Field::variable(name).ok(),
        Expr::Select(select) => match &select.operand.expr {
            Expr::Ident(variable) => Field::member(variable, &select.field).ok(),
            _ => None,
        },
        _ => None,
    }
}

/// The text of a text literal.
pub(crate) fn text_of(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

fn type_of_literal(literal: &LiteralValue) -> Result<Type, String> {
    match literal {
        LiteralValue::Boolean(_) => Ok(Type::One(Scalar::Bool)),
        LiteralValue::Int(_) => Ok(Type::One(Scalar::Int)),
        LiteralValue::String(_) => Ok(Type::One(Scalar::Text)),
        LiteralValue::Double(_) => Err("a fraction: money is integer minor units; write 150 for 1.50 at exponent 2, and x * 100 > y * 80 for a share".to_owned()),
        LiteralValue::UInt(_) => Err("an unsigned number; write it without the u".to_owned()),
        LiteralValue::Null => Err("null: no field is ever null; absent text is \"\" and an absent number 0".to_owned()),
        LiteralValue::Bytes(_) => Err("bytes: no field holds bytes; write text".to_owned()),
    }
}

fn find_function(call: &CallExpr, types: &[Type]) -> Result<&'static Function, String> {
    let style = if call.target.is_some() { Style::Member } else { Style::Global };
    let mut overloads = FUNCTIONS.iter().filter(|function| function.name == call.func_name).peekable();
    if overloads.peek().is_none() {
        let known: BTreeSet<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
        let known: Vec<&str> = known.into_iter().collect();
        return Err(format!("{}: no such function; there are {}", call.func_name, known.join(", ")));
    }
    let applies = |function: &&Function| {
        function.style == style
            && function.arguments.len() == types.len()
            && function.arguments.iter().zip(types).all(|(want, have)| *have == Type::One(*want))
    };
    overloads.find(applies).ok_or_else(|| {
        let have: Vec<String> = types.iter().map(ToString::to_string).collect();
        format!("{}: does not apply to ({}); {}", call.func_name, have.join(", "), usages(&call.func_name))
    })
}

fn usages(name: &str) -> String {
    let spelled = FUNCTIONS.iter().filter(|function| function.name == name).map(|function| {
        let arguments: Vec<String> = function.arguments.iter().map(ToString::to_string).collect();
        match function.style {
            Style::Global => format!("{name}({})", arguments.join(", ")),
            Style::Member => format!("{}.{name}({})", arguments[0], arguments[1..].join(", ")),
        }
    });
    format!("write {}", spelled.collect::<Vec<_>>().join(" or "))
}
