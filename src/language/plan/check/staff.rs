//! Posts: that what they name is there, and that somebody in the team can get them.

use super::meant;
use super::team::Addresses;
use crate::language::diagnostic::{Code, Findings};
use crate::language::document::Post;
use crate::language::plan::outline::{Outline, PostOutline};
use crate::language::plan::team_outline::TeamOutline;
use crate::organization::Layer;

pub(super) fn check(outline: &Outline<'_>, team: Option<&TeamOutline<'_>>, found: &mut Findings) {
    let document = outline.document;
    let Some(team) = team else {
        if let (None, Some(post)) = (outline.team(), outline.posts.first()) {
            let message = format!("there is no team from which `{}` could be filled", post.name);
            let diagnostic = document.key_diagnostic(Code::NO_TEAM, &post.pointer, message);
            found.push(diagnostic.help("name a team: `team: engineering_organization`"));
        }
        return;
    };
    let addresses = Addresses::of(&team.members);
    for (place, post) in outline.posts.iter().enumerate() {
        if addresses.has(post.name) {
            let message = format!("`{}` is an agent of the team, and a post", post.name);
            let diagnostic = document.key_diagnostic(Code::DUPLICATE_AGENT, &post.pointer, message);
            found.push(diagnostic.help("give the post another name"));
        }
        ways(outline, post, found);
        let before = &outline.posts[..place];
        named(outline, (post, before), &addresses, team, found);
        candidates(outline, post, team, found);
    }
}

/// That a post is filled in one way.
fn ways(outline: &Outline<'_>, post: &PostOutline<'_>, found: &mut Findings) {
    let has = |key: &&str| post.value.get(*key).is_some();
    let (instead, useless): (_, &[&str]) = match (has(&"above"), has(&"peer_of")) {
        (true, _) => (
            "above",
            &["peer_of", "layer", "domain", "skills", "complexity", "hours", "related", "never"],
        ),
        (false, true) => ("peer_of", &["layer", "domain"]),
        (false, false) => return,
    };
    for key in useless.iter().filter(|key| has(key)) {
        let pointer = format!("{}/{key}", post.pointer);
        let message = format!("`{instead}` says who gets the post; `{key}` changes nothing");
        let diagnostic = outline.document.key_diagnostic(Code::INVALID_VALUE, &pointer, message);
        found.push(diagnostic.help(format!("leave `{key}` out, or `{instead}`")));
    }
}

/// That agents and posts which it names are there, and are filled before it.
fn named(
    outline: &Outline<'_>,
    (post, before): (&PostOutline<'_>, &[PostOutline<'_>]),
    addresses: &Addresses<'_>,
    team: &TeamOutline<'_>,
    found: &mut Findings,
) {
    let document = outline.document;
    for agent in &post.agents {
        let is_known = before.iter().any(|earlier| earlier.name == agent.name);
        if is_known || addresses.has(agent.name) {
            continue;
        }
        if team.post(agent.name).is_some() {
            let message = format!("`{}` is filled before `{}` is", post.name, agent.name);
            let diagnostic = document.diagnostic(Code::UNKNOWN_AGENT, &agent.pointer, message);
            found.push(diagnostic.help("posts are filled in their order: put it behind that one"));
            continue;
        }
        let ids = || {
            let members = team.members.iter().map(|member| member.agent.id.as_str());
            before.iter().map(|post| post.name).chain(members)
        };
        let near = meant(found, agent.name, ids());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is {}", ids().take(20).collect::<Vec<_>>().join(", ")),
        };
        let fix = near.and_then(|near| document.respelling(&agent.pointer, near));
        let message = format!("unknown agent `{}`", agent.name);
        let diagnostic = document.diagnostic(Code::UNKNOWN_AGENT, &agent.pointer, message);
        found.push(diagnostic.help(help).maybe_fix(fix));
    }
}

/// That somebody in the team is of the layer, and of the domain where that is written.
fn candidates(
    outline: &Outline<'_>,
    post: &PostOutline<'_>,
    team: &TeamOutline<'_>,
    found: &mut Findings,
) {
    let Ok(written) = serde_json::from_value::<Post>(post.value.clone()) else { return };
    if written.above.is_some() || written.peer_of.is_some() {
        return;
    }
    let layer: Layer = written.layer();
    let domain = written.domain.as_deref().filter(|domain| !domain.contains("{{"));
    let mut of_layer = team.members.iter().filter(|member| member.agent.layer == Some(layer));
    let is_of_domain =
        |domain: &str, of: Option<&str>| of.is_some_and(|of| of.eq_ignore_ascii_case(domain));
    let fits = of_layer.clone().any(|member| {
        domain.is_none_or(|domain| is_of_domain(domain, member.agent.domain.as_deref()))
    });
    if fits {
        return;
    }
    let said = |key: &str| post.value.get(key).is_some().then(|| format!("{}/{key}", post.pointer));
    let nobody = of_layer.next().is_none();
    let key = if nobody { "layer" } else { "domain" };
    let pointer = said(key).unwrap_or_else(|| post.pointer.clone());
    let message = match (nobody, domain) {
        (true, _) | (_, None) => format!("nobody in the team is a {}", layer.as_str()),
        (false, Some(domain)) => {
            format!("nobody in the team is a {} of the domain `{domain}`", layer.as_str())
        }
    };
    let domains = team.members.iter().filter_map(|member| member.agent.domain.as_deref());
    let near = domain.and_then(|domain| meant(found, domain, domains));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "say under the team's agents which `layer` they are of, and which `domain`".to_owned()
        }
    };
    let diagnostic = outline.document.diagnostic(Code::NO_CANDIDATE, &pointer, message);
    let fix = near.and_then(|near| outline.document.respelling(&pointer, near));
    found.push(diagnostic.help(help).maybe_fix(fix));
}
