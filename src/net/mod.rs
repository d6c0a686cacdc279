//! The network-namespace core: namespaces, what modules keep in them, how they come and go.
//!
//! # A guide
//!
//! [`Namespaces`] owns a set of namespaces, the first of which, `init_net`, is there from the beginning. A namespace
//! is a [`Net`]; it works for as long as somebody has a [`NetRef`] to it, and its memory stays for as long as
//! somebody has a [`PassiveNet`].
//!
//! ```
//! use netns_core::{CLONE_NEWNET, Error, Namespaces, Net, PernetOperations, UserNamespace};
//!
//! /// A module that gives each namespace a name.
//! struct Names;
//!
//! impl PernetOperations for Names {
//!     type Data = String;
//!     fn init(&self, net: &Net) -> Result<String, Error> {
//!         Ok(format!("namespace {}", net.id()))
//!     }
//! }
//!
//! let namespaces = Namespaces::new()?;
//! let names = namespaces.register_pernet_subsys(Names)?;
//! let user = UserNamespace::new(16);
//! let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net())?;
//!
//! let guard = namespaces.read_lock();
//! let name = net.generic(&guard, names.id()).expect("it is initialised");
//! assert_eq!(*name, format!("namespace {}", net.id()));
//! assert_eq!(namespaces.for_each_net_rcu(&guard).count(), 2);
//! drop(guard);
//!
//! drop(net); // the last reference: the worker cleans up
//! namespaces.flush_cleanup()?;
//! assert_eq!(user.net_namespaces(), 0);
//! # Ok::<(), Error>(())
//! ```
//!
//! # The life of a namespace
//!
//! | | count | on the list | `generic` finds |
//! |---|---|---|---|
//! | inits run | 1 | no | what is initialised so far |
//! | it lives | 1 or more | yes | all that is registered |
//! | the last reference is dropped | 0, for good | yes | all that is registered |
//! | the worker takes it off, and waits for a grace period | 0 | no | all that is registered |
//! | exits run, in reverse | 0 | no | what has not exited yet |
//! | callbacks that exits queued have run, data is freed | 0 | no | nothing |
//! | the last passive reference is dropped: memory is freed | – | – | – |
//!
//! # Locks
//!
//! The registry lock (the kernel's `net_mutex`) is held while namespaces are created, cleaned up to the end of their
//! exits, and while operations are registered and unregistered: each of these is atomic for the others. Under it,
//! rtnl is held to change the list. Walks need neither: they are read-side sections. Callbacks of pernet operations run
//! under the registry lock, and not under rtnl; a call in them that would take the registry lock is refused.
//!
//! The locks of peer ids come after both: see [`nsid`].

mod cleanup;
mod context;
mod create;
mod generic;
mod handle;
mod list;
pub mod nsid;
mod owner;
mod pernet;
mod portid;
mod registry;
mod user;
mod world;

pub use create::CLONE_NEWNET;
pub use generic::PernetId;
pub use handle::{Net, NetId, NetRef, PassiveNet};
pub use nsid::{AssignError, Nsid, Origin};
pub(crate) use nsid::{NsidEvent, NsidEventKind, NsidListener, Subscription};
pub use owner::{Builder, Namespaces, Worker};
pub use pernet::PernetOperations;
pub(crate) use portid::Portid;
pub use registry::Registration;
pub use user::UserNamespace;

#[cfg(test)]
mod tests;
