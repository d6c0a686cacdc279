//! Pernet operations: what modules do when a namespace comes and goes.

use super::Net;
use super::generic::{Header, Pernet, PernetId};
use crate::error::Error;
use crate::sync::alloc::Shared;
use crate::sync::{self, Arc, catch_unwind};

/// What a module does in every namespace (`struct pernet_operations`).
///
/// For each namespace `init` runs once, and if it succeeds, `exit` and then `exit_batch` run once. All three run
/// under the registry lock. They may take and drop references, queue RCU callbacks, walk the namespaces and read
/// what other operations keep. What would wait for the registry lock is refused in them, with
/// [`Error::WouldDeadlock`]: registering, unregistering, creating a namespace.
///
/// A panic in `init` is a failed init. A panic in one of the others is reported and stops nothing.
///
/// An init that keeps a [`NetRef`](super::NetRef) to its own namespace in its data keeps it alive for ever:
/// keep a [`PassiveNet`](super::PassiveNet).
#[doc(alias = "pernet_operations")]
pub trait PernetOperations: Send + Sync + 'static {
    /// What the module keeps in each namespace; `()` if nothing.
    type Data: Send + Sync + 'static;

    /// Tells the id, before the first init: what the kernel writes to `*ops->id`. A thread that learns it here may
    /// ask for data before there is any, and while it comes and goes.
    fn set_id(&self, id: PernetId<Self::Data>) {
        let _ = id;
    }

    /// Sets the module up in a namespace. What it returns can be found by the id from now until `exit` starts.
    ///
    /// Operations that were registered earlier are set up already.
    ///
    /// # Errors
    ///
    /// Whatever makes this impossible. The namespace is not created then, or the operations are not registered.
    fn init(&self, net: &Net) -> Result<Self::Data, Error>;

    /// Takes the module down in one namespace. The id finds `data` no more. `data` itself is dropped later: when
    /// all exits of the namespace have run, and all RCU callbacks that they queued.
    fn exit(&self, net: &Net, data: &Self::Data) {
        let _ = (net, data);
    }

    /// Runs after `exit` has run for all of `nets`, which die together. There is at least one.
    fn exit_batch(&self, nets: &[&Net]) {
        let _ = nets;
    }
}

/// Operations of any type.
trait Erased: Send + Sync {
    /// The name of the type, for reports.
    fn name(&self) -> &'static str;

    /// # Errors
    ///
    /// [`Error::InitPanicked`] if the module panics.
    fn set_id(&self, index: usize, key: u64) -> Result<(), Error>;

    fn init(&self, key: u64, net: &Net) -> Result<Shared<Header>, Error>;

    /// # Safety
    ///
    /// `data` comes from `init` and is alive.
    unsafe fn exit(&self, net: &Net, data: Shared<Header>);

    fn exit_batch(&self, nets: &[&Net]);

    /// # Safety
    ///
    /// `data` comes from `init`, is alive, and nobody goes through it from now on.
    unsafe fn free(&self, data: Shared<Header>);
}

struct Typed<O>(O);

impl<O: PernetOperations> Erased for Typed<O> {
    fn name(&self) -> &'static str {
        std::any::type_name::<O>()
    }

    fn set_id(&self, index: usize, key: u64) -> Result<(), Error> {
        catch_unwind(|| self.0.set_id(PernetId::new(index, key)))
            .map_err(|_| Error::InitPanicked { operations: self.name() })
    }

    fn init(&self, key: u64, net: &Net) -> Result<Shared<Header>, Error> {
        let place = Pernet::reserve(key)?;
        match catch_unwind(|| self.0.init(net)) {
            Ok(Ok(data)) => Ok(Pernet::fill(place, data)),
            Ok(Err(error)) => Err(Error::InitFailed { operations: self.name(), errno: error.errno() }),
            Err(_) => Err(Error::InitPanicked { operations: self.name() }),
        }
    }

    unsafe fn exit(&self, net: &Net, data: Shared<Header>) {
        // SAFETY: by the contract, it is our data.
        let data = unsafe { Pernet::value(data) };
        self.0.exit(net, data.expect("what was in a slot is filled"));
    }

    fn exit_batch(&self, nets: &[&Net]) {
        self.0.exit_batch(nets);
    }

    unsafe fn free(&self, data: Shared<Header>) {
        // SAFETY: by the contract, it is our data.
        unsafe { Pernet::<O::Data>::free(data) };
    }
}

