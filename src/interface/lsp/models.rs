//! The models that servers have, as whoever looks at servers has last seen them.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

/// What the language server knows of models on servers. It never looks itself.
#[derive(Debug, Clone, Default)]
pub struct SeenModels {
    names: Arc<Mutex<Vec<String>>>,
    /// Tells whoever looks that the names are read.
    read: Option<Sender<()>>,
}

impl SeenModels {
    /// None yet, and a receiver that hears of every time the names are read: a reason to look again.
    pub fn awaited() -> (SeenModels, Receiver<()>) {
        let (sender, receiver) = mpsc::channel();
        (SeenModels { names: Arc::default(), read: Some(sender) }, receiver)
    }

    /// Somebody has looked.
    pub fn set(&self, seen: Vec<String>) {
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// The names as they are known.
    pub(super) fn names(&self) -> Vec<String> {
        if let Some(read) = &self.read {
            // Nobody looks any more where this fails.
            let _ = read.send(());
        }
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
