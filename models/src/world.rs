//! What the models of the core are played in: an owner, a log, and operations that keep an account of themselves.

use netns_core::check::reached;
use netns_core::net::Worker;
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::{self, Arc, AtomicUsize, Mutex, UnsafeCell, planned_panic};
use netns_core::{
    CLONE_NEWNET, Error, Namespaces, Net, NetRef, PernetId, PernetOperations, Registration, UserNamespace,
};

/// What happened, in order: `init name`, `exit name`, `batch name n`, `callback name`, `free name`.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn say(&self, text: String) {
        self.0.lock().push(text);
    }

    /// All that was said since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock())
    }
}

/// What an operation keeps in a namespace: plain memory, written by init before it is published, and by exit
/// when nobody may be reading it any more.
pub struct Ops {
    name: UnsafeCell<&'static str>,
    /// Where its end is told.
    log: Option<(Log, &'static str)>,
}

// SAFETY: written before it is published and after it is taken back; the checker watches whether that is so.
unsafe impl Sync for Ops {}

impl Drop for Ops {
    fn drop(&mut self) {
        if let Some((log, name)) = &self.log {
            log.say(format!("free {name}"));
        }
    }
}

impl Ops {
    /// What init wrote.
    pub fn name(&self) -> &'static str {
        // SAFETY: published data is not written.
        self.name.with(|name| unsafe { *name })
    }
}

/// Where a reader learns the id of operations that are being registered.
pub type Announcement = Arc<Mutex<Option<PernetId<Ops>>>>;

/// Where somebody finds a reference that init has left there.
pub type HandedOut = Arc<Mutex<Option<NetRef>>>;

/// What operations are to do.
#[derive(Default)]
pub struct Script {
    /// Their name, which is also their data.
    pub name: &'static str,
    /// Where they write what they do; nowhere if `None`, as a log is one more lock to explore.
    pub log: Option<Log>,
    /// Where they tell their id before the first init.
    pub announcement: Option<Announcement>,
    /// Whether init fails, with [`World::PLANNED_ERRNO`], and from which call of it on.
    pub fails_at: Option<usize>,
    /// Whether that failure is a panic.
    pub panics: bool,
    /// Whether exit queues an RCU callback about the namespace, which queues another.
    pub calls: bool,
    /// Whom the exit of a dead namespace tries to give an id to and to get one from, in vain.
    pub observer: Option<NetRef>,
    /// Who gives every other namespace an id in its init.
    pub known_to: Option<NetRef>,
    /// Where init leaves a reference to its namespace.
    pub handed_out: Option<HandedOut>,
    /// Whether exit panics when it has done everything else.
    pub exit_panics: bool,
}

/// Operations that follow a script.
struct Scripted {
    script: Script,
    inits: AtomicUsize,
}

impl PernetOperations for Scripted {
    type Data = Ops;

    fn set_id(&self, id: PernetId<Ops>) {
        if let Some(announcement) = &self.script.announcement {
            *announcement.lock() = Some(id);
        }
    }

    fn init(&self, net: &Net) -> Result<Ops, Error> {
        let Script { name, log, fails_at, panics, known_to, handed_out, .. } = &self.script;
        if fails_at.is_some_and(|at| self.inits.fetch_add(1, Relaxed) >= at) {
            if *panics {
                planned_panic();
            }
            return Err(Error::Errno(World::PLANNED_ERRNO));
        }
        if let Some(log) = log {
            log.say(format!("init {name}"));
        }
        if let Some(observer) = known_to.as_ref().filter(|observer| observer.id() != net.id()) {
            observer.peernet2id_alloc(net).expect("both live");
        }
        if let Some(handed_out) = handed_out {
            *handed_out.lock() = net.maybe_get();
        }
        let data = UnsafeCell::new("");
        sync::name(&data, "data");
        // SAFETY: not published yet.
        data.with_mut(|data| unsafe { *data = name });
        Ok(Ops { name: data, log: log.clone().map(|log| (log, *name)) })
    }

    fn exit(&self, net: &Net, data: &Ops) {
        let Script { name, log, calls, observer, exit_panics, .. } = &self.script;
        assert_eq!(data.name(), *name, "an exit gets its own data, once");
        // SAFETY: nobody reads the data of a namespace that exits. If somebody does, the checker says so.
        data.name.with_mut(|data| unsafe { *data = "exited" });
        if let Some(log) = log {
            log.say(format!("exit {name}"));
            if *calls {
                call_twice(net, log.clone(), name);
            }
        }
        // An exit because of unregistering is none of these: its namespace lives on.
        if let Some(observer) = observer.as_ref().filter(|_| net.count() == 0) {
            assert_eq!(observer.peernet2id(net), None, "ids go before exits");
            assert_eq!(observer.peernet2id_alloc(net), None, "who is dead gets none");
            assert_eq!(net.peernet2id_alloc(observer), None, "and gives none");
        }
        if *exit_panics {
            planned_panic();
        }
    }

    fn exit_batch(&self, nets: &[&Net]) {
        if let Some(log) = &self.script.log {
            log.say(format!("batch {} {}", self.script.name, nets.len()));
        }
    }
}

