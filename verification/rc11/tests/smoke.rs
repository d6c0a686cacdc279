//! Smoke.
use rc11::*;
use std::sync::{Arc, atomic::Ordering::*};
fn run(f: impl Fn() + Send + Sync + 'static) -> Report {
    let r = Explorer::new().count_duplicates(true).run(f);
    assert_eq!(r.duplicates, 0);
    r
}
#[test]
fn sb() {
    for (o, n) in [(Relaxed, 4), (SeqCst, 3)] {
        let r = run(move || {
            let x = Arc::new((Atomic::new(0u64), Atomic::new(0u64)));
            let y = x.clone();
            let so = if o == Relaxed { Relaxed } else { SeqCst };
            let t = thread::spawn(move || {
                y.0.store(1, so);
                y.1.load(o);
            });
            let z = x.clone();
            let u = thread::spawn(move || {
                z.1.store(1, so);
                z.0.load(o);
            });
            t.join();
            u.join();
        })
        .assert_complete();
        assert_eq!(r.complete, n);
    }
}
#[test]
fn adds() {
    for n in 2..6usize {
        let r = run(move || {
            let x = Arc::new(Atomic::new(0u64));
            let ts: Vec<_> = (0..n)
                .map(|_| {
                    let x = x.clone();
                    thread::spawn(move || {
                        x.fetch_add(1, Relaxed);
                    })
                })
                .collect();
            for t in ts {
                t.join();
            }
            assert_eq!(x.load(Relaxed), n as u64);
        })
        .assert_complete();
        assert_eq!(r.complete, (1..=n as u64).product::<u64>());
    }
}
#[test]
fn mutexes() {
    for n in 2..6usize {
        let r = run(move || {
            let x = Arc::new(Mutex::new(0u64));
            let ts: Vec<_> = (0..n)
                .map(|_| {
                    let x = x.clone();
                    thread::spawn(move || {
                        *x.lock() += 1;
                    })
                })
                .collect();
            for t in ts {
                t.join();
            }
        })
        .assert_complete();
        println!("{r}");
        assert_eq!(r.complete, (1..=n as u64).product::<u64>());
    }
}
#[test]
fn iriw() {
    for (w, l, n) in [(Release, Acquire, 16), (SeqCst, SeqCst, 15)] {
        let r = run(move || {
            let x = Arc::new((Atomic::new(0u64), Atomic::new(0u64)));
            let a = x.clone();
            let b = x.clone();
            let c = x.clone();
            let d = x.clone();
            let ts = [
                thread::spawn(move || a.0.store(1, w)),
                thread::spawn(move || b.1.store(1, w)),
                thread::spawn(move || {
                    c.0.load(l);
                    c.1.load(l);
                }),
                thread::spawn(move || {
                    d.1.load(l);
                    d.0.load(l);
                }),
            ];
            for t in ts {
                t.join();
            }
        })
        .assert_complete();
        assert_eq!(r.complete, n);
    }
}
