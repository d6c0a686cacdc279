//! The engine as a subject of comparisons.

use crate::campaign::{agree, campaign};
use crate::program::{Fence, Operation, Order, Predicate, Program, Statement, Value, registers};
use crate::theorems::seeds;
use crate::verdict::{Mode, Outcome, Subject, Verdict};
use rc11::{Atomic, Cell, Explorer, FailureKind, fence, light_fence, thread};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

/// The engine. It meets no execution twice, or this panics.
pub(crate) struct Engine;

impl Subject for Engine {
    fn run(&self, program: &Program, mode: Mode) -> Verdict {
        let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
        let (program, seen) = (Arc::new(program.clone()), Arc::clone(&outcomes));
        let mode = match mode {
            Mode::Rc11 => rc11::Mode::Rc11,
            Mode::Sc => rc11::Mode::Sc,
        };
        let explorer = Explorer::new().mode(mode).allow_deadlocks(true).count_duplicates(true);
        let report = explorer.run(move || {
            let outcome = execute(&program);
            // A blocked execution ends too, but is not one of those that are explored.
            if thread::is_explored() {
                seen.lock().unwrap_or_else(PoisonError::into_inner).insert(outcome);
            }
        });
        assert_eq!(report.duplicates, 0, "an execution came twice");
        let racy = report.failure.is_some_and(|failure| {
            assert_eq!(failure.kind, FailureKind::DataRace, "{failure}");
            true
        });
        let outcomes = std::mem::take(&mut *outcomes.lock().unwrap_or_else(PoisonError::into_inner));
        Verdict { complete: report.complete, outcomes, racy, deadlock: report.deadlocked > 0 }
    }
}

struct World {
    locations: Vec<Atomic<u64>>,
    cells: Vec<Cell<u64>>,
}

/// One execution, to its end.
fn execute(program: &Arc<Program>) -> Outcome {
    let world = Arc::new(World {
        locations: (0..program.locations()).map(|_| Atomic::new(0)).collect(),
        cells: (0..program.cells()).map(|_| Cell::new(0)).collect(),
    });
    let threads: Vec<_> = (0..program.threads.len())
        .map(|index| {
            let (program, world) = (Arc::clone(program), Arc::clone(&world));
            thread::spawn(move || {
                let statements = &program.threads[index];
                let mut registers = vec![0; registers(statements)];
                statements.iter().for_each(|statement| world.run(statement, &mut registers));
                registers
            })
        })
        .collect();
    let registers = threads.into_iter().map(thread::JoinHandle::join).collect();
    let finals = world.locations.iter().map(|location| location.load(Ordering::Relaxed)).collect();
    Outcome { registers, finals }
}

impl World {
    fn location(&self, location: u8) -> &Atomic<u64> {
        &self.locations[usize::from(location)]
    }

    fn run(&self, statement: &Statement, registers: &mut [u64]) {
        let read = match *statement {
            Statement::Load { location, order, .. } => self.location(location).load(ordering(order)),
            Statement::Store { location, order, value } => {
                let value = match value {
                    Value::Constant(value) => value,
                    Value::Register(register) => registers[usize::from(register)],
                };
                return self.location(location).store(value, ordering(order));
            }
            Statement::Rmw { location, operation, order, .. } => match operation {
                Operation::Add(summand) => self.location(location).fetch_add(summand, ordering(order)),
                Operation::Swap(new) => self.location(location).swap(new, ordering(order)),
            },
            Statement::Cas { location, expected, new, success, failure, weak, .. } => {
                let location = self.location(location);
                let (success, failure) = (ordering(success), ordering(failure));
                let result = if weak {
                    location.compare_exchange_weak(expected, new, success, failure)
                } else {
                    location.compare_exchange(expected, new, success, failure)
                };
                result.unwrap_or_else(|found| found)
            }
            Statement::Fence(kind) => return run_fence(kind),
            Statement::Await { location, order, predicate } => {
                let holds = move |value| Predicate::holds(predicate, value);
                self.location(location).wait_until(ordering(order), holds);
                return;
            }
            Statement::AwaitCas { location, expected, new, order } => {
                let change = move |value| (value == expected).then_some(new);
                self.location(location).wait_update(ordering(order), change);
                return;
            }
            Statement::Get { cell, .. } => self.cells[usize::from(cell)].get(),
            Statement::Set { cell, value } => return self.cells[usize::from(cell)].set(value),
            Statement::If { register, equals, ref then } => {
                if registers[usize::from(register)] == equals {
                    then.iter().for_each(|statement| self.run(statement, registers));
                }
                return;
            }
        };
        let target = statement.target().expect("a statement that reads has a register for it");
        registers[usize::from(target)] = read;
    }
}

