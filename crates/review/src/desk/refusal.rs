//! Why something was not done, for people and for programs.

use sekimori_journal::{ExceptionState, JournalError, RequestState, State};

use super::Right;

/// Why the person may not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// None of his roles, or not his token, allows it.
    Right(Right),
    /// Nobody decides his own request.
    OwnRequest,
    /// Nobody decides his own exception.
    OwnException,
    /// Another person has to ask for it first.
    SecondPerson,
    /// There is no approved request of his, or its time is over.
    NotApproved,
    /// Nobody changes his own roles or account.
    OwnAccount,
    /// It takes a person with an account.
    NoAccount,
    /// A token is not enough for this.
    Token,
    /// He has to change his password or set up a second factor first.
    Unfinished,
}

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// The message's state.
    Message(State),
    /// The request's state.
    Request(RequestState),
    /// The exception's state.
    Exception(ExceptionState),
    /// The days in which a delete can be undone are over.
    UndoOver,
    /// The message has no original: it was made here.
    NoOriginal,
    /// The part cannot be found in the original as it was recorded.
    PartNotFound,
    /// No way to the Internet-side mailboxes is configured.
    NoHop,
}

/// What is wrong with something given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was given.
    Missing,
    /// Longer than so many octets or characters.
    TooLong(usize),
    /// Shorter than so many characters.
    TooShort(usize),
    /// More than so many.
    TooMany(usize),
    /// Not of the form that is asked for.
    Form,
    /// Nothing of that name.
    Unknown,
    /// None of what may be named here.
    NotAllowed,
    /// Too late or too early.
    OutOfRange,
    /// Too many others use it.
    Common,
    /// It does not match.
    Wrong,
}

/// What something clashes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// Another account has the login.
    LoginTaken,
    /// Another account is bound to this person of the identity provider.
    SubjectTaken,
    /// The person has the same request open.
    AlreadyRequested,
    /// A second factor is set up already.
    SecondFactorSet,
}

/// How a command ends that was refused: the codes of sysexits.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// What was given is wrong.
    Usage = 64,
    /// It does not fit what is there.
    Data = 65,
    /// Reading or writing failed.
    Io = 74,
    /// It may work later.
    TryAgain = 75,
    /// The person may not.
    NotPermitted = 77,
}

/// Why something was not done. An object of another organisation is always [`Refusal::NotFound`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The person may not.
    NotPermitted(Why),
    /// There is no such thing, or none that the person may know of.
    NotFound,
    /// What is there does not allow it (any more).
    WrongState(Stands),
    /// Something given is wrong.
    Invalid {
        /// What: the name of a form field.
        field: &'static str,
        /// What is wrong with it.
        why: Fault,
    },
    /// It clashes with what is there.
    Conflict(Clash),
    /// Too many at once, or too often.
    TooMany,
    /// The verifier does not take the text for one of the text-only profile.
    NotVerified,
    /// The store did not do it.
    Store(JournalError),
}

impl Refusal {
    pub(super) fn invalid(field: &'static str, why: Fault) -> Self {
        Self::Invalid { field, why }
    }

    /// The HTTP status (RFC 9110 section 15).
    pub fn status(&self) -> u16 {
        match self {
            Self::NotPermitted(_) => 403,
            Self::NotFound => 404,
            Self::WrongState(_) | Self::Conflict(_) | Self::NotVerified => 409,
            Self::Invalid { .. } => 422,
            Self::TooMany => 429,
            Self::Store(
                JournalError::DiskLow { .. } | JournalError::DiskFull | JournalError::Busy,
            ) => 503,
            Self::Store(_) => 500,
        }
    }

