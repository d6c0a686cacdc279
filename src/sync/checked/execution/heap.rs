//! Heap objects: what an execution is told of allocations and frees.

use super::failure::fail_at_freed;
use super::turn::watch;
use super::{Access, Site, choose, fail, is_active, with};
use crate::check::FailureKind;
use crate::sync::imp::engine::Track;
use crate::sync::imp::event::{self, Target, Value};
use crate::sync::imp::memory::Found;
use std::ptr::NonNull;
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
pub(in crate::sync::imp) fn allocated(
    ptr: NonNull<u8>,
    layout: std::alloc::Layout,
    label: &'static str,
    at: Site,
) {
    let track: Rc<dyn Track> = Rc::from(with(|x| x.engine).track());
    let recorder = with(|x| {
        let (handle, now) = (x.next_identity(), x.moment(at));
        x.memory.insert(ptr, layout, label, handle, now, track);
        x.recorder(Target::Block(ptr.addr().get()), at)
    });
    recorder.record("allocate", None, Value::None);
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
            watch(Access { addr, operation: "free", at }, || track.write());
        }
        Found::Freed => fail_at_freed(FailureKind::DoubleFree, addr, "free", at),
    }
    true
}

/// The contents are dropped: the memory is dead from now on.
pub(in crate::sync::imp) fn end_free(ptr: NonNull<u8>, at: Site) {
    if is_active() {
        let (recorder, now) = with(|x| (x.recorder(Target::Block(ptr.addr().get()), at), x.moment(at)));
        recorder.record("free", None, Value::None);
        with(|x| {
            let by = format!("thread {} at {}", x.threads[x.running].label(x.running), event::place(at));
            x.memory.free(ptr, now, by);
        });
    }
}

/// Names a heap object.
pub(in crate::sync::imp) fn name_block(ptr: NonNull<u8>, name: &'static str) {
    if is_active() {
        with(|x| x.memory.name(ptr.addr().get(), name));
    }
}
