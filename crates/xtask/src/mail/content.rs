//! Sentences that offices, associations and residents write, to make mails of.

use crate::sequence::Sequence;

/// Subjects of notices.
pub(super) const TITLES: [&str; 16] = [
    "令和８年度町内一斉清掃の実施について",
    "ごみ収集カレンダーの配布と分別区分の変更",
    "高齢者向けスマートフォン講座の受講者募集",
    "町道３号線の通行止め（橋梁補修工事）",
    "子育て世帯への臨時給付金の申請受付開始",
    "熱中症予防とクーリングシェルターのご案内",
    "図書館の蔵書点検に伴う臨時休館",
    "秋の健康診査（集団検診）の日程",
    "丹沢湖周辺の遊歩道の一部再開",
    "移住相談会を都内で開催します",
    "有害鳥獣対策の電気柵設置補助金",
    "消防団員を募集しています",
    "マイナンバーカードの休日窓口",
    "水道メーターの取替え作業にご協力ください",
    "文化祭の作品展示と舞台発表の募集",
    "森林環境譲与税を活用した間伐の報告",
];

/// Sentences of a notice.
pub(super) const SENTENCES: [&str; 28] = [
    "日頃より町政にご理解とご協力を賜り、厚くお礼申し上げます。",
    "標記の件について、下記のとおり実施しますのでお知らせします。",
    "当日は混雑が予想されますので、公共交通機関をご利用ください。",
    "雨天の場合は翌週の同じ時間に延期し、防災行政無線でお知らせします。",
    "申請には本人確認書類の写しと振込先の口座が分かるものが必要です。",
    "受付は先着順とし、定員になりしだい締め切らせていただきます。",
    "詳しくは同封の案内をご覧いただくか、担当までお問い合わせください。",
    "工事期間中はご不便をおかけしますが、係員の誘導に従って通行してください。",
    "対象となる世帯には、７月上旬に確認書を郵送する予定です。",
    "分別の区分が一部変わり、小型家電は拠点回収となります。",
    "参加費は無料ですが、保険料として一人２００円をいただきます。",
    "会場の駐車場には限りがありますので、乗り合わせにご協力ください。",
    "前年度は延べ３４２名の参加があり、４.２トンのごみを回収しました。",
    "各自治会におかれましては、参加者の取りまとめをお願いいたします。",
    "提出の期限は１０月１５日（木）、様式は別紙のとおりです。",
    "なお、行き違いで既にご回答いただいている場合はご容赦ください。",
    "避難の際は、隣近所に声をかけあい、足元に十分ご注意ください。",
    "健診の結果は、およそ１か月後に郵送でお届けします。",
    "この事業は、森林環境譲与税を財源の一部としています。",
    "電話での予約は、平日の午前８時３０分から午後５時まで受け付けます。",
    "児童の送迎をされる方は、正門ではなく東門をお使いください。",
    "貸出中の資料の返却は、玄関横の返却ポストをご利用ください。",
    "見学を希望される団体は、２週間前までに申込書を提出してください。",
    "町の人口は９,３１２人、世帯数は３,９８７世帯です（９月１日現在）。",
    "昨年度の決算の概要を、広報の中ほどに掲載しました。",
    "イノシシによる農作物の被害が、昨年の同じ時期より増えています。",
    "停電や断水が長引くおそれがあるときは、給水所を３か所に設けます。",
    "ご意見は、はがき、ファクシミリ、電子メールでも受け付けています。",
];

/// Places.
pub(super) const PLACES: [&str; 8] = [
    "役場４階大会議室",
    "生涯学習センター",
    "健康福祉センター",
    "清水ふれあいセンター",
    "三保地区公民館",
    "中央公民館多目的ホール",
    "町民グラウンド",
    "駅前交流プラザ",
];

/// Who answers.
pub(super) const SECTIONS: [&str; 8] = [
    "企画総務課　企画班",
    "町民税務課　戸籍年金班",
    "福祉課　高齢介護班",
    "保険健康課　健康づくり班",
    "環境課　生活環境班",
    "都市整備課　道路管理班",
    "農林課　林務班",
    "学校教育課　学務班",
];

/// A paragraph of so many sentences, in one line.
pub(super) fn paragraph(sequence: &mut Sequence, sentences: usize) -> String {
    (0..sentences).map(|_| sequence.choose(&SENTENCES)).collect()
}

/// The same in lines of 35 characters, as mail programs for plain text write it.
pub(super) fn wrapped(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let lines: Vec<String> = characters.chunks(35).map(|line| line.iter().collect()).collect();
    lines.join("\n")
}

/// The same as a quote of the given depth.
pub(super) fn quoted(text: &str, depth: usize) -> String {
    let mark = "> ".repeat(depth);
    let mut quote = String::new();
    for line in text.lines() {
        quote.extend([mark.as_str(), line, "\n"]);
    }
    quote
}

/// A letter of so many paragraphs with greeting and signature.
pub(super) fn letter(sequence: &mut Sequence, paragraphs: usize) -> String {
    let mut text = String::from("各位\n\nいつもお世話になっております。\n");
    text.push_str(sequence.choose(&SECTIONS));
    text.push_str("です。\n\n");
    for _ in 0..paragraphs {
        let long = paragraph(sequence, 3);
        text.push_str(&wrapped(&long));
        text.push_str("\n\n");
    }
    text.push_str("記\n１　日時　　令和８年１０月２４日（土）午前９時から正午まで\n２　場所　　");
    text.push_str(sequence.choose(&PLACES));
    text.push_str("\n３　持ち物　軍手、飲み物、帽子\n\n");
    text.push_str("--\n湯川町役場　");
    text.push_str(sequence.choose(&SECTIONS));
    text.push_str("\n電話　0465-00-1122（内線 214）\n");
    text
}
