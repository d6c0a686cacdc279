//! An operation in few words.

use netns_core::check::EventRecord;
use std::fmt;

/// An operation: `fetch_sub Net#2.count 1 → 0 release`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) operation: String,
    /// What it is done to; empty if to nothing.
    pub(crate) object: String,
    /// What was read and written; empty if nothing.
    pub(crate) value: String,
    /// Empty if it has none.
    pub(crate) ordering: String,
}

impl Phrase {
    pub(super) fn of(event: &EventRecord) -> Phrase {
        let (operation, value) = match event.operation.as_str() {
            "load" if event.value != "waits" => ("load", format!("= {}", numbers(&event.value))),
            "store" => ("store", format!(":= {}", numbers(&event.value))),
            "exchange!" => ("exchange", format!("fails, = {}", numbers(&event.value))),
            "light_fence" => ("light fence", String::new()),
            "heavy_fence" => ("heavy fence", String::new()),
            // It is said of the step, not of the operation.
            other if event.value == "waits" => (other, String::new()),
            other => (other, numbers(&event.value)),
        };
        let object = match event.operation.as_str() {
            // The name of a thread is its number and what it was called.
            "spawn" | "join" => name(&event.object),
            _ => event.object.clone(),
        };
        let ordering = match event.ordering.as_str() {
            _ if event.operation.ends_with("_fence") => String::new(),
            "SeqCst" => "seq_cst".into(),
            "AcqRel" => "acq_rel".into(),
            other => other.to_lowercase(),
        };
        Phrase { operation: operation.into(), object, value, ordering }
    }

    /// Its parts that are there.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        [&self.operation, &self.object, &self.value, &self.ordering]
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().collect::<Vec<_>>().join(" "))
    }
}

/// What a thread is called: `lookup` of `1:lookup`, `thread 1` of `1`.
pub(super) fn name(label: &str) -> String {
    match label.split_once(':') {
        Some((_, name)) => name.into(),
        None => format!("thread {label}"),
    }
}

/// A value: large numbers are hexadecimal, as they are made of bits.
fn numbers(value: &str) -> String {
    let word = |word: &str| match word.parse::<u64>() {
        Ok(number) if number >= 1 << 24 => format!("{number:#x}"),
        _ if word == "->" => "→".into(),
        _ => word.to_owned(),
    };
    value.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(operation: &str, object: &str, value: &str, ordering: &str) -> String {
        let [operation, object, value, ordering] = [operation, object, value, ordering].map(str::to_owned);
        Phrase::of(&EventRecord { operation, object, value, ordering, ..EventRecord::default() }).to_string()
    }

    #[test]
    fn an_operation_is_a_phrase() {
        assert_eq!(
            said("fetch_sub", "Net#2.count", "1 -> 0", "Release"),
            "fetch_sub Net#2.count 1 → 0 release"
        );
        assert_eq!(said("load", "gp", "7", "Acquire"), "load gp = 7 acquire");
        assert_eq!(said("store", "slot", "null", "AcqRel"), "store slot := null acq_rel");
        assert_eq!(said("exchange!", "count", "3", "Relaxed"), "exchange count fails, = 3 relaxed");
        assert_eq!(said("swap", "count", "1 -> 3221225472", "Relaxed"), "swap count 1 → 0xc0000000 relaxed");
        assert_eq!(said("light_fence", "", "", "SeqCst"), "light fence");
        assert_eq!(said("fence", "", "", "SeqCst"), "fence seq_cst");
        assert_eq!(said("spawn", "1:lookup", "", ""), "spawn lookup");
        assert_eq!(said("join", "2", "", ""), "join thread 2");
        assert_eq!(said("lock", "rtnl", "waits", ""), "lock rtnl");
        assert_eq!(said("free", "Net#2", "", ""), "free Net#2");
    }
}