    /// How a command ends. An unknown message and a state that does not fit end as they do for
    /// `queue`.
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotPermitted(_) => Exit::NotPermitted,
            Self::NotFound | Self::WrongState(_) | Self::Conflict(_) | Self::NotVerified => {
                Exit::Data
            }
            Self::Invalid { .. } => Exit::Usage,
            Self::TooMany
            | Self::Store(
                JournalError::DiskLow { .. } | JournalError::DiskFull | JournalError::Busy,
            ) => Exit::TryAgain,
            Self::Store(_) => Exit::Io,
        }
    }

    /// The name for programs. Names are only ever added.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotPermitted(why) => match why {
                Why::Right(_) => "not-permitted",
                Why::OwnRequest => "own-request",
                Why::OwnException => "own-exception",
                Why::SecondPerson => "second-person-needed",
                Why::NotApproved => "not-approved",
                Why::OwnAccount => "own-account",
                Why::NoAccount => "account-needed",
                Why::Token => "token-not-enough",
                Why::Unfinished => "sign-in-unfinished",
            },
            Self::NotFound => "not-found",
            Self::WrongState(stands) => match stands {
                Stands::Message(_) => "wrong-state",
                Stands::Request(_) => "request-wrong-state",
                Stands::Exception(_) => "exception-wrong-state",
                Stands::UndoOver => "undo-over",
                Stands::NoOriginal => "no-original",
                Stands::PartNotFound => "part-not-found",
                Stands::NoHop => "no-internet-hop",
            },
            Self::Invalid { .. } => "invalid",
            Self::Conflict(clash) => match clash {
                Clash::LoginTaken => "login-taken",
                Clash::SubjectTaken => "subject-taken",
                Clash::AlreadyRequested => "already-requested",
                Clash::SecondFactorSet => "second-factor-set",
            },
            Self::TooMany => "too-many",
            Self::NotVerified => "not-verified",
            Self::Store(error) if matches!(self.exit(), Exit::TryAgain) => match error {
                JournalError::Busy => "store-busy",
                _ => "store-full",
            },
            Self::Store(_) => "store-failed",
        }
    }

    /// The sentence for people, in Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::NotPermitted(why) => why.japanese().to_owned(),
            Self::NotFound => "見つかりません。番号をご確認ください。".to_owned(),
            Self::WrongState(stands) => stands.japanese(),
            Self::Invalid { field, why } => {
                format!("{}：{}", field_in_japanese(field), why.japanese())
            }
            Self::Conflict(clash) => clash.japanese().to_owned(),
            Self::TooMany => {
                "件数または回数が多すぎます。数を減らすか、時間をおいてお試しください。".to_owned()
            }
            Self::NotVerified => {
                "検証に合格しない本文のため、通過させられません。管理者に連絡してください。"
                    .to_owned()
            }
            Self::Store(_) if self.exit() == Exit::TryAgain => {
                "保存領域に空きがないか、混み合っています。時間をおいてお試しください。".to_owned()
            }
            Self::Store(_) => {
                "保存領域の障害のため、実行できませんでした。管理者に連絡してください。".to_owned()
            }
        }
    }

    /// The sentence for people, in English.
    pub fn english(&self) -> String {
        match self {
            Self::NotPermitted(why) => why.english().to_owned(),
            Self::NotFound => "Not found. Please check the number.".to_owned(),
            Self::WrongState(stands) => stands.english(),
            Self::Invalid { field, why } => format!("{field}: {}", why.english()),
            Self::Conflict(clash) => clash.english().to_owned(),
            Self::TooMany => "Too many, or too often. Take fewer, or try again later.".to_owned(),
            Self::NotVerified => {
                "The verifier does not pass this text, so it cannot cross. Tell the administrator."
                    .to_owned()
            }
            Self::Store(_) if self.exit() == Exit::TryAgain => {
                "The store is full or busy. Try again later.".to_owned()
            }
            Self::Store(_) => "The store failed. Tell the administrator.".to_owned(),
        }
    }
}

impl Why {
    fn japanese(self) -> &'static str {
        match self {
            Self::Right(_) => "この操作を行う権限がありません。",
            Self::OwnRequest => "自分の申請を自分で決裁することはできません。",
            Self::OwnException => "自分が申請した例外措置を自分で決裁することはできません。",
            Self::SecondPerson => "ほかの人の申請が必要です（二人で確認する設定です）。",
            Self::NotApproved => "承認された申請がないか、取り出しの期限が過ぎています。",
            Self::OwnAccount => "自分の権限や利用期間を自分で変えることはできません。",
            Self::NoAccount => "利用者としてサインインする必要があります。",
            Self::Token => "トークンではこの操作はできません。サインインしてください。",
            Self::Unfinished => "先にパスワードの変更または二要素認証の設定を済ませてください。",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Right(_) => "You may not do this.",
            Self::OwnRequest => "Nobody decides his own request.",
            Self::OwnException => "Nobody decides his own exception.",
            Self::SecondPerson => "Another person has to ask for this first (two-person rule).",
            Self::NotApproved => "There is no approved request, or its time is over.",
            Self::OwnAccount => "Nobody changes his own roles or validity.",
            Self::NoAccount => "This takes a person who has signed in.",
            Self::Token => "A token is not enough for this. Please sign in.",
            Self::Unfinished => "Change your password or set up the second factor first.",
        }
    }
}

impl Stands {
    fn japanese(self) -> String {
        let text = match self {
            Self::Message(state) => {
                let state = match state {
                    State::Queued => "配送待ち",
                    State::Held => "保留中",
                    State::Delivered => "配送済み",
                    State::Failed => "配送失敗",
                    State::Deleted => "削除済み",
                };
                return format!("このメールは{state}のため、この操作はできません。");
            }
            Self::Request(state) => {
                let state = match state {
                    RequestState::Open => "申請中",
                    RequestState::Returned => "差し戻し",
                    RequestState::Approved => "承認済み",
                    RequestState::Rejected => "却下",
                    RequestState::Withdrawn => "取り下げ",
                    RequestState::Lapsed => "期限切れ",
                };
                return format!("この申請は「{state}」のため、この操作はできません。");
            }
            Self::Exception(_) => "この例外措置の状態では、この操作はできません。",
            Self::UndoOver => "削除を取り消せる期間を過ぎています。",
            Self::NoOriginal => "このメールは本システムが作成したもので、原本はありません。",
            Self::PartNotFound => {
                "添付ファイルを原本から取り出せませんでした。原本全体を申請してください。"
            }
            Self::NoHop => "インターネット側のメールボックスへ送る設定がありません。",
        };
        text.to_owned()
    }

