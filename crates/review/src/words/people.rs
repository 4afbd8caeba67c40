//! Words of accounts, tokens and exceptions.

words! {
    /// Words of accounts, tokens and exceptions.
    PeopleWords {
        title: "利用者", "Accounts";
        list: "利用者の一覧", "List of accounts";
        name: "氏名", "Name";
        login: "ログイン名", "Login";
        roles: "役割", "Roles";
        addresses: "自分のメールアドレス（空白で区切る）", "Own mail addresses, separated by blanks";
        factor: "二要素認証", "Second factor";
        factor_yes: "設定済み", "Set up";
        factor_no: "未設定", "Not set up";
        last: "最後のサインイン", "Last sign-in";
        state: "状態", "State";
        active: "有効", "In force";
        closed: "停止", "Closed";
        outside: "期間外", "Outside its time";
        organisation: "団体", "Organisation";
        requester: "申請者", "Requester";
        approver: "承認者", "Approver";
        auditor: "監査者", "Auditor";
        administrator: "管理者", "Administrator";
        from: "開始日", "From";
        until: "終了日", "Until";
        add: "利用者を登録する", "Add an account";
        add_go: "登録する", "Add";
        change: "役割と登録内容を変える", "Change roles and details";
        change_go: "変更する", "Change";
        reason: "理由", "Reason";
        password: "最初のパスワードを発行する", "Issue a password for the next sign-in";
        password_explain: "次のサインインで本人が変えるパスワードを発行します。今のパスワードは使えなくなります。", "Makes a password that the person changes at the next sign-in. The present one ends.";
        password_is: "{}さんのパスワードです。この画面にしか表示されません。", "The password of {}. It is shown on this page only.";
        reset: "二要素認証をやり直す", "Set the second factor up anew";
        reset_explain: "端末をなくしたときに使います。次のサインインで設定し直します。", "For a lost telephone: it is set up again at the next sign-in.";
        close: "利用を止める", "Close the account";
        open: "利用を再開する", "Open the account again";
        csv: "CSVでまとめて登録する", "Many at once by CSV";
        csv_explain: "書き出したファイルを表計算ソフトで直し、内容をここに貼り付けてください。4月の異動は開始日と終了日で前もって登録できます。", "Save the file, change it in a spreadsheet, and paste it here. Transfers are entered ahead by their dates.";
        csv_export: "CSVで保存する", "Save as CSV";
        csv_text: "CSVの内容", "The CSV text";
        csv_try: "内容を確かめる", "Check it";
        csv_go: "この内容で登録する", "Do it";
        csv_faults: "直す必要のある行があります。まだ何も変えていません。", "Some lines have to be mended. Nothing was changed yet.";
        csv_line: "行", "Line";
        csv_column: "列", "Column";
        csv_change: "変わるところ", "What changes";
        csv_added: "新しく登録", "Added";
        csv_same: "変わりません", "As it is";
        csv_ready: "まだ登録していません。よければ下のボタンを押してください。", "Nothing was changed yet. Press the button below to do it.";
        csv_done: "登録しました。", "Done.";
        done_change: "変更しました。", "Changed.";
        done_reset: "次のサインインで設定し直します。", "It will be set up at the next sign-in.";
        back: "利用者の一覧へ戻る", "Back to the accounts";
        tokens: "トークン", "Tokens";
        tokens_explain: "プログラムやコマンドから使うための合い言葉です。サーバーの「sekimori user token add」で作り、ここで失効させます。", "For programs and commands. Made with `sekimori user token add` on the server, and revoked here.";
        tokens_none: "トークンはありません。", "There are no tokens.";
        token_name: "名前", "Name";
        token_scopes: "できること", "Scopes";
        token_until: "期限", "Until";
        revoke: "失効させる", "Revoke";
        done_revoke: "失効させました。", "Revoked.";

        exceptions: "例外措置", "Exceptions";
        exceptions_list: "例外措置の一覧", "List of exceptions";
        exceptions_explain: "期間を限って、確認を待たずに送る相手を決めます。無害化は必ず行います。期限が来ると自動で終わります。", "For a time, mail of these passes without waiting for review. It is sanitized all the same. Exceptions lapse by themselves.";
        exceptions_none: "例外措置はありません。", "There are no exceptions.";
        exception_add: "例外措置を申請する", "Ask for an exception";
        exception_add_go: "申請する", "File it";
        exception_senders: "差出人（アドレスまたはドメイン、空白で区切る）", "From these (addresses or domains, separated by blanks)";
        exception_recipients: "宛先（空欄ならすべて）", "To these (all if empty)";
        exception_requester: "申請者", "Requester";
        exception_approver: "承認者", "Approver";
        exception_conditions: "対象", "Concerns";
        exception_approve: "承認する", "Approve";
        exception_reject: "却下する", "Reject";
        exception_end: "終わらせる", "End it";
        exception_open: "申請中", "Open";
        exception_approved: "承認済み", "Approved";
        exception_rejected: "却下", "Rejected";
        exception_ended: "終了", "Ended";
        exception_lapsed: "期限切れ", "Lapsed";
        exception_filed: "申請しました。ほかの人の承認を待ちます。", "Filed. It waits for another person.";
        exception_decided: "決裁しました。", "Decided.";
        exception_own: "自分の申請は自分で承認できません。", "Nobody approves his own.";
    }
}
