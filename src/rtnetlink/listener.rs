//! The part of a socket that is told of ids that come and go.

use super::queue::ReceiveQueue;
use super::reply;
use super::socket::SocketOption;
use crate::net::{Net, Nsid, NsidEvent, NsidListener, Origin, PassiveNet};
use crate::sync::{self, Arc, AtomicBool, AtomicU32, Ordering};
use crate::task::{Capability, Credentials};

/// What of a socket listens. It does not keep the socket's namespace alive, which keeps it.
///
/// It is told under the lock of the namespace that a change was made in, so it locks nothing but its queue and, for a
/// look, the table of ids of the socket's namespace.
pub(super) struct Listener {
    net: PassiveNet,
    pub(super) portid: u32,
    /// Who opened the socket.
    pub(super) opener: Arc<Credentials>,
    options: AtomicU32,
    /// What this socket asks for is to be told to others alone: the socket gets an answer.
    #[doc(alias = "NLM_F_ECHO")]
    echoing: AtomicBool,
    pub(super) queue: ReceiveQueue,
}

impl Listener {
    pub(super) fn new(net: &Net, portid: u32, opener: Arc<Credentials>) -> Self {
        let (options, echoing) = (AtomicU32::new(0), AtomicBool::new(false));
        sync::name(&options, "options of a socket");
        sync::name(&echoing, "echoing");
        Listener { net: net.passive(), portid, opener, options, echoing, queue: ReceiveQueue::new() }
    }

    pub(super) fn has(&self, option: SocketOption) -> bool {
        // Relaxed, here and below: an option protects nothing.
        self.options.load(Ordering::Relaxed) & option.bit() != 0
    }

    pub(super) fn set(&self, option: SocketOption, on: bool) {
        if on {
            self.options.fetch_or(option.bit(), Ordering::Relaxed);
        } else {
            self.options.fetch_and(!option.bit(), Ordering::Relaxed);
        }
    }

    /// Whether changes that this socket asks for are kept from it, from now on. To be called by one thread at a time,
    /// the one that asks and is told: nobody else sees the difference.
    pub(super) fn set_echoing(&self, echoing: bool) {
        self.echoing.store(echoing, Ordering::Relaxed);
    }

    /// Queues the notification. `nsid` is the id that the socket's namespace has for that of the event.
    #[doc(alias = "do_one_broadcast")]
    fn hear(&self, event: &NsidEvent<'_>, nsid: Option<Nsid>) {
        let own = event.origin.is_some_and(|Origin { portid, .. }| portid == self.portid);
        if own && self.echoing.load(Ordering::Relaxed) {
            return;
        }
        // A loss is noted in the queue.
        let _ = self.queue.push(reply::notification(event.kind, event.id, event.origin), nsid);
    }
}

/// Listens to the socket's own namespace.
pub(super) struct Here(pub(super) Arc<Listener>);

impl NsidListener for Here {
    fn told(&self, event: &NsidEvent<'_>) {
        self.0.hear(event, event.net.peernet2id(event.net));
    }
}

/// Listens to all other namespaces that have an id in the socket's, as far as the opener may.
#[doc(alias = "NETLINK_F_LISTEN_ALL_NSID")]
pub(super) struct Elsewhere(pub(super) Arc<Listener>);

impl NsidListener for Elsewhere {
    fn told(&self, event: &NsidEvent<'_>) {
        let listener = &self.0;
        if listener.net.id() == event.net.id() {
            return;
        }
        // Without a reference, which would have to be put here, under the lock: where it is the last one, that may run what
        // waits for the lock. A namespace that dies knows its peers until its cleanup, and then nobody.
        let Some(nsid) = listener.net.net().peernet2id(event.net) else { return };
        if listener.opener.ns_capable(event.net.user_ns(), Capability::NetBroadcast) {
            listener.hear(event, Some(nsid));
        }
    }
}
