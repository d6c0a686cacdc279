//! What keeps network namespaces alive, and in which order they die.

use super::*;

#[test]
fn pids_that_name_no_process() {
    let world = World::new();
    let (gone, number) = world.apart();
    gone.exit();
    gone.reap().unwrap();
    assert_eq!(world.deaths(), [number]);
    for pid in [0, u32::MAX, i32::MAX as u32, 100_000_000, gone.pid()] {
        assert_eq!(world.tasks.get_net_ns_by_pid(pid), Err(Error::NoSuchProcess), "{pid}");
        assert_eq!(world.tasks.find(pid), None);
    }
}

#[test]
fn a_zombie_is_found_but_has_no_namespaces() {
    let world = World::new();
    let (zombie, number) = world.apart();
    zombie.exit();
    assert_eq!(world.deaths(), [number], "its namespace is gone, though it stays");
    assert_eq!(world.tasks.find(zombie.pid()).as_ref(), Some(&zombie));
    assert_eq!(world.tasks.get_net_ns_by_pid(zombie.pid()), Err(Error::NoSuchProcess));
    assert_eq!(zombie.net_ns(), Err(Error::NoSuchProcess));
    let main = &world.main;
    assert_eq!(main.readlink_ns(&zombie, NsKind::Net), Err(Error::NotFound));
    assert_eq!(main.open_ns(&zombie, NsKind::Net, false), Err(Error::NotFound));
    assert!(main.readlink_ns(&zombie, NsKind::User).is_ok(), "this it has still");
    assert!(main.readlink_ns(&zombie, NsKind::Pid).is_ok(), "this too");
    zombie.reap().unwrap();
    assert_eq!(zombie.reap(), Err(Error::NoSuchProcess));
    assert_eq!(main.readlink_ns(&zombie, NsKind::Net), Err(Error::NotFound));
    assert_eq!(main.readlink_ns(&zombie, NsKind::User), Err(Error::NotFound));
    assert_eq!(world.tasks.find(zombie.pid()), None);
}

#[test]
fn a_task_that_has_exited_does_nothing_more() {
    let world = World::new();
    let (task, _) = world.apart();
    let fd = task.install(File::Other).unwrap();
    task.exit();
    task.exit();
    task.exit_group();
    assert_eq!(task.fork(), Err(Error::NoSuchProcess));
    assert_eq!(task.thread(), Err(Error::NoSuchProcess));
    assert_eq!(task.unshare(NET), Err(Error::NoSuchProcess));
    assert_eq!(task.unshare(0), Err(Error::NoSuchProcess));
    assert_eq!(task.install(File::Other), Err(Error::NoSuchProcess));
    assert_eq!(task.file(fd).unwrap_err(), Error::BadDescriptor);
    assert_eq!(task.dup(fd), Err(Error::BadDescriptor));
    assert_eq!(task.close(fd), Err(Error::BadDescriptor));
    assert_eq!(task.setns(fd, 0), Err(Error::BadDescriptor));
    assert_eq!(task.get_net_ns_by_fd(fd), Err(Error::BadDescriptor));
    task.set_uid(5);
    assert_eq!(task.credentials().uid(), 0);
    task.reap().unwrap();
    task.exit();
    assert_eq!(task.reap(), Err(Error::NoSuchProcess));
}

#[test]
fn only_zombies_are_reaped() {
    let world = World::new();
    let leader = world.main.fork().unwrap();
    let thread = leader.thread().unwrap();
    assert_eq!(leader.reap(), Err(Error::WouldBlock));
    leader.exit();
    assert_eq!(leader.reap(), Err(Error::WouldBlock), "a thread is left");
    thread.exit();
    assert_eq!(world.tasks.find(thread.pid()), None, "a thread reaps itself");
    assert_eq!(thread.reap(), Err(Error::NoSuchProcess));
    assert_eq!(leader.reap(), Ok(()));
}

#[test]
fn a_pid_that_was_given_back_is_not_given_out_at_once() {
    let world = World::new();
    let first = world.main.fork().unwrap();
    first.exit();
    first.reap().unwrap();
    let second = world.main.fork().unwrap();
    assert_eq!([world.main.pid(), first.pid(), second.pid()], [1, 2, 3]);
}

#[test]
fn a_namespace_dies_when_the_last_task_leaves() {
    let world = World::new();
    let (a, number) = world.apart();
    let b = a.fork().unwrap();
    assert_eq!(b.net_ns(), a.net_ns());
    a.exit();
    assert_eq!(world.deaths(), NONE);
    assert_eq!(world.tasks.get_net_ns_by_pid(b.pid()), b.net_ns());
    b.exit();
    assert_eq!(world.deaths(), [number]);
}

