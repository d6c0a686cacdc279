//! The registry of pernet operations (`pernet_list` under `net_mutex`).

use super::Net;
use super::context::Held;
use super::generic::PernetId;
use super::handle::Birth;
use super::pernet::{Operations, PernetOperations, Remains};
use super::world::World;
use crate::error::Error;
use crate::ida::Ida;
use crate::sync::{Arc, MutexGuard};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The number of the first namespace's file (`PROC_DYNAMIC_FIRST`).
#[doc(alias = "PROC_DYNAMIC_FIRST")]
const FIRST_INUM: u32 = 0xf000_0000;

/// What the registry lock protects.
///
/// # Invariants
///
/// * `operations` is in the order of init; every subsystem comes before every device, so devices exit first.
/// * Every listed namespace is initialised for exactly the `operations`, each in its slot.
/// * `slots` exceeds every id that is taken. It never shrinks.
pub(super) struct Registry {
    pub(super) operations: Vec<Arc<Operations>>,
    ids: Ida,
    /// How long the array of a new namespace is (`max_gen_ptrs`).
    #[doc(alias = "max_gen_ptrs")]
    pub(super) slots: usize,
    /// The numbers of namespaces' files, from `FIRST_INUM` on.
    inums: Ida,
    /// How many namespaces have been created.
    created: u64,
}

impl Registry {
    pub(super) fn new(slots: usize) -> Self {
        Registry { operations: Vec::new(), ids: Ida::new(), slots, inums: Ida::new(), created: 0 }
    }

    /// What a namespace that is being created starts with. `death` gives the file number back.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) if every file number is taken.
    #[doc(alias = "ns_alloc_inum")]
    pub(super) fn birth(&mut self) -> Result<Birth, Error> {
        let n = self.inums.alloc(0)?;
        let Some(inum) = FIRST_INUM.checked_add(n) else {
            self.inums.free(n);
            return Err(Error::NoSpace);
        };
        self.created += 1;
        Ok(Birth { slots: self.slots, serial: self.created, inum })
    }

    /// The file number may be another's now.
    #[doc(alias = "ns_free_inum")]
    pub(super) fn death(&mut self, inum: u32) {
        self.inums.free(inum - FIRST_INUM);
    }

    fn insert(&mut self, operations: Arc<Operations>) {
        let first_device = self.operations.iter().position(|o| o.is_device);
        let end = self.operations.len();
        let at = if operations.is_device { end } else { first_device.unwrap_or(end) };
        self.operations.insert(at, operations);
    }

    fn remove(&mut self, operations: &Arc<Operations>) {
        self.operations.retain(|o| o.key != operations.key);
    }
}

/// The registry lock (`net_mutex`), held.
pub(super) struct Locked<'w> {
    registry: MutexGuard<'w, Registry>,
    _held: Held,
}

impl Deref for Locked<'_> {
    type Target = Registry;
    fn deref(&self) -> &Registry {
        &self.registry
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Registry {
        &mut self.registry
    }
}

