//! The Linux kernel's memory model (`tools/memory-model/linux-kernel.cat`, as of Linux 6.3), as far as the table needs it:
//! marked accesses, `smp_mb`, and `smp_wmb` and `smp_rmb` for release and acquire fences.

use crate::candidate::Candidate;
use crate::relation::Relation;
use netns_core::sync::Ordering::{self, Acquire, Release, SeqCst};

/// Whether the kernel's model allows it.
pub(crate) fn allows(candidate: &Candidate<'_>) -> bool {
    let Candidate { events, po: all_po, rmw, data, control, rf, co, fr } = candidate;
    let n = events.len();
    let po = all_po.only(|a, _| events[a].thread.is_some());
    let is_access = |e: usize| !events[e].is_fence();
    let internal = |a: usize, b: usize| events[a].thread.is_some() && events[a].thread == events[b].thread;
    let external = |a: usize, b: usize| events[a].thread != events[b].thread;
    let fenced = |by: Ordering| {
        let fence = Relation::on(n, |e| events[e].is_fence_of(by));
        po.then(&fence).then(&po).only(|a, b| is_access(a) && is_access(b))
    };

    let same_place = |a: usize, b: usize| events[a].place.is_some() && events[a].place == events[b].place;
    let coherent = all_po.only(same_place).or(rf).or(co).or(fr).is_acyclic();
    let (fre, coe, rfe) = (fr.only(external), co.only(external), rf.only(external));
    let atomic = rmw.only(|r, w| fre.then(&coe).has(r, w)).is_empty();

    let strong = fenced(SeqCst);
    let wmb = fenced(Release).only(|a, b| events[a].is_write() && events[b].is_write());
    let rmb = fenced(Acquire).only(|a, b| events[a].is_read() && events[b].is_read());
    let po_rel = po.only(|a, b| is_access(a) && events[b].is_write() && events[b].releases());
    let acq_po = po.only(|a, b| events[a].is_read() && events[a].acquires() && is_access(b));
    let overwrite = co.or(fr);
    let depends = data.or(control).only(|_, b| events[b].is_write());
    let to_write = depends.or(&overwrite.only(internal));
    let to_read = data.then(&rf.only(internal));
    let ppo =
        [&strong, &po_rel, &acq_po, &wmb, &rmb, &to_write].into_iter().fold(to_read, |all, r| all.or(r));

    let rmw_sequence = rf.then(rmw).plus().maybe();
    let cumulative = rfe.maybe().then(&strong.or(&po_rel));
    let cumul_fence = cumulative.or(&wmb).then(&rmw_sequence);
    let prop = overwrite
        .only(external)
        .maybe()
        .then(&cumul_fence.plus().maybe())
        .then(&rfe.maybe())
        .only(|a, b| is_access(a) && is_access(b));
    let hb = ppo.or(&rfe).or(&prop.only(|a, b| a != b && internal(a, b)));
    let pb = prop.then(&strong).then(&hb.plus().maybe());
    coherent && atomic && hb.is_acyclic() && pb.is_acyclic()
}
