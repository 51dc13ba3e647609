//! Cases of patterns, played in virtual time: found, run, judged, counted.

mod coverage;
mod find;
mod judge;
mod play;
mod script;
mod world;

pub use coverage::{Coverage, Covered, Kind};
pub use judge::Unmet;
pub use play::{Played, Tested, TestedCase, TestedFile, run_tests};
