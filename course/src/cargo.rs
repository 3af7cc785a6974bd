//! The Cargo that runs this command, told to run checks as a grader would.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Where insta looks for its settings: the one variable of its own that it keeps.
const INSTA_ROOT: &str = "INSTA_WORKSPACE_ROOT";

/// `cargo` in a folder.
pub fn cargo(folder: &Path) -> Command {
    let mut command =
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(folder);
    command
}

/// Has `command` judge strictly, whatever the shell says: some of insta's variables make every snapshot pass.
pub fn strictly(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if (text.starts_with("INSTA_") && text != INSTA_ROOT)
            || ["LAB_DATA", "LAB_FAULT", "LAB_ONLY"].contains(&text.as_ref())
        {
            command.env_remove(&name);
        }
    }
    command.env("INSTA_UPDATE", "no")
}

/// Becomes the command, where the system can: what ends this process, or asks how it ended, then means the command itself.
///
/// # Errors
/// Cargo cannot be started.
#[cfg(unix)]
pub fn hand_over(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("cargo cannot be started")
}

/// Runs the command, and passes on its exit code.
///
/// # Errors
/// Cargo cannot be started.
#[cfg(not(unix))]
pub fn hand_over(mut command: Command) -> Result<ExitCode> {
    let status = command.status().context("cargo cannot be started")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
