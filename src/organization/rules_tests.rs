//! What must hold of reviewers, messages and escalation in any team.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    AfterReview, Agent, AgentId, Contact, EscalationKind, Gate, Layer, Level, MOST_REVISIONS,
    MessageKind, Owner, Team, Tier, Verdict, WorkState, inferiors, may_send, moved, permitted,
    reviewers, route, seats, superiors, who_answers,
};

fn person(id: &str, layer: Option<Layer>, domain: &str, above: &str) -> Agent {
    Agent {
        layer,
        domain: (!domain.is_empty()).then(|| domain.to_owned()),
        reports_to: (!above.is_empty()).then(|| id_of(above)),
        ..Agent::of_role(None, id)
    }
}

fn id_of(name: &str) -> AgentId {
    AgentId::new(None, name)
}

const MANAGER: Option<Layer> = Some(Layer::Manager);
const COORDINATOR: Option<Layer> = Some(Layer::Coordinator);
const LEAD: Option<Layer> = Some(Layer::Lead);
const CONTRIBUTOR: Option<Layer> = Some(Layer::Contributor);

fn company() -> Vec<Agent> {
    let mut ada = person("ada", CONTRIBUTOR, "backend", "bea");
    ada.level = Some(Level::Senior);
    vec![
        person("max", MANAGER, "", ""),
        person("cora", COORDINATOR, "", "max"),
        person("bea", LEAD, "backend", "cora"),
        person("fay", LEAD, "frontend", "cora"),
        person("quin", LEAD, "qa", "cora"),
        person("sue", LEAD, "security", "cora"),
        ada,
        person("bob", CONTRIBUTOR, "backend", "bea"),
        person("eve", CONTRIBUTOR, "frontend", "fay"),
        person("tim", CONTRIBUTOR, "qa", "quin"),
        person("guest", None, "", "ada"),
    ]
}

fn team(agents: Vec<Agent>) -> Team {
    Team::new("t".into(), None, None, agents).unwrap()
}

fn names(ids: &[AgentId]) -> Vec<&str> {
    ids.iter().map(AgentId::as_str).collect()
}

#[test]
fn each_gate_has_its_reviewers() {
    let team = team(company());
    for (author, gate, expected) in [
        ("bob", Gate::Peer, &["ada"][..]),
        ("ada", Gate::Peer, &["bob"]),
        ("eve", Gate::Peer, &["fay"]),
        ("bob", Gate::Domain, &["bea"]),
        ("bea", Gate::Domain, &["cora"]),
        ("bob", Gate::CrossFunctional, &["tim", "sue"]),
        // The author is of qa: its lead is left.
        ("tim", Gate::CrossFunctional, &["quin", "sue"]),
        ("bob", Gate::Architecture, &["cora"]),
        ("cora", Gate::Architecture, &["max"]),
    ] {
        let found = reviewers(&team, &id_of(author), gate);
        assert_eq!(names(&found), expected, "{author} {gate:?}");
    }
}

#[test]
fn somebody_answers_for_work_in_every_state() {
    let team = team(company());
    for (state, expected) in [
        (WorkState::Pending, Some("cora")),
        (WorkState::InPlanning, Some("bea")),
        (WorkState::InProgress, Some("bob")),
        (WorkState::UnderReview, Some("ada")),
        (WorkState::Blocked, Some("bea")),
        (WorkState::Escalated, None),
        (WorkState::Completed, None),
    ] {
        let found = state.owner().and_then(|owner| who_answers(&team, owner, &id_of("bob")));
        assert_eq!(found.as_ref().map(AgentId::as_str), expected, "{state}");
    }
    let alone = self::team(vec![person("ada", CONTRIBUTOR, "backend", "")]);
    assert_eq!(who_answers(&alone, Owner::DomainLead, &id_of("ada")), Some(id_of("ada")));
}

