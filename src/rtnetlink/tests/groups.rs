//! Who hears of ids that come and go.

use super::*;
use crate::task::{Capabilities, Capability};

fn give(world: &World, socket: &Socket, flags: u16, id: i32) -> u32 {
    let fd = world.held();
    socket.send(&world.init, &request(NEW, flags, id as u32, &[(NSID, id), (FD, fd as i32)])).unwrap();
    fd
}

#[test]
fn members_hear_and_others_do_not() {
    let world = World::new();
    let peer = world.elsewhere().net_ns().unwrap();
    let (asker, listener, other) = (world.socket(), world.listener(), world.socket());
    other.join(27).unwrap();
    let fd = give(&world, &asker, 0, 5);
    world.init.net_ns().unwrap().peernet2id_alloc(&peer);
    asker.send(&world.init, &request(NEW, 0, 6, &[(NSID, 5), (FD, fd as i32)])).unwrap();
    let heard: Vec<_> = listener.drain().concat().iter().map(Msg::summary).collect();
    assert_eq!(heard, [(NEW, 0, 5, asker.portid(), vec![5]), (NEW, 0, 0, 0, vec![0])]);
    assert_eq!((other.drain(), asker.errors()), (vec![], vec![-17]));

    listener.leave(RTNLGRP_NSID).unwrap();
    other.join(RTNLGRP_NSID).unwrap();
    other.join(RTNLGRP_NSID).unwrap();
    give(&world, &asker, 0, 7);
    assert_eq!((listener.heard(), other.heard()), (vec![], vec![(NEW, vec![7])]));
    other.leave(27).unwrap();
    world.init.close(fd).unwrap();
    world.namespaces.run_cleanup().unwrap();
    assert_eq!(other.heard(), [(DEL, vec![5])]);
}

#[test]
fn there_are_groups_from_1_to_39() {
    let socket = World::new().socket();
    for group in [1, 28, 39] {
        assert_eq!((socket.join(group), socket.leave(group)), (Ok(()), Ok(())));
    }
    for group in [0, 40, 64, 65, u32::MAX] {
        let refused = Err(Error::InvalidArgument);
        assert_eq!((socket.join(group), socket.leave(group)), (refused.clone(), refused));
    }
}

#[test]
fn who_asks_hears_of_it_once_before_the_ack() {
    let world = World::new();
    let (member, stranger) = (world.listener(), world.socket());
    for (socket, flags, notified) in [
        (&member, NLM_F_ACK, true),
        (&member, NLM_F_ACK | NLM_F_ECHO, true),
        (&stranger, NLM_F_ACK | NLM_F_ECHO, true),
        (&stranger, NLM_F_ACK, false),
        // An echo is forgotten with its request.
        (&member, NLM_F_ACK, true),
    ] {
        member.drain();
        let id = world.init.net_ns().unwrap().peer_ids(Nsid::MIN, 99).len() as i32;
        give(&world, socket, flags, id);
        let expected = [(NEW, vec![id]), (ERROR, vec![0])];
        assert_eq!(socket.heard(), expected[usize::from(!notified)..]);
    }
    assert_eq!(member.heard(), [], "what strangers asked for was drained");
    give(&world, &stranger, NLM_F_ECHO, 50);
    assert_eq!(member.heard(), [(NEW, vec![50])], "an echo is one's own affair");
}

#[test]
fn an_echo_is_an_answer_and_has_no_nsid() {
    let world = World::new();
    let here = world.init.net_ns().unwrap();
    here.assign_id(&here, Nsid::new(9), None).unwrap();
    let socket = world.listener();
    socket.set(&world.init, SocketOption::ListenAllNsid, true).unwrap();
    give(&world, &socket, NLM_F_ECHO, 1);
    assert_eq!(socket.recv(BUFFER).unwrap().nsid, None);
    give(&world, &socket, 0, 2);
    assert_eq!(socket.recv(BUFFER).unwrap().nsid, Nsid::new(9));
    // Asked for when it is read, not when it was told.
    give(&world, &socket, 0, 3);
    socket.set(&world.init, SocketOption::ListenAllNsid, false).unwrap();
    assert_eq!(socket.recv(BUFFER).unwrap().nsid, None);
    assert_eq!(socket.recv(BUFFER), Err(Error::WouldBlock));
}

