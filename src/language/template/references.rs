//! What a template refers to: paths such as `tasks.market.output.risks`, with their places.
//!
//! minijinja's own analysis has no places, loses subscripts and slices, and does not follow
//! `{% set %}` and loops; this walks its syntax tree instead.

use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::machinery::ast::{CallArg, Expr, Stmt};
use minijinja::machinery::{Span, ast};

use super::environment::{FILTERS, FUNCTIONS, MORE_FILTERS, MORE_TESTS, TESTS};
use super::limits::MAX_STEPS;

/// A path that a template reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The steps, the variable first.
    pub path: Vec<Step>,
    /// The whole path's place in the decoded text, in bytes.
    pub range: Range<usize>,
    /// Whether the template copes with the value being absent: it stands in `default()`, in
    /// `is defined`, or behind a condition about the same thing.
    pub guarded: bool,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it leads.
    pub kind: StepKind,
    /// Its place in the decoded text, in bytes.
    pub range: Range<usize>,
}

/// Where a step leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// To what has this name.
    Name(String),
    /// To some item of a list.
    Item,
    /// To something that only a run can tell.
    Dynamic,
}

impl Reference {
    /// The name at a place of the path, if it is one.
    pub fn name(&self, place: usize) -> Option<&str> {
        match &self.path.get(place)?.kind {
            StepKind::Name(name) => Some(name),
            StepKind::Item | StepKind::Dynamic => None,
        }
    }
}

/// A filter, test or function that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// Its name.
    pub name: String,
    /// What it was used as.
    pub kind: UnknownNameKind,
    /// Its place in the decoded text, in bytes.
    pub range: Range<usize>,
}

/// What an unknown name was used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownNameKind {
    /// `x | name`.
    Filter,
    /// `x is name`.
    Test,
    /// `name(…)`.
    Function,
    /// `x.name(…)`. Values have no methods, only loops do.
    Method,
}

impl UnknownNameKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            UnknownNameKind::Filter => "filter",
            UnknownNameKind::Test => "test",
            UnknownNameKind::Function => "function",
            UnknownNameKind::Method => "method",
        }
    }

    /// The names there are; for a method the filters, which do what methods would.
    pub fn known(self) -> Vec<&'static str> {
        match self {
            UnknownNameKind::Filter | UnknownNameKind::Method => {
                FILTERS.iter().chain(&MORE_FILTERS).copied().collect()
            }
            UnknownNameKind::Test => TESTS.iter().chain(&MORE_TESTS).copied().collect(),
            UnknownNameKind::Function => FUNCTIONS.to_vec(),
        }
    }
}

/// What `loop` can be asked.
const LOOP_METHODS: [&str; 2] = ["cycle", "changed"];

pub(super) fn of_template(tree: &Stmt<'_>, text: &str) -> (Vec<Reference>, Vec<UnknownName>) {
    let mut walk = Walk::new(text, 0);
    walk.statement(tree);
    walk.finish()
}

pub(super) fn of_expression(
    tree: &Expr<'_>,
    text: &str,
    offset: usize,
) -> (Vec<Reference>, Vec<UnknownName>) {
    let mut walk = Walk::new(text, offset);
    walk.expression(tree);
    walk.finish()
}

/// What a local name stands for: a path, or something that is no path.
type Scope = BTreeMap<String, Option<Vec<Step>>>;

struct Walk<'t> {
    text: &'t str,
    offset: usize,
    scopes: Vec<Scope>,
    /// The references of the conditions around: the template has dealt with the absence of what
    /// they are about.
    guards: Vec<Range<usize>>,
    references: Vec<Reference>,
    unknown_names: Vec<UnknownName>,
}

impl<'t> Walk<'t> {
    fn new(text: &'t str, offset: usize) -> Self {
        Walk {
            text,
            offset,
            scopes: vec![Scope::new()],
            guards: Vec::new(),
            references: Vec::new(),
            unknown_names: Vec::new(),
        }
    }

