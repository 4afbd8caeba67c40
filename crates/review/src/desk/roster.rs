//! Accounts as rows of a CSV file, and the other way.
//!
//! A row has an account and the roles that it has in one organisation for one time; an account may
//! have several rows. Dates are days in Japan, the last one included.

use std::collections::BTreeMap;

use sekimori_journal::register::account::MAX_GRANTS;
use sekimori_journal::{Account, Grant, Role};
use sekimori_policy::{Address, Timestamp};
use time::{Date, Month};

use super::csv::{Row, unguarded};
use super::import::{CsvFault, MAX_FAULTS, fault};
use super::people::checked_login;
use super::{Fault, Refusal};

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;
/// Milliseconds that Japanese time is ahead of UTC.
const JAPAN_MILLIS: i64 = 9 * 3_600_000;

/// The columns: their names in the file, and what Japanese offices call them.
pub(super) const COLUMNS: [(&str, &str); 10] = [
    ("login", "ログイン名"),
    ("name", "名前"),
    ("organisation", "組織"),
    ("addresses", "メールアドレス"),
    ("roles", "権限"),
    ("valid_from", "利用開始日"),
    ("valid_until", "利用終了日"),
    ("roles_from", "権限開始日"),
    ("roles_until", "権限終了日"),
    ("disabled", "停止"),
];

/// An account as the rows of a file have it.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) line: usize,
    pub(super) login: String,
    pub(super) name: String,
    pub(super) organisation: String,
    pub(super) addresses: Option<Vec<Address>>,
    pub(super) grants: Vec<Grant>,
    pub(super) valid_from: Option<Timestamp>,
    pub(super) valid_until: Option<Timestamp>,
    pub(super) disabled: bool,
}

pub(super) fn sorted(mut grants: Vec<Grant>) -> Vec<Grant> {
    let millis = |moment: Option<Timestamp>| moment.map(Timestamp::unix_millis);
    grants.sort_by(|a, b| {
        let key = |g: &Grant| (g.organisation.clone(), g.role, millis(g.from), millis(g.until));
        key(a).cmp(&key(b))
    });
    grants.dedup();
    grants
}

pub(super) fn is_same_moment(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    one.map(Timestamp::unix_millis) == other.map(Timestamp::unix_millis)
}

/// An organisation, and from and until when somebody has roles there, in milliseconds.
type Time = (String, Option<i64>, Option<i64>);

/// The rows of an account: one for each organisation and time in which it has roles.
pub(super) fn rows_of(account: &Account) -> Vec<[String; 10]> {
    let mut times: BTreeMap<Time, Vec<&str>> = BTreeMap::new();
    for grant in sorted(account.grants.clone()) {
        let millis = |moment: Option<Timestamp>| moment.map(Timestamp::unix_millis);
        let key = (grant.organisation, millis(grant.from), millis(grant.until));
        times.entry(key).or_default().push(grant.role.as_str());
    }
    let home = account.organisation.clone().unwrap_or_default();
    if !times.keys().any(|(organisation, _, _)| *organisation == home) {
        times.insert((home.clone(), None, None), Vec::new());
    }
    let addresses: Vec<&str> = account.addresses.iter().map(Address::as_str).collect();
    let moment = |millis: Option<i64>| millis.map(Timestamp::japanese_time);
    let mut rows: Vec<_> = times.into_iter().collect();
    // The first row says where the account is kept.
    rows.sort_by_key(|((organisation, _, _), _)| *organisation != home);
    let rows = rows.into_iter().map(|((organisation, from, until), roles)| {
        [
            account.login.clone(),
            account.name.clone(),
            organisation,
            addresses.join(" "),
            roles.join(" "),
            first_day(account.valid_from),
            last_day(account.valid_until),
            first_day(moment(from)),
            last_day(moment(until)),
            if account.disabled { "yes".to_owned() } else { String::new() },
        ]
    });
    rows.collect()
}

/// The day that begins at a moment, or the moment itself where none does.
fn first_day(moment: Option<Timestamp>) -> String {
    let Some(moment) = moment else { return String::new() };
    let japanese = Timestamp::japanese_time(moment.unix_millis());
    if (moment.unix_millis() + JAPAN_MILLIS).rem_euclid(DAY_MILLIS) == 0 {
        japanese.rfc3339().chars().take(10).collect()
    } else {
        japanese.rfc3339()
    }
}

/// The day that is over at a moment, or the moment itself where none is.
fn last_day(moment: Option<Timestamp>) -> String {
    let Some(moment) = moment else { return String::new() };
    let millis = moment.unix_millis();
    if (millis + JAPAN_MILLIS).rem_euclid(DAY_MILLIS) == 0 {
        first_day(Some(Timestamp::japanese_time(millis - DAY_MILLIS)))
    } else {
        first_day(Some(moment))
    }
}

