//! What of a context is told to those who lead: the most useful of it that fits a number of tokens.

use std::collections::BTreeSet;

use super::happening::{Happening, HappeningKind};
use super::memory::Memory;
use super::state::Context;
use crate::insight::wording::{gist, shortened};
use crate::language::tokens::estimate_tokens;

/// So many tokens are told unless somebody says otherwise: a page, of windows that hold at least eight.
pub const BRIEFING_TOKENS: u64 = 600;

/// No line is longer, in characters.
const LINE: usize = 280;

/// What the briefing begins with.
pub const BRIEFING_TITLE: &str = "What this project has so far";

/// A part of the briefing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Objectives,
    Pending,
    Decisions,
    Knowledge,
    Insights,
    Active,
    Outcomes,
    Failures,
    Syntheses,
    Patterns,
}

impl Section {
    fn title(self) -> &'static str {
        match self {
            Section::Objectives => "Objectives",
            Section::Pending => "To be decided",
            Section::Decisions => "Decided",
            Section::Knowledge => "Known, learned more than once",
            Section::Insights => "Learned",
            Section::Active => "Under way",
            Section::Outcomes => "Done",
            Section::Failures => "Failed",
            Section::Syntheses => "Where agents agree and differ",
            Section::Patterns => "How patterns have fared",
        }
    }
}

/// What those who lead are told of a project, within so many tokens; empty where there is nothing to
/// tell, or no room for it. The lines that matter most come in first: what is to be reached and decided;
/// what was decided and learned in this session and the last week; what is known for sure; what is under
/// way; what was done lately; then the time before, the newest first.
pub fn briefing(context: &Context, memory: &Memory, tokens: u64) -> String {
    let mut chosen: Vec<(Section, usize, String)> = Vec::new();
    let mut said = BTreeSet::new();
    let mut spent = estimate_tokens(&opening(context));
    for (place, (section, line)) in (0..).zip(candidates(context, memory)) {
        if !said.insert(gist(&line)) {
            continue;
        }
        let line = format!("- {}", shortened(&line, LINE));
        let is_new = chosen.iter().all(|(known, ..)| *known != section);
        let title = if is_new { estimate_tokens(section.title()) + 1 } else { 0 };
        let cost = estimate_tokens(&line) + 1 + title;
        // A shorter line may still fit, but one that matters less shall not push in before it.
        if spent + cost > tokens {
            break;
        }
        spent += cost;
        chosen.push((section, place, line));
    }
    if chosen.is_empty() {
        return String::new();
    }
    chosen.sort();
    let mut text = opening(context);
    let mut before = None;
    for (section, _, line) in chosen {
        if before != Some(section) {
            text.push_str(&format!("\n{}:", section.title()));
            before = Some(section);
        }
        text.push_str(&format!("\n{line}"));
    }
    text
}

fn opening(context: &Context) -> String {
    format!("{BRIEFING_TITLE} ({}):", shortened(&context.project, 60))
}

/// All that could be told, what matters most first.
fn candidates(context: &Context, memory: &Memory) -> Vec<(Section, String)> {
    let mut lines: Vec<(Section, String)> = Vec::new();
    let named = |id: &str, text: &str| format!("{id}: {text}");
    lines.extend(
        context
            .active_objectives()
            .map(|objective| (Section::Objectives, named(&objective.id, &objective.description))),
    );
    lines.extend(context.pending_decisions().map(|decision| {
        let is_named = decision.id != decision.question;
        let text = if is_named {
            named(&decision.id, &decision.question)
        } else {
            decision.question.clone()
        };
        (Section::Pending, text)
    }));
    // What was invented is told to nobody.
    let is_invented = |one: &Happening| {
        let ends = context.runs.iter().filter(|run| run.task == one.id);
        ends.filter_map(|run| run.end.as_ref()).any(|end| end.figures.simulated)
    };
    let is_true = |one: &&Happening| !is_invented(one);
    let recent = || memory.working.iter().rev().chain(memory.short_term.iter().rev());
    let recent = || recent().filter(is_true);
    let kind = |happening: &Happening, kind| happening.kind == kind;
    lines.extend(told(recent().filter(|one| kind(one, HappeningKind::Decided))));
    let known = memory.knowledge.insights.iter();
    lines.extend(known.map(|insight| (Section::Knowledge, insight.text.clone())));
    lines.extend(told(recent().filter(|one| kind(one, HappeningKind::Learned))));
    lines.extend(
        context.active_tasks().map(|task| (Section::Active, named(&task.id, &task.description))),
    );
    let of_results =
        |one: &&Happening| !matches!(one.kind, HappeningKind::Decided | HappeningKind::Learned);
    lines.extend(told(recent().filter(of_results)));
    lines.extend(memory.knowledge.patterns.iter().map(|pattern| {
        let text =
            format!("{}: {} of {} runs succeeded", pattern.name, pattern.succeeded, pattern.runs);
        (Section::Patterns, text)
    }));
    let mut older: Vec<&Happening> = memory.long_term.iter().rev().filter(is_true).collect();
    older.sort_by_key(|one| one.kind);
    lines.extend(told(older.into_iter()));
    lines
}

/// Happenings as lines. Objectives are told as what they are now.
fn told<'h>(
    happenings: impl Iterator<Item = &'h Happening>,
) -> impl Iterator<Item = (Section, String)> {
    happenings.filter_map(|happening| {
        let section = match happening.kind {
            HappeningKind::Decided => Section::Decisions,
            HappeningKind::Learned => Section::Insights,
            HappeningKind::Done | HappeningKind::ObjectiveEnded => Section::Outcomes,
            HappeningKind::Failed => Section::Failures,
            HappeningKind::Synthesized => Section::Syntheses,
            HappeningKind::ObjectiveSet => return None,
        };
        Some((section, happening.text.clone()))
    })
}
