//! Bind mounts of namespace files, as `ip netns` makes them.

use super::credentials::Capability;
use super::files::{File, NsFile};
use super::handle::Task;
use super::identity::Namespace;
use super::kind::NsKind;
use super::nsproxy::Place;
use crate::error::Error;
use crate::sync::{self, AtomicU32, Counted, Mutex, Ordering};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

/// The bind mounts of one world, by path. From [`Tasks::mounts`](super::Tasks::mounts).
///
/// Paths are names and nothing more, the same for every task: mount namespaces have no mounts of their own here.
/// What was bound last on a path hides what was bound there before.
pub struct Mounts {
    paths: Mutex<BTreeMap<String, Vec<Counted<Mount>>>>,
}

/// A namespace that is mounted.
struct Mount {
    namespace: Namespace,
    /// The open files that were opened through it. Raised from 0 under the lock of the paths alone.
    users: AtomicU32,
}

/// An open file's use of the mount through which it was opened.
pub(super) struct InUse(Counted<Mount>);

impl InUse {
    fn new(mount: &Counted<Mount>) -> Self {
        // Relaxed, here and below: the number orders nothing.
        mount.users.fetch_add(1, Ordering::Relaxed);
        InUse(mount.clone())
    }
}

impl Clone for InUse {
    fn clone(&self) -> Self {
        InUse::new(&self.0)
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.users.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Mounts {
    pub(super) fn new() -> Self {
        let paths = Mutex::new(BTreeMap::new());
        sync::name(&paths, "mounts");
        Mounts { paths }
    }

    /// Mounts a namespace on a path: it lives for as long as it is mounted. If there is no file on the path, makes
    /// one first.
    ///
    /// # Errors
    ///
    /// As [`umount`](Self::umount) about the task.
    pub fn bind(&self, task: &Task, file: &NsFile, path: &str) -> Result<(), Error> {
        may_mount(task)?;
        let mount = Mount { namespace: file.namespace.clone(), users: AtomicU32::new(0) };
        sync::name(&mount.users, "users of a mount");
        self.paths.lock().entry(path.into()).or_default().push(Counted::new(mount));
        Ok(())
    }

    /// Opens what is on a path: the namespace that is mounted there, else the file that was left there.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] (`ENOENT`) if nothing is on the path; what [`Task::install`] returns.
    pub fn open(&self, task: &Task, path: &str) -> Result<u32, Error> {
        let file = match self.paths.lock().get(path).ok_or(Error::NotFound)?.last() {
            Some(mount) => File::Namespace(NsFile::new(mount.namespace.clone(), Some(InUse::new(mount)))),
            None => File::Other,
        };
        task.install(file)
    }

    /// Which namespace is mounted on a path, if there is one.
    pub fn identity(&self, path: &str) -> Option<(NsKind, u32)> {
        let paths = self.paths.lock();
        let namespace = &paths.get(path)?.last()?.namespace;
        Some((namespace.kind(), namespace.number()))
    }

    /// Takes away what was mounted last on a path. The file stays. With `lazy`, files that were opened through the
    /// mount keep it, out of sight.
    ///
    /// # Errors
    ///
    /// [`Error::NotPermitted`] (`EPERM`) without `CAP_SYS_ADMIN` over the task's mount namespace,
    /// [`Error::NoSuchProcess`] (`ESRCH`) if the task has exited; [`Error::NotFound`] (`ENOENT`) if nothing is on
    /// the path, [`Error::InvalidArgument`] (`EINVAL`) if nothing is mounted there, [`Error::Busy`] (`EBUSY`) if
    /// files that were opened through the mount are open and it is not to be lazy.
    #[doc(alias = "MNT_DETACH")]
    pub fn umount(&self, task: &Task, path: &str, lazy: bool) -> Result<(), Error> {
        may_mount(task)?;
        // Dropped behind the lock: it may be the last to hold its namespace.
        let _unmounted = {
            let mut paths = self.paths.lock();
            let mounts = paths.get_mut(path).ok_or(Error::NotFound)?;
            let top = mounts.last().ok_or(Error::InvalidArgument)?;
            if !lazy && top.users.load(Ordering::Relaxed) > 0 {
                return Err(Error::Busy);
            }
            mounts.pop()
        };
        Ok(())
    }

    /// Removes the file on a path.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] (`ENOENT`) if there is none, [`Error::Busy`] (`EBUSY`) if something is mounted on it.
    pub fn unlink(&self, path: &str) -> Result<(), Error> {
        match self.paths.lock().entry(path.into()) {
            Entry::Vacant(_) => Err(Error::NotFound),
            Entry::Occupied(file) if !file.get().is_empty() => Err(Error::Busy),
            Entry::Occupied(file) => {
                file.remove();
                Ok(())
            }
        }
    }
}

fn may_mount(task: &Task) -> Result<(), Error> {
    let proxy = task.state.nsproxy.load_full().ok_or(Error::NoSuchProcess)?;
    let owner = &proxy.other(Place::Mnt).user_ns;
    if task.credentials().ns_capable(owner, Capability::SysAdmin) { Ok(()) } else { Err(Error::NotPermitted) }
}

impl fmt::Debug for Mounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mounts")
    }
}
