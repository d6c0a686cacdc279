//! Making namespaces.

use super::*;

/// Which namespaces a task is in.
fn all_of(task: &Task) -> [(NsKind, u32); 8] {
    NsKind::ALL.map(|kind| task.is_in(kind))
}

#[test]
fn each_kind_is_made_anew_or_shared() {
    let world = World::new();
    for kind in [NsKind::Net, NsKind::Uts, NsKind::Ipc, NsKind::Mnt, NsKind::User, NsKind::Cgroup] {
        let child = world.main.fork().unwrap();
        let before = all_of(&child);
        assert_eq!(before, all_of(&world.main));
        child.unshare(kind.flag()).unwrap();
        for (before, after) in before.into_iter().zip(all_of(&child)) {
            assert_eq!(before == after, before.0 != kind, "{kind}: {before:?} {after:?}");
        }
    }
}

#[test]
fn the_text_of_a_link_has_the_kind_and_the_number() {
    let world = World::new();
    let (main, (a, number)) = (&world.main, world.apart());
    assert_eq!(main.readlink_ns(main, NsKind::Net).unwrap(), "net:[4026531840]");
    assert_eq!(main.readlink_ns(&a, NsKind::Net).unwrap(), format!("net:[{number}]"));
    let (_, uts) = a.is_in(NsKind::Uts);
    assert!((0xf000_0000..0xf000_0010).contains(&uts));
    assert_eq!(main.readlink_ns(&a, NsKind::Uts).unwrap(), format!("uts:[{uts}]"));
}

#[test]
fn a_number_is_free_again_after_its_last_holder() {
    let world = World::new();
    let main = &world.main;
    let [a, b, c] = [(); 3].map(|()| main.fork().unwrap());
    a.unshare(NsKind::Uts.flag()).unwrap();
    let (_, number) = a.is_in(NsKind::Uts);
    let fd = main.open(&a, NsKind::Uts);
    a.exit();
    b.unshare(NsKind::Ipc.flag()).unwrap();
    assert_eq!(b.is_in(NsKind::Ipc).1, number + 1, "the descriptor holds it");
    main.close(fd).unwrap();
    c.unshare(NsKind::Ipc.flag()).unwrap();
    assert_eq!(c.is_in(NsKind::Ipc).1, number);
}

#[test]
fn unknown_flags_are_refused_and_others_without_effect() {
    let world = World::new();
    let main = &world.main;
    for flags in [1, 0x2000, NET | 0x4000, 1 << 32] {
        assert_eq!(main.unshare(flags), Err(Error::InvalidArgument), "{flags:#x}");
    }
    let before = all_of(main);
    // CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD, CLONE_SYSVSEM.
    for flags in [0, 0x100, 0x200, 0x400, 0x800, 0x1_0000, 0x4_0000] {
        assert_eq!(main.unshare(flags), Ok(()), "{flags:#x}");
    }
    let thread = main.thread().unwrap();
    for flags in [0x100, 0x400, 0x800, 0x1_0000, USER] {
        assert_eq!(thread.unshare(flags), Err(Error::InvalidArgument), "{flags:#x}");
    }
    for flags in [0, 0x200, 0x4_0000] {
        assert_eq!(thread.unshare(flags), Ok(()), "{flags:#x}");
    }
    assert_eq!(all_of(main), before);
    assert_eq!(all_of(&thread), before);
}

#[test]
fn who_makes_a_user_namespace_owns_the_others_that_it_makes() {
    let world = World::new();
    let u = world.unprivileged();
    u.unshare(USER | NET).unwrap();
    let credentials = u.credentials();
    let user_ns = credentials.user_ns();
    assert_eq!((credentials.uid(), credentials.capabilities()), (65534, Capabilities::ALL));
    assert_eq!((user_ns.parent(), user_ns.owner()), (Some(&world.user_ns), 65534));
    assert_eq!(u.net_ns().unwrap().user_ns(), user_ns);
    u.unshare(NET).unwrap();
    assert_eq!(u.net_ns().unwrap().user_ns(), user_ns);
}

#[test]
fn a_user_without_an_id_makes_no_user_namespace() {
    let world = World::new();
    let u = world.main.fork().unwrap();
    u.unshare(USER).unwrap();
    assert_eq!(u.unshare(USER), Err(Error::NotPermitted));
    u.credentials().user_ns().map_root().unwrap();
    u.unshare(USER).unwrap();
    assert_eq!(u.credentials().user_ns().level(), 2);
}

#[test]
fn at_the_limit_of_a_user_namespace_nothing_is_made() {
    let world = World::new();
    let u = world.main.fork().unwrap();
    u.unshare(USER | NET).unwrap();
    let user_ns = u.credentials().user_ns().clone();
    user_ns.set_limit(2);
    let [(fd, number)] = u.make_ns();
    let before = all_of(&u);
    assert_eq!(u.unshare(NET | NsKind::Uts.flag()), Err(Error::NoSpace));
    assert_eq!(u.unshare(NET | NsKind::Ipc.flag()), Err(Error::NoSpace));
    assert_eq!(all_of(&u), before);
    u.close(fd).unwrap();
    assert_eq!(u.unshare(NET), Err(Error::NoSpace), "it counts until it is cleaned up");
    assert_eq!(world.deaths(), [number]);
    u.unshare(NET).unwrap();
    world.deaths();
    world.user_ns.set_limit(0);
    assert_eq!(u.unshare(NET), Err(Error::NoSpace), "an ancestor's limit");
}

#[test]
fn namespaces_of_process_ids_are_32_deep_at_most() {
    let world = World::new();
    let mut task = world.main.clone();
    for level in 1..=32 {
        task.unshare(NsKind::Pid.flag()).unwrap_or_else(|error| panic!("level {level}: {error}"));
        task = task.fork().unwrap();
    }
    let before = all_of(&task);
    assert_eq!(task.unshare(NsKind::Uts.flag() | NsKind::Pid.flag()), Err(Error::NoSpace));
    assert_eq!(all_of(&task), before);
    assert!(task.thread().is_ok(), "its children are to be where it is");
}
