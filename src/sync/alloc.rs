//! Heap objects that threads reach by address.
//!
//! Three handles, as in crossbeam-epoch: [`Owned`] is the one owner, [`Shared`] a copyable address, and
//! [`Atomic`] a place that holds such an address or nothing. An object is one value, or a slice with its length
//! in front (`Owned<[T]>`): all handles are one word.
//!
//! In a checking build each object is known from its allocation to the end of the execution. Going through a
//! [`Shared`] after the object was freed, or without an order between the two, is a failed check, and so are a
//! second free and an object that is left at the end.

use super::{Ordering, imp};
use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// There was no memory (`ENOMEM`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AllocError;

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of memory (ENOMEM)")
    }
}

impl std::error::Error for AllocError {}

/// What lives behind a handle: any `T`, or a `[T]`.
///
/// # Safety
///
/// `layout` and `deref` describe the memory that the type's constructor allocated. Only this module
/// implements it.
pub unsafe trait Object {
    /// The layout of the allocation.
    ///
    /// # Safety
    ///
    /// `ptr` is the address of a live object.
    unsafe fn layout(ptr: NonNull<u8>) -> Layout;

    /// The object behind an address.
    ///
    /// # Safety
    ///
    /// `ptr` is the address of a live object.
    unsafe fn object(ptr: NonNull<u8>) -> NonNull<Self>;
}

/// A type with no size still has an address of its own.
fn one_at_least(layout: Layout) -> Layout {
    if layout.size() == 0 {
        Layout::from_size_align(1, layout.align()).expect("one byte fits")
    } else {
        layout
    }
}

// SAFETY: `Owned::try_new` allocates exactly this layout and puts the value at its start.
unsafe impl<T> Object for T {
    #[inline]
    unsafe fn layout(_: NonNull<u8>) -> Layout {
        one_at_least(Layout::new::<T>())
    }
    #[inline(always)]
    unsafe fn object(ptr: NonNull<u8>) -> NonNull<T> {
        ptr.cast()
    }
}

/// Where the elements of a slice begin, and the layout of length and elements together.
#[inline]
fn slice_layout<T>(len: usize) -> Option<(Layout, usize)> {
    let (layout, start) = Layout::new::<usize>().extend(Layout::array::<T>(len).ok()?).ok()?;
    Some((layout.pad_to_align(), start))
}

// SAFETY: `Owned::try_from_fn` allocates exactly this layout, with the length at its start.
unsafe impl<T> Object for [T] {
    #[inline]
    unsafe fn layout(ptr: NonNull<u8>) -> Layout {
        // SAFETY: a live slice has its length at its start.
        let len = unsafe { ptr.cast::<usize>().read() };
        slice_layout::<T>(len).expect("it was allocated with this layout").0
    }
    #[inline(always)]
    unsafe fn object(ptr: NonNull<u8>) -> NonNull<[T]> {
        let start = const {
            let (size, align) = (size_of::<usize>(), align_of::<T>());
            size.div_ceil(align) * align
        };
        // SAFETY: a live slice has its length at its start.
        let len = unsafe { ptr.cast::<usize>().read() };
        // SAFETY: `start` is inside the allocation.
        let first = unsafe { ptr.add(start) };
        NonNull::slice_from_raw_parts(first.cast(), len)
    }
}

/// The one owner of a heap object; frees it when dropped.
pub struct Owned<T: ?Sized + Object> {
    ptr: NonNull<u8>,
    _owns: PhantomData<Box<T>>,
}

// SAFETY: an `Owned` is a `Box`: it may go to another thread if its contents may.
unsafe impl<T: ?Sized + Object + Send> Send for Owned<T> {}
// SAFETY: a shared `Owned` gives out `&T` alone.
unsafe impl<T: ?Sized + Object + Sync> Sync for Owned<T> {}

impl<T> Owned<T> {
    /// Allocates an object.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory; `value` is dropped.
    #[inline]
    #[track_caller]
    pub fn try_new(value: T) -> Result<Self, AllocError> {
        let ptr = imp::alloc::allocate::<T>(one_at_least(Layout::new::<T>())).ok_or(AllocError)?;
        // SAFETY: fresh memory of the layout of `T`.
        unsafe { ptr.cast::<T>().write(value) };
        Ok(Owned { ptr, _owns: PhantomData })
    }
}

