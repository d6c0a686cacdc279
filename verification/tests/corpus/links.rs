//! Virtual Ethernet pairs, as an example of a device: what they are asked for makes the system give peer ids by
//! itself.
//!
//! Each end is in a namespace, under a name, and knows where the other end is. That is the device's data in each
//! namespace; when a namespace ends, so do its ends, and with each the other end.

use crate::names::Errno;
use crate::recording::Outcome;
use crate::script::Op;
use crate::world::{Stop, World};
use netns_core::net::{PernetId, Registration};
use netns_core::task::Capability;
use netns_core::{Error, Namespaces, Net, NetRef, PassiveNet, PernetOperations};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// An end of a pair: where the other end is.
#[derive(Clone)]
struct End {
    net: PassiveNet,
    name: String,
}

/// The ends in one namespace, by name.
type Ends = Mutex<BTreeMap<String, End>>;

struct Pairs {
    id: Arc<OnceLock<PernetId<Ends>>>,
}

/// The pairs of a world.
pub(crate) struct Links {
    registration: Registration<Ends>,
}

impl PernetOperations for Pairs {
    type Data = Ends;

    fn set_id(&self, id: PernetId<Ends>) {
        self.id.set(id).expect("it is told once");
    }

    fn init(&self, _: &Net) -> Result<Ends, Error> {
        Ok(Ends::default())
    }

    /// The ends that are left end here, and the other ends with them.
    fn exit(&self, _: &Net, ends: &Ends) {
        let id = *self.id.get().expect("it was told before the first init");
        for other in std::mem::take(&mut *locked(ends)).into_values() {
            // Unless that namespace is dying too, or the device leaves both: then it has its own exit.
            if let Some(net) = other.net.maybe_get() {
                let guard = net.rcu().read_lock();
                net.generic(&guard, id).map(|ends| locked(ends).remove(&other.name));
            }
        }
    }
}

fn locked(ends: &Ends) -> MutexGuard<'_, BTreeMap<String, End>> {
    ends.lock().expect("nobody panics with it")
}

impl Links {
    pub(crate) fn new(namespaces: &Namespaces) -> Result<Links, Error> {
        let pairs = Pairs { id: Arc::new(OnceLock::new()) };
        Ok(Links { registration: namespaces.register_pernet_device(pairs)? })
    }

    fn in_net<R>(&self, net: &NetRef, f: impl FnOnce(&mut BTreeMap<String, End>) -> R) -> R {
        let guard = net.rcu().read_lock();
        let ends = net.generic(&guard, self.registration.id());
        f(&mut locked(ends.expect("a namespace with a reference has the device's data")))
    }

    fn get(&self, net: &NetRef, name: &str) -> Result<End, Stop> {
        let end = self.in_net(net, |ends| ends.get(name).cloned());
        end.ok_or(Stop::Refused(Errno::ENODEV))
    }

    /// Makes a pair. Of the two the one in `net` is told of there, with an id for the other's namespace.
    fn pair(&self, net: &NetRef, name: &str, peer_net: &NetRef, peer: &str) -> Result<(), Stop> {
        let taken = |net, name| self.in_net(net, |ends| ends.contains_key(name));
        if taken(net, name) || taken(peer_net, peer) || (net == peer_net && name == peer) {
            return Err(Stop::Refused(Errno::EEXIST));
        }
        let there = End { net: peer_net.passive(), name: peer.into() };
        let here = End { net: net.passive(), name: name.into() };
        self.in_net(peer_net, |ends| ends.insert(peer.into(), here));
        self.in_net(net, |ends| ends.insert(name.into(), there));
        self.netnsid(net, name)?;
        Ok(())
    }

    /// The id that whoever looks at an end sees: that of the other end's namespace, unless it is the same. It gets
    /// one for that.
    #[doc(alias = "rtnl_fill_link_netnsid")]
    fn netnsid(&self, net: &NetRef, name: &str) -> Result<Option<i32>, Stop> {
        let other = self.get(net, name)?.net.maybe_get().filter(|other| other != net);
        Ok(other.and_then(|other| net.peernet2id_alloc(&other)).map(|id| id.get()))
    }

