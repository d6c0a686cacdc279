//! Raw memory for [`crate::sync::alloc`].

use std::alloc::Layout;
use std::ptr::NonNull;

pub(crate) use std::sync::atomic::AtomicPtr as RawPtr;

/// Memory of `layout` (not of size 0) for a `T`, or `None` if there is none.
#[inline]
#[allow(clippy::extra_unused_type_parameters, reason = "a checking build calls the memory by it")]
pub(crate) fn allocate<T: ?Sized>(layout: Layout) -> Option<NonNull<u8>> {
    // SAFETY: the caller's layout is not of size 0.
    NonNull::new(unsafe { std::alloc::alloc(layout) })
}

/// Runs `drop` on the contents and returns the memory.
///
/// # Safety
///
/// `ptr` came from `allocate(layout)` and is not used again.
#[inline]
pub(crate) unsafe fn free(ptr: NonNull<u8>, layout: Layout, drop: impl FnOnce()) {
    drop();
    // SAFETY: by the contract of this function.
    unsafe { std::alloc::dealloc(ptr.as_ptr(), layout) }
}

/// A thread goes through `ptr`.
#[inline(always)]
pub(crate) fn access(_: NonNull<u8>) {}

/// Names an object.
#[inline(always)]
pub(crate) fn name_object(_: NonNull<u8>, _: &'static str) {}

/// Names a place.
#[inline(always)]
pub(crate) fn name(_: &RawPtr<u8>, _: &'static str) {}

/// Reads a place as its one owner.
#[inline(always)]
pub(crate) fn exclusive(place: &mut RawPtr<u8>) -> *mut u8 {
    *place.get_mut()
}
