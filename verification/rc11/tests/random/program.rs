//! The language of the random programs: a few threads of loads, stores, read-modify-writes, fences and awaits.
//!
//! The main thread creates the threads, joins them all and reads every location; the program is what lies between.
//! Everything starts at 0: locations, cells and registers. Control flow is a conditional on a register, so a program
//! has finitely many executions.

/// The greatest number of threads.
pub(crate) const THREADS: usize = 4;
/// The greatest number of atomic locations.
pub(crate) const LOCATIONS: usize = 3;
/// The greatest number of plain cells.
pub(crate) const CELLS: usize = 2;

/// A whole program: the statements of each thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Program {
    pub(crate) threads: Vec<Vec<Statement>>,
}

/// One statement of a thread. Registers belong to the thread, locations and cells to all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Statement {
    /// Reads a location into a register.
    Load { location: u8, order: Order, register: u8 },
    /// Writes a location.
    Store { location: u8, order: Order, value: Value },
    /// Reads a location into a register and writes it, in one step.
    Rmw { location: u8, operation: Operation, order: Order, register: u8 },
    /// Compares and swaps. One that fails is only a read, with the ordering `failure`; a `weak` one may fail even if it
    /// reads what it expects.
    Cas { location: u8, expected: u64, new: u64, success: Order, failure: Order, weak: bool, register: u8 },
    /// A fence.
    Fence(Fence),
    /// A read that blocks until it reads a value that satisfies the predicate.
    Await { location: u8, order: Order, predicate: Predicate },
    /// A compare-and-swap that blocks until it succeeds.
    AwaitCas { location: u8, expected: u64, new: u64, order: Order },
    /// Reads a plain cell into a register.
    Get { cell: u8, register: u8 },
    /// Writes a plain cell.
    Set { cell: u8, value: u64 },
    /// Runs the statements if the register holds the value. They hold no conditional themselves.
    If { register: u8, equals: u64, then: Vec<Statement> },
}

/// What a store writes: a constant, or what a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Constant(u64),
    Register(u8),
}

/// What a read-modify-write that always succeeds does to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    Add(u64),
    Swap(u64),
}

/// What an await waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Predicate {
    Eq(u64),
    Ne(u64),
}

/// The ordering of an atomic access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Relaxed,
    Acquire,
    Release,
    AcqRel,
    SeqCst,
}

/// The kind of a fence. The sequentially consistent one is the heavy partner of the light one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fence {
    Acquire,
    Release,
    AcqRel,
    SeqCst,
    /// Takes part in the order of the sequentially consistent fences, except against another light one; synchronises
    /// with nothing.
    Light,
}

/// The orderings of a load, from the weakest.
pub(crate) const LOADS: [Order; 3] = [Order::Relaxed, Order::Acquire, Order::SeqCst];
/// The orderings of a store, from the weakest.
pub(crate) const STORES: [Order; 3] = [Order::Relaxed, Order::Release, Order::SeqCst];
/// The orderings of a read-modify-write; none is weaker than one before it.
pub(crate) const UPDATES: [Order; 5] =
    [Order::Relaxed, Order::Acquire, Order::Release, Order::AcqRel, Order::SeqCst];
/// The kinds of fences.
pub(crate) const FENCES: [Fence; 5] =
    [Fence::Acquire, Fence::Release, Fence::AcqRel, Fence::Light, Fence::SeqCst];

impl Order {
    /// Whether a read with this ordering acquires.
    pub(crate) fn acquires(self) -> bool {
        matches!(self, Order::Acquire | Order::AcqRel | Order::SeqCst)
    }

    /// Whether a write with this ordering releases.
    pub(crate) fn releases(self) -> bool {
        matches!(self, Order::Release | Order::AcqRel | Order::SeqCst)
    }

    /// Whether it gives everything that the other gives.
    pub(crate) fn is_at_least(self, other: Order) -> bool {
        (self.acquires() || !other.acquires())
            && (self.releases() || !other.releases())
            && (self == Order::SeqCst || other != Order::SeqCst)
    }
}

impl Fence {
    /// Whether what was read before the fence is acquired by it.
    pub(crate) fn acquires(self) -> bool {
        matches!(self, Fence::Acquire | Fence::AcqRel | Fence::SeqCst)
    }