/// Queues a callback about a namespace, which queues another one.
fn call_twice(net: &Net, log: Log, name: &'static str) {
    let (rcu, passive) = (net.rcu().clone(), net.passive());
    net.rcu().call(move || {
        log.say(format!("callback {name}"));
        let id = passive.id();
        rcu.call(move || {
            assert_eq!(passive.id(), id, "the namespace outlives the callbacks about it");
            log.say(format!("callback again {name}"));
        });
    });
}

/// An owner whose cleanup runs where the model says.
pub struct World {
    /// The owner.
    pub namespaces: Namespaces,
    /// Who owns the namespaces.
    pub user: UserNamespace,
    /// What happened.
    pub log: Log,
}

impl World {
    /// The error that scripts fail with (`EPROTO`).
    pub const PLANNED_ERRNO: i32 = 71;

    /// What a creation or a registration says when a script has failed it.
    pub fn planned_failure() -> Error {
        Error::InitFailed { operations: std::any::type_name::<Scripted>(), errno: Self::PLANNED_ERRNO }
    }

    /// A world whose namespaces have this many slots from the beginning.
    pub fn with_slots(slots: usize) -> Arc<World> {
        let namespaces = Namespaces::builder().worker(Worker::Manual).initial_slots(slots).build();
        let namespaces = namespaces.expect("nothing fails here");
        let log = Log::default();
        sync::name(&*log.0, "log");
        Arc::new(World { namespaces, user: UserNamespace::new(8), log })
    }

    /// Registers a subsystem that follows the script.
    ///
    /// # Errors
    ///
    /// As [`Namespaces::register_pernet_subsys`].
    pub fn register(&self, script: Script) -> Result<Registration<Ops>, Error> {
        self.namespaces.register_pernet_subsys(Scripted { script, inits: AtomicUsize::new(0) })
    }

    /// Registers a device that follows the script.
    ///
    /// # Errors
    ///
    /// As [`Namespaces::register_pernet_device`].
    pub fn register_device(&self, script: Script) -> Result<Registration<Ops>, Error> {
        self.namespaces.register_pernet_device(Scripted { script, inits: AtomicUsize::new(0) })
    }

    /// Registers a subsystem that does nothing but keep its name.
    pub fn subsys(&self, name: &'static str) -> Registration<Ops> {
        self.register(Script { name, ..Script::default() }).expect("nothing fails here")
    }

    /// Registers a subsystem that keeps its name and logs.
    pub fn logging(&self, name: &'static str) -> Registration<Ops> {
        self.register(self.script(name)).expect("nothing fails here")
    }

    /// A script that logs.
    pub fn script(&self, name: &'static str) -> Script {
        Script { name, log: Some(self.log.clone()), ..Script::default() }
    }

    /// A new namespace.
    ///
    /// # Errors
    ///
    /// As [`Namespaces::copy_net_ns`].
    pub fn create(&self) -> Result<NetRef, Error> {
        self.namespaces.copy_net_ns(CLONE_NEWNET, &self.user, self.namespaces.init_net())
    }

    /// A new namespace, where nothing fails.
    pub fn new_net(&self) -> NetRef {
        self.create().expect("nothing fails here")
    }

    /// What is found by an id in the initial namespace, read inside a section.
    pub fn name_of(&self, id: PernetId<Ops>) -> Option<&'static str> {
        let guard = self.namespaces.read_lock();
        self.namespaces.init_net().generic(&guard, id).map(Ops::name)
    }

    /// Asserts that each of so many namespaces was cleaned up once, and notes in how many batches. The operations
    /// named `op` have the log.
    ///
    /// # Panics
    ///
    /// If it was not so.
    pub fn assert_cleaned(&self, deaths: usize) {
        let log = self.log.take();
        let sizes: Vec<usize> =
            log.iter().filter_map(|line| line.strip_prefix("batch op ")?.parse().ok()).collect();
        assert_eq!(sizes.iter().sum::<usize>(), deaths, "each is cleaned once: {log:?}");
        assert_eq!(log.iter().filter(|line| *line == "exit op").count(), deaths);
        assert!(self.namespaces.init_net().count() >= 1, "init_net is never cleaned");
        reached(match sizes.len() {
            1 => "one batch",
            2 => "two batches",
            _ => "three batches",
        });
    }

    /// Runs the cleanup here.
    pub fn clean_up(&self) {
        self.namespaces.run_cleanup().expect("not inside a callback");
    }

    /// The end: all threads are joined and all else is dropped. Everything is cleaned up and counted back.
    pub fn end(self: Arc<World>) {
        let World { namespaces, user, log: _ } = Arc::into_inner(self).expect("the last handle");
        drop(namespaces);
        assert_eq!(user.net_namespaces(), 0, "the quota is returned");
    }
}

/// What goes with a hook or a handler, is counted and panics then.
pub struct PanicsInTheEnd(pub Arc<AtomicUsize>);

impl Drop for PanicsInTheEnd {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
        planned_panic();
    }
}

/// Notes whether something was found.
pub fn saw(found: bool) {
    reached(if found { "found" } else { "not found" });
}
