//! Random programs, a function of a seed: a litmus test or nothing, roughened.
//!
//! Few locations and few values, so that the accesses meet. Each program has a flavour, the weights of its orderings:
//! orderings that are drawn evenly would seldom make a whole that forbids anything.

use crate::oracle::cost;
use crate::program::{
    CELLS, FENCES, Fence, LOADS, LOCATIONS, Operation, Order, Predicate, Program, STORES, Statement, THREADS,
    UPDATES, Value, registers,
};
use crate::rename::{location_mut, with_every_statement};
use crate::shapes::SHAPES;

/// The greatest number of statements of a random program.
pub(crate) const LONGEST: usize = 12;
/// The greatest cost for the oracle of a random program.
const DEAREST: u64 = 40_000;

/// The program of the seed.
pub(crate) fn generate(seed: u64) -> Program {
    let mut random = Random { state: seed };
    loop {
        let program = draft(&mut random);
        let some = program.threads.iter().all(|thread| !thread.is_empty());
        if some && program.len() <= LONGEST && cost(&program) <= DEAREST {
            return program;
        }
    }
}

/// SplitMix64.
struct Random {
    state: u64,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// True so many times in a hundred.
    fn percent(&mut self, times: usize) -> bool {
        self.below(100) < times
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A position, drawn by its weight.
    fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (position, &weight) in weights.iter().enumerate() {
            if left < weight {
                return position;
            }
            left -= weight;
        }
        unreachable!("what is below the sum falls into a weight")
    }
}

/// Weights of relaxed, of what the access has of acquire and release, of sequentially consistent.
type Orders = [usize; 3];
/// Weights of `FENCES`.
type Fences = [usize; 5];

/// What is drawn from evenly for each program.
const FLAVOURS: [(Orders, Fences); 10] = [
    ([1, 1, 1], [1, 1, 1, 1, 1]),
    ([2, 4, 2], [1, 1, 1, 1, 1]),
    ([1, 6, 0], [1, 1, 1, 1, 1]),
    // Fences do it.
    ([8, 1, 0], [3, 3, 1, 0, 0]),
    ([8, 1, 0], [0, 0, 0, 0, 1]),
    ([8, 2, 0], [0, 0, 0, 1, 1]),
    ([3, 3, 0], [1, 1, 0, 1, 5]),
    // Sequentially consistent accesses do it.
    ([1, 1, 6], [1, 1, 1, 0, 1]),
    ([0, 2, 4], [0, 0, 1, 0, 1]),
    ([3, 0, 3], [1, 1, 1, 1, 4]),
];

/// How likely the orderings are in one program.
struct Flavour {
    orders: Orders,
    fences: Fences,
    /// How many locations and cells the random statements are about.
    locations: usize,
    cells: usize,
}

impl Flavour {
    fn draw(random: &mut Random) -> Flavour {
        let (orders, fences) = random.one_of(&FLAVOURS);
        Flavour {
            orders,
            fences,
            locations: [1, 2, 3][random.weighted(&[2, 5, 2])].min(LOCATIONS),
            cells: random.weighted(&[3, 4, 1]).min(CELLS),
        }
    }

    /// One of the orderings that the access may have, `all` from the weakest to sequentially consistent.
    fn order(&self, random: &mut Random, all: &[Order]) -> Order {
        match random.weighted(&self.orders) {
            0 => Order::Relaxed,
            1 => random.one_of(&all[1..all.len() - 1]),
            _ => Order::SeqCst,
        }
    }

    fn fence(&self, random: &mut Random) -> Fence {
        FENCES[random.weighted(&self.fences)]
    }
}

fn draft(random: &mut Random) -> Program {
    let flavour = Flavour::draw(random);
    let mut program = if random.percent(60) { a_shape(random) } else { nothing(random) };
    let empty = program.len() == 0;
    if random.percent(85) {
        redraw_orders(random, &flavour, &mut program);
    }
    let more = if empty { 3 + random.below(9) } else { random.weighted(&[2, 3, 3, 3, 2, 1]) };
    for _ in 0..more {
        insert(random, &flavour, &mut program);
    }
    if random.percent(25) {
        fence(random, &flavour, &mut program);
    }
    if random.percent(15) {
        remove(random, &mut program);
    }
    if random.percent(10) { merge_locations(random, program) } else { program }
}

fn a_shape(random: &mut Random) -> Program {
    random.one_of(SHAPES).parse().expect("the shapes are programs")
}

fn nothing(random: &mut Random) -> Program {
    let threads = 1 + random.weighted(&[1, 10, 8, 3]).min(THREADS - 1);
    Program { threads: vec![Vec::new(); threads] }
}

/// Draws the orderings anew, and now and then does the same access in another way.
fn redraw_orders(random: &mut Random, flavour: &Flavour, program: &mut Program) {
    for statement in program.threads.iter_mut().flatten() {
        redraw(random, flavour, statement);
        if let Statement::If { then, .. } = statement {
            then.iter_mut().for_each(|statement| redraw(random, flavour, statement));
        }
    }
}

fn redraw(random: &mut Random, flavour: &Flavour, statement: &mut Statement) {
    match statement {
        Statement::Load { order, .. } | Statement::Await { order, .. } => {
            *order = flavour.order(random, &LOADS)
        }
        Statement::Store { order, .. } => *order = flavour.order(random, &STORES),
        Statement::Rmw { order, .. } | Statement::AwaitCas { order, .. } => {
            *order = flavour.order(random, &UPDATES);
        }
        Statement::Cas { success, failure, .. } => {
            *success = flavour.order(random, &UPDATES);
            *failure = flavour.order(random, &LOADS);
        }
        Statement::Fence(fence) if random.percent(50) => *fence = flavour.fence(random),
        _ => {}
    }
    if random.percent(12) {
        *statement = disguised(random, flavour, statement);
    }
}

