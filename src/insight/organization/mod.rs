//! What an organisation does: pieces of work and the people who do them, as folds over the facts of runs.

mod promises;

pub use promises::{add_promises, is_open};
