//! Tests of tasks on real threads, after what a kernel answers.

mod credentials;
mod files;
#[cfg(feature = "net-ns")]
mod life;
#[cfg(feature = "net-ns")]
mod mounts;
mod races;
#[cfg(feature = "net-ns")]
mod setns;
#[cfg(feature = "net-ns")]
mod unshare;
#[cfg(not(feature = "net-ns"))]
mod without_net_ns;

use super::*;
use crate::error::Error;
use crate::net::{Namespaces, Net, PernetOperations, Registration, UserNamespace, Worker};
use crate::sync::{Arc, Mutex};
use std::mem;

const NET: u64 = NsKind::Net.flag();
const USER: u64 = NsKind::User.flag();

/// Nothing died, nothing was closed.
const NONE: [u32; 0] = [];

/// A world whose cleanups run when a test says so.
struct World {
    tasks: Tasks,
    main: Task,
    user_ns: UserNamespace,
    deaths: Deaths,
    _log: Registration<()>,
    namespaces: Namespaces,
}

/// The numbers of the network namespaces that have been cleaned up.
#[derive(Clone, Default)]
struct Deaths(Arc<Mutex<Vec<u32>>>);

impl PernetOperations for Deaths {
    type Data = ();

    fn init(&self, _: &Net) -> Result<(), Error> {
        Ok(())
    }

    fn exit(&self, net: &Net, (): &()) {
        self.0.lock().push(net.inum());
    }
}

impl World {
    fn new() -> World {
        let user_ns = UserNamespace::new(u32::MAX);
        let builder = Namespaces::builder().worker(Worker::Manual).user_ns(user_ns.clone());
        let namespaces = builder.build().unwrap();
        let deaths = Deaths::default();
        let log = namespaces.register_pernet_subsys(deaths.clone()).unwrap();
        let (tasks, main) = Tasks::new(namespaces.init_net().clone(), user_ns.clone());
        World { tasks, main, user_ns, deaths, _log: log, namespaces }
    }

    /// Cleans up, and says which network namespaces died since the last call, the last one first.
    fn deaths(&self) -> Vec<u32> {
        self.namespaces.run_cleanup().unwrap();
        mem::take(&mut *self.deaths.0.lock())
    }

    /// A process in a network namespace of its own, and the number of that.
    #[cfg(feature = "net-ns")]
    fn apart(&self) -> (Task, u32) {
        let task = self.main.fork().unwrap();
        task.unshare(NET).unwrap();
        let number = task.net_ns().unwrap().inum();
        (task, number)
    }

    /// A process of another user.
    fn unprivileged(&self) -> Task {
        let task = self.main.fork().unwrap();
        task.set_uid(65534);
        task
    }
}

impl Task {
    /// A descriptor of the namespace that another is in.
    fn open(&self, of: &Task, kind: NsKind) -> u32 {
        self.open_ns(of, kind, false).unwrap()
    }

    /// Which namespace of a kind it is in.
    fn is_in(&self, kind: NsKind) -> (NsKind, u32) {
        self.ns_file(self, kind).unwrap().identity()
    }

    /// Descriptors that alone hold new network namespaces, and the numbers of these.
    #[cfg(feature = "net-ns")]
    fn make_ns<const COUNT: usize>(&self) -> [(u32, u32); COUNT] {
        std::array::from_fn(|_| {
            let maker = self.fork().unwrap();
            maker.unshare(NET).unwrap();
            let made = (self.open(&maker, NsKind::Net), maker.net_ns().unwrap().inum());
            maker.exit();
            maker.reap().unwrap();
            made
        })
    }
}

/// A socket that does something when it is closed.
fn socket(then: impl FnMut() + Send + Sync + 'static) -> File {
    struct Closing<F: FnMut()>(F);
    impl<F: FnMut()> Drop for Closing<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    File::Socket(Arc::new(Closing(then)))
}
