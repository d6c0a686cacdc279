//! Tasks fork, unshare, enter each other's namespaces and exit, while others look them up.

use super::cast::{Part, play};
use super::ledger::Habits;
use super::stage::Stage;
use netns_core::check::{choose, reached};
use netns_core::net::Worker;
use netns_core::sync::Mutex;
use netns_core::task::{NsKind, Task, Tasks};
use netns_core::{CLONE_NEWNET, Error, NetRef};

struct Processes {
    stage: Stage,
    tasks: Tasks,
    first: Task,
    /// The others that live, and some that are about to exit.
    living: Mutex<Vec<Task>>,
}

const CAST: &[Part<Processes>] = &[
    Part { name: "life", threads: 3, turns: 9, act: live },
    Part { name: "lookup", threads: 2, turns: 8, act: look_up },
    Part { name: "mover", threads: 2, turns: 16, act: enter },
    Part { name: "walker", threads: 1, turns: 3, act: |scene| drop(scene.stage.walk(0)) },
    Part { name: "cleaner", threads: 1, turns: 6, act: |scene| scene.stage.world.clean_up() },
];

pub(super) fn tasks() {
    let stage = Stage::new(Worker::Manual, 2, Habits::NONE);
    stage.world.user.set_limit(LIMIT);
    let (tasks, first) = Tasks::new(stage.world.namespaces.init_net().clone(), stage.world.user.clone());
    let scene = Processes { stage, tasks, first, living: Mutex::new(Vec::new()) };
    (0..4).for_each(|_| scene.fork(&scene.first));
    let Processes { stage, tasks, first, living } = play(scene, CAST);
    living.into_inner().iter().for_each(end);
    first.exit_group();
    drop((first, tasks));
    stage.end();
}

/// How many namespaces their user may have.
const LIMIT: u32 = 8;

impl Processes {
    /// Some task, which may be exiting.
    fn any(&self) -> Task {
        let living = self.living.lock();
        match choose(living.len() + 1) {
            0 => self.first.clone(),
            n => living[n - 1].clone(),
        }
    }

    fn fork(&self, parent: &Task) {
        match parent.fork() {
            Ok(child) => self.living.lock().push(child),
            Err(error) => assert_eq!(error, Error::NoSuchProcess, "there is room"),
        }
    }

    /// A reference works.
    fn works(&self, net: &NetRef) {
        assert!(net.count() > 0, "a counted reference (1)");
        let guard = self.stage.world.namespaces.read_lock();
        assert!(self.stage.finds(&guard, net, choose(2)), "it works (16)");
    }
}

/// A process ends, and leaves nothing behind.
fn end(task: &Task) {
    task.exit_group();
    assert_eq!(task.net_ns(), Err(Error::NoSuchProcess), "who has exited is in no namespace");
    assert_eq!(task.reap(), Ok(()), "it is a zombie, and nobody else's");
}

/// Some task forks, goes to a namespace of its own, or exits.
fn live(scene: &Processes) {
    match choose(4) {
        0 => scene.fork(&scene.any()),
        1 | 2 => match scene.any().unshare(CLONE_NEWNET) {
            Ok(()) => reached("unshared"),
            Err(Error::NoSpace) => reached("at the limit"),
            Err(error) => assert_eq!(error, Error::NoSuchProcess),
        },
        _ => {
            let mut living = scene.living.lock();
            if living.is_empty() {
                return;
            }
            let index = choose(living.len());
            let ends = living.swap_remove(index);
            drop(living);
            end(&ends);
        }
    }
    assert!(scene.stage.world.user.net_namespaces() <= LIMIT, "the limit holds (7)");
}

/// Looks up where a process is, which may be about to exit.
fn look_up(scene: &Processes) {
    match scene.tasks.get_net_ns_by_pid(1 + choose(16) as u32) {
        Ok(net) => {
            scene.works(&net);
            reached("found");
        }
        Err(error) => {
            assert_eq!(error, Error::NoSuchProcess);
            reached("no such process");
        }
    }
}

/// Some task opens the namespace of another, or uses or closes a descriptor, which others may be closing.
fn enter(scene: &Processes) {
    let (task, fd) = (scene.any(), 3 + choose(2) as u32);
    let gone = |error| assert!(matches!(error, Error::NoSuchProcess | Error::BadDescriptor), "{error}");
    match choose(5) {
        0 | 1 => match task.open_ns(&scene.any(), NsKind::Net, false) {
            Ok(_) => reached("opened"),
            Err(error) => assert!(matches!(error, Error::NotFound | Error::NoSuchProcess), "{error}"),
        },
        2 => match task.get_net_ns_by_fd(fd) {
            Ok(net) => scene.works(&net),
            Err(error) => gone(error),
        },
        3 => match task.setns(fd, CLONE_NEWNET) {
            Ok(()) => reached("entered"),
            Err(Error::NotPermitted) => reached("not permitted"),
            Err(error) => gone(error),
        },
        _ => task.close(fd).unwrap_or_else(gone),
    }
}
