//! Calls of several threads at once, on whatever schedule there is.

use super::*;
use crate::sync::{AtomicU32, Ordering, thread};

#[test]
fn whatever_is_opened_while_a_process_ends_is_closed() {
    for _ in 0..300 {
        let world = World::new();
        let leader = world.main.fork().unwrap();
        let open = Arc::new(AtomicU32::new(0));
        let openers: Vec<_> = (0..2)
            .map(|_| {
                let (task, open) = (leader.thread().unwrap(), open.clone());
                thread::spawn(move || {
                    loop {
                        open.fetch_add(1, Ordering::Relaxed);
                        let closed = open.clone();
                        let file = socket(move || {
                            closed.fetch_sub(1, Ordering::Relaxed);
                        });
                        if task.install(file) == Err(Error::NoSuchProcess) {
                            break;
                        }
                        let _ = task.thread();
                    }
                })
            })
            .collect();
        leader.exit_group();
        openers.into_iter().for_each(|opener| opener.join().unwrap());
        assert_eq!(open.load(Ordering::Relaxed), 0);
        leader.reap().unwrap();
    }
}

#[cfg(feature = "net-ns")]
#[test]
fn lookups_race_with_a_task_that_moves_and_ends() {
    for _ in 0..100 {
        let world = World::new();
        let (task, before) = world.apart();
        let lookup = {
            let (tasks, pid) = (world.tasks.clone(), task.pid());
            thread::spawn(move || {
                let mut seen = Vec::new();
                while let Ok(net) = tasks.get_net_ns_by_pid(pid) {
                    assert!(net.count() > 0);
                    seen.push(net.inum());
                }
                seen
            })
        };
        task.unshare(NET).unwrap();
        let after = task.net_ns().unwrap().inum();
        task.exit();
        let seen = lookup.join().unwrap();
        assert!(seen.is_sorted() && seen.iter().all(|number| [before, after].contains(number)), "{seen:?}");
        let mut dead = world.deaths();
        dead.sort_unstable();
        assert_eq!(dead, [before, after]);
    }
}

#[cfg(feature = "net-ns")]
#[test]
fn an_unshare_that_races_with_the_exit_leaves_nothing() {
    for _ in 0..300 {
        let world = World::new();
        let (task, before) = world.apart();
        let mover = {
            let task = task.clone();
            thread::spawn(move || task.unshare(NET))
        };
        task.exit();
        let moved = mover.join().unwrap();
        assert!(matches!(moved, Ok(()) | Err(Error::NoSuchProcess)), "{moved:?}");
        assert_eq!(task.net_ns(), Err(Error::NoSuchProcess));
        assert!(world.deaths().contains(&before));
        assert_eq!(world.user_ns.net_namespaces(), 1, "the first one");
        assert_eq!(world.main.setns(3, 0), Err(Error::BadDescriptor));
    }
}

#[test]
fn two_calls_that_change_different_namespaces_both_do() {
    for _ in 0..300 {
        let world = World::new();
        let task = world.main.fork().unwrap();
        let other = {
            let task = task.clone();
            thread::spawn(move || task.unshare(NsKind::Uts.flag()))
        };
        task.unshare(NsKind::Ipc.flag()).unwrap();
        other.join().unwrap().unwrap();
        for kind in [NsKind::Uts, NsKind::Ipc] {
            assert_ne!(task.is_in(kind), world.main.is_in(kind));
        }
    }
}

#[test]
fn a_right_that_is_given_up_meanwhile_is_not_used_later() {
    for _ in 0..300 {
        let world = World::new();
        let task = world.main.fork().unwrap();
        let mover = {
            let task = task.clone();
            thread::spawn(move || task.unshare(USER | NsKind::Uts.flag()))
        };
        task.set_uid(65534);
        mover.join().unwrap().unwrap();
        let credentials = task.credentials();
        // Before: uid 0 made the namespace, and the capabilities went with the uid. After: the other user did.
        let made_by = credentials.user_ns().owner();
        assert_eq!(credentials.uid(), 65534);
        assert_eq!(credentials.capabilities() == Capabilities::NONE, made_by == 0);
    }
}
