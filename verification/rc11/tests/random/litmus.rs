//! The oracle on the litmus tests of the literature.

use crate::oracle::judge;
use crate::program::{Order, Program};
use crate::verdict::{Mode, Verdict};

fn verdict(program: &str) -> Verdict {
    judge(&program.parse().expect("it is a program"), Mode::Rc11)
}

fn complete(program: &str) -> u64 {
    verdict(program).complete
}

/// Whether a complete execution ends with all of this: `1:r0=2` is a register of thread 1, `x=1` a last value.
fn allows(program: &str, wanted: &str) -> bool {
    verdict(program).outcomes.iter().any(|outcome| {
        let outcome = outcome.to_string();
        wanted.split(' ').all(|one| outcome.split(' ').any(|part| part == one))
    })
}

fn at_last_zero_and_zero(program: &str) -> bool {
    allows(program, "0:r0=0 1:r0=0")
}

#[test]
fn store_buffering() {
    let sb = |order| {
        format!("x.store(1, {order}); r0 = y.load({order}) || y.store(1, {order}); r0 = x.load({order})")
    };
    assert_eq!(complete(&sb("rlx")), 4);
    assert_eq!(complete(&sb("sc")), 3);
    assert!(!at_last_zero_and_zero(&sb("sc")));
    assert_eq!(
        complete("x.store(1, rel); r0 = y.load(acq) || y.store(1, rel); r0 = x.load(acq)"),
        4,
        "releases and acquires do not order a store before a load"
    );
    assert!(at_last_zero_and_zero("x.store(1, sc); r0 = y.load(acq) || y.store(1, sc); r0 = x.load(acq)"));
}

#[test]
fn store_buffering_with_fences() {
    let sb = |one, two| {
        format!(
            "x.store(1, rlx); fence({one}); r0 = y.load(rlx) \
             || y.store(1, rlx); fence({two}); r0 = x.load(rlx)"
        )
    };
    assert_eq!(complete(&sb("sc", "sc")), 3);
    assert!(!at_last_zero_and_zero(&sb("sc", "sc")));
    assert_eq!(complete(&sb("acqrel", "acqrel")), 4);
    assert_eq!(complete(&sb("sc", "acqrel")), 4);
    // A fence against sequentially consistent accesses.
    assert!(!at_last_zero_and_zero(
        "x.store(1, sc); r0 = y.load(sc) || y.store(1, rlx); fence(sc); r0 = x.load(rlx)"
    ));
}

#[test]
fn light_fences() {
    let sb = |one, two| {
        format!(
            "x.store(1, rlx); fence({one}); r0 = y.load(rlx) \
             || y.store(1, rlx); fence({two}); r0 = x.load(rlx)"
        )
    };
    assert!(!at_last_zero_and_zero(&sb("light", "sc")), "a light fence is ordered against a heavy one");
    assert!(at_last_zero_and_zero(&sb("light", "light")), "and not against another light one");
    assert!(at_last_zero_and_zero(&sb("light", "acqrel")));
    for (release, acquire) in [("light", "light"), ("light", "acq"), ("rel", "light")] {
        let mp = format!(
            "x.store(1, rlx); fence({release}); y.store(1, rlx) \
             || r0 = y.load(rlx); fence({acquire}); r1 = x.load(rlx)"
        );
        assert!(allows(&mp, "1:r0=1 1:r1=0"), "light fences do not synchronise");
    }
    // One heavy fence in the middle of two light ones: x before y, y before z, z before x.
    let three = "x.store(1, rlx); fence(light); r0 = y.load(rlx) \
                 || y.store(1, rlx); fence(sc); r0 = z.load(rlx) \
                 || z.store(1, rlx); fence(light); r0 = x.load(rlx)";
    assert!(
        allows(three, "0:r0=0 1:r0=0 2:r0=0"),
        "the edge between the light ones is the one that is missing"
    );
    assert!(!allows(
        &three.replace("z.store(1, rlx); fence(light)", "z.store(1, rlx); fence(sc)"),
        "0:r0=0 1:r0=0 2:r0=0"
    ));
}

