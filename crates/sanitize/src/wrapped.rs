//! Parts that wrap others: an opaque S/MIME signature, Outlook's winmail.dat, a contact. What they
//! hold is shown as text or listed; they themselves are removed and listed all the same.
//!
//! Sections: what is inside has the section of what it is in, a slash, and its own section or number,
//! such as `2/1`.

use std::mem;

use sekimori_mime::{Part, scan};
use sekimori_policy::{Code, Language, Limits};

use crate::alternative::Measured;
use crate::leaf::Role;
use crate::removal::Removal;
use crate::walk::{Step, Stopped, Walk};
use crate::{cms, contact, detect, encrypted, html_body, plain, said, tnef};

/// Opaque signatures inside one another that are opened: a mail is signed once, and twice on its way
/// through a list. Deeper ones are removed whole. The call stack grows by no more than this.
pub(crate) const MAX_SIGNED: usize = 3;

impl Walk<'_, '_> {
    /// Removes a leaf that is no text, for `reason` or one that its content shows, and shows what it
    /// wraps. What is encrypted, belongs to another part, or can be read in two ways is never opened.
    pub(crate) fn unwrap(&mut self, part: &Part<'_>, octets: &[u8], reason: Code, role: Role) {
        let is_open = matches!(role, Role::Shown | Role::OtherForm)
            && matches!(reason, Code::AttachmentRemoved | Code::EncryptedRemoved);
        let name = part.file_name.as_deref();
        if !is_open {
            self.remove(part, octets, reason);
        } else if detect::is_signed_data(octets) {
            self.signed(part, octets, reason);
        } else if detect::is_tnef(octets) {
            self.remove(part, octets, reason);
            self.tnef(part, octets);
        } else if reason == Code::AttachmentRemoved && encrypted::is_encrypted(name, octets) {
            self.remove(part, octets, Code::EncryptedRemoved);
        } else if contact::is_contact(part) {
            self.contact(part, octets);
            self.remove(part, octets, reason);
        } else {
            self.remove(part, octets, reason);
        }
    }

    /// The entity that an opaque signature wraps, walked like any other. What is left of the part,
    /// the signature, is removed.
    fn signed(&mut self, part: &Part<'_>, octets: &[u8], reason: Code) {
        let content = (self.signed < MAX_SIGNED).then(|| cms::signed_content(octets)).flatten();
        let content = content.unwrap_or_default();
        let limits = Limits {
            depth: self.context.limits.depth.saturating_sub(part.depth),
            parts: self.context.limits.parts.saturating_sub(self.record.wrapped),
            ..self.context.limits.clone()
        };
        let entity = scan(&content, &limits).ok();
        // What has no type of its own is a file that was signed, no entity.
        let has_type = |header: &sekimori_mime::Header<'_>| header.field("Content-Type").is_some();
        let Some(entity) = entity.filter(|entity| has_type(&entity.root().header)) else {
            let is_file = reason == Code::AttachmentRemoved && !is_wrapped_name(part);
            return self.remove(part, octets, if is_file { reason } else { Code::SignedRemoved });
        };
        self.record.wrapped += entity.part_count();
        self.record.decisions.add(Code::SignedAsText);
        self.remove(part, octets, Code::SignatureRemoved);
        // Said once for signatures inside one another.
        if self.signed == 0 {
            self.add(match self.language() {
                Language::Japanese => {
                    "〔以下は電子署名で包まれていた部分です。署名は検証していません。〕\n"
                }
                Language::English => {
                    "[What follows was wrapped in a digital signature, which was not checked.]\n"
                }
            });
        }
        let mut inner = Walk {
            message: &entity,
            context: self.context,
            record: &mut *self.record,
            text: mem::take(&mut self.text),
            steps: vec![Step::Part(sekimori_mime::PartId::ROOT, Role::Shown)],
            measured: Measured::default(),
            doubts: self.doubts,
            within: format!("{}{}/", self.within, part.section),
            signed: self.signed + 1,
            is_stopped: false,
        };
        // What became of the parts in it is no account of the message's own: all is in this part.
        let fates = mem::take(&mut inner.record.fates);
        let walked = inner.run();
        inner.record.fates = fates;
        self.text = mem::take(&mut inner.text);
        self.doubts = inner.doubts;
        self.is_stopped = walked == Err(Stopped);
    }

    /// The text and the files of a winmail.dat. A text that was shown already is not shown again.
    fn tnef(&mut self, part: &Part<'_>, octets: &[u8]) {
        let most = self.context.limits.parts.saturating_sub(self.record.wrapped);
        let opened = tnef::read(octets, most);
        self.record.wrapped += opened.files.len();
        match opened.body {
            Some(tnef::Body::Plain(decoded)) if said::is_within(&decoded.text, self.known()) => {}
            Some(tnef::Body::Plain(decoded)) => {
                let text = self.record.decoded(decoded);
                self.tnef_text(&text, part);
            }
            Some(tnef::Body::Html(decoded)) => match html_body::render(&decoded.text, self.context)
            {
                Ok(rendered) if said::is_within(&rendered.text, self.known()) => {}
                Ok(rendered) => {
                    self.record.decoded(decoded);
                    let text = self.rendered(rendered);
                    self.tnef_text(&text, part);
                }
                Err(_) => self.record.decisions.add(Code::HoldHtml),
            },
            None => {}
        }
        let section = self.section(part);
        for (at, file) in opened.files.iter().enumerate() {
            let removal = Removal {
                section: format!("{section}/{}", at + 1),
                name: file.name.as_deref(),
                declared_type: &file.declared_type,
                octets: file.octets,
                reason: Code::AttachmentRemoved,
            };
            let language = self.language();
            self.record.remove(&removal, language);
        }
        if opened.has_hidden {
            self.record.decisions.add(Code::HtmlHiddenDropped);
        }
        if opened.has_more {
            self.record.decisions.add(Code::HoldParts);
        }
    }

    fn tnef_text(&mut self, text: &str, part: &Part<'_>) {
        self.record.decisions.add(Code::TnefAsText);
        let title = match self.language() {
            Language::Japanese => "〔winmail.dat（Outlookの形式）の本文〕",
            Language::English => "[Text of winmail.dat (a format of Outlook)]",
        };
        self.show(&format!("{title}\n{text}"), part);
    }

    fn contact(&mut self, part: &Part<'_>, octets: &[u8]) {
        let source = plain::decode(part, octets);
        if let Some(text) = contact::lay_out(&source.text, self.language()) {
            self.record.decoded(source);
            self.record.decisions.add(Code::ContactAsText);
            self.show(&text, part);
        }
    }
}

/// Whether a part says by its type or name that it is S/MIME.
fn is_wrapped_name(part: &Part<'_>) -> bool {
    let is_named = part.file_name.as_ref().is_some_and(|name| {
        name.trim().rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("p7m"))
    });
    is_named || matches!(part.content_type.subtype.as_str(), "pkcs7-mime" | "x-pkcs7-mime")
}
