//! The drivers' clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::engine::Time;

/// A clock that begins at the system's time and then only goes forward, whatever is done to the
/// system's clock meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
    at: Time,
}

impl Clock {
    /// A clock that begins now.
    #[expect(clippy::disallowed_methods, reason = "drivers read the time, and here is where")]
    pub fn start() -> Clock {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let micros = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
        Clock { began: Instant::now(), at: Time(micros) }
    }

    /// The time.
    #[expect(clippy::disallowed_methods, reason = "drivers read the time, and here is where")]
    pub fn now(&self) -> Time {
        self.at + Instant::now().duration_since(self.began)
    }
}
