//! Posts under all troubles, and that each rule about them can be broken.

use partita::engine::content::MemoryContents;
use partita::engine::simulation::Script;
use partita::engine::{Fact, FilledPost, PostReason, Recorded, RunStatus};
use partita::language::document::Policy;

use super::journal::{FaultyJournal, Trouble};
use super::rules::Rule;
use super::story::{Ended, Story};
use super::watch::{View, Watch};
use super::world::{profile, settings};
use crate::support::{Dice, plan};

const ITEM: &str = "
pattern: { name: item }
team:
  name: works
  agents:
    - { role: Boss, layer: manager }
    - { role: Lead, layer: lead, domain: making, reports_to: boss }
    - { role: Ann, layer: contributor, domain: making, skills: [sql], reports_to: lead }
    - { role: Bob, layer: contributor, domain: making, reports_to: lead, capacity: { hours_per_day: 4 } }
    - { role: Eve, layer: contributor, domain: making, reports_to: lead }
inputs: { hours: { type: number, default: 2 }, piece: { type: string, default: it } }
staff:
  author: { domain: making, skills: [sql], hours: '{{ inputs.hours }}', related: ['{{ inputs.piece }}'] }
  tester: { never: [author], hours: '{{ inputs.hours }}' }
  peer: { peer_of: author, never: [tester] }
  chief: { above: author }
tasks:
  build: { agent: author, prompt: Build it. }
  test: { agent: tester, prompt: 'Test {{ tasks.build.output }}' }
  review: { gate: review, of: tasks.build.output, criteria: [It works.], reviewers: [peer] }
  accept: { agent: chief, prompt: 'Is it done? {{ tasks.review.output.result }} {{ tasks.test.output }}' }
outputs: { said: '{{ tasks.accept.output }}' }
";

/// So many pieces, each so many hours, so many at a time.
fn pieces(count: u32, hours: u32, parallel: u32) -> Story {
    let keys: Vec<String> = (0..count).map(|number| format!("p{number}")).collect();
    let several = format!(
        "pattern: {{ name: several }}\ntasks:\n  all: {{ for_each: {{ in: [{}], parallel: {parallel} }}, uses: item, with: \
         {{ hours: {hours}, piece: '{{{{ item }}}}' }} }}\noutputs: {{ all: '{{{{ tasks.all.output }}}}' }}\n",
        keys.join(", ")
    );
    story(&[("several.yaml", &several), ("item.yaml", ITEM)])
}

fn story(texts: &[(&str, &str)]) -> Story {
    let plan = plan(texts);
    let profile = profile(&mut Dice::new(1), false);
    let settings = settings(&profile, Policy::LoadAware);
    Story::new(&plan, &settings, Script { profile, ..Script::default() })
}

/// All posts that were filled, in order.
fn filled(ended: &Ended) -> Vec<FilledPost> {
    let posts = ended.facts.iter().filter_map(|recorded| match &recorded.fact {
        Fact::PostsFilled { posts, .. } => Some(posts.clone()),
        _ => None,
    });
    posts.flatten().collect()
}

#[test]
fn a_death_behind_any_write_changes_nobodys_post() {
    for texts in [
        vec![("item.yaml", ITEM)],
        vec![
            (
                "two.yaml",
                "pattern: { name: two }\ntasks:\n  it: { uses: item }\n  then: { uses: item, needs: [it] }\noutputs: { said: '{{ tasks.then.output.said }}{{ tasks.it.output.said }}' }\n",
            ),
            ("item.yaml", ITEM),
        ],
    ] {
        let story = story(&texts);
        let whole = story.run(&MemoryContents::default());
        assert_eq!(whole.status, RunStatus::Succeeded);
        assert_eq!(filled(&whole).len(), 4 * texts.len());
        for write in 1..=whole.facts.len() * 2 {
            for trouble in [Trouble::Dies, Trouble::Unacknowledged] {
                let story = story.clone().befallen([(write, trouble)]);
                // The rules are held against each step of every life.
                let ended = story.run(&MemoryContents::default());
                assert_eq!(ended.status, RunStatus::Succeeded, "{story}");
                assert_eq!(filled(&ended), filled(&whole), "{story}");
            }
        }
    }
}

