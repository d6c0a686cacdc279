//! The oracle: what the axioms say of a program, by trying all there is.
//!
//! A candidate is a run of every thread (what its reads read is guessed), a source for every read (`rf`), and an order
//! of the writes of every location (`mo`). The oracle goes through all candidates and keeps those that the axioms
//! allow. It builds nothing step by step, and prunes nothing but by an axiom.

mod axioms;
mod choices;
mod events;
mod relation;
mod runs;
mod values;

use crate::program::Program;
use crate::verdict::{Mode, Outcome, Subject, Verdict};
use axioms::Sc;
use choices::{Choices, orders};
use events::Events;
use relation::Relation;
use runs::{Place, Run};

/// The oracle as a subject of comparisons.
pub(crate) struct Oracle;

impl Subject for Oracle {
    fn run(&self, program: &Program, mode: Mode) -> Verdict {
        judge(program, mode)
    }
}

/// The verdict of the axioms on the program.
pub(crate) fn judge(program: &Program, mode: Mode) -> Verdict {
    let locations = (0..program.locations()).map(|location| Place::Location(location as u8));
    let cells = (0..program.cells()).map(|cell| Place::Cell(cell as u8));
    let mut oracle = Search { mode, places: locations.chain(cells).collect(), verdict: Verdict::default() };
    let runs = runs::runs(program);
    for choice in Choices::among(runs.iter().map(Vec::len)) {
        let chosen: Vec<&Run> = choice.iter().zip(&runs).map(|(&number, runs)| &runs[number]).collect();
        if oracle.is_of_interest(&chosen) {
            oracle.try_runs(&chosen);
        }
    }
    oracle.verdict
}

/// About how many candidates the oracle goes through.
pub(crate) fn cost(program: &Program) -> u64 {
    let runs = runs::runs(program);
    let combinations = runs.iter().map(|runs| runs.len() as u64).product::<u64>();
    let orders = (0..program.locations()).map(|location| {
        let writes = |run: &Run| run.writes_to(Place::Location(location as u8)) as u64;
        let most = runs.iter().map(|runs| runs.iter().map(writes).max().unwrap_or(0)).sum::<u64>();
        (1..=most).product::<u64>()
    });
    combinations.saturating_mul(orders.fold(1, u64::saturating_mul))
}

struct Search {
    mode: Mode,
    places: Vec<Place>,
    verdict: Verdict,
}

/// A candidate without the modification orders.
struct Candidate<'a> {
    runs: &'a [&'a Run],
    events: &'a Events,
    rf: Relation,
    hb: Relation,
}

impl Search {
    /// Whether these runs can add to the verdict: if a thread is blocked, only a race or a deadlock can come of them.
    fn is_of_interest(&self, runs: &[&Run]) -> bool {
        let has_cells = self.places.iter().any(|place| matches!(place, Place::Cell(_)));
        let complete = runs.iter().all(|run| run.blocked.is_none());
        complete || has_cells && !self.verdict.racy || !self.verdict.deadlock
    }

    fn try_runs(&mut self, runs: &[&Run]) {
        let events = Events::of(&self.places, runs);
        let sources = events.sources();
        for choice in Choices::among(sources.iter().map(|(_, writes)| writes.len())) {
            let mut rf = Relation::EMPTY;
            for (&number, (read, writes)) in choice.iter().zip(&sources) {
                rf.add(writes[number], *read);
            }
            if axioms::no_thin_air(&events, &rf) {
                let hb = axioms::happens_before(&events, &rf);
                if axioms::plain_reads_hold(&events, &hb, &rf) {
                    self.try_orders(&Candidate { runs, events: &events, rf, hb });
                }
            }
        }
    }

    /// Coherence and atomicity speak of one location at a time, so each location's orders are sifted by themselves.
    fn try_orders(&mut self, candidate: &Candidate<'_>) {
        let Candidate { events, rf, hb, .. } = candidate;
        // Every order has these pairs in it: what is incoherent with them is incoherent with all orders.
        let in_every_order = *hb & events.same_place().between(events.writes, events.writes);
        if !axioms::coherence(hb, rf, &in_every_order) {
            return;
        }
        let sifted = |writes: Vec<usize>| -> Vec<Vec<usize>> {
            let allowed = |order: &Vec<usize>| {
                let mo = total(order);
                axioms::coherence(hb, rf, &mo) && axioms::atomicity(events, rf, &mo)
            };
            orders(&writes, hb).into_iter().filter(allowed).collect()
        };
        let by_location: Vec<_> = events.writes_by_location().map(sifted).collect();
        let sc = Sc::of(events, hb);
        for choice in Choices::among(by_location.iter().map(Vec::len)) {
            let orders: Vec<_> = choice.iter().zip(&by_location).map(|(&number, all)| &all[number]).collect();
            let mo = orders.iter().fold(Relation::EMPTY, |mo, order| mo | total(order));
            let consistent = match self.mode {
                Mode::Rc11 => events.sc == 0 || sc.holds(rf, &mo),
                Mode::Sc => axioms::interleaving(events, rf, &mo),
            };
            if consistent {
                self.record(candidate, &orders);
            }
        }
    }

    /// Takes a consistent execution into the verdict.
    fn record(&mut self, candidate: &Candidate<'_>, orders: &[&Vec<usize>]) {
        let Candidate { runs, events, hb, .. } = candidate;
        let last = |order: &&Vec<usize>| events.value(*order.last().expect("the initial write is there"));
        let finals: Vec<u64> = orders.iter().map(last).collect();
        self.verdict.racy |= axioms::races(events, hb);
        let mut blocked = runs.iter().filter_map(|run| run.blocked).peekable();
        if blocked.peek().is_some() {
            self.verdict.deadlock |= blocked.all(|at| !at.predicate.holds(finals[usize::from(at.location)]));
        } else {
            let registers = runs.iter().map(|run| run.registers.clone()).collect();
            self.verdict.complete += 1;
            self.verdict.outcomes.insert(Outcome { registers, finals });
        }
    }
}

/// The relation of a total order.
fn total(order: &[usize]) -> Relation {
    let mut relation = Relation::EMPTY;
    for (position, &from) in order.iter().enumerate() {
        for &to in &order[position + 1..] {
            relation.add(from, to);
        }
    }
    relation
}
