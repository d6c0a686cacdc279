//! Generation numbers: how caches find out that they are out of date.
//!
//! A cache keeps the number that it was filled under; what it holds counts for nothing when the namespace's is
//! another one. The numbers wrap after 2^32 bumps, as the kernel's do.

use super::Net;
use super::context::{self, Held};
use crate::sync::{self, ArcSwapOption, AtomicU32, Counted, Ordering, catch_unwind};

/// What throws away the IPv6 routes that a namespace has cached: for
/// [`Namespaces::set_fib6_flush`](super::Namespaces::set_fib6_flush).
pub type Fib6Flush = Box<dyn Fn(&Net) + Send + Sync>;

/// The generation numbers of a namespace.
pub(super) struct Genids {
    ipv4_routes: AtomicU32,
    exceptions: AtomicU32,
}

impl Genids {
    pub(super) fn new() -> Self {
        let genids = Genids { ipv4_routes: AtomicU32::new(0), exceptions: AtomicU32::new(0) };
        sync::name(&genids.ipv4_routes, "rt_genid");
        sync::name(&genids.exceptions, "fnhe_genid");
        genids
    }
}

// The accesses are relaxed: a number says that something changed, not what. Whoever changes something publishes it in
// its own way; a cache that sees the number a moment too early or too late looks again.
impl Net {
    /// The generation of the IPv4 routes.
    pub fn rt_genid_ipv4(&self) -> u32 {
        self.genids.ipv4_routes.load(Ordering::Relaxed)
    }

    /// Makes all cached IPv4 routes out of date.
    pub fn rt_genid_bump_ipv4(&self) {
        self.genids.ipv4_routes.fetch_add(1, Ordering::Relaxed);
    }

    /// Makes all cached IPv6 routes out of date: calls the owner's
    /// [hook](super::Namespaces::set_fib6_flush), if there is one. From inside the hook it does nothing for the
    /// namespace that is being flushed.
    pub fn rt_genid_bump_ipv6(&self) {
        self.world.fib6.flush(self);
    }

    /// Makes all cached routes out of date, for who does not care whether they are IPv4 or IPv6.
    pub fn rt_genid_bump_all(&self) {
        self.rt_genid_bump_ipv4();
        self.rt_genid_bump_ipv6();
    }

    /// The generation of the exceptions to next hops: redirects, path MTUs.
    pub fn fnhe_genid(&self) -> u32 {
        self.genids.exceptions.load(Ordering::Relaxed)
    }

    /// Makes all exceptions to next hops out of date.
    pub fn fnhe_genid_bump(&self) {
        self.genids.exceptions.fetch_add(1, Ordering::Relaxed);
    }
}

/// Where the hook of an owner is.
pub(super) struct Fib6Hook {
    hook: ArcSwapOption<Hook>,
}

impl Fib6Hook {
    pub(super) fn new() -> Self {
        let hook = ArcSwapOption::new(None);
        sync::name(&hook, "__fib6_flush_trees");
        Fib6Hook { hook }
    }

    pub(super) fn set(&self, flush: Option<Fib6Flush>) {
        drop(self.hook.swap(flush.map(|flush| Counted::new(Hook { flush: Some(flush) }))));
    }

    fn flush(&self, net: &Net) {
        let Some(hook) = self.hook.load_full() else { return };
        if context::is_flushing(net.id()) {
            return;
        }
        let flushing = Held::flushing(net.world.key, net.id());
        if catch_unwind(|| hook.flush.as_ref().map(|flush| flush(net))).is_err() {
            tracing::error!(net = %net.id(), "the flush of IPv6 routes panicked");
        }
        drop(flushing);
    }
}

/// A hook, which goes without a panic.
struct Hook {
    /// `None` while it is being dropped.
    flush: Option<Fib6Flush>,
}

