//! Questions about all ids.

use super::*;

const EBUSY: i32 = -16;
const ENOBUFS: i32 = -105;
const EINVAL: i32 = -22;

fn ask(world: &World, socket: &Socket, seq: u32, attributes: &[(u16, i32)]) {
    socket.send(&world.init, &request(GET, NLM_F_DUMP | NLM_F_ACK, seq, attributes)).unwrap();
}

/// All that there is to be read with a buffer of this size.
fn read(socket: &Socket, buffer: usize) -> Vec<Vec<Msg>> {
    let datagrams = std::iter::from_fn(|| socket.recv(buffer).ok());
    datagrams.map(|d| (!d.truncated).then(|| Msg::parse(&d.bytes)).expect("it fits")).collect()
}

fn lengths(datagrams: &[Vec<Msg>]) -> Vec<usize> {
    datagrams.iter().map(Vec::len).collect()
}

#[test]
fn every_id_is_told_once_in_ascending_order_in_datagrams_of_the_reader_s_size() {
    let world = World::new();
    let _peers = world.with_ids(2600);
    let all: Vec<i32> = (0..2600).collect();
    // 134 messages of 28 bytes in 3776, and 20 bytes are left; 292 in 8192; 1158 in 32448.
    for (buffer, expected) in [
        (3776, [&[134; 19][..], &[55]].concat()),
        (8192, vec![134, 292, 292, 292, 292, 292, 292, 292, 292, 131]),
        (BUFFER, vec![134, 1158, 1158, 151]),
    ] {
        let socket = world.socket();
        ask(&world, &socket, 9, &[]);
        let datagrams = read(&socket, buffer);
        assert_eq!(lengths(&datagrams), expected);
        assert_eq!(ids(&datagrams), all);
        let to = (9, socket.portid());
        assert!(datagrams.concat().iter().all(|m| (m.flags, (m.seq, m.portid)) == (MULTI, to)));
        // The next one knows from the beginning what the reader takes.
        ask(&world, &socket, 10, &[]);
        assert!(read(&socket, buffer)[0].len() >= expected[1].min(1158));
    }
}

#[test]
fn the_end_comes_in_the_last_datagram_if_there_is_room_and_alone_if_not() {
    for (count, buffer, expected) in [
        (0, 3776, vec![1]),
        (134, 3776, vec![135]),
        (135, 3776, vec![134, 2]),
        // 16 bytes are left in the second.
        (134 + 292, 8192, vec![134, 292, 1]),
        (134 + 291, 8192, vec![134, 292]),
    ] {
        let world = World::new();
        let _peers = world.with_ids(count);
        let socket = world.socket();
        ask(&world, &socket, 1, &[]);
        let datagrams = read(&socket, buffer);
        assert_eq!(lengths(&datagrams), expected, "{count}");
        assert_eq!(ids(&datagrams).len(), count as usize);
    }
}

#[test]
fn one_that_is_running_keeps_others_out_until_its_end_is_queued() {
    let world = World::new();
    let _peers = world.with_ids(200);
    let socket = world.socket();
    ask(&world, &socket, 1, &[]);
    ask(&world, &socket, 2, &[]);
    socket.send(&world.init, &request(GET, 0, 3, &[(NSID, 7)])).unwrap();
    let datagrams = read(&socket, 3776);
    assert_eq!(lengths(&datagrams), [134, 1, 1, 67]);
    assert_eq!(datagrams[1][0].summary(), (ERROR, 0, 2, socket.portid(), vec![EBUSY]));
    assert_eq!(datagrams[2][0].summary().4, [7]);
    // With the first datagram read, the end of the second dump is queued: a third is taken.
    ask(&world, &socket, 4, &[]);
    assert_eq!(socket.recv(3776).map(|d| Msg::parse(&d.bytes).len()), Ok(134));
    ask(&world, &socket, 5, &[]);
    let rest = read(&socket, 3776);
    assert_eq!(lengths(&rest), [67, 134, 67]);
    assert_eq!((rest[0][0].seq, rest[1][0].seq), (4, 5));
}

