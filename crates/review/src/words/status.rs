//! Words of the machine's state.

words! {
    /// Words of the machine's state.
    StatusWords {
        title: "装置の状態", "State of the machine";
        well: "正常に動いています。", "It works.";
        hindered: "メールを受け付けられません。", "No mail can be taken.";
        unknown: "保存領域が応答しません。ディスクとログを確かめてください。", "The store does not answer. Look at the disk and the log.";
        queue: "メールの数", "Messages";
        oldest: "最も古い送信待ち", "Queued longest";
        hops: "送り先のサーバー", "Next hops";
        lane: "向き", "Direction";
        hop: "サーバー", "Server";
        state: "状態", "State";
        why: "理由", "Reason";
        forward: "LGWAN側へ", "Toward LGWAN";
        back: "差出人への通知", "Reports to senders";
        up: "応答しています", "Answers";
        down: "応答しません", "Does not answer";
        disk: "ディスク", "Disk";
        free: "空き", "Free";
        reserve: "残しておく空き", "Kept free";
        bodies: "原本とテキスト", "Originals and texts";
        database: "データベース", "Database";
        lost: "残せなかった操作記録", "Audit records that could not be kept";
        errors: "最近の警告と誤り", "Warnings and errors lately";
        errors_none: "ありません。", "None.";
        version: "版", "Version";
        since: "起動日時", "Running since";
        explain: "この画面にメールの内容、アドレス、件名は出ません。", "No content, address or subject of any mail is shown here.";
    }
}
