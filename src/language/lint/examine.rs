//! Everything that can be said about the documents of a project: what the checks find, what the
//! rules advise, judged by the settings, without what comments allow.

use std::collections::{BTreeMap, BTreeSet};

use super::RULES;
use super::judgement::{check_settings, judged, may_be_allowed, severity_of_rule};
use super::orchestration::Orchestration;
use super::rule::{Check, Rule};
use super::suppression::Suppression;
use crate::language::diagnostic::{Code, Diagnostic, Findings, Severity, sort};
use crate::language::document::{Document, DocumentKind, Library, LintSettings};
use crate::language::plan::{Outlines, analyse, check_budgets, check_limits, check_recursion};
use crate::language::source::SourceId;
use crate::language::workers::in_parallel;

/// What an examination came to.
#[derive(Debug, Default)]
pub struct Examination {
    /// What was found, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// What was found and is allowed by a comment, sorted.
    pub suppressed: Vec<Diagnostic>,
}

/// Examines the documents that `is_subject` names, but built-in ones; the others serve to resolve
/// names. Of documents that are imported only errors are told: advice is for those who can follow it.
pub fn examine(
    library: &Library,
    settings: &LintSettings,
    is_subject: impl Fn(SourceId) -> bool,
) -> Examination {
    let outlines = Outlines::of(library);
    let documents: Vec<&Document> =
        library.documents().filter(|document| !library.is_builtin(document)).collect();
    let documents: Vec<&Document> =
        documents.into_iter().filter(|document| is_subject(document.source())).collect();
    let mut known: BTreeMap<SourceId, Vec<Diagnostic>> = BTreeMap::new();
    let of_recursion = check_recursion(&outlines, documents.iter().copied());
    let of_limits = check_limits(&outlines);
    let of_budgets = check_budgets(&outlines, documents.iter().copied());
    let of_several = of_recursion.into_iter().chain(of_limits).chain(of_budgets);
    for found in library.diagnostics().iter().cloned().chain(of_several) {
        let source = found.primary.span.source;
        if is_subject(source) {
            known.entry(source).or_default().push(found);
        }
    }
    let subjects: Vec<(&Document, Vec<Diagnostic>)> = documents
        .into_iter()
        .map(|document| (document, known.remove(&document.source()).unwrap_or_default()))
        .collect();
    let examined = in_parallel(
        &subjects,
        |(document, _)| document.text_bytes(),
        |(document, known)| examine_document(&outlines, document, settings, known.clone()),
    );
    let mut whole = Examination::default();
    for examined in examined {
        whole.diagnostics.extend(examined.diagnostics);
        whole.suppressed.extend(examined.suppressed);
    }
    // Sources that are no documents.
    whole.diagnostics.extend(known.into_values().flatten());
    sort(&mut whole.diagnostics);
    sort(&mut whole.suppressed);
    whole
}

/// Examines one document, of which something is known already.
fn examine_document<'l>(
    outlines: &Outlines<'l>,
    document: &'l Document,
    settings: &LintSettings,
    known: Vec<Diagnostic>,
) -> Examination {
    let mut found = known;
    let mut analysis = analyse(outlines, document);
    found.append(&mut analysis.diagnostics);
    check_settings(document, &mut found);
    let is_sound = found.iter().all(|found| found.severity < Severity::Error);
    if outlines.library().is_imported(document) {
        found.retain(|found| found.severity == Severity::Error);
        // What is locked is not for repairs.
        found.iter_mut().for_each(|found| found.fix = None);
        sort(&mut found);
        return Examination { diagnostics: found, suppressed: Vec::new() };
    }
    let mut found: Vec<Diagnostic> =
        found.into_iter().filter_map(|found| judged(settings, found)).collect();
    let orchestration = matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline)
        .then(|| Orchestration::new(outlines, document, &analysis, is_sound));
    let library = outlines.library();
    let applied = if is_too_large(library, document, analysis.edges.len()) {
        let message = "the document is too large for advice";
        found.push(document.diagnostic(Code::ADVICE_LEFT_OUT, "", message).help(format!(
            "the rules look at files of up to {} KiB with up to {MOST_NEEDS} needs",
            MOST_BYTES / 1024
        )));
        BTreeSet::new()
    } else {
        advise(library, document, settings, orchestration.as_ref(), &mut found)
    };
    sort(&mut found);
    without_allowed(library, document, settings, &applied, is_sound, found)
}

