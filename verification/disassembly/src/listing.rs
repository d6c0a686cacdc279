//! What objdump prints, as functions that call each other.

use std::collections::{BTreeMap, BTreeSet};

/// A disassembled program (AT&T syntax, demangled, no raw bytes).
pub(crate) struct Listing<'t> {
    functions: BTreeMap<u64, Function<'t>>,
    /// The table through which calls go from crate to crate: what each of its entries has.
    table: BTreeMap<u64, &'t str>,
}

struct Function<'t> {
    name: &'t str,
    instructions: Vec<&'t str>,
}

/// A function that was looked at.
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) instructions: usize,
}

/// What a function and all that it calls are made of.
#[derive(Default)]
pub(crate) struct Cost {
    pub(crate) functions: Vec<Seen>,
    /// Instructions that lock the bus: with the prefix, or an `xchg` with memory.
    pub(crate) locked: Vec<String>,
    /// `mfence`, `sfence`, `lfence`.
    pub(crate) fences: Vec<String>,
    /// Calls that were not followed because they are out of line.
    pub(crate) cold: BTreeSet<String>,
    /// Calls that could not be followed.
    pub(crate) unknown: BTreeSet<String>,
}

impl Cost {
    /// What there is to tell of it besides the functions, each list with its heading.
    pub(crate) fn lists(&self) -> [(&'static str, Vec<&String>); 4] {
        [
            ("locked", self.locked.iter().collect()),
            ("fence", self.fences.iter().collect()),
            ("out of line, not entered", self.cold.iter().collect()),
            ("cannot be followed", self.unknown.iter().collect()),
        ]
    }
}

impl<'t> Listing<'t> {
    pub(crate) fn parse(text: &'t str) -> Self {
        let (mut functions, mut table) = (BTreeMap::new(), BTreeMap::new());
        let mut current: Option<(u64, Function<'t>)> = None;
        for line in text.lines() {
            if let Some((entry, value)) = relocation(line) {
                table.insert(entry, value);
            } else if let Some((address, name)) = heading(line) {
                functions.extend(current.replace((address, Function { name, instructions: Vec::new() })));
            } else if let (Some((_, function)), Some((_, instruction))) =
                (&mut current, line.split_once('\t'))
            {
                function.instructions.push(instruction.trim());
            }
        }
        functions.extend(current);
        Listing { functions, table }
    }

    /// The cost of the function of that name and of those that it calls, unless `is_cold` says so of a name.
    /// `None` if there is no such function.
    pub(crate) fn cost(&self, name: &str, is_cold: impl Fn(&str) -> bool) -> Option<Cost> {
        let (&start, _) = self.functions.iter().find(|(_, function)| without_hash(function.name) == name)?;
        let (mut cost, mut seen, mut pending) = (Cost::default(), BTreeSet::from([start]), vec![start]);
        while let Some(address) = pending.pop() {
            let function = &self.functions[&address];
            let instructions = function.instructions.iter().filter(|text| !is_padding(text)).count();
            cost.functions.push(Seen { name: without_hash(function.name).into(), instructions });
            for &text in &function.instructions {
                if is_locked(text) {
                    cost.locked.push(text.into());
                } else if ["mfence", "sfence", "lfence"].iter().any(|fence| text.starts_with(fence)) {
                    cost.fences.push(text.into());
                }
                match self.target(text) {
                    Target::None => {}
                    Target::Inside(to) if self.holder(to) == Some(address) => {}
                    Target::Inside(to) => match self.functions.get(&to) {
                        Some(callee) if is_cold(callee.name) => {
                            cost.cold.insert(without_hash(callee.name).into());
                        }
                        Some(_) if seen.insert(to) => pending.push(to),
                        Some(_) => {}
                        None => _ = cost.unknown.insert(text.into()),
                    },
                    Target::Elsewhere(name) if is_cold(name) => _ = cost.cold.insert(name.into()),
                    Target::Elsewhere(name) => _ = cost.unknown.insert(name.into()),
                }
            }
        }
        Some(cost)
    }

    /// Where the function begins that the address is inside of.
    fn holder(&self, address: u64) -> Option<u64> {
        self.functions.range(..=address).next_back().map(|(&start, _)| start)
    }

    /// Where an instruction hands control to, if it does.
    fn target(&self, text: &'t str) -> Target<'t> {
        let prefixes = ["bnd", "notrack", "addr32", "rex.W", "data16"];
        let mut words = text.split_whitespace().skip_while(|word| prefixes.contains(word));
        match words.next() {
            Some(word) if word.starts_with("call") || word.starts_with('j') => {}
            _ => return Target::None,
        }
        if let Some(address) = words.next().and_then(hexadecimal) {
            return Target::Inside(address);
        }
        // `call *0x1234(%rip)  # 5678 <..>`: through the table.
        let entry = text.split_once("# ").and_then(|(_, entry)| hexadecimal(entry.split(' ').next()?));
        match entry.and_then(|entry| self.table.get(&entry)) {
            Some(&value) => match value.strip_prefix("*ABS*+0x").and_then(hexadecimal) {
                Some(address) => Target::Inside(address),
                None => Target::Elsewhere(value),
            },
            None => Target::Elsewhere(text),
        }
    }
}

fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// `0000000000078c10 R_X86_64_RELATIVE  *ABS*+0x000000000002763a`
fn relocation(line: &str) -> Option<(u64, &str)> {
    let mut words = line.split_whitespace();
    let entry = hexadecimal(words.next()?)?;
    words.next()?.starts_with("R_X86_64_").then_some(())?;
    Some((entry, words.next()?))
}

/// `0000000000001234 <name>:`
fn heading(line: &str) -> Option<(u64, &str)> {
    let (address, name) = line.split_once(" <")?;
    Some((hexadecimal(address)?, name.strip_suffix(">:")?))
}

/// The name without the `::h0123456789abcdef` that some demanglers leave.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => path,
        _ => name,
    }
}

fn is_padding(text: &str) -> bool {
    ["nop", "xchg   %ax,%ax", "int3", "cs nop", "data16"].iter().any(|padding| text.starts_with(padding))
}

fn is_locked(text: &str) -> bool {
    text.starts_with("lock ") || (text.starts_with("xchg") && text.contains('('))
}

enum Target<'t> {
    /// No transfer of control.
    None,
    Inside(u64),
    /// Through a register, or out of the program.
    Elsewhere(&'t str),
}
