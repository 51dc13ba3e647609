//! Files that are made to cost much, through the real binary: each ends in its own clear error, in a
//! bounded amount of memory.
//!
//! None of these tests takes the time, since other work on the machine would decide them: what
//! takes time that grows with a square or worse does not end.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use wait4::Wait4 as _;

use crate::binary::Place;
use crate::pipeline;
use crate::support::{files_below, root};

/// What validation may take of the machine's memory, in bytes.
const MEMORY: u64 = 200 * 1000 * 1000;

/// Address space of a process, in KiB: what is without bounds ends here, and not with the machine.
const ADDRESS_SPACE: usize = 4_000_000;

/// Validates a file or a folder of that place in bounded memory; what was found.
fn validated(place: &Place, path: &str) -> (Vec<Value>, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, usage) = (folder.path().join("out"), folder.path().join("usage"));
    let measured = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "hard_texts::measured", "--ignored"])
        .current_dir(place.folder.path())
        .env("VALIDATED", path)
        .env("OUT", &out)
        .env("USAGE", &usage)
        .output()
        .expect("this program starts");
    assert!(measured.status.success(), "{}", String::from_utf8_lossy(&measured.stdout));
    let most: u64 = std::fs::read_to_string(usage).expect("bytes").parse().expect("a number");
    assert!(most <= MEMORY, "{path}: {most} bytes");
    let report = std::fs::read_to_string(out).expect("a report");
    let value: Value = serde_json::from_str(&report).expect("JSON");
    (value["diagnostics"].as_array().expect("a list").clone(), report.len())
}

/// What a process has held before counts for those that it starts, and the other tests hold much:
/// these start a process that has held nothing, which starts what is measured.
#[test]
#[ignore = "the other tests start it"]
fn measured() {
    let given = |name: &str| std::env::var(name).expect("what the other tests give");
    let script = format!("ulimit -v {ADDRESS_SPACE} && exec \"$0\" validate --json \"$1\"");
    let path = given("VALIDATED");
    let child = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_partita"), &path])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(given("OUT")).expect("a file"))
        .spawn()
        .expect("the binary starts");
    let ended = child.wait4().expect("the binary ends");
    assert_eq!(ended.status.code(), Some(1), "{path}");
    std::fs::write(given("USAGE"), ended.rusage.maxrss.to_string()).expect("a file");
}

fn check(place: &Place, path: &str, code: &str, message: &str) {
    let (found, size) = validated(place, path);
    let is_there = found.iter().any(|found| found["code"] == code && found["message"] == message);
    assert!(is_there, "{path}: {code}: {message}: {:#?}", &found[..found.len().min(3)]);
    assert!(size < 2_000_000, "{path}: a report of {size} bytes");
}

/// A pattern with these tasks.
fn pattern(name: &str, tasks: impl IntoIterator<Item = String>) -> String {
    let mut text = format!(
        "pattern: {{ name: {name} }}\nteam: {{ name: t, agents: [{{ role: writer }}] }}\ntasks:\n"
    );
    for task in tasks {
        let _ = writeln!(text, "  {task}");
    }
    text
}

fn many(count: usize, task: impl Fn(usize) -> String) -> String {
    pattern("many", (0..count).map(task))
}

