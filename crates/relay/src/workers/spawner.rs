//! The spawner: starts and ends workers for a relay that may start no program itself.
//!
//! A command is five octets: `S` and four that mean nothing, or `K` and the number of a process. `S` is
//! answered with the number of a new worker, four octets, and a socket to it (`SCM_RIGHTS`, unix(7)).

use std::collections::BTreeMap;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

const START: u8 = b'S';
const KILL: u8 = b'K';
/// How long a spawner may take to start a worker.
const PATIENCE: Duration = Duration::from_secs(10);
/// The subcommand of a worker.
const WORKER: &str = "sanitize-worker";
/// The subcommand of the spawner.
const SPAWNER: &str = "sanitize-spawner";
/// Most workers that a spawner keeps. A relay has as many as converting threads.
const MAX_WORKERS: usize = 2 * crate::convert::MAX_WORKERS;

/// Runs as the spawner, on a socket that is the process's standard input, until the relay is gone.
/// `program` is started for each worker.
///
/// # Errors
/// When the relay says something that it never does.
pub fn spawn(program: &Path) -> io::Result<()> {
    let mut relay = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut workers: BTreeMap<u32, Child> = BTreeMap::new();
    let mut command = [0; 5];
    while relay.read_exact(&mut command).is_ok() {
        workers.retain(|_, worker| matches!(worker.try_wait(), Ok(None)));
        let [what, a, b, c, d] = command;
        match what {
            START if workers.len() < MAX_WORKERS => {
                let (ours, theirs) = UnixStream::pair()?;
                let worker = start(program, WORKER, theirs.into(), Stdio::inherit())?;
                send(&relay, worker.id(), &ours)?;
                workers.insert(worker.id(), worker);
            }
            KILL => {
                if let Some(mut worker) = workers.remove(&u32::from_be_bytes([a, b, c, d])) {
                    // It may have ended by itself.
                    let _ = worker.kill();
                    let _ = worker.wait();
                }
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    for (_, mut worker) in workers {
        let _ = worker.kill();
        let _ = worker.wait();
    }
    Ok(())
}

/// This program once more, with nothing of ours but one socket. Nobody hears what the spawner says, nor
/// the workers, which have its ear: what a panic says could quote the message.
fn start(program: &Path, subcommand: &str, socket: OwnedFd, talk: Stdio) -> io::Result<Child> {
    Command::new(program)
        .arg(subcommand)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(socket.try_clone()?))
        .stdout(Stdio::from(socket))
        .stderr(talk)
        .spawn()
}

fn send(relay: &UnixStream, number: u32, worker: &UnixStream) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let sockets = [worker.as_fd()];
    control.push(SendAncillaryMessage::ScmRights(&sockets));
    let number = number.to_be_bytes();
    sendmsg(relay, &[IoSlice::new(&number)], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// The relay's side of a spawner. The process ends when this is dropped.
#[derive(Debug)]
pub(super) struct Spawner {
    socket: UnixStream,
    _process: Child,
}

impl Spawner {
    /// Starts one.
    pub(super) fn start(program: &Path) -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let process = start(program, SPAWNER, theirs.into(), Stdio::null())?;
        Ok(Self { socket, _process: process })
    }

    /// Has a worker started: its number, and a socket to it.
    pub(super) fn worker(&mut self) -> io::Result<(u32, UnixStream)> {
        self.socket.write_all(&[START, 0, 0, 0, 0])?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut number = [0; 4];
        let mut parts = [IoSliceMut::new(&mut number)];
        let received = recvmsg(&self.socket, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC)?;
        let socket = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
            _ => None,
        });
        match socket {
            Some(socket) if received.bytes == number.len() => {
                Ok((u32::from_be_bytes(number), UnixStream::from(socket)))
            }
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Has a worker ended.
    pub(super) fn kill(&mut self, number: u32) -> io::Result<()> {
        let [a, b, c, d] = number.to_be_bytes();
        self.socket.write_all(&[KILL, a, b, c, d])
    }
}
