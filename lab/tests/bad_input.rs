//! What somebody sees who asks for a backend that cannot be used: one clear sentence, and soon.
//!
//! What is tested reads the environment, so each case is a process of its own: this test binary again, told by a
//! filter to run nothing but [`open_a_world`].

use lab::backend::Kind;
use lab::{Aws, Scenario};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

/// The child: opens the backend that the environment names, and says why that fails.
#[test]
#[ignore = "only of use as a child of the other tests"]
fn open_a_world() {
    let nothing = Scenario::new(|_: Aws| async { Ok::<(), String>(()) });
    let opened = Kind::from_env().and_then(|kind| lab::run(kind, &nothing, &[]));
    match opened {
        Ok(_) => println!("[[it works]]"),
        Err(error) => println!("[[{error}]]"),
    }
}

/// What the child says in an environment that holds these variables and no others of the lab's or of AWS.
fn said(environment: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().expect("a test knows its binary"));
    child.args(["--ignored", "--exact", "open_a_world", "--nocapture"]);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("AWS_") || name.starts_with("LAB_") {
            child.env_remove(name.as_ref());
        }
    }
    let started = Instant::now();
    let output = child
        .envs(environment.iter().copied())
        .output()
        .expect("the child starts");
    let took = started.elapsed();
    assert!(took < Duration::from_secs(15), "it took {took:?}");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !stderr.contains("panicked"),
        "a panic is no answer: {stderr}"
    );
    let sentence = stdout
        .split_once("[[")
        .and_then(|(_, rest)| rest.split_once("]]"));
    let (sentence, _) = sentence.unwrap_or_else(|| panic!("it said nothing: {stdout}{stderr}"));
    assert!(!sentence.contains('\n'), "one line: {sentence}");
    sentence.to_owned()
}

/// A server on a free port that answers each request with what `answer` makes of its operation and its body.
fn server(answer: impl Fn(&str, &str) -> (u16, String) + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let address = listener
        .local_addr()
        .expect("a bound listener has an address");
    // It ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = serve(stream, &answer);
        }
    });
    format!("http://{address}")
}

fn serve(stream: TcpStream, answer: &impl Fn(&str, &str) -> (u16, String)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut operation) = (0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "x-amz-target" => {
                operation = value
                    .rsplit('.')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned()
            }
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, text) = answer(&operation, &String::from_utf8_lossy(&body));
    let head = format!(
        "HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        text.len()
    );
    reader.get_mut().write_all((head + &text).as_bytes())
}

const LOCALSTACK: (&str, &str) = ("LAB_BACKEND", "localstack");

#[test]
fn without_anything_set_the_embedded_backend_works() {
    assert_eq!(said(&[]), "it works");
    assert_eq!(said(&[("LAB_BACKEND", "")]), "it works");
}

#[test]
fn an_unknown_backend_is_named_together_with_the_known_ones() {
    assert_eq!(
        said(&[("LAB_BACKEND", "moto")]),
        "LAB_BACKEND is `moto`, which is no backend: use `embedded` (the default), `localstack` or `aws`."
    );
}

#[test]
fn where_nobody_listens_the_sentence_says_how_to_start_somebody() {
    // A port that the system keeps for a service that nobody runs.
    let url = "http://127.0.0.1:1";
    let sentence = said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", url)]);
    assert!(
        sentence.starts_with(&format!("Nothing answers at {url} (")),
        "{sentence}"
    );
    assert!(
        sentence.contains("start LocalStack with `docker compose up --detach`"),
        "{sentence}"
    );
}

#[test]
fn an_endpoint_that_is_no_address_is_quoted() {
    for url in [
        "127.0.0.1:4566",
        "localhost",
        "ftp://127.0.0.1",
        "https://127.0.0.1:4566",
        "http://",
        "not a url",
    ] {
        let sentence = said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", url)]);
        assert_eq!(
            sentence,
            format!(
                "AWS_ENDPOINT_URL is `{url}`, which is no address of the form http://127.0.0.1:4566: \
                 mend it or unset it."
            )
        );
    }
}

