//! The exit code.

fn main() -> std::process::ExitCode {
    risposta::cli::main(std::env::args_os())
}