#[test]
fn message_passing() {
    let stale = |store, load| {
        let mp = format!("x.store(1, rlx); y.store(1, {store}) || r0 = y.load({load}); r1 = x.load(rlx)");
        allows(&mp, "1:r0=1 1:r1=0")
    };
    assert!(!stale("rel", "acq"));
    assert!(!stale("sc", "sc"));
    assert!(stale("rlx", "acq"));
    assert!(stale("rel", "rlx"));
    let by_fences = |release, acquire| {
        let mp = format!(
            "x.store(1, rlx); fence({release}); y.store(1, rlx) \
             || r0 = y.load(rlx); fence({acquire}); r1 = x.load(rlx)"
        );
        allows(&mp, "1:r0=1 1:r1=0")
    };
    assert!(!by_fences("rel", "acq"));
    assert!(!by_fences("acqrel", "acqrel"));
    assert!(by_fences("rel", "rel"));
    assert!(by_fences("acq", "acq"));
    assert!(!allows(
        "x.store(1, rlx); fence(rel); y.store(1, rlx) || r0 = y.load(acq); r1 = x.load(rlx)",
        "1:r0=1 1:r1=0"
    ));
    assert!(!allows(
        "x.store(1, rlx); y.store(1, rel) || r0 = y.load(rlx); fence(acq); r1 = x.load(rlx)",
        "1:r0=1 1:r1=0"
    ));
    // The fence is on the wrong side.
    assert!(allows(
        "x.store(1, rlx); y.store(1, rlx); fence(rel) || r0 = y.load(acq); r1 = x.load(rlx)",
        "1:r0=1 1:r1=0"
    ));
    assert!(allows(
        "x.store(1, rlx); y.store(1, rel) || fence(acq); r0 = y.load(rlx); r1 = x.load(rlx)",
        "1:r0=1 1:r1=0"
    ));
}

#[test]
fn independent_reads_of_independent_writes() {
    let iriw = |store, load| {
        format!(
            "x.store(1, {store}) || y.store(1, {store}) || r0 = x.load({load}); r1 = y.load({load}) \
             || r0 = y.load({load}); r1 = x.load({load})"
        )
    };
    let both_orders = "2:r0=1 2:r1=0 3:r0=1 3:r1=0";
    assert_eq!(complete(&iriw("rel", "acq")), 16);
    assert_eq!(complete(&iriw("rlx", "rlx")), 16);
    assert_eq!(complete(&iriw("sc", "sc")), 15);
    assert!(!allows(&iriw("sc", "sc"), both_orders));
    // IRIW-acq-sc of the paper: the first loads only acquire.
    let acquiring = "x.store(1, sc) || y.store(1, sc) || r0 = x.load(acq); r1 = y.load(sc) \
                     || r0 = y.load(acq); r1 = x.load(sc)";
    assert!(allows(acquiring, both_orders));
    let fenced = "x.store(1, rlx) || y.store(1, rlx) || r0 = x.load(rlx); fence(sc); r1 = y.load(rlx) \
                  || r0 = y.load(rlx); fence(sc); r1 = x.load(rlx)";
    assert!(!allows(fenced, both_orders));
}

#[test]
fn two_and_two_writes() {
    let writes = |order| {
        format!("x.store(1, {order}); y.store(2, {order}) || y.store(1, {order}); x.store(2, {order})")
    };
    let both_firsts_last = "x=1 y=1";
    assert_eq!(complete(&writes("rlx")), 4);
    assert_eq!(complete(&writes("rel")), 4);
    assert_eq!(complete(&writes("sc")), 3);
    assert!(allows(&writes("rel"), both_firsts_last));
    assert!(!allows(&writes("sc"), both_firsts_last));
    let fenced = "x.store(1, rlx); fence(sc); y.store(2, rlx) || y.store(1, rlx); fence(sc); x.store(2, rlx)";
    assert!(!allows(fenced, both_firsts_last));
}

#[test]
fn load_buffering_is_out_of_thin_air() {
    assert_eq!(complete("r0 = x.load(rlx); y.store(1, rlx) || r0 = y.load(rlx); x.store(1, rlx)"), 3);
    assert!(!allows(
        "r0 = x.load(rlx); y.store(1, rlx) || r0 = y.load(rlx); x.store(1, rlx)",
        "0:r0=1 1:r0=1"
    ));
    assert_eq!(complete("r0 = x.load(rlx); y.store(r0, rlx) || r0 = y.load(rlx); x.store(r0, rlx)"), 3);
    assert_eq!(complete("r0 = x.add(1, rlx)"), 1, "no read-modify-write reads what it writes itself");
}

