//! Threads.

pub use std::thread::JoinHandle;

/// Starts a thread.
///
/// # Panics
///
/// If the operating system cannot start one.
pub fn spawn<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::spawn(f)
}

/// Starts a thread with a name, which logs and panics show.
///
/// # Panics
///
/// If the operating system cannot start one.
pub fn spawn_named<T: Send + 'static>(name: &str, f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::Builder::new().name(name.into()).spawn(f).expect("the system can start a thread")
}

/// Offers the processor to others.
pub fn yield_now() {
    std::thread::yield_now();
}