impl Drop for Hook {
    fn drop(&mut self) {
        let flush = self.flush.take();
        if catch_unwind(|| drop(flush)).is_err() {
            tracing::error!("dropping the flush of IPv6 routes panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Namespaces;
    use crate::net::Worker;
    use crate::sync::{Arc, Mutex, planned_panic};

    fn by_hand() -> Arc<Namespaces> {
        Arc::new(Namespaces::builder().worker(Worker::Manual).build().unwrap())
    }

    /// Counts the flushes, and does what the test wants in each.
    fn count_flushes(namespaces: &Namespaces, then: impl Fn(&Net) + Send + Sync + 'static) -> Arc<AtomicU32> {
        let flushes = Arc::new(AtomicU32::new(0));
        let counter = flushes.clone();
        namespaces.set_fib6_flush(Some(Box::new(move |net| {
            counter.fetch_add(1, Ordering::Relaxed);
            then(net);
        })));
        flushes
    }

    #[test]
    fn each_number_counts_its_own_bumps() {
        let namespaces = by_hand();
        let net = namespaces.init_net();
        let numbers = || (net.rt_genid_ipv4(), net.fnhe_genid());
        assert_eq!(numbers(), (0, 0));
        net.rt_genid_bump_ipv4();
        assert_eq!(numbers(), (1, 0));
        net.fnhe_genid_bump();
        net.fnhe_genid_bump();
        assert_eq!(numbers(), (1, 2));
        net.rt_genid_bump_ipv6(); // There is no hook.
        assert_eq!(numbers(), (1, 2));
        let flushes = count_flushes(&namespaces, |_| ());
        net.rt_genid_bump_all();
        assert_eq!((numbers(), flushes.load(Ordering::Relaxed)), ((2, 2), 1));
        net.rt_genid_bump_ipv6();
        assert_eq!((numbers(), flushes.load(Ordering::Relaxed)), ((2, 2), 2));
    }

    #[test]
    fn the_numbers_wrap() {
        let namespaces = by_hand();
        let net = namespaces.init_net();
        net.genids.ipv4_routes.fetch_sub(1, Ordering::Relaxed);
        net.genids.exceptions.fetch_sub(1, Ordering::Relaxed);
        assert_eq!((net.rt_genid_ipv4(), net.fnhe_genid()), (u32::MAX, u32::MAX));
        net.rt_genid_bump_all();
        net.fnhe_genid_bump();
        assert_eq!((net.rt_genid_ipv4(), net.fnhe_genid()), (0, 0));
    }

    #[test]
    fn the_hook_is_the_last_one_set_until_it_is_taken_away() {
        let (namespaces, others) = (by_hand(), by_hand());
        let net = namespaces.init_net();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sees = seen.clone();
        let old = count_flushes(&namespaces, |_| ());
        namespaces.set_fib6_flush(Some(Box::new(move |net| sees.lock().push(net.id()))));
        assert_eq!(Arc::strong_count(&old), 1, "the old one is dropped");
        net.rt_genid_bump_ipv6();
        others.init_net().rt_genid_bump_ipv6(); // Another owner is another world.
        assert_eq!((seen.lock().clone(), old.load(Ordering::Relaxed)), (vec![net.id()], 0));
        namespaces.set_fib6_flush(None);
        net.rt_genid_bump_all();
        assert_eq!(seen.lock().len(), 1);
    }

    #[test]
    fn a_hook_that_panics_harms_nobody() {
        let namespaces = by_hand();
        let net = namespaces.init_net();
        let flushes = count_flushes(&namespaces, |_| planned_panic());
        net.rt_genid_bump_all();
        net.rt_genid_bump_all();
        assert_eq!((net.rt_genid_ipv4(), flushes.load(Ordering::Relaxed)), (2, 2));

        struct Grudge;
        impl Drop for Grudge {
            fn drop(&mut self) {
                planned_panic();
            }
        }
        let grudge = Grudge;
        let flushes = count_flushes(&namespaces, move |_| assert_eq!(size_of_val(&grudge), 0));
        net.rt_genid_bump_ipv6();
        namespaces.set_fib6_flush(None);
        assert_eq!((Arc::strong_count(&flushes), flushes.load(Ordering::Relaxed)), (1, 1));
    }

    #[test]
    fn a_hook_may_call_back_and_take_itself_away() {
        let namespaces = by_hand();
        let inner = namespaces.clone();
        let flushes = count_flushes(&namespaces, move |net| {
            net.rt_genid_bump_all(); // The flush is under way: this one does not flush again.
            net.fnhe_genid_bump();
            let old = inner.copy_net_ns(0, net.user_ns(), inner.init_net()).expect("another reference");
            assert_eq!(old.count(), 2);
            assert_eq!(inner.run_cleanup(), Ok(0), "the hook runs under no lock");
            inner.set_fib6_flush(None);
        });
        let net = namespaces.init_net();
        net.rt_genid_bump_all();
        net.rt_genid_bump_all();
        assert_eq!((net.rt_genid_ipv4(), net.fnhe_genid()), (3, 1));
        assert_eq!(flushes.load(Ordering::Relaxed), 1);
        assert_eq!((Arc::strong_count(&flushes), Arc::strong_count(&namespaces)), (1, 1), "it is dropped");
    }
}
