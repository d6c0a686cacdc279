//! The receive queue of a socket: what waits to be read, and how much of that there may be.
//!
//! The bounds are in bytes as the kernel counts them, a buffer's administration included. It is these bounds that keep
//! a socket that nobody reads from growing.

use crate::error::Error;
use crate::net::Nsid;
use crate::sync::{self, Condvar, Mutex};
use std::collections::VecDeque;

/// The room of a new socket (`net.core.rmem_default`), and the most that one can ask for (`net.core.rmem_max`).
#[doc(alias = "rmem_default")]
#[doc(alias = "rmem_max")]
const DEFAULT_LIMIT: usize = 212_992;
/// The least room.
#[doc(alias = "SOCK_MIN_RCVBUF")]
const LEAST_LIMIT: usize = 2304;

/// A datagram of a dump has this size at least (`NLMSG_GOODSIZE`: a page without the end of a buffer).
#[doc(alias = "NLMSG_GOODSIZE")]
const LEAST_DUMP: usize = 3776;
/// And this at most: eight pages without the end of a buffer.
const GREATEST_DUMP: usize = 32_448;

/// What a datagram of `bytes` counts for in the queue: its buffer, rounded up as the allocator does, with the two
/// structures that go with it.
pub(super) fn truesize(bytes: usize) -> usize {
    const END: usize = 320;
    const SMALL: usize = 576;
    const HEAD: usize = 256;
    let buffer = bytes.next_multiple_of(64) + END;
    HEAD + if buffer <= SMALL { SMALL } else { buffer.next_power_of_two() }
}

/// A datagram that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Its messages, as much of them as fits in the buffer that the reader offered.
    pub bytes: Vec<u8>,
    /// Whether it was longer than that: the rest is lost (`MSG_TRUNC`).
    #[doc(alias = "MSG_TRUNC")]
    pub truncated: bool,
    /// The id, in the socket's namespace, of the namespace that the notification is about: said to a socket with
    /// [`ListenAllNsid`](super::SocketOption::ListenAllNsid), if there is one.
    pub nsid: Option<Nsid>,
}

/// The queue of one socket. Its lock is the innermost of all.
pub(super) struct ReceiveQueue {
    state: Mutex<State>,
    readable: Condvar,
}

struct State {
    datagrams: VecDeque<Queued>,
    /// What counts: the datagrams that are queued, and those that there is room reserved for.
    #[doc(alias = "sk_rmem_alloc")]
    counted: usize,
    #[doc(alias = "sk_rcvbuf")]
    limit: usize,
    /// Something was lost. Nothing more is queued until the queue has been read to its end.
    #[doc(alias = "NETLINK_S_CONGESTED")]
    congested: bool,
    /// Losses are neither reported nor lead to congestion.
    #[doc(alias = "NETLINK_F_RECV_NO_ENOBUFS")]
    silent: bool,
    /// The next read is to say that something was lost.
    #[doc(alias = "sk_err")]
    lost: bool,
    /// The greatest buffer that a successful read has offered, up to [`GREATEST_DUMP`].
    #[doc(alias = "max_recvmsg_len")]
    greatest_read: usize,
}

struct Queued {
    bytes: Vec<u8>,
    counts: usize,
    nsid: Option<Nsid>,
}

/// Room in the queue for a datagram of a dump, to be given to [`ReceiveQueue::fill`].
#[must_use = "room that is not filled stays taken"]
pub(super) struct Room {
    /// The length of the datagram, at most.
    pub(super) bytes: usize,
    counts: usize,
}

impl State {
    /// Room for what counts so much, unless there is none.
    #[doc(alias = "netlink_attachskb")]
    fn take_room(&mut self, counts: usize) -> bool {
        let fits = self.counted == 0 || self.counted + counts <= self.limit;
        if fits && !self.congested {
            self.counted += counts;
            return true;
        }
        self.overrun();
        false
    }

    #[doc(alias = "netlink_overrun")]
    fn overrun(&mut self) {
        if !self.silent && !self.congested {
            self.congested = true;
            self.lost = true;
        }
    }
}

