//! Any bytes are legal input: worlds played by bytes at random, and by messages that are nearly right.

#[path = "../fuzz/driver.rs"]
mod driver;

use proptest::collection::vec;
use proptest::prelude::*;

/// A few numbers that mean something, or any.
fn number() -> impl Strategy<Value = i32> {
    prop_oneof![6 => -1..8_i32, 1 => any::<i32>()]
}

fn attribute() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![8 => 1..6_u16, 1 => any::<u16>()];
    let value =
        prop_oneof![8 => number().prop_map(|n| n.to_ne_bytes().to_vec()), 1 => vec(any::<u8>(), 0..9)];
    // How much longer the attribute says it is than it is.
    let lie = prop_oneof![12 => Just(0_u16), 1 => any::<u16>()];
    (kind, value, lie).prop_map(|(kind, value, lie)| {
        let length = (4 + value.len() as u16).wrapping_add(lie);
        let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    })
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![4 => Just(88_u16), 4 => Just(90_u16), 1 => Just(89_u16), 1 => any::<u16>()];
    let flags = prop_oneof![
        3 => Just(0x5_u16), 2 => Just(0x1_u16), 3 => Just(0x301_u16), 1 => Just(0xd_u16), 1 => any::<u16>()
    ];
    let lie = prop_oneof![12 => Just(0_u32), 1 => any::<u32>()];
    let tail = prop_oneof![8 => Just(Vec::new()), 1 => vec(any::<u8>(), 1..4)];
    (kind, flags, any::<u32>(), vec(attribute(), 0..4), tail, lie).prop_map(
        |(kind, flags, seq, attributes, tail, lie)| {
            let body = [vec![0; 4], attributes.concat(), tail].concat();
            let length = (16 + body.len() as u32).wrapping_add(lie);
            let mut bytes = length.to_ne_bytes().to_vec();
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(flags.to_ne_bytes());
            bytes.extend(seq.to_ne_bytes());
            bytes.extend([0; 4]);
            bytes.extend(body);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            bytes
        },
    )
}

/// A step of the driver: a datagram that is sent on either socket, a read, a birth, deaths.
fn step() -> impl Strategy<Value = Vec<u8>> {
    let sent = (any::<bool>(), vec(message(), 1..4)).prop_map(|(second, messages)| {
        let datagram = messages.concat();
        let mut bytes = vec![if second { 0x80 } else { 0 }];
        bytes.extend((datagram.len() as u16).to_le_bytes());
        bytes.extend(datagram);
        bytes
    });
    let other = (4..8_u8, any::<u8>()).prop_map(|(what, detail)| vec![what | (detail & 0xf8)]);
    prop_oneof![3 => sent, 1 => other]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..400)) {
        driver::play(&bytes);
    }

    #[test]
    fn messages_that_are_nearly_right_are_survived(options in any::<u8>(), steps in vec(step(), 0..12)) {
        driver::play(&[vec![options], steps.concat()].concat());
    }
}
