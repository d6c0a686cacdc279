//! Tasks, and the namespaces that they are in.
//!
//! # A guide
//!
//! [`Tasks`] is the process table of a world. A [`Task`] makes system calls: it forks, goes from namespace to
//! namespace, opens files, exits. What keeps a network namespace alive is its tasks, the open [`NsFile`]s that stand
//! for it, and the [mounts](Mounts) of these.
//!
//! ```
//! use netns_core::task::{NsKind, Tasks};
//! use netns_core::{Error, Namespaces, UserNamespace};
//! # if !cfg!(feature = "net-ns") { return Ok(()) }
//!
//! let namespaces = Namespaces::new()?;
//! let (tasks, init) = Tasks::new(namespaces.init_net().clone(), UserNamespace::new(16));
//!
//! let child = init.fork()?;
//! child.unshare(NsKind::Net.flag())?; // in a network namespace of its own
//! assert_ne!(tasks.get_net_ns_by_pid(child.pid())?, init.net_ns()?);
//!
//! let fd = init.open_ns(&child, NsKind::Net, false)?; // /proc/PID/ns/net
//! child.exit();
//! child.reap()?;
//! assert_eq!(tasks.get_net_ns_by_pid(child.pid()), Err(Error::NoSuchProcess));
//!
//! init.setns(fd, NsKind::Net.flag())?; // the descriptor has kept it
//! assert_eq!(init.get_net_ns_by_fd(fd)?, init.net_ns()?);
//! init.exit(); // it leaves the namespace, then closes the descriptor: that was the last reference
//! namespaces.flush_cleanup()?;
//! # Ok::<(), Error>(())
//! ```
//!
//! # What is here and what is not
//!
//! * Namespaces of networks and users behave; all other kinds have an identity, an owner and their places in a task,
//!   and nothing is in them.
//! * Credentials are a uid and a set of capabilities in a user namespace. Uids are those of the root user namespace,
//!   everywhere.
//! * Processes have no parents: whoever has a handle to a zombie can reap it, and nobody has to.
//! * Paths of mounts are names, the same for every task.
//!
//! # Locks
//!
//! The process table's is taken first, then that of one process, which protects its threads and descriptors, then
//! that of one task's credentials. Mounts have a lock of their own, and so have namespace numbers. References to
//! namespaces, files, and whatever users keep in these are dropped under none of them, and network namespaces are
//! created under none. Which namespaces a task is in is one value, its nsproxy, that is read without a lock and
//! replaced as a whole.

mod credentials;
mod enter;
mod files;
mod handle;
mod identity;
mod kind;
mod mount;
mod nsproxy;
mod proc;
mod process;
mod state;
mod table;

pub use credentials::{Capabilities, Capability, Credentials};
pub use files::{File, NsFile, PidFd};
pub use handle::Task;
pub use kind::NsKind;
pub use mount::Mounts;
pub use table::Tasks;

#[cfg(test)]
mod tests;
