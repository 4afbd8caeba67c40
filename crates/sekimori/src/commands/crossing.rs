//! `stop-crossing`, `resume-crossing` and `crossing`: the emergency stop (非常停止), while the relay or the
//! gate runs or not.
//!
//! Anybody at the machine may stop. To resume takes another person. As long as nobody has an account
//! people are known by the machine's user names (behind sudo by that of the person); once somebody
//! has one with the right to decide, only a token tells who acts.

use std::io::Write;

use sekimori_journal::{
    Actor, Register, Resumed, StopCause, StopId, StopScope, StoredStop, open_for_actions,
};
use sekimori_policy::Domain;
use serde_json::json;

use super::queue::{actor_name, now};
use crate::cli::{CrossingArgs, ResumeArgs, StopArgs};
use crate::configuration::{self, Checked};
use crate::exit::{Exit, Failure};

/// Stops the crossing.
pub(crate) fn stop(args: &StopArgs) -> Result<(), Failure> {
    let reason = reason(&args.reason)?;
    let (_, checked) = configuration::read(Some(&args.who.config.config))?;
    let scope = scope(args, &checked)?;
    let register = open_for_actions(&checked.journal_path, &checked.journal)?;
    let actor = person(&args.who, &checked, reason)?.actor;
    let id = register.add_stop(&scope, StopCause::Person, &actor, now())?;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", json!({"stop": id, "scope": scope, "result": "stopped"}))?;
    } else {
        writeln!(out, "stop {}: {}", id.0, described(&scope))?;
        eprintln!(
            "sekimori: in force within a second; mail waits and nothing is bounced. Another person \
             resumes it: sekimori resume-crossing --stop {} --reason ...",
            id.0
        );
    }
    Ok(())
}

/// Resumes it, or asks for it.
pub(crate) fn resume(args: &ResumeArgs) -> Result<(), Failure> {
    let reason = reason(&args.reason)?;
    let (_, checked) = configuration::read(Some(&args.who.config.config))?;
    let register = open_for_actions(&checked.journal_path, &checked.journal)?;
    let stops: Vec<StoredStop> = register
        .stops()?
        .into_iter()
        .filter(|stop| args.stop.is_none_or(|id| stop.id == StopId(id)))
        .collect();
    if stops.is_empty() {
        let line = args.stop.map_or_else(
            || "no stop is in force".to_owned(),
            |id| format!("stop {id} is not in force"),
        );
        return Err(Failure::new(Exit::Data, line));
    }
    let person = person(&args.who, &checked, reason)?;
    person.may_resume(&register, &stops)?;
    let mut out = std::io::stdout().lock();
    let mut refused = false;
    for stop in stops {
        let resumed = register.resume(stop.id, &person.actor, now())?;
        if args.json {
            writeln!(out, "{}", json!({"stop": stop.id, "scope": stop.scope, "result": resumed}))?;
        } else {
            writeln!(out, "stop {}: {}", stop.id.0, said(resumed))?;
        }
        refused |= resumed == Resumed::SamePerson;
    }
    if refused {
        let line = "it takes another person than the one who stopped or asked; nothing was resumed";
        return Err(Failure::new(Exit::NotPermitted, line));
    }
    Ok(())
}

/// Lists the stops in force.
pub(crate) fn list(args: &CrossingArgs) -> Result<(), Failure> {
    let (_, checked) = configuration::read(Some(&args.config.config))?;
    let register = open_for_actions(&checked.journal_path, &checked.journal)?;
    let stops = register.stops()?;
    let mut out = std::io::stdout().lock();
    for stop in &stops {
        if args.json {
            let members = json!({
                "stop": stop.id,
                "scope": stop.scope,
                "cause": stop.cause,
                "stopped_by": stop.stopped_by,
                "stopped_at": stop.stopped_at.rfc3339(),
                "reason": stop.reason,
                "asked_by": stop.asked_by,
            });
            writeln!(out, "{members}")?;
        } else {
            let asked = stop.asked_by.as_ref().map_or_else(String::new, |name| {
                format!("; {name} has asked to resume, another person has to agree")
            });
            writeln!(
                out,
                "stop {}: {}, by {} ({}) at {}: {}{asked}",
                stop.id.0,
                described(&stop.scope),
                stop.stopped_by,
                stop.cause.as_str(),
                stop.stopped_at.rfc3339(),
                stop.reason,
            )?;
        }
    }
    if stops.is_empty() && !args.json {
        eprintln!("sekimori: no stop is in force");
    }
    Ok(())
}

