//! What the objects of an execution are called.

use crate::sync::imp::event::ObjectInfo;
use crate::sync::imp::memory::Memory;
use std::collections::HashMap;

/// The names of all objects of an execution, numbered where several have the same.
pub(in crate::sync::imp) struct Names {
    objects: Vec<String>,
    blocks: HashMap<usize, String>,
}

impl Names {
    /// A heap object is called as it was named, or by its type. What is a part of it is called after it.
    pub(in crate::sync::imp) fn of(objects: &[ObjectInfo], memory: &Memory) -> Names {
        let (addresses, labels): (Vec<usize>, Vec<String>) =
            memory.in_order().map(|(address, label)| (address, label.to_owned())).unzip();
        let blocks: HashMap<usize, String> = addresses.into_iter().zip(numbered(labels)).collect();
        let full = objects.iter().map(|object| {
            let block = object.block.and_then(|block| blocks.get(&block));
            match (block, object.name) {
                (Some(block), name) => format!("{block}.{}", name.unwrap_or(object.kind)),
                (None, Some(name)) => name.to_owned(),
                (None, None) => format!("{}@{}.{}", object.kind, object.creator, object.nth),
            }
        });
        let objects = numbered(full.collect());
        Names { objects, blocks }
    }

    pub(in crate::sync::imp) fn object(&self, index: usize) -> &str {
        &self.objects[index]
    }

    /// The heap object at exactly this address.
    pub(in crate::sync::imp) fn block(&self, address: usize) -> &str {
        self.blocks.get(&address).map_or("memory of no execution", String::as_str)
    }
}

/// `a`, `b#1`, `b#2`.
fn numbered(names: Vec<String>) -> Vec<String> {
    let mut all: HashMap<String, usize> = HashMap::new();
    for name in &names {
        *all.entry(name.clone()).or_default() += 1;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let number = |name: String| {
        if all[&name] == 1 {
            return name;
        }
        let nth = seen.entry(name.clone()).and_modify(|n| *n += 1).or_insert(1);
        format!("{name}#{nth}")
    };
    names.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn a_name_is_numbered_if_several_have_it() {
        let names = ["net", "count", "net"].map(str::to_owned).to_vec();
        assert_eq!(numbered(names), ["net#1", "count", "net#2"]);
    }
}
