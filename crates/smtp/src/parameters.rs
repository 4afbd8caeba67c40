//! Parameters of MAIL (RFC 1870, RFC 6152, RFC 6531).

/// What MAIL said about the message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MailParameters {
    /// SIZE: octets announced. Numbers past `u64` are held as its largest value.
    pub(crate) size: Option<u64>,
    /// BODY=8BITMIME.
    pub(crate) body_8bit: bool,
    /// SMTPUTF8.
    pub(crate) smtputf8: bool,
}

/// Why parameters are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterError {
    /// One that no offered extension has.
    Unknown,
    /// A known one with a bad value, or given twice.
    Malformed,
}

/// Reads space-separated parameters.
pub(crate) fn parse(text: &str) -> Result<MailParameters, ParameterError> {
    let mut parameters = MailParameters::default();
    let mut body_seen = false;
    for parameter in text.split(' ').filter(|p| !p.is_empty()) {
        let (keyword, value) = match parameter.split_once('=') {
            Some((keyword, value)) => (keyword, Some(value)),
            None => (parameter, None),
        };
        let repeated = match keyword.to_ascii_uppercase().as_str() {
            "SIZE" => parameters.size.replace(size(value)?).is_some(),
            "BODY" => {
                parameters.body_8bit = is_8bit(value)?;
                std::mem::replace(&mut body_seen, true)
            }
            "SMTPUTF8" if value.is_none() => std::mem::replace(&mut parameters.smtputf8, true),
            "SMTPUTF8" => return Err(ParameterError::Malformed),
            _ => return Err(ParameterError::Unknown),
        };
        if repeated {
            return Err(ParameterError::Malformed);
        }
    }
    Ok(parameters)
}

/// RFC 1870 section 4: up to twenty digits.
fn size(value: Option<&str>) -> Result<u64, ParameterError> {
    let digits = value
        .filter(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()))
        .ok_or(ParameterError::Malformed)?;
    Ok(digits.parse().unwrap_or(u64::MAX))
}

fn is_8bit(value: Option<&str>) -> Result<bool, ParameterError> {
    match value.map(str::to_ascii_uppercase).as_deref() {
        Some("7BIT") => Ok(false),
        Some("8BITMIME") => Ok(true),
        // BINARYMIME is an extension that is not offered.
        Some("BINARYMIME") => Err(ParameterError::Unknown),
        _ => Err(ParameterError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_the_offered_extensions_are_read_in_any_case_and_order() {
        assert_eq!(
            parse("smtputf8 Body=8bitmime  SIZE=20000"),
            Ok(MailParameters { size: Some(20_000), body_8bit: true, smtputf8: true })
        );
        assert_eq!(parse(""), Ok(MailParameters::default()));
    }

    #[test]
    fn rfc1870_an_enormous_size_is_a_size() {
        assert_eq!(parse("SIZE=99999999999999999999999").map(|p| p.size), Ok(Some(u64::MAX)));
    }

    #[test]
    fn parameters_of_extensions_not_offered_are_unknown() {
        for text in ["AUTH=<>", "RET=HDRS", "ENVID=1", "BODY=BINARYMIME", "FOO", "=1"] {
            assert_eq!(parse(text), Err(ParameterError::Unknown), "{text}");
        }
    }

    #[test]
    fn bad_and_repeated_values_are_malformed() {
        for text in [
            "SIZE",
            "SIZE=",
            "SIZE=-1",
            "SIZE=1k",
            "BODY",
            "BODY=9BIT",
            "SMTPUTF8=1",
            "SIZE=1 SIZE=1",
            "BODY=7BIT BODY=7BIT",
            "SMTPUTF8 SMTPUTF8",
        ] {
            assert_eq!(parse(text), Err(ParameterError::Malformed), "{text}");
        }
    }
}
