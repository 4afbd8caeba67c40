//! Accounts (利用者): who may do what from when to when; passwords, second factors, tokens.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sekimori_journal::{
    Account, AccountChange, AccountId, Grant, NewAccount, Role, Token, TokenId,
};
use sekimori_policy::{Address, Timestamp};

use super::Site;
use super::failure::Failure;
use super::fields::Fields;
use super::filters;
use super::shell::{Shell, show};
use super::visit::{Posted, Visit};
use crate::desk::{Fault, Refusal, Right};
use crate::words::PeopleWords;

/// The routes of accounts.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/accounts", get(list).post(add))
        .route("/accounts/{id}", get(one).post(change))
        .route("/accounts/{id}/password", post(set_password))
        .route("/accounts/{id}/second-factor", post(reset_second_factor))
        .route("/accounts/{id}/disabled", post(disable))
        .route("/accounts/{id}/revoke", post(revoke))
}

/// Every role, in the order of forms.
const ROLES: [Role; 4] = [Role::Requester, Role::Approver, Role::Auditor, Role::Administrator];

struct Row {
    id: i64,
    name: String,
    login: String,
    roles: String,
    factor: &'static str,
    last: String,
    state: &'static str,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    shell: Shell,
    w: &'static PeopleWords,
    rows: Vec<Row>,
    organisations: Vec<String>,
}

/// A role in an organisation, as a form shows it.
struct RoleBox {
    field: String,
    label: String,
    on: bool,
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    w: &'static PeopleWords,
    account: Account,
    addresses: String,
    boxes: Vec<RoleBox>,
    own: bool,
    keeps: bool,
    tokens: Vec<(i64, String, String, String)>,
}

#[derive(Template)]
#[template(path = "account_password.html")]
struct PasswordShown {
    shell: Shell,
    w: &'static PeopleWords,
    name: String,
    password: String,
}

fn role_words(role: Role, w: &PeopleWords) -> &'static str {
    match role {
        Role::Requester => w.requester,
        Role::Approver => w.approver,
        Role::Auditor => w.auditor,
        Role::Administrator => w.administrator,
    }
}

fn row(account: &Account, shell: &Shell, w: &'static PeopleWords, now: Timestamp) -> Row {
    let mut roles: Vec<String> = Vec::new();
    for grant in account.grants.iter().filter(|grant| grant.holds(now)) {
        roles.push(role_words(grant.role, w).to_owned());
    }
    roles.dedup();
    let (state, class) = if account.disabled {
        (w.closed, "deleted")
    } else if account.usable(now) {
        (w.active, "delivered")
    } else {
        (w.outside, "held")
    };
    Row {
        id: account.id.0,
        name: account.name.clone(),
        login: account.login.clone(),
        roles: roles.join(" "),
        factor: if account.has_second_factor { w.factor_yes } else { w.factor_no },
        last: account.last_sign_in.map(|at| shell.date(&at)).unwrap_or_default(),
        state,
        class,
    }
}

async fn list(Extract(site): Extract<Site>, visit: Visit) -> Result<Response, Failure> {
    let w = PeopleWords::of(visit.language);
    let person = visit.person.clone();
    let accounts = site.ask(move |desk| desk.accounts(&person)).await??;
    let shell = visit.shell(w.title);
    let rows = accounts.iter().map(|account| row(account, &shell, w, visit.now)).collect();
    let organisations = site.desk.organisations(&visit.person, Right::People);
    show(&AccountsPage { shell, w, rows, organisations })
}

fn number(id: &str) -> Result<AccountId, Failure> {
    id.parse().map(AccountId).map_err(|_| Failure::NotFound)
}

fn addresses(fields: &Fields) -> Result<Vec<Address>, Failure> {
    let texts = fields.get("addresses").split_whitespace();
    let wrong = |_| Failure::Refused(Refusal::Invalid { field: "addresses", why: Fault::Form });
    texts.map(|text| Address::parse(text).map_err(wrong)).collect()
}

async fn add(
    Extract(site): Extract<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let organisation = fields.get("organisation").to_owned();
    let grants = fields.all("role").filter_map(|name| {
        let role = ROLES.into_iter().find(|role| role.as_str() == name)?;
        Some(Grant { organisation: organisation.clone(), role, from: None, until: None })
    });
    let new = NewAccount {
        login: fields.get("login").to_owned(),
        name: fields.get("name").to_owned(),
        grants: grants.collect(),
        addresses: addresses(&fields)?,
        organisation: Some(organisation),
        ..NewAccount::default()
    };
    let person = visit.person.clone();
    let name = new.name.clone();
    let password = site
        .ask(move |desk| {
            let id = desk.add_account(&person, &new)?;
            desk.set_password(&person, id, None)
        })
        .await??;
    shown(&visit, name, password)
}

fn shown(visit: &Visit, name: String, password: String) -> Result<Response, Failure> {
    let w = PeopleWords::of(visit.language);
    show(&PasswordShown { shell: visit.shell(w.password), w, name, password })
}