#[test]
fn a_server_that_asks_for_a_licence_is_answered_with_the_last_free_version() {
    let answers = [
        (
            403,
            "License activation failed! Reason: No credentials were found in the environment. Please set LOCALSTACK_AUTH_TOKEN.",
        ),
        (
            500,
            r#"{"__type": "InternalFailure", "message": "The auth token is missing: activate your license."}"#,
        ),
    ];
    for (status, body) in answers {
        let url = server(move |_, _| (status, body.to_owned()));
        assert_eq!(
            said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", &url)]),
            format!(
                "The server at {url} cannot carry this course: it asks for a licence or an auth token. Images after \
                 4.14.0 need one: use localstack/localstack:4.14.0 (`docker compose up --detach`), or leave \
                 LAB_BACKEND unset."
            )
        );
    }
}

#[test]
fn a_server_that_is_no_dynamodb_is_told_apart() {
    for (status, body) in [
        (404, "not found"),
        (200, "<html>Hello</html>"),
        (200, "{}"),
        (405, ""),
    ] {
        let url = server(move |_, _| (status, body.to_owned()));
        let sentence = said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", &url)]);
        assert_eq!(
            sentence,
            format!(
                "The server at {url} cannot carry this course: it answered ListTables with status {status} and no \
                 list of tables. Use LocalStack 4.14.0 (`docker compose up --detach`), or leave LAB_BACKEND unset."
            )
        );
    }
}

#[test]
fn a_server_that_hangs_up_is_as_good_as_none() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let url = format!(
        "http://{}",
        listener
            .local_addr()
            .expect("a bound listener has an address")
    );
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let sentence = said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", &url)]);
    assert!(
        sentence.starts_with(&format!("Nothing answers at {url} (")),
        "{sentence}"
    );
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let url = format!(
        "http://{}",
        listener
            .local_addr()
            .expect("a bound listener has an address")
    );
    // Held open, and never served.
    std::thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    let sentence = said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", &url)]);
    assert!(
        sentence.starts_with(&format!(
            "Nothing answers at {url} (no answer within 3 seconds)"
        )),
        "{sentence}"
    );
}

/// Answers as DynamoDB does to what the lab asks first; a replayed token is applied `applications` times.
fn almost_dynamodb(operation: &str, body: &str, applications: u32) -> (u16, String) {
    match operation {
        "ListTables" => (200, r#"{"TableNames": []}"#.to_owned()),
        "TransactWriteItems" if body.contains("attribute_exists") => (
            400,
            r#"{"__type": "TransactionCanceledException", "CancellationReasons": [
                {"Code": "None"}, {"Code": "ConditionalCheckFailed"}]}"#
                .to_owned(),
        ),
        "GetItem" => (
            200,
            format!(r#"{{"Item": {{"k": {{"S": "counter"}}, "n": {{"N": "{applications}"}}}}}}"#),
        ),
        "CreateTable" => (
            200,
            r#"{"TableDescription": {"TableStatus": "ACTIVE"}}"#.to_owned(),
        ),
        _ => (200, "{}".to_owned()),
    }
}

#[test]
fn a_server_that_applies_a_replayed_token_again_is_refused() {
    let url = server(|operation, body| almost_dynamodb(operation, body, 2));
    assert_eq!(
        said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", &url)]),
        format!(
            "The server at {url} cannot carry this course: it applies a transaction again when its \
             ClientRequestToken is repeated, and AWS does not. Use LocalStack 4.14.0 (`docker compose up --detach`), \
             or leave LAB_BACKEND unset."
        )
    );
    let url = server(|operation, body| almost_dynamodb(operation, body, 1));
    assert_eq!(
        said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", &url)]),
        "it works",
        "the fake is refused for this alone"
    );
}

#[test]
fn a_server_without_reasons_for_a_cancelled_transaction_is_refused() {
    let url = server(|operation, body| match operation {
        "TransactWriteItems" => (
            400,
            r#"{"__type": "TransactionCanceledException"}"#.to_owned(),
        ),
        _ => almost_dynamodb(operation, body, 1),
    });
    let sentence = said(&[LOCALSTACK, ("AWS_ENDPOINT_URL", &url)]);
    assert!(
        sentence.contains("a cancelled transaction does not come with one reason for each action"),
        "{sentence}"
    );
}

