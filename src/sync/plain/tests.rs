//! The plain build costs nothing: its types have the size and the alignment of what they stand for.

use crate::sync::{self, alloc};
use std::any::type_name;

#[track_caller]
fn assert_same<Ours, Theirs>() {
    let layout = |size, align| format!("size {size}, align {align}");
    assert_eq!(
        layout(size_of::<Ours>(), align_of::<Ours>()),
        layout(size_of::<Theirs>(), align_of::<Theirs>()),
        "{} and {}",
        type_name::<Ours>(),
        type_name::<Theirs>()
    );
}

#[test]
fn atomics_are_those_of_std() {
    use std::sync::atomic;
    assert_same::<sync::AtomicBool, atomic::AtomicBool>();
    assert_same::<sync::AtomicU32, atomic::AtomicU32>();
    assert_same::<sync::AtomicU64, atomic::AtomicU64>();
    assert_same::<sync::AtomicUsize, atomic::AtomicUsize>();
}

#[test]
fn cells_are_as_large_as_their_contents() {
    assert_same::<sync::UnsafeCell<u8>, u8>();
    assert_same::<sync::UnsafeCell<[u64; 3]>, std::cell::UnsafeCell<[u64; 3]>>();
}

#[test]
fn locks_and_threads_are_those_of_std() {
    assert_same::<sync::Mutex<u8>, std::sync::Mutex<u8>>();
    assert_same::<sync::Mutex<[u64; 3]>, std::sync::Mutex<[u64; 3]>>();
    assert_same::<sync::MutexGuard<'_, u8>, std::sync::MutexGuard<'_, u8>>();
    assert_same::<sync::Condvar, std::sync::Condvar>();
    assert_same::<sync::thread::JoinHandle<u8>, std::thread::JoinHandle<u8>>();
}

#[test]
fn a_place_for_an_arc_is_one_word() {
    assert_same::<sync::ArcSwapOption<[u64; 3]>, *const u64>();
}

#[test]
fn heap_handles_are_one_word() {
    assert_same::<alloc::Owned<u64>, Box<u64>>();
    assert_same::<Option<alloc::Owned<u64>>, Option<Box<u64>>>();
    assert_same::<alloc::Shared<u64>, *const u64>();
    assert_same::<Option<alloc::Shared<u64>>, *const u64>();
    assert_same::<alloc::Atomic<u64>, std::sync::atomic::AtomicPtr<u64>>();
    // A slice has its length in front of it, not in its handle.
    assert_same::<alloc::Owned<[u64]>, *const u64>();
    assert_same::<alloc::Shared<[u64]>, *const u64>();
    assert_same::<alloc::Atomic<[u64]>, std::sync::atomic::AtomicPtr<u64>>();
}
