//! Interleavings, run one by one: a second opinion on the programs' executions under sequential consistency.
//!
//! It knows no axiom. A state is the memory and what every thread has still to do; a step is the next statement of one
//! thread; happens-before is a vector clock. The oracle in the mode `Sc` must say the same.

use crate::program::{Fence, Operation, Order, Predicate, Program, Statement, THREADS, Value, registers};
use crate::verdict::{Mode, Outcome, Subject, Verdict};
use std::collections::HashSet;

/// The interpreter as a subject of comparisons. It knows interleavings only, whatever the mode.
pub(crate) struct Interpreter;

impl Subject for Interpreter {
    fn run(&self, program: &Program, _: Mode) -> Verdict {
        let mut verdict = Verdict::default();
        let mut seen = HashSet::new();
        let mut ahead = vec![State::first(program)];
        while let Some(state) = ahead.pop() {
            verdict.racy |= state.racy;
            let next: Vec<_> = (0..state.threads.len()).flat_map(|thread| state.steps(thread)).collect();
            if next.is_empty() {
                state.end(&mut verdict);
            }
            ahead.extend(next.into_iter().filter(|state| seen.insert(state.clone())));
        }
        verdict
    }
}

/// How many steps of each thread happen before something.
type Clock = [u8; THREADS];

fn join(clock: &mut Clock, other: &Clock) {
    for (mine, theirs) in clock.iter_mut().zip(other) {
        *mine = (*mine).max(*theirs);
    }
}