#[test]
fn it_goes_on_behind_the_last_id_that_was_told() {
    let world = World::new();
    let here = world.init.net_ns().unwrap();
    let mut peers = world.with_ids(300);
    let socket = world.socket();
    ask(&world, &socket, 1, &[]);
    let mut told = vec![Msg::parse(&socket.recv(3776).unwrap().bytes)];
    // The second datagram is queued; what the third is to begin with goes away, and something comes.
    drop(peers.drain(268..270));
    drop(peers.drain(0..50));
    world.namespaces.run_cleanup().unwrap();
    for id in [0, 290, 400] {
        let peer = world.elsewhere().net_ns().unwrap();
        let _ = here.assign_id(&peer, Nsid::new(id), None);
        peers.push(peer);
    }
    told.extend(read(&socket, 3776));
    let expected: Vec<i32> = (0..268).chain(270..300).chain([400]).collect();
    assert_eq!(ids(&told), expected);
}

#[test]
fn a_lax_one_looks_at_nothing() {
    let world = World::new();
    let socket = world.socket();
    let _peers = world.with_ids(1);
    let body = [vec![0; 4], attribute(NSID, &[1]), vec![0xff]].concat();
    for flags in [0x100, 0x200, 0x300] {
        let sent = Msg { kind: GET, flags: flags | 1, seq: 1, portid: 0, body: body.clone() };
        socket.send(&world.init, &sent.bytes()).unwrap();
        assert_eq!(ids(&socket.drain()), [0]);
    }
    ask(&world, &socket, 1, &[(TARGET, 99)]);
    assert_eq!(ids(&socket.drain()), [0]);
}

#[test]
fn a_strict_one_says_at_its_end_what_is_wrong() {
    let world = World::new();
    let socket = world.socket_with(&[SocketOption::StrictCheck]);
    let _peers = world.with_ids(2);
    ask(&world, &socket, 1, &[]);
    assert_eq!(ids(&socket.drain()), [0, 1]);
    let (unsupported, invalid) =
        ("Unsupported attribute in dump request", "Invalid target network namespace id");
    for (attributes, text, offset) in [
        (vec![(PID, 1)], unsupported, Some(20)),
        // In the order of their types: 3, 1; then 5 behind a target that is good, a bad target before it.
        (vec![(FD, 1), (NSID, 0)], unsupported, Some(28)),
        (vec![(FD, 1), (TARGET, 9)], unsupported, Some(20)),
        (vec![(CURRENT, 1), (TARGET, 1)], unsupported, Some(20)),
        (vec![(CURRENT, 1), (TARGET, 9)], invalid, Some(28)),
        (vec![(TARGET, -1)], invalid, Some(20)),
        (vec![(100, 1)], "Unknown attribute type", Some(20)),
    ] {
        let end = |options: &[SocketOption]| {
            options.iter().for_each(|&option| socket.set(&world.init, option, true).unwrap());
            ask(&world, &socket, 1, &attributes);
            let datagrams = socket.drain();
            assert_eq!(lengths(&datagrams), [1]);
            datagrams[0][0].clone()
        };
        socket.set(&world.init, SocketOption::ExtAck, false).unwrap();
        assert_eq!(end(&[]).summary(), (DONE, MULTI, 1, socket.portid(), vec![EINVAL]));
        let mut extack = ExtendedAck::default();
        extack.say(text);
        offset.into_iter().for_each(|offset| extack.blame(offset));
        let told = end(&[SocketOption::ExtAck]);
        assert_eq!((told.flags, told.number(0)), (MULTI | NLM_F_ACK_TLVS, EINVAL));
        assert_eq!(told.body[4..], extack.attributes(true), "{attributes:?}");
    }
}

