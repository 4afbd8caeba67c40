//! The servers that are measured.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use sekimori_xtask::postfix::{self, Postfix, Role};
use sekimori_xtask::relay::Relay;
use serde::Serialize;

use super::mimedefang::MimeDefang;
use super::subject;

/// A server that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Peer {
    /// Ours.
    Sekimori,
    /// A bare Postfix relay, which converts nothing.
    Postfix,
    /// Postfix with MIMEDefang and a filter that does our job.
    Mimedefang,
}

impl Peer {
    /// The name in results.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sekimori => "sekimori",
            Self::Postfix => "postfix",
            Self::Mimedefang => "mimedefang",
        }
    }
}

/// How a server is started.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Which.
    pub(super) peer: Peer,
    /// The binary of ours.
    pub(super) binary: Option<PathBuf>,
    /// Its subcommand.
    pub(super) command: String,
    /// The folder that the queue is in.
    pub(super) parent: PathBuf,
}

/// A server that runs.
#[derive(Debug)]
pub(super) enum Server {
    Sekimori(Relay),
    Postfix(Postfix),
    /// The filter beside, ended after the server that asks it.
    Mimedefang(Postfix, MimeDefang),
}

impl Server {
    /// Starts one with an empty queue.
    pub(super) fn start(settings: &Settings, next_hop: SocketAddr) -> Result<Self> {
        match settings.peer {
            Peer::Sekimori => {
                let binary = settings.binary.as_deref().context("no binary was built")?;
                let relay = subject::start(binary, &settings.command, &settings.parent, next_hop)?;
                Ok(Self::Sekimori(relay))
            }
            Peer::Postfix => Ok(Self::Postfix(postfix(settings, next_hop, None)?)),
            Peer::Mimedefang => {
                let filter = MimeDefang::start(&settings.parent)?;
                let postfix = postfix(settings, next_hop, Some(filter.address()))?;
                Ok(Self::Mimedefang(postfix, filter))
            }
        }
    }

    /// Where it takes mail.
    pub(super) fn address(&self) -> SocketAddr {
        match self {
            Self::Sekimori(relay) => relay.address(),
            Self::Postfix(postfix) | Self::Mimedefang(postfix, _) => postfix.address(),
        }
    }

    /// The processes that all others of it descend from.
    pub(super) fn roots(&self) -> Result<Vec<u32>> {
        match self {
            Self::Sekimori(relay) => Ok(vec![relay.pid().context("sekimori has ended")?]),
            Self::Postfix(postfix) => Ok(vec![postfix.master_pid()]),
            Self::Mimedefang(postfix, filter) => {
                Ok([postfix.master_pid()].into_iter().chain(filter.roots()).collect())
            }
        }
    }

    /// Stops it.
    pub(super) fn stop(self) -> Result<()> {
        match self {
            Self::Sekimori(mut relay) => relay.stop(),
            Self::Postfix(postfix) | Self::Mimedefang(postfix, _) => postfix.stop(),
        }
    }
}

fn postfix(
    settings: &Settings,
    next_hop: SocketAddr,
    milter: Option<SocketAddr>,
) -> Result<Postfix> {
    Postfix::start(&postfix::Settings {
        parent: Some(settings.parent.clone()),
        ..postfix::Settings::new(Role::Relay { next_hop, milter })
    })
}
