//! An account of every callback of a world's operations. What may not happen is told where it happens, with the number of
//! the invariant.

use netns_core::check::choose;
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::{Arc, AtomicBool, Mutex, planned_panic};
use netns_core::{CLONE_NEWNET, Error, Net, NetId, NetRef, PernetId, PernetOperations};
use std::collections::{BTreeMap, BTreeSet};

/// The account. Cloning gives another handle to the same one.
#[derive(Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Account>>);

#[derive(Default)]
struct Account {
    operations: Vec<Operation>,
    /// The operations that are initialised in each namespace.
    set_up: BTreeMap<NetId, BTreeSet<usize>>,
    /// Exits that wait for their `exit_batch`, all of one operation.
    batch: Option<(usize, BTreeSet<NetId>)>,
    /// RCU callbacks that exits have queued: first ones, and those that these have queued.
    callbacks: BTreeMap<(usize, NetId), u32>,
    chained: usize,
    /// Data that is not freed.
    kept: usize,
    /// The namespace that is never cleaned up.
    initial: Option<NetId>,
}

struct Operation {
    is_device: bool,
    /// Its place among those of its kind, and its id: known from `set_id` on.
    told: Option<(usize, PernetId<Kept>)>,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is being registered, or just was.
    Coming,
    There,
    /// It is being unregistered.
    Going,
    Gone,
}

/// What operations do besides keeping the account. What each call does is a choice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// Some inits fail, by an error or a panic.
    pub(super) inits_fail: bool,
    /// Some exits, and some ends of a batch, panic.
    pub(super) exits_panic: bool,
    /// Exits queue a callback about the namespace, which queues another.
    pub(super) calls: bool,
    /// Some inits give the namespace an id in the initial one.
    pub(super) acquaints: bool,
}

impl Habits {
    pub(super) const NONE: Habits =
        Habits { inits_fail: false, exits_panic: false, calls: false, acquaints: false };
}

/// What an operation keeps in a namespace.
pub(super) struct Kept {
    ledger: Ledger,
    operation: usize,
    net: NetId,
    exited: AtomicBool,
}

impl Kept {
    /// Whoever finds it has found what was asked for, and it has not exited while it can be found.
    pub(super) fn assert_is(&self, operation: usize, net: NetId) {
        assert_eq!((self.operation, self.net), (operation, net), "never another's data (16)");
        assert!(!self.exited.load(Relaxed), "a section that found it is not over when it exits (16, 20, 21)");
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let key = (self.operation, self.net);
        let mut account = self.ledger.0.lock();
        assert!(self.exited.load(Relaxed), "freed before its exit (12)");
        assert_eq!(account.callbacks.get(&key), None, "freed before the callbacks of its exit (12, 22)");
        if account.operations[self.operation].standing == Standing::There {
            assert_eq!(account.set_up.get(&self.net), None, "freed before all exits of its namespace (12)");
        }
        account.kept -= 1;
    }
}

/// An operation that keeps the account.
pub(super) struct Tracked {
    ledger: Ledger,
    number: usize,
    habits: Habits,
    /// The initial namespace, by whose ids the others are known.
    observer: NetRef,
}

impl Ledger {
    /// Nothing but unregistering takes this namespace down.
    pub(super) fn set_initial(&self, net: NetId) {
        self.0.lock().initial = Some(net);
    }

    /// An operation that is to be registered, and its number.
    pub(super) fn operation(&self, is_device: bool, habits: Habits, observer: NetRef) -> (usize, Tracked) {
        let mut account = self.0.lock();
        let number = account.operations.len();
        account.operations.push(Operation { is_device, told: None, standing: Standing::Coming });
        (number, Tracked { ledger: self.clone(), number, habits, observer })
    }

    pub(super) fn set_standing(&self, number: usize, standing: Standing) {
        let mut account = self.0.lock();
        account.operations[number].standing = standing;
        if standing == Standing::Gone {
            let left = account.set_up.values().any(|operations| operations.contains(&number));
            assert!(!left, "an operation that is gone is undone everywhere (9, 13, 14)");
        }
    }

    /// The id that an operation was told.
    pub(super) fn id(&self, number: usize) -> Option<PernetId<Kept>> {
        Some(self.0.lock().operations.get(number)?.told?.1)
    }

    /// How many operations there ever were.
    pub(super) fn operations(&self) -> usize {
        self.0.lock().operations.len()
    }

    /// Everything that should have ended has: all namespaces but the initial one are gone.
    pub(super) fn assert_cleaned(&self) {
        let account = self.0.lock();
        let left: Vec<_> = account.set_up.keys().filter(|net| Some(**net) != account.initial).collect();
        assert!(left.is_empty(), "who has died is cleaned up (2): {left:?}");
    }

    /// The world is gone: each init had its exit, each exit its callbacks, each data its end.
    pub(super) fn assert_empty(&self) {
        let account = self.0.lock();
        assert!(account.set_up.is_empty(), "an exit for each init (9): {:?}", account.set_up);
        assert_eq!(account.batch, None, "an end for each batch (11)");
        assert_eq!((account.callbacks.len(), account.chained), (0, 0), "every callback has run (22)");
        assert_eq!(account.kept, 0, "all data is freed (12)");
    }
}

impl Account {
    /// Where an operation stands in the list.
    fn place(&self, number: usize) -> (bool, usize) {
        let operation = &self.operations[number];
        (operation.is_device, operation.told.expect("it has its id before the first callback").0)
    }

