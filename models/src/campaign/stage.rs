//! What campaigns are played on: a world, its ledger and a shelf of namespaces.

use super::ledger::{Habits, Kept, Ledger, Standing};
use crate::world::{Log, World};
use netns_core::check::choose;
use netns_core::net::Worker;
use netns_core::rcu::Guard;
use netns_core::sync::{Arc, Mutex};
use netns_core::{Error, Namespaces, Net, NetId, NetRef, Registration, UserNamespace};
use std::collections::BTreeSet;

/// A world in which many threads act.
pub(super) struct Stage {
    pub(super) world: Arc<World>,
    pub(super) ledger: Ledger,
    /// Namespaces that anybody may take a reference to, or the last one.
    shelf: Mutex<Vec<NetRef>>,
    /// What is registered from the beginning to the end: a subsystem and a device, numbers 0 and 1.
    permanent: Vec<Registration<Kept>>,
}

impl Stage {
    /// The operations that are there from the beginning to the end.
    const PERMANENT: [usize; 2] = [0, 1];

    /// The namespaces that its user may have.
    pub(super) const LIMIT: u32 = 48;

    /// A stage whose namespaces have `slots` slots from the beginning. What is registered from the beginning has these
    /// habits.
    pub(super) fn new(worker: Worker, slots: usize, habits: Habits) -> Stage {
        let namespaces = Namespaces::builder().worker(worker).initial_slots(slots).build();
        let namespaces = namespaces.expect("nothing fails here");
        let world =
            Arc::new(World { namespaces, user: UserNamespace::new(Self::LIMIT), log: Log::default() });
        let ledger = Ledger::default();
        ledger.set_initial(world.namespaces.init_net().id());
        let mut stage = Stage { world, ledger, shelf: Mutex::new(Vec::new()), permanent: Vec::new() };
        for number in Self::PERMANENT {
            let (registered, registration) = stage.register(number == 1, habits);
            assert_eq!(registered, number);
            stage.permanent.push(registration.expect("init_net is set up"));
        }
        stage
    }

    /// The end: all dies, and everything is cleaned up and counted back.
    pub(super) fn end(self) {
        let Stage { world, ledger, shelf, permanent } = self;
        drop(shelf);
        world.namespaces.flush_cleanup().expect("not inside a callback");
        ledger.assert_cleaned();
        assert_eq!(world.user.net_namespaces(), 0, "the quota of who is gone is returned (2, 7)");
        assert!(world.namespaces.init_net().count() > 0, "init_net is never cleaned up (6)");
        for (number, registration) in permanent.into_iter().enumerate() {
            ledger.set_standing(number, Standing::Going);
            drop(registration);
        }
        world.end();
        ledger.assert_empty();
    }

    /// So many namespaces on the shelf, where nothing fails.
    pub(super) fn with_namespaces(self, namespaces: usize) -> Stage {
        (0..namespaces).for_each(|_| drop(self.create().expect("nothing fails here")));
        self
    }

    /// A new namespace, on the shelf. What is created is set up.
    pub(super) fn create(&self) -> Result<NetRef, Error> {
        let net = self.world.create()?;
        let guard = self.world.namespaces.read_lock();
        for number in Self::PERMANENT {
            assert!(self.finds(&guard, &net, number), "it is set up for what is registered (14)");
        }
        drop(guard);
        self.shelf.lock().push(net.clone());
        Ok(net)
    }

    /// Creates a namespace, or lets one go.
    pub(super) fn keep(&self) {
        match choose(2) {
            0 => drop(self.create().expect("there is room")),
            _ => drop(self.take()),
        }
    }

    /// A reference to some namespace on the shelf.
    pub(super) fn borrow(&self) -> Option<NetRef> {
        let shelf = self.shelf.lock();
        (!shelf.is_empty()).then(|| shelf[choose(shelf.len())].clone())
    }

    /// Takes some namespace off the shelf.
    pub(super) fn take(&self) -> Option<NetRef> {
        let mut shelf = self.shelf.lock();
        (!shelf.is_empty()).then(|| {
            let index = choose(shelf.len());
            shelf.swap_remove(index)
        })
    }

    /// Registers an operation, whose number is returned with what came of it.
    pub(super) fn register(
        &self,
        is_device: bool,
        habits: Habits,
    ) -> (usize, Result<Registration<Kept>, Error>) {
        let namespaces = &self.world.namespaces;
        let (number, operation) = self.ledger.operation(is_device, habits, namespaces.init_net().clone());
        let result = match is_device {
            true => namespaces.register_pernet_device(operation),
            false => namespaces.register_pernet_subsys(operation),
        };
        let there = result.is_ok();
        self.ledger.set_standing(number, if there { Standing::There } else { Standing::Gone });
        // One of all that are there from now on, or of none.
        for (net, found) in self.walk(number) {
            assert_eq!(found, there, "{net:?}: registered everywhere, or nowhere (13, 14)");
        }
        (number, result)
    }

    /// Unregisters one.
    pub(super) fn unregister(&self, number: usize, registration: Registration<Kept>) {
        self.ledger.set_standing(number, Standing::Going);
        registration.unregister().expect("not inside a callback");
        self.ledger.set_standing(number, Standing::Gone);
        assert!(self.walk(number).iter().all(|(_, found)| !found), "what is gone is not found (16)");
    }

    /// Goes through all namespaces in one section: in each, what is permanent is there, and still is at the end.
    /// Returns in which of them an operation was found.
    pub(super) fn walk(&self, number: usize) -> Vec<(NetId, bool)> {
        let guard = self.world.namespaces.read_lock();
        let nets: Vec<&Net> = self.world.namespaces.for_each_net_rcu(&guard).collect();
        assert_eq!(nets[0].id(), self.world.namespaces.init_net().id(), "init_net is always there (6)");
        let each: BTreeSet<_> = nets.iter().map(|net| net.id()).collect();
        assert_eq!(each.len(), nets.len(), "each is found once (19)");
        let is_set_up = |net: &&Net| (0..self.permanent.len()).all(|number| self.finds(&guard, net, number));
        assert!(nets.iter().all(is_set_up), "what is listed is set up (19)");
        let found = nets.iter().map(|net| (net.id(), self.finds(&guard, net, number))).collect();
        assert!(nets.iter().all(is_set_up), "it stays so until the section ends (20, 21)");
        found
    }

    /// Whether the data of an operation is found in a namespace. Whatever is found is its own.
    pub(super) fn finds(&self, guard: &Guard<'_>, net: &Net, number: usize) -> bool {
        let data = self.ledger.id(number).and_then(|id| net.generic(guard, id));
        data.inspect(|data| data.assert_is(number, net.id())).is_some()
    }
}
