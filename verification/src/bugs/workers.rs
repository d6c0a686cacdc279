//! Several copies of the tree at work.

use super::Bug;
use super::tree::{Tree, Unbuilt};
use crate::runner::Stop;
use crate::terminal;
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

/// What happens meanwhile; each with the bug's index.
#[derive(Debug)]
pub(super) enum Event<T> {
    Started(usize),
    Ended(usize, T),
}

/// The copies of the tree at `root`, so many, and each with all built that does not change from bug to bug.
///
/// # Errors
///
/// If the tree without any bug does not build.
pub(crate) fn copies(root: &Path, number: usize, stop: &Stop) -> Result<Vec<Tree>, Unbuilt> {
    let mut first = Tree::open(root, 0)?;
    terminal::complain("building the tree as it is");
    first.unpatched(stop)?;
    let mut trees = vec![first];
    for number in 1..number {
        let tree = Tree::open(root, number)?;
        trees[0].lend(&tree)?;
        trees.push(tree);
    }
    Ok(trees)
}

/// Does `work` for each bug, in as many threads as there are trees. In the order of the bugs; `None` for those that a
/// stop left.
pub(super) fn each<T: Send>(
    bugs: &[Bug],
    trees: Vec<Tree>,
    stop: &Stop,
    work: impl Fn(&Bug, &mut Tree) -> T + Sync,
    mut on: impl FnMut(&Event<T>),
) -> Vec<Option<T>> {
    let mut done: Vec<Option<T>> = bugs.iter().map(|_| None).collect();
    let waiting = Mutex::new(bugs.iter().enumerate());
    let next =
        || waiting.lock().unwrap_or_else(PoisonError::into_inner).next().filter(|_| !stop.is_stopped());
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for mut tree in trees {
            let (tell, next, work) = (tell.clone(), &next, &work);
            // Nobody listens any more only if the listener panics, which the scope passes on.
            scope.spawn(move || {
                while let Some((index, bug)) = next() {
                    let _ = tell.send(Event::Started(index));
                    let _ = tell.send(Event::Ended(index, work(bug, &mut tree)));
                }
            });
        }
        drop(tell);
        for event in told {
            on(&event);
            if let Event::Ended(index, result) = event {
                done[index] = Some(result);
            }
        }
    });
    done
}
