//! What the compiler refuses, where it points and what it tells to write instead.

use payflow_rules::{Caps, RuleError, RuleSet, RuleSource, Severity};

fn source(name: &str, condition: &str) -> RuleSource {
    RuleSource {
        rule_id: 1,
        name: name.to_owned(),
        version: 1,
        severity: Severity::Info,
        condition: condition.to_owned(),
    }
}

fn refuse_under(condition: &str, caps: &Caps) -> Vec<RuleError> {
    RuleSet::compile(vec![source("tested", condition)], caps).expect_err(condition)
}

fn refuse(condition: &str) -> RuleError {
    refuse_under(condition, &Caps::default()).swap_remove(0)
}

/// Condition, line and column, and a part of the message.
#[test]
fn each_slip_is_refused_at_its_place_with_its_fix() {
    let table: [(&str, (u32, u32), &str); 37] = [
        ("event.amout > 5", (1, 7), "event.amout: no such field; event has id, source, type"),
        ("payment.captured > 5", (1, 9), "payment has merchant_id, currency"),
        (
            "evnt.id == \"\"",
            (1, 1),
            "evnt: no such variable; there are event, payment, before, verdict and reason",
        ),
        ("verdikt == \"apply\"", (1, 1), "verdikt: no such variable"),
        ("verdict.name == \"apply\"", (1, 9), "verdict is text and has no fields"),
        ("event == payment", (1, 1), "event: only its fields can be used"),
        ("event.id.x == 1", (1, 10), "x: only event, payment and before have fields"),
        ("event.reason == \"é\" && event.amout > 5", (1, 30), "event.amout"),
        ("event.reason == \"é\"\n  && event.amout > 5", (2, 12), "event.amout"),
        ("event.amount_minor", (1, 7), "of type int, and has to be bool"),
        ("event.amount_minor > 5 ? 1 : 2", (1, 24), "of type int, and has to be bool"),
        (
            "event.amount_minor > \"5\"",
            (1, 20),
            "> does not apply to int and string; both sides have to be of one type",
        ),
        ("event.id == 5", (1, 10), "== does not apply to string and int"),
        ("event.id && verdict == \"apply\"", (1, 10), "&& does not apply to string and bool; it joins bools"),
        ("!event.id", (1, 1), "! does not apply to string"),
        ("event.id + \"x\" == \"\"", (1, 10), "+ does not apply to string and string; it takes two ints"),
        ("event.amount_minor in [1, \"2\"]", (1, 27), "all have to be of the first one's type"),
        ("event.amount_minor in []", (1, 23), "nothing is in an empty list"),
        ("event.type in event.id", (1, 12), "in does not apply to string and string"),
        (
            "event.type == \"capture.suceeded\"",
            (1, 15),
            "event.type: is never \"capture.suceeded\"; it is one of",
        ),
        ("verdict in [\"apply\", \"conflct\"]", (1, 22), "verdict: is never \"conflct\""),
        ("event.amount_minor > 1.5", (1, 22), "a fraction: money is integer minor units"),
        ("event.amount_minor > 1u", (1, 22), "write it without the u"),
        ("event.reason == null", (1, 17), "null: no field is ever null"),
        ("has(event.reason)", (1, 4), "has is not available in conditions: every field always has a value"),
        ("event.id.matches(\"a+\")", (1, 17), "use startsWith, endsWith or contains"),
        ("[1, 2].exists(x, x == event.amount_minor)", (1, 14), "the facts hold no lists"),
        ("event[\"type\"] == \"\"", (1, 6), "[ ] is not available in conditions"),
        ("event.id.lower() == \"\"", (1, 15), "lower: no such function; there are contains, duration"),
        ("contains(event.id, \"a\")", (1, 9), "write string.contains(string)"),
        ("timestamp(event.id) < event.occurred_at", (1, 10), "timestamp: takes a literal"),
        ("event.occurred_at < timestamp(\"soon\")", (1, 30), "this part always fails"),
        ("event.amount_minor > 1 / 0", (1, 24), "this part always fails: Division by zero"),
        ("verdict == \"apply\" && verdict == \"stale\"", (1, 20), "can never be true"),
        ("event.exponent > 3 && event.exponent < 2", (1, 20), "can never be true"),
        ("1 == 1", (1, 3), "always the same, it reads no field"),
        ("event.amount_minor > 5 &&", (1, 26), "syntax: unexpected end of the condition"),
    ];
    for (condition, (line, column), part) in table {
        let error = refuse(condition);
        assert!(error.message.contains(part), "{condition}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{condition}: {error}");
        assert_eq!(error.rule_name, "tested");
    }
}