#[test]
fn large_and_deep_files_are_refused() {
    type Make = fn() -> String;
    const LIMIT: usize = 16 * 1024 * 1024;
    let place = Place::new();
    let too_large = |bytes| format!("the file has {bytes} bytes, more than the limit of {LIMIT}");
    let deep = "collections are nested more than 64 levels deep";
    // Made one after the other: what this process holds counts for those that it starts.
    let cases: [(&str, Make, &str, String); 8] = [
        ("scalar.yaml", || "x".repeat(50_000_000), "file-too-large", too_large(50_000_000)),
        ("keys.yaml", || "key: value\n".repeat(5_000_000), "file-too-large", too_large(55_000_000)),
        ("line.yaml", || "{a: b, ".repeat(8_000_000), "file-too-large", too_large(56_000_000)),
        ("above.yaml", || "#".repeat(LIMIT + 1), "file-too-large", too_large(LIMIT + 1)),
        ("flow.yaml", || "[".repeat(100_000), "nesting-too-deep", deep.to_owned()),
        ("maps.yaml", || "{a: ".repeat(100_000), "nesting-too-deep", deep.to_owned()),
        ("dashes.yaml", || "- ".repeat(100_000), "nesting-too-deep", deep.to_owned()),
        (
            "block.yaml",
            || (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
            "nesting-too-deep",
            deep.to_owned(),
        ),
    ];
    for (name, text, code, message) in cases {
        place.write(name, &text());
        check(&place, name, code, &message);
    }
    // As large as a file may be.
    place.write("below.yaml", &format!("pattern: {}", "x".repeat(LIMIT - 9)));
    let (found, _) = validated(&place, "below.yaml");
    assert!(found.iter().any(|found| found["code"] == "wrong-type"), "{found:?}");
    place.write("lines.yaml", &"\n".repeat(LIMIT));
    check(&place, "lines.yaml", "empty-document", "the file has no content");
    place.write("nodes.yaml", &"- [x, y]\n".repeat(LIMIT / 10));
    let (found, _) = validated(&place, "nodes.yaml");
    assert!(found.iter().any(|found| found["code"] == "too-many-nodes"), "{found:?}");
}

#[test]
fn aliases_do_not_multiply() {
    let place = Place::new();
    let mut text = String::from("a0: &a0 lol\n");
    for level in 1..=12 {
        let nine = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(text, "a{level}: &a{level} [{nine}]");
    }
    place.write("bomb.yaml", &text);
    let (found, _) = validated(&place, "bomb.yaml");
    assert_eq!(found[0]["code"], "alias-expansion-too-large");
}

#[test]
fn what_is_no_text_is_said_to_be_none() {
    let place = Place::new();
    let utf16 = |words: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}pattern: { name: x }\n".encode_utf16().flat_map(words).collect()
    };
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("latin.yaml", b"pattern: { name: \xe9 }\n".to_vec(), "not-utf8"),
        ("little.yaml", utf16(u16::to_le_bytes), "not-utf8"),
        ("big.yaml", utf16(u16::to_be_bytes), "not-utf8"),
        ("nul.yaml", b"pattern: { name: a\0b }\n".to_vec(), "yaml-syntax"),
    ];
    for (name, bytes, code) in cases {
        std::fs::write(place.path(name), bytes).expect("a file");
        let (found, _) = validated(&place, name);
        assert_eq!(found[0]["code"], code, "{name}");
    }
    place.write("mark.yaml", &format!("\u{feff}{}", many(1, |_| "a: { uses: nothing }".into())));
    check(&place, "mark.yaml", "unknown-pattern", "unknown pattern `nothing`");
}

#[test]
fn templates_are_bounded() {
    let place = Place::new();
    let operators = "the expression has more than 500 operators, dots, filters and brackets";
    let words = "more than 20000 words and signs between the braces";
    let too_much = "the templates of this document refer to too much; what follows is not read";
    let prompt = |text: &str| format!("a: {{ agent: writer, prompt: \"{text}\" }}");
    let of_one = |text: String| pattern("one", [prompt(&text)]);
    let braces = "{{ inputs.a }} ";
    let cases = [
        ("parens.yaml", of_one(format!("{{{{ {}", "(".repeat(100_000))), operators),
        ("plus.yaml", of_one(format!("{{{{ 1{} }}}}", " + 1".repeat(100_000))), operators),
        ("defaults.yaml", of_one(format!("{{{{ x{} }}}}", "|d".repeat(100_000))), operators),
        ("giant.yaml", of_one(braces.repeat(400_000)), words),
    ];
    for (name, text, message) in cases {
        place.write(name, &text);
        check(&place, name, "template-too-large", message);
    }
    let prompt = "{{a}}".repeat(3_000);
    place.write(
        "many.yaml",
        &many(900, |n| format!("t{n}: {{ agent: writer, prompt: '{prompt}' }}")),
    );
    let (found, _) = validated(&place, "many.yaml");
    assert!((1_001..=2_002).contains(&found.len()), "{}", found.len());
    // Three hundred defaults behind each other: once for each, not twice for each before.
    place.write("chain.yaml", &of_one(format!("{{{{ x{} }}}}", "|d".repeat(300))));
    check(&place, "chain.yaml", "unknown-variable", "unknown variable `x`");
    let steps = format!("{{% set b = inputs{} %}}{}", ".a".repeat(30), "{{b}}".repeat(6_000));
    let text = many(100, |n| format!("t{n}: {{ agent: writer, prompt: \"{steps}\" }}"));
    place.write("steps.yaml", &format!("{text}inputs: {{ a: string }}\n"));
    check(&place, "steps.yaml", "template-too-large", too_much);
}

