//! Rewrites a checked condition for speed: fields and constants become slots, found by number instead of by name.
//!
//! The interpreter looks an identifier up through one call, and a selection through several allocations; it builds a
//! list anew at each evaluation. So each field read becomes an identifier of one character that encodes its slot, and
//! each constant part is evaluated once, here. An identifier that a condition can spell is ASCII; no slot is.

use cel::common::ast::{CallExpr, Expr, IdedExpr};
use cel::common::value::Val;
use cel::{Context, Value};

use crate::check::{children, field_of};
use crate::field::Field;
use crate::parse::{Fault, Parsed};

const FIELD_BASE: u32 = 0x100;
const CONSTANT_BASE: u32 = 0x1_0000;

/// What an identifier of a lowered condition stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Field(usize),
    Constant(usize),
}

impl Slot {
    pub(crate) fn of(identifier: &str) -> Option<Self> {
        match u32::from(identifier.chars().next()?) {
            code if code >= CONSTANT_BASE => Some(Self::Constant((code - CONSTANT_BASE) as usize)),
            code if code >= FIELD_BASE => Some(Self::Field((code - FIELD_BASE) as usize)),
            _ => None,
        }
    }

    fn identifier(self) -> Option<String> {
        let code = match self {
            Self::Field(index) => FIELD_BASE + u32::try_from(index).ok()?,
            Self::Constant(index) => CONSTANT_BASE.checked_add(u32::try_from(index).ok()?)?,
        };
        char::from_u32(code).map(String::from)
    }
}

/// The slots that the conditions of one set share.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    /// Only what some condition reads.
    pub(crate) fields: Vec<Field>,
    pub(crate) constants: Vec<Box<dyn Val>>,
}

impl Slots {
    fn field(&mut self, field: Field) -> Slot {
        let known = self.fields.iter().position(|&other| other == field);
        Slot::Field(known.unwrap_or_else(|| {
            self.fields.push(field);
            self.fields.len() - 1
        }))
    }

    fn constant(&mut self, value: Box<dyn Val>) -> Slot {
        self.constants.push(value);
        Slot::Constant(self.constants.len() - 1)
    }

    /// Lowers a checked condition, or says which constant part of it can't be computed.
    pub(crate) fn lower(
        &mut self,
        parsed: &Parsed,
        context: &Context<'static, 'static>,
    ) -> Result<IdedExpr, Fault> {
        self.lower_expr(parsed, &parsed.root, context)
    }

    fn lower_expr(
        &mut self,
        parsed: &Parsed,
        expr: &IdedExpr,
        context: &Context<'static, 'static>,
    ) -> Result<IdedExpr, Fault> {
        let full =
            || parsed.fault(expr, "condition: the set holds too many constants; use fewer rules".to_owned());
        if let Some(field) = field_of(expr) {
            let identifier = self.field(field).identifier().ok_or_else(full)?;
            return Ok(IdedExpr { id: expr.id, expr: Expr::Ident(identifier) });
        }
        if is_constant(expr) && !matches!(expr.expr, Expr::Literal(_)) {
            let value = Value::resolve_val(expr, context)
                .map_err(|error| parsed.fault(expr, format!("condition: this part always fails: {error}")))?;
            let identifier = self.constant(value.into_owned()).identifier().ok_or_else(full)?;
            return Ok(IdedExpr { id: expr.id, expr: Expr::Ident(identifier) });
        }
        let lowered = match &expr.expr {
            Expr::Call(call) => {
                let target = call
                    .target
                    .as_deref()
                    .map(|target| self.lower_expr(parsed, target, context))
                    .transpose()?;
                let args = call.args.iter().map(|argument| self.lower_expr(parsed, argument, context));
                Expr::Call(CallExpr {
                    func_name: call.func_name.clone(),
                    target: target.map(Box::new),
                    args: args.collect::<Result<_, _>>()?,
                })
            }
            Expr::List(list) => {
                let elements = list.elements.iter().map(|element| self.lower_expr(parsed, element, context));
                Expr::List(cel::common::ast::ListExpr::new(elements.collect::<Result<_, _>>()?))
            }
            other => other.clone(),
        };
        Ok(IdedExpr { id: expr.id, expr: lowered })
    }
}

/// Whether an expression reads no field.
fn is_constant(expr: &IdedExpr) -> bool {
    !matches!(expr.expr, Expr::Ident(_) | Expr::Select(_))
        && children(&expr.expr).into_iter().all(is_constant)
}
