use super::*;

fn overflow(window: u32) -> Overflow {
    Overflow {
        window,
        truncate: true,
        shift: true,
        num_keep: 4,
        template: ChatTemplate::Go,
        child_runner: true,
    }
}

fn prompt(messages: &[(&str, usize)]) -> Prompt {
    Prompt {
        tools: String::new(),
        messages: messages
            .iter()
            .map(|(role, length)| Message::text(role, role[..1].repeat(*length)))
            .collect(),
        earlier: Earlier::default(),
        raw: false,
    }
}

fn refused(prompt: Prompt, overflow: &Overflow) -> String {
    prompt.fit(overflow).err().unwrap().message
}

#[test]
fn four_characters_are_a_token() {
    assert_eq!((count(""), count("a"), count("abcde")), (0, 1, 2));
    assert_eq!(count("日本語で"), 1);
    assert_eq!(prompt(&[("user", 10)]).tokens(), 3 + 4 + 3);
}

#[test]
fn a_prompt_that_fits_is_kept_whole() {
    let kept = prompt(&[("system", 8), ("user", 8)]).fit(&overflow(4096)).unwrap();
    assert_eq!(&*kept.text, "\nsystem\nssssssss\nuser\nuuuuuuuu");
    assert_eq!((kept.tokens, kept.question.as_str()), (15, "uuuuuuuu"));
}

#[test]
fn the_oldest_messages_go_first_and_the_system_message_stays() {
    let kept = prompt(&[("system", 40), ("user", 400), ("assistant", 400), ("user", 40)])
        .fit(&overflow(64))
        .unwrap();
    assert!(kept.text.contains("system") && !kept.text.contains("assistant"));
    assert_eq!(kept.tokens, 31);
}

#[test]
fn one_long_message_loses_its_front() {
    let kept = prompt(&[("user", 60_000)]).fit(&overflow(512)).unwrap();
    assert_eq!(kept.tokens, 259);
    assert_eq!(kept.text.chars().count(), 256 * 4);
    let old = Overflow { child_runner: false, ..overflow(2048) };
    assert_eq!(prompt(&[("user", 60_000)]).fit(&old).unwrap().tokens, 2048);
}

#[test]
fn or_it_is_refused() {
    let native = Overflow { template: ChatTemplate::Native, ..overflow(512) };
    let text = refused(prompt(&[("user", 60_000)]), &native);
    assert!(text.contains("\"n_prompt_tokens\":15007,\"n_ctx\":512"));
    let whole = Overflow { truncate: false, ..overflow(512) };
    let text = refused(prompt(&[("user", 4000), ("user", 4)]), &whole);
    assert!(text.contains("exceed_context_size_error"));
    let old = Overflow { child_runner: false, ..whole };
    assert_eq!(
        refused(prompt(&[("user", 4000)]), &old),
        "the input length exceeds the context length"
    );
    let fixed = Overflow { shift: false, ..overflow(512) };
    let text = refused(prompt(&[("user", 4000)]), &fixed);
    assert!(text.starts_with("the prompt is longer than the context length"));
}
