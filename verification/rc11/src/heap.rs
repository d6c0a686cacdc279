//! Heap objects that threads reach by a handle: an access after the free, a second free and a leak are failed checks.

use crate::failure::FailureKind;
use crate::fiber;
use crate::race::Accesses;
use crate::run::Run;
use crate::word::Word;
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

/// The objects of an execution.
#[derive(Default)]
pub(crate) struct Heap {
    /// By maker; the `nth` that it makes is at place `nth`.
    objects: Vec<Vec<Object>>,
}

struct Object {
    accesses: Accesses,
    freed: Option<usize>,
    /// Kept until the execution ends.
    value: Rc<dyn Any>,
}

impl Heap {
    fn object(&mut self, maker: u16, nth: u32) -> &mut Object {
        &mut self.objects[usize::from(maker)][nth as usize]
    }

    /// An object that nobody freed.
    fn leak(&self) -> Option<(usize, usize)> {
        let objects = self.objects.iter().enumerate();
        let mut all =
            objects.flat_map(|(maker, made)| made.iter().enumerate().map(move |(nth, o)| (maker, nth, o)));
        all.find(|(.., object)| object.freed.is_none()).map(|(maker, nth, _)| (maker, nth))
    }
}

/// A handle to an object on the heap. Copying it keeps nothing alive; equal handles are of one object.
///
/// What [`AtomicPtr`](std::sync::atomic::AtomicPtr) is to addresses, `Atomic<Option<Handle<T>>>` is to handles. Addresses
/// differ from execution to execution; a handle is the same in all that come to its making in the same way.
pub struct Handle<T> {
    maker: u16,
    nth: u32,
    _object: PhantomData<fn() -> T>,
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.maker, self.nth) == (other.maker, other.nth)
    }
}

impl<T> Eq for Handle<T> {}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}.{})", self.maker, self.nth)
    }
}

impl<T: 'static> Handle<T> {
    /// Puts a value on the heap.
    pub fn new(value: T) -> Self {
        fiber::with(|run| {
            let object = Object { accesses: run.written_now(), freed: None, value: Rc::new(value) };
            let maker = run.current;
            while run.heap.objects.len() <= maker {
                run.heap.objects.push(Vec::new());
            }
            let made = &mut run.heap.objects[maker];
            made.push(object);
            Handle { maker: maker as u16, nth: made.len() as u32 - 1, _object: PhantomData }
        })
    }

    /// Reads the object.
    ///
    /// The check fails if it was freed, or if its making, or its free, is not ordered with this.
    pub fn with<R>(self, f: impl FnOnce(&T) -> R) -> R {
        let value = self.access(|run, accesses| run.read_plain(accesses));
        f(value.downcast_ref().expect("handles are made with the type of their object"))
    }

    /// Frees the object. Its value is dropped when the execution has ended.
    ///
    /// The check fails if it was freed, or if some access to it is not ordered before this.
    pub fn free(self) {
        if fiber::with(|run| fiber::is_giving_up(run)) {
            return;
        }
        let by = fiber::with(|run| run.current);
        let freed = fiber::with(|run| run.heap.object(self.maker, self.nth).freed);
        if let Some(first) = freed {
            fiber::fail(FailureKind::DoubleFree, format!("{self:?} was freed by thread {first}"));
        }
        self.access(|run, accesses| run.write_plain(accesses));
        fiber::with(|run| run.heap.object(self.maker, self.nth).freed = Some(by));
    }

    fn access(self, access: impl FnOnce(&mut Run, &mut Accesses) -> bool) -> Rc<dyn Any> {
        let value = fiber::with(|run| {
            let object = run.heap.object(self.maker, self.nth);
            let (mut accesses, freed, value) = (object.accesses, object.freed, Rc::clone(&object.value));
            if let Some(by) = freed {
                run.fail(FailureKind::UseAfterFree, format!("{self:?} was freed by thread {by}"));
                return None;
            }
            if !access(run, &mut accesses) {
                return None;
            }
            run.heap.object(self.maker, self.nth).accesses = accesses;
            Some(value)
        });
        value.unwrap_or_else(|| fiber::give_up())
    }
}

/// Fails the check if an object was never freed. The first thread's last act.
pub(crate) fn check_leaks() {
    if let Some((maker, nth)) = fiber::with(|run| run.heap.leak()) {
        fiber::fail(FailureKind::Leak, format!("Handle({maker}.{nth}) was never freed"));
    }
}

/// `None` is 0.
impl<T: 'static> Word for Option<Handle<T>> {
    fn to_word(self) -> u64 {
        self.map_or(0, |handle| (u64::from(handle.maker) << 32 | u64::from(handle.nth)) + 1)
    }

    fn from_word(word: u64) -> Self {
        let handle = word.checked_sub(1)?;
        Some(Handle { maker: (handle >> 32) as u16, nth: handle as u32, _object: PhantomData })
    }
}
