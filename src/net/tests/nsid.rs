//! Peer ids: both directions, the lowest free one, who is told, what an end takes with it.

use super::*;
use crate::net::nsid::{NsidEvent, NsidEventKind, NsidListener};

fn id(id: i32) -> Nsid {
    Nsid::new(id).unwrap()
}

/// Writes down what it is told: the kind, the id, the request's number.
#[derive(Default)]
struct Ear(Mutex<Vec<(NsidEventKind, i32, u32)>>);

impl NsidListener for Ear {
    fn told(&self, event: &NsidEvent<'_>) {
        let seq = event.origin.map_or(0, |origin| origin.seq);
        self.0.lock().push((event.kind, event.id.get(), seq));
        // Allowed here: a look at another table, and a reference that is dropped.
        let net = event.net.maybe_get().expect("who announces lives");
        assert_eq!(net.peernet2id(event.net), None);
    }
}

impl Ear {
    fn take(&self) -> Vec<(NsidEventKind, i32, u32)> {
        std::mem::take(&mut self.0.lock())
    }
}

use NsidEventKind::{Del, New};

#[test]
fn the_lowest_free_id_is_given_and_found_in_both_directions() {
    let namespaces = by_hand();
    let (o, a, b, c) = (namespaces.create(), namespaces.create(), namespaces.create(), namespaces.create());
    assert_eq!(o.peernet2id(&a), None);
    assert_eq!(o.assign_id(&a, None, None), Ok(id(0)));
    assert_eq!(o.assign_id(&b, Some(id(2)), None), Ok(id(2)));
    assert_eq!(o.peernet2id_alloc(&c), Some(id(1)));
    assert_eq!(o.peernet2id_alloc(&c), Some(id(1)), "one id for one peer");
    assert_eq!(o.peernet2id_alloc(&o), Some(id(3)), "a namespace may be its own peer");
    assert_eq!(o.get_net_ns_by_id(id(2)), Some(b.clone()));
    assert_eq!(o.get_net_ns_by_id(id(4)), None);
    assert_eq!(a.peernet2id(&o), None, "the other direction is another mapping");
    let listed: Vec<_> = o.peer_ids(id(1), 2).into_iter().map(|(id, peer)| (id.get(), peer)).collect();
    assert_eq!(listed, [(1, c.id()), (2, b.id())]);
}

#[test]
fn what_cannot_be_given_is_refused_with_the_kernel_s_number() {
    let (namespaces, others) = (by_hand(), by_hand());
    let (o, a, b) = (namespaces.create(), namespaces.create(), namespaces.create());
    o.assign_id(&a, Some(Nsid::MAX), None).unwrap();
    assert_eq!(o.assign_id(&a, Some(id(1)), None), Err(AssignError::PeerHasId(Nsid::MAX)));
    assert_eq!(o.assign_id(&b, Some(Nsid::MAX), None), Err(AssignError::IdTaken));
    assert_eq!(o.assign_id(others.init_net(), None, None), Err(AssignError::Foreign));
    assert_eq!(o.peernet2id_alloc(others.init_net()), None);
    let errnos =
        [AssignError::IdTaken, AssignError::NoSpace, AssignError::Foreign].map(|e| Error::from(e).errno());
    assert_eq!(errnos, [17, 28, 22]);
    assert_eq!((Nsid::new(-1), Nsid::MAX.next(), Nsid::MIN.next()), (None, None, Some(id(1))));
}

#[test]
fn who_is_dying_gets_no_id_and_gives_none_and_keeps_the_ones_it_has_until_the_cleanup() {
    let namespaces = by_hand();
    let (o, a, b) = (namespaces.create(), namespaces.create(), namespaces.create());
    o.assign_id(&a, Some(id(5)), None).unwrap();
    let (a_id, a_passive, b_passive) = (a.id(), a.passive(), b.passive());
    drop((a, b));
    let guard = namespaces.read_lock();
    let dying: Vec<&Net> = namespaces.for_each_net_rcu(&guard).filter(|net| net.count() == 0).collect();
    assert_eq!(o.peernet2id_alloc(dying[1]), None);
    assert_eq!(dying[1].peernet2id_alloc(&o), None);
    assert_eq!(o.peernet2id_alloc(dying[0]), Some(id(5)), "what is there is found");
    drop(guard);
    assert_eq!(o.get_net_ns_by_id(id(5)), None, "it cannot be had any more");
    assert_eq!(o.id_of(a_id), Some(id(5)));
    let c = namespaces.create();
    assert_eq!(o.assign_id(&c, Some(id(5)), None), Err(AssignError::IdTaken));
    namespaces.run_cleanup().unwrap();
    assert_eq!((o.id_of(a_id), o.peer_ids(Nsid::MIN, 9)), (None, vec![]));
    assert_eq!(o.assign_id(&c, Some(id(5)), None), Ok(id(5)));
    drop((a_passive, b_passive));
}

