//! What an exploration costs, and what a second worker is worth: a reference count with five threads, as in the
//! reference programs, and RCU readers against a grace period.
//!
//! `cargo bench -p rc11` prints, for each program, executions, the time with one worker and with two, the ratio, and the
//! greatest memory that the process has had so far.

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use rc11::{Atomic, Cell, Explorer, Mutex, Report, fence, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

struct Object {
    count: Atomic<u32>,
    payload: Cell<u32>,
    dead: Mutex<u32>,
}

fn put(object: &Object) {
    if object.count.fetch_sub(1, AcqRel) == 1 {
        *object.dead.lock() += 1;
        object.payload.set(0);
    }
}

fn get(object: &Object) -> bool {
    loop {
        let count = object.count.load(Relaxed);
        if count == 0 {
            return false;
        }
        if object.count.compare_exchange(count, count + 1, Relaxed, Relaxed).is_ok() {
            return true;
        }
        thread::retry();
    }
}

/// One drops the only reference; the others try to get one, read, and drop theirs.
fn refcount(threads: usize) {
    let object = Object { count: Atomic::new(1), payload: Cell::new(42), dead: Mutex::new(0) };
    let object = Arc::new(object);
    let dropped = object.clone();
    let mut all = vec![thread::spawn(move || put(&dropped))];
    all.extend((1..threads).map(|_| {
        let object = object.clone();
        thread::spawn(move || {
            if get(&object) {
                assert_eq!(object.payload.get(), 42);
                put(&object);
            }
        })
    }));
    all.into_iter().for_each(thread::JoinHandle::join);
    assert_eq!(*object.dead.lock(), 1);
}

/// Each reader has a section; the updater writes, waits for a grace period, and writes again.
fn grace_period(readers: usize) {
    let world = (Atomic::new(1u64), Atomic::new(0u32), Atomic::new(0u32));
    let slots: Vec<_> = (0..readers).map(|_| Atomic::new(0u64)).collect();
    let world = Arc::new((world, slots));
    let all: Vec<_> = (0..readers)
        .map(|reader| {
            let world = world.clone();
            thread::spawn(move || {
                let ((number, x, y), slots) = &*world;
                slots[reader].store(number.load(Relaxed), Relaxed);
                fence(SeqCst);
                let (x, y) = (x.load(Relaxed), y.load(Relaxed));
                slots[reader].store(0, Release);
                assert!(x == 1 || y == 0);
            })
        })
        .collect();
    let ((number, x, y), slots) = &*world;
    x.store(1, Relaxed);
    let now = number.fetch_add(1, AcqRel) + 1;
    fence(SeqCst);
    for slot in slots {
        slot.wait_until(Acquire, |entered| entered == 0 || entered >= now);
    }
    y.store(1, Relaxed);
    all.into_iter().for_each(thread::JoinHandle::join);
}

fn explore(workers: usize, body: impl Fn() + Send + Sync + 'static) -> Report {
    Explorer::new().workers(workers).run(body).assert_complete()
}

/// The greatest memory that the process has had, in MB, where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024)
}

fn measure(name: &str, body: fn()) {
    let (one, two) = (explore(1, body), explore(2, body));
    assert_eq!(
        (one.complete, one.blocked),
        (two.complete, two.blocked),
        "workers do not change what there is"
    );
    let (first, second) = (one.elapsed.as_secs_f64(), two.elapsed.as_secs_f64());
    let memory = memory().map_or(String::new(), |memory| format!("; {memory} MB at most"));
    println!(
        "{name}: {} complete and {} blocked executions; one worker {first:.2} s, two {second:.2} s, {:.2} times as \
         fast{memory}",
        one.complete,
        one.blocked,
        first / second
    );
}

fn main() {
    measure("reference count, 5 threads", || refcount(5));
    measure("grace period, 5 readers", || grace_period(5));
}
