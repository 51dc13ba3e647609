//! Looking at the servers of tools that documents name: whether they can be reached, and have what agents
//! use of them.

use crate::language::document::{Document, Library};
use crate::language::plan::{Toolbox, compile};
use crate::language::source::SourceId;
use crate::runtime::cluster::Client;
use crate::runtime::tools::{ToolAccess, ToolHouse};

/// Tools of a document that cannot be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The pattern or pipeline.
    pub document: SourceId,
    /// The tools, as an agent is to have them.
    pub toolbox: Toolbox,
    /// Why.
    pub trouble: String,
}

/// Starts, or connects to, the servers of a document's tools, asks what they have, and stops them. A
/// document with errors has no tools yet.
pub(super) async fn lacking(
    library: &Library,
    document: &Document,
    client: &Client,
    access: &ToolAccess,
) -> Vec<Lacking> {
    let Ok(compiled) = compile(library, document) else { return Vec::new() };
    let mut boxes: Vec<Toolbox> = Vec::new();
    for (_, toolbox) in compiled.plan.toolboxes() {
        if !boxes.contains(&toolbox) {
            boxes.push(toolbox.into_owned());
        }
    }
    let lacking = |toolbox: Toolbox, trouble: String| Lacking {
        document: document.source(),
        toolbox,
        trouble,
    };
    let house = match ToolHouse::open(&compiled.plan, access, client) {
        Ok(house) => house,
        Err(error) => {
            return boxes.into_iter().map(|toolbox| lacking(toolbox, error.to_string())).collect();
        }
    };
    let mut found = Vec::new();
    for toolbox in boxes {
        if let Err(failure) = house.offer(&toolbox).await {
            found.push(lacking(toolbox, failure.message));
        }
    }
    house.close().await;
    found
}
