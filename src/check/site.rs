//! Ordering sites: the places in the source where an operation names an ordering, and how one is weakened for a run.

use serde::{Deserialize, Serialize};
use std::fmt;
#[cfg(feature = "engine")]
use std::panic::Location;
use std::sync::atomic::Ordering;

/// One ordering, weakened for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weaken {
    /// The end of the source file's path, `rcu.rs` say.
    pub file: String,
    /// The line of the operation.
    pub line: u32,
    /// What it is to use instead. `None`, for a fence, leaves it out.
    #[serde(with = "by_name")]
    pub to: Option<Ordering>,
}

#[cfg(feature = "engine")]
impl Weaken {
    pub(crate) fn is_at(&self, at: &Location<'_>) -> bool {
        at.line() == self.line && at.file().ends_with(&self.file)
    }
}

/// An operation with an ordering stronger than `Relaxed`, by where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderingSite {
    /// The source file, as the compiler was told of it.
    pub file: String,
    /// The line.
    pub line: u32,
    /// What it does: `load`, `fetch_sub`, `fence`, ..
    pub operation: String,
    /// The ordering: `Acquire`, `Release`, `AcqRel` or `SeqCst`.
    pub ordering: String,
}

#[cfg(feature = "engine")]
impl OrderingSite {
    /// The site of an operation; `None` if it is `Relaxed`.
    pub(crate) fn of(operation: &str, ordering: Ordering, at: &Location<'_>) -> Option<OrderingSite> {
        (ordering != Ordering::Relaxed).then(|| OrderingSite {
            file: at.file().to_owned(),
            line: at.line(),
            operation: operation.to_owned(),
            ordering: format!("{ordering:?}"),
        })
    }
}

impl fmt::Display for OrderingSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} {}", self.file, self.line, self.operation, self.ordering)
    }
}

/// Orderings in JSON.
mod by_name {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use std::sync::atomic::Ordering;

    const ALL: [(&str, Ordering); 5] = [
        ("Relaxed", Ordering::Relaxed),
        ("Acquire", Ordering::Acquire),
        ("Release", Ordering::Release),
        ("AcqRel", Ordering::AcqRel),
        ("SeqCst", Ordering::SeqCst),
    ];

    // By reference, as serde calls it so.
    pub(super) fn serialize<S: Serializer>(order: &Option<Ordering>, to: S) -> Result<S::Ok, S::Error> {
        let name = order.and_then(|order| ALL.iter().find(|(_, known)| *known == order));
        name.map(|(name, _)| name).serialize(to)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Option<Ordering>, D::Error> {
        let Some(name) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let known = ALL.iter().find(|(known, _)| *known == name);
        known.map(|(_, order)| Some(*order)).ok_or_else(|| D::Error::custom(format!("no ordering: {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakening_survives_json() {
        for to in [None, Some(Ordering::Relaxed), Some(Ordering::AcqRel)] {
            let weaken = Weaken { file: "rcu.rs".into(), line: 7, to };
            let text = serde_json::to_string(&weaken).unwrap();
            assert_eq!(serde_json::from_str::<Weaken>(&text).unwrap(), weaken, "{text}");
        }
        assert!(serde_json::from_str::<Weaken>(r#"{"file":"a","line":1,"to":"Weak"}"#).is_err());
    }
}