/// The accounts of a file, in the order in which they first stand in it.
pub(super) fn wanted(rows: &[Row], faults: &mut Vec<CsvFault>) -> Vec<Wanted> {
    let Some((head, rows)) = rows.split_first() else {
        faults.push(fault(1, "", Refusal::invalid("csv", Fault::Missing)));
        return Vec::new();
    };
    let places = match columns(head) {
        Ok(places) => places,
        Err(found) => {
            faults.push(found);
            return Vec::new();
        }
    };
    let mut accounts: Vec<Wanted> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let read = read(row, &places).and_then(|read| {
            if let Some(first) = known.get(&read.login).and_then(|&at| accounts.get_mut(at)) {
                return merge(first, read);
            }
            known.insert(read.login.clone(), accounts.len());
            accounts.push(read);
            Ok(())
        });
        if let Err((column, why)) = read {
            faults.push(fault(row.line, column, why));
            if faults.len() >= MAX_FAULTS {
                break;
            }
        }
    }
    accounts
}

/// Where in a row each of [`COLUMNS`] stands.
fn columns(head: &Row) -> Result<[Option<usize>; 10], CsvFault> {
    let mut places = [None; 10];
    for (at, cell) in head.cells.iter().enumerate() {
        let name = unguarded(cell);
        let column = COLUMNS.iter().position(|(english, japanese)| {
            name.eq_ignore_ascii_case(english) || name == *japanese
        });
        let unknown = || Refusal::invalid("csv", Fault::Unknown);
        match column.and_then(|column| places.get_mut(column)) {
            Some(place @ None) => *place = Some(at),
            None if name.is_empty() => {}
            Some(Some(_)) | None => return Err(fault(head.line, name, unknown())),
        }
    }
    for (place, (name, _)) in places.iter().zip(COLUMNS).take(3) {
        if place.is_none() {
            let missing = Refusal::invalid("csv", Fault::Missing);
            return Err(fault(head.line, name, missing));
        }
    }
    Ok(places)
}

fn read(row: &Row, places: &[Option<usize>; 10]) -> Result<Wanted, (&'static str, Refusal)> {
    let cell = |column: usize| {
        let place = places.get(column).copied().flatten();
        unguarded(place.and_then(|place| row.cells.get(place)).map_or("", String::as_str))
    };
    let form = |field: &'static str| (field, Refusal::invalid(field, Fault::Form));
    let [login, name, organisation, addresses, roles] = [0, 1, 2, 3, 4].map(cell);
    let [valid_from, valid_until, roles_from, roles_until, disabled] = [5, 6, 7, 8, 9].map(cell);
    let login = checked_login(login).map_err(|refusal| ("login", refusal))?;
    let is_separator = |c: char| c.is_whitespace() || matches!(c, ';' | ',' | '、' | '；' | '，');
    let addresses: Result<Vec<Address>, _> =
        addresses.split(is_separator).filter(|a| !a.is_empty()).map(Address::parse).collect();
    let addresses = addresses.map_err(|_| form("addresses"))?;
    let from = first_moment(roles_from).map_err(|NoDay| form("roles_from"))?;
    let until = last_moment(roles_until).map_err(|NoDay| form("roles_until"))?;
    let roles = roles.split(is_separator).filter(|role| !role.is_empty());
    let grants = roles.map(|name| {
        let role = role(name).ok_or(("roles", Refusal::invalid("roles", Fault::Unknown)))?;
        Ok(Grant { organisation: organisation.to_owned(), role, from, until })
    });
    let grants: Vec<Grant> = grants.collect::<Result<_, _>>()?;
    let disabled = match disabled.to_lowercase().as_str() {
        "" | "no" | "false" | "0" | "いいえ" => false,
        "yes" | "true" | "1" | "はい" | "停止" => true,
        _ => return Err(form("disabled")),
    };
    Ok(Wanted {
        line: row.line,
        login,
        name: name.to_owned(),
        organisation: organisation.to_owned(),
        addresses: (!addresses.is_empty()).then_some(addresses),
        grants,
        valid_from: first_moment(valid_from).map_err(|NoDay| form("valid_from"))?,
        valid_until: last_moment(valid_until).map_err(|NoDay| form("valid_until"))?,
        disabled,
    })
}

/// Takes a further row of an account in: its roles. What else it says must be what the first says,
/// or nothing.
fn merge(first: &mut Wanted, row: Wanted) -> Result<(), (&'static str, Refusal)> {
    let differs = |field: &'static str| (field, Refusal::invalid(field, Fault::Wrong));
    if !row.name.is_empty() && row.name != first.name {
        return Err(differs("name"));
    }
    if row.addresses.is_some() && row.addresses != first.addresses {
        return Err(differs("addresses"));
    }
    if row.valid_from.is_some() && row.valid_from != first.valid_from {
        return Err(differs("valid_from"));
    }
    if row.valid_until.is_some() && row.valid_until != first.valid_until {
        return Err(differs("valid_until"));
    }
    if first.grants.len() + row.grants.len() > MAX_GRANTS {
        return Err(("roles", Refusal::invalid("roles", Fault::TooMany(MAX_GRANTS))));
    }
    first.grants.extend(row.grants);
    Ok(())
}

fn role(name: &str) -> Option<Role> {
    let japanese = match name {
        "申請者" => Some(Role::Requester),
        "承認者" => Some(Role::Approver),
        "監査者" => Some(Role::Auditor),
        "管理者" => Some(Role::Administrator),
        _ => None,
    };
    japanese.or_else(|| Role::ALL.into_iter().find(|r| r.as_str().eq_ignore_ascii_case(name)))
}