/// Larger files were not written by people, who are whom rules advise: 4,000 lines.
const MOST_BYTES: usize = 128 * 1024;

/// Tasks that need each other in more ways than this are not compared with one another.
const MOST_NEEDS: usize = 5_000;

fn is_too_large(library: &Library, document: &Document, needs: usize) -> bool {
    // Words and examples are many, and no rule compares them.
    if document.kind() == DocumentKind::Vocabulary {
        return false;
    }
    let source = library.sources().get(document.source());
    needs > MOST_NEEDS || source.is_some_and(|source| source.text().len() > MOST_BYTES)
}

/// Applies the rules. Gives the codes of those that were.
fn advise(
    library: &Library,
    document: &Document,
    settings: &LintSettings,
    orchestration: Option<&Orchestration<'_>>,
    found: &mut Vec<Diagnostic>,
) -> BTreeSet<Code> {
    let mut applied = BTreeSet::new();
    let mut advised = Findings::default();
    for rule in RULES {
        let Some(severity) = severity_of_rule(settings, rule) else { continue };
        applied.insert(rule.code);
        let mut advice = Vec::new();
        match (&rule.check, orchestration) {
            (Check::Orchestrations(check), Some(orchestration)) => {
                check(orchestration, &mut advice);
            }
            (Check::Documents(check), _) if document.kind() != DocumentKind::Lint => {
                check(library, document, &mut advice);
            }
            _ => {}
        }
        advised.extend(advice.into_iter().map(|advice| as_rule_says(rule, severity, advice)));
    }
    found.extend(advised.finish());
    applied
}

fn as_rule_says(rule: &Rule, severity: Severity, advice: Diagnostic) -> Diagnostic {
    Diagnostic { severity, confidence: rule.confidence, ..advice }
}

fn without_allowed(
    library: &Library,
    document: &Document,
    settings: &LintSettings,
    applied: &BTreeSet<Code>,
    is_sound: bool,
    found: Vec<Diagnostic>,
) -> Examination {
    let Some(source) = library.sources().get(document.source()) else {
        return Examination { diagnostics: found, suppressed: Vec::new() };
    };
    let mut of_comments = Vec::new();
    let suppressions = Suppression::all(document, source, settings, &mut of_comments);
    let mut used: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut examined = Examination::default();
    for finding in found {
        let allowing = suppressions.iter().enumerate().filter_map(|(place, suppression)| {
            suppression.allows(&finding).map(|code| (place, code))
        });
        // What settings make an error of is still a matter of opinion; what is none by itself is not.
        let allowing: Vec<(usize, usize)> =
            if may_be_allowed(finding.code) { allowing.collect() } else { Vec::new() };
        if allowing.is_empty() {
            examined.diagnostics.push(finding);
        } else {
            used.extend(allowing);
            examined.suppressed.push(finding);
        }
    }
    for (place, suppression) in suppressions.iter().enumerate() {
        // What was not looked for may occur; a faulty document hides what rules would find.
        let is_looked_for = |name: &str| match RULES.iter().find(|rule| rule.code.as_str() == name)
        {
            Some(rule) => is_sound && applied.contains(&rule.code),
            // What servers would have to be asked for is looked for later, if at all.
            None if Code::OF_A_CLUSTER.iter().any(|code| code.as_str() == name) => false,
            None => Code::ALL
                .iter()
                .any(|entry| entry.code.as_str() == name && entry.severity < Severity::Error),
        };
        let unused: Vec<usize> = (0..suppression.codes.len())
            .filter(|code| !used.contains(&(place, *code)))
            .filter(|code| is_looked_for(&suppression.codes[*code].0))
            .collect();
        if !unused.is_empty() {
            of_comments.push(suppression.unused(source, &unused));
        }
    }
    let of_comments = of_comments.into_iter().filter_map(|found| judged(settings, found));
    examined.diagnostics.extend(of_comments);
    examined
}
