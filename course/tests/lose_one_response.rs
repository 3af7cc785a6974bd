//! The example that the book builds on: what it prints, the book shows.

#[expect(
    dead_code,
    reason = "an example has a main function, which a test does not call"
)]
#[path = "../examples/lose_one_response.rs"]
mod example;

#[tokio::test]
async fn one_lost_response_makes_an_add_count_twice() {
    let report = example::report().await.expect("the example runs");
    insta::assert_snapshot!("lose_one_response", report);
}
