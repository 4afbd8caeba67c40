//! `main.cf` and `master.cf` of an instance.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::folders::Folders;
use super::{Certificate, Delivery, NextHopTls, Role};

/// The Maildir below the folder for mail.
pub(super) const MAILDIR: &str = "inbox";

/// Daemons of one kind that may run at once: over the most sessions that a benchmark opens.
const PROCESS_LIMIT: u32 = 400;

/// Largest message taken, in octets. Over sekimori's default, so that it is never the one to say no.
const MESSAGE_SIZE_LIMIT: u32 = 64 * 1024 * 1024;

/// Connections at once to the one next hop.
const CONCURRENCY: u32 = 50;

/// Writes the configuration of one role.
pub(super) fn write(folders: &Folders, listen: SocketAddr, role: &Role) -> Result<()> {
    let conf = folders.configuration();
    if let Role::Receiving { certificate: Some(Certificate { chain_pem, key_pem }), .. } = role {
        fs::write(conf.join("chain.pem"), chain_pem)?;
        fs::write(conf.join("key.pem"), key_pem)?;
    }
    fs::write(conf.join("main.cf"), main_cf(folders, listen, role))?;
    fs::write(conf.join("master.cf"), master_cf(listen))?;
    // Postfix waits up to 2 s for a configuration that was changed just now to settle.
    let earlier = SystemTime::now() - Duration::from_mins(1);
    fs::File::open(conf.join("main.cf"))?.set_modified(earlier)?;
    Ok(())
}

fn main_cf(folders: &Folders, listen: SocketAddr, role: &Role) -> String {
    let mut text = String::new();
    let mut set = |key: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{key} = {value}");
    };
    set("compatibility_level", "3.6");
    set("queue_directory", &folders.queue().display().to_string());
    set("data_directory", &folders.data().display().to_string());
    set("daemon_directory", super::DAEMONS);
    set("maillog_file", &folders.log_file().display().to_string());
    set("maillog_file_prefixes", &folders.path().display().to_string());
    // Also where connections to others come from.
    set("inet_interfaces", &listen.ip().to_string());
    set("inet_protocols", "ipv4");
    set("myorigin", "$myhostname");
    set("mydestination", "");
    set("local_recipient_maps", "");
    set("alias_maps", "");
    set("local_transport", "error:nobody has a mailbox here");
    set("mynetworks", &format!("127.0.0.0/8, {}", listen.ip()));
    // Clients stand for other machines, from which mail keeps its header as it is.
    set("local_header_rewrite_clients", "");
    set("biff", "no");
    set("smtp_dns_support_level", "disabled");
    set("smtp_host_lookup", "native");
    set("smtpd_peername_lookup", "no");
    set("default_process_limit", &PROCESS_LIMIT.to_string());
    set("message_size_limit", &MESSAGE_SIZE_LIMIT.to_string());
    set("mailbox_size_limit", "0");
    set("virtual_mailbox_limit", "0");
    set("smtp_destination_concurrency_limit", &CONCURRENCY.to_string());
    for limit in [
        "smtpd_client_connection_count_limit",
        "smtpd_client_connection_rate_limit",
        "smtpd_client_message_rate_limit",
        "smtpd_client_recipient_rate_limit",
    ] {
        set(limit, "0");
    }
    role_parameters(folders, role, &mut set);
    text
}

fn role_parameters(folders: &Folders, role: &Role, set: &mut impl FnMut(&str, &str)) {
    match role {
        Role::Relay { next_hop, milter } => {
            if let Some(milter) = milter {
                set("smtpd_milters", &format!("inet:{milter}"));
            }
            set("myhostname", "bare.relay.example");
            set("relayhost", &bracketed(*next_hop));
            set("smtpd_relay_restrictions", "permit_mynetworks, reject_unauth_destination");
        }
        Role::Sending { next_hop, tls, xforward } => {
            set("myhostname", "internet.mail.example");
            set("relayhost", &bracketed(*next_hop));
            set("smtpd_relay_restrictions", "permit_mynetworks, reject_unauth_destination");
            let level = match tls {
                NextHopTls::Never => "none",
                NextHopTls::WhenOffered => "may",
                NextHopTls::Required => "encrypt",
            };
            set("smtp_tls_security_level", level);
            set("smtp_tls_loglevel", "1");
            set("smtp_send_xforward_command", if *xforward { "yes" } else { "no" });
            set("smtpd_authorized_xforward_hosts", if *xforward { "127.0.0.0/8" } else { "" });
            for (key, seconds) in [
                ("queue_run_delay", "1s"),
                ("minimal_backoff_time", "1s"),
                ("maximal_backoff_time", "3s"),
            ] {
                set(key, seconds);
            }
        }
        Role::Receiving { domains, certificate, delivery } => {
            set("myhostname", "lgwan.mail.example");
            let domains = domains.join(", ");
            match delivery {
                Delivery::Maildir => {
                    let owner = format!("static:{}", folders.owner());
                    set("virtual_mailbox_domains", &domains);
                    set("virtual_mailbox_base", &folders.mail().display().to_string());
                    set("virtual_mailbox_maps", &format!("static:{MAILDIR}/"));
                    set("virtual_minimum_uid", "1");
                    set("virtual_uid_maps", &owner);
                    set("virtual_gid_maps", &owner);
                }
                Delivery::NextHop(next_hop) => {
                    set("relay_domains", &domains);
                    set("relayhost", &bracketed(*next_hop));
                    set("relay_transport", "smtp");
                }
            }
            // Its own clients are no friends: mail for other domains is refused.
            set("smtpd_relay_restrictions", "reject_unauth_destination");
            if certificate.is_some() {
                let conf = folders.configuration();
                set("smtpd_tls_security_level", "may");
                set("smtpd_tls_loglevel", "1");
                set("smtpd_tls_cert_file", &conf.join("chain.pem").display().to_string());
                set("smtpd_tls_key_file", &conf.join("key.pem").display().to_string());
                set("smtpd_tls_received_header", "yes");
            }
        }
    }
}

fn bracketed(address: SocketAddr) -> String {
    format!("[{}]:{}", address.ip(), address.port())
}

/// The services that a relay and a mailbox server without local users need. No pickup and no local
/// delivery: mail comes in by SMTP only.
fn master_cf(listen: SocketAddr) -> String {
    format!(
        "{}:{} inet n - n - - smtpd\n{}",
        listen.ip(),
        listen.port(),
        "cleanup unix n - n - 0 cleanup\n\
         qmgr unix n - n 300 1 qmgr\n\
         tlsmgr unix - - n 1000? 1 tlsmgr\n\
         rewrite unix - - n - - trivial-rewrite\n\
         bounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\n\
         trace unix - - n - 0 bounce\n\
         smtp unix - - n - - smtp\n\
         error unix - - n - - error\n\
         retry unix - - n - - error\n\
         virtual unix - n n - - virtual\n\
         anvil unix - - n - 1 anvil\n\
         scache unix - - n - 1 scache\n\
         postlog unix-dgram n - n - 1 postlogd\n"
    )
}
