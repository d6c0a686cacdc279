//! The events of one candidate execution: one run of every thread, after the initial writes.

use super::relation::{EVENTS, Relation, Set, members};
use super::runs::{Event, Place, Run};
use crate::program::{Fence, Order};

/// The events of a candidate, the sets that the axioms name, and the relations that the runs fix.
pub(crate) struct Events {
    /// The place of each event. Fences have none.
    places: Vec<Option<Place>>,
    values: Vec<u64>,
    /// Reads of atomic locations: `R` of the paper.
    pub(crate) reads: Set,
    /// Writes of atomic locations, the initial ones too: `W` of the paper.
    pub(crate) writes: Set,
    pub(crate) gets: Set,
    /// Writes of plain cells, the initial ones too.
    pub(crate) sets: Set,
    pub(crate) fences: Set,
    /// The initial writes.
    initial: Set,
    pub(crate) acquiring: Set,
    pub(crate) releasing: Set,
    /// `E^sc` of the paper: the sequentially consistent accesses and fences, and the light fences.
    pub(crate) sc: Set,
    pub(crate) light: Set,
    /// Program order, with the initial writes before everything else.
    pub(crate) po: Relation,
    /// From the read to the write of each read-modify-write.
    pub(crate) rmw: Relation,
}

impl Events {
    /// The events of these runs over these places.
    ///
    /// # Panics
    /// If there are more than a relation has rows for.
    pub(crate) fn of(places: &[Place], runs: &[&Run]) -> Events {
        let mut events = Events::nothing();
        for &place in places {
            let event = events.push(Some(place), 0);
            events.initial |= 1 << event;
            match place {
                Place::Location(_) => events.writes |= 1 << event,
                Place::Cell(_) => events.sets |= 1 << event,
            }
        }
        for run in runs {
            let mut before = events.initial;
            for event in &run.events {
                let number = events.add(event);
                events.po = events.po | Relation::product(before, 1 << number);
                before |= 1 << number;
            }
        }
        events
    }

    fn nothing() -> Events {
        Events {
            places: Vec::new(),
            values: Vec::new(),
            reads: 0,
            writes: 0,
            gets: 0,
            sets: 0,
            fences: 0,
            initial: 0,
            acquiring: 0,
            releasing: 0,
            sc: 0,
            light: 0,
            po: Relation::EMPTY,
            rmw: Relation::EMPTY,
        }
    }

    fn push(&mut self, place: Option<Place>, value: u64) -> usize {
        let event = self.places.len();
        assert!(event < EVENTS, "more than {EVENTS} events");
        self.places.push(place);
        self.values.push(value);
        event
    }

    fn add(&mut self, event: &Event) -> usize {
        let only_if = |condition: bool, set: Set| if condition { set } else { 0 };
        match *event {
            Event::Read { place, order, value, update } => {
                let number = self.push(Some(place), value);
                let set = 1 << number;
                match place {
                    Place::Location(_) => self.reads |= set,
                    Place::Cell(_) => self.gets |= set,
                }
                self.acquiring |= only_if(order.acquires(), set);
                self.sc |= only_if(order == Order::SeqCst, set);
                if update {
                    self.rmw.add(number, number + 1);
                }
                number
            }
            Event::Write { place, order, value } => {
                let number = self.push(Some(place), value);
                let set = 1 << number;
                match place {
                    Place::Location(_) => self.writes |= set,
                    Place::Cell(_) => self.sets |= set,
                }
                self.releasing |= only_if(order.releases(), set);
                self.sc |= only_if(order == Order::SeqCst, set);
                number
            }
            Event::Fence(fence) => {
                let number = self.push(None, 0);
                let set = 1 << number;
                self.fences |= set;
                self.acquiring |= only_if(fence.acquires(), set);
                self.releasing |= only_if(fence.releases(), set);
                self.sc |= only_if(matches!(fence, Fence::SeqCst | Fence::Light), set);
                self.light |= only_if(fence == Fence::Light, set);
                number
            }
        }
    }

    /// All events.
    pub(crate) fn all(&self) -> Set {
        ((1_u64 << self.places.len()) - 1) as Set
    }

    /// The events of the set at the place.
    pub(crate) fn at(&self, place: Place, set: Set) -> Set {
        members(set).filter(|&event| self.places[event] == Some(place)).fold(0, |at, event| at | 1 << event)
    }

    /// The value that the event reads or writes.
    pub(crate) fn value(&self, event: usize) -> u64 {
        self.values[event]
    }

    /// The pairs of events at the same place.
    pub(crate) fn same_place(&self) -> Relation {
        let mut same = Relation::EMPTY;
        for (event, place) in self.places.iter().enumerate() {
            if let Some(place) = *place {
                same = same | Relation::product(1 << event, self.at(place, self.all()));
            }
        }
        same
    }

    /// The events that read, each with the writes that it can read from by place and value.
    pub(crate) fn sources(&self) -> Vec<(usize, Vec<usize>)> {
        let sources_of = |read: usize| {
            let place = self.places[read].expect("what reads has a place");
            let writes = members(self.at(place, self.writes | self.sets));
            (read, writes.filter(|&write| self.values[write] == self.values[read]).collect())
        };
        members(self.reads | self.gets).map(sources_of).collect()
    }

    /// The atomic locations' writes, by location; the initial one is the first.
    pub(crate) fn writes_by_location(&self) -> impl Iterator<Item = Vec<usize>> {
        members(self.writes & self.initial).map(|initial| {
            let place = self.places[initial].expect("what writes has a place");
            members(self.at(place, self.writes)).collect()
        })
    }

    /// The pairs of accesses to the same cell by two threads, at least one of which writes.
    pub(crate) fn conflicts(&self) -> impl Iterator<Item = (usize, usize)> {
        let cells = (self.gets | self.sets) & !self.initial;
        let same = self.same_place().between(self.sets & cells, cells);
        members(cells).flat_map(move |set| members(same.image(set)).map(move |other| (set, other)))
    }
}
