//! Heap objects: what an execution is told of allocations and frees.

use super::turn::watch;
use super::{Site, choose, fail, is_active, with};
use crate::check::FailureKind;
use crate::sync::imp::engine::Track;
use crate::sync::imp::event::{self, Value};
use crate::sync::imp::memory::Found;
use std::rc::Rc;

/// What to do with a request for memory.
pub(in crate::sync::imp) enum Grant {
    /// No check, or a failed one: plain memory.
    Plain,
    /// Give it, and tell [`allocated`].
    Tracked,
    /// Refuse it.
    Refused,
}

/// Asks for memory.
pub(in crate::sync::imp) fn request() -> Grant {
    if !is_active() {
        return Grant::Plain;
    }
    if with(|x| x.failing_allocations) > 0 && choose(2) == Some(1) {
        with(|x| x.failing_allocations -= 1);
        return Grant::Refused;
    }
    Grant::Tracked
}

/// Memory was given.
pub(in crate::sync::imp) fn allocated(ptr: std::ptr::NonNull<u8>, layout: std::alloc::Layout, at: Site) {
    let track: Rc<dyn Track> = Rc::from(with(|x| x.engine).track());
    let recorder = with(|x| {
        let (thread, handle, nth) = (x.running, x.next_identity(), x.threads[x.running].created);
        x.memory.insert(ptr, layout, format!("heap@{thread}.{nth}"), handle, at, track);
        x.recorder(None, at)
    });
    recorder.record("allocate", None, Value::Address(ptr.addr().get() as u64));
}

/// A thread begins to free memory. Returns whether it is to be kept in quarantine.
pub(in crate::sync::imp) fn begin_free(addr: usize, at: Site) -> bool {
    if !is_active() {
        return false;
    }
    match with(|x| x.memory.find(addr)) {
        Found::Nothing => {
            let message = "memory is freed that was not allocated in this execution".to_owned();
            fail(FailureKind::ForeignObject, message, at)
        }
        Found::Live(track) => {
            with(|x| x.memory.begin_free(addr));
            watch(addr, || track.write());
        }
        Found::Freed(block) => fail(FailureKind::DoubleFree, block, at),
    }
    true
}

/// The contents are dropped: the memory is dead from now on.
pub(in crate::sync::imp) fn end_free(ptr: std::ptr::NonNull<u8>, at: Site) {
    if is_active() {
        let recorder = with(|x| x.recorder(None, at));
        recorder.record("free", None, Value::Address(ptr.addr().get() as u64));
        with(|x| {
            let by = format!("thread {} at {}", x.threads[x.running].label(x.running), event::place(at));
            x.memory.free(ptr, by);
        });
    }
}
