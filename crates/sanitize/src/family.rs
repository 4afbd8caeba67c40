//! Families of files, as people speak of them: for the notice, and to see a name that lies.

use sekimori_policy::Language;

/// A family of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Spreadsheet,
    Document,
    Ichitaro,
    Presentation,
    Pdf,
    Image,
    Audio,
    Video,
    Archive,
    Program,
    Html,
    Text,
    Mail,
    Calendar,
    Contact,
    Drawing,
}

impl Family {
    /// The family of a media type in lower case.
    pub(crate) fn of_media_type(media_type: &str) -> Option<Self> {
        let (kind, subtype) = media_type.split_once('/')?;
        let has = |part: &str| subtype.contains(part);
        Some(match kind {
            "image" if has("dxf") || has("dwg") => Self::Drawing,
            "image" => Self::Image,
            "audio" => Self::Audio,
            "video" => Self::Video,
            "message" => Self::Mail,
            "text" if subtype == "html" => Self::Html,
            "text" if has("shellscript") => Self::Program,
            "text" => Self::Text,
            "application" if has("excel") || has("spreadsheet") => Self::Spreadsheet,
            "application" if has("powerpoint") || has("presentation") => Self::Presentation,
            "application"
                if has("msword")
                    || has("ms-word")
                    || has("wordprocessing")
                    || has("opendocument.text")
                    || subtype == "rtf" =>
            {
                Self::Document
            }
            "application" if subtype == "pdf" => Self::Pdf,
            "application" if has("ms-outlook") || subtype == "ms-tnef" => Self::Mail,
            "application"
                if has("executable")
                    || has("msdownload")
                    || has("x-mach-binary")
                    || has("java-vm")
                    || has("x-elf")
                    || has("llvm")
                    || has("wasm") =>
            {
                Self::Program
            }
            "application"
                if has("zip")
                    || has("compress")
                    || has("rar")
                    || has("x-tar")
                    || has("lzip")
                    || has("x-xz")
                    || has("iso9660")
                    || has("cab-compressed")
                    || has("bzip") =>
            {
                Self::Archive
            }
            _ => return None,
        })
    }

    /// The family that a file name promises.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension.trim().to_ascii_lowercase().as_str() {
            "xls" | "xlsx" | "xlsm" | "xlsb" | "xlt" | "xltx" | "xltm" | "ods" => Self::Spreadsheet,
            "doc" | "docx" | "docm" | "dot" | "dotx" | "dotm" | "odt" | "rtf" => Self::Document,
            "jtd" | "jtdc" | "jtt" | "jttc" => Self::Ichitaro,
            "ppt" | "pptx" | "pptm" | "pps" | "ppsx" | "ppsm" | "odp" => Self::Presentation,
            "pdf" => Self::Pdf,
            "png" | "jpg" | "jpeg" | "gif" | "bmp" | "tif" | "tiff" | "webp" | "heic" | "heif"
            | "svg" => Self::Image,
            "mp3" | "wav" | "m4a" | "ogg" | "flac" | "amr" => Self::Audio,
            "mp4" | "mov" | "avi" | "wmv" | "mkv" | "webm" | "3gp" => Self::Video,
            "zip" | "7z" | "rar" | "lzh" | "gz" | "tgz" | "bz2" | "xz" | "tar" | "cab" | "iso"
            | "img" => Self::Archive,
            "exe" | "dll" | "scr" | "com" | "pif" | "cpl" | "msi" | "bat" | "cmd" | "ps1"
            | "vbs" | "vbe" | "js" | "jse" | "wsf" | "hta" | "lnk" | "jar" | "sh" => Self::Program,
            "html" | "htm" | "shtml" | "xhtml" | "mht" | "mhtml" => Self::Html,
            "txt" | "csv" | "tsv" | "log" | "md" | "xml" | "json" => Self::Text,
            "eml" | "msg" => Self::Mail,
            "ics" => Self::Calendar,
            "vcf" => Self::Contact,
            "dxf" | "dwg" | "jww" | "jwc" | "sfc" | "p21" => Self::Drawing,
            _ => return None,
        })
    }

    /// Whether files of this family are text, or may be.
    pub(crate) fn is_written_as_text(self) -> bool {
        matches!(self, Self::Mail | Self::Calendar | Self::Contact | Self::Drawing)
    }

    /// What people call it.
    pub(crate) fn name(self, language: Language) -> &'static str {
        let (japanese, english) = match self {
            Self::Spreadsheet => ("Excel", "spreadsheet"),
            Self::Document => ("Word", "document"),
            Self::Ichitaro => ("一太郎", "Ichitaro document"),
            Self::Presentation => ("PowerPoint", "presentation"),
            Self::Pdf => ("PDF", "PDF"),
            Self::Image => ("画像", "image"),
            Self::Audio => ("音声", "audio"),
            Self::Video => ("動画", "video"),
            Self::Archive => ("圧縮ファイル", "archive"),
            Self::Program => ("プログラム", "program"),
            Self::Html => ("HTML", "HTML"),
            Self::Text => ("テキスト", "text"),
            Self::Mail => ("メール", "mail"),
            Self::Calendar => ("予定", "calendar"),
            Self::Contact => ("連絡先", "contact"),
            Self::Drawing => ("図面", "drawing"),
        };
        match language {
            Language::Japanese => japanese,
            Language::English => english,
        }
    }
}

