//! What an organisation does: pieces of work and the people who do them, as folds over the facts of runs.

mod about;
mod blockers;
mod decisions;
mod item;
mod lateness;
mod listed;
mod messages;
mod metrics;
mod progress;
mod promises;
mod reviews;
mod sizing;
mod standup;
mod view;
mod work;

pub use blockers::Blocker;
pub use decisions::{Climb, Decision};
pub use item::{About, Holder, Move, Stay, WorkItem};
pub use lateness::LateWork;
pub use messages::{Message, Point};
pub use metrics::{Figure, Metric, Row, metrics, observations};
pub use progress::{Progress, Rollup};
pub use promises::{add_promises, is_open};
pub use reviews::{Review, ReviewRound, ReviewVerdict};
pub use standup::{Report, Standup};
pub use view::{Organization, TierSaid};
pub use work::{WorkHistory, has_work};
