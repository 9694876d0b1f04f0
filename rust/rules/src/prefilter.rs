//! Which rules can match at all, found from a few fields without evaluating any condition.
//!
//! A [`Requirement`] is derived from the syntax tree such that a condition is true only where its requirement holds.
//! Errors do not weaken this: `a && b` is true only if both are true and `a || b` only if one of them is, whatever
//! fails beside them. So a rule whose requirement does not hold is false or fails, and either way does not match.

use std::collections::{BTreeMap, BTreeSet};

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};
use rustc_hash::FxHashMap;

use crate::check::{field_of, text_of};
use crate::facts::Facts;
use crate::field::{FactValue, Field};
use crate::types::Scalar;

/// Values that fields must have for a condition to be true. A field that is not named may have any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// Text fields: one of these words.
    words: BTreeMap<Field, BTreeSet<String>>,
    /// Integer fields: within these bounds, both included.
    bounds: BTreeMap<Field, (i64, i64)>,
}

impl Requirement {
    /// The requirement of a checked condition, or of a part of it.
    pub(crate) fn of(expr: &IdedExpr) -> Self {
        let Expr::Call(call) = &expr.expr else {
            return Self::default();
        };
        let [left, right] = call.args.as_slice() else {
            return Self::default();
        };
        match call.func_name.as_str() {
            operators::LOGICAL_AND => Self::of(left).and(Self::of(right)),
            operators::LOGICAL_OR => Self::of(left).or(&Self::of(right)),
            operators::IN => Self::of_membership(left, right),
            operator => match (field_of(left), field_of(right)) {
                (Some(field), None) => Self::of_comparison(operator, field, right),
                (None, Some(field)) => Self::of_comparison(mirrored(operator), field, left),
                _ => Self::default(),
            },
        }
    }

    /// Whether nothing can satisfy it.
    pub(crate) fn contradicts(&self) -> bool {
        self.words.values().any(BTreeSet::is_empty) || self.bounds.values().any(|(least, most)| least > most)
    }

    fn of_comparison(operator: &str, field: Field, literal: &IdedExpr) -> Self {
        if operator == operators::EQUALS
            && let Some(word) = text_of(literal)
        {
            return Self::of_words(field, [word.to_owned()].into());
        }
        let Some(number) = int_of(literal) else {
            return Self::default();
        };
        match operator {
            operators::EQUALS => Self::of_bounds(field, number, number),
            operators::GREATER_EQUALS => Self::of_bounds(field, number, i64::MAX),
            operators::LESS_EQUALS => Self::of_bounds(field, i64::MIN, number),
            // Where the neighbour does not exist, nothing is required: looser than needed, never wrong.
            operators::GREATER => Self::of_bounds(field, number.saturating_add(1), i64::MAX),
            operators::LESS => Self::of_bounds(field, i64::MIN, number.saturating_sub(1)),
            _ => Self::default(),
        }
    }

    fn of_membership(left: &IdedExpr, right: &IdedExpr) -> Self {
        let (Some(field), Expr::List(list)) = (field_of(left), &right.expr) else {
            return Self::default();
        };
        if field.scalar() == Scalar::Text {
            let words: Option<BTreeSet<String>> =
                list.elements.iter().map(|element| text_of(element).map(str::to_owned)).collect();
            return words.map_or_else(Self::default, |words| Self::of_words(field, words));
        }
        let numbers: Option<Vec<i64>> = list.elements.iter().map(int_of).collect();
        let hull = numbers.and_then(|numbers| Some((*numbers.iter().min()?, *numbers.iter().max()?)));
        hull.map_or_else(Self::default, |(least, most)| Self::of_bounds(field, least, most))
    }

    fn of_words(field: Field, words: BTreeSet<String>) -> Self {
        Self { words: [(field, words)].into(), bounds: BTreeMap::new() }
    }

    fn of_bounds(field: Field, least: i64, most: i64) -> Self {
        Self { words: BTreeMap::new(), bounds: [(field, (least, most))].into() }
    }

    fn and(mut self, other: Self) -> Self {
        for (field, words) in other.words {
            self.words
                .entry(field)
                .and_modify(|mine| mine.retain(|word| words.contains(word)))
                .or_insert(words);
        }
        for (field, (least, most)) in other.bounds {
            self.bounds
                .entry(field)
                .and_modify(|mine| *mine = (mine.0.max(least), mine.1.min(most)))
                .or_insert((least, most));
        }
        self
    }

    fn or(mut self, other: &Self) -> Self {
        self.words.retain(|field, words| {
            let theirs = other.words.get(field);
            words.extend(theirs.into_iter().flatten().cloned());
            theirs.is_some()
        });
        self.bounds.retain(|field, mine| {
            let theirs = other.bounds.get(field);
            *mine = theirs.map_or(*mine, |theirs| (mine.0.min(theirs.0), mine.1.max(theirs.1)));
            theirs.is_some()
        });
        self
    }
}

