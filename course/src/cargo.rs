//! The Cargo that runs this command, told to run checks as a grader would.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

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
        if (text.starts_with("INSTA_") && text != INSTA_ROOT) || text == "LAB_FAULT" {
            command.env_remove(&name);
        }
    }
    command.env("INSTA_UPDATE", "no")
}