#[test]
fn all_namespaces_that_have_an_id_here_are_heard_of() {
    let world = World::new();
    let (here, a, b) = (world.init.net_ns().unwrap(), world.elsewhere(), world.elsewhere());
    let (a, b) = (a.net_ns().unwrap(), b.net_ns().unwrap());
    here.assign_id(&a, Nsid::new(7), None).unwrap();
    let (near, far) = (world.listener(), world.listener());
    far.set(&world.init, SocketOption::ListenAllNsid, true).unwrap();
    let heard = |socket: &Socket| {
        let datagrams = std::iter::from_fn(|| socket.recv(BUFFER).ok());
        datagrams.map(|d| (Msg::parse(&d.bytes)[0].summary().4[0], d.nsid.map(Nsid::get))).collect::<Vec<_>>()
    };
    a.assign_id(&here, Nsid::new(1), None).unwrap();
    b.assign_id(&here, Nsid::new(2), None).unwrap();
    here.assign_id(&b, Nsid::new(3), None).unwrap();
    b.assign_id(&a, Nsid::new(4), None).unwrap();
    assert_eq!(heard(&near), [(3, None)]);
    assert_eq!(heard(&far), [(1, Some(7)), (3, None), (4, Some(3))]);
    far.set(&world.init, SocketOption::ListenAllNsid, false).unwrap();
    a.assign_id(&b, Nsid::new(5), None).unwrap();
    here.assign_id(&here, Nsid::new(6), None).unwrap();
    assert_eq!(heard(&far), [(6, None)]);
    // In a group or not, only members hear.
    far.set(&world.init, SocketOption::ListenAllNsid, true).unwrap();
    far.leave(RTNLGRP_NSID).unwrap();
    b.assign_id(&b, Nsid::new(8), None).unwrap();
    assert_eq!(heard(&far), []);
}

#[test]
fn listening_to_all_takes_the_caller_s_right_to_ask_and_the_opener_s_to_hear() {
    let world = World::new();
    let option = SocketOption::ListenAllNsid;
    let weak = world.init.fork().unwrap();
    weak.keep_capabilities(Capabilities::ALL.without(Capability::NetBroadcast));
    let socket = Socket::open(&weak).unwrap();
    assert_eq!(socket.set(&weak, option, true), Err(Error::NotPermitted));
    assert_eq!(socket.set(&weak, option, false), Err(Error::NotPermitted));
    assert_eq!(socket.set(&weak, SocketOption::NoEnobufs, true), Ok(()));
    socket.join(RTNLGRP_NSID).unwrap();
    socket.set(&world.init, option, true).unwrap();
    let (here, there) = (world.init.net_ns().unwrap(), world.elsewhere().net_ns().unwrap());
    here.assign_id(&there, Nsid::new(2), None).unwrap();
    there.assign_id(&here, Nsid::new(3), None).unwrap();
    assert_eq!(socket.heard(), [(NEW, vec![2])], "the opener may not hear of there");
}

#[test]
fn a_member_keeps_256_notifications_and_learns_that_there_were_more() {
    let world = World::new();
    let listener = world.listener();
    let _peers = world.with_ids(300);
    assert_eq!(listener.recv(BUFFER), Err(Error::NoBuffers));
    let heard = listener.heard();
    assert_eq!((heard.len(), heard.last()), (256, Some(&(NEW, vec![255]))));
    give(&world, &world.socket(), 0, 300);
    assert_eq!(listener.heard(), [(NEW, vec![300])]);

    let silent = world.listener();
    silent.set(&world.init, SocketOption::NoEnobufs, true).unwrap();
    silent.set_receive_buffer(0);
    for id in 301..310 {
        give(&world, &world.socket(), 0, id);
    }
    assert_eq!(silent.heard(), [(NEW, vec![301]), (NEW, vec![302])]);
}

#[test]
fn a_socket_keeps_its_namespace_and_its_address_until_it_is_closed() {
    let world = World::new();
    let there = world.elsewhere();
    let here = world.init.net_ns().unwrap();
    here.assign_id(&there.net_ns().unwrap(), Nsid::new(1), None).unwrap();
    let (first, second) = (Socket::open(&there).unwrap(), world.socket());
    assert_ne!(first.portid(), second.portid());
    assert!(first.portid() > 0 && second.portid() > 0);
    first.join(RTNLGRP_NSID).unwrap();
    first.set(&there, SocketOption::ListenAllNsid, true).unwrap();
    there.exit();
    assert!(here.get_net_ns_by_id(Nsid::new(1).unwrap()).is_some());
    let portid = first.portid();
    drop(first);
    assert!(here.get_net_ns_by_id(Nsid::new(1).unwrap()).is_none());
    assert_eq!(world.socket().portid(), portid);
    world.namespaces.run_cleanup().unwrap();
    assert_eq!(here.peer_ids(Nsid::MIN, 9), []);
    give(&world, &second, 0, 1);
}
