//! The engine driven in virtual time: scripted servers, faults and people, from a profile and a
//! seed. A run of hours takes milliseconds and is the same every time.

mod answers;
mod cluster;
mod course;
mod driver;
mod ledger;
mod reading;
mod tools;

pub use answers::{Answers, Placeholders, Scripted, placeholder_of};
pub use cluster::digest_of;
pub use driver::{Asked, Rehearsal, Script};
pub use ledger::{Ledger, RehearsalError};
