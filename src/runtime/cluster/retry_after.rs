//! `Retry-After`: how long a server wants not to be asked (RFC 9110, section 10.2.3).

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

use crate::language::document::HumanDuration;

/// No server is left alone for longer because it says so.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The pause that the headers of an answer ask for: in seconds, or until a date, which is compared
/// with the date of the answer, so that no clock but the server's counts.
pub(super) fn of(headers: &HeaderMap) -> Option<HumanDuration> {
    let text = text(headers, &RETRY_AFTER)?;
    let pause = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = date(text)?;
            let now = date(self::text(headers, &DATE)?)?;
            Duration::try_from(until.duration_since(now)).unwrap_or_default()
        }
    };
    (!pause.is_zero()).then(|| HumanDuration(pause.min(LONGEST)))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// A date as HTTP writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<Timestamp> {
    Some(rfc2822::DateTimeParser::new().parse_zoned(text).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(retry_after: &str, date: Option<&str>, seconds: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        let found = of(&headers).map(|pause| pause.0.as_secs());
        assert_eq!(found, seconds, "{retry_after} {date:?}");
    }

    #[test]
    fn seconds_and_dates_are_pauses() {
        let later = "Sun, 06 Nov 1994 08:50:07 GMT";
        let now = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        check("7", None, Some(7));
        check("86400", None, Some(600));
        check(later, now, Some(30));
        for (text, date) in [
            ("0", None),
            ("", None),
            ("soon", None),
            ("-3", None),
            (later, None),
            (later, Some(later)),
        ] {
            check(text, date, None);
        }
        check("Sun, 06 Nov 1994 08:00:00 GMT", now, None);
        assert_eq!(of(&HeaderMap::new()), None);
    }
}
