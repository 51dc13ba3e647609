//! Imports: what is locked, what is used, what is noticed; with repositories that the tests make.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::binary::{Place, Ran};

const REVIEW: &str = "\
pattern: { name: review, summary: Reviews a text. }
team: desk
inputs: { text: { type: string, description: The text. } }
tasks:
  read: { agent: editor, prompt: 'Review: {{ inputs.text }}' }
outputs: { verdict: '{{ tasks.read.output }}' }
";

const DESK: &str = "\
team: { name: desk, purpose: Reviews. }
agents: [{ role: Editor, purpose: Reads with care. }]
";

const MAIN: &str = "\
pattern: { name: check_draft, summary: Checks a draft. }
tasks:
  check: { uses: shared/review, with: { text: A draft. } }
outputs: { verdict: '{{ tasks.check.output.verdict }}' }
";

/// A project in one folder and a repository `shared` beside it.
struct Scene {
    place: Place,
}

impl Scene {
    /// A repository with a tag `v1`, and a project that imports it.
    fn new() -> Scene {
        let scene = Scene::without_imports();
        scene.commit(&[("patterns/review.yaml", REVIEW), ("teams/desk.yaml", DESK)]);
        scene.git(&["tag", "v1"]);
        scene.imports("shared: { git: ../shared, version: v1 }");
        scene.place.write("project/patterns/check_draft.yaml", MAIN);
        scene
    }

    fn without_imports() -> Scene {
        let scene = Scene { place: Place::new() };
        fs::create_dir(scene.place.path("shared")).expect("a folder");
        fs::create_dir(scene.place.path("project")).expect("a folder");
        scene.git(&["init", "--quiet", "--initial-branch=main"]);
        scene
    }

    fn imports(&self, sources: &str) {
        self.place.write("project/imports.yaml", &format!("imports:\n  {sources}\n"));
    }

    /// Git at work on the repository, with nothing of the user's.
    fn git(&self, words: &[&str]) -> String {
        let author = ["-c", "user.name=tester", "-c", "user.email=tester@example.org"];
        let mut command = Command::new("git");
        command.args(author).args(words).current_dir(self.place.path("shared"));
        let done = self.cut_off(&mut command).output().expect("git starts");
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    fn cut_off<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("HOME", self.place.folder.path())
            .env("GIT_CONFIG_GLOBAL", self.place.path("no-configuration"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
    }

    fn commit(&self, files: &[(&str, &str)]) -> String {
        for (name, text) in files {
            self.place.write(&format!("shared/{name}"), text);
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.place.command(words);
        self.cut_off(&mut command).current_dir(self.place.path("project"));
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).output().expect("the binary starts"))
    }

    /// Where no program is to be found, git neither.
    fn run_without_git(&self, words: &[&str]) -> Ran {
        let mut command = self.command(words);
        command.env("PATH", self.place.path("nowhere"));
        Ran::of(command.output().expect("the binary starts"))
    }

    fn lock(&self) -> Ran {
        self.run(&["patterns", "lock"]).expect(0)
    }

    fn lock_file(&self) -> String {
        fs::read_to_string(self.place.path("project/partita.lock")).expect("a lock file")
    }

    /// The folders in the store.
    fn kept(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.place.path("project/.partita/imports")).expect("a store");
        let folders = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
        let mut folders: Vec<PathBuf> = folders.collect();
        folders.sort();
        folders
    }

    /// The codes that validating finds, sorted, without repetitions.
    fn codes(&self) -> Vec<String> {
        let found = self.run(&["validate", "--json"]).json();
        let found = found["diagnostics"].as_array().expect("findings");
        let codes = found.iter().map(|one| one["code"].as_str().expect("a code").to_owned());
        let mut codes: Vec<String> = codes.collect();
        codes.sort();
        codes.dedup();
        codes
    }

    #[track_caller]
    fn check_fails(&self, said: &[&str]) {
        let before = fs::read(self.place.path("project/partita.lock")).ok();
        let ran = self.run(&["patterns", "lock", "--check"]).expect(1);
        for said in said {
            assert!(ran.out.contains(said) || ran.err.contains(said), "{said}: {ran:#?}");
        }
        assert_eq!(fs::read(self.place.path("project/partita.lock")).ok(), before, "never written");
    }
}

