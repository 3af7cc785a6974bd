//! `course-book build`, `check`, `serve`, and `preprocess` for a plain `mdbook build`.

#![forbid(unsafe_code)]

use anyhow::{Context, Result, bail};
use course_book::preprocessor::{Course, answer};
use course_book::{build, links, root, serve};
use mdbook_preprocessor::Preprocessor;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: course-book build               builds the book into target/book
       course-book check               builds it and follows its links
       course-book serve [--port N]    builds it and shows it in a browser, again after each change
       course-book preprocess          is what mdBook itself runs";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run(&arguments).unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}

fn run(arguments: &[&str]) -> Result<ExitCode> {
    match arguments {
        ["build"] => {
            let folder = build::build(&find_root()?)?;
            println!("The book is at {}.", folder.join("index.html").display());
        }
        ["check"] => {
            let folder = build::build(&find_root()?)?;
            let links = links::check(&folder)?;
            if !links.dead.is_empty() {
                bail!("{links}");
            }
            println!("{links}");
        }
        ["serve"] => serve::serve(&find_root()?, None)?,
        ["serve", "--port", port] => {
            let Ok(port) = port.parse() else {
                bail!("`{port}` is not a port, which is a number up to 65535.");
            };
            serve::serve(&find_root()?, Some(port))?;
        }
        ["preprocess"] => answer(io::stdin().lock(), io::stdout().lock())?,
        ["preprocess", "supports", renderer] => {
            let supported = Course.supports_renderer(renderer)?;
            return Ok(if supported {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        ["help" | "--help" | "-h"] => println!("{USAGE}"),
        _ => bail!("{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn find_root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder is gone")?;
    root::find(&here).map(PathBuf::from)
}
