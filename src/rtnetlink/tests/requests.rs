//! What requests do, and what is answered.

use super::*;
use crate::task::{Capabilities, Capability, File};

const EPERM: i32 = -1;
const ENOENT: i32 = -2;
const ESRCH: i32 = -3;
const EBADF: i32 = -9;
const EACCES: i32 = -13;
const EEXIST: i32 = -17;
const EINVAL: i32 = -22;
const ERANGE: i32 = -34;
const EOPNOTSUPP: i32 = -95;

/// The text and the offset of an extended ack that follows a whole request.
fn said(ack: &Msg, request: &[u8]) -> (String, Option<u32>) {
    assert_eq!(ack.flags, NLM_F_ACK_TLVS);
    let said = &ack.body[4 + request.len()..];
    let end = usize::from(u16::from_ne_bytes([said[0], said[1]]));
    let text = String::from_utf8(said[4..end - 1].to_vec()).unwrap();
    let offset = said.get(end.next_multiple_of(4) + 4..).and_then(|rest| rest.first_chunk());
    (text, offset.map(|bytes| u32::from_ne_bytes(*bytes)))
}

#[test]
fn errors_of_requests_that_give_an_id() {
    let world = World::new();
    let socket = world.socket_with(&[SocketOption::ExtAck]);
    let (init, zombie, taken) = (&world.init, world.elsewhere(), world.held());
    zombie.exit();
    let [free, path, uts, other] = [
        world.held(),
        init.open_ns(init, NsKind::Net, true).unwrap(),
        init.open_ns(init, NsKind::Uts, false).unwrap(),
        init.install(File::Other).unwrap(),
    ]
    .map(|fd| fd as i32);
    let here = init.net_ns().unwrap();
    here.assign_id(&init.get_net_ns_by_fd(taken).unwrap(), Nsid::new(1), None).unwrap();
    let (zombie, taken) = (zombie.pid() as i32, taken as i32);

    let (missing, invalid) = ("Peer netns reference is missing", "Peer netns reference is invalid");
    let has_one = "Peer netns already has a nsid assigned";
    let used = "The specified nsid is already used";
    for (attributes, errno, text, offset) in [
        (vec![], EINVAL, "nsid is missing", None),
        (vec![(FD, free)], EINVAL, "nsid is missing", None),
        (vec![(NSID, 2)], EINVAL, missing, None),
        (vec![(NSID, 2), (TARGET, 1), (CURRENT, 1)], EINVAL, missing, None),
        (vec![(NSID, 2), (PID, 0)], ESRCH, invalid, Some(28)),
        (vec![(PID, -1), (NSID, 2)], ESRCH, invalid, Some(20)),
        (vec![(NSID, 2), (PID, zombie)], ESRCH, invalid, Some(28)),
        (vec![(NSID, 2), (FD, 9999)], EBADF, invalid, Some(28)),
        (vec![(NSID, 2), (FD, -1)], EBADF, invalid, Some(28)),
        (vec![(NSID, 2), (FD, path)], EBADF, invalid, Some(28)),
        (vec![(NSID, 2), (FD, uts)], EINVAL, invalid, Some(28)),
        (vec![(NSID, 2), (FD, other)], EINVAL, invalid, Some(28)),
        // A pid is looked at first, wherever it stands.
        (vec![(NSID, 2), (FD, free), (PID, 0)], ESRCH, invalid, Some(36)),
        // The peer is looked at before the id.
        (vec![(NSID, 1), (FD, taken)], EEXIST, has_one, Some(28)),
        (vec![(NSID, -1), (FD, taken)], EEXIST, has_one, Some(28)),
        (vec![(FD, free), (NSID, 1)], EEXIST, used, Some(28)),
    ] {
        let sent = request(NEW, 0, 7, &attributes);
        socket.send(init, &sent).unwrap();
        let answers = socket.drain().concat();
        assert_eq!((answers.len(), answers[0].number(0)), (1, errno), "{attributes:?}");
        assert_eq!(answers[0].body[4..4 + sent.len()], sent);
        assert_eq!(said(&answers[0], &sent), (text.into(), offset), "{attributes:?}");
    }
    assert_eq!(here.peer_ids(Nsid::MIN, 9).len(), 1);
}