#[test]
fn subscribers_hear_of_each_change_once_in_order() {
    let namespaces = by_hand();
    let (o, a, b) = (namespaces.create(), namespaces.create(), namespaces.create());
    let (here, everywhere) = (Arc::new(Ear::default()), Arc::new(Ear::default()));
    let subscription = o.subscribe(here.clone());
    let other = o.subscribe_all(everywhere.clone());
    o.assign_id(&a, Some(id(7)), Some(Origin { portid: 1, seq: 9 })).unwrap();
    o.assign_id(&a, None, None).unwrap_err();
    o.peernet2id_alloc(&b).unwrap();
    a.assign_id(&o, Some(id(4)), None).unwrap();
    assert_eq!(here.take(), [(New, 7, 9), (New, 0, 0)]);
    assert_eq!(everywhere.take(), [(New, 7, 9), (New, 0, 0), (New, 4, 0)]);
    drop((a, b));
    namespaces.run_cleanup().unwrap();
    assert_eq!(
        here.take(),
        [(Del, 0, 0), (Del, 7, 0)],
        "the last to die is told first; a's own table is not"
    );
    drop(subscription);
    o.peernet2id_alloc(namespaces.init_net()).unwrap();
    assert_eq!(here.take(), []);
    assert_eq!(everywhere.take().last(), Some(&(New, 0, 0)));
    drop(other);
}

#[test]
fn of_those_who_die_together_none_is_told_and_the_living_are_told_in_the_order_of_creation() {
    let namespaces = by_hand();
    let (a, b, x, y) = (namespaces.create(), namespaces.create(), namespaces.create(), namespaces.create());
    // Mutual ids, of living and of dying ones, given in another order than that of creation.
    b.assign_id(&x, Some(id(20)), None).unwrap();
    a.assign_id(&x, Some(id(10)), None).unwrap();
    x.assign_id(&y, Some(id(30)), None).unwrap();
    y.assign_id(&x, Some(id(40)), None).unwrap();
    x.assign_id(&a, Some(id(50)), None).unwrap();
    b.assign_id(&y, Some(id(60)), None).unwrap();
    let ear = Arc::new(Ear::default());
    let subscription = a.subscribe_all(ear.clone());
    drop(x);
    drop(y);
    namespaces.run_cleanup().unwrap();
    assert_eq!(ear.take(), [(Del, 60, 0), (Del, 10, 0), (Del, 20, 0)]);
    assert!(a.ids.observers.lock().is_empty(), "a dead observer is in nobody's list");
    drop(subscription);
}

#[test]
fn a_failed_creation_leaves_no_ids_behind() {
    let namespaces = by_hand();
    let (log, o) = (Log::default(), namespaces.create());
    let (peer, there) = (o.clone(), Arc::new(Mutex::new(None)));
    let kept = there.clone();
    let probe = Probe::new("op", &log).in_init(move |net| {
        if net == &*peer || !kept.lock().is_none() || net.count() > 1 {
            return Ok(());
        }
        peer.peernet2id_alloc(net).unwrap();
        net.peernet2id_alloc(&peer).unwrap();
        *kept.lock() = Some((net.id(), net.inum()));
        Err(Error::Errno(71))
    });
    // Registered while `o` and the initial namespace have more than one reference, so that it fails in no old one.
    let old = (namespaces.init_net().clone(), o.clone());
    let registration = namespaces.register_pernet_subsys(probe).unwrap();
    assert_eq!(namespaces.try_create().unwrap_err().errno(), 71);
    let (failed, inum) = there.lock().take().unwrap();
    assert_eq!(o.id_of(failed), None);
    assert!(o.ids.observers.lock().is_empty());
    *there.lock() = Some((failed, inum));
    assert_eq!(namespaces.create().inum(), inum, "its file number is free again");
    drop((registration, old));
}

#[test]
fn file_numbers_are_unique_among_the_living() {
    let namespaces = by_hand();
    assert_eq!(namespaces.init_net().inum(), 4_026_531_840);
    let (a, b) = (namespaces.create(), namespaces.create());
    let (of_a, of_b) = (a.inum(), b.inum());
    assert_ne!(of_a, of_b);
    drop(a);
    assert_ne!(namespaces.create().inum(), of_a, "not before the cleanup");
    namespaces.run_cleanup().unwrap();
    assert_eq!(namespaces.create().inum(), of_a);
}
