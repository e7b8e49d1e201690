//! A plugin round another one says itself what a test is about; the rest the inner one says.

/// What is asked of a plugin beside its decisions, by whoever has it in a field.
macro_rules! the_rest_is_of {
    ($inner:tt) => {
        fn policy(&self, tool: &str) -> &retrylab::plugin::Policy {
            self.$inner.policy(tool)
        }
        fn live_entries(&self) -> usize {
            self.$inner.live_entries()
        }
        fn clocks(&self) -> retrylab::plugin::Clocks {
            self.$inner.clocks()
        }
    };
}

pub(crate) use the_rest_is_of;