impl<T> Owned<[T]> {
    /// Allocates a slice of `len` elements, made by `f` from their indices.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory; `f` was not called then.
    #[inline]
    #[track_caller]
    pub fn try_from_fn(len: usize, mut f: impl FnMut(usize) -> T) -> Result<Self, AllocError> {
        let (layout, start) = slice_layout::<T>(len).ok_or(AllocError)?;
        let ptr = imp::alloc::allocate::<[T]>(layout).ok_or(AllocError)?;
        /// Frees what was built when `f` panics.
        struct Building<T> {
            ptr: NonNull<u8>,
            layout: Layout,
            first: NonNull<T>,
            built: usize,
        }
        impl<T> Drop for Building<T> {
            fn drop(&mut self) {
                let built = NonNull::slice_from_raw_parts(self.first, self.built);
                // SAFETY: the memory is ours alone, and its first `built` elements were written.
                unsafe { imp::alloc::free(self.ptr, self.layout, || built.drop_in_place()) };
            }
        }
        // SAFETY: `start` is inside the layout.
        let first = unsafe { ptr.add(start) }.cast::<T>();
        let mut building = Building { ptr, layout, first, built: 0 };
        while building.built < len {
            let element = f(building.built);
            // SAFETY: `built < len` elements were written, so the next place is inside the layout.
            unsafe { first.add(building.built).write(element) };
            building.built += 1;
        }
        std::mem::forget(building);
        // SAFETY: fresh memory whose first word is for the length.
        unsafe { ptr.cast::<usize>().write(len) };
        Ok(Owned { ptr, _owns: PhantomData })
    }
}

impl<T: ?Sized + Object> Owned<T> {
    /// The address of the object, which stays owned.
    #[inline]
    pub fn share(&self) -> Shared<T> {
        Shared { ptr: self.ptr, _points: PhantomData }
    }

    /// Gives the ownership up: the object lives until somebody calls [`Shared::into_owned`].
    #[inline]
    pub fn into_shared(self) -> Shared<T> {
        Shared { ptr: ManuallyDrop::new(self).ptr, _points: PhantomData }
    }
}

impl<T: ?Sized + Object> Deref for Owned<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        imp::alloc::access(self.ptr);
        // SAFETY: the owner keeps the object alive, and lends it for as long as itself.
        unsafe { T::object(self.ptr).as_ref() }
    }
}

impl<T: ?Sized + Object> DerefMut for Owned<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        imp::alloc::access(self.ptr);
        // SAFETY: there is one owner, and it is borrowed exclusively.
        unsafe { T::object(self.ptr).as_mut() }
    }
}

impl<T: ?Sized + Object> Drop for Owned<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the object is alive: its one owner is being dropped.
        let layout = unsafe { T::layout(self.ptr) };
        // SAFETY: as above.
        let object = unsafe { T::object(self.ptr) };
        // SAFETY: allocated with this layout, and the owner ends here; the contents are dropped once.
        unsafe { imp::alloc::free(self.ptr, layout, || object.drop_in_place()) };
    }
}

impl<T: ?Sized + Object> super::Named for Owned<T> {
    #[inline(always)]
    fn set_name(&self, name: &'static str) {
        imp::alloc::name_object(self.ptr, name);
    }
}

impl<T: ?Sized + Object + fmt::Debug> fmt::Debug for Owned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The address of a heap object. Copying it keeps nothing alive.
pub struct Shared<T: ?Sized + Object> {
    ptr: NonNull<u8>,
    _points: PhantomData<*const T>,
}

impl<T: ?Sized + Object> Clone for Shared<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized + Object> Copy for Shared<T> {}

// SAFETY: an address does nothing by itself; its unsafe methods state what they need.
unsafe impl<T: ?Sized + Object + Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Object + Send + Sync> Sync for Shared<T> {}

impl<T: ?Sized + Object> Shared<T> {
    /// The object.
    ///
    /// # Safety
    ///
    /// The object is alive throughout `'a`, and nobody writes to it but through interior mutability.
    #[inline(always)]
    #[track_caller]
    pub unsafe fn as_ref<'a>(self) -> &'a T {
        imp::alloc::access(self.ptr);
        // SAFETY: by the contract of this function.
        unsafe { T::object(self.ptr).as_ref() }
    }

