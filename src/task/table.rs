//! The process table of a world.

use super::credentials::Credentials;
use super::handle::Task;
use super::identity::{Identity, Numbers};
use super::kind::NsKind;
use super::mount::Mounts;
use super::nsproxy::NsProxy;
use super::process::Process;
use super::state::TaskState;
use crate::error::Error;
use crate::ida::Ida;
use crate::net::{NetRef, UserNamespace};
use crate::sync::{self, Arc, Counted, Mutex};
use std::collections::BTreeMap;
use std::fmt;

/// The process table of one world, with what its tasks share. Cloning gives another handle to the same one; each
/// [`Task`] has one too.
///
/// When the last handle of either kind is dropped, whatever is left of the world is dropped with it, as if all tasks
/// had exited and all mounts were gone. A task that nobody has a handle to lives on until then, or until it is
/// [found](Tasks::find) and ended.
#[derive(Clone)]
pub struct Tasks {
    pub(super) table: Counted<Table>,
}

pub(super) struct Table {
    listed: Mutex<Listed>,
    mounts: Mounts,
    /// Where new namespaces get their numbers.
    pub(super) numbers: Arc<Numbers>,
    /// The first task's user namespace: it owns what is in the memory of every process (`mm->user_ns`).
    pub(super) root: UserNamespace,
}

struct Listed {
    tasks: BTreeMap<u32, Arc<TaskState>>,
    pids: Pids,
}

/// The pids, given out in turn.
#[derive(Default)]
struct Pids {
    taken: Ida,
    last: u32,
}

impl Pids {
    /// One past the greatest pid (`PID_MAX_LIMIT`).
    #[doc(alias = "pid_max")]
    const END: u32 = 4_194_304;
    /// Where a new round begins: the pids below are for those that come first.
    #[doc(alias = "RESERVED_PIDS")]
    const RESERVED: u32 = 300;

    /// Takes the lowest free pid above the last one, or else the lowest of a new round.
    ///
    /// # Errors
    ///
    /// [`Error::WouldBlock`] (`EAGAIN`) if all are taken.
    #[doc(alias = "alloc_pid")]
    #[doc(alias = "idr_alloc_cyclic")]
    fn alloc(&mut self) -> Result<u32, Error> {
        for from in [self.last + 1, Self::RESERVED] {
            let pid = self.taken.alloc(from)?;
            if pid < Self::END {
                self.last = pid;
                return Ok(pid);
            }
            self.taken.free(pid);
        }
        Err(Error::WouldBlock)
    }
}

impl Tasks {
    /// A world with one task: pid 1, uid 0, with every capability in `user_ns`, and in `net`.
    pub fn new(net: NetRef, user_ns: UserNamespace) -> (Tasks, Task) {
        let numbers = Numbers::new();
        let identity = |kind| Identity::new(&numbers, kind, &user_ns, None).expect("a new set has numbers");
        let (own_user_ns, pid_ns) = (identity(NsKind::User), identity(NsKind::Pid));
        let nsproxy = NsProxy::first(net, pid_ns, identity);
        let mut pids = Pids::default();
        let pid = pids.alloc().expect("a new set has pids");
        let credentials = Credentials::full(0, own_user_ns);
        let id = sync::unique();
        let task = TaskState::new(pid, id, Process::first(pid, id), Counted::new(nsproxy), credentials);
        let listed = Mutex::new(Listed { tasks: BTreeMap::from([(pid, task.clone())]), pids });
        sync::name(&listed, "process table");
        let tasks =
            Tasks { table: Counted::new(Table { listed, mounts: Mounts::new(), numbers, root: user_ns }) };
        let first = Task { state: task, tasks: tasks.clone() };
        (tasks, first)
    }

    /// The task with a pid: any thread, also one that has exited and is yet to be reaped.
    #[doc(alias = "find_task_by_vpid")]
    pub fn find(&self, pid: u32) -> Option<Task> {
        Some(Task { state: self.table.find(pid)?, tasks: self.clone() })
    }

    /// The network namespace that the task with a pid is in.
    ///
    /// It is the one that the task was in at some moment of the call, and the reference keeps it, whatever the task
    /// does meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if there is no such task, or it has exited.
    pub fn get_net_ns_by_pid(&self, pid: u32) -> Result<NetRef, Error> {
        let task = self.table.find(pid).ok_or(Error::NoSuchProcess)?;
        let nsproxy = task.nsproxy.load_full().ok_or(Error::NoSuchProcess)?;
        Ok(nsproxy.net.clone())
    }

