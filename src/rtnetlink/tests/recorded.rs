//! Requests and answers as they were recorded, bytes for bytes.

use super::*;

/// The bytes of a hexadecimal text, in which `<portid>` and `<fd>` stand for four bytes.
fn form(text: &str, socket: &Socket, fd: u32) -> Vec<u8> {
    let hex = |n: u32| n.to_le_bytes().map(|byte| format!("{byte:02x}")).concat();
    let text = text.replace("<portid>", &hex(socket.portid())).replace("<fd>", &hex(fd));
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(2).map(|two| u8::from_str_radix(&two.iter().collect::<String>(), 16).unwrap()).collect()
}

/// Sends one, and compares what comes.
fn exchange(world: &World, socket: &Socket, fd: u32, sent: &str, received: &[&str]) {
    let sent = form(sent, socket, fd);
    assert_eq!(socket.send(&world.init, &sent), Ok(sent.len()));
    for &expected in received {
        let datagram = socket.recv(BUFFER).unwrap();
        assert_eq!(datagram.bytes, form(expected, socket, fd));
        assert_eq!((datagram.truncated, datagram.nsid), (false, None));
    }
    assert_eq!(socket.recv(BUFFER), Err(Error::WouldBlock));
}

#[test]
fn an_id_that_is_given_taken_and_asked_for() {
    let world = World::new();
    let (socket, listener) = (world.socket_with(&[SocketOption::ExtAck]), world.listener());
    let (first, second) = (world.held(), world.held());
    exchange(
        &world,
        &socket,
        first,
        "24000000 5800 0500 02000000 00000000  00000000  0800 0100 01000000  0800 0300 <fd>",
        &["24000000 0200 0001 02000000 <portid>  00000000  24000000 5800 0500 02000000 00000000"],
    );
    let told = form("1c000000 5800 0000 02000000 <portid>  00000000  0800 0100 01000000", &socket, 0);
    assert_eq!(listener.recv(BUFFER).unwrap().bytes, told);
    exchange(
        &world,
        &socket,
        second,
        "24000000 5800 0500 03000000 00000000  00000000  0800 0100 01000000  0800 0300 <fd>",
        &["68000000 0200 0002 03000000 <portid>  efffffff
           24000000 5800 0500 03000000 00000000  00000000  0800 0100 01000000  0800 0300 <fd>
           2700 0100 54686520737065636966696564206e73696420697320616c726561647920757365640000
           0800 0200 14000000"],
    );
    exchange(
        &world,
        &socket,
        first,
        "1c000000 5a00 0100 04000000 00000000  00000000  0800 0300 <fd>",
        &["1c000000 5800 0000 04000000 <portid>  00000000  0800 0100 01000000"],
    );
    world.init.close(first).unwrap();
    world.namespaces.run_cleanup().unwrap();
    let told = form("1c000000 5900 0000 00000000 00000000  00000000  0800 0100 01000000", &socket, 0);
    assert_eq!(listener.recv(BUFFER).unwrap().bytes, told);
    assert_eq!(listener.recv(BUFFER), Err(Error::WouldBlock));
}

#[test]
fn a_dump_of_two_ids_is_one_datagram() {
    let world = World::new();
    let socket = world.socket();
    let (here, peers) = (world.init.net_ns().unwrap(), [world.elsewhere(), world.elsewhere()]);
    here.assign_id(&peers[0].net_ns().unwrap(), Nsid::new(8), None).unwrap();
    here.assign_id(&peers[1].net_ns().unwrap(), Nsid::new(7), None).unwrap();
    exchange(
        &world,
        &socket,
        0,
        "14000000 5a00 0103 05000000 00000000  00000000",
        &["1c000000 5800 0200 05000000 <portid>  00000000  0800 0100 07000000
           1c000000 5800 0200 05000000 <portid>  00000000  0800 0100 08000000
           14000000 0300 0200 05000000 <portid>  00000000"],
    );
}

#[test]
fn a_value_that_is_too_short_is_told_with_its_place_and_its_policy() {
    let world = World::new();
    let (socket, fd) = (world.socket_with(&[SocketOption::ExtAck]), world.held());
    let text = "2700 0100 417474726962757465206661696c656420706f6c6963792076616c69646174696f6e0000";
    // NSID of two bytes.
    exchange(
        &world,
        &socket,
        fd,
        "24000000 5800 0500 01000000 00000000  00000000  0600 0100 05000000  0800 0300 <fd>",
        &[&format!(
            "8c000000 0200 0002 01000000 <portid>  deffffff
             24000000 5800 0500 01000000 00000000  00000000  0600 0100 05000000  0800 0300 <fd>
             {text} 0800 0200 14000000
             2400 0480 0c00 0200 00000080ffffffff  0c00 0300 ffffff7f00000000  0800 0100 08000000"
        )],
    );
    // PID of two bytes.
    exchange(
        &world,
        &socket,
        fd,
        "1c000000 5a00 0500 05000000 00000000  00000000  0600 0200 01020000",
        &[&format!(
            "84000000 0200 0002 05000000 <portid>  deffffff
             1c000000 5a00 0500 05000000 00000000  00000000  0600 0200 01020000
             {text} 0800 0200 14000000
             2400 0480 0c00 0400 0000000000000000  0c00 0500 ffffffff00000000  0800 0100 04000000"
        )],
    );
}

#[test]
fn a_strict_dump_ends_with_its_error() {
    let world = World::new();
    let socket = world.socket_with(&[SocketOption::ExtAck, SocketOption::StrictCheck]);
    exchange(
        &world,
        &socket,
        world.init.pid(),
        "1c000000 5a00 0103 03000000 00000000  00000000  0800 0200 <fd>",
        &["48000000 0300 0202 03000000 <portid>  eaffffff
           2a00 0100 556e737570706f727465642061747472696275746520696e2064756d70207265717565737400 0000
           0800 0200 14000000"],
    );
}

#[test]
fn without_a_body_without_the_flag_or_to_netlink_itself_it_is_acked_and_has_no_effect() {
    let world = World::new();
    let (socket, fd) = (world.socket(), world.held());
    let ack = |header: &str| format!("24000000 0200 0001 01000000 <portid>  00000000 {header}");
    for (sent, header) in [
        ("10000000 5a00 0503 01000000 00000000", "10000000 5a00 0503 01000000 00000000"),
        ("10000000 5900 0500 01000000 07000000", "10000000 5900 0500 01000000 07000000"),
        ("14000000 0300 0500 01000000 00000000 00000000", "14000000 0300 0500 01000000 00000000"),
        (
            "24000000 5800 0400 01000000 00000000  00000000  0800 0100 01000000  0800 0300 <fd>",
            "24000000 5800 0400 01000000 00000000",
        ),
    ] {
        exchange(&world, &socket, fd, sent, &[&ack(header)]);
    }
    assert_eq!(world.init.net_ns().unwrap().peer_ids(Nsid::MIN, 1), []);
}
