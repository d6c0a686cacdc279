//! Turns: whose an operation is, and what is noted of it.

use super::failure::fail_at_freed;
use super::{Access, Execution, PHASE, Phase, Site, fail, is_active, with};
use crate::check::{FailureKind, OrderingSite};
use crate::sync::imp::engine::{Engine, STD, Word};
use crate::sync::imp::event::{Event, ObjectInfo, Target, Value};
use crate::sync::imp::history::Names;
use crate::sync::imp::memory::{Found, Moment};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The kind of object whose orderings are those of its contract: where it is used, none is named.
pub(in crate::sync::imp) const ARC_SWAP: &str = "ArcSwapOption";

/// What a facade object knows of itself: of which execution it is (0: of none) and its number there.
#[derive(Debug, Clone, Copy)]
pub(in crate::sync::imp) struct Object {
    execution: u64,
    index: usize,
}

/// Whose turn an operation is.
pub(in crate::sync::imp) enum Turn {
    /// Nobody's: `std` carries it out.
    Outside,
    /// A failed execution unwinds: leave it.
    Over,
    /// The engine's.
    Engine(Recorder),
}

/// Writes an operation down.
#[derive(Clone, Copy)]
pub(in crate::sync::imp) struct Recorder {
    engine: &'static dyn Engine,
    thread: usize,
    target: Target,
    weakening: bool,
    at: Site,
}

/// The engine for new objects, and a number for one.
pub(in crate::sync::imp) fn create(kind: &'static str) -> (&'static dyn Engine, Object) {
    create_with(kind, None)
}

/// The engine for a new object that holds a value, and a number for it.
pub(in crate::sync::imp) fn create_with(
    kind: &'static str,
    initial: Option<u64>,
) -> (&'static dyn Engine, Object) {
    match PHASE.get() {
        Phase::Running => with(|x| {
            let (index, creator) = (x.objects.len(), x.running);
            let nth = x.next_nth();
            let (name, block) = (None, None);
            x.objects.push(ObjectInfo { kind, name, creator, nth, initial, block, racing_stores: 1 });
            (x.engine, Object { execution: x.id, index })
        }),
        // A failed execution makes no more objects that count.
        Phase::Failed | Phase::Outside => (&STD, Object { execution: 0, index: 0 }),
    }
}

impl Execution {
    /// A number for the next creation by the running thread: the same in every execution in which that thread came to
    /// it in the same way, whatever the others did before. Never 0.
    pub(super) fn next_identity(&mut self) -> u64 {
        let nth = self.next_nth();
        let thread = self.engine.running_thread().unwrap_or(self.running);
        (thread as u64 + 1) << 32 | nth as u64
    }

    /// The number of the next creation by the running thread.
    pub(super) fn next_nth(&mut self) -> usize {
        let thread = &mut self.threads[self.running];
        thread.created += 1;
        thread.created
    }

    /// Where the heap object begins of which an object is a part, if it was freed.
    fn freed(&self, target: Target) -> Option<usize> {
        let Target::Object(index) = target else { return None };
        self.objects[index].block.filter(|addr| self.memory.is_freed(*addr))
    }

    pub(super) fn recorder(&self, target: Target, at: Site) -> Recorder {
        let (engine, thread) = (self.engine, self.running);
        Recorder { engine, thread, target, weakening: self.config.weaken.is_some(), at }
    }

    /// Now, for the running thread.
    pub(super) fn moment(&self, at: Site) -> Moment {
        Moment { thread: self.running, next: self.events.len(), at }
    }
}

/// Names an object.
pub(in crate::sync::imp) fn name(object: Object, name: &'static str) {
    if is_active() {
        with(|x| {
            if x.id == object.execution {
                x.objects[object.index].name = Some(name);
            }
        });
    }
}

/// Asks whose an operation on `object`, which lies at `addr`, is.
pub(in crate::sync::imp) fn enter(object: Object, addr: usize, at: Site) -> Turn {
    match PHASE.get() {
        Phase::Outside if object.execution == 0 => Turn::Outside,
        Phase::Outside => panic!("an object of a checked execution is used outside of it, at {at}"),
        Phase::Failed => Turn::Over,
        Phase::Running => {
            // A freed object is poisoned, its number too: look at the memory first.
            let block = touch(addr, at);
            let recorder = with(|x| {
                let is_own = object.execution == x.id;
                is_own.then(|| {
                    x.objects[object.index].block = block;
                    x.recorder(Target::Object(object.index), at)
                })
            });
            Turn::Engine(recorder.unwrap_or_else(|| foreign(at)))
        }
    }
}

