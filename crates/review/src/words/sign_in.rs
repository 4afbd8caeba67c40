//! Words of signing in, passwords and the second factor.

words! {
    /// Words of signing in, passwords and the second factor.
    SignInWords {
        title: "サインイン", "Sign in";
        lead: "ログイン名とパスワードを入力してください。", "Enter your login and password.";
        login: "ログイン名", "Login";
        password: "パスワード", "Password";
        code: "確認コード", "Confirmation code";
        code_hint: "認証アプリの6桁の数字、または回復コードを入力してください。", "The six digits of your authenticator app, or a recovery code.";
        go: "サインインする", "Sign in";
        openid: "{}でサインインする", "Sign in with {}";
        openid_or: "または", "or";
        openid_refused: "サインインできませんでした。この利用者には、ここで使える役割がありません。管理者に連絡してください。", "Could not sign you in: there is no role here for you. Please tell the administrator.";
        openid_unreached: "認証サーバーが応答しません。時間をおいて試すか、ログイン名とパスワードでサインインしてください。", "The identity provider does not answer. Try later, or sign in by login and password.";
        second_title: "二要素認証", "Second factor";
        start_over: "最初からやり直す", "Start over";
        set_up_title: "二要素認証の設定", "Set up the second factor";
        set_up_lead: "スマートフォンの認証アプリで下のQRコードを読み取り、表示された6桁の数字を入力してください。", "Read the QR code below with an authenticator app and enter the six digits it shows.";
        set_up_secret: "読み取れないときは、この文字列を認証アプリに入力してください。", "If it cannot be read, enter this into the app.";
        set_up_qr: "認証アプリで読み取るQRコード", "QR code for the authenticator app";
        set_up_go: "設定する", "Set up";
        recovery_title: "回復コード", "Recovery codes";
        recovery_lead: "認証アプリを使えないときのための回復コードです。1つにつき1回だけ使えます。この画面は二度と表示されません。印刷するか書き写して、鍵のかかる場所に保管してください。", "These codes are for the time when the app is out of reach. Each works once. They are never shown again: print or copy them and keep them locked away.";
        recovery_go: "保管しました。続ける", "I have kept them. Go on";
        change_title: "パスワードの変更", "Change password";
        change_must: "仮のパスワードのため、続けるには新しいパスワードを決めてください。", "Your password is temporary: choose a new one to go on.";
        current: "いまのパスワード", "Current password";
        new: "新しいパスワード", "New password";
        new_hint: "12文字以上。よく使われるものやログイン名と同じものは使えません。", "At least 12 characters; not a common one and not your login.";
        repeat: "新しいパスワード（もう一度）", "New password (again)";
        change_go: "変更する", "Change";
        changed: "パスワードを変更しました。", "Your password was changed.";
        differ: "新しいパスワードの2つの入力が一致しません。", "The two entries of the new password differ.";
    }
}
