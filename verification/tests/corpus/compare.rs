//! What a replay gives, against what was recorded.
//!
//! The datagrams of a step have to be the recorded ones, to the byte, with this run's numbers in the places of the
//! recorded run's; and its result has to be the recorded result. A step in which 6.18 ended a dump too early is
//! compared by other rules: see [`with_whole_dumps`].

use crate::decode::messages;
use crate::dump::{ends_dump, is_of_dump, refusal, without_end};
use crate::message::to_hex;
use crate::recording::{Outcome, Read, Step};
use crate::world::{Event, World};
use std::fmt;

/// Compares a step. `outcome` and `events` are what came of it in `world`.
pub(crate) fn step(
    recorded: &Step,
    outcome: &Outcome,
    events: &[Event],
    world: &mut World,
) -> Result<(), String> {
    if let Some(complaint) = world.complaints.pop() {
        return Err(complaint);
    }
    let wire = recorded_events(recorded, world)?;
    note_dumps(&wire, world)?;
    let differs = recorded.differs.as_ref().filter(|differs| differs.dump_stops());
    if let Some(differs) = differs {
        with_whole_dumps(&wire, events, world)?;
        if failures(&recorded.result) != failures(outcome) {
            return Err(format!("recorded: {:?}\nours:     {outcome:?}", recorded.result));
        }
        return differs.counts().map_or(Ok(()), |counts| same_counts(&counts, events));
    }
    same_events(recorded.unordered, &wire, events)?;
    let mut result = recorded.result.clone();
    result.fill(&|name| Ok(world.sock(name)?.portid))?;
    same_result(recorded.unordered, result, outcome.clone())
}

/// What was recorded, with this run's numbers.
fn recorded_events(recorded: &Step, world: &World) -> Result<Vec<Event>, String> {
    let wire = recorded.wire.iter().filter(|wire| !wire.fields_alone);
    let events = wire.map(|wire| {
        Ok(Event {
            incoming: wire.incoming,
            sock: wire.sock.clone(),
            bytes: wire.form.fill(|name| world.value(name, &wire.sock))?,
            nsid_cmsg: wire.nsid_cmsg,
        })
    });
    events.collect()
}

fn same_events(unordered: bool, recorded: &[Event], ours: &[Event]) -> Result<(), String> {
    let (mut recorded, mut ours) = (recorded.to_vec(), ours.to_vec());
    if unordered {
        let key = |event: &Event| (event.incoming, event.sock.clone(), event.bytes.clone(), event.nsid_cmsg);
        recorded.sort_by_key(key);
        ours.sort_by_key(key);
    }
    for n in 0..recorded.len().max(ours.len()) {
        let (recorded, ours) = (recorded.get(n), ours.get(n));
        if recorded != ours {
            return Err(format!("datagram {n}\nrecorded: {}\nours:     {}", shown(recorded), shown(ours)));
        }
    }
    Ok(())
}

fn shown(event: Option<&Event>) -> String {
    event.map_or("none".into(), Event::to_string)
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.incoming { "to" } else { "from" };
        write!(f, "{direction} {}: {}", self.sock, to_hex(&self.bytes))?;
        self.nsid_cmsg.map_or(Ok(()), |id| write!(f, " (from namespace {id})"))
    }
}

fn same_result(unordered: bool, mut recorded: Outcome, mut ours: Outcome) -> Result<(), String> {
    if unordered {
        let sort = |reads: &mut Vec<Read>| reads.sort_by_key(|read| format!("{read:?}"));
        recorded.for_each_read(&mut { sort });
        ours.for_each_read(&mut { sort });
    }
    if !is_same(&recorded, &ours) {
        return Err(format!("recorded: {recorded:?}\nours:     {ours:?}"));
    }
    Ok(())
}

