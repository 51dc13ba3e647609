//! The templates of a document: each is parsed once, up to a limit for all of them together.

use std::ops::Range;
use std::sync::OnceLock;

use serde_json::Value;

use crate::language::document::Document;
use crate::language::source::{Alignment, Span, child_pointer};
use crate::language::template::{Form, ProblemKind, Salvage, SyntaxProblem, Template};

/// How many steps the paths in all templates of a document may have together: with more, what is
/// known of them would take hundreds of megabytes.
const MAX_STEPS: usize = 500_000;

/// A text that is a template: what it reads, and where it is.
#[derive(Debug)]
pub(crate) struct TemplateSite<'d> {
    pub(crate) text: &'d str,
    pub(crate) template: Result<Template, Salvage>,
    pub(crate) form: Form,
    pub(crate) pointer: String,
    /// Whether `results` (what a synthesis is made from) can be read here.
    pub(crate) reads_results: bool,
    /// Whether the item for which the task is done can be read here.
    pub(crate) reads_item: bool,
    /// Whether it is read in each of the task's rounds.
    pub(crate) reads_round: bool,
    /// Whether what has come out of the task can be read here, as `output`.
    pub(crate) reads_output: bool,
    /// Whether what went wrong can be read here, as `error` and `answer`.
    pub(crate) reads_failure: bool,
    document: &'d Document,
    /// Found out when a part's place is first asked for: a text may have a thousand references.
    alignment: OnceLock<Option<Alignment>>,
}

impl TemplateSite<'_> {
    /// The place of a part of the text, given in bytes of the decoded text.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        let alignment = self.alignment.get_or_init(|| self.document.alignment(&self.pointer));
        let part = alignment.as_ref().and_then(|alignment| alignment.span(range));
        part.unwrap_or_else(|| self.document.span(&self.pointer))
    }
}

/// Reads the templates of one document, up to a limit for all of them together.
pub(super) struct TemplateReader<'d> {
    document: &'d Document,
    /// How many steps the paths in the templates have so far.
    steps: usize,
}

impl<'d> TemplateReader<'d> {
    pub(super) fn new(document: &'d Document) -> TemplateReader<'d> {
        TemplateReader { document, steps: 0 }
    }

    pub(super) fn read(&mut self, text: &'d str, pointer: String, form: Form) -> TemplateSite<'d> {
        let template = self.template(text, form);
        TemplateSite {
            text,
            template,
            form,
            pointer,
            reads_results: false,
            reads_item: false,
            reads_round: false,
            reads_output: false,
            reads_failure: false,
            document: self.document,
            alignment: OnceLock::new(),
        }
    }

    fn template(&mut self, text: &str, form: Form) -> Result<Template, Salvage> {
        if self.steps > MAX_STEPS {
            return Ok(Template::default());
        }
        let template =
            Template::parse(text, form).map_err(|problem| Salvage::of(text, form, problem))?;
        self.steps += template.references.iter().map(|found| found.path.len()).sum::<usize>();
        if self.steps <= MAX_STEPS {
            return Ok(template);
        }
        let message = "the templates of this document refer to too much; what follows is not read";
        let problem = SyntaxProblem {
            kind: ProblemKind::TooLarge,
            message: message.to_owned(),
            range: 0..text.len(),
        };
        Err(Salvage { problems: vec![problem], rest: None })
    }

    /// Every text inside a value is a template.
    pub(super) fn texts(
        &mut self,
        value: &'d Value,
        pointer: &str,
        found: &mut Vec<TemplateSite<'d>>,
    ) {
        match value {
            Value::String(text) => found.push(self.read(text, pointer.to_owned(), Form::Text)),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.texts(item, &format!("{pointer}/{index}"), found);
                }
            }
            Value::Object(map) => {
                for (key, item) in map {
                    self.texts(item, &child_pointer(pointer, key), found);
                }
            }
            _ => {}
        }
    }
}
