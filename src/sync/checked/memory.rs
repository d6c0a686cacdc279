//! Quarantine: heap objects of one execution, alive or freed, until it ends.

use super::engine::Track;
use super::event::place;
use super::history::Names;
use std::alloc::Layout;
use std::collections::{BTreeMap, HashMap};
use std::panic::Location;
use std::ptr::NonNull;
use std::rc::Rc;

/// What freed memory is filled with, so that a reader that no check sees reads nonsense.
const POISON: u8 = 0xdd;

struct Block {
    ptr: NonNull<u8>,
    layout: Layout,
    /// What it was called, or its type.
    label: &'static str,
    /// How many there were before it.
    nth: usize,
    /// Its name as a number, the same in every execution that allocates it in the same way. Never 0.
    handle: u64,
    allocated: Moment,
    track: Rc<dyn Track>,
    /// A thread has begun to free it.
    freeing: bool,
    freed: Option<(Moment, String)>,
    /// The last access of each thread that has accessed it.
    accessed: Vec<Moment>,
}

/// When and where a thread did something: before the operation of this number in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) thread: usize,
    pub(super) next: usize,
    pub(super) at: &'static Location<'static>,
}

impl Block {
    fn found(&self) -> Found {
        if self.freed.is_some() { Found::Freed } else { Found::Live(Rc::clone(&self.track)) }
    }
}

/// All blocks of an execution, by address.
#[derive(Default)]
pub(super) struct Memory {
    blocks: BTreeMap<usize, Block>,
    addresses: HashMap<u64, usize>,
}

/// What [`Memory`] knows of an address.
pub(super) enum Found {
    /// It is in no block: on a stack, or in memory that is not the facade's.
    Nothing,
    /// It is in a live block. The access is to be told to the engine.
    Live(Rc<dyn Track>),
    /// It is in a block that was freed.
    Freed,
}

impl Memory {
    pub(super) fn insert(
        &mut self,
        ptr: NonNull<u8>,
        layout: Layout,
        label: &'static str,
        handle: u64,
        allocated: Moment,
        track: Rc<dyn Track>,
    ) {
        let (nth, freed, accessed) = (self.blocks.len(), None, Vec::new());
        let block =
            Block { ptr, layout, label, nth, handle, allocated, track, freeing: false, freed, accessed };
        self.blocks.insert(ptr.addr().get(), block);
        self.addresses.insert(handle, ptr.addr().get());
    }

    /// The number that names the block at exactly this address.
    pub(super) fn handle(&self, addr: usize) -> Option<u64> {
        self.blocks.get(&addr).map(|block| block.handle)
    }

    /// The address of the block that has this number for a name.
    pub(super) fn address(&self, handle: u64) -> Option<usize> {
        self.addresses.get(&handle).copied()
    }

    fn block(&self, addr: usize) -> Option<&Block> {
        let (start, block) = self.blocks.range(..=addr).next_back()?;
        (addr - start < block.layout.size()).then_some(block)
    }

    fn block_mut(&mut self, addr: usize) -> Option<&mut Block> {
        let (start, block) = self.blocks.range_mut(..=addr).next_back()?;
        (addr - start < block.layout.size()).then_some(block)
    }

    /// What is known of an address.
    pub(super) fn find(&self, addr: usize) -> Found {
        self.block(addr).map_or(Found::Nothing, Block::found)
    }

    /// A thread is about to access memory at `addr`: what is known of that, and where the block begins that it is in.
    pub(super) fn access(&mut self, addr: usize, now: Moment) -> (Found, Option<usize>) {
        let Some(block) = self.block_mut(addr) else { return (Found::Nothing, None) };
        match block.accessed.iter_mut().find(|moment| moment.thread == now.thread) {
            Some(moment) => *moment = now,
            None => block.accessed.push(now),
        }
        (block.found(), Some(block.ptr.addr().get()))
    }

    /// Where the block at `addr` begins.
    pub(super) fn start(&self, addr: usize) -> Option<usize> {
        self.block(addr).map(|block| block.ptr.addr().get())
    }

    /// The last access of each thread to the block at `addr`, after its allocation.
    pub(super) fn accesses(&self, addr: usize) -> &[Moment] {
        self.block(addr).map_or(&[], |block| &block.accessed)
    }

    /// When the block at `addr` was allocated, and when it was freed if it was.
    pub(super) fn life(&self, addr: usize) -> Option<(Moment, Option<Moment>)> {
        self.block(addr).map(|block| (block.allocated, block.freed.as_ref().map(|(moment, _)| *moment)))
    }

    /// Whether the block at `addr` was freed.
    pub(super) fn is_freed(&self, addr: usize) -> bool {
        self.block(addr).is_some_and(|block| block.freed.is_some())
    }

    /// Whether a thread has begun to free the block at `addr`.
    pub(super) fn is_being_freed(&self, addr: usize) -> bool {
        self.block(addr).is_some_and(|block| block.freeing)
    }

    /// The block at `addr` in words: its name, where it was allocated, and by whom it was freed if it was.
    pub(super) fn describe(&self, addr: usize, names: &Names) -> String {
        let Some(block) = self.block(addr) else { return "no memory".to_owned() };
        let name = names.block(block.ptr.addr().get());
        let freed = block.freed.as_ref().map(|(_, by)| format!(", freed by {by}")).unwrap_or_default();
        format!("{name}, allocated at {}{freed}", place(block.allocated.at))
    }

    /// A thread begins to free a live block.
    pub(super) fn begin_free(&mut self, addr: usize) {
        self.blocks.get_mut(&addr).expect("the caller found it").freeing = true;
    }

    /// Marks a live block as freed and poisons it.
    pub(super) fn free(&mut self, ptr: NonNull<u8>, now: Moment, by: String) {
        let block = self.blocks.get_mut(&ptr.addr().get()).expect("the caller found it");
        block.freed = Some((now, by));
        // SAFETY: the block is `layout.size()` bytes that nobody uses but by mistake, and it is not returned yet.
        unsafe { block.ptr.as_ptr().write_bytes(POISON, block.layout.size()) };
    }

    /// Gives the block at exactly this address a name.
    pub(super) fn name(&mut self, addr: usize, label: &'static str) {
        if let Some(block) = self.blocks.get_mut(&addr) {
            block.label = label;
        }
    }

    /// Where each block begins, and what it was called, or its type, in the order of their allocation.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let mut blocks: Vec<&Block> = self.blocks.values().collect();
        blocks.sort_by_key(|block| block.nth);
        blocks.into_iter().map(|block| (block.ptr.addr().get(), block.label))
    }

    /// Where the blocks begin that nobody freed, in the order of their allocation.
    pub(super) fn leaks(&self) -> Vec<usize> {
        let leaks = self.blocks.iter().filter(|(_, block)| block.freed.is_none());
        let mut leaks: Vec<(usize, usize)> = leaks.map(|(addr, block)| (block.nth, *addr)).collect();
        leaks.sort_unstable();
        leaks.into_iter().map(|(_, addr)| addr).collect()
    }

    /// Returns the memory of freed blocks to the system. Live ones are not touched.
    pub(super) fn release(&mut self) {
        self.addresses.clear();
        for block in std::mem::take(&mut self.blocks).into_values().filter(|block| block.freed.is_some()) {
            // SAFETY: allocated with this layout by `alloc::allocate`, freed once, and the execution is over.
            unsafe { std::alloc::dealloc(block.ptr.as_ptr(), block.layout) };
        }
    }
}
