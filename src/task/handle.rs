//! Tasks, as whoever plays the part of user space has them.

use super::credentials::{Capabilities, Credentials};
use super::files::File;
use super::nsproxy::{NsProxy, Place};
use super::process::{Estate, Process};
use super::state::TaskState;
use super::table::Tasks;
use crate::error::Error;
use crate::net::NetRef;
use crate::sync::{self, Arc};
use std::fmt;

/// A task: a thread, and with the others of its thread group a process. Its methods are the system calls that it
/// makes. Cloning gives another handle to the same task.
///
/// Any thread may use a handle at any time: each call takes effect at once or not at all, and what a call checked
/// holds when it takes effect. A handle keeps the world (its [`Tasks`]), and a name for the task, also when the task
/// is gone. It does not keep the task from ending: a task that has exited makes no further calls, and each says by
/// its error that it did not.
#[derive(Clone)]
pub struct Task {
    pub(super) state: Arc<TaskState>,
    pub(super) tasks: Tasks,
}

impl Task {
    /// The task's own id.
    #[doc(alias = "gettid")]
    pub fn pid(&self) -> u32 {
        self.state.pid
    }

    /// The id of the process: that of its first thread, the leader.
    #[doc(alias = "getpid")]
    pub fn tgid(&self) -> u32 {
        self.process().tgid
    }

