//! Making namespaces and entering them: `unshare` and `setns`.

use super::credentials::{Capability, Credentials};
use super::files::{File, PidFd};
use super::handle::Task;
use super::identity::{Identity, Namespace};
use super::kind::{Flags, NsKind};
use super::nsproxy::{Change, Place};
use crate::error::Error;
use crate::net::{CLONE_NEWNET, UserNamespace};
use crate::sync::Arc;

impl Task {
    /// Makes new namespaces of the kinds that `flags` asks for ([`NsKind::flag`]), and moves the task there, alone of
    /// its process. All or nothing happens.
    ///
    /// With a new user namespace the task gets every capability in it, and it owns the other new ones. New process
    /// ids and clocks are for children that come after the call. Other flags of `unshare(2)` have no effect on a
    /// process of one thread. Descriptors belong to the process: a thread among others cannot take its own.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidArgument`] (`EINVAL`): flags that are unknown; a new user namespace, or `CLONE_FILES`,
    ///   `CLONE_VM`, `CLONE_SIGHAND` or `CLONE_THREAD`, in a process of several threads; new process ids where
    ///   children are to be in others already; without the feature `net-ns`, a network namespace.
    /// * [`Error::NotPermitted`] (`EPERM`): without `CAP_SYS_ADMIN` in the user namespace that is to own the others;
    ///   a new user namespace for a user that has no id in the present one.
    /// * [`Error::NoSpace`] (`ENOSPC`): user namespaces, or those of process ids, too deep; too many network
    ///   namespaces.
    /// * [`Error::NoSuchProcess`] (`ESRCH`): the task has exited.
    /// * What [`NetRef::copy_net_ns`](crate::NetRef::copy_net_ns) returns.
    #[doc(alias = "ksys_unshare")]
    #[doc(alias = "create_new_namespaces")]
    pub fn unshare(&self, flags: u64) -> Result<(), Error> {
        let flags = Flags::of_unshare(flags)?;
        self.change(|credentials| {
            let mut change = Change::default();
            if flags.alone() {
                self.must_be_alone(&mut change, Error::InvalidArgument)?;
            }
            if flags.has(NsKind::User) {
                let user_ns = credentials.user_ns().child(credentials.uid())?;
                let identity = Identity::new(&self.tasks.table.numbers, NsKind::User, &user_ns, None)?;
                change.credentials = Some(Credentials::full(credentials.uid(), identity));
            }
            if flags.has_any_but_user() {
                self.make_namespaces(flags, credentials, &mut change)?;
            }
            Ok(change)
        })
    }

    /// Moves the task to other namespaces: that of a namespace file, if `flags` is 0 or its kind's
    /// ([`NsKind::flag`]); or with the descriptor of a process those of the kinds in `flags` that its leader is in,
    /// all or none. Of process ids it is the children's that change.
    ///
    /// # Errors
    ///
    /// * [`Error::BadDescriptor`] (`EBADF`): no file, or one opened with `O_PATH`.
    /// * [`Error::InvalidArgument`] (`EINVAL`): a file of another kind; `flags` of another kind; for a process,
    ///   none, or flags that are no namespace's; one's own user namespace; a user or mount namespace, for a thread
    ///   among others; process ids that are not those the task is in or below them; without the feature `net-ns`, a
    ///   network namespace.
    /// * [`Error::NotPermitted`] (`EPERM`): without `CAP_SYS_ADMIN` over the namespace and in the user namespace
    ///   that the task is to be in (for mounts, also without `CAP_SYS_CHROOT` there); a process that the task may
    ///   not look into.
    /// * [`Error::TooManyUsers`] (`EUSERS`): clocks, for a thread among others.
    /// * [`Error::NoSuchProcess`] (`ESRCH`): the process has exited, or the task has.
    #[doc(alias = "netns_install")]
    #[doc(alias = "validate_nsset")]
    pub fn setns(&self, fd: u32, flags: u64) -> Result<(), Error> {
        self.change(|credentials| {
            let mut change = Change::default();
            match self.file(fd)? {
                File::Namespace(file) if file.is_path_only() => return Err(Error::BadDescriptor),
                File::Namespace(file) if flags == 0 || flags == file.kind().flag() => {
                    self.enter(&file.namespace, credentials, &mut change)?;
                }
                File::PidFd(process) => {
                    self.join(process, Flags::of_setns(flags)?, credentials, &mut change)?
                }
                File::Namespace(_) | File::Socket(_) | File::Other => return Err(Error::InvalidArgument),
            }
            Ok(change)
        })
    }

    /// Plans a change by the task's credentials and carries it out, anew for as long as these change meanwhile.
    fn change(&self, plan: impl Fn(&Arc<Credentials>) -> Result<Change, Error>) -> Result<(), Error> {
        loop {
            let credentials = self.credentials();
            if self.process().commit(&self.state, &credentials, plan(&credentials)?)? {
                return Ok(());
            }
        }
    }

