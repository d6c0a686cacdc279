//! Extended acks: what is said of an error besides its number.

use netlink_packet_core::{DefaultNla, Emitable, NLA_F_NESTED};

const NLMSGERR_ATTR_MSG: u16 = 1;
const NLMSGERR_ATTR_OFFS: u16 = 2;
const NLMSGERR_ATTR_POLICY: u16 = 4;

const NL_POLICY_TYPE_ATTR_TYPE: u16 = 1;
const NL_POLICY_TYPE_ATTR_MIN_VALUE_S: u16 = 2;
const NL_POLICY_TYPE_ATTR_MAX_VALUE_S: u16 = 3;
const NL_POLICY_TYPE_ATTR_MIN_VALUE_U: u16 = 4;
const NL_POLICY_TYPE_ATTR_MAX_VALUE_U: u16 = 5;

/// What values an attribute takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// Any `i32` (`NLA_S32`).
    S32,
    /// Any `u32` (`NLA_U32`).
    U32,
}

impl Policy {
    /// The description of the policy: a list of attributes.
    #[doc(alias = "netlink_policy_dump_write_attr")]
    fn attributes(self) -> [DefaultNla; 3] {
        let value = |kind, bytes: &[u8]| DefaultNla::new(kind, bytes.to_vec());
        match self {
            Policy::S32 => [
                value(NL_POLICY_TYPE_ATTR_MIN_VALUE_S, &i64::from(i32::MIN).to_ne_bytes()),
                value(NL_POLICY_TYPE_ATTR_MAX_VALUE_S, &i64::from(i32::MAX).to_ne_bytes()),
                value(NL_POLICY_TYPE_ATTR_TYPE, &8_u32.to_ne_bytes()),
            ],
            Policy::U32 => [
                value(NL_POLICY_TYPE_ATTR_MIN_VALUE_U, &0_u64.to_ne_bytes()),
                value(NL_POLICY_TYPE_ATTR_MAX_VALUE_U, &u64::from(u32::MAX).to_ne_bytes()),
                value(NL_POLICY_TYPE_ATTR_TYPE, &4_u32.to_ne_bytes()),
            ],
        }
    }
}

/// What a handler says about its result (`struct netlink_ext_ack`).
///
/// The parts are set by themselves and stay until they are set again: a text that was set before an error stays with
/// it, and a text alone goes with a success as a warning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[doc(alias = "netlink_ext_ack")]
pub(super) struct ExtendedAck {
    text: Option<&'static str>,
    /// Where the bad attribute begins, from the beginning of the message.
    bad: Option<u32>,
    policy: Option<Policy>,
}

impl ExtendedAck {
    /// Sets the text alone.
    #[doc(alias = "NL_SET_ERR_MSG")]
    pub(super) fn say(&mut self, text: &'static str) {
        self.text = Some(text);
    }

    /// Sets the attribute that is to blame, and that it has no policy to tell of.
    #[doc(alias = "NL_SET_BAD_ATTR")]
    pub(super) fn blame(&mut self, offset: u32) {
        (self.bad, self.policy) = (Some(offset), None);
    }

    /// Sets the text, the attribute, and that it has no policy to tell of.
    #[doc(alias = "NL_SET_ERR_MSG_ATTR")]
    pub(super) fn say_of(&mut self, offset: u32, text: &'static str) {
        self.say(text);
        self.blame(offset);
    }

    /// Sets the text, the attribute, and the policy that it breaks.
    #[doc(alias = "NL_SET_ERR_MSG_ATTR_POL")]
    pub(super) fn say_of_policy(&mut self, offset: u32, policy: Policy, text: &'static str) {
        self.say_of(offset, text);
        self.policy = Some(policy);
    }

    /// The attributes that go with an answer: a text with any, the others with an error.
    #[doc(alias = "netlink_ack_tlv_fill")]
    pub(super) fn attributes(&self, failed: bool) -> Vec<u8> {
        let mut attributes = Vec::with_capacity(3);
        if let Some(text) = self.text {
            let mut value = text.as_bytes().to_vec();
            value.push(0);
            attributes.push(DefaultNla::new(NLMSGERR_ATTR_MSG, value));
        }
        if let Some(offset) = self.bad.filter(|_| failed) {
            attributes.push(DefaultNla::new(NLMSGERR_ATTR_OFFS, offset.to_ne_bytes().to_vec()));
        }
        if let Some(policy) = self.policy.filter(|_| failed) {
            attributes.push(DefaultNla::new(
                NLMSGERR_ATTR_POLICY | NLA_F_NESTED,
                emit(&policy.attributes().as_slice()),
            ));
        }
        emit(&attributes.as_slice())
    }
}

/// The bytes of what can be emitted.
fn emit(emitable: &impl Emitable) -> Vec<u8> {
    let mut bytes = vec![0; emitable.buffer_len()];
    emitable.emit(&mut bytes);
    bytes
}
