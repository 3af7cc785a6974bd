//! What a built page links to, and what can be linked to on it; and text as HTML writes it.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A link as it stands on the page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    pub url: String,
    /// The reader may follow it; otherwise the browser loads it with the page.
    pub is_followed: bool,
}

/// One page.
#[derive(Debug, Default)]
pub(crate) struct Html {
    pub ids: BTreeSet<String>,
    pub links: Vec<Link>,
}

impl Html {
    pub(crate) fn read(text: &str) -> Self {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(text));
        let tokenizer = Tokenizer::new(Collector::default(), TokenizerOpts::default());
        // Whatever the sink answers, the tokenizer goes on to the end.
        while !input.is_empty() {
            let _ = tokenizer.feed(&input);
        }
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    fn take(&mut self, tag: &Tag) {
        let name = &*tag.name;
        for attribute in &tag.attrs {
            let value = attribute.value.to_string();
            match &*attribute.name.local {
                "id" => drop(self.ids.insert(value)),
                "name" if name == "a" => drop(self.ids.insert(value)),
                "href" | "xlink:href" => {
                    self.links.push(Link {
                        url: value,
                        is_followed: matches!(name, "a" | "area"),
                    });
                }
                "src" => self.links.push(Link {
                    url: value,
                    is_followed: false,
                }),
                _ => {}
            }
        }
    }
}

/// Text as it stands in an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[derive(Default)]
struct Collector(RefCell<Html>);

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else {
            return TokenSinkResult::Continue;
        };
        if tag.kind != TagKind::StartTag {
            return TokenSinkResult::Continue;
        }
        self.0.borrow_mut().take(&tag);
        // What looks like a tag in here is none.
        match &*tag.name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_a_browser_reads_it() {
        let html = Html::read(
            "<h1 id=\"a&amp;b\">x</h1><a name=old HREF='y.html?a=1&amp;b=2#z'>y</a><img src=i.png>\
             <script>document.write('<a href=\"no.html\">')</script><!-- <a href=\"no.html\"> -->",
        );
        assert_eq!(
            html.ids.iter().map(String::as_str).collect::<Vec<_>>(),
            ["a&b", "old"]
        );
        let page = Link {
            url: "y.html?a=1&b=2#z".to_owned(),
            is_followed: true,
        };
        let image = Link {
            url: "i.png".to_owned(),
            is_followed: false,
        };
        assert_eq!(html.links, [page, image]);
    }
}
