//! To which project a file belongs.

use std::path::{Path, PathBuf};

use crate::runtime::workspace::PROJECT_FOLDERS;

/// The root of the project that a file belongs to.
///
/// A file below `patterns/`, `pipelines/` or `teams/` belongs to the folder that holds it; any
/// other to the nearest folder around it that has one of these. Nothing outside the folder that the
/// editor has open is looked at; without any it is the innermost project.
pub(super) fn project_root(path: &Path, folders: &[PathBuf]) -> PathBuf {
    let parent = path.parent().unwrap_or(Path::new(""));
    let around = folders.iter().filter(|folder| path.starts_with(folder));
    let limit = around.max_by_key(|folder| folder.components().count());
    // Somebody may have opened `patterns/` itself.
    let limit = limit.map(|limit| match limit.parent() {
        Some(above) if is_project_folder(limit) => above,
        _ => limit.as_path(),
    });
    let inside = |folder: &&Path| limit.is_none_or(|limit| folder.starts_with(limit));
    let above: Vec<&Path> = parent.ancestors().take_while(inside).collect();
    let holders = above.iter().filter(|folder| is_project_folder(folder));
    let mut roots = holders.filter_map(|folder| folder.parent()).filter(inside);
    let holder = match limit {
        Some(_) => roots.next_back(),
        None => roots.find(|root| !is_project_folder(root)),
    };
    let nearest = || {
        above.iter().copied().find(|folder| {
            !is_project_folder(folder)
                && PROJECT_FOLDERS.iter().any(|own| folder.join(own).is_dir())
        })
    };
    holder.or_else(nearest).or(limit).unwrap_or(parent).to_path_buf()
}

/// Whether `partita validate` at a root looks at a file.
pub(super) fn is_projects_own(path: &Path, root: &Path) -> bool {
    let Ok(inside) = path.strip_prefix(root) else { return false };
    let mut parts = inside.components();
    let first = parts.next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let is_nested = parts.next().is_some();
    match first.as_deref() {
        Some("cluster.yaml" | "partita.yaml" | "imports.yaml") => !is_nested,
        Some(first) => is_nested && PROJECT_FOLDERS.contains(&first),
        None => false,
    }
}

fn is_project_folder(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| PROJECT_FOLDERS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, folders: &[&str], root: &str, is_own: bool) {
        let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        let found = project_root(Path::new(path), &folders);
        assert_eq!(found, PathBuf::from(root), "{path}");
        assert_eq!(is_projects_own(Path::new(path), &found), is_own, "{path}");
    }

    #[test]
    fn a_file_belongs_to_the_folder_that_holds_its_folder() {
        check("/none/ws/patterns/a.yaml", &["/none/ws"], "/none/ws", true);
        check("/none/ws/patterns/teams/a.yaml", &["/none/ws"], "/none/ws", true);
        check("/none/ws/sub/teams/a.yaml", &["/none/ws"], "/none/ws/sub", true);
        check("/none/ws/patterns/a.yaml", &["/none/ws/patterns"], "/none/ws", true);
        check("/none/patterns/teams/a.yaml", &[], "/none", true);
        check("/none/teams/me/patterns/a.yaml", &[], "/none/teams/me", true);
    }

    #[test]
    fn any_other_file_belongs_to_what_is_open() {
        check("/none/ws/a.yaml", &["/none/ws"], "/none/ws", false);
        check("/none/ws/cluster.yaml", &["/none/ws"], "/none/ws", true);
        check("/none/ws/imports.yaml", &["/none/ws"], "/none/ws", true);
        check("/none/ws/deep/a.yaml", &["/none/ws"], "/none/ws", false);
        check("/none/deep/a.yaml", &["/none/ws"], "/none/deep", false);
        check("untitled:a", &["/none/ws"], "", false);
    }
}
