//! Memory that is known from its allocation to the end of the execution.

use super::atomic::Raw;
use super::engine::{Rmw, Width};
use super::event::type_name;
use super::execution::{self, Grant};
use std::alloc::Layout;
use std::marker::PhantomData;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::atomic::Ordering;

/// Memory of `layout` (not of size 0) for a `T`, or `None` if there is none or the model says so.
#[track_caller]
pub(crate) fn allocate<T: ?Sized>(layout: Layout) -> Option<NonNull<u8>> {
    let grant = execution::request();
    if matches!(grant, Grant::Refused) {
        return None;
    }
    // SAFETY: the caller's layout is not of size 0.
    let ptr = NonNull::new(unsafe { std::alloc::alloc(layout) })?;
    if matches!(grant, Grant::Tracked) {
        execution::allocated(ptr, layout, type_name::<T>(), Location::caller());
    }
    Some(ptr)
}

/// Runs `drop` on the contents and gives the memory up. Under an engine it is kept until the execution ends.
///
/// # Safety
///
/// `ptr` came from `allocate(layout)` and is not used again.
#[track_caller]
pub(crate) unsafe fn free(ptr: NonNull<u8>, layout: Layout, drop: impl FnOnce()) {
    if execution::is_over() {
        return;
    }
    let at = Location::caller();
    if execution::begin_free(ptr.addr().get(), at) {
        drop();
        execution::end_free(ptr, at);
    } else {
        drop();
        // SAFETY: by the contract of this function; no check keeps it.
        unsafe { std::alloc::dealloc(ptr.as_ptr(), layout) }
    }
}

/// A thread goes through `ptr`.
#[track_caller]
pub(crate) fn access(ptr: NonNull<u8>) {
    execution::touch(ptr.addr().get(), Location::caller());
}

/// A place for an address.
pub(crate) struct RawPtr<T> {
    raw: Raw,
    _points: PhantomData<*mut T>,
}

// SAFETY: it is a number; who follows it must say why that is sound.
unsafe impl<T> Send for RawPtr<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for RawPtr<T> {}

fn number<T>(ptr: *mut T) -> u64 {
    ptr.expose_provenance() as u64
}

fn pointer<T>(number: u64) -> *mut T {
    std::ptr::with_exposed_provenance_mut(number as usize)
}

impl<T> RawPtr<T> {
    pub(crate) fn new(ptr: *mut T) -> Self {
        RawPtr { raw: Raw::new("Atomic", Width::W64, number(ptr), true), _points: PhantomData }
    }

    #[track_caller]
    pub(crate) fn load(&self, order: Ordering) -> *mut T {
        pointer(self.raw.load(order, Location::caller()))
    }

    #[track_caller]
    pub(crate) fn store(&self, ptr: *mut T, order: Ordering) {
        self.raw.store(number(ptr), order, Location::caller());
    }

    #[track_caller]
    pub(crate) fn swap(&self, ptr: *mut T, order: Ordering) -> *mut T {
        pointer(self.raw.rmw(Rmw::Swap, number(ptr), order, Location::caller()))
    }

    #[track_caller]
    pub(crate) fn compare_exchange(
        &self,
        current: *mut T,
        new: *mut T,
        ok: Ordering,
        err: Ordering,
    ) -> Result<*mut T, *mut T> {
        self.raw
            .compare_exchange(number(current), number(new), ok, err, false, Location::caller())
            .map(pointer)
            .map_err(pointer)
    }
}

/// Names an object.
pub(crate) fn name_object(ptr: NonNull<u8>, name: &'static str) {
    execution::name_block(ptr, name);
}

/// Names a place.
pub(crate) fn name(place: &RawPtr<u8>, name: &'static str) {
    place.raw.set_name(name);
}

/// Reads a place as its one owner.
#[track_caller]
pub(crate) fn exclusive(place: &mut RawPtr<u8>) -> *mut u8 {
    pointer(place.raw.exclusive(Location::caller()))
}