fn run_fence(kind: Fence) {
    match kind {
        Fence::Acquire => fence(Ordering::Acquire),
        Fence::Release => fence(Ordering::Release),
        Fence::AcqRel => fence(Ordering::AcqRel),
        Fence::SeqCst => fence(Ordering::SeqCst),
        Fence::Light => light_fence(),
    }
}

fn ordering(order: Order) -> Ordering {
    match order {
        Order::Relaxed => Ordering::Relaxed,
        Order::Acquire => Ordering::Acquire,
        Order::Release => Ordering::Release,
        Order::AcqRel => Ordering::AcqRel,
        Order::SeqCst => Ordering::SeqCst,
    }
}

/// How many programs each of the tests runs: a share of what was run once.
const FEW: u64 = 3_000;

#[test]
fn random_programs_have_the_executions_that_rc11_allows() {
    campaign(&Engine, seeds(FEW), Mode::Rc11);
}

#[test]
fn random_programs_have_the_executions_that_sequential_consistency_allows() {
    campaign(&Engine, seeds(FEW), Mode::Sc);
}

/// What few random programs have: light fences and sequentially consistent accesses together (where only heavy fences
/// are, an edge between a fence and an access can be done without, as what the access reads or writes joins the fences;
/// no edge joins light ones), plain memory between sequentially consistent accesses, and a read of a write that the order
/// of all gives one place.
const SELDOM: [&str; 9] = [
    "x.store(1, rlx); fence(light); r0 = y.load(sc) || y.store(1, rlx); fence(light); r0 = x.load(sc)",
    "x.store(1, sc); fence(light); r0 = y.load(rlx) || y.store(1, sc); fence(light); r0 = x.load(rlx)",
    "x.store(1, rlx); fence(light); y.store(1, sc) || y.store(2, rlx); fence(light); r0 = x.load(sc)",
    "x.store(1, sc); fence(light); y.store(1, rlx) || y.store(2, sc); fence(light); r0 = x.load(rlx)",
    // Into and out of an access at whose location something happens before, or after.
    "y.store(1, rlx); fence(light); x.store(1, rel) || r0 = x.load(sc) \
     || x.store(2, rlx); fence(light); r0 = y.load(sc)",
    "x.store(1, sc) || r0 = x.load(acq); fence(light); r1 = y.load(rlx) \
     || y.store(1, sc); fence(light); r0 = x.load(rlx)",
    "x.store(1, sc); a.set(1); x.store(2, rel) || r0 = x.load(acq); r1 = y.load(sc) \
     || y.store(1, sc); r0 = x.load(sc)",
    "x.store(1, sc); y.store(1, rel) || r0 = y.load(acq); r1 = a.get(); y.store(2, sc) \
     || y.store(3, sc); r0 = x.load(sc)",
    "x.store(1, sc); y.store(2, sc) || r0 = x.load(rlx) || y.store(1, sc); x.store(2, sc)",
];

#[test]
fn programs_that_are_seldom_drawn_have_the_executions_that_rc11_allows() {
    for program in SELDOM {
        agree(&Engine, program, Mode::Rc11);
    }
}

#[test]
fn an_empty_program_has_one_execution() {
    agree(&Engine, "", Mode::Rc11);
}
