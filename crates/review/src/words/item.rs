//! Words of one message.

use sekimori_journal::AuditKind;

words! {
    /// Words of one message.
    ItemWords {
        back: "一覧へ戻る", "Back to the list";
        facts: "このメールについて", "About this message";
        client: "送ってきたサーバー", "Received from";
        kept: "原本の大きさ", "Size of the original";
        reply: "相手のサーバーの応答", "Reply of the next hop";
        next_attempt: "次の送信予定", "Next attempt";
        doings: "できること", "What you can do";
        nothing_to_do: "いまの状態では、あなたができる操作はありません。", "There is nothing that you can do with it now.";
        waits_for_second: "このメールを送るには、ほかの人からの申請が必要です（二人で確認する設定です）。", "Another person has to ask for this message before it can be sent (two-person rule).";
        own_open: "あなたの申請が確認を待っています。自分の申請を自分で承認することはできません。", "Your request waits for another person: nobody approves his own request.";
        request: "取り出しを申請する", "File a request";
        release: "承認して送る", "Approve and send";
        reject: "却下する", "Reject";
        delete: "削除する", "Delete";
        restore: "元に戻す", "Restore";
        extend: "保管期限を延ばす", "Keep longer";
        download: "原本を取り出す", "Download the original";
        download_part: "取り出す", "Download";
        download_hint: "取り出しは操作記録に残ります。安全を確かめてから開いてください。", "Downloads are put on the audit record. Make sure that it is safe before opening it.";
        release_explain: "下の「送られるテキスト」を宛先へ送ります。", "Sends the text below to its recipients.";
        reject_explain: "テキストを送りません。申請があれば却下し、メールを削除します。", "The text is not sent; open requests are rejected and the message is deleted.";
        delete_explain: "メールを削除します。しばらくの間は元に戻せます。", "Deletes the message. For some days this can be undone.";
        restore_explain: "削除を取り消し、保留中に戻します。{}まで元に戻せます。", "Undoes the delete: the message is held again. Possible until {}.";
        reason: "理由", "Reason";
        days: "今日から何日間保管しますか", "Keep for how many days from today";
        send_to: "送る宛先", "Send to";
        usual_send: "内容を確認し、問題がないため", "Checked and in order";
        usual_needed: "業務に必要なため", "Needed for our work";
        usual_junk: "迷惑メールのため", "Junk mail";
        usual_suspicious: "不審なメールのため", "Suspicious mail";
        usual_mistake: "操作の誤りを直すため", "To correct a mistake";
        wanted: "必要なもの", "What is needed";
        wanted_text: "送られるテキスト（保留を解いて宛先へ）", "The text (to its recipients)";
        wanted_original: "原本のすべて", "The whole original";
        wanted_parts: "選んだ添付ファイル", "The attachments selected";
        way: "受け取り方", "How to receive it";
        way_download: "この画面から取り出す", "Download it here";
        way_mail: "インターネット側のメールボックスへ送る", "Have it sent to an Internet-side mailbox";
        mailboxes: "送り先のメールアドレス（空白で区切る。空欄なら自分）", "Mail addresses, separated by blanks (your own if empty)";
        request_go: "申請する", "File the request";
        text: "送られるテキスト", "The text that crosses";
        text_held: "承認されると、このテキストが宛先へ送られます。", "This is what its recipients get once it is approved.";
        text_not_yours: "本文を見る権限がありません。", "You have no right to see the content.";
        decisions: "処理の内容", "What was decided";
        no_decisions: "変えたところはありません。", "Nothing was changed.";
        removed: "削除した添付ファイル", "Attachments removed";
        removed_none: "削除した添付ファイルはありません。", "No attachment was removed.";
        name: "名前", "Name";
        kind: "種類", "Type";
        kind_differs: "申告は{}", "declared as {}";
        ask_part: "申請する", "Request";
        header: "原本のヘッダー", "Header of the original";
        timeline: "操作記録", "Record";
        timeline_none: "記録はまだありません。", "Nothing is on record yet.";
        by_program: "自動", "by the program";
        from_where: "{}から", "from {}";
        requests: "取り出し申請", "Requests";
        done_release: "承認しました。まもなく送信します。", "Approved. It will be sent shortly.";
        done_reject: "却下しました。", "Rejected.";
        done_delete: "削除しました。元に戻すときは「元に戻す」を押してください。", "Deleted. Press Restore to undo it.";
        done_restore: "元に戻しました。", "Restored.";
        done_extend: "保管期限を延ばしました。", "It is kept longer.";
        done_request: "申請しました。承認されると、この画面から先へ進めます。", "Your request was filed. Once it is approved, go on from this page.";
        hand_overs: "インターネット側への引き渡し", "Hand-overs on the Internet side";
        hand_over_waiting: "送信待ち", "Waiting";
        hand_over_done: "届きました", "Handed over";
        hand_over_failed: "送れませんでした", "Failed";
        received: "受信して無害化しました", "Received and sanitized";
        refused: "受信を拒否しました", "Refused";
        delivered: "相手のサーバーが受け取りました", "The next hop took it";
        relayed: "関所が受け取りました（送信待ち）", "The gate took it and has yet to deliver it";
        deferred: "送信できず、後でもう一度送ります", "Could not be sent; will be tried again";
        failed: "送信できませんでした", "Could not be sent";
        held: "保留しました", "Held";
        released: "送信を許可しました", "Sent on";
        deleted: "削除しました", "Deleted";
        flushed: "すぐに送信するようにしました", "Made due at once";
        expired: "保管期限が過ぎて消えました", "Gone after its time of keeping";
        lost: "記録しきれなかった操作があります", "Records were lost";
        configured: "設定が変わりました", "The configuration changed";
        signed_in: "サインインしました", "Signed in";
        sign_in_failed: "サインインに失敗しました", "Failed to sign in";
        signed_out: "サインアウトしました", "Signed out";
        looked: "内容を見ました", "Looked at the content";
        downloaded: "原本または添付ファイルを取り出しました", "Downloaded the original or an attachment";
        requested: "申請しました", "Filed a request";
        approved: "申請を承認しました", "Approved a request";
        rejected: "申請を却下しました", "Rejected a request";
        returned: "申請を差し戻しました", "Returned a request";
        withdrawn: "申請を取り下げました", "Took a request back";
        handed_over: "インターネット側へ引き渡しました", "Handed over on the Internet side";
        restored: "元に戻しました", "Restored";
        extended: "保管期限を延ばしました", "Kept longer";
        exception_requested: "例外措置を申請しました", "Asked for an exception";
        exception_approved: "例外措置を承認しました", "Approved an exception";
        exception_rejected: "例外措置を却下しました", "Rejected an exception";
        exception_ended: "例外措置が終わりました", "An exception ended";
        account_changed: "利用者の登録を変えました", "An account was changed";
        token_changed: "トークンを変えました", "A token was changed";
        backup_restored: "バックアップから復元しました", "The journal was put back from a backup";
        exported: "書き出しました", "Exported";
        noticed: "お知らせを送りました", "A notice was sent";
        stopped: "通過を非常停止しました", "The crossing was stopped";
        resume_asked: "通過の再開を申し出ました（別の人の同意待ち）", "Asked to resume the crossing; another person has to agree";
        resumed: "通過を再開しました", "The crossing was resumed";
        canary_passed: "試験メールは無害な本文として届きました", "A canary arrived as harmless text";
        canary_failed: "試験メールが届かないか、無害になっていませんでした", "A canary did not arrive, or was not harmless";
    }
}

