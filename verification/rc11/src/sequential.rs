//! Sequential consistency: there is one order of all events that every thread agrees with.
//!
//! It exists if and only if program order, reads-from, modification order and from-read have no cycle together.

use crate::event::{EventId, Kind};
use crate::graph::Graph;

/// Whether the events can be ordered.
pub(crate) fn is_acyclic(graph: &Graph) -> bool {
    let successors = Successors::of(graph);
    let mut incoming = vec![0u32; successors.edges.len()];
    for to in successors.edges.iter().flatten() {
        incoming[*to] += 1;
    }
    let mut ready: Vec<usize> = (0..incoming.len()).filter(|event| incoming[*event] == 0).collect();
    let mut ordered = 0;
    while let Some(event) = ready.pop() {
        ordered += 1;
        for to in &successors.edges[event] {
            incoming[*to] -= 1;
            if incoming[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    ordered == incoming.len()
}

/// What must come after each event; events are numbered thread by thread.
struct Successors {
    first: Vec<usize>,
    edges: Vec<Vec<usize>>,
}

impl Successors {
    fn of(graph: &Graph) -> Self {
        let mut first = Vec::with_capacity(graph.threads());
        let mut events = 0;
        for thread in 0..graph.threads() {
            first.push(events);
            events += graph.thread(thread).len();
        }
        let mut this = Successors { first, edges: vec![Vec::new(); events] };
        for (id, event) in graph.events() {
            if id.index() > 0 {
                this.edge(EventId::new(id.thread(), id.index() - 1), id);
            }
            match event.kind {
                Kind::Read { loc, from, .. } => {
                    if !from.is_init() {
                        this.edge(from, id);
                    }
                    let place = graph.place(loc, from);
                    if place < graph.last_place(loc) {
                        let next = graph.write_at(loc, place + 1);
                        // A read-modify-write's own write follows its read anyway.
                        if next != EventId::new(id.thread(), id.index() + 1) {
                            this.edge(id, next);
                        }
                    }
                }
                Kind::Create { child } if !graph.thread(usize::from(child)).is_empty() => {
                    this.edge(id, EventId::new(usize::from(child), 0));
                }
                Kind::Join { child } => {
                    let child = usize::from(child);
                    this.edge(EventId::new(child, graph.thread(child).len() - 1), id);
                }
                _ => {}
            }
        }
        for (_, writes) in graph.modification_orders() {
            let writes: Vec<EventId> = writes.collect();
            for pair in writes.windows(2) {
                this.edge(pair[0], pair[1]);
            }
        }
        this
    }

    fn edge(&mut self, from: EventId, to: EventId) {
        let number = |id: EventId| self.first[id.thread()] + id.index();
        let (from, to) = (number(from), number(to));
        self.edges[from].push(to);
    }
}
