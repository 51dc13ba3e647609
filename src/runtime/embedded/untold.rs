//! What has been stored and is told when the disk has it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use super::messages::{Event, Observer};
use crate::engine::{Recorded, Time};
use crate::language::plan::TaskId;

/// What whoever watches is to be told.
#[derive(Debug)]
pub(super) enum News {
    Facts(Vec<Recorded>),
    Question { task: TaskId, question: Arc<Value>, deadline: Option<Time> },
    QuestionWithdrawn { task: TaskId },
}

/// News in order, each with the transaction that must be on the disk before anybody hears it.
#[derive(Debug, Default)]
pub(super) struct Untold {
    news: VecDeque<(Transaction, News)>,
    stored: Transaction,
    on_disk: Transaction,
    /// Up to which transaction the log is being written out.
    being_written: Option<Transaction>,
    /// Whether the log could not be written out. A system says so once: that it can be written later
    /// does not mean that what was in it before is on the disk.
    failed: bool,
}

/// A transaction of this process, by its number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Transaction(u64);

impl Untold {
    /// A transaction has been stored; the log has it, the disk perhaps not.
    pub(super) fn stored(&mut self) {
        self.stored.0 += 1;
    }

    /// Something that follows from the transactions until now.
    pub(super) fn add(&mut self, news: News) {
        self.news.push_back((self.stored, news));
    }

    /// Up to which transaction the log is to be written out now: one writing at a time takes all
    /// that has come meanwhile.
    pub(super) fn begin_writing(&mut self) -> Option<Transaction> {
        if !self.is_to_be_written() {
            return None;
        }
        self.being_written = Some(self.stored);
        self.being_written
    }

    /// Whether something is in the log that the disk does not have and is not being given.
    pub(super) fn is_to_be_written(&self) -> bool {
        !self.is_being_written() && !self.failed && self.on_disk != self.stored
    }

    /// Whether the log is being written out.
    pub(super) fn is_being_written(&self) -> bool {
        self.being_written.is_some()
    }

    /// The log could not be written out: nothing more is told.
    pub(super) fn failed(&mut self) {
        self.failed = true;
        self.being_written = None;
    }

    /// The disk has everything up to a transaction.
    pub(super) fn written(&mut self, upto: Transaction) {
        self.on_disk = self.on_disk.max(upto);
        self.being_written = None;
    }

    /// The disk has everything.
    pub(super) fn all_written(&mut self) {
        self.on_disk = self.stored;
    }

    /// Tells what may be told, in order.
    pub(super) fn tell(&mut self, observer: &mut dyn Observer) {
        while !self.failed
            && let Some((transaction, _)) = self.news.front()
            && *transaction <= self.on_disk
            && let Some((_, news)) = self.news.pop_front()
        {
            match &news {
                News::Facts(facts) => observer.event(Event::Facts(facts)),
                News::Question { task, question, deadline } => {
                    let (task, deadline) = (*task, *deadline);
                    observer.event(Event::Question { task, question, deadline });
                }
                News::QuestionWithdrawn { task } => {
                    observer.event(Event::QuestionWithdrawn { task: *task });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Heard(Vec<TaskId>);

    impl Observer for Heard {
        fn event(&mut self, event: Event<'_>) {
            if let Event::QuestionWithdrawn { task } = event {
                self.0.push(task);
            }
        }
    }

    fn happens(untold: &mut Untold, task: u32) {
        untold.stored();
        untold.add(News::QuestionWithdrawn { task: TaskId(task) });
    }

    fn heard(untold: &mut Untold) -> Vec<u32> {
        let mut heard = Heard(Vec::new());
        untold.tell(&mut heard);
        heard.0.iter().map(|task| task.0).collect()
    }

    #[test]
    fn nothing_is_told_before_the_disk_has_it() {
        let mut untold = Untold::default();
        happens(&mut untold, 1);
        let first = untold.begin_writing().expect("something to write");
        happens(&mut untold, 2);
        assert_eq!(untold.begin_writing(), None, "one writing at a time");
        assert_eq!(heard(&mut untold), [0_u32; 0]);
        untold.written(first);
        assert_eq!(heard(&mut untold), [1]);
        let second = untold.begin_writing().expect("the rest");
        assert_eq!(heard(&mut untold), [0_u32; 0]);
        untold.written(second);
        assert_eq!(heard(&mut untold), [2]);
        assert_eq!(untold.begin_writing(), None, "nothing is left to write");
    }

    #[test]
    fn one_writing_takes_all_that_has_come_meanwhile() {
        let mut untold = Untold::default();
        for task in 0..5 {
            happens(&mut untold, task);
        }
        let all = untold.begin_writing().expect("something to write");
        untold.written(all);
        assert_eq!(heard(&mut untold), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn behind_a_writing_that_failed_nothing_is_told() {
        let mut untold = Untold::default();
        happens(&mut untold, 1);
        untold.begin_writing().expect("something to write");
        assert!(untold.is_being_written());
        happens(&mut untold, 2);
        untold.failed();
        assert_eq!(untold.begin_writing(), None, "a second try proves nothing");
        untold.all_written();
        assert_eq!(heard(&mut untold), [0_u32; 0]);
    }

    #[test]
    fn a_writing_that_ends_late_takes_nothing_back() {
        let mut untold = Untold::default();
        happens(&mut untold, 1);
        let first = untold.begin_writing().expect("something to write");
        happens(&mut untold, 2);
        untold.all_written();
        untold.written(first);
        assert_eq!(heard(&mut untold), [1, 2]);
    }
}
