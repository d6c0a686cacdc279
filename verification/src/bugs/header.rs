//! The head of a patch: keys and values, up to the first empty line.
//!
//! A line that is indented goes on with the value of the line before.

use std::collections::BTreeMap;
use std::fmt;

/// The keys, each of which is there once, in this order.
pub(super) const KEYS: [&str; 8] =
    ["bug", "kernel", "story", "model", "engine", "says", "kind", "executions"];

/// What is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The line is neither a key with a value nor the rest of one.
    NoKey,
    /// There is no such key.
    UnknownKey(String),
    /// The key stands where another should.
    Order {
        /// The key that should be here.
        expected: &'static str,
    },
    /// The key has no value.
    NoValue(&'static str),
    /// The header ends without the key.
    Missing(&'static str),
    /// The name is not the file's.
    OtherName,
    /// No model has that name.
    NoModel(String),
    /// The engine is not for the model, or does not explore everything.
    NotFor(String),
    /// The value is none that the key can have.
    Value {
        /// The key.
        key: &'static str,
        /// What is said of the value.
        why: String,
    },
    /// Nothing follows the header that `git apply` could apply.
    NoPatch,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NoKey => f.write_str("this is no key with a value"),
            Fault::UnknownKey(key) => write!(f, "there is no key {key}"),
            Fault::Order { expected } => write!(f, "{expected} is expected here"),
            Fault::NoValue(key) => write!(f, "{key} has no value"),
            Fault::Missing(key) => write!(f, "{key} is missing"),
            Fault::OtherName => f.write_str("the bug does not have the name of the file"),
            Fault::NoModel(name) => write!(f, "no model is named {name}"),
            Fault::NotFor(why) => f.write_str(why),
            Fault::Value { key, why } => write!(f, "{key}: {why}"),
            Fault::NoPatch => f.write_str("no patch follows the header"),
        }
    }
}

/// A fault, and the line that it is in, counted from 1.
pub(super) type Faulty = (usize, Fault);

/// The values by key, each with its line; a value of several lines is one, with single spaces.
#[derive(Debug)]
pub(super) struct Header(BTreeMap<&'static str, (usize, String)>);

impl Header {
    /// Reads the header of a patch.
    pub(super) fn parse(text: &str) -> Result<Header, Faulty> {
        let mut values: BTreeMap<&'static str, (usize, String)> = BTreeMap::new();
        let mut keys = KEYS.into_iter();
        let mut last = None;
        let mut end = 1;
        for (line, number) in text.lines().zip(1..).take_while(|(line, _)| !line.is_empty()) {
            end = number + 1;
            if let Some(rest) = line.strip_prefix("  ")
                && let Some((_, value)) = last.and_then(|key| values.get_mut(key))
            {
                *value = format!("{value} {}", rest.trim()).trim_start().into();
                continue;
            }
            let (key, value) = line.split_once(':').ok_or((number, Fault::NoKey))?;
            if !KEYS.contains(&key) {
                return Err((number, Fault::UnknownKey(key.into())));
            }
            match keys.next() {
                Some(expected) if expected == key => {
                    values.insert(expected, (number, value.trim().into()));
                    last = Some(expected);
                }
                expected => return Err((number, Fault::Order { expected: expected.unwrap_or("the end") })),
            }
        }
        if let Some(missing) = keys.next() {
            return Err((end, Fault::Missing(missing)));
        }
        if let Some((key, (number, _))) = values.iter().find(|(_, (_, value))| value.is_empty()) {
            return Err((*number, Fault::NoValue(key)));
        }
        if !text.lines().skip(end).any(|line| line.starts_with("diff --git ")) {
            return Err((end, Fault::NoPatch));
        }
        Ok(Header(values))
    }

    /// The value of a key.
    pub(super) fn text(&self, key: &'static str) -> &str {
        &self.0[key].1
    }

    /// The fault, at the line of a key.
    pub(super) fn fault(&self, key: &'static str, fault: Fault) -> Faulty {
        (self.0[key].0, fault)
    }

    /// The value of a key, as something else than text.
    pub(super) fn value<T, E: fmt::Display>(
        &self,
        key: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Faulty> {
        read(self.text(key)).map_err(|error| self.fault(key, Fault::Value { key, why: error.to_string() }))
    }
}
