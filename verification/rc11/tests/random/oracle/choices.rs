//! All ways to choose, and all orders.

use super::relation::Relation;

/// All ways to choose one of each of several lists, as positions in them; the last list changes first.
pub(crate) struct Choices {
    lengths: Vec<usize>,
    next: Option<Vec<usize>>,
}

impl Choices {
    /// The choices among lists of these lengths: one, the empty one, if there is no list; none if a list is empty.
    pub(crate) fn among(lengths: impl Iterator<Item = usize>) -> Choices {
        let lengths: Vec<usize> = lengths.collect();
        let possible = lengths.iter().all(|&length| length > 0);
        Choices { next: possible.then(|| vec![0; lengths.len()]), lengths }
    }
}

impl Iterator for Choices {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let now = self.next.take()?;
        let mut after = now.clone();
        for (position, length) in after.iter_mut().zip(&self.lengths).rev() {
            *position += 1;
            if *position < *length {
                self.next = Some(after);
                break;
            }
            *position = 0;
        }
        Some(now)
    }
}

/// All total orders of the writes that extend happens-before, the first write first. (An order that does not extend it
/// breaks coherence.)
pub(crate) fn orders(writes: &[usize], hb: &Relation) -> Vec<Vec<usize>> {
    let (&initial, others) = writes.split_first().expect("the initial write is there");
    let mut complete = Vec::new();
    let mut partial = vec![(vec![initial], others.to_vec())];
    while let Some((order, left)) = partial.pop() {
        if left.is_empty() {
            complete.push(order);
            continue;
        }
        for (position, &write) in left.iter().enumerate() {
            if left.iter().all(|&other| !hb.has(other, write)) {
                let (mut order, mut left) = (order.clone(), left.clone());
                order.push(write);
                left.remove(position);
                partial.push((order, left));
            }
        }
    }
    complete
}
