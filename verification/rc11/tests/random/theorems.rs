//! What is known of RC11, tried on random programs.

use crate::campaign::{agree, campaign};
use crate::generate::{LONGEST, generate};
use crate::interpreter::Interpreter;
use crate::oracle::judge;
use crate::program::{Fence, Order, Program, Statement};
use crate::rename::with_every_statement;
use crate::shapes::SHAPES;
use crate::verdict::{Mode, Verdict};
use crate::weaken::weaker_programs;
use std::ops::Range;

/// The seeds of a test: `RC11_SEEDS=from..to`, or a few.
pub(crate) fn seeds(few: u64) -> Range<u64> {
    let Ok(range) = std::env::var("RC11_SEEDS") else { return 0..few };
    let (from, to) = range.split_once("..").expect("RC11_SEEDS is from..to");
    let number = |text: &str| text.parse().expect("RC11_SEEDS is two numbers");
    number(from)..number(to)
}

/// Calls the test with the programs of the seeds and what the oracle says of them.
fn for_programs(few: u64, test: impl Fn(&Program, &Verdict)) {
    for seed in seeds(few) {
        let program = generate(seed);
        test(&program, &judge(&program, Mode::Rc11));
    }
}

/// Everything that the first can do, the second can do.
#[track_caller]
fn assert_included(less: &Verdict, more: &Verdict, why: &Program) {
    assert!(!less.racy || more.racy, "{why}\n{less}\n{more}");
    if !more.racy {
        assert!(less.complete <= more.complete, "{why}\n{less}\n{more}");
        assert!(less.outcomes.is_subset(&more.outcomes), "{why}\n{less}\n{more}");
        assert!(!less.deadlock || more.deadlock, "{why}\n{less}\n{more}");
    }
}

#[test]
fn the_interpreter_agrees_in_the_mode_sc() {
    campaign(&Interpreter, seeds(3000), Mode::Sc);
}

#[test]
fn the_interpreter_agrees_on_every_shape() {
    for shape in SHAPES {
        agree(&Interpreter, shape, Mode::Sc);
    }
}

#[test]
fn every_interleaving_is_an_execution() {
    for_programs(1500, |program, verdict| assert_included(&judge(program, Mode::Sc), verdict, program));
}

#[test]
fn a_weaker_ordering_takes_no_execution_away() {
    for_programs(300, |program, verdict| {
        for weaker in weaker_programs(program) {
            assert_included(verdict, &judge(&weaker, Mode::Rc11), &weaker);
        }
    });
}

#[test]
fn a_fence_taken_away_takes_no_execution_away() {
    for_programs(1500, |program, verdict| {
        let mut without = program.clone();
        for thread in &mut without.threads {
            thread.retain(|statement| !matches!(statement, Statement::Fence(_)));
        }
        assert_included(verdict, &judge(&without, Mode::Rc11), &without);
    });
}

#[test]
fn all_accesses_sequentially_consistent_are_interleavings() {
    for seed in seeds(1500) {
        let program = with_every_statement(&generate(seed), &|statement| match statement {
            Statement::Load { order, .. }
            | Statement::Store { order, .. }
            | Statement::Rmw { order, .. }
            | Statement::Await { order, .. }
            | Statement::AwaitCas { order, .. } => *order = Order::SeqCst,
            Statement::Cas { success, failure, .. } => (*success, *failure) = (Order::SeqCst, Order::SeqCst),
            _ => {}
        });
        assert_same_in_both_modes(&program);
    }
}

#[test]
fn a_fence_between_any_two_accesses_makes_interleavings() {
    for seed in seeds(1500) {
        let mut program = generate(seed);
        for thread in &mut program.threads {
            *thread = fenced(thread);
        }
        assert_same_in_both_modes(&program);
    }
}

/// The statements with a fence after each.
fn fenced(statements: &[Statement]) -> Vec<Statement> {
    let fence = || Statement::Fence(Fence::SeqCst);
    let is_fence = |statement: &&Statement| matches!(statement, Statement::Fence(_));
    let accesses = statements.iter().filter(|statement| !is_fence(statement));
    let fenced = accesses.flat_map(|statement| match statement {
        Statement::If { register, equals, then } => {
            [Statement::If { register: *register, equals: *equals, then: fenced(then) }, fence()]
        }
        other => [other.clone(), fence()],
    });
    fenced.collect()
}

#[track_caller]
fn assert_same_in_both_modes(program: &Program) {
    let (weak, strong) = (judge(program, Mode::Rc11), judge(program, Mode::Sc));
    assert_eq!(weak.racy, strong.racy, "{program}");
    assert!(weak.racy || weak == strong, "{program}\n{weak}\n{strong}");
}

#[test]
fn programs_are_read_back_from_their_text() {
    for seed in seeds(5000) {
        let program = generate(seed);
        assert_eq!(program.to_string().parse(), Ok(program.clone()));
        assert!(program.len() <= LONGEST);
    }
}

#[test]
fn programs_are_of_all_kinds() {
    let few = 2000;
    let (mut racy, mut deadlock, mut weak, mut many) = (0, 0, 0, 0);
    for seed in 0..few {
        let program = generate(seed);
        let verdict = judge(&program, Mode::Rc11);
        racy += u64::from(verdict.racy);
        deadlock += u64::from(!verdict.racy && verdict.deadlock);
        weak += u64::from(!verdict.racy && verdict.complete > judge(&program, Mode::Sc).complete);
        many += u64::from(!verdict.racy && verdict.complete >= 10);
    }
    for (what, share) in [("racy", racy), ("deadlock", deadlock), ("weak", weak), ("many", many)] {
        assert!(share * 20 > few && share * 2 < few, "{what}: {share} of {few}");
    }
}