    /// The bind mounts of this world.
    pub fn mounts(&self) -> &Mounts {
        &self.table.mounts
    }
}

impl Table {
    pub(super) fn find(&self, pid: u32) -> Option<Arc<TaskState>> {
        self.listed.lock().tasks.get(&pid).cloned()
    }

    /// Lists the task that `make` makes for a new pid.
    ///
    /// # Errors
    ///
    /// [`Error::WouldBlock`] (`EAGAIN`) if all pids are taken; what `make` returns. Then the pid is free again.
    pub(super) fn add(
        &self,
        make: impl FnOnce(u32) -> Result<Arc<TaskState>, Error>,
    ) -> Result<Arc<TaskState>, Error> {
        let mut listed = self.listed.lock();
        let listed = &mut *listed;
        let pid = listed.pids.alloc()?;
        let task = make(pid).inspect_err(|_| {
            listed.pids.taken.free(pid);
        })?;
        listed.tasks.insert(pid, task.clone());
        Ok(task)
    }

    /// Takes a task off the table, so that its pid is free; says whether it was there.
    #[doc(alias = "release_task")]
    pub(super) fn remove(&self, task: &TaskState) -> bool {
        // Dropped behind the lock: it may be the last handle.
        let removed = {
            let mut listed = self.listed.lock();
            let listed = &mut *listed;
            if listed.tasks.get(&task.pid).is_none_or(|there| there.id != task.id) {
                return false;
            }
            listed.pids.taken.free(task.pid);
            listed.tasks.remove(&task.pid)
        };
        removed.is_some()
    }

    /// Whether a task is on the table.
    pub(super) fn lists(&self, task: &TaskState) -> bool {
        self.find(task.pid).is_some_and(|there| there.id == task.id)
    }

    /// Those of a process that have these pids.
    pub(super) fn threads<'a>(
        &self,
        process: &'a Arc<Process>,
        pids: impl IntoIterator<Item = u32> + 'a,
    ) -> Vec<Arc<TaskState>> {
        let listed = self.listed.lock();
        let thread = |pid| listed.tasks.get(&pid).filter(|task| Arc::ptr_eq(&task.process, process)).cloned();
        pids.into_iter().filter_map(thread).collect()
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.table.listed.lock().tasks.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pids_go_round() {
        let mut pids = Pids::default();
        assert_eq!([pids.alloc(), pids.alloc(), pids.alloc()], [Ok(1), Ok(2), Ok(3)]);
        assert!(pids.taken.free(2));
        assert_eq!(pids.alloc(), Ok(4), "not the lowest, but the next");
        pids.last = Pids::END - 2;
        assert_eq!(pids.alloc(), Ok(4_194_303));
        assert_eq!(pids.alloc(), Ok(300));
        assert!(pids.taken.take(302));
        assert_eq!([pids.alloc(), pids.alloc()], [Ok(301), Ok(303)]);
    }

    #[test]
    fn who_has_the_pid_of_a_thread_that_has_exited_is_not_that_thread() {
        let namespaces = crate::net::Namespaces::new().unwrap();
        let (tasks, init) = Tasks::new(namespaces.init_net().clone(), UserNamespace::new(1));
        let next_is_300 = || tasks.table.listed.lock().pids.last = 299;
        next_is_300();
        let gone = init.thread().unwrap();
        gone.exit();
        next_is_300();
        let thread = init.thread().unwrap();
        assert_eq!((gone.pid(), thread.pid()), (300, 300));
        gone.exit();
        assert_eq!(gone.fork().err(), Some(Error::NoSuchProcess));
        assert_eq!(gone.install(crate::task::File::Other), Err(Error::NoSuchProcess));
        assert!(thread.fork().is_ok(), "it is another's exit");
    }

    #[test]
    fn pids_run_out() {
        let mut pids = Pids { last: Pids::END - 3, ..Pids::default() };
        (Pids::RESERVED..Pids::END - 1).for_each(|pid| assert!(pids.taken.take(pid)));
        assert_eq!(pids.alloc(), Ok(Pids::END - 1));
        assert_eq!(pids.alloc(), Err(Error::WouldBlock));
        assert!(!pids.taken.contains(Pids::END), "nothing is taken by a refusal");
        assert!(pids.taken.free(1000));
        assert_eq!(pids.alloc(), Ok(1000));
    }
}