/// Everything that has happened, so that two states are the same if the same graph led to them.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State<'a> {
    threads: Vec<Thread<'a>>,
    /// The writes of each location, the initial one first.
    locations: Vec<Vec<Write>>,
    /// The last value of each cell, and the accesses.
    cells: Vec<(u64, Vec<Access>)>,
    racy: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Thread<'a> {
    /// The statements that are left, the next one last.
    left: Vec<&'a Statement>,
    registers: Vec<u64>,
    /// What every step so far did: the position of the write that it read from, and whether it wrote.
    history: Vec<(usize, bool)>,
    clock: Clock,
    /// The clock of the last release fence.
    released: Clock,
    /// What an acquire fence acquires.
    acquirable: Clock,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Write {
    value: u64,
    /// The thread that wrote it and its step; none for the initial write.
    by: Option<(usize, u8)>,
    /// What an acquiring read of it acquires.
    message: Clock,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Access {
    thread: usize,
    step: u8,
    writes: bool,
}

impl<'a> State<'a> {
    fn first(program: &'a Program) -> State<'a> {
        let thread = |statements: &'a Vec<Statement>| Thread {
            left: statements.iter().rev().collect(),
            registers: vec![0; registers(statements)],
            history: Vec::new(),
            clock: [0; THREADS],
            released: [0; THREADS],
            acquirable: [0; THREADS],
        };
        let initial = Write { value: 0, by: None, message: [0; THREADS] };
        State {
            threads: program.threads.iter().map(thread).collect(),
            locations: vec![vec![initial]; program.locations()],
            cells: vec![(0, Vec::new()); program.cells()],
            racy: false,
        }
    }

    fn last(&self, location: u8) -> &Write {
        self.locations[usize::from(location)].last().expect("the initial write is there")
    }

    /// No thread can go on: all have ended, or this is a deadlock.
    fn end(&self, verdict: &mut Verdict) {
        if self.threads.iter().any(|thread| !thread.left.is_empty()) {
            verdict.deadlock = true;
            return;
        }
        verdict.complete += 1;
        let registers = self.threads.iter().map(|thread| thread.registers.clone()).collect();
        let finals = (0..self.locations.len()).map(|location| self.last(location as u8).value).collect();
        verdict.outcomes.insert(Outcome { registers, finals });
    }

    /// The states after the next step of the thread: two if a weak compare-and-swap may go either way, none if the
    /// thread has ended or must wait.
    fn steps(&self, thread: usize) -> Vec<State<'a>> {
        let mut next = self.clone();
        let Some(statement) = next.threads[thread].left.pop() else { return Vec::new() };
        next.threads[thread].clock[thread] += 1;
        match *statement {
            Statement::Load { location, order, .. } => next.read(thread, location, order, statement),
            Statement::Store { location, order, value } => {
                let value = match value {
                    Value::Constant(value) => value,
                    Value::Register(register) => next.threads[thread].registers[usize::from(register)],
                };
                next.write(thread, location, order, value, [0; THREADS]);
            }
            Statement::Rmw { location, operation, order, .. } => {
                next.update(thread, location, order, operation, statement);
            }
            Statement::Cas { location, expected, new, success, failure, weak, .. } => {
                let mut failed = next.clone();
                failed.read(thread, location, failure, statement);
                if self.last(location).value != expected {
                    return vec![failed];
                }
                next.update(thread, location, success, Operation::Swap(new), statement);
                return if weak { vec![next, failed] } else { vec![next] };
            }
            Statement::Fence(fence) => next.threads[thread].fence(fence),
            Statement::Await { location, order, predicate } => {
                if !predicate.holds(self.last(location).value) {
                    return Vec::new();
                }
                next.read(thread, location, order, statement);
            }
            Statement::AwaitCas { location, expected, new, order } => {
                if !Predicate::Eq(expected).holds(self.last(location).value) {
                    return Vec::new();
                }
                next.update(thread, location, order, Operation::Swap(new), statement);
            }
            Statement::Get { cell, register } => {
                next.access(thread, cell, false);
                next.threads[thread].registers[usize::from(register)] = next.cells[usize::from(cell)].0;
            }
            Statement::Set { cell, value } => {
                next.access(thread, cell, true);
                next.cells[usize::from(cell)].0 = value;
            }
            Statement::If { register, equals, ref then } => {
                if self.threads[thread].registers[usize::from(register)] == equals {
                    next.threads[thread].left.extend(then.iter().rev());
                }
            }
        }
        vec![next]
    }

    fn read(&mut self, thread: usize, location: u8, order: Order, statement: &Statement) {
        let write = self.last(location).clone();
        let position = self.locations[usize::from(location)].len();
        let thread = &mut self.threads[thread];
        thread.history.push((position, false));
        if let Some(register) = statement.target() {
            thread.registers[usize::from(register)] = write.value;
        }
        join(&mut thread.acquirable, &write.message);
        if order.acquires() {
            join(&mut thread.clock, &write.message);
        }
    }

    fn write(&mut self, thread: usize, location: u8, order: Order, value: u64, read: Clock) {
        let Thread { clock, released, .. } = &self.threads[thread];
        let mut message = if order.releases() { *clock } else { *released };
        join(&mut message, &read);
        let by = Some((thread, clock[thread]));
        self.locations[usize::from(location)].push(Write { value, by, message });
    }

    fn update(&mut self, thread: usize, location: u8, order: Order, what: Operation, statement: &Statement) {
        let Write { value, message, .. } = *self.last(location);
        self.read(thread, location, order, statement);
        self.write(thread, location, order, what.apply(value), message);
        self.threads[thread].history.last_mut().expect("it has just read").1 = true;
    }

    fn access(&mut self, thread: usize, cell: u8, writes: bool) {
        let clock = &self.threads[thread].clock;
        let (_, accesses) = &mut self.cells[usize::from(cell)];
        let unordered = |other: &Access| other.step > clock[other.thread] && (writes || other.writes);
        self.racy |= accesses.iter().any(unordered);
        accesses.push(Access { thread, step: clock[thread], writes });
        accesses.sort_unstable_by_key(|access| (access.thread, access.step));
    }
}

impl Thread<'_> {
    fn fence(&mut self, fence: Fence) {
        if fence.acquires() {
            join(&mut self.clock, &self.acquirable);
        }
        if fence.releases() {
            self.released = self.clock;
        }
    }
}