impl World {
    /// Takes the registry lock (`net_mutex`).
    ///
    /// # Errors
    ///
    /// [`Error::WouldDeadlock`] (`EDEADLK`) where its holder, which waits for grace periods and runs callbacks,
    /// may be waiting for this thread.
    pub(super) fn enter(&self) -> Result<Locked<'_>, Error> {
        if !self.may_wait() {
            return Err(Error::WouldDeadlock);
        }
        Ok(self.enter_here())
    }

    /// Takes the registry lock, on a thread that may wait for it.
    pub(super) fn enter_here(&self) -> Locked<'_> {
        Locked { registry: self.registry.lock(), _held: Held::registry(self.key) }
    }

    /// All namespaces that can be found. They stay while the lock is held.
    fn listed<'a>(&'a self, _: &'a Locked<'_>) -> Vec<&'a Net> {
        // SAFETY: the lock is held for as long as the references are used.
        unsafe { self.list.protected() }.collect()
    }

    /// Registers operations and sets every listed namespace up for them.
    pub(super) fn register(
        &self,
        is_device: bool,
        operations: impl PernetOperations,
    ) -> Result<Arc<Operations>, Error> {
        let mut registry = self.enter()?;
        let id = registry.ids.alloc(0)?;
        let operations = Arc::new(Operations::new(id as usize, is_device, operations));
        registry.slots = registry.slots.max(operations.index + 1);
        if let Err(error) = operations.set_id() {
            registry.ids.free(id);
            return Err(error);
        }
        let _span = tracing::info_span!("register_pernet", operations = operations.name(), id).entered();
        let nets = self.listed(&registry);
        for (done, net) in nets.iter().enumerate() {
            // SAFETY: the registry is locked.
            if let Err(error) = unsafe { operations.init(net, registry.slots) } {
                tracing::info!(net = %net.id(), %error, undone = done, "not registered");
                self.retire(&registry, &operations, &nets[..done]);
                registry.ids.free(id);
                return Err(error);
            }
        }
        tracing::info!(nets = nets.len(), "registered");
        registry.insert(operations.clone());
        Ok(operations)
    }

    /// Takes operations out of every listed namespace, then out of the registry. When it returns, none of their
    /// callbacks runs or will.
    pub(super) fn unregister(&self, operations: &Arc<Operations>) -> Result<(), Error> {
        let mut registry = self.enter()?;
        let _span = tracing::info_span!("unregister_pernet", operations = operations.name()).entered();
        registry.remove(operations);
        let nets = self.listed(&registry);
        self.retire(&registry, operations, &nets);
        tracing::info!(nets = nets.len(), "unregistered");
        registry.ids.free(operations.index as u32);
        Ok(())
    }

    /// Takes operations out of namespaces that go on living. First nobody finds their data any more, then the
    /// exits run.
    fn retire(&self, _: &Locked<'_>, operations: &Arc<Operations>, nets: &[&Net]) {
        if nets.is_empty() {
            return;
        }
        // SAFETY: the registry is locked.
        let remains = unsafe { operations.detach(nets) };
        self.rcu.synchronize();
        operations.exit(nets, &remains);
        self.rcu.barrier();
        // SAFETY: a grace period has passed since it was detached.
        unsafe { Remains::free(remains) };
    }
}

/// Registered pernet operations, with data of type `T` in each namespace. Dropping it unregisters them.
///
/// When unregistering returns, none of the callbacks runs or can start. (The *data* of a namespace whose cleanup
/// was under way may be dropped a little later.)
///
/// A registration that is dropped where unregistering would wait for its own caller, in a callback or in a
/// read-side section, is unregistered by the worker soon after.
#[must_use = "dropping it unregisters the operations"]
#[doc(alias = "unregister_pernet_subsys")]
#[doc(alias = "unregister_pernet_device")]
pub struct Registration<T> {
    world: Arc<World>,
    /// `None` once it is unregistered.
    registered: Option<Arc<Operations>>,
    id: PernetId<T>,
}

impl<T> Registration<T> {
    pub(super) fn new(world: Arc<World>, operations: Arc<Operations>) -> Self {
        let id = PernetId::new(operations.index, operations.key);
        Registration { world, registered: Some(operations), id }
    }

    /// The id by which [`Net::generic`] finds the data.
    pub fn id(&self) -> PernetId<T> {
        self.id
    }

    /// Unregisters the operations: runs their exits in every namespace and frees their data.
    ///
    /// # Errors
    ///
    /// [`Error::WouldDeadlock`] (`EDEADLK`) from inside a callback, a walk under rtnl or a read-side section:
    /// then the worker does it soon after.
    pub fn unregister(mut self) -> Result<(), Error> {
        self.leave()
    }

    fn leave(&mut self) -> Result<(), Error> {
        let Some(operations) = self.registered.take() else { return Ok(()) };
        let result = self.world.unregister(&operations);
        if result.is_err() {
            self.world.unregister_later(operations);
        }
        result
    }
}

impl<T> Drop for Registration<T> {
    fn drop(&mut self) {
        // An error says that the worker does it.
        let _ = self.leave();
    }
}

impl<T> fmt::Debug for Registration<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registration({:?})", self.id)
    }
}