impl ReceiveQueue {
    pub(super) fn new() -> Self {
        let state = Mutex::new(State {
            datagrams: VecDeque::new(),
            counted: 0,
            limit: DEFAULT_LIMIT,
            congested: false,
            silent: false,
            lost: false,
            greatest_read: 0,
        });
        sync::name(&state, "sk_receive_queue");
        let readable = Condvar::new();
        sync::name(&readable, "sk_receive_queue filled");
        ReceiveQueue { state, readable }
    }

    #[doc(alias = "SO_RCVBUF")]
    pub(super) fn set_limit(&self, bytes: usize) {
        self.state.lock().limit = (bytes.min(DEFAULT_LIMIT) * 2).max(LEAST_LIMIT);
    }

    pub(super) fn set_silent(&self, silent: bool) {
        let mut state = self.state.lock();
        state.silent = silent;
        if silent {
            state.congested = false;
        }
    }

    /// Queues a datagram, or loses it and notes that.
    ///
    /// # Errors
    ///
    /// [`Error::WouldBlock`] (`EAGAIN`) if it was lost.
    #[doc(alias = "netlink_unicast")]
    #[doc(alias = "netlink_broadcast_deliver")]
    pub(super) fn push(&self, bytes: Vec<u8>, nsid: Option<Nsid>) -> Result<(), Error> {
        let counts = truesize(bytes.len());
        let mut state = self.state.lock();
        let fits = state.take_room(counts);
        if fits {
            state.datagrams.push_back(Queued { bytes, counts, nsid });
        }
        drop(state);
        // A reader wants to know of a loss as well.
        self.readable.notify_one();
        if fits { Ok(()) } else { Err(Error::WouldBlock) }
    }

    /// Room for the next datagram of a dump: as much as readers have shown that they can take.
    ///
    /// # Errors
    ///
    /// [`Error::NoBuffers`] (`ENOBUFS`) if the queue is too full. That is no loss: the dump can go on later.
    #[doc(alias = "netlink_dump")]
    pub(super) fn reserve(&self) -> Result<Room, Error> {
        let mut state = self.state.lock();
        let bytes = state.greatest_read.max(LEAST_DUMP);
        let counts = truesize(bytes);
        if state.counted > 0 && state.counted + counts >= state.limit {
            return Err(Error::NoBuffers);
        }
        state.counted += counts;
        Ok(Room { bytes, counts })
    }

    /// Queues a datagram that there is room for.
    pub(super) fn fill(&self, room: Room, bytes: Vec<u8>) {
        self.state.lock().datagrams.push_back(Queued { bytes, counts: room.counts, nsid: None });
        self.readable.notify_one();
    }

    /// The next datagram, for a reader whose buffer has so many bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NoBuffers`] (`ENOBUFS`), once, if something was lost; [`Error::WouldBlock`] (`EAGAIN`) if there is
    /// nothing.
    #[doc(alias = "skb_recv_datagram")]
    pub(super) fn take(&self, buffer: usize) -> Result<Datagram, Error> {
        let mut state = self.state.lock();
        if std::mem::take(&mut state.lost) {
            return Err(Error::NoBuffers);
        }
        let Queued { mut bytes, counts, nsid } = state.datagrams.pop_front().ok_or(Error::WouldBlock)?;
        state.counted -= counts;
        state.greatest_read = state.greatest_read.max(buffer.min(GREATEST_DUMP));
        drop(state);
        let truncated = buffer < bytes.len();
        bytes.truncate(buffer);
        Ok(Datagram { bytes, truncated, nsid })
    }

    /// Whether so much has been read that a dump goes on.
    pub(super) fn is_half_empty(&self) -> bool {
        let state = self.state.lock();
        state.counted <= state.limit / 2
    }

    /// The next read is to say that something could not be queued.
    pub(super) fn report(&self) {
        self.state.lock().lost = true;
        self.readable.notify_one();
    }

    /// The end of a read, whatever came of it: who has read all there was is no longer congested.
    #[doc(alias = "netlink_rcv_wake")]
    pub(super) fn finish_read(&self) {
        let mut state = self.state.lock();
        if state.datagrams.is_empty() {
            state.congested = false;
        }
    }

    /// Waits until there is something that a read would say.
    #[doc(alias = "__skb_wait_for_more_packets")]
    pub(super) fn wait(&self) {
        let mut state = self.state.lock();
        while state.datagrams.is_empty() && !state.lost {
            state = self.readable.wait(state);
        }
    }
}
