//! Threads as coroutines.
//!
//! All threads of an execution run on one thread of the system, one at a time, so the execution is found through a
//! thread-local. It is never borrowed while a coroutine is switched to.

use crate::failure::FailureKind;
use crate::op::{Op, Outcome};
use crate::run::{End, Item, Run, Status, Step};
use corosensei::stack::DefaultStack;
use corosensei::{CoroutineResult, Yielder};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A coroutine that runs a thread.
pub(crate) type Coroutine = corosensei::Coroutine<(), (), (), DefaultStack>;

thread_local! {
    /// The execution that runs on this thread of the system.
    static CURRENT: RefCell<Option<Box<Run>>> = const { RefCell::new(None) };
    /// What the coroutine that runs here is suspended with.
    static YIELDER: Cell<*const Yielder<(), ()>> = const { Cell::new(std::ptr::null()) };
}

/// Stacks that are not in use.
pub(crate) struct Stacks {
    size: usize,
    free: Vec<DefaultStack>,
}

impl Stacks {
    pub(crate) fn new(size: usize) -> Self {
        Stacks { size, free: Vec::new() }
    }

    fn take(&mut self) -> DefaultStack {
        self.free
            .pop()
            .unwrap_or_else(|| DefaultStack::new(self.size).expect("the system gives memory for a stack"))
    }
}

/// Whether an execution runs on this thread of the system.
pub(crate) fn is_running() -> bool {
    CURRENT.with_borrow(Option::is_some)
}

/// The execution that runs here.
///
/// # Panics
///
/// If there is none.
pub(crate) fn with<R>(f: impl FnOnce(&mut Run) -> R) -> R {
    CURRENT.with_borrow_mut(|run| f(run.as_mut().expect("the operation is outside of an exploration")))
}

/// The execution that runs here; `None` if there is none, or if it is being used.
pub(crate) fn try_with<R>(f: impl FnOnce(&Run) -> R) -> Option<R> {
    CURRENT.with(|current| current.try_borrow().ok()?.as_deref().map(f))
}

/// Whether destructors run because the execution is given up: then nothing is to be done any more.
pub(crate) fn is_giving_up(run: &Run) -> bool {
    run.unwinding || std::thread::panicking()
}

/// Carries out an operation of the running thread.
///
/// In an execution that is being given up, when destructors run, nothing is done and 0 returned. If it was not given up,
/// because the program caught the panic, the thread's next operation is a failed check.
pub(crate) fn perform(op: &Op<'_>) -> Outcome {
    if with(|run| is_giving_up(run)) {
        with(|run| run.fibers[run.current].refused = true);
        return Outcome { value: 0, wrote: true };
    }
    loop {
        let step = with(|run| {
            let step = run.step(op);
            let fiber = &mut run.fibers[run.current];
            fiber.pending = match step {
                Step::Done(_) => None,
                // The operation outlives its being pending: this stack waits until it is done.
                Step::Suspend => Some((&raw const *op).cast()),
            };
            step
        });
        match step {
            Step::Done(outcome) => return outcome,
            Step::Suspend => suspend(),
        }
    }
}

/// Gives the turn back. If the execution failed, it does not come again.
pub(crate) fn suspend() {
    let yielder = YIELDER.get();
    // SAFETY: it is that of the coroutine that runs here: `resume` sets it before it switches there.
    unsafe { &*yielder }.suspend(());
}

/// Fails the check: the execution ends here, for all of its threads.
pub(crate) fn fail(kind: FailureKind, message: String) -> ! {
    with(|run| run.fail(kind, message));
    give_up()
}

/// As [`suspend`], in an execution that has failed.
pub(crate) fn give_up() -> ! {
    loop {
        suspend();
    }
}

/// Runs one execution from where `item` leaves it. What it puts aside is in `Run::aside`.
pub(crate) fn execute(run: Box<Run>, item: Item, main: Box<dyn FnOnce()>) -> (Box<Run>, End) {
    CURRENT.set(Some(run));
    let guard = Guard;
    with(|run| run.begin(item, main));
    let end = loop {
        match with(Run::schedule) {
            Ok(thread) => resume(thread),
            Err(end) => break end,
        }
    };
    match end {
        End::Failed if with(|run| run.unwinds) => unwind(),
        // Whatever its threads hold is not to be touched again.
        End::Failed => with(|run| {
            for fiber in &mut run.fibers {
                std::mem::forget((fiber.coroutine.take(), fiber.body.take()));
            }
        }),
        End::Deadlocked => unwind(),
        End::Complete | End::Blocked => {}
    }
    drop_heap();
    std::mem::forget(guard);
    let run = CURRENT.take().expect("it was put there");
    (run, end)
}

/// A panic of the engine itself leaves the threads of the execution as they are: they cannot go on without it.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        std::mem::forget(CURRENT.take());
    }
}

/// Switches to a thread until it gives the turn back.
fn resume(thread: usize) {
    let (mut coroutine, yielder) = with(|run| {
        run.current = thread;
        let fiber = &mut run.fibers[thread];
        if fiber.status == Status::Fresh {
            fiber.status = Status::Alive;
            let body = fiber.body.take().expect("a fresh thread has not run");
            let stack = run.stacks.take();
            (coroutine(stack, body), std::ptr::null())
        } else {
            (fiber.coroutine.take().expect("a thread that has not ended can be resumed"), fiber.yielder)
        }
    });
    YIELDER.set(yielder);
    let result = coroutine.resume(());
    with(|run| match result {
        CoroutineResult::Yield(()) => {
            run.fibers[thread].yielder = YIELDER.get();
            run.fibers[thread].coroutine = Some(coroutine);
        }
        CoroutineResult::Return(()) => run.stacks.free.push(coroutine.into_stack()),
    });
}

fn coroutine(stack: DefaultStack, body: Box<dyn FnOnce()>) -> Coroutine {
    Coroutine::with_stack(stack, move |yielder, ()| {
        YIELDER.set(yielder);
        match catch_unwind(AssertUnwindSafe(body)) {
            Ok(()) => {
                perform(&Op::End);
            }
            Err(payload) if with(|run| run.unwinding) => resume_unwind(payload),
            Err(payload) => with(|run| run.fail(FailureKind::Assertion, message(&*payload))),
        }
    })
}

/// Ends the threads that are left, so that what they own is dropped.
fn unwind() {
    with(|run| run.unwinding = true);
    for thread in 0..with(|run| run.fibers.len()) {
        let fiber = with(|run| run.fibers[thread].coroutine.take().map(|c| (c, run.fibers[thread].yielder)));
        if let Some((mut coroutine, yielder)) = fiber {
            YIELDER.set(yielder);
            coroutine.force_unwind();
            with(|run| run.stacks.free.push(coroutine.into_stack()));
        }
        // Of one that has not run yet. It may own what asks for operations when it is dropped.
        drop(with(|run| run.fibers[thread].body.take()));
    }
    with(|run| run.unwinding = false);
}

/// Drops the objects of the heap, while what their destructors ask for can still be refused.
fn drop_heap() {
    let heap = with(|run| {
        run.unwinding = true;
        std::mem::take(&mut run.heap)
    });
    drop(heap);
    with(|run| run.unwinding = false);
}

/// What a panic said.
fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}