    /// Moves an end. The old namespace has to say where it went, and so gets an id for the new one; that tells of
    /// the end as of a new one.
    fn move_to(&self, net: &NetRef, name: &str, to: &NetRef) -> Result<(), Stop> {
        let other = self.get(net, name)?;
        if net == to {
            return Ok(());
        }
        if self.in_net(to, |ends| ends.contains_key(name)) {
            return Err(Stop::Refused(Errno::EEXIST));
        }
        let _ = net.peernet2id_alloc(to);
        self.netnsid(net, name)?;
        self.in_net(net, |ends| ends.remove(name));
        if let Some(other_net) = other.net.maybe_get() {
            let moved = End { net: to.passive(), name: name.into() };
            self.in_net(&other_net, |ends| ends.insert(other.name.clone(), moved));
        }
        self.in_net(to, |ends| ends.insert(name.into(), other));
        self.netnsid(to, name)?;
        Ok(())
    }

    fn delete(&self, net: &NetRef, name: &str) -> Result<(), Stop> {
        let other = self.get(net, name)?;
        self.in_net(net, |ends| ends.remove(name));
        if let Some(net) = other.net.maybe_get() {
            self.in_net(&net, |ends| ends.remove(&other.name));
        }
        Ok(())
    }
}

impl World {
    /// Carries out a request about devices.
    pub(crate) fn about_links(&mut self, op: &Op) -> Result<Outcome, Stop> {
        let (Op::Veth { sock, .. }
        | Op::LinkGet { sock, .. }
        | Op::LinkMove { sock, .. }
        | Op::LinkDel { sock, .. }) = op
        else {
            return Err(Stop::Senseless(format!("{op:?} is not about devices")));
        };
        let outcome = match self.ask(sock, op) {
            Ok(outcome) => outcome,
            Err(Stop::Refused(errno)) => Outcome { error: Some(errno), ..Outcome::default() },
            Err(senseless) => return Err(senseless),
        };
        self.pass_by(sock)?;
        Ok(outcome)
    }

    fn ask(&self, sock: &str, op: &Op) -> Result<Outcome, Stop> {
        // Whoever has the socket open, the namespace lives.
        self.socket(sock)?;
        let sock = self.sock(sock)?;
        let (by, net) = (self.living(&sock.owner), sock.net.maybe_get().ok_or(Error::BadDescriptor)?);
        let may = |net: &Net| {
            let may = by.credentials().ns_capable(net.user_ns(), Capability::NetAdmin);
            if may { Ok(()) } else { Err(Stop::Refused(Errno::EPERM)) }
        };
        if let Op::LinkGet { name, .. } = op {
            let mut fields = BTreeMap::from([("IFNAME".to_string(), name.as_str().into())]);
            if let Some(id) = self.links.netnsid(&net, name)? {
                fields.insert("LINK_NETNSID".into(), id.into());
            }
            let links = Some(vec![("RTM_NEWLINK".to_string(), fields)]);
            return Ok(Outcome { links, ..Outcome::default() });
        }
        may(&net)?;
        match op {
            Op::Veth { name, peer, peer_in, .. } => {
                let peer_net = match peer_in {
                    Some(place) => self.net_of(&by, place)?,
                    None => net.clone(),
                };
                may(&peer_net)?;
                self.links.pair(&net, name, &peer_net, peer)?;
            }
            Op::LinkMove { name, to, .. } => {
                let to = self.net_of(&by, to)?;
                may(&to)?;
                self.links.move_to(&net, name, &to)?;
            }
            Op::LinkDel { name, .. } => self.links.delete(&net, name)?,
            _ => {}
        }
        Ok(Outcome { error: Some(Errno(0)), ..Outcome::default() })
    }
}