/// The operator that says the same with its sides exchanged.
fn mirrored(operator: &str) -> &str {
    match operator {
        operators::LESS => operators::GREATER,
        operators::LESS_EQUALS => operators::GREATER_EQUALS,
        operators::GREATER => operators::LESS,
        operators::GREATER_EQUALS => operators::LESS_EQUALS,
        symmetric => symmetric,
    }
}

fn int_of(expr: &IdedExpr) -> Option<i64> {
    match &expr.expr {
        Expr::Literal(LiteralValue::Int(number)) => Some(*number.inner()),
        _ => None,
    }
}

/// Rules of one machine word: bit `n` of word `w` stands for rule `64 * w + n`.
const WORD: usize = u64::BITS as usize;

/// All requirements of a set, turned around: from a field's value to the rules that it leaves possible.
#[derive(Debug)]
pub(crate) struct Prefilter {
    rules: usize,
    /// The field that most rules constrain comes first, so that the search ends early.
    texts: Vec<TextIndex>,
    bounds: Vec<Bound>,
}

#[derive(Debug)]
struct TextIndex {
    field: Field,
    /// The rules that each word leaves possible.
    words: FxHashMap<Box<str>, Box<[u64]>>,
    /// The rules that any other word leaves possible: those that do not constrain the field.
    otherwise: Box<[u64]>,
}

#[derive(Debug)]
struct Bound {
    rule: usize,
    field: Field,
    least: i64,
    most: i64,
}

impl Prefilter {
    pub(crate) fn new(requirements: &[Requirement]) -> Self {
        let fields: BTreeSet<Field> =
            requirements.iter().flat_map(|requirement| requirement.words.keys().copied()).collect();
        let constrained =
            |field: &Field| requirements.iter().filter(|one| one.words.contains_key(field)).count();
        let mut fields: Vec<Field> = fields.into_iter().collect();
        fields.sort_by_key(|field| std::cmp::Reverse(constrained(field)));
        let bounds = requirements.iter().enumerate().flat_map(|(rule, requirement)| {
            requirement.bounds.iter().map(move |(&field, &(least, most))| Bound { rule, field, least, most })
        });
        Self {
            rules: requirements.len(),
            texts: fields.into_iter().map(|field| TextIndex::new(field, requirements)).collect(),
            bounds: bounds.collect(),
        }
    }

    /// Number of words that cover all rules.
    pub(crate) fn words(&self) -> usize {
        self.rules.div_ceil(WORD)
    }

    /// The rules of one word that can match these facts.
    pub(crate) fn candidates(&self, word: usize, facts: &Facts<'_>) -> u64 {
        let mut candidates = u64::MAX >> (WORD - (self.rules - word * WORD).min(WORD));
        for index in &self.texts {
            let decided = candidates & !index.otherwise[word] == 0;
            if !decided && let FactValue::Text(text) = index.field.read(facts) {
                candidates &= index.possible(text)[word];
            }
        }
        for bound in &self.bounds {
            let bit = if bound.rule / WORD == word { 1 << (bound.rule % WORD) } else { 0 };
            if candidates & bit != 0
                && let FactValue::Int(number) = bound.field.read(facts)
                && !(bound.least..=bound.most).contains(&number)
            {
                candidates &= !bit;
            }
        }
        candidates
    }
}

impl TextIndex {
    fn new(field: Field, requirements: &[Requirement]) -> Self {
        let bits = |possible: &dyn Fn(&Requirement) -> bool| {
            let mut bits = vec![0; requirements.len().div_ceil(WORD)];
            for (rule, _) in requirements.iter().enumerate().filter(|(_, one)| possible(one)) {
                bits[rule / WORD] |= 1 << (rule % WORD);
            }
            bits.into_boxed_slice()
        };
        let words: BTreeSet<&String> =
            requirements.iter().filter_map(|requirement| requirement.words.get(&field)).flatten().collect();
        let allowed = |word: &str| {
            bits(&|one: &Requirement| one.words.get(&field).is_none_or(|words| words.contains(word)))
        };
        Self {
            field,
            words: words.into_iter().map(|word| (word.as_str().into(), allowed(word))).collect(),
            otherwise: bits(&|one: &Requirement| !one.words.contains_key(&field)),
        }
    }

    fn possible(&self, text: &str) -> &[u64] {
        self.words.get(text).unwrap_or(&self.otherwise)
    }
}

/// The set bits of a word, as rule numbers.
pub(crate) fn rules_of(word: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(word * WORD + lowest)
    })
}