    /// Whether what is written after the fence is released by it.
    pub(crate) fn releases(self) -> bool {
        matches!(self, Fence::Release | Fence::AcqRel | Fence::SeqCst)
    }
}

impl Predicate {
    /// Whether the value satisfies it.
    pub(crate) fn holds(self, value: u64) -> bool {
        match self {
            Predicate::Eq(wanted) => value == wanted,
            Predicate::Ne(unwanted) => value != unwanted,
        }
    }
}

impl Operation {
    /// What is written over the value.
    pub(crate) fn apply(self, old: u64) -> u64 {
        match self {
            Operation::Add(summand) => old.wrapping_add(summand),
            Operation::Swap(new) => new,
        }
    }
}

impl Statement {
    /// The register that the statement writes.
    pub(crate) fn target(&self) -> Option<u8> {
        match *self {
            Statement::Load { register, .. }
            | Statement::Rmw { register, .. }
            | Statement::Cas { register, .. }
            | Statement::Get { register, .. } => Some(register),
            _ => None,
        }
    }

    /// The register that the statement reads.
    pub(crate) fn source(&self) -> Option<u8> {
        match *self {
            Statement::Store { value: Value::Register(register), .. } | Statement::If { register, .. } => {
                Some(register)
            }
            _ => None,
        }
    }

    /// The atomic location that the statement accesses.
    pub(crate) fn location(&self) -> Option<u8> {
        match *self {
            Statement::Load { location, .. }
            | Statement::Store { location, .. }
            | Statement::Rmw { location, .. }
            | Statement::Cas { location, .. }
            | Statement::Await { location, .. }
            | Statement::AwaitCas { location, .. } => Some(location),
            _ => None,
        }
    }

    /// The plain cell that the statement accesses.
    pub(crate) fn cell(&self) -> Option<u8> {
        match *self {
            Statement::Get { cell, .. } | Statement::Set { cell, .. } => Some(cell),
            _ => None,
        }
    }

    /// The statements under a conditional.
    fn nested(&self) -> &[Statement] {
        match self {
            Statement::If { then, .. } => then,
            _ => &[],
        }
    }

    /// Whether C++ has this access with this ordering, and the program has such a place.
    pub(crate) fn is_legal(&self) -> bool {
        let orders = match *self {
            Statement::Load { order, .. } | Statement::Await { order, .. } => LOADS.contains(&order),
            Statement::Store { order, .. } => STORES.contains(&order),
            Statement::Cas { failure, .. } => LOADS.contains(&failure),
            _ => true,
        };
        let flat = self.nested().iter().all(|inner| inner.nested().is_empty() && inner.is_legal());
        let within = |place: Option<u8>, limit| place.is_none_or(|place| usize::from(place) < limit);
        orders && flat && within(self.location(), LOCATIONS) && within(self.cell(), CELLS)
    }
}

impl Program {
    /// All statements, those under conditionals too; a conditional comes before what is under it.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.threads.iter().flat_map(|thread| flatten(thread))
    }

    /// How many statements it has, conditionals included.
    pub(crate) fn len(&self) -> usize {
        self.statements().count()
    }

    /// How many atomic locations it has: one more than the greatest number of one.
    pub(crate) fn locations(&self) -> usize {
        self.statements().filter_map(Statement::location).max().map_or(0, |last| usize::from(last) + 1)
    }

    /// How many plain cells it has: one more than the greatest number of one.
    pub(crate) fn cells(&self) -> usize {
        self.statements().filter_map(Statement::cell).max().map_or(0, |last| usize::from(last) + 1)
    }
}

/// The statements, each followed by those under it.
pub(crate) fn flatten(statements: &[Statement]) -> impl Iterator<Item = &Statement> {
    statements.iter().flat_map(|statement| std::iter::once(statement).chain(statement.nested()))
}

/// How many registers a thread has: one more than the greatest number of one.
pub(crate) fn registers(thread: &[Statement]) -> usize {
    let used = |statement: &Statement| statement.target().max(statement.source());
    flatten(thread).filter_map(used).max().map_or(0, |last| usize::from(last) + 1)
}
