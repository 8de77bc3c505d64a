//! Servers that others wrote, started privately on free loopback ports.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The folder of the installed Python servers; installs them where they are missing.
pub(crate) fn python_servers() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/install-web.sh");
    let output = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "tests/install-web.sh failed");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

/// A loopback port that was free a moment ago.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A server process; it ends with this value.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a server and waits until it takes connections at `address`.
    pub(crate) fn start(command: &mut Command, address: SocketAddr, log: &Path) -> Self {
        let file = std::fs::File::create(log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let mut process = Self(command.spawn().unwrap());
        let deadline = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(address).is_err() {
            let ended = process.0.try_wait().unwrap();
            let said = || std::fs::read_to_string(log).unwrap_or_default();
            assert!(ended.is_none(), "{command:?} ended with {ended:?}: {}", said());
            assert!(Instant::now() < deadline, "{command:?} did not start: {}", said());
            std::thread::sleep(Duration::from_millis(50));
        }
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