#[test]
fn happens_before_is_transitive() {
    let wrc = |store, load| {
        format!(
            "x.store(1, rlx) || r0 = x.load(rlx); y.store(1, {store}) \
             || r0 = y.load({load}); r1 = x.load(rlx)"
        )
    };
    assert!(!allows(&wrc("rel", "acq"), "1:r0=1 2:r0=1 2:r1=0"), "a read before it is as good as the write");
    assert!(allows(&wrc("rlx", "acq"), "1:r0=1 2:r0=1 2:r1=0"));
    let isa2 = "x.store(1, rlx); y.store(1, rel) || r0 = y.load(acq); z.store(1, rel) \
                || r0 = z.load(acq); r1 = x.load(rlx)";
    assert!(!allows(isa2, "1:r0=1 2:r0=1 2:r1=0"));
    assert!(allows(&isa2.replace("y.load(acq)", "y.load(rlx)"), "1:r0=1 2:r0=1 2:r1=0"));
}

#[test]
fn fences_of_the_paper() {
    // RWC, and W+RWC with a release and an acquire.
    let rwc = |one, two| {
        format!(
            "x.store(1, rlx) || r0 = x.load(rlx); fence({one}); r1 = y.load(rlx) \
             || y.store(1, rlx); fence({two}); r0 = x.load(rlx)"
        )
    };
    assert!(!allows(&rwc("sc", "sc"), "1:r0=1 1:r1=0 2:r0=0"));
    assert!(allows(&rwc("acqrel", "sc"), "1:r0=1 1:r1=0 2:r0=0"));
    let w_rwc = "x.store(1, rlx); z.store(1, rel) || r0 = z.load(acq); fence(sc); r1 = y.load(rlx) \
                 || y.store(1, rlx); fence(sc); r0 = x.load(rlx)";
    assert!(!allows(w_rwc, "1:r0=1 1:r1=0 2:r0=0"));
    assert!(allows(&w_rwc.replace("z.store(1, rel)", "z.store(1, rlx)"), "1:r0=1 1:r1=0 2:r0=0"));
    // R, and S.
    let r = "x.store(1, rlx); fence(sc); y.store(1, rlx) || y.store(2, rlx); fence(sc); r0 = x.load(rlx)";
    assert!(!allows(r, "y=2 1:r0=0"));
    let s = "x.store(2, rlx); y.store(1, rel) || r0 = y.load(acq); x.store(1, rlx)";
    assert!(!allows(s, "1:r0=1 x=2"));
}

#[test]
fn sequentially_consistent_accesses_of_the_paper() {
    // Z6.U: the store of x happens before the update of y, which is before the store of y, and yet the store of x is
    // not before the load of it: hb into another thread counts only if it leads away from x and then to y from elsewhere.
    let z6u = "x.store(1, sc); y.store(1, rel) || r0 = y.add(1, sc); r1 = y.load(rlx) \
               || y.store(3, sc); r0 = x.load(sc)";
    assert!(allows(z6u, "1:r0=1 1:r1=3 2:r0=0"));
    // W+RWC: that way there is between the first store and the second load.
    let w_rwc = |release, acquire| {
        format!(
            "x.store(1, sc); z.store(1, {release}) || r0 = z.load({acquire}); r1 = y.load(sc) \
             || y.store(1, sc); r0 = x.load(sc)"
        )
    };
    assert!(!allows(&w_rwc("rel", "acq"), "1:r0=1 1:r1=0 2:r0=0"));
    assert!(allows(&w_rwc("rlx", "acq"), "1:r0=1 1:r1=0 2:r0=0"));
    // The same with the message at the location itself. No pair of locations differs on the way, so nothing orders the
    // first store before the load of y; an event anywhere else does, be it a plain access or a fence.
    let same = |between| {
        format!(
            "x.store(1, sc); {between}x.store(2, rel) || r0 = x.load(acq); r1 = y.load(sc) \
             || y.store(1, sc); r0 = x.load(sc)"
        )
    };
    assert!(allows(&same(""), "1:r0=2 1:r1=0 2:r0=0"));
    assert!(!allows(&same("z.store(1, rlx); "), "1:r0=2 1:r1=0 2:r0=0"));
    assert!(!allows(&same("a.set(1); "), "1:r0=2 1:r1=0 2:r0=0"));
    assert!(!allows(&same("fence(acq); "), "1:r0=2 1:r1=0 2:r0=0"), "a fence is at no location");
}