fn fingerprint(ran: &Ran) -> Value {
    ran.json()["fingerprint"].clone()
}

#[test]
fn what_is_locked_is_used_without_git_and_runs_go_on_without_the_import() {
    let scene = Scene::new();
    assert_eq!(scene.codes(), ["import-not-locked"]);
    let locked = scene.lock();
    assert!(locked.out.contains("shared@v1  tag "), "{locked:#?}");
    let commit = scene.git(&["rev-parse", "HEAD"]);
    assert!(scene.lock_file().contains(&commit));
    let again = scene.lock();
    assert!(again.out.contains("partita.lock is as it was"), "{again:#?}");
    fs::rename(scene.place.path("shared"), scene.place.path("moved-away")).expect("moved");
    scene.run_without_git(&["validate", "--strict"]).expect(0);
    scene.run_without_git(&["patterns", "lock", "--check"]).expect(0);
    scene.run_without_git(&["plan", "shared/review"]).expect(0);
    scene.run_without_git(&["run", "check_draft", "--simulate"]).expect(0);
}

#[test]
fn what_is_imported_is_listed_by_the_name_that_it_is_used_by() {
    let scene = Scene::new();
    let before = scene.run(&["patterns"]).expect(0).out;
    assert!(
        before.contains("not listed  `shared@v1` is not locked; run `partita patterns lock`"),
        "{before}"
    );
    scene.lock();
    let text = scene.run(&["patterns", "review"]).expect(0).out;
    let line = text.lines().find(|line| line.contains("shared/review")).expect("it is listed");
    assert!(line.ends_with("Reviews a text. (from shared@v1)"), "{line}");
    let json = scene.run(&["patterns", "--json"]).expect(0).json();
    let listed = json["patterns"].as_array().expect("patterns").iter();
    let listed: Vec<&Value> = listed.filter(|one| !one["import"].is_null()).collect();
    assert_eq!(listed.len(), 1, "{listed:#?}");
    assert_eq!(
        (&listed[0]["name"], &listed[0]["import"]),
        (&"shared/review".into(), &"shared@v1".into())
    );
    scene.run(&["plan", "shared/review"]).expect(0);
    let teams = scene.run(&["teams", "--json"]).expect(0).json();
    let teams = teams["teams"].as_array().expect("teams").iter();
    assert!(teams.into_iter().any(|team| team["name"] == "shared/desk"), "the team as well");
    let shown = scene.run(&["teams", "show", "shared/desk"]).expect(0).out;
    assert!(shown.contains("editor  Reads with care."), "{shown}");
    // With two versions of a source each name says which.
    scene.commit(&[(
        "patterns/review.yaml",
        &REVIEW.replace("Reviews a text.", "Reviews it anew."),
    )]);
    scene.git(&["tag", "v2"]);
    scene.imports("shared: { git: ../shared, version: [v1, v2] }");
    scene.lock();
    let text = scene.run(&["patterns", "review"]).expect(0).out;
    assert!(text.contains("shared/review@v1") && text.contains("shared/review@v2"), "{text}");
}

#[test]
fn a_run_goes_on_without_the_import() {
    let scene = Scene::without_imports();
    let gated = "\
pattern: { name: gated, summary: Asks a person. }
tasks:
  ask: { gate: approval, ask: Ship it?, options: [ship, hold] }
outputs: { choice: '{{ tasks.ask.choice }}' }
";
    scene.commit(&[("gated.yaml", gated)]);
    scene.git(&["tag", "v1"]);
    scene.imports("shared: { git: ../shared, version: v1 }");
    scene.lock();
    let uses = "pattern: { name: main }\ntasks: { all: { uses: shared/gated@v1 } }\n\
        outputs: { choice: '{{ tasks.all.output.choice }}' }\n";
    scene.place.write("project/patterns/main.yaml", uses);
    scene.run(&["run", "main", "--json"]).expect(4);
    for gone in ["project/.partita", "project/patterns", "shared"] {
        fs::remove_dir_all(scene.place.path(gone)).expect("removed");
    }
    fs::remove_file(scene.place.path("project/partita.lock")).expect("removed");
    fs::remove_file(scene.place.path("project/imports.yaml")).expect("removed");
    let runs = scene.run(&["runs", "--json"]).expect(0).json();
    let id = runs["runs"][0]["run"].as_str().expect("a run").to_owned();
    scene.run(&["resume", &id]).expect(4);
    let done = scene.run(&["approve", &id, "ship", "--json"]).expect(0).json();
    assert_eq!(done["outputs"]["choice"], "ship");
}

