//! The event log: what an execution did, operation by operation.

use std::panic::Location;
use std::sync::atomic::Ordering;

/// What a value is, for printing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// There is none.
    None,
    /// A number.
    Number(u64),
    /// The address of a heap object, 0 for none.
    Address(u64),
    /// What was there, and what is there now.
    Change { from: u64, to: u64, address: bool },
    /// The operation is not done: its thread waits.
    Waits,
}

/// What an operation is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// Nothing.
    None,
    /// A facade object, by its number.
    Object(usize),
    /// A heap object, by its address.
    Block(usize),
    /// A thread.
    Thread(usize),
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) thread: usize,
    pub(super) operation: &'static str,
    pub(super) target: Target,
    pub(super) order: Option<Ordering>,
    pub(super) value: Value,
    pub(super) at: &'static Location<'static>,
    /// How many events of the engine's graph the thread had behind it when this was written down.
    pub(super) behind: usize,
    /// How many of the operation's own come after that.
    pub(super) ahead: usize,
}

/// A facade object, by the identity that is the same in every execution: who created it, and as its how-manieth.
#[derive(Debug, Clone)]
pub(super) struct ObjectInfo {
    pub(super) kind: &'static str,
    pub(super) name: Option<&'static str>,
    pub(super) creator: usize,
    pub(super) nth: usize,
    /// What an atomic held at first.
    pub(super) initial: Option<u64>,
    /// The address of the heap object that it is a part of, once that is known.
    pub(super) block: Option<usize>,
    /// Stores that no thread needs to have seen; see `Execution::count_store`.
    pub(super) racing_stores: u32,
}

/// `file:line:column`.
pub(super) fn place(at: &Location<'_>) -> String {
    format!("{}:{}:{}", at.file(), at.line(), at.column())
}

/// The name of a type without paths and parameters: what the log calls its values.
pub(super) fn type_name<T: ?Sized>() -> &'static str {
    short(std::any::type_name::<T>())
}

fn short(path: &'static str) -> &'static str {
    let path = path.split('<').next().unwrap_or_default();
    path.rsplit([':', '[', '&']).next().unwrap_or(path).trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_type_has_a_short_name() {
        assert_eq!(short("netns_core::net::Net"), "Net");
        assert_eq!(short("netns_core::net::generic::Pernet<netns_models::world::Ops>"), "Pernet");
        assert_eq!(short("[u8]"), "u8");
        assert_eq!(short("u32"), "u32");
    }
}