#[test]
fn of_thousands_of_errors_the_first_are_shown() {
    let place = Place::new();
    type Task = fn(usize) -> String;
    let cases: [(&str, &str, Task); 8] = [
        ("keys", "unknown-key", |n| format!("t{n}: {{ agent: writer, prompt: x, unknwn: 1 }}")),
        ("types", "wrong-type", |n| format!("t{n}: 7")),
        ("verbs", "unknown-key", |n| format!("t{n}: {{ agnt: writer, promt: x, needs: [a] }}")),
        ("needs", "unknown-task", |n| {
            format!("t{n}: {{ agent: writer, prompt: x, needs: [n{n}] }}")
        }),
        ("agents", "unknown-agent", |n| format!("t{n}: {{ agent: nobody_{n}, prompt: x }}")),
        ("inputs", "unknown-input", |n| {
            format!("t{n}: {{ agent: writer, prompt: '{{{{ inputs.i{n} }}}}' }}")
        }),
        ("tasks", "unknown-task", |n| {
            format!("t{n}: {{ agent: writer, prompt: '{{{{ tasks.n{n}.output }}}}' }}")
        }),
        ("uses", "unknown-pattern", |n| format!("t{n}: {{ uses: nothing_{n} }}")),
    ];
    for (name, code, task) in cases {
        let file = format!("{name}.yaml");
        place.write(&file, &many(4_000, task));
        let (found, _) = validated(&place, &file);
        let shown = found.iter().filter(|found| found["code"] == code).count();
        assert!((500..=1_100).contains(&shown), "{name}: {shown}");
        assert!((1_001..=4_004).contains(&found.len()), "{name}: {}", found.len());
        let more = found.iter().find(|found| found["code"] == "too-many-errors");
        let message = more.and_then(|more| more["message"].as_str()).unwrap_or_default();
        assert!(message.starts_with("there are at least "), "{name}: {message}");
    }
}

#[test]
fn as_many_faulty_tasks_as_fit_are_no_more_to_keep() {
    let place = Place::new();
    let keys = |n| format!("t{n}: {{ agent: writer, promt: x, timeot: 5s, needs: x }}");
    place.write("keys.yaml", &many(30_000, keys));
    let (found, _) = validated(&place, "keys.yaml");
    let more = found.iter().find(|found| found["code"] == "too-many-errors");
    let message = more.and_then(|more| more["message"].as_str()).unwrap_or_default();
    assert!(message.starts_with("there are at least "), "{message}");
}

#[test]
fn large_graphs_are_ordered() {
    let place = Place::new();
    let needs =
        |n: usize, next: usize| format!("t{n}: {{ agent: writer, prompt: x, needs: [t{next}] }}");
    place.write("ring.yaml", &many(10_000, |n| needs(n, (n + 1) % 10_000)));
    let (found, size) = validated(&place, "ring.yaml");
    let circle = found.iter().find(|found| found["code"] == "task-cycle").expect("the circle");
    let message = circle["message"].as_str().expect("a message");
    assert!(message.starts_with("tasks need each other in a circle: t0 -> t1 -> t2 -> "));
    assert!(message.contains("-> … 9985 more … ->"), "{message}");
    assert!(found.iter().any(|found| found["code"] == "advice-left-out"), "{found:?}");
    assert!(size < 2_000_000, "{size}");
    place.write("pairs.yaml", &many(10_000, |n| needs(n, n ^ 1)));
    check(&place, "pairs.yaml", "task-cycle", "tasks need each other in a circle: t0 -> t1 -> t0");
    place.write("many.yaml", &many(100_000, |n| format!("t{n}: {{ agent: writer, prompt: x }}")));
    let (found, _) = validated(&place, "many.yaml");
    assert_eq!(found[0]["code"], "too-many-nodes");
}

#[test]
fn patterns_that_use_each_other_are_followed_once() {
    const FILES: usize = 1_000;
    let place = Place::new();
    for number in 0..FILES {
        let (next, last) = ((number + 1) % FILES, (number + FILES - 1) % FILES);
        let uses = [format!("a: {{ uses: ring_{next} }}"), format!("b: {{ uses: ring_{last} }}")];
        let name = format!("ring_{number}");
        place.write(&format!("ring/{name}.yaml"), &pattern(&name, uses));
        // Each uses the next one ten times: ten to the power of the rest.
        let name = format!("row_{number}");
        let uses = (0..10).map(|task| format!("t{task}: {{ uses: row_{} }}", number + 1));
        let text =
            if number < FILES - 1 { pattern(&name, uses) } else { many(1, |_| "a: 1".into()) };
        place.write(&format!("row/{name}.yaml"), &text);
    }
    let circle = "patterns use each other in a circle: ring_0 -> ring_1 -> ring_0";
    check(&place, "ring", "pattern-cycle", circle);
    // One file is named, and the others are found beside it, one after the other.
    let (found, _) = validated(&place, "row/row_0.yaml");
    assert!(found.iter().any(|found| found["code"] == "plan-too-large"), "{found:?}");
    assert!(found.iter().any(|found| found["code"] == "pattern-too-deep"), "{found:?}");
}

/// Among them, in `fuzzing`, are the texts that fuzzing has found to crash or to take long.
#[test]
fn every_fixture_comes_through() {
    for path in files_below(&root().join("tests/fixtures"), "yaml") {
        pipeline::run(&std::fs::read(&path).expect("a fixture"));
    }
}