#[test]
fn days_are_filled_and_no_fuller() {
    // One at a time nobody has promised anything before; all at once there is not enough time for all.
    assert_eq!(pieces(4, 60, 1).run(&MemoryContents::default()).status, RunStatus::Succeeded);
    let ended = pieces(6, 60, 6).run(&MemoryContents::default());
    assert_eq!(ended.status, RunStatus::Failed);
    // Ann and Eve have 160 hours within the horizon, and Bob has 80: five halves of a piece, and five others.
    let posts = filled(&ended);
    let hours = |post: &FilledPost| {
        let days = post.booking.iter().flat_map(|booking| &booking.days);
        days.map(|(_, minutes)| minutes / 60).sum::<u32>()
    };
    assert!(posts.iter().map(hours).sum::<u32>() <= 400, "{posts:?}");
    assert!(posts.len() >= 8, "{posts:?}");
}

#[test]
fn what_has_the_name_of_the_whole_gives_back_its_own_time_only() {
    // The pattern, a post and a task have one name.
    let text = ITEM.replace("name: item", "name: build").replace(
        "outputs:",
        "  small: { uses: other, needs: [accept] }\n  end: { uses: other, needs: [small] }\noutputs:",
    );
    let other = ITEM.replace("name: item", "name: other");
    let ended = story(&[
        ("build.yaml", &text.replace("author:", "small:").replace("author", "small")),
        ("other.yaml", &other),
    ]);
    let ended = ended.run(&MemoryContents::default());
    assert_eq!(ended.status, RunStatus::Succeeded);
    assert_eq!(filled(&ended).len(), 12);
}

#[test]
fn a_run_whose_posts_nobody_gets_comes_to_rest_at_any_moment() {
    let whole = ITEM.replace("default: 2 }", "default: 4000 }");
    let several = "pattern: { name: p }\ntasks:\n  it: { uses: item, on_failure: continue }\n  go: { uses: item, with: { \
                   hours: 1 }, needs: [it] }\noutputs: { said: '{{ tasks.go.output.said }}' }\n";
    for (texts, status) in [
        (vec![("item.yaml", whole.as_str())], RunStatus::Failed),
        (vec![("p.yaml", several), ("item.yaml", whole.as_str())], RunStatus::Succeeded),
    ] {
        let story = story(&texts);
        for write in 1..20 {
            let story = story.clone().befallen([(write, Trouble::Dies)]);
            assert_eq!(story.run(&MemoryContents::default()).status, status, "{story}");
        }
    }
}

/// What breaks when something is changed in the facts of a run with posts.
fn broken(change: impl Fn(&mut Vec<Recorded>)) -> Option<Rule> {
    let story = story(&[("item.yaml", ITEM)]);
    let contents = MemoryContents::default();
    let mut facts = story.run(&contents).facts;
    change(&mut facts);
    for (recorded, sequence) in facts.iter_mut().zip(1..) {
        recorded.sequence = sequence;
    }
    let journal = FaultyJournal::new(&contents, &[], &[]);
    let watch = &mut Watch::new(&story.plan, &story.settings);
    watch.open(&facts, &journal).err().map(|broken| broken.rule)
}

fn place_of_posts(facts: &[Recorded]) -> usize {
    let is_it = |recorded: &Recorded| matches!(recorded.fact, Fact::PostsFilled { .. });
    facts.iter().position(is_it).expect("posts")
}

/// The posts of the run: the author, the tester, the peer and the lead.
fn posts(facts: &mut [Recorded]) -> &mut Vec<FilledPost> {
    let place = place_of_posts(facts);
    let Fact::PostsFilled { posts, .. } = &mut facts[place].fact else { panic!("no posts") };
    posts
}

