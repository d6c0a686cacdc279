//! Several threads on one socket.

use super::*;
use crate::sync::thread;

#[test]
fn each_answer_is_read_by_one_of_those_who_wait() {
    let world = World::new();
    let socket = world.socket();
    let reader = || {
        let socket = socket.clone();
        thread::spawn(move || {
            let seqs = (0..125).map(|_| Msg::parse(&socket.recv_wait(BUFFER).unwrap().bytes)[0].seq);
            seqs.collect::<Vec<_>>()
        })
    };
    let readers = [reader(), reader()];
    // As many as the queue takes, if nobody were to read meanwhile.
    for seq in 0..250 {
        let ack = Msg { kind: GET, flags: NLM_F_REQUEST | NLM_F_ACK, seq, portid: 0, body: vec![] };
        socket.send(&world.init, &ack.bytes()).unwrap();
    }
    let mut seqs: Vec<u32> = readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (0..250).collect::<Vec<_>>());
}

#[test]
fn a_dump_that_several_read_is_told_once() {
    let world = World::new();
    let _peers = world.with_ids(1000);
    let socket = world.socket();
    socket.send(&world.init, &request(GET, NLM_F_DUMP, 1, &[])).unwrap();
    let reader = || {
        let socket = socket.clone();
        // One read after another as if one thread made them: nothing is missing in between.
        thread::spawn(move || {
            std::iter::from_fn(|| socket.recv(3776).ok()).map(|d| d.bytes).collect::<Vec<_>>()
        })
    };
    let read = [reader(), reader(), reader()].into_iter().flat_map(|reader| reader.join().unwrap());
    let mut datagrams: Vec<_> = read.map(|bytes| Msg::parse(&bytes)).collect();
    datagrams.sort_by_key(|d| if d[0].kind == DONE { i32::MAX } else { d[0].summary().4[0] });
    assert_eq!(ids(&datagrams), (0..1000).collect::<Vec<_>>());
}

#[test]
fn of_two_who_ask_at_once_with_and_without_echo_each_is_told_once() {
    let world = World::new();
    let socket = world.listener();
    let peers: Vec<i32> = (0..100).map(|_| world.held() as i32).collect();
    let ask = |flags, half: &[i32], first: i32| {
        let (socket, init, half) = (socket.clone(), world.init.clone(), half.to_vec());
        thread::spawn(move || {
            for (id, fd) in (first..).zip(half) {
                socket.send(&init, &request(NEW, flags, 1, &[(NSID, id), (FD, fd)])).unwrap();
            }
        })
    };
    let asking = [ask(NLM_F_ECHO, &peers[..50], 0), ask(0, &peers[50..], 50)];
    asking.into_iter().for_each(|t| t.join().unwrap());
    let mut heard: Vec<i32> = socket.heard().into_iter().flat_map(|(_, says)| says).collect();
    heard.sort_unstable();
    assert_eq!(heard, (0..100).collect::<Vec<_>>());
}
