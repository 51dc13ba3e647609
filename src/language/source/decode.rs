//! From the bytes of a file to text: the size limit and the encoding.

use super::limits::MAX_SOURCE_BYTES;
use super::lines::Lines;

/// The bytes are not UTF-8. The user's fault, or their editor's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file is not UTF-8 text: the byte at line {line}, column {column} cannot be read")]
pub struct NotUtf8 {
    /// The first byte that is not UTF-8, from 0.
    pub offset: usize,
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1, in characters.
    pub column: u32,
}

/// The file is larger than [`MAX_SOURCE_BYTES`]. The user's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file has {bytes} bytes, more than the limit of {MAX_SOURCE_BYTES}")]
pub struct TooLarge {
    /// The size that was found, in bytes.
    pub bytes: u64,
}

/// Checks a size before the bytes are read. [`parse`](super::parse) checks it again.
///
/// # Errors
///
/// When there are more than [`MAX_SOURCE_BYTES`].
pub fn check_size(bytes: u64) -> Result<(), TooLarge> {
    if bytes > MAX_SOURCE_BYTES as u64 {
        return Err(TooLarge { bytes });
    }
    Ok(())
}

/// Reads bytes as UTF-8. A byte-order mark stays in the text, so that offsets are those of the
/// file; positions do not count it.
///
/// # Errors
///
/// When the bytes are not UTF-8; the error names the first such byte.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotUtf8> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let valid = str::from_utf8(&error.as_bytes()[..offset]).unwrap_or_default();
        let position = Lines::new(valid).position(valid, offset);
        NotUtf8 { offset, line: position.line, column: position.column }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<&str, (usize, u32, u32)>) {
        let found = decode(bytes.to_vec());
        let found = found.as_deref().map_err(|error| (error.offset, error.line, error.column));
        assert_eq!(found, expected);
    }

    #[test]
    fn says_where_the_text_stops_being_utf8() {
        check("a: é\n".as_bytes(), Ok("a: é\n"));
        check(b"", Ok(""));
        check(b"a: 1\nb: \xe9\n", Err((8, 2, 4)));
        check(b"\xc3\xa9\xff", Err((2, 1, 2)));
        // UTF-16 with its mark, and a character that is cut off.
        check(b"\xff\xfea\0", Err((0, 1, 1)));
        check(b"a\xc3", Err((1, 1, 2)));
    }

    #[test]
    fn keeps_the_byte_order_mark() {
        check(b"\xef\xbb\xbfa", Ok("\u{feff}a"));
    }

    #[test]
    fn refuses_a_larger_file() {
        assert_eq!(check_size(16 * 1024 * 1024), Ok(()));
        let error = check_size(16 * 1024 * 1024 + 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file has 16777217 bytes, more than the limit of 16777216"
        );
    }
}
