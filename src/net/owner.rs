//! The owner of a set of namespaces.

use super::create::CLONE_NEWNET;
use super::genid::Fib6Flush;
use super::pernet::PernetOperations;
use super::registry::Registration;
use super::user::UserNamespace;
use super::world::World;
use super::{Net, NetRef};
use crate::error::Error;
use crate::rcu::{Guard, Rcu};
use crate::sync::{Arc, thread};
use crate::workqueue::Workqueue;
use std::fmt;

/// Who cleans up namespaces that die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Worker {
    /// A thread named `netns`.
    #[default]
    Thread,
    /// Whoever calls [`Namespaces::run_cleanup`].
    Manual,
}

/// How to make [`Namespaces`]; from [`Namespaces::builder`].
#[derive(Debug, Clone)]
pub struct Builder {
    initial_slots: usize,
    worker: Worker,
    user_ns: UserNamespace,
}

impl Builder {
    /// The room for operations that a namespace has from the beginning (`INITIAL_NET_GEN_PTRS`): 13, if not set.
    #[doc(alias = "INITIAL_NET_GEN_PTRS")]
    pub fn initial_slots(mut self, slots: usize) -> Self {
        self.initial_slots = slots;
        self
    }

    /// Who cleans up: a thread, if not set.
    pub fn worker(mut self, worker: Worker) -> Self {
        self.worker = worker;
        self
    }

    /// The user namespace that owns the initial network namespace (`init_user_ns`); one without limits, if not set.
    #[doc(alias = "init_user_ns")]
    pub fn user_ns(mut self, user_ns: UserNamespace) -> Self {
        self.user_ns = user_ns;
        self
    }

    /// Makes the owner, with its initial namespace.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`]; [`Error::NoSpace`] if the user namespace allows no namespace.
    ///
    /// # Panics
    ///
    /// If the operating system cannot start a thread.
    #[doc(alias = "net_ns_init")]
    pub fn build(self) -> Result<Namespaces, Error> {
        let queue = match self.worker {
            Worker::Thread => Workqueue::spawn("netns"),
            Worker::Manual => Workqueue::manual(),
        };
        let world = World::new(queue, self.initial_slots);
        let init_net = world.create(&self.user_ns)?;
        Ok(Namespaces { init_net, shared: Shared { world, worker: self.worker } })
    }
}

/// The owner of a set of network namespaces: all that is global in the kernel hangs off such a value, and a
/// process can have several.
///
/// Dropping it finishes the cleanups that are queued. A namespace that still has references lives on, and is
/// cleaned up when it has none. The initial namespace is never cleaned up while there is the owner; after that it is
/// like any other, so what is still registered exits from it.
#[doc(alias = "net_namespace_list")]
pub struct Namespaces {
    // Dropped first: the worker's last duty is to clean it up.
    init_net: NetRef,
    shared: Shared,
}

/// The owner's hold on what it shares with its namespaces.
struct Shared {
    world: Arc<World>,
    worker: Worker,
}

impl Drop for Shared {
    fn drop(&mut self) {
        let queue = &self.world.queue;
        let may_wait = self.world.may_wait() && !queue.is_worker();
        match (self.worker, may_wait) {
            (Worker::Thread, true) => queue.flush(),
            // The worker goes on without the owner.
            (Worker::Thread, false) => {}
            (Worker::Manual, true) => queue.shutdown(),
            // The owner ends in a section or a callback, where nobody can wait.
            (Worker::Manual, false) => {
                let queue = queue.clone();
                thread::spawn_named("netns", move || queue.shutdown());
            }
        }
    }
}

impl Namespaces {
    /// An owner with a thread for cleanups, whose initial namespace belongs to a user namespace without limits.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`].
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// An owner to be configured.
    pub fn builder() -> Builder {
        Builder { initial_slots: 13, worker: Worker::Thread, user_ns: UserNamespace::new(u32::MAX) }
    }

    /// The initial namespace (`init_net`).
    pub fn init_net(&self) -> &NetRef {
        &self.init_net
    }

    /// The RCU domain of these namespaces: its guards protect what is found in them.
    pub fn rcu(&self) -> &Rcu {
        &self.shared.world.rcu
    }

