//! What the graph of an engine says of the operations in the log.

use super::{Failed, From, Index, Relation, Relations, accesses};
use crate::sync::imp::engine::{Graph, GraphEvent};
use crate::sync::imp::event::Target;
use std::collections::HashMap;
use std::ops::Range;

/// An event of the graph, by its thread (as the log numbers it) and its number there.
type Id = (usize, usize);

struct Join<'a> {
    failed: &'a Failed<'a>,
    /// The graph's events in order.
    events: Vec<(Id, &'a GraphEvent)>,
    by_id: HashMap<Id, &'a GraphEvent>,
    /// The log's number of each of the graph's threads.
    threads: &'a [usize],
    /// The operations of each thread.
    of_thread: Vec<Vec<Index>>,
    /// The events of each operation, by their numbers in its thread; empty if it has none.
    spans: Vec<Range<usize>>,
    /// The number of each operation in its thread.
    ranks: Vec<usize>,
}

pub(super) fn relations(failed: &Failed<'_>, threads: &[usize], graph: &Graph) -> Relations {
    let join = Join::of(failed, threads, graph);
    let order = join.order();
    let mut each: Vec<Relation> = (0..failed.events.len()).map(|index| join.relation(index)).collect();
    for (index, missed) in join.missed(&order) {
        each[index].missed = Some(missed);
    }
    Relations { order, each }
}

impl<'a> Join<'a> {
    fn of(failed: &'a Failed<'a>, threads: &'a [usize], graph: &'a Graph) -> Self {
        let id = |event: &GraphEvent| (threads[event.thread], event.index);
        let events: Vec<(Id, &GraphEvent)> = graph.events.iter().map(|event| (id(event), event)).collect();
        let by_id = events.iter().copied().collect();
        let mut of_thread = vec![Vec::new(); failed.threads.len()];
        let (mut spans, mut ranks) = (Vec::new(), Vec::new());
        let mut ends = vec![0; failed.threads.len()];
        for (index, event) in failed.events.iter().enumerate() {
            ranks.push(of_thread[event.thread].len());
            of_thread[event.thread].push(index);
            let end = &mut ends[event.thread];
            let begin = if event.ahead > 0 { event.behind } else { *end };
            *end = (event.behind + event.ahead).max(begin);
            spans.push(begin..*end);
        }
        Join { failed, events, by_id, threads, of_thread, spans, ranks }
    }

    /// The order of the graph; what is no event of it comes right after what its thread did before. What the thread that
    /// failed did last comes at the end.
    fn order(&self) -> Vec<Index> {
        let mut order = Vec::with_capacity(self.spans.len());
        let mut told = vec![0; self.of_thread.len()];
        let mut done = vec![0; self.of_thread.len()];
        for ((thread, number), _) in &self.events {
            done[*thread] = number + 1;
            while let Some(index) = self.of_thread[*thread].get(told[*thread]) {
                if self.spans[*index].end > done[*thread] {
                    break;
                }
                order.push(*index);
                told[*thread] += 1;
            }
        }
        let is_last = |thread: &usize| self.failed.thread == Some(*thread);
        let mut threads: Vec<usize> = (0..self.of_thread.len()).collect();
        threads.sort_by_key(is_last);
        for thread in threads {
            order.extend(self.of_thread[thread].iter().skip(told[thread]));
        }
        order
    }

    fn relation(&self, index: Index) -> Relation {
        let reads = accesses(&self.failed.events[index]).0.then(|| self.read(index)).flatten();
        Relation {
            reads: reads.and_then(|event| match event.reads_from {
                None => Some(From::Initial),
                Some((thread, number)) => self.operation((self.threads[thread], number)).map(From::Store),
            }),
            missed: None,
            place: self.write(index).and_then(|event| event.place),
            synchronises: self.synchronises(index),
            past: self.past(index),
        }
    }

    /// The operation that an event is a part of.
    fn operation(&self, (thread, number): Id) -> Option<Index> {
        let operations = &self.of_thread[thread];
        let place = operations.partition_point(|index| self.spans[*index].end <= number);
        operations.get(place).copied().filter(|index| self.spans[*index].contains(&number))
    }