#[test]
fn an_id_is_the_one_asked_for_or_the_lowest_free_one_if_that_is_negative() {
    let world = World::new();
    let (socket, init) = (world.socket(), &world.init);
    for asked in [1, i32::MAX, -1, i32::MIN, -2] {
        let attributes = [(FD, world.held() as i32), (NSID, asked)];
        socket.send(init, &request(NEW, NLM_F_ACK, 5, &attributes)).unwrap();
        let ack = socket.drain().concat();
        assert_eq!(ack[0].summary(), (ERROR, NLM_F_CAPPED, 5, socket.portid(), vec![0]));
        assert_eq!(ack[0].body.len(), 20);
    }
    let ids: Vec<_> = init.net_ns().unwrap().peer_ids(Nsid::MIN, 9).iter().map(|i| i.0.get()).collect();
    assert_eq!(ids, [0, 1, 2, 3, i32::MAX]);
}

#[test]
fn errors_of_questions() {
    let world = World::new();
    let (init, peer) = (&world.init, world.elsewhere());
    let socket = world.socket_with(&[SocketOption::ExtAck]);
    init.net_ns().unwrap().assign_id(&peer.net_ns().unwrap(), Nsid::new(5), None).unwrap();
    let (own, invalid) = (init.pid() as i32, "Peer netns reference is invalid");
    let target = "Target netns reference is invalid";
    for (attributes, errno, text, offset) in [
        (vec![], EINVAL, "Peer netns reference is missing", None),
        (vec![(TARGET, 5)], EINVAL, "Peer netns reference is missing", None),
        (vec![(PID, 0)], ESRCH, invalid, Some(20)),
        (vec![(NSID, 5), (FD, 9999)], EBADF, invalid, Some(28)),
        (vec![(NSID, 6)], ENOENT, invalid, Some(20)),
        (vec![(NSID, -1)], ENOENT, invalid, Some(20)),
        (vec![(PID, own), (TARGET, 6)], EINVAL, target, Some(28)),
        (vec![(PID, own), (TARGET, -1)], EINVAL, target, Some(28)),
        // The peer is looked at before the target.
        (vec![(TARGET, 6), (NSID, 6)], ENOENT, invalid, Some(28)),
    ] {
        let sent = request(GET, NLM_F_ACK, 7, &attributes);
        socket.send(init, &sent).unwrap();
        let answers = socket.drain().concat();
        assert_eq!((answers.len(), answers[0].number(0)), (1, errno), "{attributes:?}");
        assert_eq!(said(&answers[0], &sent), (text.into(), offset), "{attributes:?}");
    }
}

#[test]
fn a_question_is_answered_by_pid_descriptor_or_id_and_acked_if_it_asks_for_that() {
    let world = World::new();
    let (socket, init, peer) = (world.socket(), &world.init, world.elsewhere());
    let fd = init.open_ns(&peer, NsKind::Net, false).unwrap() as i32;
    let ask = |attributes: &[(u16, i32)]| {
        socket.send(init, &request(GET, NLM_F_ACK, u32::MAX, attributes)).unwrap();
        let answers = socket.drain();
        assert_eq!(answers[1][0].summary(), (ERROR, NLM_F_CAPPED, u32::MAX, socket.portid(), vec![0]));
        let (kind, flags, seq, portid, says) = answers[0][0].summary();
        assert_eq!((answers.len(), kind, flags, seq, portid), (2, NEW, 0, u32::MAX, socket.portid()));
        says
    };
    assert_eq!(ask(&[(FD, fd)]), [-1]);
    init.net_ns().unwrap().assign_id(&peer.net_ns().unwrap(), Nsid::new(6), None).unwrap();
    peer.net_ns().unwrap().assign_id(&init.net_ns().unwrap(), Nsid::new(8), None).unwrap();
    assert_eq!(ask(&[(FD, fd)]), [6]);
    assert_eq!(ask(&[(PID, peer.pid() as i32)]), [6]);
    assert_eq!(ask(&[(NSID, 6)]), [6]);
    assert_eq!(ask(&[(NSID, 9), (PID, init.pid() as i32)]), [-1]);
    // What the target knows, then what is known here.
    assert_eq!(ask(&[(PID, init.pid() as i32), (TARGET, 6)]), [8, -1]);
    assert_eq!(ask(&[(NSID, 6), (TARGET, 6)]), [-1, 6]);
}