    /// A callback of an operation begins.
    fn begin(&self, number: usize) {
        assert_ne!(self.operations[number].standing, Standing::Gone, "its callbacks are over (14)");
        let other = self.batch.as_ref().is_some_and(|(other, _)| *other != number);
        assert!(!other, "a batch is one operation's until its end (11)");
    }

    fn init(&mut self, number: usize, net: NetId) {
        self.begin(number);
        let is_coming = self.operations[number].standing == Standing::Coming;
        let before = self.set_up.get(&net).into_iter().flatten();
        let last = before.map(|other| self.place(*other)).max();
        // Operations that are being registered come to namespaces in which later ones may be.
        assert!(is_coming || last < Some(self.place(number)), "inits in the order of the list (10)");
        assert!(self.set_up.entry(net).or_default().insert(number), "one init (9)");
        self.kept += 1;
    }

    fn exit(&mut self, number: usize, net: NetId, calls: bool) {
        self.begin(number);
        let operations = self.set_up.get_mut(&net).expect("an exit of what was set up (9)");
        assert!(operations.remove(&number), "one exit for an init (9)");
        let later: Vec<_> = operations.iter().copied().collect();
        if later.is_empty() {
            self.set_up.remove(&net);
        }
        // Who is not being registered or unregistered exits because of the namespace.
        if self.operations[number].standing == Standing::There {
            let last = later.into_iter().map(|other| self.place(other)).max();
            assert!(last < Some(self.place(number)), "exits in reverse order, devices first (10)");
            assert_ne!(Some(net), self.initial, "init_net is never cleaned up (6)");
        }
        let (_, nets) = self.batch.get_or_insert_with(|| (number, BTreeSet::new()));
        nets.insert(net);
        if calls {
            *self.callbacks.entry((number, net)).or_default() += 1;
        }
    }
}

impl PernetOperations for Tracked {
    type Data = Kept;

    fn set_id(&self, id: PernetId<Kept>) {
        let mut account = self.ledger.0.lock();
        let place = account.operations.iter().filter(|operation| operation.told.is_some()).count();
        account.operations[self.number].told = Some((place, id));
    }

    fn init(&self, net: &Net) -> Result<Kept, Error> {
        if self.habits.inits_fail {
            match choose(12) {
                0 => planned_panic(),
                1 => return Err(Error::NotSupported),
                2 => self.nest(net),
                _ => {}
            }
        }
        if self.habits.acquaints
            && self.observer.id() != net.id()
            && choose(2) == 0
            && self.observer.peernet2id_alloc(net).is_none()
        {
            assert_eq!(net.count(), 0, "who lives gets an id (24)");
        }
        self.ledger.0.lock().init(self.number, net.id());
        let (ledger, exited) = (self.ledger.clone(), AtomicBool::new(false));
        Ok(Kept { ledger, operation: self.number, net: net.id(), exited })
    }

    fn exit(&self, net: &Net, data: &Kept) {
        data.assert_is(self.number, net.id());
        data.exited.store(true, Relaxed);
        if self.is_there() && net.count() == 0 {
            assert_eq!(self.observer.peernet2id_alloc(net), None, "ids go before exits, and none comes (25)");
            assert_eq!(net.peernet2id_alloc(&self.observer), None, "who is dead gives none (25)");
        }
        let calls = self.habits.calls && choose(2) == 0;
        self.ledger.0.lock().exit(self.number, net.id(), calls);
        if calls {
            self.call(net);
        }
        if self.habits.exits_panic && choose(4) == 0 {
            planned_panic();
        }
    }

    fn exit_batch(&self, nets: &[&Net]) {
        let batch = self.ledger.0.lock().batch.take();
        let nets: BTreeSet<NetId> = nets.iter().map(|net| net.id()).collect();
        assert_eq!(batch, Some((self.number, nets)), "the end of a batch, which is not empty (11)");
        if self.habits.exits_panic && choose(4) == 0 {
            planned_panic();
        }
    }
}

impl Tracked {
    /// Whether what exits does so because its namespace is gone.
    fn is_there(&self) -> bool {
        self.ledger.0.lock().operations[self.number].standing == Standing::There
    }

    /// What would wait for the caller is refused.
    fn nest(&self, net: &Net) {
        let Some(net) = net.maybe_get() else { return };
        let nested = net.copy_net_ns(CLONE_NEWNET, net.user_ns()).map(|_| ());
        assert!(matches!(nested, Err(Error::WouldDeadlock | Error::NoSpace)), "{nested:?} (15)");
    }

    /// Queues a callback about a namespace, which queues another one and may panic.
    fn call(&self, net: &Net) {
        let (ledger, key, panics) = (self.ledger.clone(), (self.number, net.id()), self.habits.exits_panic);
        let (rcu, passive) = (net.rcu().clone(), net.passive());
        net.rcu().call(move || {
            let mut account = ledger.0.lock();
            account.callbacks.remove(&key);
            account.chained += 1;
            drop(account);
            rcu.call(move || {
                assert_eq!(passive.id(), key.1, "a namespace outlives the callbacks about it (3, 5, 22)");
                ledger.0.lock().chained -= 1;
            });
            if panics && choose(4) == 0 {
                planned_panic();
            }
        });
    }
}
