//! Which values a location can hold at all: a fixpoint over the text of a program, blind to its control flow.
//!
//! An addition is done at most once, so no value comes from one that the same addition had a part in. That keeps the
//! fixpoint finite.

use crate::program::{CELLS, LOCATIONS, Operation, Program, Statement, Value, flatten, registers};
use std::collections::BTreeSet;

/// Values, each with the set of the additions that had a part in it.
type Traced = BTreeSet<(u64, u32)>;

/// The values that reads may guess.
pub(crate) struct Domains {
    /// By location, from the least.
    pub(crate) locations: [Vec<u64>; LOCATIONS],
    /// By cell, from the least.
    pub(crate) cells: [Vec<u64>; CELLS],
}

impl Domains {
    pub(crate) fn of(program: &Program) -> Domains {
        let mut fixpoint = Fixpoint::of_nothing(program);
        while fixpoint.round(program) {}
        Domains { locations: fixpoint.locations.map(values), cells: fixpoint.cells.map(values) }
    }
}

fn values(traced: Traced) -> Vec<u64> {
    let values: BTreeSet<u64> = traced.into_iter().map(|(value, _)| value).collect();
    values.into_iter().collect()
}

struct Fixpoint {
    locations: [Traced; LOCATIONS],
    cells: [Traced; CELLS],
    /// By thread and register.
    registers: Vec<Vec<Traced>>,
}

impl Fixpoint {
    fn of_nothing(program: &Program) -> Fixpoint {
        let zero = || Traced::from([(0, 0)]);
        Fixpoint {
            locations: std::array::from_fn(|_| zero()),
            cells: std::array::from_fn(|_| zero()),
            registers: program.threads.iter().map(|thread| vec![zero(); registers(thread)]).collect(),
        }
    }

    /// Lets every statement add what it can write; whether anything is new.
    fn round(&mut self, program: &Program) -> bool {
        let size = self.size();
        let mut addition = 0;
        for (thread, statements) in program.threads.iter().enumerate() {
            for statement in flatten(statements) {
                self.read(thread, statement);
                self.write(thread, statement, addition);
                addition += 1;
            }
        }
        self.size() > size
    }

    fn size(&self) -> usize {
        let places = self.locations.iter().chain(&self.cells);
        places.chain(self.registers.iter().flatten()).map(Traced::len).sum()
    }

    fn read(&mut self, thread: usize, statement: &Statement) {
        let Some(register) = statement.target() else { return };
        let read = match (statement.location(), statement.cell()) {
            (Some(location), _) => &self.locations[usize::from(location)],
            (_, Some(cell)) => &self.cells[usize::from(cell)],
            _ => return,
        };
        self.registers[thread][usize::from(register)].extend(read);
    }

    fn write(&mut self, thread: usize, statement: &Statement, number: u32) {
        let written = match *statement {
            Statement::Store { value: Value::Register(register), .. } => {
                self.registers[thread][usize::from(register)].clone()
            }
            Statement::Store { value: Value::Constant(value), .. }
            | Statement::Rmw { operation: Operation::Swap(value), .. }
            | Statement::Cas { new: value, .. }
            | Statement::AwaitCas { new: value, .. }
            | Statement::Set { value, .. } => Traced::from([(value, 0)]),
            Statement::Rmw { location, operation: Operation::Add(summand), .. } => {
                let fresh =
                    self.locations[usize::from(location)].iter().filter(|(_, by)| by >> number & 1 == 0);
                fresh.map(|(value, by)| (value.wrapping_add(summand), by | 1 << number)).collect()
            }
            _ => return,
        };
        match (statement.location(), statement.cell()) {
            (Some(location), _) => self.locations[usize::from(location)].extend(written),
            (_, Some(cell)) => self.cells[usize::from(cell)].extend(written),
            _ => {}
        }
    }
}
