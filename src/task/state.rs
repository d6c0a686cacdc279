//! A task as the process table has it.

use super::credentials::Credentials;
use super::identity::{Identity, Namespace};
use super::kind::NsKind;
use super::nsproxy::{NsProxy, Place};
use super::process::Process;
use crate::sync::{self, Arc, ArcSwapOption, Counted, Mutex};

/// A task (`struct task_struct`). The table and handles share it; it has neither.
///
/// # Invariants
///
/// * `nsproxy` is `None` from the task's exit on, for good. Who loads it without a lock has the namespaces that the
///   task was in at that moment, and keeps them.
#[doc(alias = "task_struct")]
pub(super) struct TaskState {
    pub(super) pid: u32,
    /// Tells it from all others that ever have its pid.
    pub(super) id: u64,
    pub(super) process: Arc<Process>,
    pub(super) nsproxy: ArcSwapOption<NsProxy>,
    /// A lock that is held for a copy, and inside that of the process.
    pub(super) credentials: Mutex<Arc<Credentials>>,
    /// Its own namespace of process ids, the one of its children when it was born.
    pub(super) pid_ns: Arc<Identity>,
}

impl TaskState {
    /// `id` is unique.
    pub(super) fn new(
        pid: u32,
        id: u64,
        process: Arc<Process>,
        nsproxy: Counted<NsProxy>,
        credentials: Arc<Credentials>,
    ) -> Arc<TaskState> {
        let pid_ns = nsproxy.other(Place::PidForChildren).clone();
        let nsproxy = ArcSwapOption::new(Some(nsproxy));
        sync::name(&nsproxy, "nsproxy");
        let credentials = Mutex::new(credentials);
        sync::name(&credentials, "credentials");
        Arc::new(TaskState { pid, id, process, nsproxy, credentials, pid_ns })
    }

    /// The namespace of a kind that it is in. One that has exited is in none but those of users and process ids.
    #[doc(alias = "netns_get")]
    pub(super) fn namespace(&self, kind: NsKind) -> Option<Namespace> {
        self.namespace_with(self.nsproxy.load_full().as_deref(), kind)
    }

    /// The same, where `nsproxy` is what it has.
    pub(super) fn namespace_with(&self, nsproxy: Option<&NsProxy>, kind: NsKind) -> Option<Namespace> {
        let place = match kind {
            NsKind::User => return Some(Namespace::Other(self.credentials.lock().identity.clone())),
            NsKind::Pid => return Some(Namespace::Other(self.pid_ns.clone())),
            NsKind::Net => return Some(Namespace::Net(nsproxy?.net.clone())),
            NsKind::Uts => Place::Uts,
            NsKind::Ipc => Place::Ipc,
            NsKind::Mnt => Place::Mnt,
            NsKind::Cgroup => Place::Cgroup,
            NsKind::Time => Place::Time,
        };
        Some(Namespace::Other(nsproxy?.other(place).clone()))
    }
}
