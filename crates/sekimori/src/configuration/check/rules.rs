//! `[[organisation.rule]]`: each value of a condition, and what could never apply or never matter.

use std::fmt::Display;
use std::str::FromStr;

use sekimori_policy::condition::MAX_CONDITION_VALUES;
use sekimori_policy::rule::{MAX_RULES, RuleName, SubjectTag, is_known_to_rules};
use sekimori_policy::{Action, Authentication, Code, Conditions, Rule};
use sekimori_profile::SafeLine;

use super::Checker;
use crate::configuration::settings::{OrganisationKeys, RuleKeys};

impl Checker<'_> {
    /// The rules of the organisation whose keys stand under `path`.
    pub(super) fn rules(&mut self, path: &str, keys: &OrganisationKeys) -> Vec<Rule> {
        if keys.rule.len() > MAX_RULES {
            self.wrong(&format!("{path}.rule"), format!("has more than {MAX_RULES} rules"));
        }
        let mut rules: Vec<Rule> = Vec::new();
        for (index, rule) in keys.rule.iter().enumerate().take(MAX_RULES) {
            let path = format!("{path}.rule[{index}]");
            let Some(rule) = self.rule(&path, rule) else { continue };
            if rules.iter().any(|other| other.name == rule.name) {
                self.wrong(&format!("{path}.name"), "names another rule already");
            }
            if !rule.conditions.authentication.is_empty() && keys.authentication_hosts.is_empty() {
                self.wrong(
                    &format!("{path}.authentication"),
                    "needs authentication_hosts: nobody is believed without",
                );
            }
            rules.push(rule);
        }
        rules
    }

    fn rule(&mut self, path: &str, keys: &RuleKeys) -> Option<Rule> {
        let name = RuleName::parse(&keys.name);
        if let Err(error) = &name {
            self.wrong(&format!("{path}.name"), error.to_string());
        }
        let action = self.action(path, keys);
        let conditions = self.conditions(path, keys);
        if action == Some(Action::Deliver) && conditions.is_empty() {
            self.wrong(
                &format!("{path}.action"),
                "delivers everything; give it a condition, or the organisation mode = \"deliver\"",
            );
        }
        Some(Rule { name: name.ok()?, shadow: keys.shadow, conditions, action: action? })
    }

    fn action(&mut self, path: &str, keys: &RuleKeys) -> Option<Action> {
        let tag = format!("{path}.tag");
        if keys.action != "tag" && !keys.tag.is_empty() {
            self.wrong(&tag, "needs action = \"tag\"");
        }
        match keys.action.as_str() {
            "hold" => Some(Action::Hold),
            "deliver" => Some(Action::Deliver),
            "reject" => Some(Action::Reject),
            "notify" => Some(Action::Notify),
            "tag" => match SubjectTag::parse(&keys.tag) {
                Ok(label) if SafeLine::clean(label.as_str()).0.as_str() == label.as_str() => {
                    Some(Action::Tag(label))
                }
                Ok(_) => {
                    self.wrong(&tag, "holds characters that do not cross");
                    None
                }
                Err(error) => {
                    self.wrong(&tag, error.to_string());
                    None
                }
            },
            other => {
                let reason = format!("{other:?} is none of hold, deliver, reject, tag, notify");
                self.wrong(&format!("{path}.action"), reason);
                None
            }
        }
    }

    fn conditions(&mut self, path: &str, keys: &RuleKeys) -> Conditions {
        if keys.size_at_least == Some(0) {
            self.wrong(&format!("{path}.size_at_least"), "must be at least 1");
        }
        let decisions = format!("{path}.decisions");
        let codes: Vec<Code> = self.values(&decisions, &keys.decisions);
        if let Some(code) = codes.iter().find(|&&code| !is_known_to_rules(code)) {
            self.wrong(&decisions, format!("{code} is not decided before rules are asked"));
        }
        let method = |name: &str| format!("{path}.authentication.{name}");
        Conditions {
            sender: self.values(&format!("{path}.sender"), &keys.sender),
            from: self.values(&format!("{path}.from"), &keys.from),
            recipient: self.values(&format!("{path}.recipient"), &keys.recipient),
            decisions: codes,
            types: self.values(&format!("{path}.types"), &keys.types),
            size_at_least: keys.size_at_least,
            encrypted: keys.encrypted,
            authentication: Authentication {
                spf: self.values(&method("spf"), &keys.authentication.spf),
                dkim: self.values(&method("dkim"), &keys.authentication.dkim),
                dmarc: self.values(&method("dmarc"), &keys.authentication.dmarc),
            },
            hours: self.values(&format!("{path}.hours"), &keys.hours),
            weekdays: self.values(&format!("{path}.weekdays"), &keys.weekdays),
        }
    }

    /// The values of one condition.
    fn values<T: FromStr<Err: Display>>(&mut self, key: &str, texts: &[String]) -> Vec<T> {
        if texts.len() > MAX_CONDITION_VALUES {
            self.wrong(key, format!("has more than {MAX_CONDITION_VALUES} values"));
            return Vec::new();
        }
        let mut values = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            match text.parse() {
                Ok(value) => values.push(value),
                Err(error) => self.wrong(&format!("{key}[{index}]"), format!("{text:?} {error}")),
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::source::parse;
    use super::super::check;
    use super::*;

    const HEAD: &str = "[[organisation]]\nname = '山北町'\ndomains = ['town.example.lg.jp']\n";

    fn checked(text: &str) -> Result<Vec<Rule>, Vec<String>> {
        let source = parse("f.toml", &format!("{HEAD}{text}\n"), std::iter::empty());
        let source = source.map_err(|mistake| vec![mistake.to_string()])?;
        match check(&source) {
            Ok(checked) => {
                Ok(checked.relay.organisations.iter().flat_map(|o| o.rules.clone()).collect())
            }
            Err(mistakes) => Err(mistakes.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn every_condition_and_action_can_be_written() {
        let rules = checked(
            "authentication_hosts = ['MX.town.example.lg.jp']\n\
             [[organisation.rule]]\nname = 'a'\naction = 'hold'\nshadow = true\n\
             sender = ['<>', 'a@example.jp']\nfrom = ['*.example.jp']\nrecipient = ['example.jp']\n\
             decisions = ['text-cut']\ntypes = ['image/*']\nsize_at_least = 5\nencrypted = false\n\
             authentication = { spf = ['fail'], dmarc = ['missing'] }\nhours = ['17:15-08:30']\n\
             weekdays = ['sat', 'sun']\n\
             [[organisation.rule]]\nname = 'b'\naction = 'tag'\ntag = '[外部]'\n\
             [[organisation.rule]]\nname = 'c'\naction = 'deliver'\nsender = ['example.jp']\n\
             [[organisation.rule]]\nname = 'd'\naction = 'reject'\n\
             [[organisation.rule]]\nname = 'e'\naction = 'notify'\n",
        )
        .unwrap();
        let actions: Vec<_> = rules.iter().map(|rule| rule.action.as_str()).collect();
        assert_eq!(actions, ["hold", "tag", "deliver", "reject", "notify"]);
        let first = serde_json::to_value(&rules[0].conditions).unwrap();
        assert_eq!(first.as_object().map(serde_json::Map::len), Some(10), "{first}");
        assert!(rules[0].shadow && !rules[1].shadow);
    }

    #[test]
    fn each_mistake_in_a_rule_is_said_with_its_line() {
        let rule = "[[organisation.rule]]\nname = 'a'\naction = 'hold'\n";
        for (text, said) in [
            ("[[organisation.rule]]\naction = 'hold'", "4: organisation[0].rule[0].name: is empty"),
            (
                "[[organisation.rule]]\nname = 'a'",
                "4: organisation[0].rule[0].action: \"\" is none of",
            ),
            (
                "[[organisation.rule]]\nname = 'a'\naction = 'pass'",
                "6: organisation[0].rule[0].action: \"pass\" is none of",
            ),
            (
                "[[organisation.rule]]\nname = 'a'\naction = 'deliver'",
                "6: organisation[0].rule[0].action: delivers everything",
            ),
            (
                "[[organisation.rule]]\nname = 'a'\naction = 'tag'",
                "4: organisation[0].rule[0].tag: is empty",
            ),
            (
                "[[organisation.rule]]\nname = 'a'\naction = 'tag'\ntag = \"a\\u200Bb\"",
                "7: organisation[0].rule[0].tag: holds characters",
            ),
            (&format!("{rule}tag = 'x'"), "7: organisation[0].rule[0].tag: needs action"),
            (&format!("{rule}{rule}"), "8: organisation[0].rule[1].name: names another"),
            (
                &format!("{rule}sender = [\n'a.jp',\n'a b']"),
                "9: organisation[0].rule[0].sender[1]: \"a b\" is no address",
            ),
            (&format!("{rule}from = ['*@a.jp']"), "7: organisation[0].rule[0].from[0]: "),
            (&format!("{rule}recipient = ['']"), "7: organisation[0].rule[0].recipient[0]: "),
            (&format!("{rule}types = ['zip']"), "7: organisation[0].rule[0].types[0]: "),
            (
                &format!("{rule}decisions = ['no-such']"),
                "7: organisation[0].rule[0].decisions[0]: \"no-such\" is no decision code",
            ),
            (
                &format!("{rule}decisions = ['hold-review']"),
                "7: organisation[0].rule[0].decisions: hold-review is not decided before",
            ),
            (&format!("{rule}size_at_least = 0"), "7: organisation[0].rule[0].size_at_least: "),
            (&format!("{rule}hours = ['9-17']"), "7: organisation[0].rule[0].hours[0]: "),
            (&format!("{rule}weekdays = ['月']"), "7: organisation[0].rule[0].weekdays[0]: "),
            (
                &format!("{rule}authentication = {{ spf = ['fail'] }}"),
                "7: organisation[0].rule[0].authentication: needs authentication_hosts",
            ),
            (
                &format!("{rule}authentication = {{ spf = ['wrong'] }}"),
                "7: organisation[0].rule[0].authentication.spf[0]: \"wrong\" is no",
            ),
            (
                &format!("{rule}authentication = {{ arc = ['pass'] }}"),
                "7: organisation[0].rule[0].authentication.arc: unknown field",
            ),
            (&format!("{rule}subject = ['x']"), "7: organisation[0].rule[0].subject: unknown"),
            ("authentication_hosts = ['a b']", "4: organisation[0].authentication_hosts[0]: "),
            ("undo_days = 0", "4: organisation[0].undo_days: must be at least 1"),
            ("undo_days = 367", "4: organisation[0].undo_days: must be at most 366"),
        ] {
            let found = checked(text).unwrap_err();
            let said = format!("f.toml:{said}");
            assert!(found.iter().any(|m| m.starts_with(&said)), "{text}\n{found:#?}");
        }
    }

    #[test]
    fn rules_values_and_hosts_over_their_bounds_are_refused() {
        let rules = |number| -> String {
            (0..number)
                .map(|n| format!("[[organisation.rule]]\nname = 'r{n}'\naction = 'hold'\n"))
                .collect()
        };
        assert_eq!(checked(&rules(MAX_RULES)).map(|rules| rules.len()), Ok(MAX_RULES));
        let found = checked(&rules(MAX_RULES + 1)).unwrap_err();
        assert!(found[0].contains("organisation[0].rule: has more than 200 rules"), "{found:?}");
        let list = |number| vec!["'a.jp'"; number].join(",");
        let sender = |number| checked(&format!("{}sender = [{}]", rules(1), list(number)));
        assert!(sender(MAX_CONDITION_VALUES).is_ok());
        assert!(sender(MAX_CONDITION_VALUES + 1).unwrap_err()[0].contains("more than 500 values"));
        let hosts = |number| checked(&format!("authentication_hosts = [{}]", list(number)));
        assert!(hosts(20).is_ok());
        assert!(hosts(21).unwrap_err()[0].contains("more than 20 hosts"));
    }
}
