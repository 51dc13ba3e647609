//! What a pattern says of itself.

use crate::organization::Tier;

/// What a pattern says of itself, as far as it helps to find it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// The name by which it is run.
    pub name: String,
    /// How much orchestration it is, if it says so.
    pub tier: Option<Tier>,
    /// The field it belongs to.
    pub category: Option<String>,
    /// What it does.
    pub summary: String,
    /// The situations it is for.
    pub when_to_use: Vec<String>,
    /// The situations it is not for.
    pub when_not_to_use: Vec<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Requests in users' words that it is right for.
    pub requests: Vec<String>,
    /// Who works on it, what they are there for and can do, and what is given to them.
    pub surroundings: Vec<String>,
}

impl Profile {
    /// Its name, summary, tags and situations: the words of those who wrote it.
    pub(super) fn own_words(&self) -> impl Iterator<Item = String> {
        let name = self.name.rsplit('/').next().unwrap_or_default().replace(['_', '-'], " ");
        [self.summary.clone(), self.tags.join(". "), name]
            .into_iter()
            .chain(self.when_to_use.iter().cloned())
    }
}
