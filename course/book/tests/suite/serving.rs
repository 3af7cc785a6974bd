use crate::fixture::{Course, PAGE};
use course_book::serve::{answer, listen};
use course_book::watch::Snapshot;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

#[tokio::test]
async fn a_page_is_served_to_this_machine_only() {
    let folder = Course::new();
    let (address, server) = served(&folder);
    assert_eq!(address.ip(), Ipv4Addr::LOCALHOST);

    for (path, status) in [
        ("/", "200 OK"),
        ("/02_idempotence/04_atomic_apply.html", "200 OK"),
        ("/gone", "404 Not Found"),
    ] {
        let response = get(address, path).await;
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {response}"
        );
    }
    server.abort();
}

#[tokio::test]
async fn what_the_reader_has_finished_is_marked_at_once() {
    let folder = Course::new();
    let (address, server) = served(&folder);
    let mark = "#mdbook-sidebar a[href$=\"02_idempotence/04_atomic_apply.html\"]";

    let before = get(address, "/").await;
    assert!(before.contains("</html>") && !before.contains(mark));
    folder.write(".progress/02_idempotence/04_atomic_apply/apply", "");
    assert!(!get(address, "/").await.contains(mark));
    folder.write(".progress/02_idempotence/04_atomic_apply/finished", "");
    let after = get(address, "/").await;
    assert!(after.contains(mark) && after.contains("</html>"), "{after}");
    assert!(after.contains("cache-control: no-store"), "{after}");
    server.abort();
}

/// Builds a course's book, and serves it: where, and the task that does.
fn served(course: &Course) -> (SocketAddr, JoinHandle<anyhow::Result<()>>) {
    let built = course.build().expect("nothing is wrong with the course");
    let listener = listen(None).expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    let server = tokio::spawn(answer(listener, built, course.root().to_owned()));
    (address, server)
}

/// The whole response to a request for `path`.
async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the server reads");
    let mut response = String::new();
    stream
        .read_to_string(&mut response)
        .await
        .expect("the server answers");
    response
}

#[test]
fn a_port_that_is_taken_is_told_in_one_sentence() {
    let first = listen(None).expect("a port is free");
    let port = first.local_addr().expect("it listens").port();
    let error = listen(Some(port)).expect_err("the port is taken");
    assert_eq!(
        error.to_string(),
        format!("port {port} is taken: name another one, or leave out --port to get a free one.")
    );
}

#[test]
fn without_a_port_there_is_always_a_free_one() {
    let ports = [listen(None), listen(None)].map(|listener| {
        let listener = listener.expect("a port is free");
        let port = listener.local_addr().expect("it listens").port();
        (listener, port)
    });
    assert_ne!(ports[0].1, ports[1].1);
}

#[test]
fn what_the_book_is_made_of_is_watched_and_nothing_else() {
    let course = Course::new();
    let before = Snapshot::take(course.root());
    course.build().expect("nothing is wrong with the course");
    course.write(
        "exercises/02_idempotence/04_atomic_apply/target/debug/x",
        "",
    );
    assert_eq!(Snapshot::take(course.root()), before);

    for file in [
        PAGE,
        "solutions/02_idempotence/04_atomic_apply/src/lib.rs",
        "tests/check.rs",
        "book.toml",
    ] {
        let before = Snapshot::take(course.root());
        course.write(file, "# Another text, of another length\n");
        assert_ne!(Snapshot::take(course.root()), before, "{file}");
    }
    let before = Snapshot::take(course.root());
    course.remove(PAGE);
    assert_ne!(Snapshot::take(course.root()), before);
}
