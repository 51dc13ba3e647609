//! What the formats of our own schemas mean.

use super::Amount;
use super::duration::is_too_long;

/// Whether a text is of a format.
pub(super) type Check = fn(&str) -> bool;

/// The formats, by the names that schemas give them.
pub(super) const ALL: [(&str, Check); 3] = [
    ("duration-human", |text| !is_too_long(text)),
    ("amount", |text| text.parse::<Amount>().is_ok()),
    ("backoff", |text| !text.split("..").any(is_too_long)),
];

/// What tells whether a text is of a format.
pub(super) fn check(name: &str) -> Option<Check> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, is_one)| *is_one)
}
