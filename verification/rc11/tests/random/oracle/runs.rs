//! The runs of one thread: what it does for each guess of what its reads read.

use super::values::Domains;
use crate::program::{Fence, Operation, Order, Predicate, Program, Statement, Value, registers};
use std::collections::BTreeSet;

/// A variable that the program shares between its threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Location(u8),
    Cell(u8),
}

/// An event of a thread. A read-modify-write is a read and the write that comes right after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// `update`: the next event is the write of the same read-modify-write.
    Read {
        place: Place,
        order: Order,
        value: u64,
        update: bool,
    },
    Write {
        place: Place,
        order: Order,
        value: u64,
    },
    Fence(Fence),
}

/// What a thread stands at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blocked {
    pub(crate) location: u8,
    pub(crate) predicate: Predicate,
}

/// A thread from its start to its end, or to an await that it stands at.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) events: Vec<Event>,
    pub(crate) registers: Vec<u64>,
    pub(crate) blocked: Option<Blocked>,
}

impl Run {
    /// How many writes of the place it has.
    pub(crate) fn writes_to(&self, place: Place) -> usize {
        writes(self).filter(|&(written, _)| written == place).count()
    }
}

/// The runs of every thread, without those that read what no run writes.
pub(crate) fn runs(program: &Program) -> Vec<Vec<Run>> {
    let domains = Domains::of(program);
    let mut all: Vec<Vec<Run>> = program.threads.iter().map(|thread| runs_of(thread, &domains)).collect();
    loop {
        let written: BTreeSet<_> = all.iter().flatten().flat_map(writes).collect();
        let before: usize = all.iter().map(Vec::len).sum();
        for runs in &mut all {
            runs.retain(|run| {
                reads(run).all(|(place, value)| value == 0 || written.contains(&(place, value)))
            });
        }
        if all.iter().map(Vec::len).sum::<usize>() == before {
            return all;
        }
    }
}

/// What the run writes, and where.
fn writes(run: &Run) -> impl Iterator<Item = (Place, u64)> {
    run.events.iter().filter_map(|event| match *event {
        Event::Write { place, value, .. } => Some((place, value)),
        _ => None,
    })
}

/// What the run reads, and where.
fn reads(run: &Run) -> impl Iterator<Item = (Place, u64)> {
    run.events.iter().filter_map(|event| match *event {
        Event::Read { place, value, .. } => Some((place, value)),
        _ => None,
    })
}

/// A run under way, and the statements before it, the next one last.
#[derive(Clone)]
struct Partial<'a> {
    run: Run,
    left: Vec<&'a Statement>,
}

fn runs_of(thread: &[Statement], domains: &Domains) -> Vec<Run> {
    let run = Run { events: Vec::new(), registers: vec![0; registers(thread)], blocked: None };
    let mut partial = vec![Partial { run, left: thread.iter().rev().collect() }];
    let mut complete = Vec::new();
    while let Some(mut now) = partial.pop() {
        match now.left.pop() {
            None => complete.push(now.run),
            Some(statement) => now.step(statement, domains, &mut partial, &mut complete),
        }
    }
    complete
}

impl<'a> Partial<'a> {
    /// Lets the thread do a statement in every way that there is.
    fn step(
        mut self,
        statement: &'a Statement,
        domains: &Domains,
        partial: &mut Vec<Partial<'a>>,
        complete: &mut Vec<Run>,
    ) {
        match *statement {
            Statement::Load { location, order, .. } => {
                for &value in &domains.locations[usize::from(location)] {
                    partial.push(self.reading(statement, order, value));
                }
            }
            Statement::Rmw { location, operation, order, .. } => {
                for &value in &domains.locations[usize::from(location)] {
                    partial.push(self.updating(statement, order, value, operation));
                }
            }
            Statement::Cas { location, expected, new, success, failure, weak, .. } => {
                for &value in &domains.locations[usize::from(location)] {
                    if value == expected {
                        partial.push(self.updating(statement, success, value, Operation::Swap(new)));
                    }
                    if value != expected || weak {
                        partial.push(self.reading(statement, failure, value));
                    }
                }
            }
            Statement::Await { location, order, predicate } => {
                complete.push(self.blocked(location, predicate));
                for &value in domains.locations[usize::from(location)].iter().filter(|&&v| predicate.holds(v))
                {
                    partial.push(self.reading(statement, order, value));
                }
            }
            Statement::AwaitCas { location, expected, new, order } => {
                complete.push(self.blocked(location, Predicate::Eq(expected)));
                partial.push(self.updating(statement, order, expected, Operation::Swap(new)));
            }
            Statement::Get { cell, .. } => {
                for &value in &domains.cells[usize::from(cell)] {
                    partial.push(self.reading(statement, Order::Relaxed, value));
                }
            }
            Statement::Store { location, order, value } => {
                let value = match value {
                    Value::Constant(value) => value,
                    Value::Register(register) => self.run.registers[usize::from(register)],
                };
                self.run.events.push(Event::Write { place: Place::Location(location), order, value });
                partial.push(self);
            }
            Statement::Set { cell, value } => {
                self.run.events.push(Event::Write { place: Place::Cell(cell), order: Order::Relaxed, value });
                partial.push(self);
            }
            Statement::Fence(fence) => {
                self.run.events.push(Event::Fence(fence));
                partial.push(self);
            }
            Statement::If { register, equals, ref then } => {
                if self.run.registers[usize::from(register)] == equals {
                    self.left.extend(then.iter().rev());
                }
                partial.push(self);
            }
        }
    }

    /// The run in which the statement reads the value and writes nothing.
    fn reading(&self, statement: &Statement, order: Order, value: u64) -> Partial<'a> {
        let mut next = self.clone();
        next.read(statement, order, value, false);
        next
    }

    /// The run in which the statement reads the value and writes a new one.
    fn updating(&self, statement: &Statement, order: Order, value: u64, operation: Operation) -> Partial<'a> {
        let mut next = self.clone();
        let place = next.read(statement, order, value, true);
        next.run.events.push(Event::Write { place, order, value: operation.apply(value) });
        next
    }

    fn read(&mut self, statement: &Statement, order: Order, value: u64, update: bool) -> Place {
        let location = statement.location().map(Place::Location);
        let place = location.or(statement.cell().map(Place::Cell)).expect("what reads has a place");
        self.run.events.push(Event::Read { place, order, value, update });
        if let Some(register) = statement.target() {
            self.run.registers[usize::from(register)] = value;
        }
        place
    }

    /// The run that stands here.
    fn blocked(&self, location: u8, predicate: Predicate) -> Run {
        Run { blocked: Some(Blocked { location, predicate }), ..self.run.clone() }
    }
}
