//! Tasks: who looks a namespace up by process or by descriptor, and who moves, exits or closes meanwhile.

use crate::world::World;
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::sync::{self, Arc, UnsafeCell, thread};
use netns_core::task::{File, NsKind, Task, Tasks};
use netns_core::{CLONE_NEWNET, Error, Net};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "task-lookup-by-pid-against-exit",
        protocol: "task",
        about: "A process is looked up by its pid while it exits and its namespace is cleaned up: the lookup gives a \
                reference, with which everything works, or ESRCH.",
        threads: 2,
        claims: &[1, 2],
        reaches: &["found", "no such process"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: lookup_by_pid_against_exit,
    },
    Model {
        name: "task-lookup-by-pid-against-unshare",
        protocol: "task",
        about: "A process is looked up by its pid while it moves to a new namespace, and the one that it leaves is \
                cleaned up: the lookup gives a reference to one of the two.",
        threads: 2,
        claims: &[1, 2],
        reaches: &["the old one", "the new one"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: lookup_by_pid_against_unshare,
    },
    Model {
        name: "task-setns-against-exit",
        protocol: "task",
        about: "A task enters the namespace of a process that exits: it is in that namespace, which lives, or where \
                it was.",
        threads: 2,
        claims: &[1, 2],
        reaches: &["entered", "no such process"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: setns_against_exit,
    },
    Model {
        name: "task-close-against-lookup-by-descriptor",
        protocol: "task",
        about: "A descriptor that alone holds a namespace is closed by one thread of a process while another looks \
                the namespace up by it, and the worker cleans up: the lookup gives a reference, or EBADF.",
        threads: 2,
        claims: &[1, 2],
        reaches: &["found", "bad descriptor"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: close_against_lookup,
    },
    Model {
        name: "task-exit-of-two-threads",
        protocol: "task",
        about: "The two threads of a process exit at the same time: the last of them closes its descriptors, and what \
                they held is cleaned up once.",
        threads: 2,
        claims: &[1, 2],
        reaches: &["done"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: exit_of_two_threads,
    },
    Model {
        name: "task-setns-into-its-own",
        protocol: "task",
        about: "The only task of a namespace that nothing else holds but a descriptor enters it anew, while the \
                descriptor is closed: the namespace never dies on the way.",
        threads: 2,
        claims: &[1],
        reaches: &["entered", "bad descriptor"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: setns_into_its_own,
    },
    Model {
        name: "task-setns-against-its-own-exit",
        protocol: "task",
        about: "A task enters a namespace that a descriptor holds while the task is made to exit: it is in no \
                namespace then, and holds neither the one nor the other.",
        threads: 2,
        claims: &[1, 2],
        reaches: &["entered", "too late"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: setns_against_its_own_exit,
    },
    Model {
        name: "task-setns-against-giving-up-rights",
        protocol: "task",
        about: "A task enters a namespace while it becomes another user, who may not: it has entered before that, or \
                does not.",
        threads: 2,
        claims: &[1],
        reaches: &["entered", "not permitted"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: setns_against_giving_up_rights,
    },
    Model {
        name: "task-thread-against-end-of-the-process",
        protocol: "task",
        about: "A process gets another thread while all of its threads are made to exit: there is none that stays \
                behind, and what they held is cleaned up.",
        threads: 2,
        claims: &[1, 2],
        reaches: &["made", "too late"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: thread_against_end,
    },
    Model {
        name: "task-reap-against-exit",
        protocol: "task",
        about: "A task exits while somebody tries to reap it: whoever succeeds sees all that the exit did, to the end \
                of its open files.",
        threads: 2,
        claims: &[2],
        reaches: &["reaped", "too early"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: reap_against_exit,
    },
    Model {
        name: "task-two-unshares-at-the-limit",
        protocol: "task",
        about: "Two tasks move to new namespaces where one more is allowed: one of them does, and the other gets \
                ENOSPC and stays where it was.",
        threads: 2,
        claims: &[7],
        reaches: &["main got it", "other got it"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_unshares_at_the_limit,
    },
];

/// A world and its first task, which is in `init_net`, and a child of it in a namespace of its own.
fn tasks() -> (Arc<World>, Tasks, Task, Task) {
    let world = World::with_slots(0);
    let (tasks, main) = Tasks::new(world.namespaces.init_net().clone(), world.user.clone());
    let child = main.fork().expect("there is room");
    child.unshare(CLONE_NEWNET).expect("it has the right");
    (world, tasks, main, child)
}

/// Cleans up, and asserts that all namespaces but `init_net` are gone: tasks that have exited hold none.
fn all_gone(world: &World) {
    world.clean_up();
    assert_eq!(world.user.net_namespaces(), 0, "nobody holds what tasks have left");
}

fn end(world: Arc<World>, tasks: Tasks, main: Task) {
    main.exit_group();
    drop((main, tasks));
    world.clean_up();
    assert_eq!(world.user.net_namespaces(), 0, "all namespaces but init_net are gone");
    world.end();
}

/// What was got works.
fn works(net: &Net) {
    assert!(net.count() > 0, "what was got lives");
}

fn lookup_by_pid_against_exit() {
    let (world, tasks, main, child) = tasks();
    let (there, pid) = (tasks.clone(), child.pid());
    let lookup = thread::spawn_named("lookup", move || match there.get_net_ns_by_pid(pid) {
        Ok(net) => {
            reached("found");
            works(&net);
        }
        Err(error) => {
            assert_eq!(error, Error::NoSuchProcess);
            reached("no such process");
        }
    });
    child.exit_group();
    world.clean_up();
    lookup.join().unwrap();
    all_gone(&world);
    drop(child);
    end(world, tasks, main);
}

fn lookup_by_pid_against_unshare() {
    let (world, tasks, main, child) = tasks();
    let (there, pid, old) = (tasks.clone(), child.pid(), child.net_ns().expect("it lives").id());
    let lookup = thread::spawn_named("lookup", move || {
        let net = there.get_net_ns_by_pid(pid).expect("it is in one or the other");
        reached(if net.id() == old { "the old one" } else { "the new one" });
        works(&net);
    });
    child.unshare(CLONE_NEWNET).expect("it has the right");
    world.clean_up();
    lookup.join().unwrap();
    child.exit_group();
    drop(child);
    end(world, tasks, main);
}

fn setns_against_exit() {
    let (world, tasks, main, child) = tasks();
    let (mover, theirs) = (main.clone(), child.net_ns().expect("it lives").id());
    let fd = main.open_pidfd(&child).expect("there is room");
    let setns = thread::spawn_named("setns", move || {
        let before = mover.net_ns().expect("it lives").id();
        match mover.setns(fd, CLONE_NEWNET) {
            Ok(()) => {
                reached("entered");
                let net = mover.net_ns().expect("it lives");
                assert_eq!(net.id(), theirs);
                works(&net);
            }
            Err(error) => {
                assert_eq!(error, Error::NoSuchProcess);
                assert_eq!(mover.net_ns().expect("it lives").id(), before, "it is where it was");
                reached("no such process");
            }
        }
    });
    child.exit_group();
    world.clean_up();
    setns.join().unwrap();
    drop(child);
    end(world, tasks, main);
}

fn close_against_lookup() {
    let (world, tasks, main, child) = tasks();
    let fd = main.open_ns(&child, NsKind::Net, false).expect("it lives");
    child.exit_group();
    child.reap().expect("it is a zombie");
    drop(child);
    let there = main.clone();
    let lookup = thread::spawn_named("lookup", move || match there.get_net_ns_by_fd(fd) {
        Ok(net) => {
            reached("found");
            works(&net);
        }
        Err(error) => {
            assert_eq!(error, Error::BadDescriptor);
            reached("bad descriptor");
        }
    });
    main.close(fd).expect("it is open");
    world.clean_up();
    lookup.join().unwrap();
    all_gone(&world);
    end(world, tasks, main);
}

fn exit_of_two_threads() {
    let (world, tasks, main, child) = tasks();
    child.open_ns(&child, NsKind::Net, false).expect("it lives");
    let sibling = child.thread().expect("there is room");
    let other = thread::spawn_named("exit", move || sibling.exit());
    child.exit();
    other.join().unwrap();
    all_gone(&world);
    drop(child);
    reached("done");
    end(world, tasks, main);
}

fn setns_into_its_own() {
    let (world, tasks, main, child) = tasks();
    let fd = child.open_ns(&child, NsKind::Net, false).expect("it lives");
    let (mover, id) = (child.clone(), child.net_ns().expect("it lives").id());
    let setns = thread::spawn_named("setns", move || match mover.setns(fd, CLONE_NEWNET) {
        Ok(()) => reached("entered"),
        Err(error) => {
            assert_eq!(error, Error::BadDescriptor);
            reached("bad descriptor");
        }
    });
    child.close(fd).expect("it is open");
    world.clean_up();
    setns.join().unwrap();
    let net = child.net_ns().expect("it lives");
    assert_eq!(net.id(), id);
    works(&net);
    drop(net);
    child.exit_group();
    drop(child);
    end(world, tasks, main);
}

/// A child of its own, that is in another namespace than the one that its descriptor holds, and that descriptor.
fn elsewhere(child: &Task) -> u32 {
    let fd = child.open_ns(child, NsKind::Net, false).expect("it lives");
    child.unshare(CLONE_NEWNET).expect("it has the right");
    fd
}

fn setns_against_its_own_exit() {
    let (world, tasks, main, child) = tasks();
    let (fd, mover) = (elsewhere(&child), child.clone());
    let setns = thread::spawn_named("setns", move || match mover.setns(fd, CLONE_NEWNET) {
        Ok(()) => reached("entered"),
        Err(error) => {
            assert!(matches!(error, Error::NoSuchProcess | Error::BadDescriptor), "{error}");
            reached("too late");
        }
    });
    child.exit_group();
    setns.join().unwrap();
    assert_eq!(child.net_ns(), Err(Error::NoSuchProcess), "who has exited is in no namespace");
    all_gone(&world);
    drop(child);
    end(world, tasks, main);
}

fn setns_against_giving_up_rights() {
    let (world, tasks, main, child) = tasks();
    let (fd, mover) = (elsewhere(&child), child.clone());
    let setns = thread::spawn_named("setns", move || match mover.setns(fd, CLONE_NEWNET) {
        Ok(()) => reached("entered"),
        Err(error) => {
            assert_eq!(error, Error::NotPermitted);
            reached("not permitted");
        }
    });
    child.set_uid(1000);
    let at = child.net_ns().expect("it lives").id();
    setns.join().unwrap();
    assert_eq!(child.net_ns().expect("it lives").id(), at, "who may not enter does not");
    child.exit_group();
    drop(child);
    end(world, tasks, main);
}

fn thread_against_end() {
    let (world, tasks, main, child) = tasks();
    let maker = child.clone();
    let make = thread::spawn_named("make", move || match maker.thread() {
        Ok(_) => reached("made"),
        Err(error) => {
            assert_eq!(error, Error::NoSuchProcess);
            reached("too late");
        }
    });
    child.exit_group();
    make.join().unwrap();
    all_gone(&world);
    assert_eq!(child.reap(), Ok(()), "no thread stays behind");
    drop(child);
    end(world, tasks, main);
}

/// Plain memory that the end of a file writes, and that whoever reaps its process reads.
struct Mark {
    closed: UnsafeCell<bool>,
}

// SAFETY: written in the exit, and read by who has reaped; the checker watches whether that is so.
unsafe impl Sync for Mark {}

/// A file.
struct Marks(Arc<Mark>);

impl Drop for Marks {
    fn drop(&mut self) {
        // SAFETY: see `Mark`.
        self.0.closed.with_mut(|closed| unsafe { *closed = true });
    }
}

fn reap_against_exit() {
    let (world, tasks, main, child) = tasks();
    let mark = Arc::new(Mark { closed: UnsafeCell::new(false) });
    sync::name(&mark.closed, "closed");
    child.install(File::Socket(Arc::new(Marks(mark.clone())))).expect("there is room");
    let exits = child.clone();
    let exit = thread::spawn_named("exit", move || exits.exit());
    match child.reap() {
        Ok(()) => {
            // SAFETY: see `Mark`.
            assert!(mark.closed.with(|closed| unsafe { *closed }), "its files are closed");
            reached("reaped");
        }
        Err(error) => {
            assert_eq!(error, Error::WouldBlock);
            reached("too early");
        }
    }
    exit.join().unwrap();
    drop(child);
    end(world, tasks, main);
}

fn two_unshares_at_the_limit() {
    let (world, tasks, main, child) = tasks();
    let sibling = main.fork().expect("there is room");
    world.user.set_limit(2);
    let theirs = sibling.clone();
    let other = thread::spawn_named("other", move || theirs.unshare(CLONE_NEWNET));
    let results = [child.unshare(CLONE_NEWNET), other.join().unwrap()];
    assert!(world.user.net_namespaces() <= 2, "the limit holds");
    reached(match results {
        [Ok(()), Err(Error::NoSpace)] => "main got it",
        [Err(Error::NoSpace), Ok(())] => "other got it",
        other => panic!("not one of the two: {other:?}"),
    });
    [&child, &sibling].into_iter().for_each(Task::exit_group);
    all_gone(&world);
    drop((child, sibling));
    end(world, tasks, main);
}
