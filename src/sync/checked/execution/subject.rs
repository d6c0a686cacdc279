//! What a failed check is about: the operation that failed, and what it may be in conflict with.

use super::{Execution, Site};
use crate::check::FailureKind;
use crate::sync::imp::event::{Event, Target, Value};
use crate::sync::imp::history::Names;
use crate::sync::imp::memory::Moment;

/// An access to a heap object, which the engine may find racing with another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    pub(super) addr: usize,
    /// `access`, or `free`.
    pub(super) operation: &'static str,
    pub(super) at: Site,
}

/// What failed, by its place in the log, and what it may be in conflict with.
#[derive(Debug, Default)]
pub(super) struct Subject {
    pub(super) event: Option<usize>,
    pub(super) suspects: Vec<usize>,
    /// What it is called.
    pub(super) name: String,
}

impl Execution {
    /// What an access to a heap object is that the engine found racing, in words.
    pub(super) fn race(&self, access: Access, names: &Names) -> (FailureKind, String) {
        let block = self.memory.describe(access.addr, names);
        if self.memory.is_being_freed(access.addr) {
            (FailureKind::UseAfterFree, format!("{block}: an access and the free are not ordered"))
        } else {
            (FailureKind::DataRace, format!("{block}: an access is not ordered after that"))
        }
    }

    /// What failed is an access to a heap object by `thread`. It goes to the end of the log, where it has not got yet.
    pub(super) fn block_subject(&mut self, thread: usize, access: Access, names: &Names) -> Subject {
        let Some((allocated, freed)) = self.memory.life(access.addr) else { return Subject::default() };
        let others = self.memory.accesses(access.addr).iter().filter(|moment| moment.thread != thread);
        let moments = match freed {
            Some(freed) => vec![freed],
            None if self.memory.is_being_freed(access.addr) => others.copied().collect(),
            None => vec![allocated],
        };
        let name = self.memory.start(access.addr).map(|start| names.block(start).to_owned());
        let suspects = self.logged(moments, access.addr);
        self.insert(self.events.len(), thread, access);
        Subject { event: Some(self.events.len() - 1), suspects, name: name.unwrap_or_default() }
    }

    /// What failed is the last operation of `thread`, if that is an access to a cell.
    pub(super) fn cell_subject(&self, thread: usize, names: &Names) -> Subject {
        let last = self.events.iter().rposition(|event| event.thread == thread);
        let Some(last) = last.filter(|last| matches!(self.events[*last].operation, "read" | "write")) else {
            return Subject::default();
        };
        let target = self.events[last].target;
        let others = self.events.iter().enumerate();
        let suspects = others.filter(|(_, event)| event.target == target && event.thread != thread);
        Subject {
            event: Some(last),
            suspects: suspects.map(|(index, _)| index).collect(),
            name: match target {
                Target::Object(object) => names.object(object).to_owned(),
                Target::None | Target::Block(_) | Target::Thread(_) => String::new(),
            },
        }
    }

    /// Puts in the log what each thread waits for, but for a notification: that it waits for one is there.
    pub(super) fn log_waits(&mut self) {
        for thread in 0..self.threads.len() {
            let Some((target, at)) = self.threads[thread].doing else { continue };
            let operation = match target {
                Target::Thread(_) => "join",
                Target::Object(object) => match self.objects[object].kind {
                    "mutex" => "lock",
                    "condvar" => continue,
                    _ => "load",
                },
                Target::None | Target::Block(_) => continue,
            };
            let behind = self.behind(thread, self.events.len());
            let (order, value, ahead) = (None, Value::Waits, 0);
            self.events.push(Event { thread, operation, target, order, value, at, behind, ahead });
        }
    }

    /// The operations that were done at these moments. An access through an address is none by itself: it is put in the
    /// log then.
    fn logged(&mut self, mut moments: Vec<Moment>, addr: usize) -> Vec<usize> {
        moments.sort_by_key(|moment| moment.next);
        let mut found: Vec<usize> = Vec::new();
        let mut inserted = 0;
        for Moment { thread, next, at } in moments {
            let next = next + inserted;
            let of_thread = |event: &Event| event.thread == thread;
            let then = self.events.iter().skip(next).position(of_thread).map(|place| next + place);
            if let Some(then) = then.filter(|then| self.events[*then].at == at) {
                found.push(then);
                continue;
            }
            self.insert(next, thread, Access { addr, operation: "access", at });
            inserted += 1;
            found.iter_mut().filter(|place| **place >= next).for_each(|place| *place += 1);
            found.push(next);
        }
        found
    }

    /// Puts an access to a heap object in the log.
    fn insert(&mut self, place: usize, thread: usize, Access { addr, operation, at }: Access) {
        let behind = self.behind(thread, place);
        let target = Target::Block(self.memory.start(addr).unwrap_or(addr));
        let event =
            Event { thread, operation, target, order: None, value: Value::None, at, behind, ahead: 0 };
        self.events.insert(place, event);
    }

    /// How many events of the engine's graph a thread has behind it before a place in the log.
    fn behind(&self, thread: usize, place: usize) -> usize {
        let before = self.events[..place].iter().rfind(|event| event.thread == thread);
        before.map_or(0, |event| event.behind + event.ahead)
    }
}