/// A load or a store as a read-modify-write or an await.
fn disguised(random: &mut Random, flavour: &Flavour, statement: &Statement) -> Statement {
    match *statement {
        Statement::Load { location, register, .. } => {
            let order = flavour.order(random, &UPDATES);
            match random.below(3) {
                0 => Statement::Rmw { location, operation: Operation::Add(1), order, register },
                1 => a_cas(random, flavour, location, register),
                _ => Statement::Await {
                    location,
                    order: flavour.order(random, &LOADS),
                    predicate: Predicate::Ne(0),
                },
            }
        }
        Statement::Store { location, value: Value::Constant(new), .. } => {
            let order = flavour.order(random, &UPDATES);
            if random.percent(50) {
                // No register is that high in a shape.
                Statement::Rmw { location, operation: Operation::Swap(new), order, register: 3 }
            } else {
                Statement::AwaitCas { location, expected: random.below(2) as u64, new, order }
            }
        }
        _ => statement.clone(),
    }
}

/// Puts a random statement somewhere.
fn insert(random: &mut Random, flavour: &Flavour, program: &mut Program) {
    let thread = random.below(program.threads.len());
    let body = &mut program.threads[thread];
    let at = random.below(body.len() + 1);
    let known: Vec<u8> = body[..at].iter().filter_map(Statement::target).collect();
    let fresh = registers(body) as u8;
    let nested = body.get_mut(at).and_then(|statement| match statement {
        Statement::If { then, .. } => Some(then),
        _ => None,
    });
    if let Some(then) = nested.filter(|_| random.percent(50)) {
        then.push(simple(random, flavour, &known, fresh));
    } else if !known.is_empty() && random.percent(20) {
        let then = vec![simple(random, flavour, &known, fresh)];
        body.insert(at, Statement::If { register: random.one_of(&known), equals: value(random), then });
    } else {
        body.insert(at, simple(random, flavour, &known, fresh));
    }
}

/// 0, 1 or 2: what the programs write and look for.
fn value(random: &mut Random) -> u64 {
    [1, 2, 0][random.weighted(&[5, 3, 2])]
}

/// A random statement that is not a conditional; it reads one of the known registers and writes the fresh one.
fn simple(random: &mut Random, flavour: &Flavour, known: &[u8], fresh: u8) -> Statement {
    let location = random.below(flavour.locations) as u8;
    let cells = if flavour.cells == 0 { 0 } else { 6 };
    match random.weighted(&[12, 12, 6, 7, 12, 2, 1, cells, cells]) {
        0 => Statement::Load { location, order: flavour.order(random, &LOADS), register: fresh },
        1 => {
            let from = !known.is_empty() && random.percent(15);
            let value =
                if from { Value::Register(random.one_of(known)) } else { Value::Constant(value(random)) };
            Statement::Store { location, order: flavour.order(random, &STORES), value }
        }
        2 => {
            let operation =
                if random.percent(70) { Operation::Add(1) } else { Operation::Swap(value(random)) };
            Statement::Rmw { location, operation, order: flavour.order(random, &UPDATES), register: fresh }
        }
        3 => a_cas(random, flavour, location, fresh),
        4 => Statement::Fence(flavour.fence(random)),
        5 => {
            let value = value(random);
            let predicate = if random.percent(60) { Predicate::Eq(value) } else { Predicate::Ne(value) };
            Statement::Await { location, order: flavour.order(random, &LOADS), predicate }
        }
        6 => {
            let (expected, new) = (random.below(2) as u64, value(random));
            Statement::AwaitCas { location, expected, new, order: flavour.order(random, &UPDATES) }
        }
        7 => Statement::Get { cell: random.below(flavour.cells) as u8, register: fresh },
        _ => Statement::Set { cell: random.below(flavour.cells) as u8, value: value(random) },
    }
}

fn a_cas(random: &mut Random, flavour: &Flavour, location: u8, register: u8) -> Statement {
    Statement::Cas {
        location,
        expected: random.below(3) as u64,
        new: value(random),
        success: flavour.order(random, &UPDATES),
        failure: flavour.order(random, &LOADS),
        weak: random.percent(30),
        register,
    }
}

/// Puts fences between the statements.
fn fence(random: &mut Random, flavour: &Flavour, program: &mut Program) {
    for thread in &mut program.threads {
        for at in (1..thread.len()).rev() {
            if random.percent(60) {
                thread.insert(at, Statement::Fence(flavour.fence(random)));
            }
        }
    }
}

fn remove(random: &mut Random, program: &mut Program) {
    let thread = random.below(program.threads.len());
    let body = &mut program.threads[thread];
    if body.len() > 1 {
        body.remove(random.below(body.len()));
    }
}

/// Makes one location of two.
fn merge_locations(random: &mut Random, program: Program) -> Program {
    let (from, to) = (random.below(LOCATIONS) as u8, random.below(LOCATIONS) as u8);
    with_every_statement(&program, &|statement| {
        if let Some(location) = location_mut(statement).filter(|location| **location == from) {
            *location = to;
        }
    })
}