#[test]
fn a_review_is_followed_by_the_next_a_change_or_an_escalation() {
    use Verdict::{Approved, ChangesWanted};
    let next = |gate| AfterReview::Next { gate };
    for (gate, verdict, revisions, tier, expected) in [
        (Gate::Peer, Approved, 0, Tier::Two, next(Gate::Domain)),
        (Gate::Domain, Approved, 0, Tier::Two, AfterReview::Passed),
        (Gate::Domain, Approved, 9, Tier::Three, next(Gate::CrossFunctional)),
        (Gate::CrossFunctional, Approved, 0, Tier::Four, next(Gate::Architecture)),
        (Gate::Architecture, Approved, 0, Tier::Four, AfterReview::Passed),
        (Gate::Peer, ChangesWanted, MOST_REVISIONS - 1, Tier::Two, AfterReview::Rework),
        (
            Gate::Peer,
            ChangesWanted,
            MOST_REVISIONS,
            Tier::Two,
            AfterReview::Escalated { about: EscalationKind::Quality },
        ),
    ] {
        assert_eq!(gate.after(verdict, revisions, tier), expected, "{gate:?} {tier}");
    }
    // What follows is a move of the table, or stays at the same gate's state.
    for tier in Tier::ALL {
        for gate in tier.rules().gates {
            for (verdict, revisions) in [(Approved, 0), (ChangesWanted, 0), (ChangesWanted, 3)] {
                let (from, to) = (gate.state(), gate.after(verdict, revisions, tier).state());
                assert!(from == to || moved(from, to, tier).is_ok(), "{from} to {to} in {tier}");
            }
            assert!(gate.state() != WorkState::InProgress);
        }
    }
}

#[test]
fn routes_depend_on_what_it_is_about() {
    let team = team(company());
    let found = |from: &str, about| -> Vec<String> {
        let steps = route(&team, &id_of(from), about).into_iter();
        let word = |step| match step {
            Contact::Agent(id) => id.to_string(),
            Contact::Person => "person".to_owned(),
        };
        steps.map(word).collect()
    };
    use EscalationKind::{Priority, Quality, Resource, Scope, Security, Technical};
    for (from, about, expected) in [
        ("ada", Technical, "bea cora max person"),
        ("ada", Resource, "cora max person"),
        ("ada", Priority, "cora max person"),
        ("ada", Scope, "max person"),
        ("ada", Quality, "quin bea cora max person"),
        ("ada", Security, "sue cora max person"),
        ("bea", Technical, "cora max person"),
        ("cora", Security, "sue max person"),
        ("cora", Technical, "max person"),
        ("quin", Quality, "cora max person"),
        ("max", Scope, "person"),
        ("guest", Technical, "cora max ada bea person"),
    ] {
        assert_eq!(found(from, about).join(" "), expected, "{from} {about:?}");
    }
    let flat = vec![
        person("head", None, "", ""),
        person("editor", None, "", "head"),
        person("writer", None, "", "editor"),
    ];
    let flat = self::team(flat);
    assert_eq!(
        route(&flat, &id_of("writer"), Technical),
        [Contact::Agent(id_of("editor")), Contact::Agent(id_of("head")), Contact::Person]
    );
}

#[test]
fn messages_go_along_lines() {
    use MessageKind::{Broadcast, Delegation, Handoff, Standup};
    let team = team(company());
    for (kind, from, expected) in [
        (Delegation, "max", "cora bea fay quin sue ada bob eve tim guest"),
        (Delegation, "bea", "ada bob guest"),
        (Delegation, "ada", "guest"),
        (Broadcast, "cora", "max bea fay quin sue ada bob eve tim guest"),
        (Broadcast, "fay", "eve guest"),
        (Broadcast, "eve", "guest"),
        (Handoff, "ada", "bea fay quin sue eve tim guest"),
        (Handoff, "bea", "cora fay quin sue eve tim guest"),
        (Handoff, "cora", "max guest"),
        (Standup, "ada", "max cora bea guest"),
        (Standup, "max", "guest"),
        (Standup, "guest", "max cora bea fay quin sue ada bob eve tim"),
    ] {
        let found = permitted(kind, &id_of(from), &team);
        let found: Vec<&str> = found.iter().map(|agent| agent.id.as_str()).collect();
        assert_eq!(found.join(" "), expected, "{kind:?} {from}");
    }
    let refused = may_send(Delegation, &id_of("ada"), &id_of("max"), &team).unwrap_err();
    assert_eq!(refused.to_string(), "`ada` may not send a delegation to `max`");
    assert!(may_send(Handoff, &id_of("ada"), &id_of("nobody"), &team).is_err());
}

