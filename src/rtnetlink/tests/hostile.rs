//! Bytes that nobody should send.

use super::*;

#[test]
fn what_is_too_long_or_empty_is_not_sent() {
    let world = World::new();
    let socket = world.socket();
    assert_eq!(socket.send(&world.init, &[]), Err(Error::Errno(61)));
    assert_eq!(socket.send(&world.init, &[0; 212_961]), Err(Error::Errno(90)));
    assert_eq!(socket.send(&world.init, &[0; 212_960]), Ok(212_960));
    assert_eq!(socket.recv(BUFFER), Err(Error::WouldBlock));
}

#[test]
fn a_datagram_of_many_requests_gets_as_many_answers_as_fit() {
    let world = World::new();
    let socket = world.socket();
    let bare = Msg { kind: GET, flags: NLM_F_REQUEST | NLM_F_ACK, seq: 1, portid: 0, body: vec![] }.bytes();
    socket.send(&world.init, &bare.repeat(13_310)).unwrap();
    assert_eq!(socket.recv(BUFFER), Err(Error::NoBuffers));
    assert_eq!(socket.errors(), [0; 256]);
}

#[test]
fn the_longest_request_is_echoed_whole() {
    let world = World::new();
    let socket = world.socket();
    let body = vec![0xff; 212_944];
    let sent = Msg { kind: NEW, flags: NLM_F_REQUEST, seq: 1, portid: 0, body }.bytes();
    socket.send(&world.init, &sent).unwrap();
    let answer = socket.recv(usize::MAX).unwrap();
    assert_eq!(answer.bytes.len(), 20 + sent.len());
    assert_eq!(answer.bytes[20..], sent);
}

#[test]
fn whatever_is_sent_what_comes_is_well_formed() {
    let world = World::new();
    let peer = world.held() as i32;
    let all =
        [SocketOption::ExtAck, SocketOption::CapAck, SocketOption::StrictCheck, SocketOption::NoEnobufs];
    // A linear congruential generator: the sequence is the same in every run.
    let mut state = 0x6e65_746e_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut answers = [0; 3];
    for round in 0..3000 {
        let socket = world.listener();
        all.iter().for_each(|&option| socket.set(&world.init, option, random(2) == 0).unwrap());
        let mut datagram = Vec::new();
        for _ in 0..random(4) + 1 {
            let values = [peer, -1, 0, 1, i32::MAX, round];
            let attributes: Vec<_> = (0..random(4)).map(|_| (random(7) as u16, values[random(6)])).collect();
            let kinds = [NEW, GET, GET, DEL, DONE, 1000];
            datagram.extend(request(kinds[random(6)], random(0x1000) as u16, 7, &attributes));
        }
        for _ in 0..random(4) {
            let (at, byte) = (random(datagram.len()), random(256) as u8);
            datagram[at] = byte;
        }
        datagram.truncate(datagram.len() - random(4) * random(2));
        socket.send(&world.init, &datagram).unwrap();
        // Parsing is what checks them: each datagram is messages and nothing else.
        for message in socket.drain().concat() {
            answers[usize::from(message.kind.min(3) - 1)] += 1;
            assert!([NEW, ERROR, DONE].contains(&message.kind), "{message:?}");
            assert!(message.body.len() >= 4);
        }
    }
    assert!(answers[1] > 1000 && answers[2] > 100, "{answers:?}");
}
