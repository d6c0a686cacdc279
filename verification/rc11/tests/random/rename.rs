//! Programs with other names in them: locations, cells, constants.

use crate::program::{Operation, Predicate, Program, Statement, Value, flatten};

/// The programs in which a location, a cell or a constant is taken for another one, of a smaller number.
pub(crate) fn with_fewer_names(program: &Program) -> Vec<Program> {
    let mut programs = Vec::new();
    for (from, to) in downwards(program.locations() as u64) {
        let renamed = |statement: &mut Statement| replace(location_mut(statement), from as u8, to as u8);
        programs.push(with_every_statement(program, &renamed));
    }
    for (from, to) in downwards(program.cells() as u64) {
        let renamed = |statement: &mut Statement| replace(cell_mut(statement), from as u8, to as u8);
        programs.push(with_every_statement(program, &renamed));
    }
    // 0 is what everything starts at: no other constant becomes that.
    for (from, to) in downwards(greatest_constant(program) + 1).filter(|&(_, to)| to > 0) {
        let renamed = |statement: &mut Statement| replace(constants_mut(statement), from, to);
        programs.push(with_every_statement(program, &renamed));
    }
    programs.retain(|renamed| renamed != program);
    programs
}

/// The program with every statement changed, those under conditionals too.
pub(crate) fn with_every_statement(program: &Program, change: &dyn Fn(&mut Statement)) -> Program {
    let mut program = program.clone();
    for statement in program.threads.iter_mut().flatten() {
        change(statement);
        if let Statement::If { then, .. } = statement {
            then.iter_mut().for_each(change);
        }
    }
    program
}

/// All pairs of a number and a smaller one.
fn downwards(limit: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..limit).flat_map(|from| (0..from).map(move |to| (from, to)))
}

fn replace<'a, T: Copy + PartialEq + 'a>(names: impl IntoIterator<Item = &'a mut T>, from: T, to: T) {
    for name in names {
        if *name == from {
            *name = to;
        }
    }
}

/// The statement's atomic location.
pub(crate) fn location_mut(statement: &mut Statement) -> Option<&mut u8> {
    match statement {
        Statement::Load { location, .. }
        | Statement::Store { location, .. }
        | Statement::Rmw { location, .. }
        | Statement::Cas { location, .. }
        | Statement::Await { location, .. }
        | Statement::AwaitCas { location, .. } => Some(location),
        _ => None,
    }
}

fn cell_mut(statement: &mut Statement) -> Option<&mut u8> {
    match statement {
        Statement::Get { cell, .. } | Statement::Set { cell, .. } => Some(cell),
        _ => None,
    }
}

fn constants_mut(statement: &mut Statement) -> Vec<&mut u64> {
    match statement {
        Statement::Store { value: Value::Constant(value), .. }
        | Statement::Rmw { operation: Operation::Add(value) | Operation::Swap(value), .. }
        | Statement::Await { predicate: Predicate::Eq(value) | Predicate::Ne(value), .. }
        | Statement::Set { value, .. }
        | Statement::If { equals: value, .. } => vec![value],
        Statement::Cas { expected, new, .. } | Statement::AwaitCas { expected, new, .. } => {
            vec![expected, new]
        }
        _ => Vec::new(),
    }
}

fn greatest_constant(program: &Program) -> u64 {
    let mut greatest = 0;
    for thread in &program.threads {
        for statement in flatten(thread) {
            let mut statement = statement.clone();
            greatest =
                constants_mut(&mut statement).into_iter().fold(greatest, |greatest, one| greatest.max(*one));
        }
    }
    greatest
}
