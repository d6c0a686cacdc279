//! Makes a program smaller for as long as it still shows a difference.

use crate::program::{LOADS, Operation, Order, Program, STORES, Statement, Value};
use crate::rename::with_fewer_names;
use crate::verdict::{Mode, Subject, compare};
use crate::weaken::weaker_statements;

/// The smallest program on the way down from this one that still shows a difference between the subject and the oracle.
pub(crate) fn shrink(subject: &dyn Subject, program: &Program, mode: Mode) -> Program {
    shrink_while(program, |program| compare(subject, program, mode).is_err())
}

/// Takes the first step down that keeps the property, or the first two steps that do so together, until there are none.
/// Every step makes a program smaller: it has fewer statements, or the same ones with less in them.
fn shrink_while(program: &Program, has_property: impl Fn(&Program) -> bool) -> Program {
    let mut smallest = program.clone();
    let further = |program: &Program| {
        let one = steps(program);
        let two = one.clone().into_iter().flat_map(|program| steps(&program));
        one.into_iter().chain(two).find(|program| has_property(program))
    };
    while let Some(smaller) = further(&smallest) {
        smallest = smaller;
    }
    smallest
}

/// All programs one step down, the longest steps first.
fn steps(program: &Program) -> Vec<Program> {
    let mut steps = without_a_thread(program);
    steps.extend(with_another_body(program, &without_a_statement));
    steps.extend(with_another_statement(program, simpler_statements));
    steps.extend(with_fewer_names(program));
    steps
}

fn without_a_thread(program: &Program) -> Vec<Program> {
    let without = |thread| {
        let mut program = program.clone();
        program.threads.remove(thread);
        program
    };
    (0..program.threads.len()).map(without).collect()
}

/// The programs that differ in one thread.
fn with_another_body(
    program: &Program,
    others: &dyn Fn(&[Statement]) -> Vec<Vec<Statement>>,
) -> Vec<Program> {
    let mut programs = Vec::new();
    for (thread, body) in program.threads.iter().enumerate() {
        for other in others(body) {
            let mut program = program.clone();
            program.threads[thread] = other;
            programs.push(program);
        }
    }
    programs
}

/// The statements with something else in the place of one of them.
fn splice(body: &[Statement], at: usize, with: impl IntoIterator<Item = Statement>) -> Vec<Statement> {
    let mut body = body.to_vec();
    body.splice(at..=at, with);
    body
}

fn without_a_statement(body: &[Statement]) -> Vec<Vec<Statement>> {
    let mut bodies = Vec::new();
    for (at, statement) in body.iter().enumerate() {
        bodies.push(splice(body, at, []));
        if let Statement::If { register, equals, then } = statement {
            bodies.push(splice(body, at, then.iter().cloned()));
            for then in without_a_statement(then) {
                bodies.push(splice(body, at, [Statement::If { register: *register, equals: *equals, then }]));
            }
        }
    }
    bodies
}

/// The programs in which one statement, under a conditional or not, is another one.
pub(crate) fn with_another_statement(
    program: &Program,
    others: fn(&Statement) -> Vec<Statement>,
) -> Vec<Program> {
    with_another_body(program, &|body| with_another_statement_in(body, others))
}

fn with_another_statement_in(
    body: &[Statement],
    others: fn(&Statement) -> Vec<Statement>,
) -> Vec<Vec<Statement>> {
    let mut bodies = Vec::new();
    for (at, statement) in body.iter().enumerate() {
        bodies.extend(others(statement).into_iter().map(|other| splice(body, at, [other])));
        if let Statement::If { register, equals, then } = statement {
            for then in with_another_statement_in(then, others) {
                bodies.push(splice(body, at, [Statement::If { register: *register, equals: *equals, then }]));
            }
        }
    }
    bodies
}

/// The statements that do less than this one in its place.
fn simpler_statements(statement: &Statement) -> Vec<Statement> {
    let mut simpler = match *statement {
        Statement::Store { location, order, value: Value::Register(_) } => {
            vec![Statement::Store { location, order, value: Value::Constant(1) }]
        }
        Statement::Rmw { location, operation, order, register } => {
            let (Operation::Add(value) | Operation::Swap(value)) = operation;
            let (load, store) = (strongest(&LOADS, order), strongest(&STORES, order));
            let store = Statement::Store { location, order: store, value: Value::Constant(value) };
            vec![Statement::Load { location, order: load, register }, store]
        }
        Statement::Cas { location, expected, new, success, failure, weak, register } => {
            let load = Statement::Load { location, order: failure, register };
            let swap = Statement::Rmw { location, operation: Operation::Swap(new), order: success, register };
            let strong = Statement::Cas { location, expected, new, success, failure, weak: false, register };
            if weak { vec![load, swap, strong] } else { vec![load, swap] }
        }
        _ => Vec::new(),
    };
    simpler.extend(weaker_statements(statement));
    simpler
}

/// The strongest of these orderings, the weakest of them first, that gives no more than the other.
fn strongest(all: &[Order], order: Order) -> Order {
    all.iter().copied().rev().find(|&one| order.is_at_least(one)).unwrap_or(Order::Relaxed)
}