/// Registered operations, with their place in every namespace.
pub(super) struct Operations {
    pub(super) index: usize,
    /// Tells these operations from all others that ever have the same index.
    pub(super) key: u64,
    pub(super) is_device: bool,
    erased: Box<dyn Erased>,
}

/// Data that was taken out of a namespace, which readers may still see. Dropping it leaks it.
#[must_use = "it leaks unless it is freed"]
pub(super) struct Remains {
    operations: Arc<Operations>,
    data: Shared<Header>,
}

impl Operations {
    pub(super) fn new(index: usize, is_device: bool, operations: impl PernetOperations) -> Self {
        Operations { index, key: sync::unique(), is_device, erased: Box::new(Typed(operations)) }
    }

    pub(super) fn name(&self) -> &'static str {
        self.erased.name()
    }

    /// Tells the module its id.
    pub(super) fn set_id(&self) -> Result<(), Error> {
        self.erased.set_id(self.index, self.key)
    }

    /// Sets one namespace up (`ops_init`). An array that has to grow gets `len` slots.
    ///
    /// # Safety
    ///
    /// The caller holds the registry lock.
    #[doc(alias = "ops_init")]
    pub(super) unsafe fn init(&self, net: &Net, len: usize) -> Result<(), Error> {
        // SAFETY: by the contract.
        unsafe { net.reserve_slot(self.index, len) }?;
        let data = self.erased.init(self.key, net)?;
        // SAFETY: by the contract; the slot is reserved, and data is freed as `Remains`, taken out of the slot.
        unsafe { net.fill_slot(self.index, data) };
        Ok(())
    }

    /// Takes the data out of each of `nets`, in which these operations were initialised.
    ///
    /// # Safety
    ///
    /// The caller holds the registry lock.
    pub(super) unsafe fn detach(self: &Arc<Self>, nets: &[&Net]) -> Vec<Remains> {
        let detach = |net: &&Net| {
            // SAFETY: by the contract.
            let data = unsafe { net.empty_slot(self.index) };
            let data = data.expect("it was initialised here, and not detached since");
            Remains { operations: self.clone(), data }
        };
        nets.iter().map(detach).collect()
    }

    /// Runs the exits of a batch, of which `remains` is the data, then its `exit_batch` (`ops_exit_list`).
    #[doc(alias = "ops_exit_list")]
    pub(super) fn exit(&self, nets: &[&Net], remains: &[Remains]) {
        if nets.is_empty() {
            return;
        }
        for (net, remains) in nets.iter().zip(remains) {
            // SAFETY: remains are alive until they are freed.
            if catch_unwind(|| unsafe { self.erased.exit(net, remains.data) }).is_err() {
                tracing::error!(operations = self.name(), net = %net.id(), "exit panicked");
            }
        }
        if catch_unwind(|| self.erased.exit_batch(nets)).is_err() {
            tracing::error!(operations = self.name(), "exit_batch panicked");
        }
    }
}

impl Remains {
    /// Frees the data of a batch (`ops_free_list`).
    ///
    /// # Safety
    ///
    /// No reader sees the data any more: a grace period has passed since it was taken out, or nobody could reach
    /// its namespace then.
    #[doc(alias = "ops_free_list")]
    pub(super) unsafe fn free(batch: Vec<Remains>) {
        for Remains { operations, data } in batch {
            // SAFETY: by the contract; and it was taken out of its slot, once.
            if catch_unwind(|| unsafe { operations.erased.free(data) }).is_err() {
                tracing::error!(operations = operations.name(), "dropping its data panicked");
            }
        }
    }
}