#[test]
fn a_warning_goes_with_a_success() {
    let world = World::new();
    let socket = world.socket_with(&[SocketOption::ExtAck]);
    let mut sent = request(NEW, NLM_F_ACK, 1, &[(NSID, 3), (FD, world.held() as i32)]);
    sent.push(0xff);
    sent[..4].copy_from_slice(&37_u32.to_ne_bytes());
    socket.send(&world.init, &sent).unwrap();
    let ack = &socket.drain()[0][0];
    assert_eq!((ack.number(0), ack.flags), (0, NLM_F_CAPPED | NLM_F_ACK_TLVS));
    assert_eq!(ack.body.len(), 20 + 44, "the text alone");
    assert_eq!(ack.body[24..].first_chunk(), Some(b"bytes leftover"));
    assert_eq!(world.init.net_ns().unwrap().peer_ids(Nsid::MIN, 9).len(), 1);
}

#[test]
fn an_error_has_the_whole_request_padded_or_its_header_alone() {
    let world = World::new();
    let socket = world.socket();
    let mut sent = request(GET, 0, 1, &[]);
    sent.extend(attribute(PID, &[1, 2, 3, 4, 5]));
    sent[..4].copy_from_slice(&29_u32.to_ne_bytes());
    socket.send(&world.init, &sent).unwrap();
    let whole = &socket.drain()[0][0];
    assert_eq!((whole.flags, whole.body.len()), (0, 4 + 32));
    assert_eq!(whole.body[4..33], sent);
    assert_eq!(whole.body[33..], [0; 3]);
    socket.set(&world.init, SocketOption::CapAck, true).unwrap();
    socket.send(&world.init, &sent).unwrap();
    let capped = &socket.drain()[0][0];
    assert_eq!((capped.flags, capped.number(0)), (NLM_F_CAPPED, ESRCH));
    assert_eq!(capped.body[4..], sent[..16]);
    socket.set(&world.init, SocketOption::CapAck, false).unwrap();
    socket.send(&world.init, &sent).unwrap();
    assert_eq!(socket.drain()[0][0], *whole);
}

#[test]
fn types_that_nobody_handles() {
    let world = World::new();
    let socket = world.socket();
    let fd = world.held() as i32;
    // Another object's dump; all of an unknown; the places around the three; the last one and those behind it.
    for (kind, flags) in
        [(18, NLM_F_DUMP), (GET + 4, NLM_F_DUMP), (DEL, 0), (DEL, 0x200), (91, 0), (16, 0), (123, 0)]
    {
        socket.send(&world.init, &request(kind, flags, 1, &[(FD, fd)])).unwrap();
        assert_eq!(socket.errors(), [EOPNOTSUPP], "{kind}");
    }
    // Beyond the last type the body is not looked for.
    for (kind, errors) in [(123, vec![]), (124, vec![EOPNOTSUPP]), (u16::MAX, vec![EOPNOTSUPP])] {
        let bare = Msg { kind, flags: NLM_F_REQUEST, seq: 1, portid: 0, body: vec![] };
        socket.send(&world.init, &bare.bytes()).unwrap();
        assert_eq!(socket.errors(), errors, "{kind}");
    }
}

#[test]
fn changes_need_the_opener_s_and_the_sender_s_capability_and_questions_need_none() {
    let world = World::new();
    let (early, init) = (world.socket(), &world.init);
    let peer = world.elsewhere();
    let user = init.fork().unwrap();
    let both = Socket::open(&user).unwrap();
    user.set_uid(1000);
    let late = Socket::open(&user).unwrap();
    let give = |id| request(NEW, NLM_F_ACK, 1, &[(NSID, id), (PID, peer.pid() as i32)]);
    for (socket, sender) in [(&late, &user), (&late, init), (&both, &user), (&early, &user)] {
        for sent in [give(1), request(DEL, 0, 1, &[]), request(91, 0, 1, &[]), request(NEW, 0, 1, &[])] {
            socket.send(sender, &sent).unwrap();
            assert_eq!(socket.errors(), [EPERM]);
        }
    }
    early.send(init, &give(1)).unwrap();
    assert_eq!(early.errors(), [0]);
    late.send(&user, &request(GET, 0, 1, &[(NSID, 1)])).unwrap();
    late.send(&user, &request(GET, NLM_F_DUMP, 1, &[])).unwrap();
    assert_eq!(late.heard(), [(NEW, vec![1]), (NEW, vec![1]), (DONE, vec![0])]);
    // A target is another namespace's affair.
    for (socket, sender) in [(&late, init), (&early, &user)] {
        socket.send(sender, &request(GET, 0, 1, &[(NSID, 1), (TARGET, 1)])).unwrap();
        assert_eq!(socket.errors(), [EACCES]);
    }
    user.exit();
    assert_eq!(late.send(&user, &give(2)), Err(Error::NoSuchProcess));
    assert_eq!(Socket::open(&user).unwrap_err(), Error::NoSuchProcess);
}

