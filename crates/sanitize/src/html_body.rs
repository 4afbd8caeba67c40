//! A text/html body as text.

use sekimori_charset::Decoded;
use sekimori_html::{HtmlError, Options, Rendered, declared_charset};
use sekimori_mime::Part;

use crate::Context;

/// An HTML body that was read.
#[derive(Debug)]
pub(crate) struct HtmlBody {
    /// Its source as characters.
    pub(crate) source: Decoded,
    /// What a person would see of it.
    pub(crate) rendered: Result<Rendered, HtmlError>,
}

impl HtmlBody {
    /// Reads the decoded octets of a part by the charset that the part declares, else the document.
    pub(crate) fn read(part: &Part<'_>, octets: &[u8], context: &Context<'_>) -> Self {
        let declared = part.content_type.charset().or_else(|| declared_charset(octets));
        let source = sekimori_charset::decode(octets, declared.as_deref());
        let rendered = render(&source.text, context);
        Self { source, rendered }
    }
}

/// What a person would see of HTML, as the organisation wants it.
pub(crate) fn render(source: &str, context: &Context<'_>) -> Result<Rendered, HtmlError> {
    let options = Options {
        max_depth: context.limits.html_depth,
        max_octets: context.limits.html_octets,
        links: context.organisation.links,
        link_placement: context.organisation.link_placement,
        language: context.organisation.language,
    };
    sekimori_html::render(source, &options)
}
