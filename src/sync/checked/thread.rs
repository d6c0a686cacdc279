//! Threads.

use super::engine::{Engine, Join};
use super::event::Value;
use super::execution::{self, Turn};
use super::panics::catch_payload;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

/// A thread to be waited for. Dropped, it leaves the thread alone; an execution waits for all its threads.
#[derive(Debug)]
pub struct JoinHandle<T>(Inner<T>);

enum Inner<T> {
    Outside(std::thread::JoinHandle<T>),
    Checked { join: Option<Box<dyn Join>>, thread: usize, result: Slot<T> },
}

type Slot<T> = Arc<Mutex<Option<std::thread::Result<T>>>>;

impl<T> std::fmt::Debug for Inner<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Inner::Outside(_) => "outside of a check",
            Inner::Checked { .. } => "checked",
        })
    }
}

/// Starts a thread.
///
/// # Panics
///
/// If the operating system cannot start one.
#[track_caller]
pub fn spawn<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    start(None, f, Location::caller())
}

/// Starts a thread with a name, which logs and panics show.
///
/// # Panics
///
/// If the operating system cannot start one.
#[track_caller]
pub fn spawn_named<T: Send + 'static>(name: &str, f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    start(Some(name), f, Location::caller())
}

fn start<T: Send + 'static>(
    name: Option<&str>,
    f: impl FnOnce() -> T + Send + 'static,
    at: &'static Location<'static>,
) -> JoinHandle<T> {
    let Some((turn, index)) = execution::new_thread(name, at) else {
        let builder = std::thread::Builder::new().name(name.unwrap_or("netns").into());
        return JoinHandle(Inner::Outside(builder.spawn(f).expect("the system can start a thread")));
    };
    let result: Slot<T> = Arc::default();
    let slot = Arc::clone(&result);
    let turn = turn.on_thread(index);
    turn.announce("spawn", Value::None, 1);
    let body = Box::new(move || {
        execution::begin_thread(index);
        let value = catch_payload(f);
        execution::end_thread(index);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    });
    let join = Some(turn.call(|engine| engine.spawn(body)));
    JoinHandle(Inner::Checked { join, thread: index, result })
}

/// Offers the processor to others.
#[track_caller]
pub fn yield_now() {
    match execution::enter_plain(Location::caller()) {
        Turn::Outside => std::thread::yield_now(),
        Turn::Over => {}
        Turn::Engine(turn) => turn.call(Engine::yield_now),
    }
}

impl<T> JoinHandle<T> {
    /// Waits for the thread to end.
    ///
    /// # Errors
    ///
    /// The payload, if the thread panicked; under an engine, if the model [planned](crate::sync::planned_panic) it.
    #[track_caller]
    pub fn join(mut self) -> std::thread::Result<T> {
        let joined = Inner::Checked { join: None, thread: 0, result: Arc::default() };
        match std::mem::replace(&mut self.0, joined) {
            Inner::Outside(handle) => handle.join(),
            Inner::Checked { join, thread, result } => {
                if let Turn::Engine(turn) = execution::enter_plain(Location::caller()) {
                    let turn = turn.on_thread(thread);
                    turn.call(|_| join.expect("a handle is joined once").join());
                    execution::joined();
                    turn.record("join", None, Value::None);
                }
                let value = result.lock().unwrap_or_else(PoisonError::into_inner).take();
                value.unwrap_or_else(|| Err(Box::new("the execution is over")))
            }
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let Inner::Checked { join, .. } = &mut self.0
            && let Some(join) = join.take()
        {
            execution::detach(join);
        }
    }
}
