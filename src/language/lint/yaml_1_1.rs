//! What readers of YAML 1.1 make of plain scalars that look like numbers or dates: the types of
//! <https://yaml.org/type/>, as PyYAML reads them.

/// A scalar in YAML 1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    Integer(i64),
    /// A number with a point, or one that is too large.
    Number,
    Date,
    Text,
}

/// Reads a scalar that begins with a digit, a sign or a point.
pub(super) fn read(text: &str) -> Other {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(number) = integer(digits) {
        return number.map_or(Other::Number, |number| {
            Other::Integer(if is_negative { -number } else { number })
        });
    }
    if is_float(digits) {
        Other::Number
    } else if is_date(text) {
        Other::Date
    } else {
        Other::Text
    }
}

/// `None` if it is no integer, `Some(None)` if it is too large.
fn integer(digits: &str) -> Option<Option<i64>> {
    let of_base = |digits: &str, base: u32| {
        let is_one = digits.chars().all(|c| c == '_' || c.is_digit(base))
            && digits.chars().any(|c| c != '_');
        is_one.then(|| i64::from_str_radix(&digits.replace('_', ""), base).ok())
    };
    if let Some(digits) = digits.strip_prefix("0b") {
        return of_base(digits, 2);
    }
    if let Some(digits) = digits.strip_prefix("0x") {
        return of_base(digits, 16);
    }
    match digits.strip_prefix('0') {
        Some("") => Some(Some(0)),
        Some(rest) => of_base(rest, 8),
        None if !digits.starts_with(|c: char| c.is_ascii_digit()) => None,
        None if digits.contains(':') => sexagesimal(digits),
        None => of_base(digits, 10),
    }
}

/// `12:30:45`: each part behind the first is below 60.
fn sexagesimal(digits: &str) -> Option<Option<i64>> {
    let mut parts = digits.split(':');
    let first = parts.next()?;
    if !first.chars().all(|c| c == '_' || c.is_ascii_digit()) {
        return None;
    }
    let mut number = first.replace('_', "").parse::<i64>().ok();
    for part in parts {
        let is_one = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
        let value = part.parse::<i64>().ok().filter(|value| is_one && *value < 60)?;
        number = number.and_then(|number| number.checked_mul(60)?.checked_add(value));
    }
    Some(number)
}

/// `[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?`, `\.[0-9][0-9_]*` and `[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*`.
fn is_float(digits: &str) -> bool {
    let Some((whole, fraction)) = digits.split_once('.') else { return false };
    let all = |text: &str| text.bytes().all(|b| b == b'_' || b.is_ascii_digit());
    let (fraction, exponent) = match fraction.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (fraction, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']);
        digits
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    });
    if whole.is_empty() {
        return fraction.starts_with(|c: char| c.is_ascii_digit())
            && all(fraction)
            && exponent_fits;
    }
    let starts = whole.starts_with(|c: char| c.is_ascii_digit());
    if whole.contains(':') {
        return starts && exponent.is_none() && all(fraction) && sexagesimal(whole).is_some();
    }
    starts && all(whole) && all(fraction) && exponent_fits
}

/// `2027-03-01`, also with a time behind it.
fn is_date(text: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let is_day = year.len() == 4
        && all_digits(year)
        && [month, day].iter().all(|part| {
            all_digits(part) && (part.len() == 2 || (part.len() == 1 && time.is_some()))
        });
    let begins_as_time = |time: &str| {
        let parts: Vec<&str> = time.split(':').take(3).collect();
        let [hour, minute, second] = parts.as_slice() else { return false };
        let second = second.get(..2).unwrap_or(second);
        matches!(hour.len(), 1 | 2)
            && all_digits(hour)
            && [*minute, second].iter().all(|part| part.len() == 2 && all_digits(part))
    };
    is_day && time.is_none_or(begins_as_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Other) {
        assert_eq!(read(text), expected, "{text}");
    }

    #[test]
    fn numbers_are_read_as_pyyaml_reads_them() {
        for (text, number) in [
            ("0", 0),
            ("017", 15),
            ("-012", -10),
            ("+1", 1),
            ("1_000", 1000),
            ("0b11", 3),
            ("0x1_f", 31),
            ("12:30", 750),
            ("190:20:30", 685_230),
        ] {
            check(text, Other::Integer(number));
        }
        for text in [".5", "1.", "1.5e+3", "1_000.5", "12:30.5", "99999999999999999999"] {
            check(text, Other::Number);
        }
        for text in ["089", "0o17", "1e3", "1.5e3", "09:30", "12:60", "1.2.3", "8b", "-", "."] {
            check(text, Other::Text);
        }
    }

    #[test]
    fn dates_are_told_from_other_text() {
        for text in ["2027-03-01", "2027-03-01T09:00:00Z", "2027-3-1 9:00:00.5 +1:00"] {
            check(text, Other::Date);
        }
        for text in ["2027-03", "2027-3-1", "27-03-01", "2027-03-01T09", "2027-03-01-draft"] {
            check(text, Other::Text);
        }
    }
}
