//! What a reader would notice, over the whole of the crate.

mod bombs;
mod hidden;
mod laws;
mod layout;
mod links;
mod reference;

use sekimori_policy::{Decisions, Language, LinkMode};

use crate::{Options, Rendered, render};

fn options(links: LinkMode) -> Options {
    Options { links, language: Language::Japanese, ..Options::default() }
}

fn rendered(html: &str) -> Rendered {
    render(html, &options(LinkMode::Text)).unwrap()
}

fn text(html: &str) -> String {
    rendered(html).text
}

fn decisions(html: &str) -> Decisions {
    rendered(html).decisions
}
