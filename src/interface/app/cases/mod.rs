//! Cases of patterns, played in virtual time: found, run, judged, counted.

mod cassette;
mod coverage;
mod find;
mod judge;
mod play;
mod script;
mod servers;
mod unanswered;
mod update;
mod world;

pub use coverage::{Coverage, Covered, Kind};
pub use judge::Unmet;
pub use play::{Played, Tested, TestedCase, TestedFile, run_tests};
pub use servers::Recorder;
pub use update::{Updated, update_tests};
