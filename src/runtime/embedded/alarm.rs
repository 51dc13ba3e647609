//! Waiting for something until a time.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use crate::engine::Time;
use crate::runtime::clock::Clock;

/// No wait is longer, so that a time far away is a time.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// An alarm clock that stays set. Setting one wakes the thread that minds them, where it is set for
/// earlier than all others; whoever waits a thousand times a second sets it once.
#[derive(Default)]
pub(super) struct Alarm {
    /// When it rings, and the wait for that.
    set: Option<(Time, Pin<Box<Sleep>>)>,
}

impl Alarm {
    /// Waits for something until a time; `None` when it has not come by then. It may be said so
    /// sooner, where the alarm was still set for an earlier time.
    pub(super) async fn until<T>(
        &mut self,
        deadline: Time,
        clock: Clock,
        something: impl Future<Output = T>,
    ) -> Option<T> {
        let wait = deadline.since(clock.now()).min(LONGEST);
        let set = match self.set.take() {
            Some((rings, set)) if rings <= deadline => (rings, set),
            _ => (clock.now() + wait, Box::pin(sleep(wait))),
        };
        let (_, set) = self.set.insert(set);
        tokio::select! {
            biased;
            came = something => Some(came),
            () = set.as_mut() => {
                self.set = None;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn what_is_there_comes_and_what_is_not_does_not() {
        let clock = Clock::start();
        let mut alarm = Alarm::default();
        let soon = |millis: u64| clock.now() + Duration::from_millis(millis);
        let far = Time(u64::MAX);
        assert_eq!(alarm.until(far, clock, ready(1)).await, Some(1));
        assert_eq!(alarm.until(soon(1), clock, pending::<u8>()).await, None);
        assert_eq!(alarm.until(Time::default(), clock, ready(2)).await, Some(2));
        assert_eq!(alarm.until(Time::default(), clock, pending::<u8>()).await, None);
    }

    #[tokio::test]
    async fn an_alarm_that_was_set_for_later_rings_in_time() {
        let clock = Clock::start();
        let mut alarm = Alarm::default();
        assert_eq!(alarm.until(Time(u64::MAX), clock, ready(1)).await, Some(1));
        // Would wait for a day if it stayed as it is.
        let soon = clock.now() + Duration::from_millis(1);
        assert_eq!(alarm.until(soon, clock, pending::<u8>()).await, None);
    }
}
