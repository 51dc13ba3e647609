//! What a program says on standard error: the last lines tell why it died.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;
use tokio::time::timeout;

/// So many lines are kept, and so many characters of each.
const KEPT_LINES: usize = 5;
const KEPT_CHARACTERS: usize = 300;

/// How long the last words of a program that has died are waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The last lines that a program has said.
#[derive(Debug)]
pub(super) struct Said {
    lines: Mutex<VecDeque<String>>,
    /// Closed when it says no more.
    open: watch::Receiver<()>,
}

/// Keeps a program's words in [`Said`]; there are no more when it is gone.
pub(super) struct Listening {
    said: Arc<Said>,
    _open: watch::Sender<()>,
}

impl Said {
    /// Nothing yet, with the ear for what is to come.
    pub(super) fn nothing() -> (Arc<Said>, Listening) {
        let (sender, open) = watch::channel(());
        let said = Arc::new(Said { lines: Mutex::default(), open });
        (Arc::clone(&said), Listening { said, _open: sender })
    }

    /// The last lines of a program that is dying, in one; nothing of one that said nothing.
    pub(super) async fn last_words(&self) -> Option<String> {
        let mut open = self.open.clone();
        let _ = timeout(LAST_WORDS, async { while open.changed().await.is_ok() {} }).await;
        let lines = self.lines.lock().map(|lines| Vec::from(lines.clone())).unwrap_or_default();
        (!lines.is_empty()).then(|| lines.join(" | "))
    }
}

impl Listening {
    /// Listens until the program says no more.
    pub(super) async fn to(self, words: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(words).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let line = line.trim();
            if let Ok(mut kept) = self.said.lines.lock()
                && !line.is_empty()
            {
                kept.push_back(line.chars().take(KEPT_CHARACTERS).collect());
                while kept.len() > KEPT_LINES {
                    kept.pop_front();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_lines_are_kept() {
        let (said, listening) = Said::nothing();
        listening.to("1\n2\n\n3\n4\n5\n6 \n".as_bytes()).await;
        assert_eq!(said.last_words().await.as_deref(), Some("2 | 3 | 4 | 5 | 6"));
        let (silent, listening) = Said::nothing();
        drop(listening);
        assert_eq!(silent.last_words().await, None);
    }
}