/// Whether what the content shows is of another family than the name promises, or the declared type
/// where the name promises nothing. A zip archive may be any of the packages that are zips inside,
/// and programs, pages, pictures in SVG and whatever is written as text are text as well.
pub(crate) fn differ(name: &str, declared: &str, detected: &str) -> bool {
    let promised = Family::of_name(name).or_else(|| Family::of_media_type(declared));
    let (Some(shown), Some(promised)) = (Family::of_media_type(detected), promised) else {
        return false;
    };
    let is_compatible = match shown {
        Family::Archive => !matches!(promised, Family::Pdf | Family::Image | Family::Html),
        // A page that calls itself a text, to be opened as one, is no such thing.
        Family::Html => matches!(promised, Family::Program | Family::Mail),
        Family::Text => {
            matches!(promised, Family::Html | Family::Program)
                || promised.is_written_as_text()
                || (promised == Family::Image && is_svg(name, declared))
        }
        _ => false,
    };
    promised != shown && !is_compatible
}

fn is_svg(name: &str, declared: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.trim());
    extension.map_or(declared == "image/svg+xml", |e| e.eq_ignore_ascii_case("svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_lies_is_seen() {
        let exe = "application/vnd.microsoft.portable-executable";
        assert!(differ("見積書.pdf", "application/pdf", exe));
        assert!(differ("a.txt", "text/plain", exe));
        assert!(differ("見積書.xlsm", "application/octet-stream", "text/plain"));
        assert!(!differ("名簿.csv", "application/vnd.ms-excel", "text/plain"));
        assert!(!differ("setup.exe", "application/octet-stream", exe));
        assert!(!differ("a.xlsx", "application/octet-stream", "application/zip"));
        assert!(!differ("a", "application/octet-stream", "image/png"));
        assert!(!differ("屋根伏図.dxf", "image/vnd.dxf", "text/plain"));
        assert!(!differ("町章.svg", "image/svg+xml", "text/plain"));
        assert!(!differ("採択通知.eml", "application/octet-stream", "text/plain"));
        assert!(differ("a.jpg", "image/jpeg", "application/zip"));
        assert!(differ("a.jpg", "image/jpeg", "text/plain"));
        assert!(differ("議事録.txt", "text/plain", "text/html"));
        assert!(differ("屋根伏図.dxf", "image/vnd.dxf", exe));
    }
}
