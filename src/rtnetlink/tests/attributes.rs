//! How attributes are taken, and what is said of them.

use super::*;
use crate::rtnetlink::attributes::{At, Attributes, Rules};
use crate::rtnetlink::extack::Policy;
use crate::rtnetlink::wire;

/// A request with these bytes behind the family.
fn with(tail: &[u8]) -> Vec<u8> {
    let body = [&[0; 4], tail].concat();
    Msg { kind: GET, flags: NLM_F_REQUEST, seq: 1, portid: 0, body }.bytes()
}

fn parse(bytes: &[u8], rules: Rules) -> (Result<Attributes, Error>, ExtendedAck) {
    let mut extack = ExtendedAck::default();
    let message = wire::messages(bytes).next().unwrap();
    (Attributes::parse(&message, rules, &mut extack), extack)
}

fn said(text: &'static str) -> ExtendedAck {
    let mut extack = ExtendedAck::default();
    extack.say(text);
    extack
}

const LEFT_OVER: &str = "bytes leftover after parsing attributes";

#[test]
fn the_last_of_a_type_counts_with_its_first_four_bytes_and_without_the_upper_bits_of_the_type() {
    let tail = [
        attribute(NSID, &5_i32.to_ne_bytes()),
        attribute(PID | 0x8000, &9_u32.to_ne_bytes()),
        attribute(FD | 0x4000, &[&3_u32.to_ne_bytes()[..], &[0xff]].concat()),
        vec![0xff; 3],
        attribute(NSID | 0xc000, &(-6_i32).to_ne_bytes()),
    ];
    let (parsed, extack) = parse(&with(&tail.concat()), Rules::Strict);
    let expected = Attributes {
        nsid: Some(At { value: -6, offset: 48 }),
        pid: Some(At { value: 9, offset: 28 }),
        fd: Some(At { value: 3, offset: 36 }),
        ..Attributes::default()
    };
    assert_eq!((parsed, extack), (Ok(expected), ExtendedAck::default()));
}

#[test]
fn a_value_that_is_too_short_is_out_of_range() {
    for (kind, policy) in [(NSID, Policy::S32), (PID, Policy::U32), (FD, Policy::U32), (TARGET, Policy::S32)]
    {
        let tail = [attribute(CURRENT, &[]), attribute(kind, &[1, 2, 3])].concat();
        let (parsed, extack) = parse(&with(&tail), Rules::Liberal);
        let mut expected = ExtendedAck::default();
        expected.say_of_policy(24, policy, "Attribute failed policy validation");
        assert_eq!((parsed, extack), (Err(Error::OutOfRange), expected));
    }
}

#[test]
fn what_is_unknown_is_skipped_unless_the_rules_are_strict() {
    for kind in [0, 6, 100, 0x3fff] {
        let bytes = with(&[attribute(NSID, &[1, 0, 0, 0]), attribute(kind, &[])].concat());
        let (parsed, extack) = parse(&bytes, Rules::Liberal);
        assert!(parsed.unwrap().nsid.is_some());
        assert_eq!(extack, ExtendedAck::default());
        let (parsed, extack) = parse(&bytes, Rules::Strict);
        let mut expected = ExtendedAck::default();
        expected.say_of(28, "Unknown attribute type");
        assert_eq!((parsed, extack), (Err(Error::InvalidArgument), expected));
    }
}

#[test]
fn bytes_left_over_are_a_warning_or_an_error() {
    let nsid = attribute(NSID, &1_i32.to_ne_bytes());
    let bare = |length: u16| [length.to_ne_bytes(), NSID.to_ne_bytes()].concat();
    // One byte; a length of less than its header; one beyond the end.
    for rest in [vec![0xff], bare(0), bare(3), [bare(9), vec![0; 4]].concat()] {
        let bytes = with(&[nsid.clone(), rest].concat());
        let (parsed, extack) = parse(&bytes, Rules::Liberal);
        assert_eq!(
            (parsed.unwrap().nsid.unwrap().value.to_ne_bytes(), extack),
            ([1, 0, 0, 0], said(LEFT_OVER))
        );
        assert_eq!(parse(&bytes, Rules::Strict), (Err(Error::InvalidArgument), said(LEFT_OVER)));
    }
}

#[test]
fn padding_that_is_missing_is_no_rest() {
    // A last attribute of five bytes, or a family without padding: the end is before the next aligned place.
    let unpadded = with(&attribute(NSID, &[1, 0, 0, 0, 7]));
    let (parsed, extack) = parse(&unpadded, Rules::Strict);
    assert!(parsed.unwrap().nsid.is_some());
    assert_eq!(extack, ExtendedAck::default());
    for body in 1..=4 {
        let bytes = Msg { kind: GET, flags: 1, seq: 1, portid: 0, body: vec![0; body] }.bytes();
        assert_eq!(parse(&bytes, Rules::Strict), (Ok(Attributes::default()), ExtendedAck::default()));
    }
}

#[test]
fn parts_of_an_extended_ack_stay_until_they_are_set_again() {
    let mut extack = said("a");
    extack.blame(20);
    extack.say("b");
    let text = |text: &str| attribute(1, &[text.as_bytes(), &[0]].concat());
    let padded = |mut bytes: Vec<u8>| {
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    let offset = attribute(2, &20_u32.to_ne_bytes());
    assert_eq!(extack.attributes(true), [padded(text("b")), offset].concat());
    assert_eq!(extack.attributes(false), padded(text("b")), "a success has no bad attribute");
    extack.say_of_policy(24, Policy::U32, "c");
    assert_eq!(extack.attributes(true).len(), 8 + 8 + 36);
    extack.blame(28);
    assert_eq!(extack.attributes(true).len(), 8 + 8, "another attribute has another policy");
    assert!(ExtendedAck::default().attributes(true).is_empty());
}

#[test]
fn messages_end_with_the_first_that_is_no_message() {
    let whole = request(NEW, 0, 1, &[(NSID, 1)]);
    let padded = [request(GET, 0, 1, &[]), vec![0xff]].concat();
    let mut unpadded = padded.clone();
    unpadded[..4].copy_from_slice(&21_u32.to_ne_bytes());
    let lengths = |bytes: &[u8]| wire::messages(bytes).map(|m| m.bytes().len()).collect::<Vec<_>>();
    assert_eq!(lengths(&[whole.clone(), whole.clone()].concat()), [28, 28]);
    // The padding is passed over, or missing at the end.
    assert_eq!(lengths(&[unpadded.clone(), vec![0; 3], whole.clone()].concat()), [21, 28]);
    assert_eq!(lengths(&[whole.clone(), unpadded].concat()), [28, 21]);
    for length in [0, 15, 29, u32::MAX] {
        let mut broken = whole.clone();
        broken[..4].copy_from_slice(&length.to_ne_bytes());
        assert_eq!(lengths(&[whole.clone(), broken.clone()].concat()), [28]);
        assert!(lengths(&broken).is_empty());
    }
    assert!(lengths(&whole[..15]).is_empty() && lengths(&[]).is_empty());
}
