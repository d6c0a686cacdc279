//! What peer ids cost as worlds grow.
//!
//! `cargo bench -p netns-verification --bench peer_ids`
//!
//! * The cleanup of 1,000 namespaces, which know four others and are known by four others each, among 100,000 that
//!   live and among 1,000. The kernel of the seed looks at every id of every living namespace for each that dies.
//! * Finding the id of a peer in a table of 10,000 and in one of 10. The kernel's search is linear in the table.
//!
//! Rounds alternate, so that both see the same machine; a figure is the median round. `--json` prints them for a
//! program.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use netns_core::net::Worker;
use netns_core::{CLONE_NEWNET, Namespaces, NetRef, UserNamespace};
use std::hint::black_box;
use std::time::{Duration, Instant};

const DYING: usize = 1_000;
const IDS: usize = 4;
const ROUNDS: usize = 9;
const LOOKUPS: usize = 200_000;

/// A world of many namespaces, whose cleanup runs where it is timed.
struct World {
    namespaces: Namespaces,
    user: UserNamespace,
}

impl World {
    fn new() -> World {
        let namespaces = Namespaces::builder().worker(Worker::Manual).build().expect("there is memory");
        World { namespaces, user: UserNamespace::new(u32::MAX) }
    }

    fn create(&self) -> NetRef {
        let init_net = self.namespaces.init_net();
        self.namespaces.copy_net_ns(CLONE_NEWNET, &self.user, init_net).expect("there is memory")
    }
}

/// The time that it takes to clean up namespaces that die together, spread among so many that live. Whom they know
/// and are known by is the same, however many others there are.
fn deaths(living: usize) -> Duration {
    let world = World::new();
    let known: Vec<_> = (0..DYING).map(|_| world.create()).collect();
    let apart = (living - DYING) / DYING;
    let (mut others, mut dying) = (Vec::new(), Vec::new());
    for _ in 0..DYING {
        others.extend((0..apart).map(|_| world.create()));
        dying.push(world.create());
    }
    for (i, net) in dying.iter().enumerate() {
        for other in (1..=IDS).map(|k| &known[(i + 7 * k) % DYING]) {
            net.peernet2id_alloc(other).expect("both live");
            other.peernet2id_alloc(net).expect("both live");
        }
    }
    drop(dying);
    let start = Instant::now();
    world.namespaces.run_cleanup().expect("it may wait here");
    start.elapsed()
}

/// An observer of so many peers, and a way through them that follows no order.
struct Table {
    nets: Vec<NetRef>,
    observer: NetRef,
}

impl Table {
    fn new(peers: usize) -> Table {
        let world = World::new();
        let observer = world.create();
        let nets: Vec<_> = (0..peers).map(|_| world.create()).collect();
        for peer in &nets {
            observer.peernet2id_alloc(peer).expect("all live");
        }
        Table { nets, observer }
    }

    fn lookups(&self) -> Duration {
        let peers: Vec<_> = self.nets.iter().map(|net| net.id()).collect();
        let (mut i, start) = (0, Instant::now());
        for _ in 0..LOOKUPS {
            i = (i + 7_919) % peers.len();
            black_box(self.observer.id_of(black_box(peers[i])));
        }
        start.elapsed()
    }
}

/// The medians of both, in nanoseconds an operation.
fn medians(
    operations: usize,
    mut few: impl FnMut() -> Duration,
    mut many: impl FnMut() -> Duration,
) -> [f64; 2] {
    let mut rounds: Vec<[Duration; 2]> = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push([few(), many()]);
    }
    [0, 1].map(|which| {
        let mut times: Vec<_> = rounds.iter().map(|round| round[which]).collect();
        times.sort();
        times[ROUNDS / 2].as_nanos() as f64 / operations as f64
    })
}

fn main() {
    let deaths = medians(DYING, || deaths(1_000), || deaths(100_000));
    let (few, many) = (Table::new(10), Table::new(10_000));
    let lookups = medians(LOOKUPS, || few.lookups(), || many.lookups());
    let rows = [
        ("a cleanup among 1,000", "among 100,000", deaths),
        ("the id of a peer among 10", "among 10,000", lookups),
    ];
    let json = std::env::args().any(|argument| argument == "--json");
    for (few, many, [a, b]) in rows {
        let ratio = b / a;
        if json {
            println!(
                r#"{{"few":"{few}","many":"{many}","few_ns":{a:.1},"many_ns":{b:.1},"ratio":{ratio:.2}}}"#
            );
        } else {
            println!("{few:<28} {a:>9.1} ns    {many:<14} {b:>9.1} ns    ratio {ratio:.2}");
        }
    }
}
