//! A mail server on loopback that fails at a chosen moment, in plain SMTP without AUTH.

use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// When and how it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Takes the connection and says nothing.
    NoGreeting,
    /// Greets with 554.
    RefusesService,
    /// Hangs up instead of answering RCPT.
    HangsUpAtRcpt,
    /// Hangs up while the message is coming.
    HangsUpInMessage,
    /// Stops reading while the message is coming.
    StopsReading,
    /// Reads the final dot, then says nothing.
    SilentAfterDot,
    /// Reads the final dot, then hangs up.
    HangsUpAfterDot,
    /// Answers this to the final dot.
    AnswersDot(&'static str),
    /// Answers this to MAIL.
    AnswersMail(&'static str),
}

/// Starts it; gives the port.
pub(crate) async fn serve(fault: Fault) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, fault));
        }
    });
    port
}

/// Longer than any test waits.
const FOREVER: Duration = Duration::from_hours(1);

async fn converse(stream: TcpStream, fault: Fault) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    match fault {
        Fault::NoGreeting => tokio::time::sleep(FOREVER).await,
        Fault::RefusesService => stream.write_all(b"554 no service\r\n").await?,
        _ => stream.write_all(b"220 faults.example ESMTP\r\n").await?,
    }
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let verb = line.split([' ', '\r']).next().unwrap_or_default().to_uppercase();
        match (verb.as_str(), fault) {
            ("MAIL", Fault::AnswersMail(answer)) => stream.write_all(answer.as_bytes()).await?,
            ("RCPT", Fault::HangsUpAtRcpt) => return Ok(()),
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await?;
                if !message(&mut stream, fault).await? {
                    return Ok(());
                }
            }
            _ => stream.write_all(b"250 ok\r\n").await?,
        }
        line.clear();
    }
    Ok(())
}

/// Reads the message; whether the conversation goes on.
async fn message(stream: &mut BufReader<TcpStream>, fault: Fault) -> std::io::Result<bool> {
    match fault {
        Fault::HangsUpInMessage => {
            stream.read_exact(&mut [0; 1_000]).await?;
            return Ok(false);
        }
        Fault::StopsReading => tokio::time::sleep(FOREVER).await,
        _ => {}
    }
    let mut line = Vec::new();
    while line != b".\r\n" {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(false);
        }
    }
    match fault {
        Fault::SilentAfterDot => tokio::time::sleep(FOREVER).await,
        Fault::HangsUpAfterDot => return Ok(false),
        Fault::AnswersDot(answer) => stream.write_all(answer.as_bytes()).await?,
        _ => stream.write_all(b"250 2.0.0 queued as X1\r\n").await?,
    }
    Ok(true)
}
