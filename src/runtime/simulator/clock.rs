//! Time: the only place of the simulator that reads a clock.
//!
//! Everything that takes time is planned in simulated durations, which the profile's time scale
//! turns into real ones. At scale 0 nothing waits: real durations are all zero, and simulated
//! time stands still.

use std::io;
use std::ops::Add;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::timers::{Sleep, Timers};

/// Longer than any plan: keeps sums of durations far from overflow.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A point in real time, counted from the start of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(Duration);

impl Moment {
    /// Real milliseconds since the start of the clock.
    pub(super) fn milliseconds(self) -> f64 {
        self.0.as_secs_f64() * 1000.0
    }

    /// The real time from `earlier` until here; zero if it is not earlier.
    pub(super) fn since(self, earlier: Moment) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, real: Duration) -> Moment {
        Moment(self.0.saturating_add(real))
    }
}

/// When the clock was started: what moments are counted from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Epoch(Instant);

impl Epoch {
    #[expect(clippy::disallowed_methods, reason = "a driver reads the clock, here")]
    fn begin() -> Epoch {
        Epoch(Instant::now())
    }

    /// The present.
    pub(super) fn now(self) -> Moment {
        Moment(self.0.elapsed())
    }
}

/// The clock of one cluster, with the thread that ends its sleeps.
pub(super) struct Clock {
    epoch: Epoch,
    wall: Timestamp,
    scale: f64,
    timers: Arc<Timers>,
}

impl Clock {
    /// A clock on which one simulated second takes `scale` real ones. Fails where no thread can
    /// be started.
    pub(super) fn start(scale: f64) -> io::Result<Clock> {
        let epoch = Epoch::begin();
        #[expect(clippy::disallowed_methods, reason = "a driver reads the clock, here")]
        let wall = Timestamp::now();
        Ok(Clock { epoch, wall, scale, timers: Timers::start(epoch)? })
    }

    /// The present.
    pub(super) fn now(&self) -> Moment {
        self.epoch.now()
    }

    /// The date and time, in UTC.
    pub(super) fn wall(&self) -> Timestamp {
        self.wall_in(Duration::ZERO)
    }

    /// The date and time after `ahead` more.
    pub(super) fn wall_in(&self, ahead: Duration) -> Timestamp {
        let since = self.now().0.saturating_add(ahead);
        SignedDuration::try_from(since)
            .ok()
            .and_then(|since| self.wall.checked_add(since).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether nothing ever waits and simulated time stands still.
    pub(super) fn stands_still(&self) -> bool {
        self.scale == 0.0
    }

    /// How long `simulated` takes in reality.
    pub(super) fn real(&self, simulated: Duration) -> Duration {
        seconds(simulated.as_secs_f64() * self.scale)
    }

    /// How much simulated time passes in `real`; none at scale 0.
    pub(super) fn simulated(&self, real: Duration) -> Duration {
        if self.stands_still() { Duration::ZERO } else { seconds(real.as_secs_f64() / self.scale) }
    }

    /// Sleeps until `moment`, to about a tenth of a millisecond; at once if it is over.
    pub(super) fn sleep_until(&self, moment: Moment) -> Sleep {
        Sleep::new(&self.timers, self.epoch, moment)
    }

    /// Sleeps for a simulated duration.
    pub(super) fn sleep(&self, simulated: Duration) -> Sleep {
        self.sleep_until(self.now() + self.real(simulated))
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.timers.stop();
    }
}

/// A duration of so many seconds, kept between zero and a century.
pub(super) fn seconds(count: f64) -> Duration {
    if count > 0.0 {
        Duration::try_from_secs_f64(count).map_or(LONGEST, |duration| duration.min(LONGEST))
    } else {
        Duration::ZERO
    }
}

/// `duration` × `factor`, kept between zero and a century.
pub(super) fn times(duration: Duration, factor: f64) -> Duration {
    seconds(duration.as_secs_f64() * factor)
}

/// A duration in whole nanoseconds, as every duration of the protocol is given.
pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scale: f64, simulated: Duration, real: Duration) {
        assert_eq!(Clock::start(scale).unwrap().real(simulated), real);
    }

    #[test]
    fn scales() {
        check(0.01, Duration::from_secs(45), Duration::from_millis(450));
        check(1.0, Duration::from_millis(7), Duration::from_millis(7));
        check(0.0, Duration::from_secs(45), Duration::ZERO);
        check(1000.0, LONGEST, LONGEST);
    }

    #[test]
    fn odd_factors_do_no_harm() {
        assert_eq!(seconds(f64::NAN), Duration::ZERO);
        assert_eq!(seconds(f64::INFINITY), LONGEST);
        assert_eq!(seconds(-1.0), Duration::ZERO);
        assert_eq!(times(LONGEST, 1e300), LONGEST);
    }

    #[tokio::test]
    async fn a_sleep_ends_after_its_moment() {
        let clock = Clock::start(0.01).unwrap();
        let begun = clock.now();
        clock.sleep(Duration::from_millis(500)).await;
        assert!(clock.now() >= begun + Duration::from_millis(5));
        clock.sleep(Duration::ZERO).await;
        let still = Clock::start(0.0).unwrap();
        still.sleep(Duration::from_secs(3600)).await;
    }

    #[tokio::test]
    async fn a_dropped_sleep_is_forgotten() {
        let clock = Clock::start(1.0).unwrap();
        let long = clock.sleep(Duration::from_secs(3600));
        let short = clock.sleep(Duration::from_millis(2));
        tokio::select! {
            () = long => panic!("the long one came first"),
            () = short => {}
        }
        assert_eq!(clock.timers.waiting(), 0);
    }
}
