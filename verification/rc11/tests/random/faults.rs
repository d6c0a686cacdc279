//! Checkers with a fault, which the campaign must find and the shrinker make small.

use crate::campaign::{Counterexample, campaign, find};
use crate::interpreter::Interpreter;
use crate::oracle::Oracle;
use crate::program::{Fence, Operation, Order, Predicate, Program, Statement};
use crate::rename::with_every_statement;
use crate::verdict::{Mode, Subject, Verdict};

/// A checker that takes some statements for others.
struct Mistaken<'a> {
    checker: &'a dyn Subject,
    mistake: fn(&mut Statement),
}

impl Subject for Mistaken<'_> {
    fn run(&self, program: &Program, mode: Mode) -> Verdict {
        self.checker.run(&with_every_statement(program, &self.mistake), mode)
    }
}

/// A checker that says nothing of the executions of a program in which it has found a failure.
struct Hasty;

impl Subject for Hasty {
    fn run(&self, program: &Program, mode: Mode) -> Verdict {
        let verdict = Oracle.run(program, mode);
        match (verdict.racy, verdict.deadlock) {
            (false, false) => verdict,
            // Whichever it finds first.
            (racy, deadlock) => Verdict { deadlock, racy: racy && !deadlock, ..Verdict::default() },
        }
    }

    fn stops_at_a_failure(&self) -> bool {
        true
    }
}

#[test]
fn a_checker_that_stops_at_a_failure_is_asked_for_no_more() {
    campaign(&Hasty, 0..300, Mode::Rc11);
    assert!(find(&Mistaken { checker: &Hasty, mistake: |_| {} }, 0..300, Mode::Rc11).is_some());
}

/// How many programs it may take to find a mistake.
const PROGRAMS: u64 = 3000;

/// Asserts that the mistake is found, and that one of the first five programs that show it shrinks to at most so many
/// statements. (A litmus test of more can be as small as it gets.)
#[track_caller]
fn found(checker: &dyn Subject, mode: Mode, statements: usize, mistake: fn(&mut Statement)) {
    let subject = Mistaken { checker, mistake };
    let next = |before: &Counterexample| find(&subject, before.seed + 1..PROGRAMS, mode);
    let all = std::iter::successors(find(&subject, 0..PROGRAMS, mode), next).take(5);
    let smallest = all.min_by_key(|found| found.shrunk.len()).expect("the mistake is found");
    assert!(smallest.shrunk.len() <= statements, "{} statements: {smallest}", smallest.shrunk.len());
}

#[test]
fn failing_with_the_ordering_of_success_is_found() {
    found(&Oracle, Mode::Rc11, 6, |statement| {
        if let Statement::Cas { success, failure, .. } = statement {
            *failure = if success.acquires() { Order::Acquire } else { Order::Relaxed };
        }
    });
}

#[test]
fn a_weak_compare_and_swap_that_never_fails_is_found() {
    found(&Oracle, Mode::Rc11, 2, |statement| {
        if let Statement::Cas { weak, .. } = statement {
            *weak = false;
        }
    });
}

#[test]
fn a_sequentially_consistent_access_that_only_synchronises_is_found() {
    found(&Oracle, Mode::Rc11, 6, |statement| match statement {
        Statement::Store { order: order @ Order::SeqCst, .. } => *order = Order::Release,
        Statement::Load { order: order @ Order::SeqCst, .. } => *order = Order::Acquire,
        _ => {}
    });
}

#[test]
fn a_sequentially_consistent_fence_that_only_synchronises_is_found() {
    found(&Oracle, Mode::Rc11, 6, |statement| {
        if *statement == Statement::Fence(Fence::SeqCst) {
            *statement = Statement::Fence(Fence::AcqRel);
        }
    });
}

#[test]
fn a_light_fence_as_heavy_as_the_other_is_found() {
    found(&Oracle, Mode::Rc11, 6, |statement| {
        if *statement == Statement::Fence(Fence::Light) {
            *statement = Statement::Fence(Fence::SeqCst);
        }
    });
}

#[test]
fn a_light_fence_that_does_nothing_is_found() {
    found(&Oracle, Mode::Rc11, 6, |statement| {
        if *statement == Statement::Fence(Fence::Light) {
            *statement = Statement::Fence(Fence::Acquire);
        }
    });
}

#[test]
fn an_interpreter_that_swaps_for_an_addition_is_found() {
    found(&Interpreter, Mode::Sc, 2, |statement| {
        if let Statement::Rmw { operation, .. } = statement {
            let (Operation::Add(value) | Operation::Swap(value)) = *operation;
            *operation = Operation::Swap(value);
        }
    });
}

#[test]
fn an_interpreter_that_awaits_the_wrong_value_is_found() {
    found(&Interpreter, Mode::Sc, 1, |statement| {
        if let Statement::Await { predicate: predicate @ Predicate::Ne(_), .. } = statement {
            *predicate = Predicate::Ne(0);
        }
    });
}

#[test]
fn an_interpreter_that_acquires_by_a_relaxed_load_is_found() {
    found(&Interpreter, Mode::Sc, 6, |statement| {
        if let Statement::Load { order: order @ Order::Relaxed, .. } = statement {
            *order = Order::Acquire;
        }
    });
}
