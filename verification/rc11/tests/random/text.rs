//! Programs as text: one line that can be pasted into a test, or (`{:#}`) a statement a line.
//!
//! ```text
//! x.store(1, rel); r0 = y.load(acq) || if r0 == 1 { a.set(2) }; fence(sc); r1 = x.cas(0, 1, acqrel, rlx)
//! ```

use crate::program::{
    CELLS, Fence, LOCATIONS, Operation, Order, Predicate, Program, Statement, THREADS, UPDATES, Value,
};
use std::fmt;
use std::str::FromStr;

/// The names of the locations.
pub(crate) const LOCATION_NAMES: [&str; LOCATIONS] = ["x", "y", "z"];
/// The names of the cells.
const CELL_NAMES: [&str; CELLS] = ["a", "b"];

/// The names of the kinds of fences.
const FENCE_NAMES: [(Fence, &str); 5] = [
    (Fence::Acquire, "acq"),
    (Fence::Release, "rel"),
    (Fence::AcqRel, "acqrel"),
    (Fence::SeqCst, "sc"),
    (Fence::Light, "light"),
];

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Order::Relaxed => "rlx",
            Order::Acquire => "acq",
            Order::Release => "rel",
            Order::AcqRel => "acqrel",
            Order::SeqCst => "sc",
        })
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = FENCE_NAMES.iter().find(|(fence, _)| fence == self).expect("every fence has a name");
        f.write_str(name)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Constant(value) => write!(f, "{value}"),
            Value::Register(register) => write!(f, "r{register}"),
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Predicate::Eq(value) => write!(f, "== {value}"),
            Predicate::Ne(value) => write!(f, "!= {value}"),
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(register) = self.target() {
            write!(f, "r{register} = ")?;
        }
        if let Some(location) = self.location() {
            write!(f, "{}.", LOCATION_NAMES[usize::from(location)])?;
        }
        if let Some(cell) = self.cell() {
            write!(f, "{}.", CELL_NAMES[usize::from(cell)])?;
        }
        match self {
            Statement::Load { order, .. } => write!(f, "load({order})"),
            Statement::Store { order, value, .. } => write!(f, "store({value}, {order})"),
            Statement::Rmw { operation: Operation::Add(value), order, .. } => {
                write!(f, "add({value}, {order})")
            }
            Statement::Rmw { operation: Operation::Swap(value), order, .. } => {
                write!(f, "swap({value}, {order})")
            }
            Statement::Cas { expected, new, success, failure, weak, .. } => {
                let name = if *weak { "weak_cas" } else { "cas" };
                write!(f, "{name}({expected}, {new}, {success}, {failure})")
            }
            Statement::Fence(fence) => write!(f, "fence({fence})"),
            Statement::Await { order, predicate, .. } => write!(f, "await({predicate}, {order})"),
            Statement::AwaitCas { expected, new, order, .. } => {
                write!(f, "await_cas({expected}, {new}, {order})")
            }
            Statement::Get { .. } => f.write_str("get()"),
            Statement::Set { value, .. } => write!(f, "set({value})"),
            Statement::If { register, equals, then } => {
                write!(f, "if r{register} == {equals} {{ {} }}", list(then))
            }
        }
    }
}

