//! Quarantine: heap objects of one execution, alive or freed, until it ends.

use super::engine::Track;
use super::event::place;
use crate::check::FailureKind;
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
    name: String,
    /// Its name as a number, the same in every execution that allocates it in the same way. Never 0.
    handle: u64,
    allocated: &'static Location<'static>,
    track: Rc<dyn Track>,
    /// A thread has begun to free it.
    freeing: bool,
    freed: Option<String>,
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
    /// It is in a block that was freed; the text says by whom.
    Freed(String),
}

impl Memory {
    pub(super) fn insert(
        &mut self,
        ptr: NonNull<u8>,
        layout: Layout,
        name: String,
        handle: u64,
        allocated: &'static Location<'static>,
        track: Rc<dyn Track>,
    ) {
        let block = Block { ptr, layout, name, handle, allocated, track, freeing: false, freed: None };
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

    /// What is known of an address.
    pub(super) fn find(&self, addr: usize) -> Found {
        match self.block(addr) {
            None => Found::Nothing,
            Some(Block { freed: None, track, .. }) => Found::Live(Rc::clone(track)),
            Some(Block { freed: Some(by), name, allocated, .. }) => {
                Found::Freed(format!("{name}, allocated at {}, freed by {by}", place(allocated)))
            }
        }
    }

    /// What a race on the block at `addr` is: with its free, or with its allocation.
    pub(super) fn race(&self, addr: usize) -> Option<(FailureKind, String)> {
        let block = self.block(addr)?;
        let (name, at) = (&block.name, place(block.allocated));
        Some(if block.freeing {
            (
                FailureKind::UseAfterFree,
                format!("{name}, allocated at {at}: an access and the free are not ordered"),
            )
        } else {
            (FailureKind::DataRace, format!("{name}, allocated at {at}: an access is not ordered after that"))
        })
    }

    /// A thread begins to free a live block.
    pub(super) fn begin_free(&mut self, addr: usize) {
        self.blocks.get_mut(&addr).expect("the caller found it").freeing = true;
    }

    /// Marks a live block as freed and poisons it.
    pub(super) fn free(&mut self, ptr: NonNull<u8>, by: String) {
        let block = self.blocks.get_mut(&ptr.addr().get()).expect("the caller found it");
        block.freed = Some(by);
        // SAFETY: the block is `layout.size()` bytes that nobody uses but by mistake, and it is not returned yet.
        unsafe { block.ptr.as_ptr().write_bytes(POISON, block.layout.size()) };
    }

    /// The name of the block at exactly this address.
    pub(super) fn name(&self, addr: usize) -> Option<&str> {
        self.blocks.get(&addr).map(|block| block.name.as_str())
    }

    /// Blocks that nobody freed.
    pub(super) fn leaks(&self) -> Vec<String> {
        let live = self.blocks.values().filter(|block| block.freed.is_none());
        live.map(|block| format!("{}, allocated at {}", block.name, place(block.allocated))).collect()
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