#[test]
fn where_a_pattern_comes_from_is_no_part_of_a_plan() {
    let scene = Scene::new();
    scene.lock();
    let imported = scene.run(&["plan", "check_draft", "--json"]).expect(0);
    scene.place.write("project/patterns/review.yaml", REVIEW);
    scene.place.write("project/teams/desk.yaml", DESK);
    scene.place.write("project/patterns/check_draft.yaml", &MAIN.replace("shared/", ""));
    let own = scene.run(&["plan", "check_draft", "--json"]).expect(0);
    assert!(fingerprint(&own).is_string(), "{own:#?}");
    assert_eq!(fingerprint(&imported), fingerprint(&own));
}

#[test]
fn documents_of_a_source_see_their_own_names_and_built_in_ones_and_nothing_of_the_project() {
    let scene = Scene::without_imports();
    let outer = "\
pattern: { name: outer, summary: Uses its own and a built-in one. }
team: desk
tasks:
  own: { uses: review, with: { text: A text. } }
  built_in: { uses: parallel_research, with: { question: Why? } }
";
    scene.commit(&[
        ("patterns/outer.yaml", outer),
        ("patterns/review.yaml", REVIEW),
        ("teams/desk.yaml", DESK),
    ]);
    scene.git(&["tag", "v1"]);
    scene.imports("shared: { git: ../shared, version: v1 }");
    let uses = "pattern: { name: main }\ntasks: { all: { uses: shared/outer } }\n";
    scene.place.write("project/patterns/main.yaml", uses);
    scene.lock();
    let plan = |scene: &Scene| scene.run(&["plan", "main", "--json"]).expect(0);
    let alone = plan(&scene);
    // Everything that the source and the library have, with another content.
    let hiding = |name: &str| {
        format!(
            "pattern: {{ name: {name} }}\ninputs: {{ text: {{ type: string, default: x }}, \
             question: {{ type: string, default: x }} }}\n\
             tasks: {{ captured: {{ gate: check, condition: true }} }}\n"
        )
    };
    scene.place.write("project/patterns/review.yaml", &hiding("review"));
    scene.place.write("project/patterns/parallel_research.yaml", &hiding("parallel_research"));
    scene.place.write(
        "project/teams/desk.yaml",
        "team: { name: desk }\nagents: [{ role: Editor, purpose: Captured. }]\n",
    );
    let beside = plan(&scene);
    assert!(!beside.out.contains("captured") && !beside.out.contains("Captured"), "{beside:#?}");
    assert_eq!(fingerprint(&beside), fingerprint(&alone));
    // What a source lacks is not taken from the project either.
    scene.commit(&[("patterns/outer.yaml", &outer.replace("uses: review,", "uses: hidden,"))]);
    scene.git(&["tag", "v2"]);
    scene.imports("shared: { git: ../shared, version: v2 }");
    scene.place.write("project/patterns/hidden.yaml", &hiding("hidden"));
    scene.lock();
    let refused = scene.run(&["validate"]).expect(1);
    assert!(refused.out.contains("unknown pattern `hidden`"), "{refused:#?}");
    assert!(refused.out.contains(".partita"), "it is said where: {refused:#?}");
    scene.run(&["plan", "main"]).expect(1);
}

#[test]
fn imports_of_imports_are_not_followed() {
    let scene = Scene::without_imports();
    let uses = "pattern: { name: outer }\ntasks: { a: { uses: shared/outer } }\n";
    scene.commit(&[("outer.yaml", uses)]);
    scene.git(&["tag", "v1"]);
    scene.imports("shared: { git: ../shared, version: v1 }");
    scene.place.write("project/patterns/main.yaml", &uses.replace("name: outer", "name: main"));
    scene.lock();
    let refused = scene.run(&["validate"]).expect(1);
    assert!(refused.out.contains("an import cannot use `shared/outer` of another source"));
    assert!(refused.out.contains("outer.yaml:2:"), "{refused:#?}");
    // What is locked is not for repairs.
    let kept = scene.kept()[0].join("outer.yaml");
    scene.run(&["validate", "--fix=all"]).expect(1);
    assert_eq!(fs::read_to_string(kept).expect("a document"), uses);
    scene.run(&["patterns", "lock", "--check"]).expect(0);
}

