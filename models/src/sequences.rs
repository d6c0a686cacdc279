//! One thread, and every sequence of a few operations: each answer is that of a plain object that does the same.
//!
//! What races have to offer is elsewhere. Here are the cases that they do not come to: the ends of ranges, and what only
//! misuse or a refusal shows.

use crate::world::{PanicsInTheEnd, World};
use crate::{Engines, Model};
use netns_core::check::{choose, reached};
use netns_core::ida::Ida;
use netns_core::refcount::Refcount;
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::{Arc, AtomicU32, AtomicUsize, Mutex};
use netns_core::{AssignError, CLONE_NEWNET, Error, Nsid, UserNamespace};
use std::collections::{BTreeMap, BTreeSet};

/// The models of this room.
pub const MODELS: &[Model] = &[
    Model {
        name: "ida-any-three-operations",
        protocol: "ida",
        about: "Any three operations on the lowest numbers, or on the greatest: what is taken, given and refused is what a \
                set of numbers would, from which the lowest free one is handed out.",
        threads: 1,
        claims: &[28],
        reaches: &["given", "no space", "taken", "not free", "freed", "was free"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: any_three_of_ida,
    },
    Model {
        name: "count-any-three-operations",
        protocol: "refcount",
        about: "Any three operations on a count that is small, none, or near its greatest: it counts, or is saturated for \
                good, and whoever puts the last reference is told.",
        threads: 1,
        claims: &[1, 8],
        reaches: &["the last", "saturated"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: any_three_of_a_count,
    },
    Model {
        name: "life-any-four-steps",
        protocol: "life",
        about: "Namespaces are created, lose their last reference, the oldest or the newest, and are cleaned up, in any \
                order: each is found, in the order of creation, until it is cleaned up, and got until it dies; its file's \
                number is free again when it is gone, and so is its place in the quota.",
        threads: 1,
        claims: &[1, 6, 19],
        reaches: &["cleaned up", "nothing to clean up"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: any_four_of_a_life,
    },
    Model {
        name: "quota-any-three-creations",
        protocol: "user",
        about: "Namespaces are created by a user namespace, its child and its grandchild, up to the limits of each: one \
                counts for its owner and for all ancestors, or, if one of them allows no more, for nobody. User namespaces are \
                33 levels deep at most.",
        threads: 1,
        claims: &[7],
        reaches: &["created", "refused"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: any_three_of_a_quota,
    },
    Model {
        name: "nsid-any-three-steps",
        protocol: "nsid",
        about: "Two peers are given ids, chosen or the lowest free ones, and one dies: a peer has one id and an id one peer, \
                and who is gone has none.",
        threads: 1,
        claims: &[24, 25, 28],
        reaches: &["given", "has one", "taken"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: any_three_of_ids,
    },
    Model {
        name: "genid-any-three-bumps",
        protocol: "genid",
        about: "Generation numbers are bumped, alone and together, with a hook that flushes IPv6 routes and bumps again, or \
                without: each counts its own bumps, a flush is not flushed in itself, and a hook that panics when it goes \
                harms nobody.",
        threads: 1,
        claims: &[],
        reaches: &["flushed", "no hook"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: any_three_bumps,
    },
];

const STEPS: usize = 3;

fn any_three_of_ida() {
    let first = [0, Ida::MAX - 3][choose(2)];
    // As everywhere, under the lock of its owner.
    let (owner, mut taken) = (Mutex::new(Ida::new()), BTreeSet::new());
    for id in [first, first + 1, first + 2] {
        assert_eq!(owner.lock().alloc(first), Ok(id));
        taken.insert(id);
    }
    for _ in 0..STEPS {
        let mut ida = owner.lock();
        match choose(8) {
            min @ 0..2 => alloc(&mut ida, &mut taken, first + 2 * min as u32),
            step @ 2..5 => {
                let id = first + step as u32;
                let free = id <= Ida::MAX && taken.insert(id);
                assert_eq!(ida.take(id), free, "{id} of {taken:?}");
                reached(if free { "taken" } else { "not free" });
            }
            step => {
                let id = first + step as u32 - 5;
                let was_taken = taken.remove(&id);
                assert_eq!(ida.free(id), was_taken, "{id} of {taken:?}");
                reached(if was_taken { "freed" } else { "was free" });
            }
        }
        for id in first.saturating_sub(1)..=first + 5 {
            assert_eq!(ida.contains(id), taken.contains(&id), "{id} of {taken:?}");
        }
    }
}

fn alloc(ida: &mut Ida, taken: &mut BTreeSet<u32>, min: u32) {
    let lowest = (min..=Ida::MAX).find(|id| !taken.contains(id));
    assert_eq!(ida.alloc(min).ok(), lowest, "from {min} on: {taken:?}");
    reached(if lowest.is_some() { "given" } else { "no space" });
    taken.extend(lowest);
}

fn any_three_of_a_count() {
    let start = [0, 1, 2, Refcount::MAX - 1, Refcount::MAX][choose(5)];
    // `None` is a saturated one.
    let (count, mut expected) = (Refcount::new(start), Some(start));
    let taken = |n| (n < Refcount::MAX).then_some(n + 1);
    for _ in 0..STEPS {
        match choose(3) {
            0 => {
                count.inc();
                expected = expected.filter(|n| *n > 0).and_then(taken);
            }
            1 => {
                assert_eq!(count.inc_not_zero(), expected != Some(0));
                expected = expected.and_then(|n| if n == 0 { Some(0) } else { taken(n) });
            }
            _ => {
                assert_eq!(count.dec_and_test(), expected == Some(1));
                expected = expected.and_then(|n| n.checked_sub(1));
                if expected == Some(0) {
                    reached("the last");
                }
            }
        }
        assert_eq!(
            (count.is_saturated(), Some(count.read()).filter(|n| *n <= Refcount::MAX)),
            (expected.is_none(), expected)
        );
        if expected.is_none() {
            let pinned = Refcount::MAX + (1 << 29)..u32::MAX - (1 << 29);
            assert!(pinned.contains(&count.read()), "so far from both ends that no threads bring it back");
            reached("saturated");
        }
    }
}

fn any_four_of_a_life() {
    let world = World::with_slots(0);
    let init_net = world.namespaces.init_net();
    let (mut living, mut listed) = (Vec::new(), vec![(init_net.id(), init_net.inum())]);
    for _ in 0..STEPS + 1 {
        for net in living.iter().chain([init_net]) {
            let same = [
                net.copy_net_ns(!CLONE_NEWNET, &world.user),
                world.namespaces.copy_net_ns(!CLONE_NEWNET, &world.user, net),
            ];
            assert_eq!(
                (same, net.count()),
                ([Ok(net.clone()), Ok(net.clone())], 3),
                "references to the same"
            );
        }
        match choose(4) {
            0 => {
                let net = world.new_net();
                let lowest = (init_net.inum()..).find(|inum| listed.iter().all(|(_, taken)| taken != inum));
                assert_eq!(Some(net.inum()), lowest, "of {listed:?}");
                assert!(net != *init_net && net == net.clone());
                listed.push((net.id(), net.inum()));
                living.push(net);
            }
            1 => drop((!living.is_empty()).then(|| living.remove(0))),
            2 => drop(living.pop()),
            _ => {
                let dying = living.len() + 1 < listed.len();
                assert_eq!(
                    world.namespaces.run_cleanup(),
                    Ok(usize::from(dying)),
                    "work that was queued runs once"
                );
                listed.retain(|(id, _)| *id == init_net.id() || living.iter().any(|net| net.id() == *id));
                reached(if dying { "cleaned up" } else { "nothing to clean up" });
            }
        }
        let guard = world.namespaces.read_lock();
        let found = world.namespaces.for_each_net_rcu(&guard).map(|net| {
            let lives = net == &**init_net || living.iter().any(|living| **living == *net);
            assert_eq!((net.count(), net.maybe_get().is_some()), (lives.into(), lives));
            (net.id(), net.inum())
        });
        assert_eq!(found.collect::<Vec<_>>(), listed);
        drop(guard);
        let mut found = Vec::new();
        world.namespaces.for_each_net(|net| found.push((net.id(), net.inum())));
        assert_eq!(found, listed);
        assert_eq!(world.user.net_namespaces() as usize, listed.len() - 1);
    }
    // A number that was given back wrongly is found out by the next ones.
    let next = [world.new_net(), world.new_net()].map(|net| net.inum());
    let mut free = (init_net.inum()..).filter(|inum| listed.iter().all(|(_, taken)| taken != inum));
    assert_eq!(next.map(Some), [free.next(), free.next()], "of {listed:?}");
    drop((next, living));
    world.end();
}

/// What user namespaces answer.
const REFUSED: Result<(), Error> = Err(Error::NotPermitted);

fn any_three_of_a_quota() {
    let world = World::with_slots(0);
    let root = UserNamespace::new(2);
    let child = root.child(1000).expect("a root has all ids");
    assert_eq!([root.map_root(), child.child(0).map(drop)], [REFUSED; 2], "a root has ids, and it none");
    child.map_root().expect("it is not mapped yet");
    assert_eq!([child.map_root(), child.child(1000).map(drop)], [REFUSED; 2], "it has one id now");
    child.set_limit(1);
    let family = [root, child.clone(), child.child(0).expect("it has that id")];
    let parents = family.each_ref().map(|user| user.parent().cloned());
    assert_eq!(parents, [None, Some(family[0].clone()), Some(child.clone())]);
    assert_eq!(family.each_ref().map(UserNamespace::owner), [0, 1000, 0]);
    assert!(family[0] != family[1], "they are not alike");
    let mut deepest = family[2].clone();
    while deepest.level() < 33 {
        deepest.map_root().expect("it is not mapped yet");
        deepest = deepest.child(0).expect("it is not too deep");
    }
    deepest.map_root().expect("it is not mapped yet");
    assert_eq!(deepest.child(0), Err(Error::NoSpace), "nothing is below level 33");
    let limits = [2, 1, u32::MAX];
    assert_eq!(family.each_ref().map(|user| (user.level(), user.limit())), [(0, 2), (1, 1), (2, u32::MAX)]);
    let (mut nets, mut used) = (Vec::new(), [0; 3]);
    for _ in 0..STEPS {
        let owner = choose(3);
        let ancestry = 0..=owner;
        let user = &family[owner];
        match world.namespaces.copy_net_ns(CLONE_NEWNET, user, world.namespaces.init_net()) {
            Ok(net) => {
                assert_eq!(net.user_ns(), user);
                assert!(ancestry.clone().all(|i| used[i] < limits[i]), "{owner} with {used:?}");
                ancestry.for_each(|i| used[i] += 1);
                nets.push(net);
                reached("created");
            }
            Err(error) => {
                assert_eq!(error, Error::NoSpace);
                assert!(ancestry.into_iter().any(|i| used[i] == limits[i]), "{owner} with {used:?}");
                reached("refused");
            }
        }
        assert_eq!(family.each_ref().map(UserNamespace::net_namespaces), used);
    }
    drop(nets);
    world.clean_up();
    assert_eq!(family.map(|user| user.net_namespaces()), [0; 3]);
    world.end();
}

fn any_three_of_ids() {
    assert_eq!((Nsid::new(Nsid::NOT_ASSIGNED), Nsid::MAX.next()), (None, None), "neither is an id");
    let world = World::with_slots(0);
    let init_net = world.namespaces.init_net().clone();
    let mut nets = [Some(world.new_net()), Some(world.new_net())];
    let ids = nets.each_ref().map(|net| net.as_ref().expect("both live").id());
    let wanted = [None, Nsid::new(0), Nsid::new(1), Some(Nsid::MAX)];
    let mut given = BTreeMap::new();
    for _ in 0..STEPS {
        let (peer, step) = (choose(2), choose(5));
        let Some(net) = &nets[peer] else { continue };
        let Some(wanted) = wanted.get(step) else {
            nets[peer] = None;
            world.clean_up();
            given.retain(|_, of| *of != ids[peer]);
            continue;
        };
        let has = given.iter().find(|(_, of)| **of == ids[peer]).map(|(id, _)| *id);
        let free = |id: &Nsid| !given.contains_key(id);
        let expected = match (has, wanted) {
            (Some(id), _) => Err(AssignError::PeerHasId(id)),
            (None, Some(id)) => Some(*id).filter(free).ok_or(AssignError::IdTaken),
            (None, None) => Ok((0..).filter_map(Nsid::new).find(free).expect("there are two peers")),
        };
        assert_eq!(init_net.assign_id(net, *wanted, None), expected, "{given:?}");
        reached(match expected {
            Ok(_) => "given",
            Err(AssignError::PeerHasId(_)) => "has one",
            Err(_) => "taken",
        });
        given.extend(expected.ok().map(|id| (id, ids[peer])));
        let all: Vec<_> = given.iter().map(|(id, of)| (*id, *of)).collect();
        assert_eq!(init_net.peer_ids(Nsid::MIN, 3), all);
        assert_eq!(
            init_net.peer_ids(Nsid::MAX, 3),
            all.last().filter(|(id, _)| *id == Nsid::MAX).copied().as_slice()
        );
        for id in [Nsid::MIN, Nsid::MAX] {
            assert_eq!(init_net.get_net_ns_by_id(id).map(|net| net.id()), given.get(&id).copied());
        }
        assert_eq!(init_net.peernet2id(net), has.or(expected.ok()));
    }
    drop((nets, init_net));
    world.end();
}

fn any_three_bumps() {
    let world = World::with_slots(0);
    let (net, flushes) = (world.new_net(), Arc::new(AtomicU32::new(0)));
    let ends = Arc::new(AtomicUsize::new(0));
    let has_hook = choose(2) == 1;
    if has_hook {
        let (counter, end) = (flushes.clone(), PanicsInTheEnd(ends.clone()));
        world.namespaces.set_fib6_flush(Some(Box::new(move |net| {
            let _ = &end;
            counter.fetch_add(1, Relaxed);
            net.rt_genid_bump_ipv6();
            net.fnhe_genid_bump();
        })));
    }
    let mut expected = [0; 3];
    for _ in 0..STEPS {
        let [ipv4, ipv6, exceptions] =
            [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)].map(<[u32; 3]>::from)[choose(4)];
        match (ipv4, ipv6) {
            (1, 0) => net.rt_genid_bump_ipv4(),
            (0, 1) => net.rt_genid_bump_ipv6(),
            (0, 0) => net.fnhe_genid_bump(),
            _ => net.rt_genid_bump_all(),
        }
        let flushed = if has_hook { ipv6 } else { 0 };
        let bumped = [ipv4, flushed, exceptions + flushed];
        expected = std::array::from_fn(|i| expected[i] + bumped[i]);
        assert_eq!([net.rt_genid_ipv4(), flushes.load(Relaxed), net.fnhe_genid()], expected);
        reached(if flushed > 0 { "flushed" } else { "no hook" });
    }
    world.namespaces.set_fib6_flush(None);
    assert_eq!(ends.load(Relaxed), usize::from(has_hook), "the hook is gone");
    drop(net);
    world.end();
}
