//! What an organisation does: pieces of work and the people who do them, as folds over the facts of runs.

mod about;
mod item;
mod listed;
mod promises;
mod work;

pub use item::{About, Holder, Move, Stay, WorkItem};
pub use promises::{add_promises, is_open};
pub use work::{WorkHistory, has_work};
