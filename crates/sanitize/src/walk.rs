//! The way through the parts of a message: which text is shown, and what is removed.

use sekimori_html::Rendered;
use sekimori_mime::{Fault, Message, Part, PartId, PartKind};
use sekimori_policy::{Code, Language};

use crate::account::Fate;
use crate::alternative::{Choice, Measured};
use crate::doubt::Doubts;
use crate::html_body::HtmlBody;
use crate::leaf::{Form, Role};
use crate::record::Record;
use crate::removal::Removal;
use crate::{Context, alternative, calendar, detect, doubt, forwarded, links, plain};

/// The work was stopped from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

/// A step still to be taken. They are kept in a stack of our own: nesting costs no call stack.
pub(crate) enum Step {
    Part(PartId, Role),
    ForwardedEnd,
    /// What comes is a second form of a body, and says something else than the first.
    SecondForm,
}

/// Gives the text of a message, and records what was removed on the way.
pub(crate) fn text_of(
    message: &Message<'_>,
    context: &Context<'_>,
    record: &mut Record,
) -> Result<String, Stopped> {
    let mut walk = Walk {
        message,
        context,
        record,
        text: String::new(),
        steps: vec![Step::Part(PartId::ROOT, Role::Shown)],
        measured: Measured::default(),
        doubts: Doubts::default(),
        within: String::new(),
        signed: 0,
        is_stopped: false,
    };
    walk.run()?;
    if walk.doubts.has_text && !walk.doubts.has_certain_text {
        walk.record.decisions.add(Code::HoldStructure);
    }
    let text = walk.text;
    // What no part has by itself may come together where they meet.
    let cut = (record.texts > 1)
        .then(|| record.cut_blocks(&text, "TEXT", context.organisation.language))
        .flatten();
    Ok(cut.unwrap_or(text))
}

/// The way through one entity: a message, or what a signature in it wraps.
pub(crate) struct Walk<'w, 'a> {
    pub(crate) message: &'w Message<'a>,
    pub(crate) context: &'w Context<'w>,
    pub(crate) record: &'w mut Record,
    pub(crate) text: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) measured: Measured<'a>,
    pub(crate) doubts: Doubts,
    /// The section of what the entity is wrapped in, and a slash; empty for the message itself.
    pub(crate) within: String,
    /// How many signatures the entity is wrapped in.
    pub(crate) signed: usize,
    /// Whether the work was stopped while a part was walked.
    pub(crate) is_stopped: bool,
}