#[test]
fn coherence() {
    assert!(!allows("x.store(1, rlx) || r0 = x.load(rlx); r1 = x.load(rlx)", "1:r0=1 1:r1=0"), "CoRR");
    assert!(
        !allows("x.store(1, rlx); x.store(2, rlx) || r0 = x.load(rlx); r1 = x.load(rlx)", "1:r0=2 1:r1=1"),
        "CoRR"
    );
    assert!(!allows("x.store(1, rlx); x.store(2, rlx)", "x=1"), "CoWW");
    assert!(!allows("r0 = x.load(rlx); x.store(1, rlx)", "0:r0=1"), "CoRW within a thread");
    assert!(!allows("x.store(2, rlx) || r0 = x.load(rlx); x.store(1, rlx)", "1:r0=2 x=2"), "CoRW");
    assert!(!allows("x.store(1, rlx); r0 = x.load(rlx)", "0:r0=0"), "CoWR within a thread");
    assert!(!allows("x.store(1, rlx); r0 = x.load(rlx) || x.store(2, rlx)", "0:r0=2 x=1"), "CoWR");
    assert_eq!(complete("x.store(1, rlx) || x.store(2, rlx) || x.store(2, rlx)"), 6);
    assert!(
        !allows("x.store(1, rlx); y.store(1, rel) || r0 = y.load(acq); x.store(2, rlx)", "1:r0=1 x=1"),
        "CoWW across threads"
    );
}

#[test]
fn release_sequences() {
    let stale = "1:r0=2 1:r1=0";
    // By way of a read-modify-write, whoever does it and however.
    let through =
        "x.store(1, rlx); y.store(1, rel) || r0 = y.load(acq); r1 = x.load(rlx) || r0 = y.add(1, rlx)";
    assert!(!allows(through, stale));
    let two = "x.store(1, rlx); y.store(1, rel) || r0 = y.load(acq); r1 = x.load(rlx) \
               || r0 = y.add(1, rlx); r1 = y.add(1, rlx)";
    assert!(!allows(two, "1:r0=3 1:r1=0"));
    let from_fence = "x.store(1, rlx); fence(rel); y.store(1, rlx) \
                      || r0 = y.load(acq); r1 = x.load(rlx) || r0 = y.add(1, rlx)";
    assert!(!allows(from_fence, stale));
    // Not by a store, be it the thread's own.
    let own = "x.store(1, rlx); y.store(1, rel); y.store(2, rlx) || r0 = y.load(acq); r1 = x.load(rlx)";
    assert!(allows(own, stale));
    let foreign = "x.store(1, rlx); y.store(1, rel) || r0 = y.load(acq); r1 = x.load(rlx) || y.store(2, rlx)";
    assert!(allows(foreign, stale));
    // An update that only acquires ends no sequence and begins none.
    let headless =
        "x.store(1, rlx); y.store(1, rlx) || r0 = y.load(acq); r1 = x.load(rlx) || r0 = y.add(1, acqrel)";
    assert!(allows(headless, stale));
}

#[test]
fn read_modify_writes_are_atomic() {
    for (threads, executions) in [(1, 1), (2, 2), (3, 6), (4, 24)] {
        let program = vec!["r0 = x.add(1, rlx)"; threads].join(" || ");
        assert_eq!(complete(&program), executions);
        assert_eq!(verdict(&program).outcomes.len() as u64, executions);
    }
    assert!(!allows("r0 = x.swap(1, rlx) || x.store(2, rlx)", "0:r0=0 x=1 1:r0=0"));
    assert_eq!(complete("r0 = x.swap(1, rlx) || x.store(2, rlx)"), 2);
    let mutex = "x.await_cas(0, 1, acq); a.set(1); x.store(0, rel)";
    let three = verdict(&[mutex; 3].join(" || "));
    assert_eq!((three.complete, three.racy, three.deadlock), (6, false, false));
}

#[test]
fn a_compare_and_swap_fails_with_an_ordering_of_its_own() {
    let reads_by = |success, failure| {
        let program = format!(
            "y.store(1, rlx); x.store(2, rel) || r0 = x.cas(0, 1, {success}, {failure}); r1 = y.load(rlx)"
        );
        (complete(&program), allows(&program, "1:r0=2 1:r1=0"))
    };
    assert_eq!(reads_by("rlx", "rlx"), (4, true));
    assert_eq!(reads_by("acq", "rlx"), (4, true));
    assert_eq!(reads_by("rlx", "acq"), (3, false));
    assert_eq!(complete("r0 = x.cas(0, 1, rlx, rlx)"), 1);
    assert_eq!(complete("r0 = x.weak_cas(0, 1, rlx, rlx)"), 2, "it may fail for no reason");
    assert_eq!(complete("r0 = x.weak_cas(1, 2, rlx, rlx)"), 1, "there is one way to fail for a reason");
    assert_eq!(complete("r0 = x.cas(0, 1, rlx, rlx) || r0 = x.cas(0, 2, rlx, rlx)"), 2);
}

