//! A compiled set of rules, and how it is evaluated.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cel::common::ast::IdedExpr;
use cel::common::types::CelBool;
use cel::{Context, Env, Value};

use crate::check::check;
use crate::facts::Facts;
use crate::lower::Slots;
use crate::parse::{Fault, parse};
use crate::prefilter::{Prefilter, Requirement, rules_of};
use crate::resolver::SlotResolver;
use crate::source::{Caps, RuleError, RuleSource};

/// Stack for the parser, per byte of the longest condition; reserved, and touched only by a condition that needs it.
const STACK_BYTES_PER_CONDITION_BYTE: usize = 16 * 1024;
const STACK_BYTES_MIN: usize = 1024 * 1024;

/// One rule that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// For [`RuleSet::rule`].
    pub rule_index: usize,
}

/// Rules compiled together; immutable but for its counters, shared between threads.
pub struct RuleSet {
    sources: Vec<RuleSource>,
    conditions: Vec<IdedExpr>,
    slots: Slots,
    prefilter: Prefilter,
    env: Arc<Env>,
    failed: Vec<AtomicU64>,
}

impl RuleSet {
    /// Compiles all of the rules, or says everything that is wrong with any of them.
    ///
    /// A chain such as `1 + 1 + 1` nests the parser once for each link, whatever the cap on depth, which is only known
    /// when the tree stands. So compiling gets a stack that the longest condition cannot exhaust.
    pub fn compile(rules: Vec<RuleSource>, caps: &Caps) -> Result<Self, Vec<RuleError>> {
        let stack_bytes = STACK_BYTES_MIN + caps.condition_bytes_max * STACK_BYTES_PER_CONDITION_BYTE;
        std::thread::scope(|scope| {
            let compiling = std::thread::Builder::new()
                .name("payflow-rules".to_owned())
                .stack_size(stack_bytes)
                .spawn_scoped(scope, || Self::compile_here(rules, caps));
            match compiling.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(compiled)) => compiled,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(error) => {
                    Err(vec![of_set(format!("rules: no thread to compile them on, try again: {error}"))])
                }
            }
        })
    }

    fn compile_here(rules: Vec<RuleSource>, caps: &Caps) -> Result<Self, Vec<RuleError>> {
        let env = Arc::new(Env::default().with_optional_support(false).with_stdlib());
        let mut compiler =
            Compiler { caps, context: Context::with_env(Arc::clone(&env)), slots: Slots::default(), cost: 0 };
        let mut errors = refuse_set(&rules, caps);
        let (mut conditions, mut requirements) = (Vec::new(), Vec::new());
        // Rules beyond the cap are not even parsed: the cap bounds the work of refusing, too.
        for rule in rules.iter().take(caps.rules_max) {
            match compiler.compile(&env, rule) {
                Ok((condition, requirement)) => {
                    conditions.push(condition);
                    requirements.push(requirement);
                }
                Err(faults) => errors.extend(faults.into_iter().map(|fault| of_rule(rule, fault))),
            }
        }
        if compiler.cost > caps.set_cost_max {
            errors.push(of_set(format!(
                "rules: {} units of cost together; at most {} are allowed; simplify or disable some",
                compiler.cost, caps.set_cost_max
            )));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            failed: rules.iter().map(|_| AtomicU64::new(0)).collect(),
            sources: rules,
            conditions,
            slots: compiler.slots,
            prefilter: Prefilter::new(&requirements),
            env,
        })
    }

    /// Number of rules.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The rule behind a hit.
    pub fn rule(&self, index: usize) -> &RuleSource {
        &self.sources[index]
    }

    /// Appends a hit for each rule that matches, in the order of the rules; `hits` is not cleared.
    ///
    /// A condition that fails, by overflow or division by zero, does not match and is counted.
    pub fn evaluate(&self, facts: &Facts<'_>, hits: &mut Vec<Hit>) {
        for word in 0..self.prefilter.words() {
            let candidates = self.prefilter.candidates(word, facts);
            if candidates != 0 {
                self.evaluate_rules(rules_of(word, candidates), facts, hits);
            }
        }
    }

    /// Evaluations that failed since the set was compiled, for each rule in the order of the rules.
    pub fn errors_total(&self) -> Vec<u64> {
        self.failed.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }

    fn evaluate_rules(&self, rules: impl Iterator<Item = usize>, facts: &Facts<'_>, hits: &mut Vec<Hit>) {
        let resolver = SlotResolver::new(&self.slots, facts);
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.set_variable_resolver(&resolver);
        for rule_index in rules {
            match Value::resolve_val(&self.conditions[rule_index], &context) {
                Ok(value) => {
                    if value.downcast_ref::<CelBool>().is_some_and(|matched| *matched.inner()) {
                        hits.push(Hit { rule_index });
                    }
                }
                Err(_) => {
                    self.failed[rule_index].fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// What [`Self::evaluate`] would be without the prefilter: what the property tests compare it with.
    #[cfg(test)]
    pub(crate) fn evaluate_every_rule(&self, facts: &Facts<'_>, hits: &mut Vec<Hit>) {
        self.evaluate_rules(0..self.len(), facts, hits);
    }
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RuleSet")
            .field("rules", &self.sources)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

struct Compiler<'a> {
    caps: &'a Caps,
    context: Context<'static, 'static>,
    slots: Slots,
    /// Of all conditions so far.
    cost: usize,
}

impl Compiler<'_> {
    fn compile(&mut self, env: &Env, rule: &RuleSource) -> Result<(IdedExpr, Requirement), Vec<Fault>> {
        let parsed = parse(env, &rule.condition, self.caps)?;
        self.cost += check(&parsed, self.caps)?.cost;
        let requirement = Requirement::of(&parsed.root);
        if requirement.contradicts() {
            let message =
                "condition: can never be true, its parts contradict each other; check what && joins"
                    .to_owned();
            return Err(vec![parsed.fault(&parsed.root, message)]);
        }
        let condition = self.slots.lower(&parsed, &self.context).map_err(|fault| vec![fault])?;
        Ok((condition, requirement))
    }
}

/// What is wrong with the set as such: its size and the names in it.
fn refuse_set(rules: &[RuleSource], caps: &Caps) -> Vec<RuleError> {
    let mut errors = Vec::new();
    if rules.len() > caps.rules_max {
        errors.push(of_set(format!(
            "rules: {} of them; at most {} are allowed in one set; disable some",
            rules.len(),
            caps.rules_max
        )));
    }
    let mut names = BTreeSet::new();
    for rule in rules {
        if rule.name.is_empty() || !names.insert(rule.name.as_str()) {
            let message = "name: empty or used twice; give each rule a name of its own".to_owned();
            errors.push(of_rule(rule, Fault { line: 0, column: 0, message }));
        }
    }
    errors
}

fn of_rule(rule: &RuleSource, fault: Fault) -> RuleError {
    RuleError { rule_name: rule.name.clone(), line: fault.line, column: fault.column, message: fault.message }
}

fn of_set(message: String) -> RuleError {
    RuleError { rule_name: String::new(), line: 0, column: 0, message }
}