    /// Only a process of one thread may make this change. It is looked at again when it is carried out.
    fn must_be_alone(&self, change: &mut Change, error: Error) -> Result<(), Error> {
        if !self.process().is_alone() {
            return Err(error);
        }
        change.alone = Some(error);
        Ok(())
    }

    /// Makes the namespaces that `flags` asks for, but for that of users.
    fn make_namespaces(
        &self,
        flags: Flags,
        credentials: &Credentials,
        change: &mut Change,
    ) -> Result<(), Error> {
        let owner = change.user_ns(credentials).clone();
        require(credentials, &owner)?;
        let now = self.state.nsproxy.load_full().ok_or(Error::NoSuchProcess)?;
        let pid_ns = &self.state.pid_ns;
        if flags.has(NsKind::Pid) && !Arc::ptr_eq(now.other(Place::PidForChildren), pid_ns) {
            return Err(Error::InvalidArgument);
        }
        for kind in NsKind::ALL.into_iter().filter(|&kind| flags.has(kind)) {
            let Some(place) = Place::of_new(kind) else { continue };
            let outer = (kind == NsKind::Pid).then_some(pid_ns);
            change.put(place, Identity::new(&self.tasks.table.numbers, kind, &owner, outer)?);
        }
        if flags.has(NsKind::Net) {
            if !cfg!(feature = "net-ns") {
                return Err(Error::InvalidArgument);
            }
            change.put_net(now.net.copy_net_ns(CLONE_NEWNET, &owner)?);
        }
        Ok(())
    }

    /// Enters one namespace, if it may.
    #[doc(alias = "validate_ns")]
    fn enter(
        &self,
        namespace: &Namespace,
        credentials: &Credentials,
        change: &mut Change,
    ) -> Result<(), Error> {
        let kind = namespace.kind();
        if kind == NsKind::Net && !cfg!(feature = "net-ns") {
            return Err(Error::InvalidArgument);
        }
        if let Namespace::Other(identity) = namespace
            && kind == NsKind::User
        {
            return self.enter_user(identity, credentials, change);
        }
        if kind == NsKind::Time {
            self.must_be_alone(change, Error::TooManyUsers)?;
        }
        require(credentials, namespace.user_ns())?;
        require(credentials, change.user_ns(credentials))?;
        if kind == NsKind::Mnt {
            if !credentials.ns_capable(change.user_ns(credentials), Capability::SysChroot) {
                return Err(Error::NotPermitted);
            }
            self.must_be_alone(change, Error::InvalidArgument)?;
        }
        if let Namespace::Other(identity) = namespace
            && kind == NsKind::Pid
            && !identity.is_within(&self.state.pid_ns)
        {
            return Err(Error::InvalidArgument);
        }
        change.enter(namespace);
        Ok(())
    }

    #[doc(alias = "userns_install")]
    fn enter_user(
        &self,
        identity: &Arc<Identity>,
        credentials: &Credentials,
        change: &mut Change,
    ) -> Result<(), Error> {
        if &identity.user_ns == credentials.user_ns() {
            return Err(Error::InvalidArgument);
        }
        self.must_be_alone(change, Error::InvalidArgument)?;
        require(credentials, &identity.user_ns)?;
        change.credentials = Some(Credentials::full(credentials.uid(), identity.clone()));
        Ok(())
    }

    /// Enters the namespaces of another process.
    fn join(
        &self,
        process: PidFd,
        asked: Flags,
        credentials: &Credentials,
        change: &mut Change,
    ) -> Result<(), Error> {
        let there = self.tasks.table.find(process.pid).filter(|task| task.id == process.id);
        let of = there.ok_or(Error::NoSuchProcess)?;
        if !self.may_read(&of) {
            return Err(Error::NotPermitted);
        }
        let snapshot = of.nsproxy.load_full().ok_or(Error::NoSuchProcess)?;
        for kind in NsKind::ALL.into_iter().filter(|&kind| asked.has(kind)) {
            let namespace = of.namespace_with(Some(&snapshot), kind).ok_or(Error::NoSuchProcess)?;
            self.enter(&namespace, credentials, change)?;
        }
        Ok(())
    }
}

impl Change {
    /// The user namespace that the task will be in.
    fn user_ns<'a>(&'a self, now: &'a Credentials) -> &'a UserNamespace {
        self.credentials.as_deref().unwrap_or(now).user_ns()
    }
}

/// Making and entering namespaces is for who has `CAP_SYS_ADMIN`.
fn require(credentials: &Credentials, user_ns: &UserNamespace) -> Result<(), Error> {
    if credentials.ns_capable(user_ns, Capability::SysAdmin) { Ok(()) } else { Err(Error::NotPermitted) }
}
