//! What one task sees of another: `/proc/PID/ns`, and descriptors of processes.

use super::credentials::Capability;
use super::files::{File, NsFile, PidFd};
use super::handle::Task;
use super::kind::NsKind;
use super::state::TaskState;
use crate::error::Error;
use crate::sync::Arc;

impl Task {
    /// The file of a namespace that a task is in (`/proc/PID/ns/KIND`), without a descriptor.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] (`ENOENT`) if that task was reaped, or has exited and is in no such namespace any more:
    /// those of users and process ids stay with a zombie. [`Error::AccessDenied`] (`EACCES`) if this task may not
    /// look into it.
    ///
    /// A task may look into its own process. It may look into others' if it is the same user, has all of their
    /// capabilities, and they have not become somebody else since they began; or if it has `CAP_SYS_PTRACE` over
    /// them.
    #[doc(alias = "proc_ns_get_link")]
    pub fn ns_file(&self, of: &Task, kind: NsKind) -> Result<NsFile, Error> {
        if !self.tasks.table.lists(&of.state) {
            return Err(Error::NotFound);
        }
        if !self.may_read(&of.state) {
            return Err(Error::AccessDenied);
        }
        let namespace = of.state.namespace(kind).ok_or(Error::NotFound)?;
        Ok(NsFile::new(namespace, None))
    }

    /// Opens the file of a namespace that a task is in (`/proc/PID/ns/KIND`). With `path_only` as `O_PATH` does: the
    /// descriptor keeps the namespace and is good for nothing else.
    ///
    /// # Errors
    ///
    /// As [`ns_file`](Task::ns_file) and [`install`](Task::install).
    #[doc(alias = "ns_get_path")]
    pub fn open_ns(&self, of: &Task, kind: NsKind, path_only: bool) -> Result<u32, Error> {
        let file = self.ns_file(of, kind)?;
        self.install(File::Namespace(if path_only { file.opened_as_path() } else { file }))
    }

    /// The text of the link `/proc/PID/ns/KIND`: `net:[4026531840]`.
    ///
    /// # Errors
    ///
    /// As [`ns_file`](Task::ns_file).
    #[doc(alias = "proc_ns_readlink")]
    pub fn readlink_ns(&self, of: &Task, kind: NsKind) -> Result<String, Error> {
        self.ns_file(of, kind).map(|file| file.to_string())
    }

    /// Opens a descriptor of a process (`pidfd_open`), for [`setns`](Task::setns).
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if it was reaped, [`Error::NotFound`] (`ENOENT`) if that is a thread that
    /// is not the leader; as [`install`](Task::install).
    #[doc(alias = "pidfd_open")]
    pub fn open_pidfd(&self, of: &Task) -> Result<u32, Error> {
        if !self.tasks.table.lists(&of.state) {
            return Err(Error::NoSuchProcess);
        }
        if of.pid() != of.tgid() {
            return Err(Error::NotFound);
        }
        self.install(File::PidFd(PidFd { pid: of.pid(), id: of.state.id }))
    }

    /// Whether this task may look into another.
    #[doc(alias = "ptrace_may_access")]
    pub(super) fn may_read(&self, of: &TaskState) -> bool {
        if Arc::ptr_eq(self.process(), &of.process) {
            return true;
        }
        let own = self.credentials();
        let (theirs, dumpable) = of.process.exposure(of);
        let traces = own.ns_capable(theirs.user_ns(), Capability::SysPtrace);
        let same_user = own.uid() == theirs.uid();
        let exposed = dumpable || own.ns_capable(&self.tasks.table.root, Capability::SysPtrace);
        let covers = own.user_ns() == theirs.user_ns() && theirs.capabilities().is_subset(own.capabilities());
        (same_user || traces) && exposed && (covers || traces)
    }
}
