//! Whether a document type makes a browser follow the standard (HTML, section 13.2.6.4.1).

/// Octets of a name or identifier that are looked at.
const MAX_OCTETS: usize = 128;

/// Public identifiers of the times before the standard, by their beginnings in lower case.
const OLD: [&str; 17] = [
    "+//silmaril//",
    "-//advasoft ltd//",
    "-//as//",
    "-//ietf//",
    "-//metrius//",
    "-//microsoft//",
    "-//netscape comm. corp.//",
    "-//o'reilly and associates//",
    "-//softquad",
    "-//spyglass//",
    "-//sq//",
    "-//sun microsystems corp.//",
    "-//w3c//dtd html 3",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental",
    "-//webtechs//",
];
/// The same, where there is no system identifier.
const OLD_ALONE: [&str; 2] =
    ["-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"];

/// A document type declaration as far as it has been read.
#[derive(Debug, Default)]
pub(crate) struct Doctype {
    pub(crate) name: Vec<u8>,
    pub(crate) public: Vec<u8>,
    pub(crate) has_system: bool,
    pub(crate) is_broken: bool,
}

impl Doctype {
    /// Adds octets within the bound.
    pub(crate) fn add(to: &mut Vec<u8>, octets: &[u8]) {
        let room = MAX_OCTETS.saturating_sub(to.len());
        to.extend(octets.iter().take(room));
    }

    /// Whether the document is laid out as the standard says.
    pub(crate) fn is_standard(&self) -> bool {
        let public = self.public.to_ascii_lowercase();
        let begins = |with: &&str| public.starts_with(with.as_bytes());
        let is_old = OLD.iter().any(begins)
            || (!self.has_system && OLD_ALONE.iter().any(begins))
            || matches!(public.as_slice(), b"html" | b"-/w3c/dtd html 4.0 transitional/en");
        self.name.eq_ignore_ascii_case(b"html") && !self.is_broken && !is_old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_standard(public: &str, has_system: bool) -> bool {
        let (name, public) = (b"html".to_vec(), public.as_bytes().to_vec());
        Doctype { name, public, has_system, is_broken: false }.is_standard()
    }

    #[test]
    fn the_types_that_mail_programs_write_are_told_apart() {
        assert!(is_standard("", false));
        assert!(is_standard("-//W3C//DTD XHTML 1.0 Transitional//EN", true));
        assert!(is_standard("-//W3C//DTD HTML 4.01 Transitional//EN", true));
        assert!(is_standard("-//W3C//DTD HTML 4.0//EN", true));
        assert!(!is_standard("-//W3C//DTD HTML 4.01 Transitional//EN", false));
        assert!(!is_standard("-//W3C//DTD HTML 4.0 Transitional//EN", true));
        assert!(!is_standard("-//W3C//DTD HTML 3.2 Final//EN", false));
        assert!(!Doctype { name: b"x".to_vec(), ..Doctype::default() }.is_standard());
    }

    #[test]
    fn identifiers_of_any_length_are_cut() {
        let mut name = Vec::new();
        for _ in 0..1_000 {
            Doctype::add(&mut name, b"html");
        }
        assert_eq!(name.len(), MAX_OCTETS);
    }
}