    /// Takes the ownership back.
    ///
    /// # Safety
    ///
    /// The object is alive, nobody owns it, and nobody goes through a copy of this address from now on.
    #[inline]
    pub unsafe fn into_owned(self) -> Owned<T> {
        Owned { ptr: self.ptr, _owns: PhantomData }
    }

    /// The same address, taken for that of another type: going through it, or owning it, states that it is one.
    #[inline(always)]
    pub fn cast<U>(self) -> Shared<U> {
        Shared { ptr: self.ptr, _points: PhantomData }
    }

    /// The address as a number, for comparing and for logs.
    #[inline(always)]
    pub fn addr(self) -> usize {
        self.ptr.addr().get()
    }

    #[inline(always)]
    fn from_raw(ptr: *mut u8) -> Option<Self> {
        Some(Shared { ptr: NonNull::new(ptr)?, _points: PhantomData })
    }

    #[inline(always)]
    fn into_raw(this: Option<Self>) -> *mut u8 {
        this.map_or(std::ptr::null_mut(), |s| s.ptr.as_ptr())
    }
}

impl<T: ?Sized + Object> PartialEq for Shared<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.ptr == other.ptr
    }
}
impl<T: ?Sized + Object> Eq for Shared<T> {}

impl<T: ?Sized + Object> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({:p})", self.ptr)
    }
}

/// A place for the address of a heap object, or for none. It owns nothing.
///
/// It can be written through a shared reference, so it is invariant in `T`:
///
/// ```compile_fail
/// use netns_core::sync::alloc::Atomic;
/// fn shorten<'a>(place: &Atomic<&'static str>) -> &Atomic<&'a str> {
///     place
/// }
/// ```
pub struct Atomic<T: ?Sized + Object> {
    raw: imp::alloc::RawPtr<u8>,
    _points: PhantomData<*mut T>,
}

// SAFETY: an address does nothing by itself.
unsafe impl<T: ?Sized + Object + Send + Sync> Send for Atomic<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Object + Send + Sync> Sync for Atomic<T> {}

impl<T: ?Sized + Object> Atomic<T> {
    /// A place that holds `value`.
    #[inline]
    #[track_caller]
    pub fn new(value: Option<Shared<T>>) -> Self {
        Atomic { raw: imp::alloc::RawPtr::new(Shared::into_raw(value)), _points: PhantomData }
    }

    /// Reads the address.
    #[inline(always)]
    #[track_caller]
    pub fn load(&self, order: Ordering) -> Option<Shared<T>> {
        Shared::from_raw(self.raw.load(order))
    }

    /// Writes the address.
    #[inline(always)]
    #[track_caller]
    pub fn store(&self, value: Option<Shared<T>>, order: Ordering) {
        self.raw.store(Shared::into_raw(value), order);
    }

    /// Writes the address and returns the one before.
    #[inline(always)]
    #[track_caller]
    pub fn swap(&self, value: Option<Shared<T>>, order: Ordering) -> Option<Shared<T>> {
        Shared::from_raw(self.raw.swap(Shared::into_raw(value), order))
    }

    /// Writes `new` if the place holds `current`.
    ///
    /// # Errors
    ///
    /// What the place holds instead, read with `failure`.
    #[inline(always)]
    #[track_caller]
    pub fn compare_exchange(
        &self,
        current: Option<Shared<T>>,
        new: Option<Shared<T>>,
        success: Ordering,
        failure: Ordering,
    ) -> Result<Option<Shared<T>>, Option<Shared<T>>> {
        self.raw
            .compare_exchange(Shared::into_raw(current), Shared::into_raw(new), success, failure)
            .map(Shared::from_raw)
            .map_err(Shared::from_raw)
    }

    /// Reads the address as the one owner of the place.
    #[inline(always)]
    #[track_caller]
    pub fn get(&mut self) -> Option<Shared<T>> {
        Shared::from_raw(imp::alloc::exclusive(&mut self.raw))
    }
}

impl<T: ?Sized + Object> super::Named for Atomic<T> {
    #[inline(always)]
    fn set_name(&self, name: &'static str) {
        imp::alloc::name(&self.raw, name);
    }
}

impl<T: ?Sized + Object> fmt::Debug for Atomic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Atomic")
    }
}
