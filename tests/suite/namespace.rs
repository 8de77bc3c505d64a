//! Does the demo need, or reach, anything beyond this machine?
//!
//! Runs it in a network namespace that has only `lo`: there is no way out, whatever the program tries.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Shows the network, then becomes the program. `ip` lives where a plain user's PATH does not look.
const SCRIPT: &str = r#"
PATH=$PATH:/usr/sbin:/sbin
set -e
ip link set lo up
ip -brief link show up > network
exec "$0" demo
"#;

/// Runs the demo in `folder`, with nothing but loopback.
fn demo(folder: &Path) -> Output {
    let mut unshare = Command::new("unshare");
    // Who is root needs no user namespace, and may be forbidden one.
    let root = fs::metadata("/proc/self").map(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0).unwrap();
    unshare.args(if root { ["--net"].as_slice() } else { &["--net", "--map-root-user"] });
    unshare.args(["sh", "-c", SCRIPT, env!("CARGO_BIN_EXE_risposta")]).current_dir(folder);
    let output = unshare.output().expect("unshare runs (package util-linux)");
    let network = fs::read_to_string(folder.join("network"));
    let network = network.unwrap_or_else(|e| panic!("no namespace: {e}\n{}", String::from_utf8_lossy(&output.stderr)));
    let names: Vec<&str> = network.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["lo"], "the namespace has a way out:\n{network}");
    output
}

#[test]
fn the_demo_runs_on_loopback_alone_says_simulated_and_prints_the_same_twice() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [first, second] = folders.each_ref().map(|folder| demo(folder.path()));
    assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
    let printed = String::from_utf8(first.stdout).unwrap();
    assert!(printed.contains("SIMULATED"), "the table does not say that it is simulated:\n{printed}");
    assert_eq!(printed, String::from_utf8(second.stdout).unwrap(), "two runs differ");
}