#[test]
fn names_that_cannot_be_used_say_why() {
    let scene = Scene::new();
    scene.commit(&[("patterns/review.yaml", &REVIEW.replace("Reviews a", "Praises a"))]);
    scene.git(&["tag", "v2"]);
    let ours = "pattern: { name: ours }\ntasks: { go: { gate: check, condition: true } }\n";
    scene.place.write("ours/ours.yaml", ours);
    scene.imports(
        "shared: { git: ../shared, version: v1 }\n  several: { git: ../shared, version: [v1, v2] }\n  \
         ours: { folder: ../ours }",
    );
    scene.lock();
    let check = |name: &str, code: i32, said: &str, help: &str| {
        let ran = scene.run(&["plan", name]).expect(code);
        assert!(ran.err.contains(said) && ran.err.contains(help), "{said} / {help}: {ran:#?}");
        let text = format!("pattern: {{ name: other }}\ntasks: {{ a: {{ uses: {name} }} }}\n");
        scene.place.write("project/other.yaml", &text);
        let ran = scene.run(&["validate", "other.yaml"]).expect(1);
        assert!(ran.out.contains("other.yaml:2:"), "{ran:#?}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&ran.out).contains(said), "{said}: {ran:#?}");
    };
    scene.run(&["plan", "several/review@v2"]).expect(0);
    scene.run(&["plan", "several/review@v1"]).expect(0);
    scene.run(&["plan", "ours/ours"]).expect(0);
    check("shard/review", 2, "declares no source `shard`", "`shared/review`");
    check("shared/revew", 2, "`shared@v1` has no pattern `revew`", "`shared/review`");
    check("shared/desk", 2, "`shared@v1` has no pattern `desk`", "review");
    check("shared/review@v9", 2, "`shared` is not declared at `v9`", "declares `v1`");
    check("several/review", 2, "says no version", "`v1`, `v2`");
    check("ours/ours@v1", 2, "`ours` is a folder and has no version `v1`", "`ours/ours`");
}

#[test]
fn a_changed_document_is_never_used() {
    let scene = Scene::new();
    scene.lock();
    scene.run(&["patterns", "lock", "--check"]).expect(0);
    let kept = scene.kept();
    let document = kept[0].join("patterns/review.yaml");
    fs::write(&document, REVIEW.replace("Review:", "Praise:")).expect("written");
    scene.check_fails(&["differs: shared@v1: patterns/review.yaml is not what is locked"]);
    assert_eq!(scene.codes(), ["import-changed"]);
    let run = scene.run(&["run", "check_draft", "--simulate"]).expect(1);
    assert!(run.err.contains("patterns/review.yaml"), "{run:#?}");
    fs::remove_file(&document).expect("removed");
    scene.check_fails(&["patterns/review.yaml is locked and not there"]);
    assert_eq!(scene.codes(), ["import-changed"]);
    scene.lock();
    scene.run(&["validate"]).expect(0);
    // The lock file says something else than the repository: what is fetched is held against it.
    let lock_file = scene.lock_file();
    let hash = lock_file.split("\"hash\": \"").nth(1).and_then(|rest| rest.get(..64));
    let tampered = lock_file.replacen(hash.expect("a hash"), &"0".repeat(64), 1);
    scene.place.write("project/partita.lock", &tampered);
    assert_eq!(scene.codes(), ["import-not-fetched"]);
    scene.check_fails(&["patterns/review.yaml is not what is locked"]);
    assert_eq!(scene.codes(), ["import-not-fetched"], "what differs is not kept");
}

#[test]
fn a_fresh_checkout_fetches_what_is_locked_and_not_what_a_tag_is_now() {
    let scene = Scene::new();
    scene.lock();
    let lock_file = scene.lock_file();
    scene.commit(&[("patterns/review.yaml", &REVIEW.replace("Review:", "Praise:"))]);
    scene.git(&["tag", "--force", "v1"]);
    fs::remove_dir_all(scene.place.path("project/.partita")).expect("removed");
    assert_eq!(scene.codes(), ["import-not-fetched"]);
    scene.run(&["patterns", "lock", "--check"]).expect(0);
    assert_eq!(scene.codes(), Vec::<String>::new());
    assert_eq!(scene.lock_file(), lock_file);
}

#[test]
fn a_tag_that_has_moved_is_refused_until_somebody_accepts_it() {
    let scene = Scene::new();
    scene.lock();
    let before = scene.lock_file();
    let commit = scene.commit(&[("patterns/review.yaml", &REVIEW.replace("Review:", "Praise:"))]);
    scene.git(&["tag", "--force", "--annotate", "--message=again", "v1"]);
    let refused = scene.run(&["patterns", "lock"]).expect(1);
    assert!(refused.err.contains("the tag of `shared@v1` has moved from"), "{refused:#?}");
    assert!(refused.err.contains(&commit), "the commit, not the tag's object: {refused:#?}");
    assert_eq!(scene.lock_file(), before);
    scene.run(&["patterns", "lock", "--accept-moved-tags"]).expect(0);
    assert!(scene.lock_file().contains(&commit));
    scene.run(&["validate", "--strict"]).expect(0);
}

#[test]
fn a_branch_is_told_and_moves_on_when_it_is_locked() {
    let scene = Scene::new();
    scene.imports("shared: { git: ../shared, version: main }");
    scene.lock();
    assert_eq!(scene.codes(), ["moving-version"]);
    let commit = scene.commit(&[("patterns/review.yaml", &REVIEW.replace("Review:", "Praise:"))]);
    scene.run(&["patterns", "lock", "--check"]).expect(0);
    assert!(!scene.lock_file().contains(&commit));
    let locked = scene.run(&["patterns", "lock", "--json"]).expect(0).json();
    assert_eq!(locked["imports"][0]["change"], "moved");
    assert_eq!(locked["imports"][0]["kind"], "branch");
    assert_eq!(locked["imports"][0]["commit"], commit.as_str());
    // The same as a commit is nothing to be told of.
    scene.imports(&format!("shared: {{ git: ../shared, version: '{commit}' }}"));
    scene.lock();
    assert_eq!(scene.codes(), Vec::<String>::new());
    scene.imports(&format!("shared: {{ git: ../shared, version: '{}' }}", &commit[..10]));
    let short = scene.run(&["patterns", "lock"]).expect(1);
    assert!(short.err.contains("a commit is written with all its digits"), "{short:#?}");
}

#[test]
fn folders_are_locked_as_they_are() {
    let scene = Scene::without_imports();
    scene.place.write("library/review.yaml", REVIEW);
    scene.place.write("library/desk.yml", DESK);
    scene.place.write("library/notes/other.yaml", "services: { web: {} }\n");
    scene.imports("shared: { folder: ../library }");
    scene.place.write("project/patterns/check_draft.yaml", MAIN);
    let locked = scene.run_without_git(&["patterns", "lock", "--json"]).expect(0).json();
    assert_eq!(locked["imports"][0]["documents"].as_array().map(Vec::len), Some(2));
    assert_eq!(scene.codes(), Vec::<String>::new());
    assert!(!scene.place.path("project/.partita").exists(), "nothing is copied");
    scene.place.write("library/added.yaml", &REVIEW.replace("name: review", "name: added"));
    scene.check_fails(&["added.yaml is there and not locked"]);
    assert_eq!(scene.codes(), Vec::<String>::new(), "what is not locked is not used");
    scene.place.write("library/review.yaml", &REVIEW.replace("Review:", "Praise:"));
    scene.check_fails(&["differs: shared: review.yaml is not what is locked"]);
    assert_eq!(scene.codes(), ["import-changed"]);
    scene.lock();
    scene.run(&["patterns", "lock", "--check"]).expect(0);
    assert_eq!(scene.codes(), Vec::<String>::new());
    scene.place.write("library/twice.yaml", REVIEW);
    let twice = scene.run(&["patterns", "lock"]).expect(1);
    assert!(twice.err.contains("two of the name `review`"), "{twice:#?}");
}

#[test]
fn a_lock_file_that_is_missing_stale_or_broken_fails_the_check() {
    let scene = Scene::new();
    scene.check_fails(&["partita.lock: it is missing"]);
    scene.lock();
    scene.imports("shared: { git: ../shared, version: [v1, main] }");
    scene.check_fails(&["differs: shared@main: is not locked"]);
    scene.imports("shared: { git: ../shared, version: v1, folder: patterns }");
    scene.check_fails(&["shared@v1: is declared otherwise than locked"]);
    assert_eq!(scene.codes(), ["import-not-locked"]);
    scene.imports("other: { folder: . }");
    scene.check_fails(&["shared@v1: is locked and not declared", "other: is not locked"]);
    scene.imports("shared: { git: ../shared, version: v1 }");
    let conflict = scene.lock_file().replace("  \"imports\"", "<<<<<<< HEAD\n  \"imports\"");
    scene.place.write("project/partita.lock", &conflict);
    scene.check_fails(&["it cannot be read", "line 3"]);
    assert_eq!(scene.codes(), ["unreadable-lock"]);
    let checked = scene.run(&["patterns", "lock", "--check", "--json"]).expect(1).json();
    assert_eq!(checked["current"], false);
    scene.lock();
    scene.run(&["patterns", "lock", "--check"]).expect(0);
    fs::remove_file(scene.place.path("project/imports.yaml")).expect("removed");
    let none = scene.run(&["patterns", "lock", "--check"]).expect(2);
    assert!(none.err.contains("there is no imports.yaml here"), "{none:#?}");
}

#[test]
fn what_a_crash_leaves_is_not_used_and_cleared_away() {
    let scene = Scene::new();
    scene.lock();
    let before = scene.lock_file();
    let store = "project/.partita/imports";
    scene.place.write(&format!("{store}/.partial-fetch-0/patterns/review.yaml"), "pattern: {");
    scene.place.write(&format!("{store}/.partial-shared-0/patterns/review.yaml"), "pattern: {");
    assert_eq!(scene.codes(), Vec::<String>::new());
    scene.run(&["patterns", "lock", "--check"]).expect(0);
    scene.lock();
    assert_eq!(scene.kept().len(), 1);
    // The second source cannot be read: nothing of the first is written down.
    scene.commit(&[("patterns/review.yaml", &REVIEW.replace("Review:", "Praise:"))]);
    scene.git(&["tag", "v2"]);
    let (first, rest) =
        ("shared: { git: ../shared, version: v2 }", "x: { git: ../gone, version: v1 }");
    scene.imports(&format!("{first}\n  {rest}"));
    let failed = scene.run(&["patterns", "lock"]).expect(1);
    assert!(failed.err.contains("`x@v1` cannot be fetched"), "{failed:#?}");
    assert!(failed.err.contains("partita.lock is as it was"), "{failed:#?}");
    assert_eq!(scene.lock_file(), before);
    let hidden = fs::read_dir(scene.place.path(store)).expect("a store").flatten();
    let partial = |name: &str| name.starts_with(".partial-");
    assert!(!hidden.into_iter().any(|entry| partial(&entry.file_name().to_string_lossy())));
}

/// Git that kills whoever has started it, before it does anything for the words that are given.
#[cfg(unix)]
fn deadly_git(scene: &Scene, words: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let paths = std::env::var("PATH").unwrap_or_default();
    let mut places = paths.split(':').map(|folder| PathBuf::from(folder).join("git"));
    let real = places.find(|path| path.is_file()).expect("git");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *'{words}'*) kill -9 $PPID; exit 1;; esac\nexec '{}' \"$@\"\n",
        real.display()
    );
    scene.place.write("bin/git", &script);
    let program = scene.place.path("bin/git");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("permissions");
    scene.place.path("bin")
}

