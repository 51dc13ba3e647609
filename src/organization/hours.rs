//! Hours, as people write and read them; time is counted in whole minutes.

const MINUTES: f64 = 60.0;

/// More hours than this are a mistake.
const MOST_HOURS: f64 = 10_000.0;

/// What was written is no number of hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`hours` is a number from 0 to {MOST_HOURS}, and not {written}")]
pub struct NoHours {
    written: String,
}

impl NoHours {
    /// Of what was written.
    pub fn of(written: impl Into<String>) -> NoHours {
        NoHours { written: written.into() }
    }
}

/// Minutes as a number of hours with at most two digits behind the point.
pub fn hours_of(minutes: u32) -> f64 {
    (f64::from(minutes) / MINUTES * 100.0).round() / 100.0
}

/// A number of hours in whole minutes.
///
/// # Errors
/// When it is negative, too large, or no number.
pub fn minutes_of(hours: f64) -> Result<u32, NoHours> {
    if !(0.0..=MOST_HOURS).contains(&hours) {
        return Err(NoHours::of(hours.to_string()));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the bounds have been looked at"
    )]
    let minutes = (hours * MINUTES).round() as u32;
    Ok(minutes)
}

/// The same of a text with a number.
///
/// # Errors
/// When it has none, or the number is out of bounds.
pub fn minutes_of_text(hours: &str) -> Result<u32, NoHours> {
    let number = hours.trim().parse().map_err(|_| NoHours::of(hours))?;
    minutes_of(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_minutes_and_minutes_are_hours() {
        for (text, minutes, hours) in [("0", 0, 0.0), (" 1.5 ", 90, 1.5), ("10000", 600_000, 1e4)] {
            assert_eq!(minutes_of_text(text), Ok(minutes));
            assert!((hours_of(minutes) - hours).abs() < 1e-9);
        }
        assert!((hours_of(50) - 0.83).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_number_of_hours_is_told() {
        for (text, told) in [("many", "many"), ("-1", "-1"), ("10000.1", "10000.1"), ("nan", "NaN")]
        {
            let error = minutes_of_text(text).unwrap_err().to_string();
            assert_eq!(error, format!("`hours` is a number from 0 to 10000, and not {told}"));
        }
    }
}