    /// The process table of the task's world.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    pub(super) fn process(&self) -> &Arc<Process> {
        &self.state.process
    }

    /// Who the task is, at this moment. A task that has exited is who it was.
    #[doc(alias = "current_cred")]
    pub fn credentials(&self) -> Arc<Credentials> {
        self.state.credentials.lock().clone()
    }

    /// Makes the task another user's (`setuid`), as the root user namespace counts them. Nobody asks whether it may.
    /// Who was uid 0 and is no more has no capabilities any more. A task that has exited stays who it was.
    #[doc(alias = "setuid")]
    pub fn set_uid(&self, uid: u32) {
        self.process().change_credentials(&self.state, |old| {
            let gives_up = old.uid() == 0 && uid != 0;
            old.with(uid, if gives_up { Capabilities::NONE } else { old.capabilities() })
        });
    }

    /// Gives up every capability that is not among these (`capset`).
    #[doc(alias = "capset")]
    pub fn keep_capabilities(&self, kept: Capabilities) {
        self.process().change_credentials(&self.state, |old| old.with(old.uid(), old.capabilities() & kept));
    }

    /// The network namespace that the task is in, at this moment.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if it has exited.
    #[doc(alias = "netns_get")]
    pub fn net_ns(&self) -> Result<NetRef, Error> {
        let nsproxy = self.state.nsproxy.load_full().ok_or(Error::NoSuchProcess)?;
        Ok(nsproxy.net.clone())
    }

    /// A new process (`fork`): in the same namespaces, with the same credentials, and with descriptors of its own
    /// for the same open files.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if the task has exited, [`Error::WouldBlock`] (`EAGAIN`) if all pids are
    /// taken.
    #[doc(alias = "copy_process")]
    #[doc(alias = "copy_namespaces")]
    pub fn fork(&self) -> Result<Task, Error> {
        let inheritance = self.process().bequeath(&self.state).ok_or(Error::NoSuchProcess)?;
        let nsproxy = NsProxy::for_child(&inheritance.nsproxy);
        let credentials = inheritance.credentials.clone();
        let make = |pid| {
            let id = sync::unique();
            Ok(TaskState::new(pid, id, Process::child(pid, id, inheritance), nsproxy, credentials))
        };
        Ok(Task { state: self.tasks.table.add(make)?, tasks: self.tasks.clone() })
    }

    /// A new thread of the process (`clone` with `CLONE_THREAD`): it shares the descriptors, and has namespaces of
    /// its own, which are the same until either goes elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if the task has exited or the process is ending, [`Error::WouldBlock`]
    /// (`EAGAIN`) if all pids are taken, [`Error::InvalidArgument`] (`EINVAL`) if children are to be in another
    /// namespace of process ids.
    #[doc(alias = "CLONE_THREAD")]
    pub fn thread(&self) -> Result<Task, Error> {
        let by = &self.state;
        let make = |pid| {
            by.process.add_thread(by, |nsproxy, credentials| {
                if !Arc::ptr_eq(nsproxy.other(Place::PidForChildren), &by.pid_ns) {
                    return Err(Error::InvalidArgument);
                }
                Ok(TaskState::new(pid, sync::unique(), by.process.clone(), nsproxy, credentials))
            })
        };
        Ok(Task { state: self.tasks.table.add(make)?, tasks: self.tasks.clone() })
    }

    /// Ends the task. It leaves its namespaces; then, if it was the last thread of its process, all descriptors are
    /// closed, from the highest down. A thread that is not the leader is gone then. The leader stays in the table, a
    /// zombie, until it is [reaped](Task::reap).
    ///
    /// Has no effect on a task that has exited; it may do so before another thread's exit of the same task is over.
    #[doc(alias = "do_exit")]
    #[doc(alias = "exit_task_namespaces")]
    pub fn exit(&self) {
        end(&self.tasks, &self.state);
    }

    /// Ends the process: [exits](Task::exit) every thread of it. No thread comes into being after the call has begun,
    /// and all have exited, or are in an exit of their own, when it returns.
    #[doc(alias = "do_group_exit")]
    pub fn exit_group(&self) {
        let pids = self.process().begin_end();
        for thread in self.tasks.table.threads(self.process(), pids) {
            end(&self.tasks, &thread);
        }
    }

    /// Takes a zombie off the table, so that its pid is free. Whatever its threads held has been dropped before.
    ///
    /// # Errors
    ///
    /// [`Error::WouldBlock`] (`EAGAIN`) if a thread of the process has not exited, or is still about it;
    /// [`Error::NoSuchProcess`] (`ESRCH`) if it was reaped already, or is a thread that needs no reaping.
    #[doc(alias = "wait_task_zombie")]
    pub fn reap(&self) -> Result<(), Error> {
        if !self.process().is_finished() {
            return Err(Error::WouldBlock);
        }
        if self.tasks.table.remove(&self.state) { Ok(()) } else { Err(Error::NoSuchProcess) }
    }

    /// Opens a file: gives it the lowest free descriptor, from 3 on.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if the task has exited, also while it was opening this;
    /// [`Error::TooManyDescriptors`] (`EMFILE`) with 1,048,573 open files. Then the file is closed at once.
    #[doc(alias = "fd_install")]
    pub fn install(&self, file: File) -> Result<u32, Error> {
        self.process().install(&self.state, file)
    }

    /// The open file that a descriptor stands for.
    ///
    /// # Errors
    ///
    /// [`Error::BadDescriptor`] (`EBADF`) if it stands for none, or the task has exited.
    #[doc(alias = "fget")]
    pub fn file(&self, fd: u32) -> Result<File, Error> {
        self.process().with_file(&self.state, fd, File::clone).ok_or(Error::BadDescriptor)
    }

    /// Another descriptor for the same open file, the lowest that is free.
    ///
    /// # Errors
    ///
    /// [`Error::BadDescriptor`] (`EBADF`) as for [`file`](Task::file), [`Error::TooManyDescriptors`] (`EMFILE`).
    pub fn dup(&self, fd: u32) -> Result<u32, Error> {
        self.process().dup(&self.state, fd)
    }

    /// Closes a descriptor, and the file with its last.
    ///
    /// # Errors
    ///
    /// [`Error::BadDescriptor`] (`EBADF`) as for [`file`](Task::file).
    pub fn close(&self, fd: u32) -> Result<(), Error> {
        let file = self.process().take_file(&self.state, fd).ok_or(Error::BadDescriptor)?;
        drop(file);
        Ok(())
    }

    /// The network namespace that a descriptor stands for.
    ///
    /// # Errors
    ///
    /// [`Error::BadDescriptor`] (`EBADF`) if it stands for no file, for one that was opened with `O_PATH`, or the
    /// task has exited; [`Error::InvalidArgument`] (`EINVAL`) for any other file. Without the feature `net-ns` there
    /// are no namespace files: `EINVAL` whatever it is.
    #[doc(alias = "proc_ns_fget")]
    pub fn get_net_ns_by_fd(&self, fd: u32) -> Result<NetRef, Error> {
        if !cfg!(feature = "net-ns") {
            return Err(Error::InvalidArgument);
        }
        let net = |file: &File| match file {
            File::Namespace(file) if file.is_path_only() => Err(Error::BadDescriptor),
            File::Namespace(file) => file.net().cloned().ok_or(Error::InvalidArgument),
            _ => Err(Error::InvalidArgument),
        };
        self.process().with_file(&self.state, fd, net).ok_or(Error::BadDescriptor)?
    }
}

/// See [`Task::exit`].
fn end(tasks: &Tasks, task: &TaskState) {
    let process = &task.process;
    let Some(Estate { nsproxy, descriptors }) = process.leave(task) else { return };
    drop(nsproxy);
    drop(descriptors);
    if task.pid != process.tgid {
        tasks.table.remove(task);
    }
    process.finish_one();
}

impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        self.state.id == other.state.id
    }
}
impl Eq for Task {}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task({} of {})", self.pid(), self.tgid())
    }
}
