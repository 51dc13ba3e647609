//! Texts that a regular expression matches, for values that nobody has given.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Signs that read well, taken where a class has them.
const READABLE: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_. ";

/// A text that has at least `least` characters is looked for in so many lengths.
const LENGTHS: [u32; 8] = [0, 1, 2, 4, 8, 16, 64, 256];

/// A repetition is made no longer, so that nested ones end.
const MOST_REPEATED: u32 = 1_000;

/// A longer text is not made.
const LONGEST: usize = 20_000;

/// A text of at least `least` characters that a regular expression matches. `choose` says which of so many
/// possibilities is taken. None where the expression cannot be read or needs a text that is too long; what it
/// says of word boundaries is not looked at.
pub(crate) fn example_of(
    expression: &str,
    least: usize,
    choose: &mut dyn FnMut(usize) -> usize,
) -> Option<String> {
    let parsed = regex_syntax::parse(expression).ok()?;
    LENGTHS.into_iter().find_map(|longer| {
        let mut maker = Maker { longer, choose: &mut *choose, made: String::new() };
        maker.add(&parsed)?;
        (maker.made.chars().count() >= least).then_some(maker.made)
    })
}

struct Maker<'c> {
    /// Repetitions are done so often more than they must.
    longer: u32,
    choose: &'c mut dyn FnMut(usize) -> usize,
    made: String,
}

impl Maker<'_> {
    fn add(&mut self, part: &Hir) -> Option<()> {
        if self.made.len() > LONGEST {
            return None;
        }
        match part.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.made.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let sign = self.sign_of(class)?;
                self.made.push(sign);
            }
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(u32::MAX);
                let count = repetition.min.saturating_add(self.longer).min(most);
                for _ in 0..count.min(MOST_REPEATED.max(repetition.min)) {
                    self.add(&repetition.sub)?;
                }
            }
            HirKind::Capture(capture) => self.add(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.add(part))?,
            HirKind::Alternation(parts) => {
                let place = (self.choose)(parts.len());
                self.add(parts.get(place)?)?;
            }
        }
        Some(())
    }

    fn sign_of(&mut self, class: &Class) -> Option<char> {
        let ranges: Vec<(char, char)> = match class {
            Class::Unicode(class) => {
                class.iter().map(|range| (range.start(), range.end())).collect()
            }
            Class::Bytes(class) => {
                class.iter().map(|range| (range.start().into(), range.end().into())).collect()
            }
        };
        let is_in = |sign: &char| ranges.iter().any(|(start, end)| (start..=end).contains(&sign));
        let readable: Vec<char> = READABLE.chars().filter(is_in).collect();
        match readable.len() {
            0 => ranges.first().map(|(start, _)| *start),
            count => readable.get((self.choose)(count)).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::example_of;

    #[test]
    fn the_first_possibility_reads_well() {
        for (expression, least, expected) in [
            (r"^[A-Z]{3}-\d{4}$", 0, Some("AAA-0000")),
            ("^x{3}$", 0, Some("xxx")),
            ("^(low|high)$", 0, Some("low")),
            ("^[a-z]+$", 5, Some("aaaaa")),
            (r"^#?[\u{3b1}-\u{3c9}]$", 0, Some("\u{3b1}")),
            ("^[a-z]{2}$", 3, None),
            ("(", 0, None),
        ] {
            let made = example_of(expression, least, &mut |_| 0);
            assert_eq!(made.as_deref(), expected, "{expression}");
        }
    }
}
