//! Words around every page.

words! {
    /// Words around every page.
    ShellWords {
        product: "sekimori", "sekimori";
        skip: "本文へ移動", "Skip to content";
        navigation: "メニュー", "Menu";
        messages: "メール一覧", "Mail";
        requests: "取り出し申請", "Requests";
        accounts: "利用者", "Accounts";
        exceptions: "例外措置", "Exceptions";
        audit: "操作記録", "Record";
        organisations: "団体", "Organisations";
        status: "装置の状態", "State";
        reports: "報告書", "Reports";
        signed_in_as: "サインイン中：", "Signed in as";
        password: "パスワードの変更", "Change password";
        sign_out: "サインアウト", "Sign out";
        switch_language: "English", "日本語";
        shortcuts: "キー操作", "Keys";
        shortcuts_title: "キーボードでの操作", "Keyboard shortcuts";
        shortcut_next: "次の行へ", "Next row";
        shortcut_previous: "前の行へ", "Previous row";
        shortcut_open: "行を開く", "Open the row";
        shortcut_select: "行を選ぶ、選択を外す", "Select or clear the row";
        shortcut_search: "検索欄へ", "Go to the search field";
        shortcut_back: "一覧へ戻る", "Back to the list";
        shortcut_help: "この説明を開く", "Show this help";
        shortcuts_on: "キー操作を使う", "Use these keys";
        close: "閉じる", "Close";
        required: "必須", "required";
    }
}
