//! Words of the list of messages and of what is done to several of them.

words! {
    /// Words of the list of messages and of what is done to several of them.
    ListWords {
        title: "メール一覧", "Mail";
        search: "受付番号、件名、差出人、宛先、添付ファイル名で検索", "Search by reference number, subject, From, recipient or attachment name";
        go: "検索", "Search";
        more: "条件を絞り込む", "More conditions";
        all_states: "すべて", "All";
        from: "差出人・送信元", "From or envelope sender";
        to: "宛先", "Recipient";
        subject: "件名", "Subject";
        part: "添付ファイル名", "Attachment name";
        code: "処理の内容", "What was decided";
        any: "（指定なし）", "(any)";
        since: "この日から", "From this day";
        until: "この日まで", "Up to this day";
        organisation: "団体", "Organisation";
        requested: "取り出し申請のあるものだけ", "Only with an open request";
        oldest: "古い順に並べる", "Oldest first";
        conditions: "いまの条件", "Conditions";
        remove: "「{}」の条件を外す", "Remove the condition {}";
        clear: "条件をすべて外す", "Remove all conditions";
        bad_date: "日付は西暦で、2026-09-21のように入力してください。", "Enter dates like 2026-09-21.";
        count_exactly: "{}件", "{} messages";
        count_more: "{}件より多く見つかりました", "more than {} messages";
        list: "見つかったメール", "Messages found";
        pick: "選択", "Select";
        pick_row: "{}を選ぶ", "Select {}";
        pick_every: "この画面のすべてを選ぶ", "Select all on this page";
        chosen: "{}件を選択中", "{} selected";
        whole: "条件に合う{}件すべてを選ぶ", "Select all {} that match";
        bulk: "選んだメールへの操作", "Actions on the selected messages";
        release: "承認して送る", "Approve and send";
        reject: "却下する", "Reject";
        delete: "削除する", "Delete";
        restore: "元に戻す", "Restore";
        extend: "期限を延ばす", "Keep longer";
        next: "次の{}件", "Next {}";
        first: "最初のページへ", "First page";
        nothing_found: "条件に合うメールはありません", "No message matches";
        nothing_found_do: "条件を減らすか、言葉を変えて検索してください。", "Remove a condition or search for other words.";
        empty: "メールはまだありません", "No mail yet";
        empty_do: "隔離は空です。受信したメールは、ここに表示されます。", "Quarantine is empty. Mail that is received is shown here.";
        none_held: "確認を待つメールはありません", "Nothing waits for review";
        none_held_do: "保留中のメールはすべて処理されています。", "Every held message has been dealt with.";
        switched_off: "隔離は使われていません", "Quarantine is switched off";
        switched_off_do: "この団体では、無害化したメールをそのまま送る設定です。上限超過や変換の誤りがあったときだけ、ここに保留されます。", "This organisation's mail is sent on once it is sanitized. Only what is over a limit or could not be converted is held here.";
        none_chosen: "メールが選ばれていません", "No message is selected";
        none_chosen_do: "一覧に戻り、左端の欄でメールを選んでください。", "Go back to the list and select messages in the first column.";
        confirm_release: "承認して送りますか", "Approve and send?";
        confirm_reject: "却下しますか", "Reject?";
        confirm_delete: "削除しますか", "Delete?";
        confirm_restore: "元に戻しますか", "Restore?";
        confirm_extend: "保管期限を延ばしますか", "Keep longer?";
        explain_release: "無害化したテキストを宛先へ送ります。送信済みと表示されるのは、相手のサーバーが受け取った後です。", "The sanitized text is sent to the recipients. It is shown as delivered once the next hop has taken it.";
        explain_reject: "テキストを送らず、申請があれば却下します。", "The text is not sent, and open requests are rejected.";
        explain_delete: "一覧から除きます。しばらくの間は元に戻せます。", "The messages are taken out. For some days this can be undone.";
        explain_restore: "削除したメールを、削除する前の保留中に戻します。", "Deleted messages are held again as before.";
        explain_extend: "原本とテキストを保管する期限を延ばします。", "The original and the text are kept longer.";
        concerned: "対象：{}件", "Messages concerned: {}";
        cut: "一度に操作できるのは{}件までです。新しいものから{}件を対象にします。", "At most {} at once: the newest {} are concerned.";
        sample: "対象の例（はじめの{}件）", "A sample (the first {})";
        reason: "理由", "Reason";
        reason_hint: "操作記録に残ります。", "This is put on the audit record.";
        cancel: "やめて一覧へ戻る", "Cancel and go back";
        result: "操作の結果", "Result";
        result_all: "{}件すべてを処理しました。", "All {} were done.";
        result_some: "{}件を処理し、{}件は処理できませんでした。", "{} were done, {} were not.";
        result_failed: "処理できなかったメール", "Not done";
        result_done: "処理したメール", "Done";
        result_done_cut: "はじめの{}件を示します。", "The first {} are shown.";
        why_not: "処理できなかった理由", "Why not";
        back: "一覧へ戻る", "Back to the list";
    }
}
