//! Descriptors.

use super::*;
use crate::sync::planned_panic;

/// A socket that writes its name when it is closed.
fn named(name: u32, log: &Arc<Mutex<Vec<u32>>>) -> File {
    let log = log.clone();
    socket(move || log.lock().push(name))
}

#[test]
fn the_lowest_free_descriptor_comes_first() {
    let world = World::new();
    let main = &world.main;
    let fds: Vec<u32> = (0..3).map(|_| main.install(File::Other).unwrap()).collect();
    assert_eq!(fds, [3, 4, 5]);
    main.close(4).unwrap();
    assert_eq!(main.close(4), Err(Error::BadDescriptor));
    assert_eq!(main.dup(5), Ok(4));
    assert_eq!(main.dup(5), Ok(6));
    assert_eq!(main.dup(7), Err(Error::BadDescriptor));
    assert_eq!(main.close(0), Err(Error::BadDescriptor));
}

#[test]
fn a_process_has_so_many_descriptors_and_no_more() {
    let world = World::new();
    let main = &world.main;
    for fd in 3..1_048_576 {
        assert_eq!(main.install(File::Other), Ok(fd));
    }
    let log = Arc::default();
    assert_eq!(main.install(named(1, &log)), Err(Error::TooManyDescriptors));
    assert_eq!(*log.lock(), [1], "it is closed at once");
    assert_eq!(main.dup(3), Err(Error::TooManyDescriptors));
    assert_eq!(main.open_ns(main, NsKind::Net, false), Err(Error::TooManyDescriptors));
    main.close(1000).unwrap();
    assert_eq!(main.dup(3), Ok(1000));
}

#[test]
fn a_file_is_closed_with_its_last_descriptor() {
    let world = World::new();
    let (main, log) = (&world.main, Arc::default());
    let first = main.install(named(7, &log)).unwrap();
    let second = main.dup(first).unwrap();
    let child = main.fork().unwrap();
    main.close(first).unwrap();
    main.close(second).unwrap();
    child.close(first).unwrap();
    assert_eq!(*log.lock(), NONE);
    child.exit();
    assert_eq!(*log.lock(), [7]);
}

#[test]
fn a_child_s_descriptors_are_its_own_and_a_thread_s_are_not() {
    let world = World::new();
    let main = &world.main;
    let (child, thread) = (main.fork().unwrap(), main.thread().unwrap());
    let fd = thread.install(File::Other).unwrap();
    assert!(matches!(main.file(fd), Ok(File::Other)));
    assert_eq!(child.file(fd).unwrap_err(), Error::BadDescriptor);
}

#[test]
fn an_exit_closes_from_the_highest_down() {
    let world = World::new();
    let (child, log) = (world.main.fork().unwrap(), Arc::default());
    for n in 0..4 {
        child.install(named(n, &log)).unwrap();
    }
    child.close(4).unwrap();
    child.exit();
    assert_eq!(*log.lock(), [1, 3, 2, 0]);
}

#[test]
fn a_file_that_is_being_closed_may_call_back() {
    let world = World::new();
    let calls = Arc::new(Mutex::new(0));
    let on_close = |child: &Task| {
        let (tasks, main, pid) = (world.tasks.clone(), world.main.clone(), child.pid());
        let calls = calls.clone();
        socket(move || {
            let child = tasks.find(pid).unwrap();
            let _ = (child.install(File::Other), child.file(3), child.unshare(0), child.thread());
            child.set_uid(0);
            child.exit_group();
            assert_eq!(tasks.mounts().identity("/x"), None);
            let grandchild = main.fork().unwrap();
            grandchild.exit();
            grandchild.reap().unwrap();
            *calls.lock() += 1;
        })
    };
    let closing = world.main.fork().unwrap();
    let fd = closing.install(on_close(&closing)).unwrap();
    closing.close(fd).unwrap();
    let exiting = world.main.fork().unwrap();
    exiting.install(on_close(&exiting)).unwrap();
    exiting.exit();
    let exited = exiting;
    assert_eq!(exited.install(on_close(&exited)), Err(Error::NoSuchProcess));
    assert_eq!(*calls.lock(), 3);
}

#[test]
fn a_process_is_not_reaped_before_its_files_are_closed() {
    let world = World::new();
    let child = world.main.fork().unwrap();
    let reaped = Arc::new(Mutex::new(None));
    let (tasks, pid, result) = (world.tasks.clone(), child.pid(), reaped.clone());
    child.install(socket(move || *result.lock() = Some(tasks.find(pid).unwrap().reap()))).unwrap();
    child.exit();
    assert_eq!(*reaped.lock(), Some(Err(Error::WouldBlock)));
    assert_eq!(child.reap(), Ok(()));
}

#[test]
fn a_file_whose_drop_panics_keeps_no_other_open() {
    let world = World::new();
    let (child, log) = (world.main.fork().unwrap(), Arc::default());
    child.install(named(1, &log)).unwrap();
    child.install(socket(|| planned_panic())).unwrap();
    child.install(named(2, &log)).unwrap();
    child.exit();
    assert_eq!(*log.lock(), [2, 1]);
    assert_eq!(child.reap(), Ok(()));
}

#[test]
fn what_is_opened_by_a_task_that_has_exited_is_closed_at_once() {
    let world = World::new();
    let (leader, log) = (world.main.fork().unwrap(), Arc::default());
    let thread = leader.thread().unwrap();
    thread.exit();
    assert_eq!(thread.install(named(1, &log)), Err(Error::NoSuchProcess));
    assert_eq!(*log.lock(), [1]);
    leader.exit();
    assert_eq!(leader.install(named(2, &log)), Err(Error::NoSuchProcess));
    assert_eq!(*log.lock(), [1, 2]);
}

#[test]
fn a_namespace_file_says_what_it_is() {
    let world = World::new();
    let main = &world.main;
    let net = main.ns_file(main, NsKind::Net).unwrap();
    assert_eq!((net.kind(), net.net()), (NsKind::Net, main.net_ns().as_ref().ok()));
    assert_eq!(net.to_string(), main.readlink_ns(main, NsKind::Net).unwrap());
    let path = main.open_ns(main, NsKind::User, true).unwrap();
    let Ok(File::Namespace(user)) = main.file(path) else { unreachable!("it was opened") };
    assert!(user.is_path_only() && !net.is_path_only());
    assert_eq!((user.kind(), user.net()), (NsKind::User, None));
    let pidfd = main.open_pidfd(main).unwrap();
    assert!(matches!(main.file(pidfd), Ok(File::PidFd(process)) if process.pid() == 1));
}
