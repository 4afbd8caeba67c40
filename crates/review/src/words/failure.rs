//! Words of pages that say what went wrong: what happened, what became of the mail, what to do.

words! {
    /// Words of pages that say what went wrong.
    FailureWords {
        home: "メール一覧へ", "To the mail list";
        untouched: "メールには何もしていません。", "Nothing was done with any message.";
        not_found_title: "見つかりません", "Not found";
        not_found: "このアドレスのページや、この番号のメールはありません。保管期限を過ぎて消えたか、見る権限がない場合もこの表示になります。", "There is no such page or message. It may be gone because its time of keeping is over, or you may not be permitted to see it.";
        not_found_do: "受付番号を確かめて、もう一度検索してください。", "Check the reference number and search again.";
        not_permitted_title: "権限がありません", "Not permitted";
        not_permitted_do: "必要なときは、管理者に権限を依頼してください。", "Ask an administrator if you need the right.";
        state_title: "いまの状態ではできません", "Not possible in its present state";
        state_do: "ページを開き直して、いまの状態を確かめてください。", "Open the page again to see its present state.";
        invalid_title: "入力を確かめてください", "Please check what you entered";
        invalid_do: "前のページに戻り、入力を直してから、もう一度送ってください。", "Go back, correct what you entered, and send it again.";
        forged_title: "送信を受け付けませんでした", "Not accepted";
        forged: "この画面から送られたことを確かめられませんでした。別の画面でサインインし直した場合や、長い時間が過ぎた場合に起こります。", "It could not be verified that this came from one of our pages. This happens after signing in again elsewhere or after a long time.";
        forged_do: "ページを開き直して、もう一度操作してください。", "Open the page again and repeat the step.";
        many_title: "しばらくお待ちください", "Please wait a moment";
        many: "短い時間に要求が多すぎたため、受け付けませんでした。", "There were too many requests in a short time.";
        many_do: "1分ほど待ってから、もう一度操作してください。", "Wait about a minute and try again.";
        large_title: "大きすぎます", "Too large";
        large: "送られた内容が上限を超えています。", "What was sent is over the limit.";
        large_do: "選択や文字を減らしてから、もう一度送ってください。", "Select or write less and send it again.";
        broken_title: "保管庫を読み書きできません", "The store cannot be used";
        broken: "保管庫（ジャーナル）に誤りが起きたため、表示や操作ができません。隔離が空という意味ではありません。受信中のメールは失われません。", "The store (journal) has failed, so nothing can be shown or done. This does not mean that quarantine is empty. Mail being received is not lost.";
        broken_do: "機器の担当者に、この時刻と下の説明を伝えてください。", "Tell the machine's operator the time and the words below.";
        wait_title: "時間がかかりすぎています", "This takes too long";
        wait: "決められた時間内に答えを用意できませんでした。", "The answer was not ready in time.";
        wait_do: "少し待ってから、もう一度操作してください。操作の結果は操作記録で確かめられます。", "Wait a little and try again. What came of an action is on the audit record.";
    }
}
