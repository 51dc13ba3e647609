//! What editors ask, a file each.

mod actions;
mod completing;
mod hints;
mod hover;
mod navigation;
mod new_name;
mod outline;
mod rename;

use lsp_types::DocumentSymbolResponse;
use serde_json::Value;

use super::desk::Desk;
use super::protocol::Refusal;
use super::server::{read, to_value};

/// Answers a request.
///
/// # Errors
/// When nobody knows the method, the parameters are others than the method has, or what was asked
/// for cannot be done.
pub(super) fn answer(desk: &mut Desk, method: &str, params: Value) -> Result<Value, Refusal> {
    match method {
        "textDocument/completion" => to_value(completing::completion(desk, &read(params)?)),
        "textDocument/hover" => to_value(hover::hover(desk, &read(params)?)),
        "textDocument/definition" => to_value(navigation::definition(desk, &read(params)?)),
        "textDocument/references" => to_value(navigation::references(desk, &read(params)?)),
        "textDocument/documentHighlight" => to_value(navigation::highlights(desk, &read(params)?)),
        "textDocument/documentSymbol" => {
            to_value(outline::document_symbols(desk, &read(params)?).map(|symbols| match symbols {
                outline::Outlined::Nested(symbols) => DocumentSymbolResponse::Nested(symbols),
                outline::Outlined::Flat(symbols) => DocumentSymbolResponse::Flat(symbols),
            }))
        }
        "workspace/symbol" => to_value(outline::workspace_symbols(desk, &read(params)?)),
        "textDocument/codeAction" => to_value(actions::code_actions(desk, &read(params)?)),
        "textDocument/prepareRename" => to_value(rename::prepare(desk, &read(params)?)?),
        "textDocument/rename" => to_value(rename::rename(desk, &read(params)?)?),
        "textDocument/inlayHint" => to_value(hints::inlay_hints(desk, &read(params)?)),
        _ => Err(Refusal::new(Refusal::METHOD_NOT_FOUND, format!("unknown method `{method}`"))),
    }
}
