//! The namespaces of a task, one value that is replaced as a whole.

use super::credentials::Credentials;
use super::identity::{Identity, Namespace};
use super::kind::NsKind;
use crate::error::Error;
use crate::net::NetRef;
use crate::sync::{Arc, Counted};
use std::array;

/// The namespaces of other kinds than the network's that a task, or its children, are in. A task's own namespace of
/// process ids is not among them: it never changes. Its user namespace is with its credentials.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Uts,
    Ipc,
    Mnt,
    PidForChildren,
    Cgroup,
    Time,
    TimeForChildren,
}

impl Place {
    const COUNT: usize = 7;

    const ALL: [Place; Place::COUNT] = [
        Place::Uts,
        Place::Ipc,
        Place::Mnt,
        Place::PidForChildren,
        Place::Cgroup,
        Place::Time,
        Place::TimeForChildren,
    ];

    /// Where a task that makes a namespace of a kind has it from then on, if in its nsproxy.
    pub(super) fn of_new(kind: NsKind) -> Option<Place> {
        match kind {
            NsKind::Uts => Some(Place::Uts),
            NsKind::Ipc => Some(Place::Ipc),
            NsKind::Mnt => Some(Place::Mnt),
            NsKind::Pid => Some(Place::PidForChildren),
            NsKind::Cgroup => Some(Place::Cgroup),
            NsKind::Time => Some(Place::TimeForChildren),
            NsKind::Net | NsKind::User => None,
        }
    }
}

/// What a task's namespaces are, shared with those that are in the same (`struct nsproxy`).
///
/// Never changed: a task that enters others gets another. So whoever has loaded one has namespaces that were a
/// task's together, and keeps them.
#[doc(alias = "struct nsproxy")]
pub(super) struct NsProxy {
    pub(super) net: NetRef,
    others: [Arc<Identity>; Place::COUNT],
}

impl NsProxy {
    /// That of a first task, whose own namespace of process ids is `pid_ns`; `new` makes the others.
    pub(super) fn first(
        net: NetRef,
        pid_ns: Arc<Identity>,
        new: impl Fn(NsKind) -> Arc<Identity>,
    ) -> NsProxy {
        let time = new(NsKind::Time);
        let others = Place::ALL.map(|place| match place {
            Place::Uts => new(NsKind::Uts),
            Place::Ipc => new(NsKind::Ipc),
            Place::Mnt => new(NsKind::Mnt),
            Place::PidForChildren => pid_ns.clone(),
            Place::Cgroup => new(NsKind::Cgroup),
            Place::Time | Place::TimeForChildren => time.clone(),
        });
        NsProxy { net, others }
    }

    pub(super) fn other(&self, place: Place) -> &Arc<Identity> {
        &self.others[place as usize]
    }

    /// This one with what changes.
    fn with(&self, change: &mut Change) -> NsProxy {
        let net = change.net.take().unwrap_or_else(|| self.net.clone());
        let other = |i: usize| change.others[i].take().unwrap_or_else(|| self.others[i].clone());
        NsProxy { net, others: array::from_fn(other) }
    }

    /// What a child starts with: this, but in the clocks that were made for it.
    #[doc(alias = "timens_on_fork")]
    pub(super) fn for_child(this: &Counted<Self>) -> Counted<NsProxy> {
        let time = this.other(Place::TimeForChildren);
        if Arc::ptr_eq(time, this.other(Place::Time)) {
            return this.clone();
        }
        let mut change = Change::default();
        change.put(Place::Time, time.clone());
        Counted::new(this.with(&mut change))
    }
}

/// What a task is about to become: namespaces and credentials that are to replace those it has
/// (`struct nsset`).
#[derive(Default)]
pub(super) struct Change {
    net: Option<NetRef>,
    others: [Option<Arc<Identity>>; Place::COUNT],
    pub(super) credentials: Option<Arc<Credentials>>,
    /// If the task must be the only one of its process: the error if it is not.
    pub(super) alone: Option<Error>,
}

impl Change {
    pub(super) fn put(&mut self, place: Place, identity: Arc<Identity>) {
        self.others[place as usize] = Some(identity);
    }

    pub(super) fn put_net(&mut self, net: NetRef) {
        self.net = Some(net);
    }

    /// Enters a namespace that there is.
    pub(super) fn enter(&mut self, namespace: &Namespace) {
        match namespace {
            Namespace::Net(net) => self.put_net(net.clone()),
            Namespace::Other(identity) => {
                for place in Place::ALL.into_iter().filter(|place| place.is_entered_with(namespace.kind())) {
                    self.put(place, identity.clone());
                }
            }
        }
    }

    /// What becomes of a task's namespaces; `None` if they stay.
    pub(super) fn apply(&mut self, now: &NsProxy) -> Option<Counted<NsProxy>> {
        let changes = self.net.is_some() || self.others.iter().any(Option::is_some);
        changes.then(|| Counted::new(now.with(self)))
    }
}

impl Place {
    /// Whether entering a namespace of a kind changes what is here.
    fn is_entered_with(self, kind: NsKind) -> bool {
        Place::of_new(kind) == Some(self) || (kind == NsKind::Time && self == Place::Time)
    }
}
