use course_book::{build, links};
use std::path::Path;

#[test]
fn this_book_builds_and_every_link_in_it_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate is two folders deep");
    // A folder of its own: somebody may be reading the other one.
    let folder = tempfile::tempdir().expect("a folder can be made");
    let built = build::build_into(root, folder.path()).unwrap_or_else(|error| panic!("{error:#}"));
    let links = links::check(&built).expect("the book can be read");
    assert!(links.dead.is_empty(), "{links}");
    assert!(links.pages > 1, "{links}");
}
