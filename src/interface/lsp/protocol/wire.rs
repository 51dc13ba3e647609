//! Messages on a byte stream: a header that gives the length, a blank line, JSON.
//!
//! What is no message is said to be none, and the stream goes on with the next one: an editor that
//! errs once keeps its server.

use std::io::{self, BufRead, Read, Write};

use serde_json::Value;

/// No message is longer, in bytes: the largest document with every character escaped, twice over.
const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// No line of a header is longer, in bytes.
const MAX_HEADER_BYTES: u64 = 4096;

/// What comes out of a stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// JSON.
    Json(Value),
    /// Something else, and why.
    Malformed(String),
}

/// The next message; `None` at the end of the stream.
///
/// # Errors
/// When the stream cannot be read.
pub fn read_frame(stream: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let Some(length) = read_header(stream)? else {
        return Ok(None);
    };
    let length = match length {
        Ok(length) => length,
        Err(reason) => return Ok(Some(Frame::Malformed(reason))),
    };
    if length > MAX_MESSAGE_BYTES {
        io::copy(&mut stream.take(length as u64), &mut io::sink())?;
        let reason = format!("a message of {length} bytes is too long");
        return Ok(Some(Frame::Malformed(reason)));
    }
    let mut body = Vec::new();
    stream.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&body) {
        Ok(value) => Frame::Json(value),
        Err(error) => Frame::Malformed(format!("this is not JSON: {error}")),
    }))
}

/// The length that a header gives, or why it gives none; `None` at the end of the stream.
fn read_header(stream: &mut impl BufRead) -> io::Result<Option<Result<usize, String>>> {
    let mut length = None;
    let mut lines = 0;
    loop {
        let mut line = Vec::new();
        if stream.take(MAX_HEADER_BYTES).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            // Blank lines between messages do no harm.
            if lines == 0 {
                continue;
            }
            return Ok(Some(length.ok_or_else(|| "a header without Content-Length".to_owned())));
        }
        lines += 1;
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
}

/// Writes a message.
///
/// # Errors
/// When the stream cannot be written.
pub fn write_frame(stream: &mut impl Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(stream, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: &[Frame]) {
        let mut stream = text.as_bytes();
        let mut found = Vec::new();
        while let Some(frame) = read_frame(&mut stream).unwrap() {
            found.push(frame);
        }
        assert_eq!(found, expected, "{text:?}");
    }

    fn malformed(reason: &str) -> Frame {
        Frame::Malformed(reason.to_owned())
    }

    #[test]
    fn messages_follow_each_other() {
        check(
            "Content-Length: 2\r\n\r\n{}Content-Type: x\r\ncontent-length:3\r\n\r\n[1]",
            &[Frame::Json(json!({})), Frame::Json(json!([1]))],
        );
        check("Content-Length: 4\n\n\"é\"", &[Frame::Json(json!("é"))]);
    }

    #[test]
    fn what_is_no_message_does_not_end_the_stream() {
        check(
            "Content-Length: 1\r\n\r\n{Content-Length: 2\r\n\r\n{}",
            &[
                malformed("this is not JSON: EOF while parsing an object at line 1 column 1"),
                Frame::Json(json!({})),
            ],
        );
        check(
            "Hello: there\r\n\r\nContent-Length: 2\r\n\r\n{}",
            &[malformed("a header without Content-Length"), Frame::Json(json!({}))],
        );
    }

    #[test]
    fn a_stream_may_end_anywhere() {
        check("", &[]);
        check("Content-Le", &[]);
        check("Content-Length: 10\r\n\r\n{}", &[]);
    }

    #[test]
    fn what_is_written_can_be_read() {
        let mut stream = Vec::new();
        write_frame(&mut stream, &json!({ "text": "é\n" })).unwrap();
        let frame = read_frame(&mut stream.as_slice()).unwrap();
        assert_eq!(frame, Some(Frame::Json(json!({ "text": "é\n" }))));
    }
}