/// Fails the check in which an object is used that was not made in it: no engine would see what is done with it.
pub(in crate::sync::imp) fn foreign(at: Site) -> ! {
    let message = "the object was not made in this execution: make all of them in the closure";
    fail(FailureKind::ForeignObject, message.to_owned(), at)
}

/// As [`enter`], for an operation on no object.
pub(in crate::sync::imp) fn enter_plain(at: Site) -> Turn {
    match PHASE.get() {
        Phase::Outside => Turn::Outside,
        Phase::Failed => Turn::Over,
        Phase::Running => Turn::Engine(with(|x| x.recorder(Target::None, at))),
    }
}

/// A thread touches memory at `addr`. Returns where the heap object begins that it is in.
pub(in crate::sync::imp) fn touch(addr: usize, at: Site) -> Option<usize> {
    if !is_active() {
        return None;
    }
    let (found, block) = with(|x| {
        let now = x.moment(at);
        x.memory.access(addr, now)
    });
    match found {
        Found::Nothing => {}
        Found::Live(track) => watch(Access { addr, operation: "access", at }, || track.read()),
        Found::Freed => fail_at_freed(FailureKind::UseAfterFree, addr, "access", at),
    }
    block
}

/// What a new atomic keeps of an address.
#[track_caller]
pub(in crate::sync::imp) fn encode(address: u64) -> u64 {
    match enter_plain(std::panic::Location::caller()) {
        Turn::Engine(turn) => turn.encode(address),
        Turn::Outside | Turn::Over => address,
    }
}

/// Runs an access to a heap block that the engine may find racing with another.
pub(super) fn watch(access: Access, ask: impl FnOnce()) {
    with(|x| x.watching = Some(access));
    ask();
    with(|x| x.watching = None);
}

impl Recorder {
    /// For an operation on a thread.
    pub(in crate::sync::imp) fn on_thread(self, index: usize) -> Recorder {
        Recorder { target: Target::Thread(index), ..self }
    }