#[test]
fn posts_that_are_filled_late_or_twice_are_found() {
    let wrong = Some(Rule::PostsFilledFirst);
    assert_eq!(broken(|_| ()), None);
    let twice = |facts: &mut Vec<Recorded>| {
        let place = place_of_posts(facts);
        facts.insert(place + 1, facts[place].clone());
    };
    assert_eq!(broken(twice), wrong);
    let late = |facts: &mut Vec<Recorded>| {
        let place = place_of_posts(facts);
        let begins = |recorded: &Recorded| matches!(recorded.fact, Fact::AttemptStarted { .. });
        let first = facts.iter().position(begins).expect("an attempt");
        facts[place..=first].rotate_left(1);
    };
    assert_eq!(broken(late), wrong);
    let not_all = |facts: &mut Vec<Recorded>| drop(posts(facts).pop());
    assert_eq!(broken(not_all), wrong);
}

#[test]
fn posts_of_those_who_may_not_have_them_are_found() {
    let wrong = Some(Rule::PostsFit);
    let give = |to: usize, of: usize| {
        broken(move |facts| {
            let posts = posts(facts);
            posts[to].agent = posts[of].agent;
        })
    };
    // No candidate, ruled out, of one's own work, the reviewer of the other two, nobody above.
    assert_eq!(give(0, 3), wrong);
    assert_eq!(give(1, 0), wrong);
    assert_eq!(give(2, 0), wrong);
    assert_eq!(give(2, 1), wrong);
    assert_eq!(give(3, 0), wrong);
    let to_nobody = |facts: &mut Vec<Recorded>| posts(facts)[0].agent = posts(facts)[0].seat;
    assert_eq!(broken(to_nobody), wrong);
}

#[test]
fn time_that_is_promised_wrongly_is_found() {
    let wrong = Some(Rule::HoursFit);
    let not_at_all = |facts: &mut Vec<Recorded>| posts(facts)[0].booking = None;
    assert_eq!(broken(not_at_all), wrong);
    let by_another = |facts: &mut Vec<Recorded>| {
        let booking = posts(facts)[1].booking.clone();
        posts(facts)[0].booking = booking;
    };
    assert_eq!(broken(by_another), wrong);
    // More than a day has, although it is what the work takes.
    let too_much = |facts: &mut Vec<Recorded>| {
        let FilledPost { booking: Some(booking), reason: PostReason::Best { demand, .. }, .. } =
            &mut posts(facts)[0]
        else {
            panic!("no hours")
        };
        demand.minutes = 600;
        booking.days[0].1 = 600;
    };
    assert_eq!(broken(too_much), wrong);
}

#[test]
fn time_that_is_over_and_counts_still_is_found() {
    let story = pieces(2, 2, 1);
    let play = |forget: bool| {
        let tamper = |view: &mut View<'_>| {
            if !forget {
                return;
            }
            // Whoever watches is not told that the posts were filled, and sees what is promised all the same.
            let posts = |recorded: &Recorded| matches!(recorded.fact, Fact::PostsFilled { .. });
            let kept = view.kept.to_mut();
            for recorded in kept.iter_mut().filter(|recorded| posts(recorded)) {
                if let Fact::PostsFilled { posts, .. } = &mut recorded.fact {
                    posts.iter_mut().for_each(|post| {
                        post.booking = None;
                        if let PostReason::Best { demand, .. } = &mut post.reason {
                            demand.minutes = 0;
                        }
                    });
                }
            }
        };
        let contents = MemoryContents::default();
        story.play(&contents, &story.settings, Some(&tamper)).err().map(|broken| broken.rule)
    };
    assert_eq!(play(false), None);
    assert_eq!(play(true), Some(Rule::HoursFit));
}

#[test]
fn a_task_that_asks_another_is_found() {
    let other = |facts: &mut Vec<Recorded>| {
        // Whoever is neither author nor tester reviews; as the author that one would be as good.
        let plan = story(&[("item.yaml", ITEM)]).plan;
        let [author, peer] = [0, 2].map(|place| posts(facts)[place].agent);
        posts(facts)[0].agent = peer;
        posts(facts)[2].agent = author;
        let booking = posts(facts)[0].booking.as_mut().expect("hours");
        booking.agent = plan.agents[peer.0 as usize].agent.id.clone();
    };
    assert_eq!(broken(other), Some(Rule::HoldersAsked));
}