#[test]
#[cfg(not(feature = "aws"))]
fn a_build_without_aws_says_how_to_build_it() {
    let sentence = said(&[("LAB_BACKEND", "aws"), ("LAB_AWS_MAY_COST_MONEY", "yes")]);
    assert_eq!(
        sentence,
        "This build cannot reach AWS, since only that needs TLS: add `--features lab/aws` to the command."
    );
}

#[cfg(feature = "aws")]
mod aws {
    use super::{almost_dynamodb, said, server};

    const AWS: (&str, &str) = ("LAB_BACKEND", "aws");
    const CONSENT: (&str, &str) = ("LAB_AWS_MAY_COST_MONEY", "yes");
    const KEY: [(&str, &str); 2] = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    const REGION: (&str, &str) = ("AWS_REGION", "us-east-1");
    /// No configuration of whoever runs the tests, and no look at a server for machines inside EC2.
    const NO_CONFIGURATION: [(&str, &str); 3] = [
        ("AWS_CONFIG_FILE", "no-such-file"),
        ("AWS_SHARED_CREDENTIALS_FILE", "no-such-file"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];

    #[test]
    fn money_is_not_spent_without_consent() {
        for consent in [None, Some("1"), Some("no")] {
            let mut environment = vec![AWS];
            environment.extend(consent.map(|consent| ("LAB_AWS_MAY_COST_MONEY", consent)));
            assert_eq!(
                said(&environment),
                "LAB_BACKEND=aws creates streams and tables in your AWS account, which costs money: set \
                 LAB_AWS_MAY_COST_MONEY=yes as well if that is what you want."
            );
        }
    }

    #[test]
    fn without_credentials_the_sentence_says_how_to_get_some() {
        let mut environment = vec![AWS, CONSENT, REGION];
        environment.extend(NO_CONFIGURATION);
        let sentence = said(&environment);
        assert!(
            sentence.starts_with("No AWS credentials were found ("),
            "{sentence}"
        );
        assert!(
            sentence.ends_with("run `aws configure` or `aws sso login`, or set AWS_PROFILE."),
            "{sentence}"
        );
    }

    #[test]
    fn the_search_for_credentials_does_not_wait_for_a_machine_in_ec2() {
        // Nobody answers there: an address for documentation only, RFC 5737.
        let mut environment = vec![
            AWS,
            CONSENT,
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://192.0.2.1"),
        ];
        environment.extend(&NO_CONFIGURATION[..2]);
        let sentence = said(&environment);
        assert!(
            sentence.starts_with("No AWS credentials were found ("),
            "{sentence}"
        );
    }

    #[test]
    fn without_a_region_the_sentence_says_how_to_set_one() {
        let mut environment = vec![AWS, CONSENT];
        environment.extend(KEY);
        environment.extend(NO_CONFIGURATION);
        assert_eq!(
            said(&environment),
            "No AWS region is set: set AWS_REGION, as in AWS_REGION=eu-central-1, or run `aws configure`."
        );
    }

    #[test]
    fn an_endpoint_that_is_no_address_is_quoted() {
        let mut environment = vec![AWS, CONSENT, REGION, ("AWS_ENDPOINT_URL", "127.0.0.1:4566")];
        environment.extend(KEY);
        environment.extend(NO_CONFIGURATION);
        let sentence = said(&environment);
        assert!(
            sentence.starts_with("AWS_ENDPOINT_URL is `127.0.0.1:4566`, which is no address"),
            "{sentence}"
        );
    }

    #[test]
    fn with_everything_set_it_works() {
        let url = server(|operation, body| almost_dynamodb(operation, body, 1));
        let mut environment = vec![AWS, CONSENT, REGION, ("AWS_ENDPOINT_URL", &url)];
        environment.extend(KEY);
        environment.extend(NO_CONFIGURATION);
        assert_eq!(said(&environment), "it works");
    }
}
