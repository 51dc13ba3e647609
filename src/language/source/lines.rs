//! Where the lines of a text begin, and how many characters stand before a byte.

use std::ops::Range;

/// The characters before every so many bytes are counted once, so that a column in a very long
/// line costs no more than one in a short line.
const STRIDE: usize = 1024;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A place as people and editors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// The lines of one text. A line ends with `\n`, `\r\n` or a lone `\r`, as in YAML 1.2.2,
/// section 5.4. A byte-order mark at the start belongs to no column.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    /// The first byte of each line. Four bytes each: a file of line breaks has many lines.
    starts: Vec<u32>,
    /// The number of characters before each multiple of [`STRIDE`].
    counts: Vec<usize>,
    /// The byte length of the byte-order mark, or 0.
    mark: usize,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        // At least as many as there are: in a list that grows, millions would be there twice.
        let most = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
        let mut starts = Vec::with_capacity(most);
        starts.push(0);
        for (at, byte) in bytes.iter().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                starts.push(saturating(at + 1));
            }
        }
        let mut count = 0;
        let counts = bytes
            .chunks(STRIDE)
            .map(|chunk| {
                let before = count;
                count += characters(chunk);
                before
            })
            .collect();
        let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        Self { starts, counts, mark }
    }

    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The bytes of a line, counted from 0, without its break and without the byte-order mark;
    /// past the last line the empty range at the end of the text.
    pub(super) fn range(&self, text: &str, line: usize) -> Range<usize> {
        let Some(&start) = self.starts.get(line) else {
            return text.len()..text.len();
        };
        let start = if line == 0 { self.mark } else { start as usize };
        let next = self.starts.get(line + 1);
        let next = next.map_or(text.len(), |next| *next as usize);
        let content = text.get(start..next).unwrap_or_default();
        let content = content.strip_suffix('\n').unwrap_or(content);
        let content = content.strip_suffix('\r').unwrap_or(content);
        start..start + content.len()
    }

    /// The place of a byte. One inside a character counts as the character, one in a line break
    /// as the end of its line, one past the end as the end of the text.
    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|start| *start as usize <= offset).saturating_sub(1);
        let range = self.range(text, line);
        let offset = floor_boundary(text, offset.clamp(range.start, range.end));
        let column = self.characters_before(text, offset)
            - self.characters_before(text, range.start.min(offset));
        Position { line: saturating(line + 1), column: saturating(column + 1) }
    }

    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let stride = (offset / STRIDE).min(self.counts.len().saturating_sub(1));
        let counted = self.counts.get(stride).copied().unwrap_or(0);
        counted + characters(&text.as_bytes()[stride * STRIDE..offset])
    }
}

/// The nearest character boundary at or before `offset`.
pub(super) fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The number of characters that start in these bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn saturating(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
