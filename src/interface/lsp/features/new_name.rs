//! Whether a name can be given, and how it is written at each place.

use crate::interface::lsp::documents::View;
use crate::interface::lsp::protocol::Refusal;
use crate::language::document::{is_document_name, is_identifier};
use crate::language::plan::{Occurrence, Role, Symbol};
use crate::language::source::value_at;
use crate::organization::role_id;

/// A name that can be given.
#[derive(Debug)]
pub(super) enum NewName {
    /// It is written the same everywhere.
    Same(String),
    /// A role, and the id that follows from it: an agent without an id of its own is called by
    /// either.
    Role { old: String, role: String, id: String },
    /// An id; the agent's role stays.
    Id { old: String, id: String },
}

impl NewName {
    /// Checks a name for the thing that is named at a place.
    ///
    /// # Errors
    /// When it is no name for such a thing, or another has it.
    pub(super) fn of(view: &View, named: &Occurrence, wanted: &str) -> Result<NewName, Refusal> {
        let wanted = wanted.trim();
        match &named.symbol {
            Symbol::Agent(..) => return NewName::of_agent(view, named, wanted),
            Symbol::Orchestration(_) | Symbol::Team(_) => {
                if !is_document_name(wanted) {
                    return Err(Refusal::failed(format!(
                        "`{wanted}` cannot be the name of a document: it has small letters, \
                         digits, `_` and `-`, and begins with a letter"
                    )));
                }
            }
            Symbol::Anchor(_) => {
                let is_name =
                    |character: char| character.is_alphanumeric() || "_-".contains(character);
                if wanted.is_empty() || !wanted.chars().all(is_name) {
                    let message = format!("`{wanted}` cannot be the name of an anchor");
                    return Err(Refusal::failed(message));
                }
            }
            Symbol::Task(..)
            | Symbol::Input(..)
            | Symbol::Output(..)
            | Symbol::Post(..)
            | Symbol::Wave(..) => {
                if !is_identifier(wanted) {
                    return Err(Refusal::failed(format!(
                        "`{wanted}` cannot be a name here: it has small letters, digits and `_`, \
                         and begins with a letter"
                    )));
                }
            }
        }
        taken(view, named, &|other| other.written == wanted, wanted)?;
        Ok(NewName::Same(wanted.to_owned()))
    }

    fn of_agent(view: &View, named: &Occurrence, wanted: &str) -> Result<NewName, Refusal> {
        let id = role_id(wanted);
        let is_plain = |character: char| character.is_alphanumeric() || " _-".contains(character);
        if id.is_empty()
            || !wanted.chars().all(is_plain)
            || !wanted.starts_with(char::is_alphabetic)
        {
            return Err(Refusal::failed(format!(
                "`{wanted}` cannot be an agent's name: it has letters, digits, blanks, `_` and \
                 `-`, and begins with a letter"
            )));
        }
        taken(view, named, &|other| role_id(&other.written) == id, wanted)?;
        let definition = view.symbols().definition(&named.symbol);
        let definition = definition.ok_or_else(|| Refusal::failed("nobody defines this agent"))?;
        let document = view.library().document_of(definition.span.source);
        let has_id = document.is_some_and(|document| {
            value_at(document.value(), &format!("{}/id", definition.pointer)).is_some()
        });
        let old = definition.written.clone();
        if has_id {
            return Ok(NewName::Id { old, id: wanted.replace(' ', "_") });
        }
        // Whoever renames `market_analyst` wants the role to stay one.
        let is_title = old != role_id(&old);
        let role = if is_title && wanted == id { title(wanted) } else { wanted.to_owned() };
        Ok(NewName::Role { old, role, id })
    }

    /// How it is written where the old name stands.
    pub(super) fn written_for(&self, found: &Occurrence) -> String {
        match self {
            NewName::Same(name) => name.clone(),
            NewName::Role { old, role, .. } if found.written == *old => role.clone(),
            NewName::Role { id, .. } => id.clone(),
            NewName::Id { old, id } if found.written == *old => id.clone(),
            NewName::Id { .. } => found.written.clone(),
        }
    }
}

/// That nothing of the same kind in the same place has the name.
fn taken(
    view: &View,
    named: &Occurrence,
    is_same: &dyn Fn(&Occurrence) -> bool,
    wanted: &str,
) -> Result<(), Refusal> {
    let sources = view.library().sources().iter();
    let all = sources.flat_map(|source| view.symbols().of_source(source.id()));
    let mut others = all.filter(|other| {
        other.role == Role::Definition
            && other.symbol != named.symbol
            && are_siblings(&other.symbol, &named.symbol)
    });
    match others.find(|other| is_same(other)) {
        Some(_) => Err(Refusal::failed(format!("the name `{wanted}` is taken"))),
        None => Ok(()),
    }
}

/// Whether two symbols may not have one name.
fn are_siblings(a: &Symbol, b: &Symbol) -> bool {
    match (a, b) {
        (Symbol::Task(a, _), Symbol::Task(b, _))
        | (Symbol::Input(a, _), Symbol::Input(b, _))
        | (Symbol::Output(a, _), Symbol::Output(b, _))
        | (Symbol::Post(a, _), Symbol::Post(b, _))
        | (Symbol::Wave(a, _), Symbol::Wave(b, _)) => a == b,
        (Symbol::Agent(a, _), Symbol::Agent(b, _)) => a == b,
        (Symbol::Orchestration(_), Symbol::Orchestration(_))
        | (Symbol::Team(_), Symbol::Team(_)) => true,
        (Symbol::Anchor(a), Symbol::Anchor(b)) => a.source == b.source,
        _ => false,
    }
}

/// `market_analyst` as a title: `Market Analyst`.
fn title(id: &str) -> String {
    let words = id.split('_').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_titles() {
        assert_eq!(title("market_analyst"), "Market Analyst");
        assert_eq!(title("qa"), "Qa");
    }
}
