//! How namespaces end (`__put_net`, `cleanup_net`).
//!
//! Whoever drops a count to 0 puts the namespace on a list and queues the work, which takes the whole list:
//!
//! 1. under the registry lock, takes the namespaces out of all tables of peer ids;
//! 2. under rtnl as well, takes them off the namespace list;
//! 3. waits for a grace period, one for all of them: nobody who could have found them is still looking;
//! 4. runs the exits, last operations first, each for all of the batch;
//! 5. without the lock, waits until the RCU callbacks that the exits queued have run;
//! 6. frees the data, the quotas, and the namespaces, unless there are passive references.

use super::pernet::{Operations, Remains};
use super::world::World;
use super::{Net, handle::Dying};
use crate::sync::{Arc, Mutex, MutexGuard, catch_unwind, thread};
use std::mem;

/// What the worker has to do.
#[derive(Default)]
pub(super) struct Chores {
    /// Namespaces whose count has reached 0, oldest first (`cleanup_list`).
    dying: Vec<Dying>,
    /// Operations whose registration was dropped where it could not be waited for.
    leaving: Vec<(Arc<World>, Arc<Operations>)>,
    /// Whether a thread was started that does them until there are none.
    handed_over: bool,
}

impl Chores {
    /// Where they are to be done; none if there are none.
    fn world(&self) -> Option<&Arc<World>> {
        self.dying.first().map(|dying| &dying.net().world).or(self.leaving.first().map(|(world, _)| world))
    }
}

impl World {
    /// Puts a namespace on the cleanup list and queues the work.
    #[doc(alias = "__put_net")]
    pub(super) fn bury(&self, dying: Dying) {
        self.chores.lock().dying.push(dying);
        self.queue.queue(&self.cleanup);
    }

    /// Lets the worker unregister operations.
    pub(super) fn unregister_later(self: &Arc<Self>, operations: Arc<Operations>) {
        self.chores.lock().leaving.push((self.clone(), operations));
        self.queue.queue(&self.cleanup);
    }

    /// Cleans up namespaces that die together.
    #[doc(alias = "cleanup_net")]
    fn clean_up(&self, batch: Vec<Dying>) {
        let mut registry = self.enter_here();
        let _span = tracing::info_span!("cleanup_net", nets = batch.len()).entered();
        let nets: Vec<&Net> = batch.iter().map(Dying::net).collect();
        self.forget_ids(&registry, &nets);
        // A creation that failed can leave a namespace that was never listed: it has no data and no exits.
        let nets: Vec<&Net> = nets.into_iter().filter(|net| self.list.contains(net)).collect();
        let mut remains = Vec::new();
        if !nets.is_empty() {
            self.unlist(&nets);
            self.rcu.synchronize();
            for operations in registry.operations.iter().rev() {
                // SAFETY: the registry is locked, and was when the namespaces were unlisted: so each has been
                // initialised for all operations, and for none detached.
                let detached = unsafe { operations.detach(&nets) };
                operations.exit(&nets, &detached);
                remains.extend(detached);
            }
        }
        batch.iter().for_each(|dying| registry.death(dying.net().inum()));
        drop(registry);
        self.rcu.barrier();
        // SAFETY: nobody can reach the namespaces: they have no references, and those who had found them in the
        // list have finished, by the grace period and by rtnl. The exits have returned.
        unsafe { Remains::free(remains) };
        for dying in batch {
            tracing::debug!(net = %dying.net().id(), "gone");
            // SAFETY: as above.
            unsafe { dying.finish() };
        }
    }

    /// Takes namespaces off the list, in which they are.
    fn unlist(&self, nets: &[&Net]) {
        let mut tail = self.list.lock();
        for net in nets {
            self.list.unlink(&mut tail, net);
        }
    }
}

/// The work: does all chores that there are. Finding none is fine: the work that was queued for them came late.
///
/// When the owner, which had no thread, is gone, this runs on whoever dropped a reference. Where that thread must not
/// wait another one is started, for all that comes until there are no chores left.
pub(super) fn run(chores: &Arc<Mutex<Chores>>) {
    let mut todo = chores.lock();
    let Some(world) = todo.world().cloned() else { return };
    if world.may_wait() {
        do_chores(world, todo);
    } else if !todo.handed_over {
        tracing::debug!("handed to a thread");
        let (queue, chores) = (world.queue.clone(), chores.clone());
        thread::spawn_named("netns", move || queue.run_here(move || do_all_chores(&chores)));
        // Not before: there may be no more threads to be had.
        todo.handed_over = true;
    }
}

/// Does chores until there are none, whichever of them panics.
fn do_all_chores(chores: &Mutex<Chores>) {
    loop {
        let mut todo = chores.lock();
        let Some(world) = todo.world().cloned() else {
            todo.handed_over = false;
            return;
        };
        if catch_unwind(|| do_chores(world, todo)).is_err() {
            tracing::error!("a cleanup panicked");
        }
    }
}

/// Does all chores that there are. The world is kept until the last namespace is gone.
fn do_chores(world: Arc<World>, mut todo: MutexGuard<'_, Chores>) {
    let (mut dying, leaving) = (mem::take(&mut todo.dying), mem::take(&mut todo.leaving));
    drop(todo);
    if !dying.is_empty() {
        // The last to die comes first.
        dying.reverse();
        world.clean_up(dying);
    }
    for (world, operations) in leaving {
        if let Err(error) = world.unregister(&operations) {
            tracing::error!(%error, operations = operations.name(), "not unregistered");
        }
    }
}
