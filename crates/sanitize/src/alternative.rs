//! Which of the forms of one body is shown.
//!
//! The sender's own plain form is taken unless the HTML form says a good deal that the plain one does
//! not (a plain form is then an abridgement, or only the remark that the mail is HTML), or has a link
//! that shows one host and leads to another: a reader must see that. Where the two say different
//! things at comparable length, both are shown, and a decision says so.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sekimori_charset::Decoded;
use sekimori_mime::{EncodingFaults, Message, Part, PartId};
use sekimori_policy::Code;

use crate::Context;
use crate::html_body::HtmlBody;
use crate::leaf::{Form, Role};
use crate::plain;
use crate::wording::Wording;

/// By which part of the plain form the HTML form must say more to be taken: a third.
const MORE_BY: usize = 3;
/// How many characters more it must be at least.
const MARGIN: usize = 100;
/// Fewest characters of the shorter form for both to be shown.
const COMPARED: usize = 40;
/// A form that says at least this part of what the other does is no remark about it: a quarter.
const COMPARABLE: usize = 4;

/// The forms of a multipart/alternative.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Choice {
    /// The children to show: one, both where they contradict each other, or none.
    pub(crate) shown: BTreeSet<PartId>,
    /// Whether the forms evidently say different things.
    pub(crate) is_different: bool,
}

impl Choice {
    fn only(child: PartId) -> Self {
        Self { shown: BTreeSet::from([child]), is_different: false }
    }
}

/// What leaves say, each read once however many containers it is weighed in, and what was read of
/// them for it, until it is shown.
#[derive(Debug, Default)]
pub(crate) struct Measured<'a> {
    wordings: BTreeMap<PartId, Said>,
    octets: BTreeMap<PartId, (Cow<'a, [u8]>, EncodingFaults)>,
    texts: BTreeMap<PartId, Decoded>,
    bodies: BTreeMap<PartId, HtmlBody>,
}

/// What a form says. Nothing is known of the wording of HTML that could not be laid out.
#[derive(Debug)]
struct Said {
    wording: Option<Wording>,
    deceives: bool,
}

impl<'a> Measured<'a> {
    /// The octets of a leaf, and what was wrong with their encoding. What was decoded for its measure
    /// is given away.
    pub(crate) fn take_octets(&mut self, leaf: &Part<'a>) -> (Cow<'a, [u8]>, EncodingFaults) {
        self.octets.remove(&leaf.id).unwrap_or_else(|| leaf.decoded_body())
    }

    /// The plain text of a leaf, if it was read for its measure.
    pub(crate) fn take_text(&mut self, leaf: PartId) -> Option<Decoded> {
        self.texts.remove(&leaf)
    }

    /// The HTML body of a leaf, if it was read for its measure.
    pub(crate) fn take_body(&mut self, leaf: PartId) -> Option<HtmlBody> {
        self.bodies.remove(&leaf)
    }

    fn measure(&mut self, form: Form, part: &Part<'a>, context: &Context<'_>) {
        if self.wordings.contains_key(&part.id) {
            return;
        }
        let (octets, faults) = part.decoded_body();
        let said = if form == Form::Html {
            let body = HtmlBody::read(part, &octets, context);
            let rendered = body.rendered.as_ref().ok();
            let wording = rendered.map(|rendered| Wording::of(&rendered.text));
            let deceives =
                rendered.is_some_and(|rendered| rendered.decisions.contains(Code::LinkHostDiffers));
            self.bodies.insert(part.id, body);
            Said { wording, deceives }
        } else {
            let decoded = plain::decode(part, &octets);
            let wording = Some(Wording::of(&decoded.text));
            self.texts.insert(part.id, decoded);
            Said { wording, deceives: false }
        };
        self.octets.insert(part.id, (octets, faults));
        self.wordings.insert(part.id, said);
    }
}

/// Chooses among the children of `part`.
pub(crate) fn choose<'a>(
    message: &Message<'a>,
    part: &Part<'a>,
    measured: &mut Measured<'a>,
    context: &Context<'_>,
) -> Choice {
    let mut plain = None;
    let mut html = None;
    // Later forms are the richer ones (RFC 2046 section 5.1.4).
    for &child in &part.children {
        match text_form(message, child) {
            Some((Form::Plain, leaf)) => plain = Some((child, leaf)),
            Some((Form::Html, leaf)) => html = Some((child, leaf)),
            _ => {}
        }
    }
    let (Some((plain, plain_leaf)), Some((html, html_leaf))) = (plain, html) else {
        return plain.or(html).map_or_else(Choice::default, |(child, _)| Choice::only(child));
    };
    measured.measure(Form::Plain, message.part(plain_leaf), context);
    measured.measure(Form::Html, message.part(html_leaf), context);
    let said = |leaf: PartId| measured.wordings.get(&leaf);
    let (Some(sober), Some(rich)) = (said(plain_leaf), said(html_leaf)) else {
        return Choice::only(plain);
    };
    let (Some(sober), Some(wording)) = (&sober.wording, &rich.wording) else {
        return Choice::only(html);
    };
    let shared = sober.shared_with(wording);
    // An abridgement is no contradiction: what the shorter form says must be missing in the other.
    let less = sober.length().min(wording.length());
    let contradicts = less > 0 && shared * 2 < less;
    let is_comparable = less >= COMPARED && sober.length() * COMPARABLE >= wording.length();
    if contradicts && is_comparable {
        return Choice { shown: BTreeSet::from([plain, html]), is_different: true };
    }
    let own = wording.length().saturating_sub(shared);
    let says_more = sober.length() == 0 || own > sober.length() / MORE_BY + MARGIN || rich.deceives;
    let is_different = sober.length() > 0 && (rich.deceives || contradicts);
    let shown = if says_more { html } else { plain };
    Choice { is_different, ..Choice::only(shown) }
}

/// The first text that would be shown of a child: itself, or within it.
fn text_form(message: &Message<'_>, child: PartId) -> Option<(Form, PartId)> {
    let mut open = vec![child];
    while let Some(id) = open.pop() {
        let part = message.part(id);
        match Form::of(part, Role::Shown) {
            form @ (Form::Plain | Form::Html) => return Some((form, id)),
            _ if part.content_type.kind == "multipart" => open.extend(part.children.iter().rev()),
            _ => {}
        }
    }
    None
}