#[test]
fn a_target_s_ids_come_with_those_of_here() {
    let world = World::new();
    let socket = world.socket_with(&[SocketOption::StrictCheck, SocketOption::ExtAck]);
    let (here, there) = (world.init.net_ns().unwrap(), world.elsewhere());
    let target = there.net_ns().unwrap();
    here.assign_id(&target, Nsid::new(5), None).unwrap();
    target.assign_id(&here, Nsid::new(3), None).unwrap();
    target.assign_id(&target, Nsid::new(4), None).unwrap();
    ask(&world, &socket, 1, &[(TARGET, 5)]);
    assert_eq!(socket.heard(), [(NEW, vec![3, -1]), (NEW, vec![4, 5]), (DONE, vec![0])]);

    // 104 messages of 36 bytes in 3776. The target is looked up again for each datagram.
    let new = || here.copy_net_ns(NsKind::Net.flag(), here.user_ns()).unwrap();
    let peers: Vec<_> = (0..200).map(|_| new()).collect();
    assert!(peers.iter().all(|peer| target.peernet2id_alloc(peer).is_some()));
    let other = world.socket_with(&[SocketOption::StrictCheck, SocketOption::ExtAck]);
    ask(&world, &other, 1, &[(TARGET, 5)]);
    let datagrams = read(&other, 3776);
    assert_eq!((lengths(&datagrams), ids(&datagrams).len()), (vec![104, 99], 202));

    let third = world.socket_with(&[SocketOption::StrictCheck, SocketOption::ExtAck]);
    ask(&world, &third, 1, &[(TARGET, 5)]);
    drop(target);
    there.exit();
    world.namespaces.run_cleanup().unwrap();
    let datagrams = read(&third, 3776);
    assert_eq!(lengths(&datagrams), [104, 1]);
    assert_eq!((datagrams[1][0].kind, datagrams[1][0].number(0)), (DONE, EINVAL));
}

#[test]
fn the_rights_over_a_target_are_the_asker_s() {
    let world = World::new();
    let there = world.elsewhere();
    world.init.net_ns().unwrap().assign_id(&there.net_ns().unwrap(), Nsid::new(5), None).unwrap();
    let socket = world.socket_with(&[SocketOption::StrictCheck]);
    let user = world.init.fork().unwrap();
    user.set_uid(1000);
    socket.send(&user, &request(GET, NLM_F_DUMP, 1, &[(TARGET, 5)])).unwrap();
    assert_eq!(socket.heard(), [(DONE, vec![-13])]);
}

#[test]
fn without_room_for_its_first_datagram_it_fails_and_begins_later() {
    let world = World::new();
    let _peers = world.with_ids(2);
    let socket = world.socket();
    socket.set_receive_buffer(3000);
    for _ in 0..2 {
        socket.send(&world.init, &request(GET, 0, 7, &[(NSID, 0)])).unwrap();
    }
    // 1664 and 4352 are too much for 6000, also when the first datagram has been read, with the error queued behind.
    ask(&world, &socket, 8, &[]);
    let says = |seq, says: i32| Ok(vec![(seq, vec![says])]);
    for expected in [
        says(7, 0),
        Err(Error::NoBuffers),
        says(7, 0),
        says(8, ENOBUFS),
        Ok(vec![(8, vec![0]), (8, vec![1]), (8, vec![0])]),
        Err(Error::WouldBlock),
    ] {
        let read = socket.recv(3776).map(|d| Msg::parse(&d.bytes));
        assert_eq!(read.map(|messages| messages.iter().map(|m| (m.seq, m.summary().4)).collect()), expected);
    }
}

#[test]
fn a_dump_that_finds_the_queue_too_full_is_reported_and_goes_on() {
    let world = World::new();
    let _peers = world.with_ids(140);
    let (socket, listener) = (world.socket(), world.listener());
    listener.set_receive_buffer(4000);
    ask(&world, &listener, 8, &[]);
    // 4352 + 3 * 832 of 8000: after the first read there is no room for a datagram of 32448 bytes.
    let new = |id| request(NEW, 0, 1, &[(NSID, id), (FD, world.held() as i32)]);
    [200, 201, 202].iter().for_each(|&id| drop(socket.send(&world.init, &new(id))));
    assert_eq!(listener.recv(BUFFER).map(|d| Msg::parse(&d.bytes).len()), Ok(134));
    assert_eq!(listener.recv(BUFFER), Err(Error::NoBuffers));
    assert_eq!(listener.recv(BUFFER).map(|d| Msg::parse(&d.bytes)[0].summary().4), Ok(vec![200]));
    assert_eq!(listener.recv(BUFFER), Err(Error::NoBuffers));
    assert_eq!(listener.recv(BUFFER).map(|d| Msg::parse(&d.bytes)[0].summary().4), Ok(vec![201]));
    assert_eq!(listener.recv(BUFFER), Err(Error::NoBuffers));
    let rest = listener.drain();
    assert_eq!(rest[0][0].summary().4, [202]);
    assert_eq!(ids(&rest[1..]), [134, 135, 136, 137, 138, 139, 200, 201, 202]);
}