#[cfg(unix)]
#[test]
fn a_lock_that_is_killed_anywhere_has_written_nothing_down() {
    for words in ["ls-remote", "init --quiet", "fetch --quiet", "cat-file -e", "ls-tree", "--batch"]
    {
        let scene = Scene::new();
        scene.lock();
        let before = scene.lock_file();
        scene.commit(&[("patterns/review.yaml", &REVIEW.replace("Review:", "Praise:"))]);
        scene.git(&["tag", "v2"]);
        scene.imports("shared: { git: ../shared, version: [v1, v2] }");
        let bin = deadly_git(&scene, words);
        let mut command = scene.command(&["patterns", "lock"]);
        let paths = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{paths}", bin.display()));
        let killed = Ran::of(command.output().expect("the binary starts"));
        assert_eq!(killed.code, None, "{words}: {killed:#?}");
        assert_eq!(scene.lock_file(), before, "{words}");
        scene.imports("shared: { git: ../shared, version: v1 }");
        assert_eq!(scene.codes(), Vec::<String>::new(), "{words}");
        scene.run(&["patterns", "lock", "--check"]).expect(0);
        scene.imports("shared: { git: ../shared, version: [v1, v2] }");
        scene.lock();
        assert_eq!(scene.kept().len(), 2, "{words}: what was left is gone");
        scene.run(&["patterns", "lock", "--check"]).expect(0);
    }
}