fn is_same(recorded: &Outcome, ours: &Outcome) -> bool {
    let each = recorded.each.iter().zip(&ours.each);
    if recorded.each.len() != ours.each.len() || !each.clone().all(|(recorded, ours)| is_same(recorded, ours))
    {
        return false;
    }
    // Of what a buffer was too small for, the bytes have been compared.
    let same = |(recorded, ours): (&Read, &Read)| *ours == Read::Garbled || recorded == ours;
    let (got, our_got) = (recorded.datagrams(), ours.datagrams());
    let same_got = got.len() == our_got.len() && got.iter().zip(&our_got).all(same);
    let rest = |outcome: &Outcome| Outcome { got: None, err: None, each: Vec::new(), ..outcome.clone() };
    same_got && failures(recorded) == failures(ours) && rest(recorded) == rest(ours)
}

/// How an operation failed, or the reads of it.
fn failures(outcome: &Outcome) -> Vec<String> {
    let of_reads = outcome.got.iter().flatten().filter_map(|read| match read {
        Read::Failed { err } => Some(*err),
        _ => None,
    });
    of_reads.chain(outcome.err).map(|errno| format!("{errno:?}")).collect()
}

/// Takes note of the parts of dumps that were recorded, and compares them with what this run has of them so far.
fn note_dumps(recorded: &[Event], world: &mut World) -> Result<(), String> {
    for event in recorded.iter().filter(|event| event.incoming && is_of_dump(&event.bytes)) {
        let dumps = &mut world.sock_mut(&event.sock)?.dumps;
        for (seq, told) in without_end(&event.bytes) {
            dumps.told.entry(seq).or_default().recorded.extend(told);
        }
    }
    for (name, sock) in &world.socks {
        for (seq, told) in sock.dumps.told.iter().filter(|(_, told)| !told.refused) {
            let differing =
                told.recorded.iter().zip(&told.ours).position(|(recorded, ours)| recorded != ours);
            if let Some(at) = differing {
                return Err(format!("{name}: dump {seq} is not the recorded one from byte {at} on"));
            }
        }
    }
    Ok(())
}

/// Where 6.18 ended a dump too early.
///
/// What has to be: the datagrams of dumps are the complete ones ([`Dumps`](crate::dump::Dumps) has compared them as
/// they were read), the beginning of each dump is what 6.18 sent of it (so far, see [`note_dumps`]), and all other
/// datagrams are the recorded ones. Dumps that last longer make others busy: such a refusal may be there instead of
/// a recorded dump.
fn with_whole_dumps(recorded: &[Event], ours: &[Event], world: &World) -> Result<(), String> {
    let others = |events: &[Event]| -> Vec<Event> {
        events.iter().filter(|event| !(event.incoming && is_of_dump(&event.bytes))).cloned().collect()
    };
    let recorded = others(recorded);
    let refused_late = |event: &Event| {
        let refused = refusal(&event.bytes).filter(|_| event.incoming);
        let is_due = |seq| world.socks[&event.sock].dumps.told.get(&seq).is_some_and(|told| told.refused);
        refused.is_some_and(is_due) && !recorded.contains(event)
    };
    let mut ours = others(ours);
    ours.retain(|event| !refused_late(event));
    same_events(false, &recorded, &ours)
}

/// The datagrams have as many messages as with a kernel that goes on too, but sends the end of a dump by itself. If
/// that one tells ids twice or not at all, there is nothing to compare.
fn same_counts(theirs: &[usize], ours: &[Event]) -> Result<(), String> {
    let incoming: Vec<_> = ours.iter().filter(|event| event.incoming).collect();
    let ours: Vec<_> = incoming.iter().map(|event| messages(&event.bytes).count()).collect();
    let mut merged = theirs.to_vec();
    let end = incoming.iter().rposition(|event| ends_dump(&event.bytes));
    if let Some(end) = end.filter(|_| ours.len() < theirs.len()) {
        merged[end] += merged.pop().unwrap_or_default();
    }
    if ours.iter().sum::<usize>() == theirs.iter().sum::<usize>() && ours != merged {
        return Err(format!("datagrams of so many messages: {ours:?}; worked out: {theirs:?}"));
    }
    Ok(())
}
