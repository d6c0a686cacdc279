//! How a namespace comes into being (`copy_net_ns`, `setup_net`).

use super::pernet::Remains;
use super::registry::Locked;
use super::user::UserNamespace;
use super::world::World;
use super::{Net, NetRef};
use crate::error::Error;
use crate::sync::Arc;

/// The flag of `clone(2)`, `unshare(2)` and `setns(2)` that asks for a network namespace.
pub const CLONE_NEWNET: u64 = 0x4000_0000;

impl World {
    /// A new namespace, set up and listed.
    pub(super) fn create(self: &Arc<Self>, user_ns: &UserNamespace) -> Result<NetRef, Error> {
        let charge = user_ns.charge()?;
        let mut registry = self.enter()?;
        let birth = registry.birth()?;
        let inum = birth.inum;
        let net = Net::alloc(self, charge, birth).inspect_err(|_| registry.death(inum))?;
        let _span = tracing::info_span!("setup_net", net = %net.id()).entered();
        if let Err(error) = self.setup(&registry, &net) {
            self.abandon(registry, net);
            tracing::info!(%error, "not created");
            return Err(error);
        }
        self.list.push(&mut self.list.lock(), &net);
        tracing::info!("created");
        Ok(net)
    }

    /// Runs the inits, in order. If one fails, undoes those before it.
    #[doc(alias = "setup_net")]
    fn setup(&self, registry: &Locked<'_>, net: &Net) -> Result<(), Error> {
        for (done, operations) in registry.operations.iter().enumerate() {
            // SAFETY: the registry is locked.
            if let Err(error) = unsafe { operations.init(net, registry.slots) } {
                self.undo(registry, net, done);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Undoes the first `done` inits, last one first.
    fn undo(&self, registry: &Locked<'_>, net: &Net, done: usize) {
        let mut remains = Vec::new();
        for operations in registry.operations[..done].iter().rev() {
            // SAFETY: the registry is locked.
            let detached = unsafe { operations.detach(&[net]) };
            // An init may have handed out references, so there may be readers.
            self.rcu.synchronize();
            operations.exit(&[net], &detached);
            remains.extend(detached);
        }
        if remains.is_empty() {
            return;
        }
        self.rcu.barrier();
        // SAFETY: a grace period has passed since they were detached.
        unsafe { Remains::free(remains) };
    }

    /// Gives up a namespace that was never listed. If an init has handed out references, the last of them hands it
    /// to the cleanup, which has nothing to exit.
    fn abandon(&self, mut registry: Locked<'_>, net: NetRef) {
        let Some(dying) = net.release() else { return };
        self.forget_ids(&registry, &[dying.net()]);
        registry.death(dying.net().inum());
        drop(registry);
        // SAFETY: it is in no list and has no data; and a `&Net` comes from a reference, which nobody has.
        unsafe { dying.finish() };
    }
}