/// What a cell has that is no day.
#[derive(Debug, PartialEq, Eq)]
struct NoDay;

/// The moment at which a day begins in Japan; none for an empty cell.
fn first_moment(cell: &str) -> Result<Option<Timestamp>, NoDay> {
    if cell.is_empty() {
        return Ok(None);
    }
    moment(cell).map(Some).ok_or(NoDay)
}

/// The moment at which a day is over in Japan; none for an empty cell.
fn last_moment(cell: &str) -> Result<Option<Timestamp>, NoDay> {
    let moment = first_moment(cell)?;
    let is_day = cell.len() <= "2026-04-01".len();
    Ok(moment.map(|moment| if is_day { moment.plus_days(1) } else { moment }))
}

/// A day as `2026-04-01`, or as spreadsheets rewrite it, `2026/4/1`; or a moment of RFC 3339 in
/// Japanese time as an export has it.
fn moment(cell: &str) -> Option<Timestamp> {
    let (day, time) = cell.split_once('T').unwrap_or((cell, ""));
    let mut numbers = day.split(['-', '/']).map(|n| {
        let is_number = (1..=4).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
        if is_number { n.parse::<u16>().ok() } else { None }
    });
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() || !(1971..=9998).contains(&year) {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    let days = i64::from(date.to_julian_day()) - 2_440_588;
    let millis = days * DAY_MILLIS - JAPAN_MILLIS + millis_of(time)?;
    Some(Timestamp::japanese_time(millis))
}

/// The milliseconds since midnight of `17:00:00.000+09:00`; none for no time.
fn millis_of(time: &str) -> Option<i64> {
    if time.is_empty() {
        return Some(0);
    }
    let time = time.strip_suffix("+09:00")?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "000"));
    let mut parts = clock.split(':').map(|part| {
        let is_number = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if is_number { part.parse::<i64>().ok() } else { None }
    });
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let is_fraction = fraction.len() == 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    let is_clock = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    if !is_clock || !is_fraction {
        return None;
    }
    let seconds = (hour * 60 + minute) * 60 + second;
    Some(seconds * 1_000 + fraction.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::csv::rows;
    use super::*;

    #[test]
    fn days_are_read_as_spreadsheets_write_them() {
        let day = moment("2026-04-01").unwrap();
        assert_eq!(day.rfc3339(), "2026-04-01T00:00:00.000+09:00");
        assert_eq!(moment("2026/4/1"), Some(day));
        assert_eq!(moment("2026-04-01T00:00:00.000+09:00"), Some(day));
        for wrong in ["2026-02-29", "2026-13-01", "1.4.2026", "令和8年4月1日", "2026-04", "-1-1-1"]
        {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_last_day_is_included() {
        let until = last_moment("2027-03-31").unwrap();
        assert_eq!(until.unwrap().rfc3339(), "2027-04-01T00:00:00.000+09:00");
        assert_eq!(last_day(until), "2027-03-31");
        let exact = last_moment("2027-03-31T17:00:00.000+09:00").unwrap();
        assert_eq!(last_day(exact), "2027-03-31T17:00:00.000+09:00");
    }

    fn faults(text: &str) -> Vec<(usize, String)> {
        let mut faults = Vec::new();
        let _ = wanted(&rows(text).unwrap(), &mut faults);
        faults.into_iter().map(|fault| (fault.line, fault.column)).collect()
    }

    #[test]
    fn a_fault_is_told_with_its_line_and_column() {
        let at = |line, column: &str| vec![(line, column.to_owned())];
        assert_eq!(faults(""), at(1, ""));
        assert_eq!(faults("login,name\na,b"), at(1, "organisation"));
        assert_eq!(faults("login,name,organisation,salary\n"), at(1, "salary"));
        let head = "ログイン名,名前,組織,権限,権限開始日,メールアドレス\n";
        assert_eq!(faults(&format!("{head}a b,x,山北町,,,\n")), at(2, "login"));
        assert_eq!(faults(&format!("{head}a,x,山北町,町長,,\n")), at(2, "roles"));
        assert_eq!(faults(&format!("{head}\na,x,山北町,承認者,4月1日,\n")), at(3, "roles_from"));
        assert_eq!(faults(&format!("{head}a,x,山北町,,,nobody\n")), at(2, "addresses"));
        assert_eq!(faults(&format!("{head}a,x,山北町,,,\nA,y,山北町,,,\n")), at(3, "name"));
    }

    #[test]
    fn faults_are_told_up_to_a_bound() {
        let text = format!("login,name,organisation\n{}", "a b,x,y\n".repeat(1_000));
        assert_eq!(faults(&text).len(), MAX_FAULTS);
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "(login|name|organisation|roles|valid_until|2026-|04|[,\"\r\n'=/T:@佐9]){0,30}") {
            if let Ok(rows) = rows(&text) {
                let _ = wanted(&rows, &mut Vec::new());
            }
            let _ = (moment(&text), last_moment(&text));
        }
    }
}