impl ItemWords {
    /// What a record tells of.
    pub(crate) fn kind(&self, kind: AuditKind) -> &'static str {
        match kind {
            AuditKind::Received => self.received,
            AuditKind::Refused => self.refused,
            AuditKind::Delivered => self.delivered,
            AuditKind::Relayed => self.relayed,
            AuditKind::Deferred => self.deferred,
            AuditKind::Failed => self.failed,
            AuditKind::Held => self.held,
            AuditKind::Released => self.released,
            AuditKind::Deleted => self.deleted,
            AuditKind::Flushed => self.flushed,
            AuditKind::Expired => self.expired,
            AuditKind::Lost => self.lost,
            AuditKind::Configured => self.configured,
            AuditKind::SignedIn => self.signed_in,
            AuditKind::SignInFailed => self.sign_in_failed,
            AuditKind::SignedOut => self.signed_out,
            AuditKind::Looked => self.looked,
            AuditKind::Downloaded => self.downloaded,
            AuditKind::Requested => self.requested,
            AuditKind::Approved => self.approved,
            AuditKind::Rejected => self.rejected,
            AuditKind::Returned => self.returned,
            AuditKind::Withdrawn => self.withdrawn,
            AuditKind::HandedOver => self.handed_over,
            AuditKind::Restored => self.restored,
            AuditKind::Extended => self.extended,
            AuditKind::ExceptionRequested => self.exception_requested,
            AuditKind::ExceptionApproved => self.exception_approved,
            AuditKind::ExceptionRejected => self.exception_rejected,
            AuditKind::ExceptionEnded => self.exception_ended,
            AuditKind::AccountChanged => self.account_changed,
            AuditKind::TokenChanged => self.token_changed,
            AuditKind::Exported => self.exported,
            AuditKind::Noticed => self.noticed,
            AuditKind::Stopped => self.stopped,
            AuditKind::ResumeAsked => self.resume_asked,
            AuditKind::Resumed => self.resumed,
            AuditKind::CanaryPassed => self.canary_passed,
            AuditKind::CanaryFailed => self.canary_failed,
            AuditKind::BackupRestored => self.backup_restored,
        }
    }
}
