//! What is entered into the indexes a moment later than the facts that bring it.
//!
//! The indexes of answers and of contents are in the order of keys and addresses, which are as good as random: each
//! entry alone costs the writing of a page, many at a time share pages.

use std::time::Duration;

use super::answers::Answer;
use super::open::Journal;
use crate::engine::Time;

/// So many answers, so many contents are entered late at most, and so late.
pub(super) const MOST_LATE_ANSWERS: usize = 1024;
const MOST_LATE_CONTENTS: usize = 4 * MOST_LATE_ANSWERS;
const LATEST: Duration = Duration::from_secs(1);

/// Where steps follow one another sooner than this, several are entered at a time.
const RUSH: Duration = Duration::from_millis(20);

/// What is still to be entered.
#[derive(Debug, Default)]
pub(super) struct Late {
    answers: Vec<Answer>,
    contents: usize,
    /// When the first of them came, and when the last step was.
    since: Time,
    last: Time,
}

impl Late {
    /// Takes in the answers of a step, and how many contents it has. The answers that are to be entered with it, if it is time
    /// to bring the indexes up to it; contents are then as well.
    pub(super) fn due(
        &mut self,
        answers: Vec<Answer>,
        contents: usize,
        at: Time,
        rests: bool,
    ) -> Option<Vec<Answer>> {
        let is_rush = at.since(self.last) < RUSH;
        self.last = at;
        if self.answers.is_empty() && self.contents == 0 {
            self.since = at;
        }
        self.answers.extend(answers);
        self.contents += contents;
        let is_late = self.answers.len() >= MOST_LATE_ANSWERS
            || self.contents >= MOST_LATE_CONTENTS
            || at.since(self.since) >= LATEST;
        if is_rush && !is_late && !rests {
            return None;
        }
        self.contents = 0;
        Some(std::mem::take(&mut self.answers))
    }
}

impl Journal {
    /// From now on answers and contents may be entered into their indexes a moment later than the facts that
    /// bring them. Where the process dies before, [`Journal::enter_late_answers`] makes up for the answers, and whoever
    /// stores contents next for the contents.
    pub fn let_indexes_be_late(&mut self) {
        self.late = Some(Late::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::content::KeptAnswer;
    use crate::language::digest::Digest;

    fn answer(number: u64) -> Answer {
        let key = Digest::of(number.to_string().as_bytes());
        let (path, run, there) = ("a".to_owned(), "k7m2nnnn".to_owned(), "a".to_owned());
        let answer = KeptAnswer { path, run, there, output: key.clone() };
        Answer { key, answer, at: Time(number) }
    }

    /// Steps at these times, in milliseconds, each with an answer; how many answers each enters.
    fn entered(times: &[u64]) -> Vec<usize> {
        let mut late = Late::default();
        let mut step = |millis: u64| late.due(vec![answer(millis)], 2, Time(millis * 1000), false);
        times.iter().map(|millis| step(*millis).map_or(0, |answers| answers.len())).collect()
    }

    #[test]
    fn answers_are_late_only_where_steps_are_many() {
        assert_eq!(entered(&[5_000, 10_000, 15_000]), [1, 1, 1]);
        assert_eq!(entered(&[5_000, 5_001, 5_002, 5_500]), [1, 0, 0, 3]);
        // Not later than a second.
        let times: Vec<u64> = (0..150).map(|step| 5_000 + step * 10).collect();
        assert_eq!(entered(&times).iter().filter(|count| **count > 1).count(), 1);
        let many = vec![5_000; 3000];
        assert_eq!(entered(&many).into_iter().max(), Some(MOST_LATE_ANSWERS));
    }

    #[test]
    fn nothing_is_late_when_a_run_rests() {
        let mut late = Late::default();
        let mut due = |answers: Vec<Answer>, at: u64, rests: bool| {
            late.due(answers, 1, Time(at), rests).map(|answers| answers.len())
        };
        assert_eq!(due(vec![answer(1)], 5_000_000, false), Some(1));
        assert_eq!(due(vec![answer(2)], 5_000_001, false), None);
        assert_eq!(due(Vec::new(), 5_000_002, true), Some(1));
        assert_eq!(due(Vec::new(), 9_000_000, true), Some(0));
    }

    #[test]
    fn contents_alone_are_not_later_than_a_second_either() {
        let mut late = Late::default();
        let mut due =
            |contents: usize, at: u64| late.due(Vec::new(), contents, Time(at), false).is_some();
        assert!(due(1, 5_000_000));
        assert!((1..=100).all(|step| !due(1, 5_000_000 + step * 9_000)));
        assert!(due(1, 6_010_000));
        assert!(due(MOST_LATE_CONTENTS, 6_011_000));
    }
}
