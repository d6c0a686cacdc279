//! What an object knows of the namespace that it is in (`possible_net_t`).

use super::{Net, NetRef};

/// The namespace that an object, such as a device or a route, is in: a field that costs nothing where there is one
/// namespace. Without the feature `net-ns` its size is 0, and it reads as the initial namespace.
///
/// It keeps the memory and the identity of the namespace, and not its life: objects go when their namespace is
/// cleaned up, which a counted reference in each of them would put off for ever. The kernel's keeps nothing, and
/// whoever reads it must know that the namespace is there; this one may be read at any time.
#[doc(alias = "possible_net_t")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PossibleNet {
    place: Place,
}

impl PossibleNet {
    /// The field of an object that is in `net`.
    pub fn new(net: &Net) -> Self {
        PossibleNet { place: Place::of(net) }
    }

    /// Moves the object to another namespace.
    #[doc(alias = "write_pnet")]
    pub fn write(&mut self, net: &Net) {
        self.place = Place::of(net);
    }

    /// A reference to the namespace, unless it is dying or dead. Without the feature `net-ns`, one to `init_net`,
    /// always.
    #[doc(alias = "read_pnet")]
    pub fn read(&self, init_net: &NetRef) -> Option<NetRef> {
        self.place.get(init_net)
    }

    /// Whether the object is in `net`, be that dying or not: what is left to ask while a namespace is taken down.
    /// Without the feature `net-ns` it is.
    #[doc(alias = "net_eq")]
    pub fn is(&self, net: &Net) -> bool {
        self.place.is(net)
    }
}

#[cfg(feature = "net-ns")]
mod one_of_many {
    use crate::net::{Net, NetRef, PassiveNet};

    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(super) struct Place(PassiveNet);

    impl Place {
        pub(super) fn of(net: &Net) -> Self {
            Place(net.passive())
        }

        pub(super) fn get(&self, _: &NetRef) -> Option<NetRef> {
            self.0.maybe_get()
        }

        pub(super) fn is(&self, net: &Net) -> bool {
            self.0.id() == net.id()
        }
    }
}

#[cfg(feature = "net-ns")]
use one_of_many::Place;

#[cfg(not(feature = "net-ns"))]
mod the_only_one {
    use crate::net::{Net, NetRef};

    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(super) struct Place;

    impl Place {
        pub(super) fn of(_: &Net) -> Self {
            Place
        }

        pub(super) fn get(&self, init_net: &NetRef) -> Option<NetRef> {
            Some(init_net.clone())
        }

        pub(super) fn is(&self, _: &Net) -> bool {
            true
        }
    }
}

#[cfg(not(feature = "net-ns"))]
use the_only_one::Place;