#[test]
fn rights_are_those_over_the_socket_s_own_namespace() {
    let world = World::new();
    let user = world.init.fork().unwrap();
    user.set_uid(1000);
    user.unshare(NsKind::User.flag() | NsKind::Net.flag()).unwrap();
    let inside = Socket::open(&user).unwrap();
    inside.send(&user, &request(NEW, NLM_F_ACK, 1, &[(NSID, 1), (PID, world.init.pid() as i32)])).unwrap();
    assert_eq!(inside.errors(), [0]);
    // It knows that namespace now, but may not ask what that knows.
    inside.send(&user, &request(GET, 0, 1, &[(NSID, 1), (TARGET, 1)])).unwrap();
    assert_eq!(inside.errors(), [EACCES]);
    user.keep_capabilities(Capabilities::ALL.without(Capability::NetAdmin));
    inside.send(&user, &request(NEW, 0, 1, &[(NSID, 2), (PID, user.pid() as i32)])).unwrap();
    assert_eq!(inside.errors(), [EPERM]);
}

#[test]
fn strict_rules_are_for_questions_alone() {
    let world = World::new();
    let (init, fd) = (&world.init, world.held() as i32);
    let socket = world.socket_with(&[SocketOption::StrictCheck, SocketOption::ExtAck]);
    socket.send(init, &request(NEW, NLM_F_ACK, 1, &[(NSID, 4), (FD, fd), (100, 1), (CURRENT, 1)])).unwrap();
    assert_eq!(socket.errors(), [0]);
    socket.send(init, &request(GET, 0, 1, &[(FD, fd)])).unwrap();
    assert_eq!(socket.heard(), [(NEW, vec![4])]);
    let unsupported = "Unsupported attribute in peer netns getid request";
    for (attributes, text, offset) in [
        ([(FD, fd), (100, 1)], "Unknown attribute type", Some(28)),
        ([(CURRENT, 1), (FD, fd)], unsupported, None),
    ] {
        let sent = request(GET, 0, 1, &attributes);
        socket.send(init, &sent).unwrap();
        let answer = &socket.drain()[0][0];
        assert_eq!((answer.number(0), said(answer, &sent)), (EINVAL, (text.into(), offset)));
    }
    socket.set(init, SocketOption::StrictCheck, false).unwrap();
    socket.send(init, &request(GET, 0, 1, &[(CURRENT, 1), (FD, fd)])).unwrap();
    assert_eq!(socket.heard(), [(NEW, vec![4])]);
}

#[test]
fn a_descriptor_is_a_number_of_the_sender_s() {
    let world = World::new();
    let (socket, init, fd) = (world.socket(), &world.init, world.held());
    let (thread, process) = (init.thread().unwrap(), init.fork().unwrap());
    process.close(fd).unwrap();
    let ask = request(GET, 0, 1, &[(FD, fd as i32)]);
    socket.send(&thread, &ask).unwrap();
    assert_eq!(socket.heard(), [(NEW, vec![-1])]);
    socket.send(&process, &ask).unwrap();
    assert_eq!(socket.errors(), [EBADF]);
}

#[test]
fn a_short_value_is_an_error_whatever_else_there_is() {
    let world = World::new();
    let socket = world.socket();
    let body = [vec![0; 4], attribute(TARGET, &[1]), vec![0; 3]].concat();
    let sent = Msg { kind: NEW, flags: NLM_F_REQUEST, seq: 1, portid: 0, body }.bytes();
    socket.send(&world.init, &sent).unwrap();
    assert_eq!(socket.errors(), [ERANGE]);
}