#[test]
fn leaving_with_setns_ends_it() {
    let world = World::new();
    let a = world.main.fork().unwrap();
    let home = a.open(&world.main, NsKind::Net);
    a.unshare(NET).unwrap();
    let left = a.net_ns().unwrap().inum();
    a.setns(home, NET).unwrap();
    assert_eq!(world.deaths(), [left]);
    assert_eq!(a.net_ns(), world.main.net_ns());
}

#[test]
fn a_descriptor_of_any_sort_holds_a_namespace() {
    let world = World::new();
    let (a, number) = world.apart();
    let path = world.main.open_ns(&a, NsKind::Net, true).unwrap();
    let dup = world.main.dup(path).unwrap();
    a.exit();
    world.main.close(path).unwrap();
    assert_eq!(world.deaths(), NONE);
    assert_eq!(world.main.get_net_ns_by_fd(dup), Err(Error::BadDescriptor));
    assert_eq!(world.main.setns(dup, NET), Err(Error::BadDescriptor));
    assert!(world.main.file(dup).is_ok());
    world.main.close(dup).unwrap();
    assert_eq!(world.deaths(), [number]);
}

#[test]
fn threads_have_namespaces_of_their_own() {
    let world = World::new();
    let (leader, own) = world.apart();
    let (a, b) = (leader.thread().unwrap(), leader.thread().unwrap());
    assert_eq!((a.tgid(), b.tgid()), (leader.pid(), leader.pid()));
    a.unshare(NET).unwrap();
    let of_a = a.net_ns().unwrap().inum();
    assert_ne!(of_a, own);
    assert_eq!(world.tasks.get_net_ns_by_pid(a.pid()), a.net_ns());
    assert_eq!(b.net_ns(), leader.net_ns());
    let fd = leader.open(&a, NsKind::Net);
    b.setns(fd, NET).unwrap();
    leader.close(fd).unwrap();
    a.exit();
    assert_eq!(world.deaths(), NONE);
    b.exit();
    assert_eq!(world.deaths(), [of_a]);
    leader.exit();
    assert_eq!(world.deaths(), [own]);
}

#[test]
fn an_exit_leaves_the_namespace_first_then_closes_from_the_highest_down() {
    let world = World::new();
    let (p, own) = world.apart();
    let [a, b, c] = p.make_ns().map(|(_, number)| number);
    p.exit();
    assert_eq!(world.deaths(), [a, b, c, own], "told the last one first");
}

#[test]
fn the_descriptors_stay_until_the_last_thread_exits() {
    let world = World::new();
    let leader = world.main.fork().unwrap();
    let thread = leader.thread().unwrap();
    let [(fd, number)] = leader.make_ns();
    leader.exit();
    assert_eq!(leader.file(fd).unwrap_err(), Error::BadDescriptor, "it has exited");
    assert_eq!(thread.get_net_ns_by_fd(fd).unwrap().inum(), number);
    assert_eq!(world.deaths(), NONE);
    thread.exit();
    assert_eq!(world.deaths(), [number]);
}

#[test]
fn the_whole_process_exits() {
    let world = World::new();
    let (leader, own) = world.apart();
    let (a, b) = (leader.thread().unwrap(), leader.thread().unwrap());
    b.unshare(NET).unwrap();
    let of_b = b.net_ns().unwrap().inum();
    let [(held_by, held)] = a.make_ns();
    let child = leader.fork().unwrap();
    child.close(held_by).unwrap();
    a.exit_group();
    assert_eq!(world.deaths(), [held, of_b], "the child is in the leader's");
    assert_eq!(leader.thread(), Err(Error::NoSuchProcess));
    leader.reap().unwrap();
    child.exit();
    assert_eq!(world.deaths(), [own]);
}

#[test]
fn the_last_handle_ends_the_world() {
    let World { tasks, main, deaths, _log, namespaces, .. } = World::new();
    let child = main.fork().unwrap();
    child.unshare(NET).unwrap();
    let own = child.net_ns().unwrap().inum();
    let [(_, held), (mounted_by, mounted)] = child.make_ns();
    let Ok(File::Namespace(file)) = child.file(mounted_by) else { unreachable!("it was opened") };
    tasks.mounts().bind(&main, &file, "/run/netns/m").unwrap();
    let pidfd = child.open_pidfd(&child).unwrap();
    drop((tasks, main, file));
    namespaces.run_cleanup().unwrap();
    assert_eq!(*deaths.0.lock(), NONE, "one handle is left");
    assert!(child.file(pidfd).is_ok());
    drop(child);
    namespaces.run_cleanup().unwrap();
    let mut dead = deaths.0.lock().clone();
    dead.sort_unstable();
    assert_eq!(dead, [own, held, mounted]);
}
