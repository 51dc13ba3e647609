//! The embedded driver: carries the engine's commands out with tokio, SQLite and real servers.
//!
//! One thread conducts: it takes what has happened, hands it to the engine, stores the facts, and
//! only then carries out the commands. Calls run as tokio tasks on another and report back. The log
//! of the journal is written out to the disk beside that; only then is anybody told what happened.

mod alarm;
mod calls;
mod conductor;
mod messages;
mod talk;
mod task_tools;
mod untold;

pub use conductor::{ConductError, Conductor};
pub use messages::{Control, Event, Observer, Remote};