    /// Calls the engine, which may run other threads before it returns.
    pub(in crate::sync::imp) fn call<R>(&self, operation: impl FnOnce(&'static dyn Engine) -> R) -> R {
        with(|x| x.threads[self.thread].doing = Some((self.target, self.at)));
        let result = operation(self.engine);
        with(|x| {
            x.running = self.thread;
            x.threads[self.thread].doing = None;
        });
        result
    }

    /// Calls the engine for an operation on an atomic. If another thread frees it before the effect, the check fails; its
    /// word outlives the operation.
    pub(in crate::sync::imp) fn operate<R>(
        &self,
        word: &Arc<dyn Word>,
        operation: impl FnOnce(&dyn Word) -> R,
    ) -> R {
        if !self.engine.lets_others_free() {
            return self.call(|_| operation(&**word));
        }
        let word = Arc::clone(word);
        let result = self.call(|_| operation(&*word));
        if let Some(addr) = with(|x| x.freed(self.target)) {
            fail_at_freed(FailureKind::UseAfterFree, addr, "access", self.at);
        }
        result
    }

    /// Access by the one owner; if another thread's operation is under way, it is none.
    pub(in crate::sync::imp) fn exclusive(&self, word: &mut Arc<dyn Word>) -> u64 {
        match Arc::get_mut(word) {
            Some(word) => word.exclusive(),
            None => {
                let message = "an owner takes it while another thread is about to access it".to_owned();
                fail(FailureKind::UseAfterFree, message, self.at)
            }
        }
    }

    /// The ordering to use: the given one, unless this site is weakened.
    pub(in crate::sync::imp) fn order(&self, order: Ordering) -> Ordering {
        if !self.weakening {
            return order;
        }
        with(|x| match &x.config.weaken {
            Some(weaken) if weaken.is_at(self.at) => weaken.to.unwrap_or(Ordering::Relaxed),
            _ => order,
        })
    }

    /// Writes down what was done, and all that was done of it.
    pub(in crate::sync::imp) fn record(
        &self,
        operation: &'static str,
        order: Option<Ordering>,
        value: Value,
    ) {
        self.write_down(operation, order, value, 0);
    }

    /// Writes down what is about to be done, which has so many events in an engine's graph.
    pub(in crate::sync::imp) fn announce(&self, operation: &'static str, value: Value, ahead: usize) {
        self.write_down(operation, None, value, ahead);
    }

    fn write_down(&self, operation: &'static str, order: Option<Ordering>, value: Value, ahead: usize) {
        with(|x| {
            x.operations += 1;
            if x.config.sites {
                let is_named = !matches!(self.target, Target::Object(i) if x.objects[i].kind == ARC_SWAP);
                let order = order.filter(|_| is_named);
                x.totals.sites.extend(order.and_then(|order| OrderingSite::of(operation, order, self.at)));
            }
            if x.config.log {
                let (thread, target, at) = (self.thread, self.target, self.at);
                let behind = self.engine.events_behind();
                x.events.push(Event { thread, operation, target, order, value, at, behind, ahead });
            }
        });
    }

    /// The number of the object.
    fn object(&self) -> usize {
        match self.target {
            Target::Object(index) => index,
            Target::None | Target::Block(_) | Target::Thread(_) => {
                unreachable!("stores and waits are of an object")
            }
        }
    }

    /// A fence of this order.
    pub(in crate::sync::imp) fn fence(&self, order: Ordering) {
        if order == Ordering::SeqCst {
            self.announce_fence();
        }
        self.call(|engine| engine.fence(order));
    }

    /// The light half of an asymmetric fence.
    pub(in crate::sync::imp) fn light_fence(&self) {
        self.announce_fence();
        self.call(Engine::light_fence);
    }

    fn announce_fence(&self) {
        if let Some(fences) = with(|x| x.fences.clone()) {
            self.call(|_| fences.store(0, Ordering::Relaxed));
        }
    }

    /// What an atomic keeps of an address.
    pub(in crate::sync::imp) fn encode(&self, address: u64) -> u64 {
        if address == 0 || !self.engine.needs_names_for_addresses() {
            return address;
        }
        with(|x| x.memory.handle(address as usize)).unwrap_or_else(|| {
            let message =
                "the address of memory that is not of this execution goes into an atomic".to_owned();
            fail(FailureKind::ForeignObject, message, self.at)
        })
    }

    /// The address of what an atomic has kept.
    pub(in crate::sync::imp) fn decode(&self, kept: u64) -> u64 {
        if kept == 0 || !self.engine.needs_names_for_addresses() {
            return kept;
        }
        with(|x| x.memory.address(kept)).map_or_else(
            || {
                let message = "an atomic has the address of memory that is not of this execution".to_owned();
                fail(FailureKind::NonDeterminism, message, self.at)
            },
            |address| address as u64,
        )
    }

    /// A store to this atomic was made: counts it, and wakes who waits for one.
    pub(in crate::sync::imp) fn stored(&self) {
        let index = self.object();
        if let Some(remembered) = self.engine.remembered_stores() {
            with(|x| x.count_store(index, remembered));
        }
        loop {
            let waiting = with(|x| {
                let found = x.waiting.iter().position(|(object, _)| *object == index);
                found.map(|i| x.waiting.swap_remove(i).1)
            });
            match waiting {
                Some(parker) => self.call(|_| parker.wake()),
                None => return,
            }
        }
    }

    /// Lets others run until somebody stores to this atomic, if the engine can block a thread so.
    pub(in crate::sync::imp) fn wait_for_store(&self) {
        match self.engine.parker() {
            Some(parker) => {
                let index = self.object();
                with(|x| x.waiting.push((index, Arc::clone(&parker))));
                self.call(|_| parker.park());
            }
            None => self.call(Engine::yield_now),
        }
    }
}

impl Execution {
    /// Counts a store that the engine may have to remember. One made while no other thread is running, or
    /// unjoined, hides all before it from everybody.
    fn count_store(&mut self, index: usize, remembered: u32) {
        let alone = self.unjoined == 1;
        let object = &mut self.objects[index];
        object.racing_stores = if alone { 1 } else { object.racing_stores + 1 };
        let stores = object.racing_stores;
        if stores > remembered && self.totals.overflow.as_ref().is_none_or(|(_, most)| stores > *most) {
            let names = Names::of(&self.objects, &self.memory);
            self.totals.overflow = Some((names.object(index).to_owned(), stores));
        }
    }
}