fn reason(text: &str) -> Result<&str, Failure> {
    if text.trim().is_empty() {
        let line = "--reason must say why; it goes on the audit record";
        return Err(Failure::new(Exit::Usage, line));
    }
    Ok(text)
}

fn scope(args: &StopArgs, checked: &Checked) -> Result<StopScope, Failure> {
    if let Some(name) = &args.organisation {
        if !checked.relay.organisations.iter().any(|organisation| organisation.name == *name) {
            let line = format!("no organisation is called {name:?}; nothing was stopped");
            return Err(Failure::new(Exit::Usage, line));
        }
        return Ok(StopScope::Organisation(name.clone()));
    }
    let Some(text) = &args.sender_domain else { return Ok(StopScope::All) };
    let domain = Domain::parse(text).map_err(|error| {
        Failure::new(Exit::Usage, format!("{text:?} is no domain: {error}; nothing was stopped"))
    })?;
    Ok(StopScope::SenderDomain(domain.as_str().to_owned()))
}

fn described(scope: &StopScope) -> String {
    match scope {
        StopScope::All => "all mail".to_owned(),
        StopScope::Organisation(name) => format!("mail of {name}"),
        StopScope::SenderDomain(domain) => format!("mail of senders at {domain}"),
    }
}

fn said(resumed: Resumed) -> &'static str {
    match resumed {
        Resumed::Done => "resumed",
        Resumed::Asked => "asked for; another person has to agree with the same command",
        Resumed::SamePerson => "still in force: you stopped or asked yourself",
        Resumed::Unknown => "not in force any more",
    }
}

/// Who acts.
struct Acting {
    actor: Actor,
    #[cfg(feature = "internet")]
    person: sekimori_review::desk::Person,
}

#[cfg(feature = "internet")]
fn person(who: &crate::cli::WhoArgs, checked: &Checked, reason: &str) -> Result<Acting, Failure> {
    let desk = super::desk::open_as(checked)?;
    let person = super::desk::person(&desk, who.token_file.as_deref())?;
    let actor = if person.is_machine() {
        Actor::named(actor_name(), reason)
    } else {
        Actor::person(&person.account, reason)
    };
    Ok(Acting { actor: actor.acting_from("command line"), person })
}

#[cfg(not(feature = "internet"))]
#[expect(clippy::unnecessary_wraps, reason = "the other half reads a token, which can fail")]
fn person(_: &crate::cli::WhoArgs, _: &Checked, reason: &str) -> Result<Acting, Failure> {
    Ok(Acting { actor: Actor::named(actor_name(), reason).acting_from("command line") })
}

impl Acting {
    /// Whether the person may resume: by a right to decide, once anybody has it.
    #[cfg(feature = "internet")]
    fn may_resume(&self, register: &impl Register, stops: &[StoredStop]) -> Result<(), Failure> {
        use sekimori_review::desk::Right;
        let at = now();
        if self.person.is_machine() {
            let accounts = register.accounts(None)?;
            let decides = accounts.iter().any(|account| {
                account.grants.iter().any(|grant| is_in_force(grant.role, grant.holds(at)))
            });
            if !decides {
                return Ok(());
            }
            let line = "people here have accounts with the right to decide: give the token of one in \
                        SEKIMORI_TOKEN or with --token-file; nothing was resumed";
            return Err(Failure::new(Exit::NotPermitted, line));
        }
        let may = |stop: &StoredStop| match &stop.scope {
            StopScope::Organisation(name) => self.person.may(Right::Decide, name, at),
            StopScope::All | StopScope::SenderDomain(_) => {
                self.person.may_anywhere(Right::Decide, at)
            }
        };
        if stops.iter().all(may) {
            return Ok(());
        }
        let line = "the token gives no right to decide there; nothing was resumed";
        Err(Failure::new(Exit::NotPermitted, line))
    }

    /// At the gate nobody has an account.
    #[cfg(not(feature = "internet"))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as in the other half")]
    fn may_resume(&self, _: &impl Register, _: &[StoredStop]) -> Result<(), Failure> {
        Ok(())
    }
}

#[cfg(feature = "internet")]
fn is_in_force(role: sekimori_journal::Role, holds: bool) -> bool {
    holds && role == sekimori_journal::Role::Approver
}
