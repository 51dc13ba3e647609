//! What the editor says, in which order it may say it, and what follows.

use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, InitializeParams, InitializeResult, ServerInfo,
};
use serde_json::{Value, json};

use super::client::Client;
use super::documents::{Buffer, Workspace};
use super::features;
use super::protocol::{Refusal, notification, path_of, request};
use super::server::{Server, Stage, read, to_value};

impl Server {
    /// Answers a request, if it is the time for it.
    pub(super) fn request(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        match (self.stage, method) {
            (Stage::Begun, "initialize") => self.initialize(read(params)?),
            (Stage::Begun, _) => {
                Err(Refusal::new(Refusal::NOT_INITIALIZED, "`initialize` comes first"))
            }
            (Stage::Open, "initialize") => {
                Err(Refusal::new(Refusal::INVALID_REQUEST, "`initialize` comes once"))
            }
            (Stage::Open, "shutdown") => {
                self.stage = Stage::ShutDown;
                Ok(Value::Null)
            }
            (Stage::Open, _) => features::answer(&mut self.desk, method, params),
            (Stage::ShutDown | Stage::Ended { .. }, _) => {
                Err(Refusal::new(Refusal::INVALID_REQUEST, "the server is shut down"))
            }
        }
    }

    fn initialize(&mut self, params: InitializeParams) -> Result<Value, Refusal> {
        self.desk.client = Client::of(&params);
        #[expect(deprecated, reason = "editors without workspace folders still say it so")]
        let root = params.root_uri;
        let folders = match params.workspace_folders {
            Some(folders) => folders.iter().map(|folder| path_of(&folder.uri)).collect(),
            None => root.iter().map(path_of).collect(),
        };
        self.desk.workspace = Workspace::new(folders, self.desk.options.libraries.clone());
        self.stage = Stage::Open;
        let result = InitializeResult {
            capabilities: self.desk.client.offer(),
            server_info: Some(ServerInfo {
                name: "partita".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        };
        to_value(result)
    }

    /// Takes in what the editor tells.
    ///
    /// # Errors
    /// When it cannot be read; nothing has changed then.
    pub(super) fn notified(&mut self, method: &str, params: Value) -> Result<(), Refusal> {
        if method == "exit" {
            self.stage = Stage::Ended { in_order: self.stage == Stage::ShutDown };
            return Ok(());
        }
        if self.stage != Stage::Open {
            return Ok(());
        }
        self.is_dirty = true;
        let encoding = self.desk.client.encoding;
        let workspace = &mut self.desk.workspace;
        match method {
            "initialized" => self.watch_files(),
            "textDocument/didOpen" => {
                let document = read::<DidOpenTextDocumentParams>(params)?.text_document;
                let buffer = Buffer {
                    version: document.version,
                    text: document.text.into(),
                    is_ours: document.language_id == "partita",
                    uri: document.uri,
                };
                workspace.open(path_of(&buffer.uri), buffer);
            }
            "textDocument/didChange" => {
                let params: DidChangeTextDocumentParams = read(params)?;
                let version = params.text_document.version;
                workspace.change(&path_of(&params.text_document.uri), |buffer| {
                    buffer.change(version, params.content_changes, encoding);
                });
            }
            "textDocument/didClose" => {
                let params: DidCloseTextDocumentParams = read(params)?;
                workspace.close(&path_of(&params.text_document.uri));
            }
            "workspace/didChangeWorkspaceFolders" => {
                let event = read::<DidChangeWorkspaceFoldersParams>(params)?.event;
                let removed: Vec<_> =
                    event.removed.iter().map(|folder| path_of(&folder.uri)).collect();
                let added = event.added.iter().map(|folder| path_of(&folder.uri));
                workspace.change_folders(added, &removed);
            }
            // Whatever else lies in the project may have changed with them.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                workspace.forget_everything();
            }
            _ => {}
        }
        Ok(())
    }

    /// Asks the editor to say when YAML files change on disk.
    fn watch_files(&mut self) {
        if !self.desk.client.watches_files {
            return;
        }
        let watchers =
            json!([{ "globPattern": "**/*.{yaml,yml}" }, { "globPattern": "**/partita.lock" }]);
        let registration = json!({
            "id": "partita-files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        let params = json!({ "registrations": [registration] });
        self.outbox.push(request("partita-files", "client/registerCapability", &params));
    }

    /// Says something for whoever reads the editor's log of us.
    pub(super) fn log(&mut self, message: &str) {
        const WARNING: u8 = 2;
        let params = json!({ "type": WARNING, "message": message });
        self.outbox.push(notification("window/logMessage", &params));
    }
}
