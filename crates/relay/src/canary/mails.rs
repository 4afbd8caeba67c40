//! The canaries themselves.

use sekimori_policy::Address;

use super::{HIDDEN, VISIBLE};

/// A kind of canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// HTML with all that can run or hide in it.
    Html,
    /// Attachments of several types, and text around the parts.
    Attachments,
    /// A mail in a mail.
    Forwarded,
    /// Text in ISO-2022-JP with a header full of fields that must not cross.
    Header,
}

impl Kind {
    /// All of them, in the order in which they are sent.
    pub(super) const ALL: [Self; 4] =
        [Self::Html, Self::Attachments, Self::Forwarded, Self::Header];

    /// The name in logs.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Attachments => "attachments",
            Self::Forwarded => "forwarded",
            Self::Header => "header",
        }
    }

    /// A mail of this kind, whose markers end in `number`, with CRLF line ends.
    pub(super) fn mail(self, recipient: &Address, number: u64) -> Vec<u8> {
        let template = match self {
            Self::Html => HTML,
            Self::Attachments => ATTACHMENTS,
            Self::Forwarded => FORWARDED,
            Self::Header => HEADER,
        };
        let number = format!("{number:016x}");
        let mail = format!("{TOP}{template}")
            .replace("RECIPIENT", recipient.as_str())
            .replace("KIND", self.as_str())
            .replace("VISIBLE", &format!("{VISIBLE}{number}"))
            .replace("HIDDEN", &format!("{HIDDEN}{number}"))
            .replace("NUMBER", &number);
        mail.replace('\n', "\r\n").into_bytes()
    }
}

/// What every canary begins with.
const TOP: &str = "\
From: sekimori <sekimori-canary@invalid>
To: <RECIPIENT>
Subject: sekimori canary KIND NUMBER
Message-ID: <canary.NUMBER@sekimori.invalid>
MIME-Version: 1.0
";

const HTML: &str = r#"Content-Type: text/html; charset=utf-8

<!doctype html><html><head><title>HIDDEN-title</title>
<style>p::after { content: "HIDDEN-style" }</style>
<script>var marker = "HIDDEN-script";</script>
<meta http-equiv="refresh" content="0;url=data:text/plain,HIDDEN-refresh"></head>
<body onload="void('HIDDEN-onload')" data-marker="HIDDEN-attribute">
<p>VISIBLE</p>
<!-- HIDDEN-comment -->
<p style="display:none">HIDDEN-invisible</p>
<img src="data:image/svg+xml,HIDDEN-image"><object data="HIDDEN-object"></object>
<svg><script>"HIDDEN-svg"</script></svg><iframe srcdoc="HIDDEN-frame"></iframe>
<form action="HIDDEN-form"><input type="hidden" value="HIDDEN-input"></form>
</body></html>
"#;

const ATTACHMENTS: &str = r#"Content-Type: multipart/mixed; boundary="=_canary"

HIDDEN-preamble
--=_canary
Content-Type: multipart/alternative; boundary="=_both"

--=_both
Content-Type: text/plain; charset=utf-8

VISIBLE
--=_both
Content-Type: text/html; charset=utf-8

<p>VISIBLE<script>"HIDDEN-script"</script></p>
--=_both--
--=_canary
Content-Type: application/vnd.ms-word.document.macroEnabled.12; name="a.docm"
Content-Disposition: attachment; filename="a.docm"

HIDDEN-macro
--=_canary
Content-Type: application/x-msdownload; name="b.exe"
Content-Disposition: attachment; filename="b.exe"

HIDDEN-program
--=_canary
Content-Type: application/zip; name="c.zip"
Content-Disposition: attachment; filename="c.zip"

HIDDEN-archive
--=_canary
Content-Type: text/calendar; charset=utf-8; method=REQUEST; name="d.ics"
Content-Disposition: attachment; filename="d.ics"

BEGIN:VCALENDAR
X-MARKER:HIDDEN-calendar
END:VCALENDAR
--=_canary--
HIDDEN-epilogue
"#;

const FORWARDED: &str = r#"Content-Type: multipart/mixed; boundary="=_canary"

--=_canary
Content-Type: text/plain; charset=utf-8

VISIBLE
--=_canary
Content-Type: message/rfc822

From: <a@sekimori.invalid>
Subject: forwarded
X-Marker: HIDDEN-nested-field
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_inner"

--=_inner
Content-Type: text/html; charset=utf-8

<p>inner</p><script>"HIDDEN-nested-script"</script>
--=_inner
Content-Type: application/octet-stream; name="e.bin"
Content-Disposition: attachment; filename="e.bin"

HIDDEN-nested-attachment
--=_inner--
--=_canary--
"#;

const HEADER: &str = "X-Marker: HIDDEN-field
X-Encoded: =?utf-8?Q?HIDDEN-encoded?=
Disposition-Notification-To: <HIDDEN-receipt@sekimori.invalid>
List-Unsubscribe: <https://sekimori.invalid/HIDDEN-list>
Content-Description: HIDDEN-description
Content-Type: text/plain; charset=iso-2022-jp; x-marker=HIDDEN-parameter
Content-Transfer-Encoding: 7bit

\u{1b}$B;nI8\u{1b}(B VISIBLE
";
