//! Bind mounts.

use super::*;

const M1: &str = "/run/netns/m1";
const M2: &str = "/run/netns/m2";

fn net_of(task: &Task) -> NsFile {
    task.ns_file(task, NsKind::Net).unwrap()
}

/// Mounts what a descriptor stands for.
fn bind_fd(task: &Task, fd: u32, path: &str) {
    let Ok(File::Namespace(file)) = task.file(fd) else { unreachable!("it was opened") };
    task.tasks().mounts().bind(task, &file, path).unwrap();
}

#[test]
fn a_mount_is_the_namespace_itself() {
    let world = World::new();
    let (main, (a, _)) = (&world.main, world.apart());
    let mounts = world.tasks.mounts();
    mounts.bind(main, &net_of(&a), M1).unwrap();
    let f = mounts.open(main, M1).unwrap();
    assert_eq!(mounts.identity(M1), Some(a.is_in(NsKind::Net)));
    assert_eq!(main.get_net_ns_by_fd(f), a.net_ns());
    a.unshare(NET).unwrap();
    assert_ne!(mounts.identity(M1), Some(a.is_in(NsKind::Net)), "it stays when the task goes on");
    let b = main.fork().unwrap();
    let fb = mounts.open(&b, M1).unwrap();
    b.setns(fb, NET).unwrap();
    assert_eq!(mounts.identity(M1), Some(b.is_in(NsKind::Net)));
    assert_eq!(mounts.umount(main, M1, false), Err(Error::Busy));
    main.close(f).unwrap();
    b.close(f).unwrap();
    assert_eq!(mounts.umount(main, M1, false), Err(Error::Busy));
    b.close(fb).unwrap();
    assert_eq!(mounts.umount(main, M1, false), Ok(()));
    assert_eq!(mounts.identity(M1), None);
    assert_eq!(mounts.umount(main, M1, false), Err(Error::InvalidArgument));
}

#[test]
fn a_mount_holds_a_namespace() {
    let world = World::new();
    let (main, (a, number)) = (&world.main, world.apart());
    let mounts = world.tasks.mounts();
    mounts.bind(main, &net_of(&a), M1).unwrap();
    a.exit();
    assert_eq!(world.deaths(), NONE);
    let f = mounts.open(main, M1).unwrap();
    assert_eq!(main.get_net_ns_by_fd(f).unwrap().inum(), number);
    main.close(f).unwrap();
    assert_eq!(world.deaths(), NONE);
    mounts.umount(main, M1, false).unwrap();
    assert_eq!(world.deaths(), [number]);
}

#[test]
fn a_lazy_umount_leaves_open_files_their_namespace() {
    let world = World::new();
    let main = &world.main;
    let mounts = world.tasks.mounts();
    let [(n, number)] = main.make_ns();
    bind_fd(main, n, M1);
    bind_fd(main, n, M2);
    main.close(n).unwrap();
    mounts.umount(main, M1, false).unwrap();
    let f = mounts.open(main, M2).unwrap();
    assert_eq!(mounts.umount(main, M2, false), Err(Error::Busy));
    assert_eq!(mounts.umount(main, M2, true), Ok(()));
    assert_eq!(world.deaths(), NONE);
    assert_eq!(main.get_net_ns_by_fd(f).unwrap().inum(), number);
    main.close(f).unwrap();
    assert_eq!(world.deaths(), [number]);
}

#[test]
fn the_last_mount_on_a_path_hides_the_others() {
    let world = World::new();
    let (main, (a, _)) = (&world.main, world.apart());
    let mounts = world.tasks.mounts();
    mounts.bind(main, &net_of(main), M1).unwrap();
    let below = mounts.open(main, M1).unwrap();
    mounts.bind(main, &net_of(&a), M1).unwrap();
    assert_eq!(mounts.identity(M1), Some(a.is_in(NsKind::Net)));
    assert_eq!(mounts.umount(main, M1, false), Ok(()), "nobody uses the one above");
    assert_eq!(mounts.identity(M1), Some(main.is_in(NsKind::Net)));
    assert_eq!(mounts.umount(main, M1, false), Err(Error::Busy));
    main.close(below).unwrap();
    assert_eq!(mounts.umount(main, M1, false), Ok(()));
}

#[test]
fn what_was_opened_through_a_mount_can_be_mounted_elsewhere() {
    let world = World::new();
    let main = &world.main;
    let mounts = world.tasks.mounts();
    mounts.bind(main, &net_of(main), M1).unwrap();
    let f = mounts.open(main, M1).unwrap();
    bind_fd(main, f, M2);
    main.close(f).unwrap();
    assert_eq!(mounts.umount(main, M1, false), Ok(()), "the second mount does not use the first");
    assert_eq!(mounts.identity(M2), Some(main.is_in(NsKind::Net)));
}

#[test]
fn a_path_without_a_mount_is_a_plain_file_or_nothing() {
    let world = World::new();
    let main = &world.main;
    let mounts = world.tasks.mounts();
    assert_eq!(mounts.open(main, M1), Err(Error::NotFound));
    assert_eq!(mounts.umount(main, M1, true), Err(Error::NotFound));
    assert_eq!(mounts.unlink(M1), Err(Error::NotFound));
    mounts.bind(main, &net_of(main), M1).unwrap();
    assert_eq!(mounts.unlink(M1), Err(Error::Busy));
    mounts.umount(main, M1, false).unwrap();
    let f = mounts.open(main, M1).unwrap();
    assert_eq!(main.get_net_ns_by_fd(f), Err(Error::InvalidArgument));
    mounts.unlink(M1).unwrap();
    assert_eq!(mounts.open(main, M1), Err(Error::NotFound));
}

#[test]
fn mounting_is_for_who_has_the_capability() {
    let world = World::new();
    let (main, u) = (&world.main, world.unprivileged());
    let mounts = world.tasks.mounts();
    mounts.bind(main, &net_of(main), M1).unwrap();
    assert_eq!(mounts.bind(&u, &net_of(&u), M2), Err(Error::NotPermitted));
    assert_eq!(mounts.umount(&u, M1, false), Err(Error::NotPermitted));
    assert!(mounts.open(&u, M1).is_ok(), "opening is for all");
    u.unshare(USER | NsKind::Mnt.flag()).unwrap();
    let file = net_of(&u);
    assert_eq!(mounts.bind(&u, &file, M2), Ok(()));
    u.exit();
    assert_eq!(mounts.bind(&u, &file, M2), Err(Error::NoSuchProcess));
    assert_eq!(mounts.open(&u, M1), Err(Error::NoSuchProcess));
}
