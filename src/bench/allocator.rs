//! How much memory an operation asks for. An exact figure, the same on every machine, tells more of a
//! change than a time does; so the binary that measures counts what passes through its allocator. The
//! counters belong to the thread, so that counting costs an addition and no thread waits for another.
//! The library only offers the allocator: `main.rs` installs it.

#![allow(unsafe_code)] // An allocator cannot be written otherwise; this is the only such file.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What a thread has asked for since it began.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counted {
    /// Blocks asked for; one that grows or shrinks counts again.
    pub blocks: u64,
    /// Bytes asked for, less those given back; below 0 for a thread that frees what others asked for.
    pub live: i64,
}

thread_local! {
    static COUNTED: Cell<Counted> = const { Cell::new(Counted { blocks: 0, live: 0 }) };
}

/// The system's allocator, with a count for each thread.
#[derive(Clone, Copy, Default, Debug)]
pub struct Counting;

fn note(blocks: u64, bytes: i64) {
    COUNTED.with(|counted| {
        let Counted { blocks: b, live } = counted.get();
        counted.set(Counted { blocks: b.wrapping_add(blocks), live: live.wrapping_add(bytes) });
    });
}

// SAFETY: every call goes to the system's allocator with the arguments it came with, and its result is
// given back unchanged, so what `System` promises holds here. `note` neither allocates nor panics: the
// counter is a constant-initialised `Cell` without a destructor, which is there for as long as its thread.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc`, which is that of `System`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, -(layout.size() as i64));
        // SAFETY: the block came from `System` by one of the functions here.
        unsafe { System.dealloc(block, layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size as i64 - layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// What this thread has asked for so far; `None` in a binary that has another allocator.
pub fn counted() -> Option<Counted> {
    let before = COUNTED.with(Cell::get);
    drop(std::hint::black_box(Box::new(0_u8)));
    let after = COUNTED.with(Cell::get);
    (after.blocks != before.blocks).then_some(after)
}
