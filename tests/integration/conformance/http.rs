//! HTTP/1.1 over a plain socket: what libraries hide is asserted here, such as when the head of an
//! answer comes and how a stream ends.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use super::assertion::{Wrong, failed};

/// How long anything is waited for. An assertion that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(180);

/// A server by its address.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    /// Name or address, with the port.
    pub(crate) host: String,
}

/// A request that is being put together.
pub(crate) struct Request<'h> {
    http: &'h Http,
    method: String,
    path: String,
    host: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Http {
    /// A server of a URL such as `http://gpu1:11434`; without a port that of Ollama.
    pub(crate) fn of_url(url: &str) -> Http {
        let rest = url.strip_prefix("http://").unwrap_or(url);
        let host = rest.split('/').next().unwrap_or_default();
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        Http { host: if has_port { host.to_owned() } else { format!("{host}:11434") } }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request {
            http: self,
            method: method.to_owned(),
            path: path.to_owned(),
            host: None,
            headers: Vec::new(),
            body: None,
        }
    }
}

impl Request<'_> {
    /// One more header; `Host` takes the place of the real one.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if name.eq_ignore_ascii_case("host") {
            self.host = Some(value.to_owned());
        } else {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends the request and waits for nothing.
    pub(crate) fn send(self) -> Result<Pending, Wrong> {
        let host = &self.http.host;
        let mut stream = TcpStream::connect(host.as_str())
            .map_err(|error| failed(format!("{host} cannot be reached: {error}")))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut text = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.method,
            self.path,
            self.host.as_deref().unwrap_or(host)
        );
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = self.body.unwrap_or_default();
        if !body.is_empty() || self.method == "POST" {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        stream.write_all(text.as_bytes())?;
        stream.write_all(&body)?;
        Ok(Pending { reader: BufReader::new(stream), has_body: self.method != "HEAD" })
    }

    /// Sends the request and reads the answer to its end.
    pub(crate) fn answer(self) -> Result<Answer, Wrong> {
        self.send()?.answer()
    }
}

/// A request that was sent. Dropped, it closes its connection.
pub(crate) struct Pending {
    reader: BufReader<TcpStream>,
    has_body: bool,
}

impl Pending {
    /// Whether nothing comes for a moment. On a slow machine this may say so too early; it never
    /// says that something came where nothing did.
    pub(crate) fn is_silent(&mut self) -> Result<bool, Wrong> {
        self.reader.get_ref().set_read_timeout(Some(Duration::from_millis(150)))?;
        let silent = match self.reader.fill_buf() {
            Ok(bytes) => bytes.is_empty(),
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        };
        self.reader.get_ref().set_read_timeout(Some(PATIENCE))?;
        Ok(silent)
    }

    /// Reads the head of the answer.
    pub(crate) fn head(mut self) -> Result<Streaming, Wrong> {
        let status = self.head_line()?;
        let number = status.split(' ').nth(1).and_then(|number| number.parse().ok());
        let status = number.ok_or_else(|| failed(format!("no HTTP: `{status}`")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.head_line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((line.as_str(), ""));
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let find = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, v)| v);
        let frame = if !self.has_body || status == 204 {
            Frame::Over
        } else if find("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            Frame::Chunked
        } else if let Some(length) = find("content-length").and_then(|text| text.parse().ok()) {
            Frame::Bytes(length)
        } else {
            Frame::ToTheEnd
        };
        Ok(Streaming { status, headers, reader: self.reader, frame, buffer: Vec::new() })
    }

    fn head_line(&mut self) -> Result<String, Wrong> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Err(failed("the connection was closed before the answer"));
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Reads the answer to its end.
    pub(crate) fn answer(self) -> Result<Answer, Wrong> {
        self.head()?.rest()
    }
}

enum Frame {
    Over,
    Chunked,
    Bytes(usize),
    ToTheEnd,
}

/// An answer whose head is there. Dropped, it closes its connection.
pub(crate) struct Streaming {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    reader: BufReader<TcpStream>,
    frame: Frame,
    buffer: Vec<u8>,
}

impl Streaming {
    /// Reads one more piece of the body; false at its end.
    fn more(&mut self) -> Result<bool, Wrong> {
        match self.frame {
            Frame::Over => return Ok(false),
            Frame::Chunked => {
                let mut line = String::new();
                if self.reader.read_line(&mut line)? == 0 {
                    return Err(failed("the stream was cut off in mid-chunk"));
                }
                let size = usize::from_str_radix(line.trim(), 16)
                    .map_err(|_| failed(format!("no chunk size: `{}`", line.trim())))?;
                let mut chunk = vec![0; size + 2];
                self.reader.read_exact(&mut chunk)?;
                self.buffer.extend_from_slice(&chunk[..size]);
                if size == 0 {
                    self.frame = Frame::Over;
                }
            }
            Frame::Bytes(length) => {
                let mut bytes = vec![0; length];
                self.reader.read_exact(&mut bytes)?;
                self.buffer.extend_from_slice(&bytes);
                self.frame = Frame::Over;
            }
            Frame::ToTheEnd => {
                self.reader.read_to_end(&mut self.buffer)?;
                self.frame = Frame::Over;
            }
        }
        Ok(true)
    }

    /// The next line of the body, as soon as it is there.
    pub(crate) fn line(&mut self) -> Result<Option<String>, Wrong> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// What is left of the answer.
    pub(crate) fn rest(mut self) -> Result<Answer, Wrong> {
        while self.more()? {}
        let text = String::from_utf8_lossy(&self.buffer).into_owned();
        Ok(Answer { status: self.status, headers: self.headers, text })
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Answer {
    /// A header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The body, which must be one JSON value.
    pub(crate) fn json(&self) -> Result<Value, Wrong> {
        serde_json::from_str(&self.text)
            .map_err(|error| failed(format!("no JSON ({error}): {}", self.shown())))
    }

    /// The body of a success, which must be one JSON value.
    pub(crate) fn success(&self) -> Result<Value, Wrong> {
        if self.status == 200 {
            self.json()
        } else {
            Err(failed(format!("expected status 200; came {}", self.shown())))
        }
    }

    /// The lines of a stream, each a JSON value.
    pub(crate) fn lines(&self) -> Result<Vec<Value>, Wrong> {
        let lines = self.text.lines().map(|line| {
            serde_json::from_str(line)
                .map_err(|error| failed(format!("a line is no JSON ({error}): {line}")))
        });
        lines.collect()
    }

    /// Status and body, for messages.
    pub(crate) fn shown(&self) -> String {
        let text: String = self.text.chars().take(300).collect();
        format!("{} `{text}`", self.status)
    }
}