    /// Begins a read-side critical section, for [`Net::generic`] and [`for_each_net_rcu`](Self::for_each_net_rcu).
    ///
    /// # Panics
    ///
    /// As [`Rcu::read_lock`].
    #[inline]
    #[doc(alias = "rcu_read_lock")]
    pub fn read_lock(&self) -> Guard<'_> {
        self.rcu().read_lock()
    }

    /// A namespace for a new task: with [`CLONE_NEWNET`] in `flags` a new one, that `user_ns` owns; without, another
    /// reference to `old`. Other flags mean nothing here.
    ///
    /// The new one can be found when every operation has been initialised in it, and not before.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) at the user namespace's limit, [`Error::OutOfMemory`], what the first init
    /// that fails returns, and [`Error::WouldDeadlock`] (`EDEADLK`) from inside a callback, a walk under rtnl or a
    /// read-side section. Then everything is as it was before. Without the feature `net-ns`,
    /// [`Error::InvalidArgument`] (`EINVAL`) for any new one.
    pub fn copy_net_ns(&self, flags: u64, user_ns: &UserNamespace, old: &NetRef) -> Result<NetRef, Error> {
        if flags & CLONE_NEWNET != 0 {
            return self.init_net.copy_net_ns(flags, user_ns);
        }
        Ok(old.clone())
    }

    /// Registers a subsystem: runs its init in every namespace that there is, and in every later one before all
    /// devices'. Its exits run after all devices'.
    ///
    /// # Errors
    ///
    /// What the first init that fails returns, [`Error::NoSpace`] (`ENOSPC`) if no id is left, and
    /// [`Error::WouldDeadlock`] (`EDEADLK`) from inside a callback, a walk under rtnl or a read-side section. Then
    /// nothing is registered, and where init had run, exit has.
    pub fn register_pernet_subsys<O: PernetOperations>(
        &self,
        operations: O,
    ) -> Result<Registration<O::Data>, Error> {
        self.register(false, operations)
    }

    /// Registers a device, whose init runs after, and whose exits run before, those of all subsystems.
    ///
    /// # Errors
    ///
    /// As [`register_pernet_subsys`](Self::register_pernet_subsys).
    pub fn register_pernet_device<O: PernetOperations>(
        &self,
        operations: O,
    ) -> Result<Registration<O::Data>, Error> {
        self.register(true, operations)
    }

    fn register<O: PernetOperations>(
        &self,
        is_device: bool,
        operations: O,
    ) -> Result<Registration<O::Data>, Error> {
        let world = &self.shared.world;
        let operations = world.register(is_device, operations)?;
        Ok(Registration::new(world.clone(), operations))
    }

    /// The namespaces that there are, oldest first, as a read-side section sees them: some may be dying.
    ///
    /// # Panics
    ///
    /// If the guard is not of this owner.
    pub fn for_each_net_rcu<'a>(&'a self, guard: &'a Guard<'_>) -> impl Iterator<Item = &'a Net> {
        self.shared.world.list.walk(self.rcu(), guard)
    }

    /// Calls `f` for each namespace, oldest first, under rtnl: none comes or goes meanwhile.
    ///
    /// # Panics
    ///
    /// Inside itself, inside a read-side section and inside an RCU callback: whoever holds rtnl may be waiting for
    /// these.
    pub fn for_each_net(&self, f: impl FnMut(&Net)) {
        let world = &self.shared.world;
        assert!(
            !world.rcu.in_section() && !world.rcu.in_callback(),
            "for_each_net() inside a read-side section or an RCU callback may wait for itself"
        );
        world.list.for_each(world.key, f);
    }

    /// Sets the hook that [`Net::rt_genid_bump_ipv6`] calls in any namespace of this owner, or takes it away. There is
    /// none in the beginning.
    ///
    /// The hook runs in the thread that bumps, with no lock of this crate held but those that the caller holds, and may
    /// call into the crate. If it panics, that is reported, and the bump is over. A thread that has found it before
    /// may still run it when this returns; the last to run it drops it. A hook that has the owner, or a reference of
    /// either kind to a namespace, keeps it until it is taken away.
    #[doc(alias = "__fib6_flush_trees")]
    pub fn set_fib6_flush(&self, hook: Option<Fib6Flush>) {
        self.shared.world.fib6.set(hook);
    }

    /// Does what there is for the worker to do, on this thread; returns how many items of work it did.
    ///
    /// # Errors
    ///
    /// [`Error::WouldDeadlock`] (`EDEADLK`) from inside a callback, a walk under rtnl or a read-side section.
    pub fn run_cleanup(&self) -> Result<usize, Error> {
        let world = &self.shared.world;
        if !world.may_wait() {
            return Err(Error::WouldDeadlock);
        }
        Ok(world.queue.run_pending())
    }

    /// Waits until every namespace that was dying at the call is cleaned up. Without a thread, does it here.
    ///
    /// # Errors
    ///
    /// [`Error::WouldDeadlock`] (`EDEADLK`) from inside a callback, a walk under rtnl, a read-side section or the
    /// worker.
    pub fn flush_cleanup(&self) -> Result<(), Error> {
        let world = &self.shared.world;
        if !world.may_wait() || world.queue.is_worker() {
            return Err(Error::WouldDeadlock);
        }
        world.queue.flush();
        Ok(())
    }
}

impl fmt::Debug for Namespaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Namespaces").field("init_net", &self.init_net).finish_non_exhaustive()
    }
}
