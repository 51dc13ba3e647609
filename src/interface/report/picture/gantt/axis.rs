//! The axis of time: round steps, and lines through the picture.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::elements::{escaped, number};
use super::{Field, HEAD};
use crate::interface::report::units::seconds;

/// At most so many steps.
const STEPS: u32 = 8;

/// Draws lines for round moments, with their numbers above.
pub(super) fn axis(field: Field, height: f64, svg: &mut String) {
    let step = step(field.whole);
    let mut moment = Duration::ZERO;
    while moment <= field.whole {
        let x = number(field.x(moment));
        let label = if moment.is_zero() { "0".to_owned() } else { seconds(moment) };
        let _ = writeln!(
            svg,
            "<path class=\"grid\" d=\"M{x} {}V{}\"/>\n\
             <text class=\"small\" text-anchor=\"middle\" x=\"{x}\" y=\"{}\">{}</text>",
            number(HEAD - 6.0),
            number(height),
            number(HEAD - 10.0),
            escaped(&label)
        );
        if step.is_zero() {
            return;
        }
        moment += step;
    }
}

/// A round step: 1, 2 or 5 of a power of ten milliseconds, or of what clocks show above a minute.
fn step(whole: Duration) -> Duration {
    let least = whole / STEPS;
    let powers = (0..5).map(|power| 10_u64.pow(power));
    let millis =
        powers.flat_map(|power| [1, 2, 5].map(|digit| Duration::from_millis(digit * power)));
    let minute = Duration::from_secs(60);
    let clocks = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map(|m| minute * m);
    let days = (2..).map(|days| minute * 1440 * days).take(10_000);
    let mut steps = millis.chain(clocks).chain(days);
    steps.find(|step| *step >= least).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (whole, expected) in [
            (620, 100),
            (8, 1),
            (62_000, 10_000),
            (100_000, 20_000),
            (480_000, 60_000),
            (3_600_000, 600_000),
            (18 * 3_600_000, 3 * 3_600_000),
        ] {
            assert_eq!(step(Duration::from_millis(whole)), Duration::from_millis(expected));
        }
    }
}