#[test]
fn git_is_given_no_options_and_no_programs_by_documents() {
    let scene = Scene::new();
    let mark = scene.place.path("project/mark");
    let program = format!("touch {}", mark.display());
    for source in [
        format!("shared: {{ git: '--upload-pack={program}', version: v1 }}"),
        format!("shared: {{ git: 'ext::sh -c \"{program}\"', version: v1 }}"),
        format!("shared: {{ git: ../shared, version: '--upload-pack={program}' }}"),
        "shared: { git: ../shared, version: 'v*' }".to_owned(),
        "shared: { git: ../shared, version: v1, folder: ../../etc }".to_owned(),
    ] {
        scene.imports(&source);
        let refused = scene.run(&["patterns", "lock"]).expect(1);
        assert!(refused.err.contains("invalid-import"), "{source}: {refused:#?}");
        assert!(!mark.exists(), "{source}");
    }
    let without = Scene::new().run_without_git(&["patterns", "lock"]).expect(1);
    assert!(without.err.contains("the program `git` cannot be started"), "{without:#?}");
}

#[test]
fn inside_a_hook_of_git_the_right_repository_is_read() {
    let scene = Scene::new();
    let mut command = scene.command(&["patterns", "lock"]);
    let nowhere = scene.place.path("nowhere");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        command.env(variable, &nowhere);
    }
    Ran::of(command.output().expect("the binary starts")).expect(0);
    scene.run(&["validate"]).expect(0);
}