impl<'a> Walk<'_, 'a> {
    /// Takes every step.
    pub(crate) fn run(&mut self) -> Result<(), Stopped> {
        while let Some(step) = self.steps.pop() {
            if (self.context.stop)() {
                return Err(Stopped);
            }
            match step {
                Step::Part(id, role) => self.part(self.message.part(id), role),
                Step::ForwardedEnd => {
                    let foot = forwarded::foot(self.language());
                    self.add(&foot);
                }
                Step::SecondForm => self.add(match self.language() {
                    Language::Japanese => "〔このメールのもう一つの本文（内容が異なります）〕\n",
                    Language::English => {
                        "[The other form of this mail, which says something else]\n"
                    }
                }),
            }
            if self.is_stopped {
                return Err(Stopped);
            }
        }
        Ok(())
    }

    pub(crate) fn language(&self) -> Language {
        self.context.organisation.language
    }

    /// The section number of a part in the whole message.
    pub(crate) fn section(&self, part: &Part<'_>) -> String {
        format!("{}{}", self.within, part.section)
    }

    fn part(&mut self, part: &Part<'a>, role: Role) {
        self.note_faults(part);
        match &part.kind {
            PartKind::Leaf => self.leaf(part, role),
            PartKind::Message => self.message(part, role),
            PartKind::Multipart { subtype } => {
                self.surroundings(part);
                self.multipart(part, subtype, role);
            }
        }
    }

    fn note_faults(&mut self, part: &Part<'_>) {
        for fault in part.faults.iter() {
            match fault {
                Fault::BareLf | Fault::BareCr => {
                    self.record.decisions.add(Code::LineEndsNormalised);
                }
                // Its container has said it.
                Fault::InsideAmbiguous => {}
                Fault::BoundaryUnclosed | Fault::DelimiterAfterClose => {
                    self.record.decisions.add_detailed(Code::StructureAmbiguous, fault.as_str());
                }
                _ if fault.is_ambiguous() => {
                    self.record.decisions.add_detailed(Code::StructureAmbiguous, fault.as_str());
                }
                _ => {}
            }
        }
    }

    /// Puts the children of a multipart on the stack, each with its role, the first on top.
    fn multipart(&mut self, part: &Part<'a>, subtype: &str, role: Role) {
        let main = match subtype {
            "related" => root_of_related(self.message, part),
            "signed" => part.children.first().copied(),
            _ => None,
        };
        let choice = match (role, subtype) {
            (Role::Shown, "alternative") => self.choose(part),
            _ => Choice::default(),
        };
        for &child in part.children.iter().rev() {
            let child_role = match (role, subtype) {
                (Role::Shown | Role::OtherForm, "encrypted") => Role::Encrypted,
                (Role::Shown, "alternative") if !choice.shown.contains(&child) => Role::OtherForm,
                (Role::Shown | Role::OtherForm, "related") if Some(child) != main => Role::Inline,
                (Role::Shown | Role::OtherForm, "signed") if Some(child) != main => {
                    signature_role(self.message.part(child), role)
                }
                _ => role,
            };
            self.steps.push(Step::Part(child, child_role));
            if choice.shown.len() > 1 && choice.shown.last() == Some(&child) {
                self.steps.push(Step::SecondForm);
            }
        }
    }

    fn choose(&mut self, part: &Part<'a>) -> Choice {
        let choice = alternative::choose(self.message, part, &mut self.measured, self.context);
        if choice.is_different {
            self.record.decisions.add(Code::FormsDiffer);
        }
        choice
    }

    /// A message inside: its head, then its parts, then a line that ends it.
    fn message(&mut self, part: &Part<'_>, role: Role) {
        let inner = part.children.first().copied().filter(|_| !part.is_ambiguous());
        let Some(inner) = inner.filter(|_| matches!(role, Role::Shown | Role::OtherForm)) else {
            self.remove(part, &part.decoded_body().0, reason_of(part, role));
            return;
        };
        self.record.decisions.add(Code::ForwardedAsText);
        let language = self.language();
        let head = forwarded::head(&self.message.part(inner).header, language, self.record);
        self.show(&head, part);
        self.steps.push(Step::ForwardedEnd);
        self.steps.push(Step::Part(inner, Role::Shown));
    }

    fn leaf(&mut self, part: &Part<'a>, role: Role) {
        let (octets, faults) = self.measured.take_octets(part);
        if !faults.is_empty() {
            self.record.decisions.add(Code::EncodingFaulty);
        }
        let form = Form::of(part, role);
        let charset = part.content_type.charset();
        if form == Form::Removed(Code::StructureAmbiguous) {
            return self.doubtful(part, &octets);
        }
        if let Form::Removed(reason) = form {
            return self.unwrap(part, &octets, reason, role);
        }
        if form == Form::LeftOut {
            self.record.fates.settle(part.id, Fate::Dropped(Code::OtherFormDropped));
            return self.record.decisions.add(Code::OtherFormDropped);
        }
        let has_structure = || doubt::delimiter(&octets).is_some();
        if form == Form::Report && has_structure() {
            // A report is fields: what is in parts is a message of its own to some.
            return self.doubtful(part, &octets);
        }
        if detect::is_binary(&octets, charset.as_deref()) {
            if form == Form::Plain && doubt::has_content_field(&octets) {
                return self.doubtful(part, &octets);
            }
            return self.remove(part, &octets, Code::AttachmentRemoved);
        }
        match form {
            Form::Html => self.html(part, &octets),
            Form::Calendar => self.calendar(part, &octets, role),
            Form::ReturnedHeader => self.returned_header(part, &octets),
            _ => {
                if form == Form::Report {
                    self.record.decisions.add(Code::ReportAsText);
                }
                let read = self.measured.take_text(part.id);
                let decoded = read.unwrap_or_else(|| plain::decode(part, &octets));
                let text = self.record.decoded(decoded);
                self.show(&text, part);
            }
        }
    }

    fn html(&mut self, part: &Part<'_>, octets: &[u8]) {
        if let Some(delimiter) = doubt::delimiter(octets) {
            // Parts written out in HTML would run into one paragraph: no reader's text.
            let at = memchr::memmem::find(octets, delimiter).unwrap_or_default();
            let (before, parts) = octets.split_at_checked(at).unwrap_or((octets, &[]));
            self.record.decisions.add_detailed(Code::StructureAmbiguous, "parts inside HTML");
            self.html_text(part, before, HtmlBody::read(part, before, self.context));
            let listed = self.record.removed.len();
            self.split(part, parts, delimiter);
            return self.record.fates.settle(part.id, Fate::Removed(listed));
        }
        let read = self.measured.take_body(part.id);
        let body = read.unwrap_or_else(|| HtmlBody::read(part, octets, self.context));
        self.html_text(part, octets, body);
    }

    fn html_text(&mut self, part: &Part<'_>, octets: &[u8], body: HtmlBody) {
        self.record.decoded(body.source);
        let Ok(rendered) = body.rendered else {
            self.record.decisions.add(Code::HoldHtml);
            return self.remove(part, octets, Code::HoldHtml);
        };
        let text = self.rendered(rendered);
        self.show(&text, part);
    }

    /// The text of HTML that is shown, after its decisions were taken in.
    pub(crate) fn rendered(&mut self, rendered: Rendered) -> String {
        if !rendered.decisions.contains(Code::HtmlToText) {
            self.record.decisions.add(Code::HtmlToText);
        }
        self.record.decisions.merge(rendered.decisions);
        self.record.html.merge(&rendered.octets);
        rendered.text
    }

    fn calendar(&mut self, part: &Part<'_>, octets: &[u8], role: Role) {
        let source = self.record.decoded(plain::decode(part, octets));
        let is_file =
            part.file_name.is_some() || part.disposition.as_ref().is_some_and(|d| !d.is_inline());
        let language = self.language();
        let Some(laid) = calendar::lay_out(&source, self.known(), language) else {
            let reason = if is_file || role == Role::Shown {
                Code::AttachmentRemoved
            } else {
                Code::OtherFormDropped
            };
            return self.remove(part, octets, reason);
        };
        self.record.decisions.add(Code::CalendarAsText);
        self.show(&laid.text, part);
        if is_file || laid.has_attachment {
            self.remove(part, octets, Code::AttachmentRemoved);
        }
    }

    /// The header of the message that a report is about.
    fn returned_header(&mut self, part: &Part<'_>, octets: &[u8]) {
        let Ok(returned) = sekimori_mime::scan(octets, self.context.limits) else {
            return self.remove(part, octets, Code::AttachmentRemoved);
        };
        self.record.decisions.add(Code::ReportAsText);
        let language = self.language();
        let head = forwarded::head(&returned.root().header, language, self.record);
        self.show(&head, part);
        if !returned.root().raw_body.trim_ascii().is_empty() {
            // More than a header: some readers open the message that it is.
            self.remove(part, octets, Code::AttachmentRemoved);
        }
    }

    /// Adds a text after making it safe, cutting encoded data out of it, and writing its bare URLs as
    /// the organisation wants links written.
    pub(crate) fn show(&mut self, text: &str, part: &Part<'_>) {
        self.doubts.has_certain_text |= !text.trim().is_empty();
        self.record.fates.settle(part.id, Fate::Crosses);
        let section = self.section(part);
        self.show_as(text, &section);
    }

    /// The same of a text whose part is numbered so.
    pub(crate) fn show_as(&mut self, text: &str, section: &str) {
        let safe = self.record.safe_text(text);
        let cut = self.record.cut_blocks(safe.as_str(), section, self.language());
        let text = cut.as_deref().unwrap_or(safe.as_str());
        let (text, links) =
            links::neutralised(text, self.context.organisation.links, self.language());
        self.record.decisions.add_counted(Code::LinkNeutralised, links);
        self.record.texts += usize::from(!text.trim().is_empty());
        self.add(&text);
    }

    /// Adds text after a blank line. Blank text is nothing.
    pub(crate) fn add(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        if !self.text.is_empty() {
            if !self.text.ends_with('\n') {
                self.text.push('\n');
            }
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    pub(crate) fn remove(&mut self, part: &Part<'_>, octets: &[u8], reason: Code) {
        let language = self.language();
        let declared_type = part.content_type.essence();
        let removal = Removal {
            section: self.section(part),
            name: part.file_name.as_deref(),
            declared_type: &declared_type,
            octets,
            reason,
        };
        let index = self.record.remove(&removal, language);
        self.record.fates.settle(part.id, Fate::Removed(index));
    }
}

/// Why a message inside is not opened.
fn reason_of(part: &Part<'_>, role: Role) -> Code {
    match role {
        Role::Encrypted => Code::EncryptedRemoved,
        Role::Signature => Code::SignatureRemoved,
        Role::Inline => Code::InlineRemoved,
        Role::Shown | Role::OtherForm if part.is_ambiguous() => Code::StructureAmbiguous,
        Role::Shown | Role::OtherForm => Code::AttachmentRemoved,
    }
}

/// What stands beside the signed part is its signature, or a part of its own that a list added.
fn signature_role(part: &Part<'_>, role: Role) -> Role {
    match (part.content_type.kind.as_str(), &part.kind) {
        ("application", PartKind::Leaf) => Role::Signature,
        _ => role,
    }
}

/// The root of a multipart/related: what its `start` parameter names, else its first child (RFC
/// 2387 section 3.2).
fn root_of_related(message: &Message<'_>, part: &Part<'_>) -> Option<PartId> {
    let named = part.content_type.parameter("start").and_then(|start| {
        let start = start.trim();
        let mut children = part.children.iter().copied();
        children.find(|&child| {
            let id = message.part(child).header.field("Content-ID");
            id.is_some_and(|id| id.trim_ascii() == start.as_bytes())
        })
    });
    named.or_else(|| part.children.first().copied())
}