    /// Its last event that reads.
    fn read(&self, index: Index) -> Option<&'a GraphEvent> {
        self.events_of(index).filter(|event| event.is_read).last()
    }

    /// Its last event that writes.
    fn write(&self, index: Index) -> Option<&'a GraphEvent> {
        let writes = accesses(&self.failed.events[index]).1;
        self.events_of(index).filter(|event| writes && event.is_write).last()
    }

    fn events_of(&self, index: Index) -> impl Iterator<Item = &'a GraphEvent> {
        let thread = self.failed.events[index].thread;
        self.spans[index].clone().filter_map(move |number| self.by_id.get(&(thread, number)).copied())
    }

    /// For each read that is told after a store that is newer than the one it reads from, the newest of them.
    fn missed(&self, order: &[Index]) -> Vec<(Index, Index)> {
        let mut newest: HashMap<Target, (usize, Index)> = HashMap::new();
        let mut missed = Vec::new();
        for index in order {
            let target = self.failed.events[*index].target;
            let (read, written) = (self.read(*index), self.write(*index));
            if let (Some(read), Some((place, store))) =
                (read.and_then(|read| read.place), newest.get(&target))
                && accesses(&self.failed.events[*index]).0
                && *place > read
            {
                missed.push((*index, *store));
            }
            if let Some(place) = written.and_then(|write| write.place) {
                let known = newest.entry(target).or_insert((place, *index));
                *known = (*known).max((place, *index));
            }
        }
        missed
    }

    /// How many events of each thread happen before an operation, itself included.
    fn clock(&self, index: Index) -> Vec<usize> {
        let thread = self.failed.events[index].thread;
        let behind = self.spans[index].end;
        let last = match behind.checked_sub(1) {
            Some(last) => self.by_id.get(&(thread, last)).copied(),
            None => self.start_of(thread),
        };
        let mut clock = vec![0; self.of_thread.len()];
        for (of, events) in last.into_iter().flat_map(|event| event.happens_before.iter().enumerate()) {
            if let Some(thread) = self.threads.get(of).filter(|thread| **thread < clock.len()) {
                clock[*thread] = usize::from(*events);
            }
        }
        clock
    }

    /// The event that started a thread.
    fn start_of(&self, thread: usize) -> Option<&'a GraphEvent> {
        let starts = |event: &GraphEvent| event.starts.is_some_and(|child| self.threads[child] == thread);
        self.events.iter().map(|(_, event)| *event).find(|event| starts(event))
    }

    /// The operations of other threads that come to be before it with this one, without those which another of them
    /// brings along.
    fn synchronises(&self, index: Index) -> Vec<Index> {
        let thread = self.failed.events[index].thread;
        let known = match self.ranks[index].checked_sub(1) {
            Some(before) => self.clock(self.of_thread[thread][before]),
            None => vec![0; self.of_thread.len()],
        };
        let now = self.clock(index);
        let new = (0..now.len()).filter(|other| *other != thread && now[*other] > known[*other]);
        let sources: Vec<(usize, Index)> =
            new.filter_map(|other| Some((other, self.last_of(other, now[other])?))).collect();
        let brings = |by: Index, other: usize| {
            self.failed.events[by].thread != other && self.clock(by)[other] >= now[other]
        };
        sources
            .iter()
            .filter(|(other, _)| !sources.iter().any(|(_, by)| brings(*by, *other)))
            .map(|(_, source)| *source)
            .collect()
    }

    /// The operation with which a thread has so many events behind it.
    fn last_of(&self, thread: usize, events: usize) -> Option<Index> {
        let before = || self.of_thread[thread][..self.before(thread, events)].last().copied();
        self.operation((thread, events.checked_sub(1)?)).or_else(before)
    }

    /// How many operations of a thread are done before it has more than so many events behind it. One that is no event
    /// itself comes between two of them.
    fn before(&self, thread: usize, events: usize) -> usize {
        let is_before = |span: &Range<usize>| span.end < events || span.end == events && !span.is_empty();
        self.of_thread[thread].partition_point(|index| is_before(&self.spans[*index]))
    }

    /// How many operations of each thread happen before one.
    fn past(&self, index: Index) -> Vec<usize> {
        self.clock(index)
            .into_iter()
            .enumerate()
            .map(|(thread, events)| self.before(thread, events))
            .collect()
    }
}
