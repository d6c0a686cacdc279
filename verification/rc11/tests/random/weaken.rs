//! The same statements with weaker orderings.

use crate::program::{FENCES, Fence, LOADS, Order, Program, STORES, Statement, UPDATES};
use crate::shrink::with_another_statement;

/// The programs in which one statement has a weaker ordering.
pub(crate) fn weaker_programs(program: &Program) -> Vec<Program> {
    with_another_statement(program, weaker_statements)
}

/// The statement with each weaker ordering.
pub(crate) fn weaker_statements(statement: &Statement) -> Vec<Statement> {
    match *statement {
        Statement::Load { location, order, register } => {
            weaker(order, &LOADS).map(|order| Statement::Load { location, order, register }).collect()
        }
        Statement::Store { location, order, value } => {
            weaker(order, &STORES).map(|order| Statement::Store { location, order, value }).collect()
        }
        Statement::Rmw { location, operation, order, register } => weaker(order, &UPDATES)
            .map(|order| Statement::Rmw { location, operation, order, register })
            .collect(),
        Statement::Cas { location, expected, new, success, failure, weak, register } => {
            let cas = |success, failure| Statement::Cas {
                location,
                expected,
                new,
                success,
                failure,
                weak,
                register,
            };
            let of_success = weaker(success, &UPDATES).map(|success| cas(success, failure));
            let of_failure = weaker(failure, &LOADS).map(|failure| cas(success, failure));
            of_success.chain(of_failure).collect()
        }
        Statement::Await { location, order, predicate } => {
            weaker(order, &LOADS).map(|order| Statement::Await { location, order, predicate }).collect()
        }
        Statement::AwaitCas { location, expected, new, order } => weaker(order, &UPDATES)
            .map(|order| Statement::AwaitCas { location, expected, new, order })
            .collect(),
        Statement::Fence(fence) => {
            let weaker = FENCES.into_iter().filter(|&other| other != fence && is_at_least(fence, other));
            weaker.map(Statement::Fence).collect()
        }
        Statement::Get { .. } | Statement::Set { .. } | Statement::If { .. } => Vec::new(),
    }
}

/// Those of the orderings that give less.
fn weaker(order: Order, all: &[Order]) -> impl Iterator<Item = Order> {
    all.iter().copied().filter(move |&other| other != order && order.is_at_least(other))
}

/// Whether the fence gives everything that the other gives.
fn is_at_least(fence: Fence, other: Fence) -> bool {
    match (fence, other) {
        (Fence::SeqCst, _) => true,
        (_, Fence::SeqCst | Fence::Light) => fence == other,
        _ => (fence.acquires() || !other.acquires()) && (fence.releases() || !other.releases()),
    }
}
