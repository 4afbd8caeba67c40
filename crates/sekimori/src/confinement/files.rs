//! Files and ports that the configuration needs, permitted by Landlock; all others are refused.

use std::collections::BTreeSet;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, NetPort,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
    path_beneath_rules,
};

use crate::configuration::{Checked, Source};

/// What is asked of the kernel: the Landlock of Linux 6.12. Older ones give what they have.
const WANTED: ABI = ABI::V6;

/// What looking names up, time zones and certificates of authorities need, on the distributions that
/// are known to us. Libraries among them: the C library loads those of `nsswitch.conf` when it needs
/// them.
const SYSTEM: [&str; 19] = [
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/pki",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/lib",
    "/lib64",
    "/run/systemd/resolve",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/ca-certificates",
    "/usr/share/zoneinfo",
    "/dev/urandom",
];

/// DNS over TCP, for answers that are too long for UDP (RFC 7766).
const DNS: u16 = 53;

/// How much of what was asked is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// What an older kernel has: files at least.
    Part,
}

/// What a configuration needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Permitted {
    /// Files and folders to be read.
    pub(super) read: BTreeSet<PathBuf>,
    /// Folders whose names may be read, and nothing else: that of the journal's folder, which has to
    /// be synced after this was made.
    pub(super) listed: BTreeSet<PathBuf>,
    /// Files and folders from which programs may be run.
    pub(super) run: BTreeSet<PathBuf>,
    /// Folders in which everything may be done but running a file.
    pub(super) written: BTreeSet<PathBuf>,
    /// Ports of TCP to listen on.
    pub(super) bound: BTreeSet<u16>,
    /// Ports of TCP to connect to.
    pub(super) connected: BTreeSet<u16>,
}

impl Permitted {
    /// What this configuration needs.
    pub(super) fn of(config: &Path, source: &Source, checked: &Checked) -> Self {
        let mut permitted = Self::default();
        permitted.read.extend(SYSTEM.map(PathBuf::from));
        let keys = &source.settings;
        let named = [
            &keys.receive.tls_certificate,
            &keys.receive.tls_key,
            &keys.receive.tls_client_authorities,
            &keys.deliver.tls_authorities,
            &keys.deliver.tls_certificate,
            &keys.deliver.tls_key,
            &keys.deliver.password_file,
            &keys.reports.tls_authorities,
            &keys.hand_over.tls_authorities,
            &keys.audit.syslog_tls_authorities,
            &keys.review.openid.client_secret_file,
        ];
        let named = named.into_iter().filter(|name| !name.is_empty()).map(Path::new);
        for file in named.chain([config]) {
            permitted.read_beside(file);
        }
        permitted.listed.insert(folder(&checked.journal_path));
        permitted.written.insert(checked.journal_path.clone());
        for file in [&checked.journal.audit_key, &checked.relay.audit.checkpoint_file] {
            permitted.written.extend(file.as_deref().map(folder));
        }
        permitted.add_ports(checked);
        permitted
    }

    /// What it takes to run this program once more: itself and its libraries.
    #[cfg(feature = "internet")]
    pub(super) fn for_running() -> Self {
        let libraries = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"].map(PathBuf::from);
        let read = ["/etc/ld.so.cache", "/proc"].map(PathBuf::from);
        Self {
            run: libraries.into_iter().chain(std::env::current_exe()).collect(),
            read: BTreeSet::from(read),
            ..Self::default()
        }
    }

    /// Permits a file and what may take its place later: a renewed certificate is another file of its
    /// folder, or of that which a link leads to.
    fn read_beside(&mut self, file: &Path) {
        self.read.insert(folder(file));
        if let Ok(real) = file.canonicalize() {
            self.read.insert(folder(&real));
        }
    }

    fn add_ports(&mut self, checked: &Checked) {
        let relay = &checked.relay;
        self.bound.extend(relay.receive.listen.iter().map(std::net::SocketAddr::port));
        self.bound.insert(checked.review_listen.port());
        let hops = relay.deliver.hops.iter();
        let hops = hops.chain(relay.reports.iter().map(|reports| &reports.hop));
        let hops = hops.chain(relay.hand_over.iter().map(|hand_over| &hand_over.hop));
        self.connected.extend(hops.map(|hop| hop.port));
        self.connected.extend(relay.audit.syslog.iter().map(|syslog| syslog.port));
        self.connected.insert(DNS);
        #[cfg(feature = "internet")]
        if let Some(openid) = &checked.pages.openid
            && let Some((_, port)) = crate::commands::provider(&openid.issuer)
        {
            self.connected.insert(port);
        }
    }

    /// Puts it in force for this thread and those that it starts, and says how much of it this kernel
    /// has; or why none.
    pub(super) fn restrict(&self) -> Result<Extent, String> {
        for folder in &self.written {
            // Only what is there can be permitted. The journal makes its folder in the same way.
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        match self.ruleset().map_err(|error| error.to_string())? {
            RulesetStatus::FullyEnforced => Ok(Extent::Whole),
            RulesetStatus::PartiallyEnforced => Ok(Extent::Part),
            RulesetStatus::NotEnforced => Err("this kernel does not have it".to_owned()),
        }
    }

    fn ruleset(&self) -> Result<RulesetStatus, RulesetError> {
        let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
        let write = AccessFs::from_all(WANTED) & !BitFlags::from(AccessFs::Execute);
        let port = |access: AccessNet| {
            move |port: &u16| Ok::<_, RulesetError>(NetPort::new(*port, access))
        };
        let status = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(WANTED))?
            .handle_access(AccessNet::from_all(WANTED))?
            .scope(Scope::from_all(WANTED))?
            .create()?
            .add_rules(path_beneath_rules(&self.read, read))?
            .add_rules(path_beneath_rules(&self.run, read | AccessFs::Execute))?
            .add_rules(path_beneath_rules(&self.listed, AccessFs::ReadDir))?
            .add_rules(path_beneath_rules(&self.written, write))?
            .add_rules(self.bound.iter().map(port(AccessNet::BindTcp)))?
            .add_rules(self.connected.iter().map(port(AccessNet::ConnectTcp)))?
            .restrict_self()?;
        Ok(status.ruleset)
    }
}

/// The folder that a file is in.
fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
