//! `cargo course`: each command is a module of its name.

#![forbid(unsafe_code)]

mod bench;
mod book;
mod cargo;
mod check;
mod demo;
mod exercises;
mod hint;
mod list;
mod selfcheck;
mod snapshots;

use clap::{Parser, Subcommand};
use exercises::Course;
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "cargo course",
    bin_name = "cargo course",
    about = "Effectively Once: exercises and their checks."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Crashes two payment processors on a real stream, and shows what survives
    Demo(demo::Arguments),
    /// The exercises, in their order
    List,
    /// Runs an exercise's check, or one of its runs with --fault
    Check(check::Arguments),
    /// A hint for an exercise: three, each a step closer to the answer
    Hint(hint::Arguments),
    /// Builds the book and serves it on this machine
    Book(book::Arguments),
    /// For authors: writes all snapshots anew from the solutions
    Snapshots,
    /// For authors: tries every stub, wrong answer and right answer
    Selfcheck(selfcheck::Arguments),
    /// For authors: measures how long checks take
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let result = Course::find().and_then(|course| match command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::List => list::run(&course),
        Command::Check(arguments) => check::run(&course, &arguments),
        Command::Hint(arguments) => hint::run(&course, &arguments),
        Command::Book(arguments) => book::run(&course, &arguments),
        Command::Snapshots => snapshots::run(&course),
        Command::Selfcheck(arguments) => selfcheck::run(&course, &arguments),
        Command::Bench(arguments) => bench::run(&course, &arguments),
    });
    result.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}