    fn finish(mut self) -> (Vec<Reference>, Vec<UnknownName>) {
        self.references.sort_by_key(|reference| (reference.range.start, reference.range.end));
        self.unknown_names.sort_by_key(|name| name.range.start);
        (self.references, self.unknown_names)
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::EmitRaw(_) => {}
            Stmt::ForLoop(each) => self.for_loop(each),
            Stmt::IfCond(branch) => {
                let mentioned = self.reading(|walk| walk.expression(&branch.expr));
                self.guarded(mentioned, |walk| {
                    walk.statements(&branch.true_body);
                    walk.statements(&branch.false_body);
                });
            }
            Stmt::WithBlock(with) => {
                self.scopes.push(Scope::new());
                for (target, value) in &with.assignments {
                    self.assign(target, Some(value));
                }
                self.statements(&with.body);
                self.scopes.pop();
            }
            Stmt::Set(set) => self.assign(&set.target, Some(&set.expr)),
            Stmt::SetBlock(set) => {
                self.statements(&set.body);
                if let Some(filter) = &set.filter {
                    self.expression(filter);
                }
                self.assign(&set.target, None);
            }
            Stmt::AutoEscape(block) => self.statements(&block.body),
            Stmt::FilterBlock(block) => {
                self.expression(&block.filter);
                self.statements(&block.body);
            }
            Stmt::Do(call) => self.call(&call.call),
        }
    }

    fn statements(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn for_loop(&mut self, each: &ast::ForLoop<'_>) {
        self.expression(&each.iter);
        let item = self.path(&each.iter).map(|mut path| {
            let range = path.last().map(|step| step.range.clone()).unwrap_or_default();
            path.push(Step { kind: StepKind::Item, range });
            path.truncate(MAX_STEPS);
            path
        });
        let mut scope = Scope::new();
        match &each.target {
            Expr::Var(variable) => {
                scope.insert(variable.id.to_owned(), item);
            }
            other => {
                for name in target_names(other) {
                    scope.insert(name, None);
                }
            }
        }
        self.scopes.push(scope);
        // The items are chosen before the loop begins.
        if let Some(filter) = &each.filter_expr {
            self.expression(filter);
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert("loop".to_owned(), None);
        }
        self.statements(&each.body);
        self.scopes.pop();
        self.statements(&each.else_body);
    }

    fn assign(&mut self, target: &Expr<'_>, value: Option<&Expr<'_>>) {
        let mut path = None;
        if let Some(value) = value {
            path = self.path(value);
            // An alias is no reading: the reading comes where the alias is used.
            if path.is_none() {
                self.expression(value);
            }
        }
        let names = target_names(target);
        let is_alias = matches!(target, Expr::Var(_));
        if let Some(scope) = self.scopes.last_mut() {
            for name in names {
                scope.insert(name, path.clone().filter(|_| is_alias));
            }
        }
    }

    /// Which of the references come from a part of the template.
    fn reading(&mut self, part: impl FnOnce(&mut Self)) -> Range<usize> {
        let before = self.references.len();
        part(self);
        before..self.references.len()
    }

    /// Walks what stands behind a condition: it may read whatever the condition is about.
    fn guarded(&mut self, condition: Range<usize>, inside: impl FnOnce(&mut Self)) {
        self.guards.push(condition);
        inside(self);
        self.guards.pop();
    }

    /// Marks what `default()` and `is defined` excuse. The parts of an absent output are an error
    /// even there (`tasks.market.output.risks | default([])`): strict rendering looks them up
    /// before the filter sees anything.
    fn excuse(&mut self, read: Range<usize>) {
        const OUTPUT_ITSELF: usize = 3;
        for reference in &mut self.references[read] {
            reference.guarded |= reference.path.len() <= OUTPUT_ITSELF;
        }
    }

    fn expression(&mut self, expression: &Expr<'_>) {
        if let Some(path) = self.path(expression) {
            self.read(path, expression.span());
            self.subscripts(expression);
            return;
        }
        match expression {
            Expr::Var(_) | Expr::Const(_) => {}
            Expr::Slice(slice) => {
                self.expression(&slice.expr);
                for part in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.expression(part);
                }
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => {
                let mentioned = self.reading(|walk| walk.expression(&operation.left));
                match operation.op {
                    ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr => {
                        self.guarded(mentioned, |walk| walk.expression(&operation.right));
                    }
                    _ => self.expression(&operation.right),
                }
            }
            Expr::Compare(compare) => {
                self.expression(&compare.expr);
                for operand in &compare.ops {
                    self.expression(&operand.expr);
                }
            }
            Expr::IfExpr(choice) => {
                let mentioned = self.reading(|walk| walk.expression(&choice.test_expr));
                self.guarded(mentioned, |walk| {
                    walk.expression(&choice.true_expr);
                    if let Some(otherwise) = &choice.false_expr {
                        walk.expression(otherwise);
                    }
                });
            }
            Expr::Filter(filter) => self.filter(filter, expression.span()),
            Expr::Test(test) => self.test(test, expression.span()),
            Expr::GetAttr(attribute) => self.expression(&attribute.expr),
            Expr::GetItem(item) => {
                self.expression(&item.expr);
                self.expression(&item.subscript_expr);
            }
            Expr::Call(call) => self.call(call),
            Expr::List(list) => list.items.iter().for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expression(item)),
            Expr::Map(map) => {
                map.keys.iter().chain(&map.values).for_each(|item| self.expression(item));
            }
        }
    }

    fn filter(&mut self, filter: &ast::Filter<'_>, span: Span) {
        self.known(filter.name, UnknownNameKind::Filter, span);
        let absent_is_fine = matches!(filter.name, "default" | "d");
        if let Some(value) = &filter.expr {
            let read = self.reading(|walk| walk.expression(value));
            if absent_is_fine {
                self.excuse(read);
            }
        }
        self.arguments(&filter.args);
    }

    fn test(&mut self, test: &ast::Test<'_>, span: Span) {
        self.known(test.name, UnknownNameKind::Test, span);
        let absent_is_fine = matches!(test.name, "defined" | "undefined");
        let read = self.reading(|walk| walk.expression(&test.expr));
        if absent_is_fine {
            self.excuse(read);
        }
        self.arguments(&test.args);
    }

    fn call(&mut self, call: &ast::Call<'_>) {
        match &call.expr {
            Expr::Var(function) if self.local(function.id).is_none() => {
                self.known(function.id, UnknownNameKind::Function, call.expr.span());
            }
            Expr::GetAttr(method) => {
                let of_loop = matches!(&method.expr, Expr::Var(variable) if variable.id == "loop")
                    && LOOP_METHODS.contains(&method.name);
                if !of_loop {
                    let end = self.range(call.expr.span()).end;
                    let range = end - method.name.len()..end;
                    let (name, kind) = (method.name.to_owned(), UnknownNameKind::Method);
                    self.unknown_names.push(UnknownName { name, kind, range });
                }
                self.expression(&method.expr);
            }
            other => self.expression(other),
        }
        self.arguments(&call.args);
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(value)
                | CallArg::Kwarg(_, value)
                | CallArg::PosSplat(value)
                | CallArg::KwargSplat(value) => self.expression(value),
            }
        }
    }

    /// The path that an expression is, with aliases followed; `None` for anything else and for
    /// local names that stand for no path.
    fn path(&self, expression: &Expr<'_>) -> Option<Vec<Step>> {
        match expression {
            Expr::Var(variable) => match self.local(variable.id) {
                Some(alias) => alias.clone(),
                None if FUNCTIONS.contains(&variable.id) => None,
                None => {
                    let range = self.range(expression.span());
                    Some(vec![Step { kind: StepKind::Name(variable.id.to_owned()), range }])
                }
            },
            Expr::GetAttr(attribute) => {
                let mut path = self.path(&attribute.expr)?;
                let end = self.range(expression.span()).end;
                let range = end - attribute.name.len()..end;
                path.push(Step { kind: StepKind::Name(attribute.name.to_owned()), range });
                path.truncate(MAX_STEPS);
                Some(path)
            }
            Expr::GetItem(item) => {
                let mut path = self.path(&item.expr)?;
                let kind = match &item.subscript_expr {
                    Expr::Const(constant) => match constant.value.as_str() {
                        Some(name) => StepKind::Name(name.to_owned()),
                        None => StepKind::Item,
                    },
                    _ => StepKind::Dynamic,
                };
                path.push(Step { kind, range: self.range(item.subscript_expr.span()) });
                path.truncate(MAX_STEPS);
                Some(path)
            }
            _ => None,
        }
    }

    fn local(&self, name: &str) -> Option<&Option<Vec<Step>>> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    fn read(&mut self, path: Vec<Step>, span: Span) {
        let guarded = self.guards.iter().any(|condition| {
            self.references[condition.clone()].iter().any(|about| begins_alike(&about.path, &path))
        });
        let (mut path, range) = (path, self.range(span));
        path.shrink_to_fit();
        self.references.push(Reference { path, range, guarded });
    }

    /// The expressions inside the subscripts of a path are read as well.
    fn subscripts(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::GetAttr(attribute) => self.subscripts(&attribute.expr),
            Expr::GetItem(item) => {
                self.subscripts(&item.expr);
                self.expression(&item.subscript_expr);
            }
            _ => {}
        }
    }

    fn known(&mut self, name: &str, kind: UnknownNameKind, span: Span) {
        if kind.known().contains(&name) {
            return;
        }
        let range = self.range(span);
        let inside = range.start.saturating_sub(self.offset)..range.end.saturating_sub(self.offset);
        let found = self.text.get(inside).and_then(|part| part.find(name)).unwrap_or(0);
        let start = range.start + found;
        let range = start..start + name.len();
        self.unknown_names.push(UnknownName { name: name.to_owned(), kind, range });
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = (span.start_offset as usize).min(self.text.len());
        let end = (span.end_offset as usize).clamp(start, self.text.len());
        start + self.offset..end + self.offset
    }
}

fn target_names(target: &Expr<'_>) -> Vec<String> {
    match target {
        Expr::Var(variable) => vec![variable.id.to_owned()],
        Expr::List(list) => list.items.iter().flat_map(target_names).collect(),
        Expr::Tuple(tuple) => tuple.items.iter().flat_map(target_names).collect(),
        _ => Vec::new(),
    }
}

/// Whether the second path leads to what the first is about or to a part of it: whatever has the
/// first two names of it (`tasks.market`, `inputs.tone`).
fn begins_alike(about: &[Step], path: &[Step]) -> bool {
    const NAMES: usize = 2;
    let is_name = |step: &&Step| matches!(step.kind, StepKind::Name(_));
    let names = about.iter().take(NAMES).take_while(is_name).count();
    path.len() >= names && about[..names].iter().zip(path).all(|(a, b)| a.kind == b.kind)
}
