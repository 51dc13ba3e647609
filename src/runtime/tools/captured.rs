//! What a program says, as far as there is room for it.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt};

/// So many bytes are read at a time.
const PIECE: usize = 16 * 1024;

/// So many bytes of the end are kept where the beginning has no room for all.
const KEPT_END: usize = 4 * 1024;

/// So many lines of the end tell what went wrong, and so many characters of each.
const LAST_LINES: usize = 5;
const LAST_CHARACTERS: usize = 300;

/// The room that everything which a program says shares, in bytes.
#[derive(Debug)]
pub(super) struct Room(AtomicUsize);

impl Room {
    pub(super) fn of(bytes: usize) -> Room {
        Room(AtomicUsize::new(bytes))
    }

    /// Takes as much of the room as there is, and says how much.
    fn take(&self, wanted: usize) -> usize {
        let taken = wanted.min(self.0.load(Ordering::Relaxed));
        self.0.fetch_sub(taken, Ordering::Relaxed);
        taken
    }
}

/// What a program has said on one of its streams.
#[derive(Debug, Default)]
pub(super) struct Captured {
    /// The beginning, or all of it.
    beginning: Vec<u8>,
    /// The last bytes of what had no room.
    end: Vec<u8>,
    /// How much it was.
    bytes: usize,
}

impl Captured {
    /// Listens until nothing more comes. What has no room is read all the same, so that the program
    /// can go on.
    pub(super) async fn listen(&mut self, stream: Option<impl AsyncRead + Unpin>, room: &Room) {
        let Some(mut stream) = stream else { return };
        let mut piece = vec![0; PIECE];
        while let Ok(read) = stream.read(&mut piece).await
            && read > 0
        {
            self.add(&piece[..read], room);
        }
    }

    fn add(&mut self, piece: &[u8], room: &Room) {
        self.bytes += piece.len();
        // Once something is left out there is no going back to the beginning.
        let kept = if self.end.is_empty() { room.take(piece.len()) } else { 0 };
        let (fits, rest) = piece.split_at(kept);
        self.beginning.extend_from_slice(fits);
        self.end.extend_from_slice(rest);
        let superfluous = self.end.len().saturating_sub(KEPT_END);
        self.end.drain(..superfluous);
    }

    /// How much the program has said, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether something is left out.
    pub(super) fn is_cut(&self) -> bool {
        self.bytes > self.beginning.len()
    }

    /// What it said, in words; where something is left out it says so.
    pub(super) fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.beginning).into_owned();
        let left_out = self.bytes - self.beginning.len() - self.end.len();
        if left_out > 0 {
            text.push_str(&format!("\n[{left_out} bytes are left out here]\n"));
        }
        text.push_str(&String::from_utf8_lossy(&self.end));
        text
    }

    /// The last lines, in one; nothing where nothing was said.
    pub(super) fn last_lines(&self) -> Option<String> {
        let text = self.text();
        let mut lines: Vec<String> = text
            .lines()
            .rev()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(LAST_LINES)
            .map(|line| line.chars().take(LAST_CHARACTERS).collect())
            .collect();
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join(" | "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(said: &str, room: &Room) -> Captured {
        let mut captured = Captured::default();
        captured.listen(Some(said.as_bytes()), room).await;
        captured
    }

    #[tokio::test]
    async fn there_is_room_for_so_much_and_the_end_is_kept() {
        let room = Room::of(10);
        let first = heard("first\n", &room).await;
        assert_eq!((first.text().as_str(), first.is_cut()), ("first\n", false));
        let long = format!("0123{}the end", "x".repeat(100_000));
        let second = heard(&long, &room).await;
        assert!(second.is_cut());
        assert_eq!(second.bytes(), 100_011);
        assert!(second.beginning.len() + second.end.len() <= 4 + KEPT_END);
        let text = second.text();
        assert!(text.starts_with("0123\n[95911 bytes are left out here]\nx"), "{}", &text[..60]);
        assert!(text.ends_with("xthe end"));
    }

    #[tokio::test]
    async fn the_last_lines_tell_what_went_wrong() {
        let room = Room::of(1000);
        let lines = heard("1\n2\n\n3\n 4 \n5\n6\n\n", &room).await.last_lines();
        assert_eq!(lines.as_deref(), Some("2 | 3 | 4 | 5 | 6"));
        assert_eq!(heard(" \n", &room).await.last_lines(), None);
    }
}