#[test]
fn plain_accesses_race_unless_ordered() {
    let racy = |program: &str| verdict(program).racy;
    assert!(racy("a.set(1) || a.set(2)"));
    assert!(racy("a.set(1) || r0 = a.get()"));
    assert!(!racy("r0 = a.get() || r0 = a.get()"));
    assert!(!racy("a.set(1) || b.set(1)"));
    assert!(!racy("a.set(1); r0 = a.get(); a.set(2)"));
    let mp = |store, load| {
        format!("a.set(1); x.store(1, {store}) || r0 = x.load({load}); if r0 == 1 {{ r1 = a.get() }}")
    };
    assert!(!racy(&mp("rel", "acq")));
    assert!(racy(&mp("rlx", "acq")));
    assert!(racy(&mp("rel", "rlx")));
    assert!(racy("a.set(1); x.store(1, rel) || r0 = x.load(acq); r1 = a.get()"), "it reads without looking");
    assert_eq!(verdict(&mp("rel", "acq")).outcomes.len(), 2, "who looks first gets what was set");
    // Load buffering by plain accesses: neither writes unless the other has.
    assert!(!racy("r0 = a.get(); if r0 == 1 { b.set(1) } || r0 = b.get(); if r0 == 1 { a.set(1) }"));
    assert!(racy("r0 = a.get(); b.set(1) || r0 = b.get(); a.set(1)"));
    // Before an await that nobody satisfies.
    assert!(racy("a.set(1); x.await(== 1, rlx) || a.set(2)"));
    assert!(!racy("x.await(== 1, rlx); a.set(1) || a.set(2)"));
}

#[test]
fn awaits() {
    let awaited = |by| verdict(&format!("a.set(1); x.store(1, rel) || x.await(== 1, {by}); a.set(2)"));
    assert_eq!((awaited("acq").complete, awaited("acq").racy, awaited("acq").deadlock), (1, false, false));
    assert!(awaited("rlx").racy);
    let never = verdict("x.await(== 1, acq) || y.store(1, rlx)");
    assert_eq!((never.complete, never.deadlock), (0, true));
    let missed = verdict("x.await(== 1, acq) || x.store(1, rlx); x.store(2, rlx)");
    assert_eq!((missed.complete, missed.deadlock), (1, true), "it may have come and gone");
    let embrace = verdict("x.await(== 1, rlx); y.store(1, rlx) || y.await(== 1, rlx); x.store(1, rlx)");
    assert_eq!((embrace.complete, embrace.deadlock), (0, true));
    let held = verdict("x.await_cas(0, 1, acq) || x.await_cas(0, 1, acq)");
    assert_eq!((held.complete, held.deadlock), (0, true));
    assert!(!verdict("x.await(!= 0, rlx) || x.store(1, rlx)").deadlock);
    let can_go_on = verdict("x.await(== 1, rlx) || y.await(== 0, rlx); x.store(1, rlx)");
    assert_eq!((can_go_on.complete, can_go_on.deadlock), (1, false), "one of the two can go on");
}

#[test]
fn interleavings_are_fewer() {
    let sc = |program: &str| judge(&program.parse::<Program>().expect("it is a program"), Mode::Sc);
    let sb = "x.store(1, rlx); r0 = y.load(rlx) || y.store(1, rlx); r0 = x.load(rlx)";
    assert_eq!(sc(sb).complete, 3);
    let mp = sc("a.set(1); x.store(1, rlx) || x.await(== 1, rlx); a.set(2)");
    assert!(mp.racy, "the orderings are still what orders plain accesses");
    assert_eq!(sc("x.store(1, rlx); y.store(2, rlx) || y.store(1, rlx); x.store(2, rlx)").complete, 3);
}

#[test]
fn what_is_no_program_is_not_read() {
    for text in [
        "x.load(rlx)",
        "r0 = x.load(rel)",
        "x.store(1, acq)",
        "r0 = x.cas(0, 1, rlx, rel)",
        "w.store(1, rlx)",
        "x.store(1)",
        "fence(heavy)",
        "x.store(1, rlx) y.store(1, rlx)",
        "if r0 == 1 { if r0 == 1 { a.set(1) } }",
        "a.set(1) || a.set(1) || a.set(1) || a.set(1) || a.set(1)",
    ] {
        assert!(text.parse::<Program>().is_err(), "{text}");
    }
    assert!(Order::AcqRel.is_at_least(Order::Release) && !Order::AcqRel.is_at_least(Order::SeqCst));
}
