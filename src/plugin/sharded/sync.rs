//! What threads share the state through. A test on real threads meets a few schedules of very many; loom
//! meets all of them, and every value that the memory model lets a load see, but only through types
//! of its own. So they are named here once: the standard library's, and under `--cfg loom` loom's.

#[cfg(loom)]
pub(super) use loom::sync::Mutex;
#[cfg(loom)]
pub(super) use loom::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(loom))]
pub(super) use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(loom))]
pub(super) use std::sync::{Mutex, OnceLock};

#[cfg(loom)]
pub(super) use once::OnceLock;

/// loom has no `OnceLock`. This one orders as the standard library's does, and no more: a `get` that
/// sees the value acquires what was written before it, writers take turns, and the value itself lies
/// in a lock that loom does not see.
#[cfg(loom)]
mod once {
    use std::sync::PoisonError;

    use loom::sync::Mutex;
    use loom::sync::atomic::{AtomicBool, Ordering};

    pub(in super::super) struct OnceLock<T: 'static> {
        full: AtomicBool,
        turn: Mutex<()>,
        /// Leaked: a reference has to outlive the lock, and a model lasts microseconds.
        value: std::sync::Mutex<Option<&'static T>>,
    }

    impl<T> Default for OnceLock<T> {
        fn default() -> OnceLock<T> {
            OnceLock::new()
        }
    }

    impl<T> OnceLock<T> {
        pub(in super::super) fn new() -> OnceLock<T> {
            let value = std::sync::Mutex::new(None);
            OnceLock { full: AtomicBool::new(false), turn: Mutex::new(()), value }
        }
        pub(in super::super) fn get(&self) -> Option<&T> {
            if !self.full.load(Ordering::Acquire) {
                return None;
            }
            *self.value.lock().unwrap_or_else(PoisonError::into_inner)
        }
        pub(in super::super) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
            if let Some(there) = self.get() {
                return there;
            }
            let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(there) = self.get() {
                return there;
            }
            let made: &T = Box::leak(Box::new(make()));
            *self.value.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
            self.full.store(true, Ordering::Release);
            drop(turn);
            made
        }
    }
}
