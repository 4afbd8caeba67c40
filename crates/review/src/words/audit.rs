//! Words of the audit record, of organisations and of the machine's state.

words! {
    /// Words of the audit record, of organisations and of the machine's state.
    AuditWords {
        title: "操作記録", "Audit record";
        list: "操作記録の一覧", "List of records";
        at: "日時", "When";
        what: "内容", "What";
        who: "操作した人", "Who";
        message: "受付番号", "Message";
        details: "詳細", "Details";
        show_details: "詳細を開く", "Show details";
        organisation: "団体", "Organisation";
        kind: "種類", "Kind";
        any: "すべて", "Any";
        key: "受付番号またはキューID", "Reference number or queue id";
        since: "この日から", "From";
        until: "この日まで", "To";
        go: "絞り込む", "Filter";
        nothing: "当てはまる記録はありません", "No record matches";
        nothing_do: "条件を変えてください。", "Change the conditions.";
        next: "次のページ", "Next page";
        bad_key: "受付番号を確かめてください。", "Check the reference number.";
        export: "書き出す", "Export";
        export_csv: "CSVで保存する", "Save as CSV";
        export_lines: "JSON Linesで保存する", "Save as JSON Lines";
        export_explain: "条件に当てはまる記録を最大{}件まで書き出します。書き出したことも記録されます。全件の書き出しと検証用の出力は、サーバーの「sekimori audit export」で行います。", "Saves up to {} records that match. That it was saved goes on record too. Everything, and what can be verified elsewhere, is written by `sekimori audit export` on the server.";
        verify: "記録を検証する", "Check the record";
        verify_explain: "記録は鎖のようにつながっています。1文字でも書き換えたり、途中や末尾を消したりすると、ここで分かります。", "Records are linked like a chain: one changed letter, one record removed in the middle or at the end shows here.";
        good: "改ざんも欠落もありません。{}件を確かめました。", "Nothing is changed or missing. {} records were checked.";
        bad: "改ざんまたは欠落があります（{}か所）。サーバーの「sekimori audit verify」で場所を確かめ、管理者に連絡してください。", "Something is changed or missing ({} places). Find where with `sekimori audit verify` on the server, and tell the administrator.";

        organisations: "団体の設定", "Organisations";
        organisations_explain: "いま有効な設定です。変更はサーバーの設定ファイルで行います。", "The settings in force. They are changed in the server's configuration file.";
        domains: "ドメイン", "Domains";
        mode: "動作", "Mode";
        mode_deliver: "無害化してすぐに送信", "Sanitize and deliver";
        mode_review: "すべて保留して確認", "Hold everything for review";
        language: "言語", "Language";
        japanese: "日本語", "Japanese";
        english: "英語", "English";
        retention: "原本の保管日数", "Days that originals are kept";
        encrypted: "暗号化されたメール", "Encrypted mail";
        encrypted_list: "暗号化された部分を外して送信", "Encrypted parts are removed and the rest is sent";
        encrypted_hold: "保留する", "Held";
        links: "リンク", "Links";
        links_text: "文字として残す", "Kept as text";
        links_defanged: "押せない形にする", "Written so that nothing makes a link of them";
        links_removed: "取り除く", "Removed";
        two_text: "テキストの送信に二人の確認", "Two persons for a text";
        two_original: "原本の取り出しに二人の確認", "Two persons for an original";
        yes: "必要", "Needed";
        no: "不要", "Not needed";
    }
}