fn list(statements: &[Statement]) -> String {
    let texts: Vec<_> = statements.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            let threads: Vec<_> = self.threads.iter().map(|thread| list(thread)).collect();
            return f.write_str(&threads.join(" || "));
        }
        for (number, thread) in self.threads.iter().enumerate() {
            writeln!(f, "thread {number}")?;
            for statement in thread {
                writeln!(f, "    {statement}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Program {
    type Err = String;

    fn from_str(text: &str) -> Result<Program, String> {
        let threads = text.split("||").map(|thread| {
            let mut reader = Reader { rest: thread.trim() };
            let statements = reader.statements()?;
            if reader.rest.is_empty() { Ok(statements) } else { Err(reader.wrong("the end of the thread")) }
        });
        let threads: Vec<_> = threads.collect::<Result<_, _>>()?;
        if threads.len() > THREADS {
            return Err(format!("{} threads: at most {THREADS}", threads.len()));
        }
        Ok(Program { threads })
    }
}

/// What is left of a thread's text.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn wrong(&self, expected: &str) -> String {
        format!("expected {expected} at {:?}", self.rest)
    }

    /// Takes the text away if it is next.
    fn takes(&mut self, text: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(text) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn take(&mut self, text: &str) -> Result<(), String> {
        if self.takes(text) { Ok(()) } else { Err(self.wrong(text)) }
    }

    /// Takes the letters, digits and underscores that come next.
    fn word(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.trim_start();
        word
    }

    fn statements(&mut self) -> Result<Vec<Statement>, String> {
        let mut statements = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with('}') {
            let statement = self.statement()?;
            if !statement.is_legal() {
                return Err(format!("there is no {statement}"));
            }
            statements.push(statement);
            if !self.takes(";") {
                break;
            }
        }
        Ok(statements)
    }

    fn statement(&mut self) -> Result<Statement, String> {
        let first = self.word();
        match first {
            "fence" => {
                let [name] = self.arguments()?;
                let fence = FENCE_NAMES.iter().find(|(_, known)| *known == name);
                Ok(Statement::Fence(fence.ok_or_else(|| format!("there is no fence {name}"))?.0))
            }
            "if" => {
                let register = register(self.word())?;
                self.take("==")?;
                let equals = number(self.word())?;
                self.take("{")?;
                let then = self.statements()?;
                self.take("}")?;
                Ok(Statement::If { register, equals, then })
            }
            _ if self.takes("=") => {
                let place = self.word();
                self.read(place, register(first)?)
            }
            _ => self.write(first),
        }
    }

    /// A statement that begins with a register.
    fn read(&mut self, place: &str, register: u8) -> Result<Statement, String> {
        self.take(".")?;
        let method = self.word();
        if method == "get" {
            self.arguments::<0>()?;
            return Ok(Statement::Get { cell: find(&CELL_NAMES, place)?, register });
        }
        let location = find(&LOCATION_NAMES, place)?;
        match method {
            "load" => {
                let [by] = self.arguments()?;
                Ok(Statement::Load { location, order: order(by)?, register })
            }
            "add" | "swap" => {
                let [value, by] = self.arguments()?;
                let value = number(value)?;
                let operation = if method == "add" { Operation::Add(value) } else { Operation::Swap(value) };
                Ok(Statement::Rmw { location, operation, order: order(by)?, register })
            }
            "cas" | "weak_cas" => {
                let [expected, new, success, failure] = self.arguments()?;
                let (expected, new) = (number(expected)?, number(new)?);
                let (success, failure) = (order(success)?, order(failure)?);
                let weak = method == "weak_cas";
                Ok(Statement::Cas { location, expected, new, success, failure, weak, register })
            }
            _ => Err(format!("there is no reading {method}")),
        }
    }

    /// A statement that begins with a place.
    fn write(&mut self, place: &str) -> Result<Statement, String> {
        self.take(".")?;
        let method = self.word();
        if method == "set" {
            let [value] = self.arguments()?;
            return Ok(Statement::Set { cell: find(&CELL_NAMES, place)?, value: number(value)? });
        }
        let location = find(&LOCATION_NAMES, place)?;
        match method {
            "store" => {
                let [value, by] = self.arguments()?;
                let value = match register(value) {
                    Ok(register) => Value::Register(register),
                    Err(_) => Value::Constant(number(value)?),
                };
                Ok(Statement::Store { location, order: order(by)?, value })
            }
            "await" => {
                let [condition, by] = self.arguments()?;
                let (relation, value) =
                    condition.split_once(' ').ok_or_else(|| format!("there is no condition {condition}"))?;
                let value = number(value)?;
                let predicate = if relation == "==" { Predicate::Eq(value) } else { Predicate::Ne(value) };
                Ok(Statement::Await { location, order: order(by)?, predicate })
            }
            "await_cas" => {
                let [expected, new, by] = self.arguments()?;
                let (expected, new) = (number(expected)?, number(new)?);
                Ok(Statement::AwaitCas { location, expected, new, order: order(by)? })
            }
            _ => Err(format!("there is no writing {method}")),
        }
    }

    /// What stands between parentheses, separated by commas.
    fn arguments<const N: usize>(&mut self) -> Result<[&'a str; N], String> {
        self.take("(")?;
        let (inside, rest) = self.rest.split_once(')').ok_or_else(|| self.wrong(")"))?;
        self.rest = rest.trim_start();
        let arguments: Vec<_> = inside.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
        arguments.try_into().map_err(|_| format!("expected {N} arguments in ({inside})"))
    }
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("{word:?} is no number"))
}

fn register(word: &str) -> Result<u8, String> {
    let number = word.strip_prefix('r').and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("{word:?} is no register"))
}

fn order(word: &str) -> Result<Order, String> {
    let order = UPDATES.into_iter().find(|order| order.to_string() == word);
    order.ok_or_else(|| format!("there is no ordering {word:?}"))
}

fn find(names: &[&str], word: &str) -> Result<u8, String> {
    let place = names.iter().position(|name| *name == word);
    place.map(|place| place as u8).ok_or_else(|| format!("there is no {word:?} here"))
}
