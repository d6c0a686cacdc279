//! A process: what its threads share.

use super::credentials::Credentials;
use super::files::{Descriptors, File};
use super::nsproxy::{Change, NsProxy};
use super::state::TaskState;
use crate::error::Error;
use crate::sync::{self, Arc, AtomicU32, Counted, Mutex, Ordering};
use std::collections::BTreeMap;
use std::mem;

/// What the threads of a process share: descriptors, and who may look into it (`struct signal_struct`,
/// `files_struct` and `mm_struct` in one).
///
/// Its lock is taken inside that of the process table, and outside all others of tasks. Nothing is dropped under it
/// whose drop could run other code: what is replaced or closed is carried out of it first.
///
/// # Invariants
///
/// * A thread is in `running` from its birth until it exits, and exactly then it has an nsproxy: both change
///   together, under the lock. Its nsproxy and credentials are replaced under the lock alone.
/// * Descriptors are open only while there are threads in `running`.
/// * `unfinished` counts the threads from their birth to the end of their exit, when all that they held is dropped.
///   It never leaves 0.
pub(super) struct Process {
    /// The pid of its first thread, the leader.
    pub(super) tgid: u32,
    threads: Mutex<Threads>,
    unfinished: AtomicU32,
}

struct Threads {
    /// By pid, with what tells them from all others that ever have it.
    running: BTreeMap<u32, u64>,
    /// Whether all of them are about to exit: there are no new ones.
    ending: bool,
    /// Whether others of the same user may look into it (`mm->flags`).
    dumpable: bool,
    descriptors: Descriptors,
}

impl Threads {
    /// Whether a thread has not exited.
    fn has(&self, thread: &TaskState) -> bool {
        self.running.get(&thread.pid) == Some(&thread.id)
    }
}

/// What a child has of its parent.
pub(super) struct Inheritance {
    pub(super) nsproxy: Counted<NsProxy>,
    pub(super) credentials: Arc<Credentials>,
    dumpable: bool,
    descriptors: Descriptors,
}

/// What an exiting thread leaves. To be dropped in the order of the fields, without a lock.
pub(super) struct Estate {
    pub(super) nsproxy: Option<Counted<NsProxy>>,
    /// If it was the last thread.
    pub(super) descriptors: Option<Descriptors>,
}

impl Process {
    fn build(tgid: u32, leader: u64, dumpable: bool, descriptors: Descriptors) -> Arc<Process> {
        let running = BTreeMap::from([(tgid, leader)]);
        let threads = Mutex::new(Threads { running, ending: false, dumpable, descriptors });
        sync::name(&threads, "threads");
        let unfinished = AtomicU32::new(1);
        sync::name(&unfinished, "unfinished");
        Arc::new(Process { tgid, threads, unfinished })
    }

    /// A process of one thread, `leader`, without descriptors.
    pub(super) fn first(tgid: u32, leader: u64) -> Arc<Process> {
        Self::build(tgid, leader, true, Descriptors::default())
    }

    /// A process of one thread, `leader`, with what it inherits.
    pub(super) fn child(tgid: u32, leader: u64, inheritance: Inheritance) -> Arc<Process> {
        Self::build(tgid, leader, inheritance.dumpable, inheritance.descriptors)
    }

    /// What a child of a thread would inherit; `None` if the thread has exited.
    pub(super) fn bequeath(&self, thread: &TaskState) -> Option<Inheritance> {
        let threads = self.threads.lock();
        if !threads.has(thread) {
            return None;
        }
        Some(Inheritance {
            nsproxy: thread.nsproxy.load_full().expect("a running thread has one"),
            credentials: thread.credentials.lock().clone(),
            dumpable: threads.dumpable,
            descriptors: threads.descriptors.clone(),
        })
    }

    /// Adds the thread that `make` makes of the namespaces and credentials of another, unless that one has exited
    /// or all are about to.
    pub(super) fn add_thread(
        &self,
        by: &TaskState,
        make: impl FnOnce(Counted<NsProxy>, Arc<Credentials>) -> Result<Arc<TaskState>, Error>,
    ) -> Result<Arc<TaskState>, Error> {
        let mut threads = self.threads.lock();
        if threads.ending || !threads.has(by) {
            return Err(Error::NoSuchProcess);
        }
        let nsproxy = by.nsproxy.load_full().expect("a running thread has one");
        let made = make(nsproxy, by.credentials.lock().clone())?;
        threads.running.insert(made.pid, made.id);
        // Relaxed: the one who made it is unfinished, so nobody is waiting for 0 yet.
        self.unfinished.fetch_add(1, Ordering::Relaxed);
        Ok(made)
    }

    /// Takes a thread out. `None` if it has exited already.
    pub(super) fn leave(&self, thread: &TaskState) -> Option<Estate> {
        let mut threads = self.threads.lock();
        if !threads.has(thread) {
            return None;
        }
        threads.running.remove(&thread.pid);
        let nsproxy = thread.nsproxy.swap(None);
        let last = threads.running.is_empty();
        let descriptors = last.then(|| mem::take(&mut threads.descriptors));
        Some(Estate { nsproxy, descriptors })
    }

