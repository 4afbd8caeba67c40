//! Words of messages wherever they are shown: states, effects, facts.

use sekimori_journal::{RecipientState, RequestState, State};
use sekimori_policy::Effect;

words! {
    /// Words of messages wherever they are shown.
    MessageWords {
        queued: "送信待ち", "Waiting";
        held: "保留中", "Held";
        delivered: "送信済み", "Delivered";
        failed: "送信失敗", "Failed";
        deleted: "削除済み", "Deleted";
        recipient_waiting: "まだ送信していません", "Not sent yet";
        recipient_delivered: "相手のサーバーが受け取りました", "The next hop has taken it";
        recipient_failed: "相手のサーバーに断られました", "The next hop has refused it";
        open: "申請中", "Open";
        returned: "差し戻し", "Returned";
        approved: "承認済み", "Approved";
        rejected: "却下", "Rejected";
        withdrawn: "取り下げ", "Withdrawn";
        lapsed: "期限切れ", "Lapsed";
        hold: "保留した理由", "Why it was held";
        reject: "拒否した理由", "Why it was refused";
        drop: "取り除いたもの", "What was removed";
        change: "形を変えたもの", "What was changed";
        note: "気をつけること", "What to know";
        times: "{}か所", "{} times";
        reference: "受付番号", "Reference number";
        state: "状態", "State";
        received: "受信日時", "Received";
        from: "差出人", "From";
        sender: "送信元", "Envelope sender";
        no_sender: "（なし：配送結果の通知）", "(none: a delivery report)";
        recipients: "宛先", "Recipients";
        subject: "件名", "Subject";
        no_subject: "（件名なし）", "(no subject)";
        attachments: "添付ファイル", "Attachments";
        reason: "理由", "Reason";
        keep_until: "保管期限", "Kept until";
        organisation: "団体", "Organisation";
        size: "大きさ", "Size";
        and_more: "ほか{}件", "and {} more";
        parts_removed: "添付{}件を削除", "{} removed";
        requested: "申請あり", "Requested";
    }
}

impl MessageWords {
    /// What has become of a message.
    pub(crate) fn state(&self, state: State) -> &'static str {
        match state {
            State::Queued => self.queued,
            State::Held => self.held,
            State::Delivered => self.delivered,
            State::Failed => self.failed,
            State::Deleted => self.deleted,
        }
    }

    /// What has become of a message for a recipient.
    pub(crate) fn recipient(&self, state: RecipientState) -> &'static str {
        match state {
            RecipientState::Waiting => self.recipient_waiting,
            RecipientState::Delivered => self.recipient_delivered,
            RecipientState::Failed => self.recipient_failed,
        }
    }

    /// What has become of a request.
    pub(crate) fn request(&self, state: RequestState) -> &'static str {
        match state {
            RequestState::Open => self.open,
            RequestState::Returned => self.returned,
            RequestState::Approved => self.approved,
            RequestState::Rejected => self.rejected,
            RequestState::Withdrawn => self.withdrawn,
            RequestState::Lapsed => self.lapsed,
        }
    }

    /// The heading over decisions of an effect.
    pub(crate) fn effect(&self, effect: Effect) -> &'static str {
        match effect {
            Effect::Hold => self.hold,
            Effect::Reject => self.reject,
            Effect::Drop => self.drop,
            Effect::Change => self.change,
            Effect::Note => self.note,
        }
    }
}