fn any_agents() -> impl Strategy<Value = Vec<Agent>> {
    let one = (0..5usize, 0..4usize, 0..5usize, 0..20usize);
    proptest::collection::vec(one, 1..12).prop_map(|people| {
        let made = people.into_iter().enumerate().map(|(place, (layer, domain, level, above))| {
            let layer = Layer::ALL.get(layer).copied();
            let domain = ["backend", "qa", "security", ""][domain];
            // Whoever is above stands before, so that there is no circle.
            let above = if above < place { format!("p{above}") } else { String::new() };
            let level = Level::ALL.get(level).copied();
            Agent { level, ..person(&format!("p{place}"), layer, domain, &above) }
        });
        made.collect()
    })
}

proptest! {
    /// Nobody ever reviews what they have made, nobody takes two seats, and there is a reviewer wherever
    /// anybody else has a layer.
    #[test]
    fn no_author_is_a_reviewer(agents in any_agents()) {
        let team = team(agents.clone());
        let backwards = self::team(agents.into_iter().rev().collect());
        for author in team.agents() {
            for gate in Gate::ALL {
                let found = reviewers(&team, &author.id, gate);
                prop_assert!(!found.contains(&author.id));
                let distinct: BTreeSet<&AgentId> = found.iter().collect();
                prop_assert_eq!(distinct.len(), found.len());
                prop_assert!(seats(&team, &author.id, gate).concat().iter().all(|id| *id != author.id));
                let others = team.agents().iter().filter(|other| other.id != author.id);
                let others = others.filter(|other| other.layer.is_some()).count();
                prop_assert_eq!(found.is_empty(), others == 0);
                prop_assert_eq!(found, reviewers(&backwards, &author.id, gate));
            }
        }
    }

    /// Messages between layers go along reporting lines, or between domains, and nobody writes to
    /// themselves.
    #[test]
    fn messages_leave_no_line(agents in any_agents()) {
        let team = team(agents);
        for from in team.agents() {
            for kind in MessageKind::ALL {
                for to in permitted(kind, &from.id, &team) {
                    prop_assert!(may_send(kind, &from.id, &to.id, &team).is_ok());
                    prop_assert!(to.id != from.id);
                    let (Some(layer), Some(other)) = (from.layer, to.layer) else { continue };
                    let is_below = superiors(&team, &to.id).iter().any(|above| above.id == from.id);
                    prop_assert_eq!(is_below, inferiors(&team, &from.id).contains(&to.id));
                    let is_above = superiors(&team, &from.id).iter().any(|above| above.id == to.id);
                    let holds = match kind {
                        MessageKind::Delegation => is_below,
                        MessageKind::Standup => is_above,
                        MessageKind::Broadcast => {
                            layer > Layer::Lead || (layer == Layer::Lead && is_below)
                        }
                        MessageKind::Handoff => {
                            let is_between = layer <= Layer::Lead && other <= Layer::Lead;
                            is_above || (is_between && from.domain != to.domain)
                        }
                    };
                    prop_assert!(holds, "{kind:?} {} {}", from.id, to.id);
                }
            }
        }
    }

    /// Every route ends with a person, names nobody twice and not the one who asks.
    #[test]
    fn every_route_ends_with_a_person(agents in any_agents()) {
        let team = team(agents.clone());
        let backwards = self::team(agents.into_iter().rev().collect());
        for from in team.agents() {
            for about in EscalationKind::ALL {
                let found = route(&team, &from.id, about);
                prop_assert_eq!(found.last(), Some(&Contact::Person));
                let distinct: BTreeSet<&Contact> = found.iter().collect();
                prop_assert_eq!(distinct.len(), found.len());
                prop_assert!(!found.contains(&Contact::Agent(from.id.clone())));
                prop_assert_eq!(found, route(&backwards, &from.id, about));
            }
        }
    }
}