async fn one(
    Extract(site): Extract<Site>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let w = PeopleWords::of(visit.language);
    let id = number(&id)?;
    let person = visit.person.clone();
    let account = site.ask(move |desk| desk.account(&person, id)).await??;
    let person = visit.person.clone();
    let tokens = site.ask(move |desk| desk.tokens(&person, id)).await?;
    let own = visit.person.account.id == id;
    let keeps = visit.may(Right::People) && !own;
    let shell = visit.shell(account.name.clone());
    let organisations = site.desk.organisations(&visit.person, Right::People);
    let addresses: Vec<_> = account.addresses.iter().map(Address::as_str).collect();
    show(&AccountPage {
        w,
        addresses: addresses.join(" "),
        boxes: if keeps { boxes(&account, &organisations, w) } else { Vec::new() },
        own,
        keeps,
        tokens: tokens.unwrap_or_default().iter().map(|token| printed(token, &shell)).collect(),
        account,
        shell,
    })
}

fn printed(token: &Token, shell: &Shell) -> (i64, String, String, String) {
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    (token.id.0, token.name.clone(), scopes.join(" "), shell.date(&token.expires_at))
}

fn boxes(account: &Account, organisations: &[String], w: &PeopleWords) -> Vec<RoleBox> {
    let mut boxes = Vec::new();
    for (place, organisation) in organisations.iter().enumerate() {
        for role in ROLES {
            let has = |grant: &&Grant| grant.organisation == *organisation && grant.role == role;
            let grant = account.grants.iter().find(has);
            let day = |moment: Option<Timestamp>| {
                moment.and_then(|at| at.rfc3339().get(..10).map(str::to_owned)).unwrap_or_default()
            };
            let named =
                if organisations.len() > 1 { format!("{organisation} ") } else { String::new() };
            boxes.push(RoleBox {
                field: format!("{place}-{}", role.as_str()),
                label: format!("{named}{}", role_words(role, w)),
                on: grant.is_some(),
                from: day(grant.and_then(|grant| grant.from)),
                // The last day counts: what is kept is the moment after it.
                until: day(grant.and_then(|grant| grant.until).map(before)),
            });
        }
    }
    boxes
}

fn before(moment: Timestamp) -> Timestamp {
    Timestamp::japanese_time(moment.unix_millis().saturating_sub(1))
}

async fn change(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let id = number(&id)?;
    let organisations = site.desk.organisations(&visit.person, Right::People);
    let mut grants = Vec::new();
    for (place, organisation) in organisations.iter().enumerate() {
        for role in ROLES {
            let field = format!("{place}-{}", role.as_str());
            if !fields.is_set(&field) {
                continue;
            }
            let from = day(&fields, &format!("{field}-from"))?;
            let until = day(&fields, &format!("{field}-until"))?.map(|day| day.plus_days(1));
            grants.push(Grant { organisation: organisation.clone(), role, from, until });
        }
    }
    let change = AccountChange {
        name: Some(fields.get("name").to_owned()),
        addresses: Some(addresses(&fields)?),
        grants: Some(grants),
        ..AccountChange::default()
    };
    let (person, reason) = (visit.person.clone(), fields.get("reason").to_owned());
    site.ask(move |desk| desk.change_account(&person, id, &change, &reason)).await??;
    told(&visit, id, PeopleWords::of(visit.language).done_change).await
}

fn day(fields: &Fields, name: &str) -> Result<Option<Timestamp>, Failure> {
    if !fields.is_set(name) {
        return Ok(None);
    }
    let wrong = || Failure::Refused(Refusal::Invalid { field: "from", why: Fault::Form });
    Timestamp::parse_rfc3339(fields.get(name)).map(Some).ok_or_else(wrong)
}

async fn told(visit: &Visit, id: AccountId, what: &str) -> Result<Response, Failure> {
    visit.tell(what).await?;
    Ok(Redirect::to(&format!("/accounts/{}", id.0)).into_response())
}

async fn set_password(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Failure> {
    let (id, person) = (number(&id)?, visit.person.clone());
    let (name, password) = site
        .ask(move |desk| -> Result<_, Refusal> {
            let name = desk.account(&person, id)?.name;
            Ok((name, desk.set_password(&person, id, None)?))
        })
        .await??;
    shown(&visit, name, password)
}

async fn reset_second_factor(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let (id, person) = (number(&id)?, visit.person.clone());
    let reason = fields.get("reason").to_owned();
    site.ask(move |desk| desk.reset_second_factor(&person, id, &reason)).await??;
    told(&visit, id, PeopleWords::of(visit.language).done_reset).await
}

async fn disable(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let (id, person) = (number(&id)?, visit.person.clone());
    let disabled = Some(fields.get("disabled") == "1");
    let change = AccountChange { disabled, ..AccountChange::default() };
    let reason = fields.get("reason").to_owned();
    site.ask(move |desk| desk.change_account(&person, id, &change, &reason)).await??;
    told(&visit, id, PeopleWords::of(visit.language).done_change).await
}

async fn revoke(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let (id, person) = (number(&id)?, visit.person.clone());
    let token = fields.get("id").parse().map(TokenId).map_err(|_| Failure::NotFound)?;
    site.ask(move |desk| desk.revoke_token(&person, id, token)).await??;
    told(&visit, id, PeopleWords::of(visit.language).done_revoke).await
}