    fn english(self) -> String {
        let text = match self {
            Self::Message(state) => {
                return format!("A message that is {state} does not allow this.");
            }
            Self::Request(state) => {
                return format!("A request that is {} does not allow this.", state.as_str());
            }
            Self::Exception(state) => {
                return format!("An exception that is {} does not allow this.", state.as_str());
            }
            Self::UndoOver => "The time in which a delete can be undone is over.",
            Self::NoOriginal => "This message was made here and has no original.",
            Self::PartNotFound => {
                "The part could not be taken out of the original. Ask for the whole original."
            }
            Self::NoHop => "No way to mailboxes of the Internet side is configured.",
        };
        text.to_owned()
    }
}

impl Fault {
    fn japanese(self) -> String {
        let text = match self {
            Self::Missing => "入力してください。",
            Self::TooLong(most) => return format!("長すぎます（{most}まで）。"),
            Self::TooShort(least) => return format!("短すぎます（{least}文字以上）。"),
            Self::TooMany(most) => return format!("多すぎます（{most}件まで）。"),
            Self::Form => "形式が正しくありません。",
            Self::Unknown => "該当するものがありません。",
            Self::NotAllowed => "ここでは指定できません。",
            Self::OutOfRange => "指定できる期間の外です。",
            Self::Common => "推測されやすいため使えません。",
            Self::Wrong => "一致しません。",
        };
        text.to_owned()
    }

    fn english(self) -> String {
        let text = match self {
            Self::Missing => "please fill this in.",
            Self::TooLong(most) => return format!("too long (at most {most})."),
            Self::TooShort(least) => return format!("too short (at least {least} characters)."),
            Self::TooMany(most) => return format!("too many (at most {most})."),
            Self::Form => "not of the right form.",
            Self::Unknown => "nothing of that name.",
            Self::NotAllowed => "cannot be named here.",
            Self::OutOfRange => "outside the time that may be given.",
            Self::Common => "too easy to guess.",
            Self::Wrong => "does not match.",
        };
        text.to_owned()
    }
}

impl Clash {
    fn japanese(self) -> &'static str {
        match self {
            Self::LoginTaken => "このログイン名はすでに使われています。",
            Self::SubjectTaken => "この認証基盤の利用者は、別の利用者に結び付けられています。",
            Self::AlreadyRequested => "同じ申請がすでに出ています。",
            Self::SecondFactorSet => {
                "二要素認証はすでに設定されています。変更は管理者に依頼してください。"
            }
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::LoginTaken => "This login is in use.",
            Self::SubjectTaken => {
                "Another account is bound to this person of the identity provider."
            }
            Self::AlreadyRequested => "You have the same request open.",
            Self::SecondFactorSet => {
                "A second factor is set up already. Ask an administrator to reset it."
            }
        }
    }
}

/// What a form field is called in Japanese.
fn field_in_japanese(field: &str) -> &str {
    match field {
        "reason" => "理由",
        "recipients" => "宛先",
        "sections" => "添付ファイル",
        "way" => "受け渡し方法",
        "login" => "ログイン名",
        "name" => "名前",
        "password" => "パスワード",
        "code" => "確認コード",
        "organisation" => "組織",
        "addresses" => "メールアドレス",
        "grants" | "roles" => "権限",
        "scopes" => "トークンの用途",
        "expires_at" | "ends_at" => "期限",
        "valid_from" | "valid_until" => "利用期間",
        "conditions" => "条件",
        "days" => "日数",
        "ids" => "対象",
        "csv" => "CSVファイル",
        "key" => "受付番号",
        other => other,
    }
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::UnknownMessage(_)
            | JournalError::UnknownAccount(_)
            | JournalError::UnknownHandOver(_) => Self::NotFound,
            JournalError::NoOriginal(_) => Self::WrongState(Stands::NoOriginal),
            JournalError::WrongState(state) => Self::WrongState(Stands::Message(state)),
            JournalError::LoginTaken(_) => Self::Conflict(Clash::LoginTaken),
            JournalError::SubjectTaken => Self::Conflict(Clash::SubjectTaken),
            JournalError::AlreadyRequested(_) => Self::Conflict(Clash::AlreadyRequested),
            JournalError::NoAccount => Self::NotPermitted(Why::NoAccount),
            JournalError::NotARecipient(_) => Self::invalid("recipients", Fault::NotAllowed),
            JournalError::NoSuchPart(_) => Self::invalid("sections", Fault::Unknown),
            JournalError::OverBound { .. } => Self::TooMany,
            other => Self::Store(other),
        }
    }
}
