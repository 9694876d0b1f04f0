//! Every kind of fact in every state, as text tables that people can read and check against PAYMENTS 1.4.
//!
//! A table is a file in `tests/tables`. `given` lines lead to a state. In an `each` block every row starts from that
//! state anew; in a `then` block the rows follow each other. A row says fact, verdict, reason, what parking set free,
//! the sums that are not zero, status and dispute state. A row that begins with `?` asks for a command, and says which
//! fact it would become or why it is refused. `UPDATE_TABLES=1` writes the results into the files instead, to be
//! reviewed as a diff.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use payflow_lifecycle::{DisputeState, Judgement, Order, Payment, Sums, judge, order, recompute};

use crate::script::{parse, policies};

#[test]
fn every_row_of_every_table_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder of tables")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no tables in {}", folder.display());
    for file in files {
        let written = std::fs::read_to_string(&file).expect("a readable table");
        let found = played(&written);
        if std::env::var_os("UPDATE_TABLES").is_some() {
            std::fs::write(&file, found).expect("a writable table");
            continue;
        }
        for (number, (expected, found)) in written.lines().zip(found.lines()).enumerate() {
            assert_eq!(expected, found, "{}, line {}", file.display(), number + 1);
        }
        assert_eq!(written.lines().count(), found.lines().count(), "{}", file.display());
    }
}

/// The table with the results that the machine gives.
fn played(table: &str) -> String {
    let mut result = String::new();
    let mut payment = Payment::new("p1");
    let mut afresh = false;
    for line in table.lines() {
        match line.split_once(' ').map_or((line, ""), |(word, rest)| (word, rest)) {
            ("given", "nothing") => payment = Payment::new("p1"),
            ("given", facts) => {
                payment = Payment::new("p1");
                for fact in facts.split(';') {
                    let judgement = judge(&mut payment, &parse(fact), &policies());
                    assert_eq!(judgement.verdict.as_str(), "apply", "{fact} in {line:?}");
                }
            }
            ("each", _) => afresh = true,
            ("then", _) => afresh = false,
            ("|", row) => {
                let fact = row.split('|').next().expect("a cell").trim();
                let mut copy = payment.clone();
                let judgement = judge(&mut copy, &parse(fact), &policies());
                check(&copy, line);
                writeln!(result, "{}", rendered(fact, &judgement, &copy)).expect("text");
                if !afresh {
                    payment = copy;
                }
                continue;
            }
            ("?", row) => {
                let asked = row.split('|').next().expect("a cell").trim();
                writeln!(result, "{}", weighed(asked, &payment)).expect("text");
                continue;
            }
            _ => {}
        }
        writeln!(result, "{line}").expect("text");
    }
    result
}

/// `refund 60`, or `refund` for all that is left.
fn weighed(asked: &str, payment: &Payment) -> String {
    let (command, amount) = asked.split_once(' ').unwrap_or((asked, ""));
    let command = command.parse().unwrap_or_else(|_| panic!("no command in {asked:?}"));
    let outcome = match order(payment, command, amount.parse().ok()) {
        Err(refusal) => format!("refused {refusal}"),
        Ok(Order { kind, source, amount_minor }) => {
            let amount = amount_minor.map_or_else(String::new, |amount| format!(" {amount}"));
            format!("{kind}{amount} by {}", source.unwrap_or("the payment's source"))
        }
    };
    format!("? {asked:<58} | {outcome}")
}

fn check(payment: &Payment, line: &str) {
    assert_eq!(payment.sums.violates(), None, "{line}");
    let cached = (payment.sums, payment.status, payment.dispute_state);
    assert_eq!(cached, recompute(payment, &policies()), "{line}");
}

fn rendered(fact: &str, judgement: &Judgement, payment: &Payment) -> String {
    let mut outcome = format!("{} {}", judgement.verdict, judgement.reason);
    for freed in &judgement.rejudged {
        write!(outcome, ", {} {}", freed.event.operation_id, freed.verdict).expect("text");
    }
    let mut state = format!("{}{}", sums(&payment.sums), payment.status);
    if payment.dispute_state != DisputeState::None {
        write!(state, ", dispute {}", payment.dispute_state).expect("text");
    }
    format!("| {fact:<58} | {outcome:<47} | {state}")
}

fn sums(sums: &Sums) -> String {
    let named = [
        ("A", sums.authorized),
        ("R", sums.released),
        ("C", sums.captured),
        ("X", sums.capture_failed),
        ("F", sums.refunded),
        ("D", sums.disputed),
        ("Cp", sums.capture_pending),
        ("Fp", sums.refund_pending),
        ("Rp", sums.release_pending),
        ("over", sums.overcapture_allowance),
    ];
    named.iter().filter(|(_, sum)| *sum != 0).fold(String::new(), |mut text, (name, sum)| {
        write!(text, "{name}={sum} ").expect("text");
        text
    })
}