#[cfg(unix)]
#[test]
fn links_of_a_repository_lead_nowhere() {
    let scene = Scene::new();
    scene.place.write("outside.yaml", &REVIEW.replace("name: review", "name: outside"));
    let link = scene.place.path("shared/patterns/outside.yaml");
    std::os::unix::fs::symlink("../../outside.yaml", link).expect("a link");
    scene.commit(&[]);
    scene.git(&["tag", "v2"]);
    scene.imports("shared: { git: ../shared, version: v2 }");
    scene.lock();
    assert!(!scene.lock_file().contains("outside"), "{}", scene.lock_file());
}

#[test]
fn teams_and_catalogues_name_sources_too_and_lists_stay_as_they_were() {
    let scene = Scene::new();
    let text = "\
pattern: { name: planned, summary: Has work planned. }
team: shared/desk@v1
tasks:
  plan:
    expand:
      agent: editor
      prompt: Plan it.
      catalogue: { agents: [editor], patterns: [shared/review] }
  read: { agent: editor, prompt: 'Read: {{ tasks.plan.output }}' }
outputs: { all: '{{ tasks.read.output }}' }
";
    scene.place.write("project/patterns/planned.yaml", text);
    scene.lock();
    scene.run(&["validate", "patterns/planned.yaml"]).expect(0);
    scene.run(&["plan", "planned"]).expect(0);
    let listed = scene.run(&["patterns", "--json"]).expect(0).json();
    let listed = listed["patterns"].as_array().expect("patterns");
    let is_named = |name: &str| listed.iter().any(|one| one["name"] == name);
    assert!(is_named("planned") && is_named("product_launch") && !is_named("review"));
    scene.run(&["patterns", "show", "shared/review"]).expect(0);
}
