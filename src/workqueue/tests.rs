//! One item, several items, several threads; the end of a queue.

use super::*;
use crate::sync::{AtomicU64, planned_panic};

fn counter() -> (Arc<AtomicU64>, Work) {
    let runs = Arc::new(AtomicU64::new(0));
    let work = Work::new({
        let runs = runs.clone();
        move || _ = runs.fetch_add(1, Ordering::Relaxed)
    });
    (runs, work)
}

#[test]
fn a_pending_item_is_queued_once() {
    let (queue, (runs, work)) = (Workqueue::manual(), counter());
    assert!(queue.queue(&work));
    assert!(!queue.queue(&work));
    assert!(work.is_pending());
    assert_eq!(queue.run_pending(), 1);
    assert!(!work.is_pending());
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert!(queue.queue(&work));
    assert_eq!(queue.run_pending(), 1);
}

#[test]
fn an_item_that_is_queued_while_it_runs_runs_again() {
    let queue = Workqueue::manual();
    let (runs, cell) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(None::<Work>)));
    let work = Work::new({
        let (runs, cell, queue) = (runs.clone(), cell.clone(), queue.clone());
        move || {
            if runs.fetch_add(1, Ordering::Relaxed) == 0 {
                assert!(queue.queue(cell.lock().as_ref().unwrap()));
                assert_eq!(queue.run_pending(), 0, "not inside itself");
            }
        }
    });
    *cell.lock() = Some(work.clone());
    queue.queue(&work);
    assert_eq!(queue.run_pending(), 2);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    *cell.lock() = None;
}

#[test]
fn items_run_in_order() {
    let (queue, log) = (Workqueue::spawn("test"), Arc::new(Mutex::new(Vec::new())));
    for i in 0..50 {
        let log = log.clone();
        queue.queue(&Work::new(move || log.lock().push(i)));
    }
    queue.flush();
    assert_eq!(*log.lock(), (0..50).collect::<Vec<_>>());
}

#[test]
fn nothing_added_before_queueing_is_missed() {
    let queue = Workqueue::spawn("test");
    let (list, found) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU64::new(0)));
    let work = Work::new({
        let (list, found) = (list.clone(), found.clone());
        move || {
            let taken: Vec<u32> = std::mem::take(&mut *list.lock());
            found.fetch_add(taken.len() as u64, Ordering::Relaxed);
        }
    });
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (queue, list, work) = (queue.clone(), list.clone(), work.clone());
            thread::spawn(move || {
                for i in 0..1000 {
                    list.lock().push(i);
                    queue.queue(&work);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    queue.flush();
    assert_eq!(found.load(Ordering::Relaxed), 3000);
}

#[test]
fn an_item_that_panics_harms_no_other() {
    let (queue, (runs, work)) = (Workqueue::spawn("test"), counter());
    queue.queue(&Work::new(|| planned_panic()));
    queue.queue(&work);
    queue.flush();
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[test]
fn the_last_handle_finishes_what_is_queued() {
    for queue in [Workqueue::spawn("test"), Workqueue::manual()] {
        let (runs, work) = counter();
        queue.queue(&work);
        drop(queue);
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn the_worker_may_drop_the_last_handle() {
    let (send, receive) = (Arc::new(Mutex::new(None)), Arc::new(AtomicBool::new(false)));
    let queue = Workqueue::spawn("test");
    *send.lock() = Some(queue.clone());
    let work = Work::new({
        let (send, receive) = (send.clone(), receive.clone());
        move || {
            while !receive.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            drop(send.lock().take());
        }
    });
    queue.queue(&work);
    drop(queue);
    receive.store(true, Ordering::Relaxed);
    while send.lock().is_some() {
        thread::yield_now();
    }
}

#[test]
fn after_a_shutdown_items_run_on_the_thread_that_queues_them() {
    let (queue, (runs, work)) = (Workqueue::manual(), counter());
    queue.queue(&work);
    queue.shutdown();
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    queue.queue(&work);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    queue.run();
}

#[test]
fn a_flush_inside_an_item_panics() {
    let queue = Workqueue::spawn("test");
    let panicked = Arc::new(AtomicBool::new(false));
    queue.queue(&Work::new({
        let (queue, panicked) = (queue.clone(), panicked.clone());
        move || {
            let flush = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| queue.flush()));
            panicked.store(flush.is_err(), Ordering::Relaxed);
        }
    }));
    queue.flush();
    assert!(panicked.load(Ordering::Relaxed));
}

#[test]
fn an_item_may_own_the_last_handle_of_its_queue() {
    let (queue, ran) = (Workqueue::manual(), Arc::new(AtomicBool::new(false)));
    queue.queue(&Work::new({
        let (queue, ran) = (queue.clone(), ran.clone());
        move || {
            let _ = &queue;
            ran.store(true, Ordering::Relaxed);
        }
    }));
    let inner = queue.handle.queue.clone();
    drop(queue);
    assert_eq!(inner.run_pending(), 1);
    assert!(ran.load(Ordering::Relaxed));
}
