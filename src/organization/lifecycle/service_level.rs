//! How long work may stay in one state, and when somebody is warned.

use serde::{Deserialize, Serialize};

/// The share of the time, in hundredths, after which whoever answers for the work is warned.
const WARNING_AT: u64 = 80;

/// How long work may stay in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLevel {
    /// Minutes since it came into the state.
    pub minutes: u32,
}

/// How work stands in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timeliness {
    /// There is time.
    InTime,
    /// Four fifths of the time are over.
    Late,
    /// All of it is: those above are asked.
    Breached,
}

impl ServiceLevel {
    /// The minutes after which whoever answers for the work is warned, rounded up.
    pub fn warning(self) -> u32 {
        u32::try_from((u64::from(self.minutes) * WARNING_AT).div_ceil(100)).unwrap_or(u32::MAX)
    }

    /// How work stands that has been in the state for so many minutes.
    pub fn timeliness(self, minutes: u32) -> Timeliness {
        if minutes >= self.minutes {
            Timeliness::Breached
        } else if minutes >= self.warning() {
            Timeliness::Late
        } else {
            Timeliness::InTime
        }
    }
}
