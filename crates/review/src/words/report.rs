//! Words of reports.

words! {
    /// Words of reports.
    ReportWords {
        title: "報告書", "Reports";
        monthly: "月次報告", "Monthly report";
        self_check: "自己点検票", "Self-check";
        requests: "取り出し申請一覧", "Requests";
        monthly_explain: "件数、理由、承認までの時間、例外措置、構成の変更、操作記録の検証をまとめます。", "Counts, causes, times to decisions, exceptions, changes of the configuration, and the check of the audit record.";
        self_check_explain: "要件ごとに、期間中の根拠と判定を示します。", "For each requirement, what the period shows and whether it is met.";
        requests_explain: "期間中の申請と決裁を一覧にします。", "Every request of the period and what was decided.";
        kind: "種類", "Report";
        organisation: "団体", "Organisation";
        period: "期間", "Period";
        period_hint: "月（2026-11）、年度（2026年度）、または日付の範囲（2026-11-01..2026-11-15）", "A month (2026-11), a fiscal year (FY2026), or days (2026-11-01..2026-11-15)";
        period_wrong: "期間を読み取れません。月（2026-11）、年度（2026年度）、または日付の範囲（2026-11-01..2026-11-15、400日以内）で指定してください。", "This is no period. Give a month (2026-11), a fiscal year (FY2026), or days (2026-11-01..2026-11-15, 400 days at most).";
        draw_up: "報告書を作成する", "Draw up the report";
        export_csv: "CSVで保存する", "Save as CSV";
        print_hint: "印刷するときは、ブラウザーの印刷機能を使ってください。A4縦に収まります。", "To print it, use the print function of the browser. It fits A4 upright.";
        drawn_up_at: "作成日時", "Drawn up";
        drawn_up_by: "作成者", "Drawn up by";
        for_requirements: "対応する要件", "Requirements";
        nothing: "該当なし", "None";
        further: "ほかに{}件あります。", "There are {} more.";

        overview: "概況", "Overview";
        item: "項目", "Item";
        number: "件数", "Number";
        received: "受信したメール", "Messages received";
        octets: "受信したバイト数", "Octets received";
        passed: "無害化してすぐに送信したメール", "Messages sanitized and sent at once";
        held: "保留したメール", "Messages held";
        with_removed: "添付ファイルを外したメール", "Messages with attachments removed";
        removed: "外した添付ファイル", "Attachments removed";
        delivered: "相手のサーバーが受け取った宛先", "Recipients that the next hop took";
        deferred: "再送待ちになった回数", "Attempts deferred";
        failed: "送信できなかった宛先", "Recipients that failed";
        released: "承認して送信したメール", "Held messages sent on";
        deleted: "削除したメール", "Messages deleted";
        restored: "削除を取り消したメール", "Deletions undone";
        extended: "保管期限を延ばしたメール", "Messages kept for longer";
        expired: "保管期限が過ぎて消去した原本", "Originals removed at the end of their time";

        causes: "処理と理由", "What was done, and why";
        code: "コード", "Code";
        meaning: "意味", "Meaning";
        messages: "メール数", "Messages";
        types: "外した添付ファイルの種類", "Kinds of attachments removed";
        media_type: "種類", "Kind";
        other_types: "その他", "Others";

        decisions: "申請と決裁", "Requests and decisions";
        filed: "申請", "Requests filed";
        approved: "承認", "Approved";
        turned_down: "却下", "Rejected";
        returned: "差し戻し", "Returned";
        open: "未決", "Open";
        median: "申請から決裁までの中央値", "Median time from request to decision";
        ninety: "申請から決裁までの90パーセント値", "Nine of ten decided within";
        longest: "申請から決裁までの最長", "Longest time to a decision";
        held_median: "保留から送信または削除までの中央値", "Median time a message was held until decided";
        held_longest: "保留から送信または削除までの最長", "Longest time a message was held until decided";

        access: "内容の閲覧と取り出し", "Looks at content";
        looked: "内容の閲覧", "Looks at the content of messages";
        downloaded: "原本と添付ファイルの取り出し", "Originals and attachments downloaded";
        handed_over: "インターネット側への引き渡し", "Hand-overs on the Internet side";
        exported: "一覧と記録の書き出し", "Exports of lists and records";
        signed_in: "サインイン", "Sign-ins";
        sign_in_failed: "失敗したサインイン", "Refused sign-ins";
        account_changed: "利用者の登録と変更", "Accounts made or changed";
        token_changed: "トークンの発行と失効", "Tokens made or revoked";

        exceptions: "例外措置", "Exceptions";
        requester: "申請者", "Requester";
        approver: "承認者", "Approver";
        reason: "理由", "Reason";
        begins_at: "開始", "From";
        ends_at: "終了", "Until";
        state: "状態", "State";
        exception_open: "申請中", "Open";
        exception_approved: "承認済み", "Approved";
        exception_rejected: "却下", "Rejected";
        exception_ended: "終了", "Ended";
        exception_lapsed: "期限切れ", "Lapsed";

        changes: "構成の変更", "Changes of the configuration";
        changed_at: "日時", "When";
        change: "内容", "What";
        mode: "動作", "Mode";
        mode_deliver: "無害化してすぐに送信", "Deliver";
        mode_review: "すべて保留", "Review";
        change_started: "起動時の読み込み", "Loaded at the start";
        change_reloaded: "再読み込み", "Loaded anew";

        verification: "操作記録の検証", "Check of the audit record";
        chain: "記録", "Record";
        gateway: "（装置全体）", "(gateway)";
        first: "最初の番号", "First";
        last: "最後の番号", "Last";
        checkpoints: "一致した署名", "Checkpoints that agree";
        result: "判定", "Result";
        intact: "改ざんも欠落もありません。", "Nothing is changed or missing.";
        broken: "改ざんまたは欠落があります。", "Something is changed or missing.";
        fault: "{}の記録{}から{}までに異常があります。", "{}: records {} to {}.";
        keyed: "鍵付きのハッシュも検査しました。", "Keyed hashes were checked as well.";

        requirement: "要件", "Requirement";
        check: "点検項目", "Check";
        evidence: "期間中の根拠", "What the period shows";
        good: "適合", "Met";
        attention: "要確認", "To be looked at";
        bad: "不適合", "Not met";
        check_paths: "経路が分離され、許可された通信だけが通ること", "Paths are separate, and only permitted communication passes";
        evidence_paths: "構成の読み込み{}回。いずれも経路の検査に合格したものだけが有効になります。", "The configuration was loaded {} times; only one that passes the check of its paths takes effect.";
        check_text: "通過したメールがすべてテキストであること", "Whatever crossed is text";
        evidence_text: "受信{}件。送信したものはすべて、作成とは別の検証を通っています。", "{} messages received; whatever was sent on was verified by code apart from the writer.";
        check_original: "原本をすぐに探せること", "Originals are found at once";
        evidence_original: "原本の取り出し{}回", "{} downloads of originals";
        check_characters: "文字化けがないこと", "No garbled characters";
        evidence_characters: "読めない文字を置き換えたメール{}件", "{} messages with characters that could not be read";
        check_record: "操作記録が改ざんされず、欠けていないこと", "The audit record is neither changed nor cut";
        evidence_record: "検証した記録の異常{}件", "{} faults found in the record";
        evidence_lost: "残せなかった記録{}件", "{} records could not be kept";
        check_relay: "不正な中継や過大なメールを受け付けないこと", "No open relay, and bounds on what is taken";
        evidence_relay: "装置全体で拒否{}回", "{} refusals by the gateway";
        check_delivery: "受け付けたメールが失われないこと", "Nothing accepted is lost";
        evidence_delivery: "送信できなかった宛先{}件（いずれも記録と原本があります）", "{} recipients failed; each is on record, with its original";
        check_people: "決裁できる人が2人以上いること", "At least two people can decide";
        evidence_people: "有効な承認者{}人", "{} approvers in force";
        check_factor: "承認者と管理者が二要素認証を使っていること", "Approvers and administrators have a second factor";
        evidence_factor: "二要素認証のない承認者・管理者{}人", "{} approvers and administrators without one";
        check_exceptions: "例外措置に申請者、承認者、理由、期限があること", "Exceptions have requester, approver, reason and end";
        evidence_exceptions: "期間中の例外措置{}件。期限が来ると自動で終わります。", "{} exceptions; each lapses by itself.";
        check_own: "自分の申請を自分で承認していないこと", "Nobody decided his own request";
        evidence_own: "自己承認{}件", "{} requests decided by the requester";
        check_access: "誰がいつ内容を見たかが記録されていること", "Who looked, and when, is on record";
        evidence_access: "閲覧、取り出し、書き出しの記録{}件", "{} records of looks, downloads and exports";
        check_configuration: "設定の誤りが有効になる前に見つかること", "Mistakes in the configuration are caught before they take effect";
        evidence_configuration: "構成の変更{}回。検査に合格しないものは有効になりません。", "{} changes; none takes effect that does not pass the check.";
        check_waiting: "未決の申請が放置されていないこと", "No request is left waiting";
        evidence_waiting: "期間中の申請のうち未決{}件", "{} requests of the period are open";

        request_number: "番号", "Number";
        reference: "受付番号", "Reference number";
        wanted: "申請の内容", "What was asked for";
        wanted_text: "テキストの送信", "The text to be sent";
        wanted_original: "原本", "The original";
        wanted_parts: "添付ファイル{}件", "{} attachments";
        created: "申請日時", "Filed";
        decided_by: "決裁した人", "Decided by";
        decided_at: "決裁日時", "Decided";
        decision_reason: "決裁の理由", "Reason of the decision";
        took: "決裁までの時間", "Time to the decision";
        downloads: "取り出した回数", "Downloads";
    }
}
