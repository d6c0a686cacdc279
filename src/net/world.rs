//! What the namespaces of one owner share.

use super::cleanup::{self, Chores};
use super::context;
use super::list::NetList;
use super::nsid::Announcements;
use super::registry::Registry;
use crate::ida::Ida;
use crate::rcu::Rcu;
use crate::sync::{self, Arc, Mutex};
use crate::workqueue::{Work, Workqueue};

/// Everything that is global in the kernel. The owner, each namespace and each registration have a handle to it;
/// it has a handle to none of them, but for those that the worker has yet to clean up.
///
/// Locks are taken in the order of the fields: registry, rtnl (in `list`), a namespace's announcements, `everywhere`,
/// portids, chores.
pub(super) struct World {
    /// Tells this world from all others.
    pub(super) key: u64,
    pub(super) rcu: Rcu,
    pub(super) registry: Mutex<Registry>,
    pub(super) list: NetList,
    /// Who is told of the peer ids of every namespace.
    pub(super) everywhere: Announcements,
    /// The addresses of netlink sockets. Nothing is locked under this lock.
    pub(super) portids: Mutex<Ida>,
    pub(super) chores: Arc<Mutex<Chores>>,
    pub(super) cleanup: Work,
    pub(super) queue: Workqueue,
}

impl World {
    pub(super) fn new(queue: Workqueue, initial_slots: usize) -> Arc<World> {
        let registry = Mutex::new(Registry::new(initial_slots));
        sync::name(&registry, "net_mutex");
        let portids = Mutex::new(Ida::new());
        sync::name(&portids, "portids");
        let chores = Arc::new(Mutex::new(Chores::default()));
        sync::name(&*chores, "cleanup_list");
        let cleanup = Work::new({
            // Not the world: it has this work.
            let chores = chores.clone();
            move || cleanup::run(&chores)
        });
        Arc::new(World {
            key: sync::unique(),
            rcu: Rcu::with_reclaimer(queue.clone()),
            registry,
            list: NetList::new(),
            everywhere: Announcements::new("announcements everywhere"),
            portids,
            chores,
            cleanup,
            queue,
        })
    }

    /// Whether this thread may wait for the registry lock, a grace period or the worker, any of which may be
    /// waiting for a callback, a section or a walk of this thread.
    pub(super) fn may_wait(&self) -> bool {
        !context::holds_any(self.key) && !self.rcu.in_section() && !self.rcu.in_callback()
    }
}