    /// A thread that left has dropped all that it held.
    pub(super) fn finish_one(&self) {
        // Release: pairs with the acquire in `is_finished`. Who reaps the process comes after all that its threads
        // did to the end.
        self.unfinished.fetch_sub(1, Ordering::Release);
    }

    /// Whether all threads have exited, and have nothing left to drop.
    pub(super) fn is_finished(&self) -> bool {
        // Acquire: pairs with the releases in `finish_one`.
        self.unfinished.load(Ordering::Acquire) == 0
    }

    /// Refuses new threads from now on, and says which ones have to exit.
    pub(super) fn begin_end(&self) -> Vec<u32> {
        let mut threads = self.threads.lock();
        threads.ending = true;
        threads.running.keys().copied().collect()
    }

    /// Whether it has one running thread, or none.
    #[doc(alias = "thread_group_empty")]
    pub(super) fn is_alone(&self) -> bool {
        self.threads.lock().running.len() <= 1
    }

    /// The credentials of a thread, and whether others of its user may look into it. One that has exited has nothing
    /// that would have to be kept from them.
    pub(super) fn exposure(&self, thread: &TaskState) -> (Arc<Credentials>, bool) {
        let threads = self.threads.lock();
        (thread.credentials.lock().clone(), threads.dumpable || !threads.has(thread))
    }

    /// Replaces a thread's namespaces and credentials, if its credentials are still those by which the change was
    /// allowed; says whether they were.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if it has exited; the change's own error if it may only be made by a
    /// thread that is alone.
    #[doc(alias = "switch_task_namespaces")]
    #[doc(alias = "commit_nsset")]
    pub(super) fn commit(
        &self,
        thread: &TaskState,
        allowed_by: &Arc<Credentials>,
        mut change: Change,
    ) -> Result<bool, Error> {
        // What is replaced, or is not to be, is dropped behind the locks: arguments go after locals.
        let replaced = {
            let mut threads = self.threads.lock();
            if !threads.has(thread) {
                return Err(Error::NoSuchProcess);
            }
            if let Some(error) = change.alone.take()
                && threads.running.len() > 1
            {
                return Err(error);
            }
            let mut credentials = thread.credentials.lock();
            if !Arc::ptr_eq(&credentials, allowed_by) {
                return Ok(false);
            }
            let old_credentials = change.credentials.take().map(|new| {
                threads.dumpable &= credentials.leaves_dumpable(&new);
                mem::replace(&mut *credentials, new)
            });
            let now = thread.nsproxy.load_full().expect("a running thread has one");
            let old_nsproxy = change.apply(&now).map(|new| thread.nsproxy.swap(Some(new)));
            (old_credentials, old_nsproxy, now)
        };
        drop(replaced);
        Ok(true)
    }

    /// Gives a running thread other credentials.
    #[doc(alias = "commit_creds")]
    pub(super) fn change_credentials(
        &self,
        thread: &TaskState,
        change: impl FnOnce(&Credentials) -> Arc<Credentials>,
    ) {
        let mut threads = self.threads.lock();
        if !threads.has(thread) {
            return;
        }
        let mut credentials = thread.credentials.lock();
        let new = change(&credentials);
        threads.dumpable &= credentials.leaves_dumpable(&new);
        let old = mem::replace(&mut *credentials, new);
        drop((credentials, threads));
        drop(old);
    }

    /// Opens a file in the table.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if the thread has exited, [`Error::TooManyDescriptors`] (`EMFILE`). Then
    /// the file is closed.
    pub(super) fn install(&self, thread: &TaskState, file: File) -> Result<u32, Error> {
        // On an error the file is dropped behind the lock: arguments go after locals.
        let mut threads = self.threads.lock();
        if !threads.has(thread) {
            return Err(Error::NoSuchProcess);
        }
        let fd = threads.descriptors.reserve()?;
        threads.descriptors.put(fd, file);
        Ok(fd)
    }

    /// What `look` makes of the file that a descriptor of a thread stands for; `None` if it stands for none, or the
    /// thread has exited. `look` drops nothing.
    pub(super) fn with_file<R>(
        &self,
        thread: &TaskState,
        fd: u32,
        look: impl FnOnce(&File) -> R,
    ) -> Option<R> {
        let threads = self.threads.lock();
        threads.descriptors.get(fd).filter(|_| threads.has(thread)).map(look)
    }

    /// Opens the file of a descriptor under another.
    ///
    /// # Errors
    ///
    /// [`Error::BadDescriptor`] (`EBADF`), [`Error::TooManyDescriptors`] (`EMFILE`).
    pub(super) fn dup(&self, thread: &TaskState, fd: u32) -> Result<u32, Error> {
        let mut threads = self.threads.lock();
        if !threads.has(thread) {
            return Err(Error::BadDescriptor);
        }
        threads.descriptors.dup(fd)
    }

    /// Takes a descriptor of a thread out of the table, with its file.
    pub(super) fn take_file(&self, thread: &TaskState, fd: u32) -> Option<File> {
        let mut threads = self.threads.lock();
        if threads.has(thread) { threads.descriptors.take(fd) } else { None }
    }
}
