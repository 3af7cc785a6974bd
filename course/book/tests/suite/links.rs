use crate::fixture::Course;
use course_book::links::{Links, check};
use std::fs;
use tempfile::TempDir;

/// A built book of two pages and an image; `link` stands on the page `part/page.html`.
fn book_with(link: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::create_dir(folder.path().join("part")).expect("a folder can be made");
    let page = format!("<h1 id=\"here\">Page</h1>{link}");
    for (file, text) in [
        ("index.html", "<h2 id=\"a%20b\">Start</h2>"),
        ("part/page.html", &page),
        ("i.png", ""),
    ] {
        fs::write(folder.path().join(file), text).expect("a file can be written");
    }
    folder
}

fn links(link: &str) -> Links {
    check(book_with(link).path()).expect("the book can be read")
}

#[test]
fn links_that_lead_somewhere_are_counted() {
    let links = links(
        "<a href=\"../index.html\">a</a><a href='#here'>b</a><a href=\"#\">c</a><a href=\"../index.html#a%2520b\">d</a>\
         <img src=\"../i.png?x=1\"><a href=\"https://example.org/x\">e</a><a href=\"http://example.org\">f</a>",
    );
    assert_eq!(
        links.to_string(),
        "checked 2 pages: 5 internal links, 2 external links (not followed)"
    );
}

#[test]
fn a_link_that_leads_nowhere_is_told_with_its_page_and_the_reason() {
    for (link, reason) in [
        ("../gone.html", "there is no file gone.html"),
        (
            "../index.html#gone",
            "nothing in index.html has the id `gone`",
        ),
        ("#gone", "nothing in part/page.html has the id `gone`"),
        ("../Index.html", "there is no file Index.html"),
        ("../../README.md", "it leads out of the book"),
        (
            "/index.html",
            "it starts at the root of a server, so it would not work from a folder",
        ),
        (
            "../",
            "it is a folder, which only a server can open; link to index.html",
        ),
        ("file:///index.html", "`file:` leads to no page"),
        ("%ff.html", "its percent signs do not stand for UTF-8"),
    ] {
        let links = links(&format!("<a href=\"{link}\">x</a>"));
        assert_eq!(
            links.to_string(),
            format!("part/page.html: the link `{link}` is dead: {reason}.")
        );
    }
}

#[test]
fn what_a_page_loads_from_another_site_would_not_work_offline() {
    for tag in [
        "<script src=\"https://cdn.example/x.js\"></script>",
        "<link rel=stylesheet href=//cdn.example/x.css>",
    ] {
        let links = links(tag).to_string();
        assert!(
            links.ends_with("the page loads it from another site, so it would not work offline."),
            "{links}"
        );
    }
}

#[test]
fn a_link_from_page_to_page_survives_the_build() {
    let course = Course::new();
    course.write(
        "book/README.md",
        "# Start\n\n[On](02_idempotence/README.md#part)\n",
    );
    let links = check(&course.build().expect("nothing is wrong with the course"))
        .expect("the book can be read");
    assert!(links.dead.is_empty(), "{links}");
}

#[test]
fn a_link_to_a_page_that_is_not_in_the_summary_is_dead() {
    let course = Course::new();
    course.write("book/README.md", "# Start\n\n[On](lost.md)\n");
    course.write("book/lost.md", "# Lost\n");
    let links = check(&course.build().expect("nothing is wrong with the course"))
        .expect("the book can be read");
    assert!(
        links
            .to_string()
            .contains("index.html: the link `lost.html` is dead: there is no file lost.html."),
        "{links}"
    );
}
