//! Tasks: who looks a namespace up by process or by descriptor, and who moves, exits or closes meanwhile.

use crate::world::World;
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::sync::{Arc, thread};
use netns_core::task::{NsKind, Task, Tasks};
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
];

/// A world and its first task, which is in `init_net`, and a child of it in a namespace of its own.
fn tasks() -> (Arc<World>, Tasks, Task, Task) {
    let world = World::with_slots(0);
    let (tasks, main) = Tasks::new(world.namespaces.init_net().clone(), world.user.clone());
    let child = main.fork().expect("there is room");
    child.unshare(CLONE_NEWNET).expect("it has the right");
    (world, tasks, main, child)
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
    end(world, tasks, main);
}

fn exit_of_two_threads() {
    let (world, tasks, main, child) = tasks();
    child.open_ns(&child, NsKind::Net, false).expect("it lives");
    let sibling = child.thread().expect("there is room");
    let other = thread::spawn_named("exit", move || sibling.exit());
    child.exit();
    other.join().unwrap();
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