#[test]
fn every_rule_at_fault_is_named_at_once() {
    let rules =
        vec![source("first", "event.x == 1"), source("sound", "event.id == \"\""), source("third", "1 +")];
    let errors = RuleSet::compile(rules, &Caps::default()).expect_err("two are at fault");
    let names: Vec<&str> = errors.iter().map(|error| error.rule_name.as_str()).collect();
    assert_eq!(names, ["first", "third"]);
}

#[test]
fn names_are_unique_and_not_empty() {
    let twice = vec![
        source("same", "event.id == \"a\""),
        source("same", "event.id == \"b\""),
        source("", "event.id == \"\""),
    ];
    let errors = RuleSet::compile(twice, &Caps::default()).expect_err("names clash");
    assert_eq!(errors.len(), 2);
    assert!(errors.iter().all(|error| error.message.contains("name: empty or used twice")));
}

#[test]
fn each_cap_refuses_one_more_than_it_allows() {
    let caps = Caps::default();
    let list = |elements: usize| {
        let numbers: Vec<String> = (0..elements).map(|number| number.to_string()).collect();
        format!("event.amount_minor in [{}]", numbers.join(","))
    };
    let arithmetic = format!("event.amount_minor{} > 0", " + 1".repeat(9));
    let cases: [(&str, String, Caps, &str); 6] = [
        (
            "bytes",
            "event.id == \"abc\"".to_owned(),
            Caps { condition_bytes_max: 16, ..caps },
            "17 bytes; at most 16",
        ),
        ("nodes", list(4), Caps { nodes_max: 7, ..caps }, "8 nodes; at most 7"),
        ("depth", arithmetic.clone(), Caps { depth_max: 11, ..caps }, "12 levels of nesting; at most 11"),
        ("elements", list(4), Caps { list_elements_max: 3, ..caps }, "4 elements; at most 3"),
        ("cost", arithmetic.clone(), Caps { cost_max: 35, ..caps }, "36 units of cost; at most 35"),
        ("set cost", arithmetic, Caps { set_cost_max: 35, ..caps }, "36 units of cost together; at most 35"),
    ];
    for (cap, condition, caps, part) in cases {
        let errors = refuse_under(&condition, &caps);
        assert!(errors[0].message.contains(part), "{cap}: {}", errors[0]);
    }
    let rules = vec![source("one", "event.id == \"\""), source("two", "event.id == \"\"")];
    let errors = RuleSet::compile(rules, &Caps { rules_max: 1, ..caps }).expect_err("one rule too many");
    assert!(errors[0].message.contains("2 of them; at most 1"), "{}", errors[0]);
}

/// Text within the byte cap that would exhaust a parser's stack or time if nothing bounded them.
#[test]
fn hostile_text_is_refused_and_never_crashes() {
    let hostile = [
        "(".repeat(4096),
        "[".repeat(4096),
        "{".repeat(4096),
        "!".repeat(4096),
        "- ".repeat(2048),
        "a.".repeat(2048),
        "a.b(".repeat(1024),
        "f(".repeat(2048),
        "true?".repeat(819),
        "\"\\".repeat(2048),
        format!("{}1 > event.amount_minor", "1+".repeat(2000)),
        format!("event{}", ".a".repeat(2000)),
        format!("event{}", "[0]".repeat(1300)),
        format!("{}c", "a?b:".repeat(1000)),
        format!("{}true", "event.id == \"\" || ".repeat(200)),
    ];
    for condition in hostile {
        let errors = refuse_under(&condition, &Caps::default());
        assert!(
            errors.len() <= 4 && errors.iter().all(|error| error.message.chars().count() <= 400),
            "{errors:?}"
        );
    }
}

#[test]
fn an_empty_condition_says_what_to_write() {
    assert!(refuse(" \n ").message.contains("condition: empty; write a CEL expression"));
}
