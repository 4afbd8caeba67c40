//! Words of requests (取り出し申請).

words! {
    /// Words of requests.
    RequestWords {
        title: "取り出し申請", "Requests";
        one_title: "取り出し申請{}", "Request {}";
        all: "すべて", "All";
        mine: "自分の申請だけ", "My own only";
        list: "申請の一覧", "List of requests";
        number: "番号", "Number";
        wanted: "申請の内容", "What is asked for";
        wanted_text: "テキストの送信", "The text to be sent";
        wanted_original: "原本の取り出し", "The original";
        wanted_parts: "添付ファイル{}件の取り出し", "{} attachments";
        requester: "申請者", "Requester";
        created: "申請日時", "Filed";
        reason: "申請の理由", "Reason given";
        decided_by: "決裁した人", "Decided by";
        decided_at: "決裁日時", "Decided";
        decision_reason: "決裁の理由", "Reason of the decision";
        usable_until: "取り出せる期限", "Can be downloaded until";
        downloads: "取り出した回数", "Downloads so far";
        way: "受け取り方", "How it is received";
        way_download: "画面から取り出す", "By download";
        way_mail: "インターネット側のメールボックスへ送る", "Sent to Internet-side mailboxes";
        recipients: "宛先", "For";
        parts: "添付ファイル", "Attachments";
        message: "対象のメール", "Message concerned";
        nothing: "申請はありません", "There are no requests";
        nothing_do: "メールのページで「取り出しを申請する」を押すと、申請できます。", "File one from the page of a message.";
        none_open: "確認を待つ申請はありません", "No request waits";
        none_open_do: "申請が出されると、ここに表示されます。", "Requests are shown here once they are filed.";
        next: "次のページ", "Next page";
        back: "申請の一覧へ戻る", "Back to the requests";
        decide: "この申請を決裁する", "Decide this request";
        approve: "承認する", "Approve";
        reject: "却下する", "Reject";
        return_it: "差し戻す", "Return";
        approve_for: "承認する宛先", "Approve for";
        approve_parts: "承認する添付ファイル", "Approve these attachments";
        approve_text_explain: "承認すると、無害化したテキストを宛先へ送ります。送信済みと表示されるのは、相手のサーバーが受け取った後です。", "The sanitized text is sent to its recipients. It is shown as delivered once the next hop has taken it.";
        approve_original_explain: "承認すると、申請者が期限までインターネット側で取り出せます。", "The requester can have it on the Internet side until the time is over.";
        comment: "決裁の理由（却下と差し戻しでは必須）", "Reason (needed to reject or return)";
        own: "これはあなたの申請です。自分の申請を自分で承認することはできません。ほかの承認者の決裁をお待ちください。", "This is your own request. Nobody approves his own request: please wait for another approver.";
        amend: "理由を書き直して、もう一度申請する", "File again with a new reason";
        amend_go: "もう一度申請する", "File again";
        withdraw: "申請を取り下げる", "Take the request back";
        download: "原本を取り出す", "Download the original";
        download_part: "{}を取り出す", "Download {}";
        delivered: "相手のサーバーが受け取りました。", "The next hop has taken it.";
        waiting: "まだ送信していません。", "It has not been sent yet.";
        done_approve: "承認しました。", "Approved.";
        done_reject: "却下しました。", "Rejected.";
        done_return: "差し戻しました。", "Returned.";
        done_amend: "もう一度申請しました。", "Filed again.";
        done_withdraw: "申請を取り下げました。", "The request was taken back.";
    }
}
