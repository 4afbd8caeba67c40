//! `backup`, `backup verify` and `backup restore`: the journal kept elsewhere, and put back.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use sekimori_journal::backup::{BackupOptions, Counts, Manifest, back_up, restore, verify_backup};
use serde_json::json;

use super::queue::{actor_name, now};
use crate::cli::{BackupArgs, BackupCommand};
use crate::configuration;
use crate::exit::{Exit, Failure};

/// Makes, checks or puts back a backup.
pub(crate) fn run(args: BackupArgs) -> Result<(), Failure> {
    match args.command {
        Some(BackupCommand::Verify { folder, json }) => verify(&folder, json),
        Some(BackupCommand::Restore { config, folder, json }) => {
            put_back(&config.config, &folder, json)
        }
        None => {
            let folder =
                args.to.ok_or_else(|| Failure::new(Exit::Usage, "--to FOLDER is needed"))?;
            let options = BackupOptions { with_audit_key: args.with_audit_key };
            make(&args.config.config, &folder, options, args.json)
        }
    }
}

fn make(
    config: &Path,
    folder: &Path,
    options: BackupOptions,
    as_json: bool,
) -> Result<(), Failure> {
    let (_, checked) = configuration::read(Some(config))?;
    require_owner(folder)?;
    let made = back_up(&checked.journal_path, &checked.journal, folder, options, now())?;
    let mut out = std::io::stdout().lock();
    if as_json {
        let members = json!({
            "folder": folder,
            "written_octets": made.written_octets,
            "kept_segments": made.kept_segments,
            "manifest": made.manifest,
        });
        return Ok(writeln!(out, "{members}")?);
    }
    writeln!(out, "{}", described(&made.manifest))?;
    writeln!(
        out,
        "{} octets written, {} segments kept as they were",
        made.written_octets, made.kept_segments
    )?;
    if !options.with_audit_key {
        eprintln!(
            "sekimori: the audit key is not in it: keep a copy of {} apart from the backup, without \
             it a restored journal cannot go on",
            checked.journal.audit_key_of(&checked.journal_path).display()
        );
    }
    Ok(())
}

fn verify(folder: &Path, as_json: bool) -> Result<(), Failure> {
    let checked = verify_backup(folder)?;
    let mut out = std::io::stdout().lock();
    if as_json {
        let members = json!({
            "folder": folder,
            "result": "good",
            "originals": checked.originals,
            "texts": checked.texts,
            "manifest": checked.manifest,
        });
        return Ok(writeln!(out, "{members}")?);
    }
    writeln!(out, "{}", described(&checked.manifest))?;
    writeln!(
        out,
        "good: every file, {} originals, {} texts and the audit record were read and hold",
        checked.originals, checked.texts
    )?;
    Ok(())
}

fn put_back(config: &Path, folder: &Path, as_json: bool) -> Result<(), Failure> {
    let (_, checked) = configuration::read(Some(config))?;
    require_owner(&checked.journal_path)?;
    let restored = restore(folder, &checked.journal_path, &checked.journal, &actor_name(), now())?;
    let mut out = std::io::stdout().lock();
    if as_json {
        let members = json!({
            "folder": folder,
            "journal": checked.journal_path,
            "originals": restored.checked.originals,
            "texts": restored.checked.texts,
            "missing_key": restored.missing_key,
            "manifest": restored.checked.manifest,
        });
        writeln!(out, "{members}")?;
    } else {
        writeln!(out, "{}", described(&restored.checked.manifest))?;
        writeln!(
            out,
            "put back into {}: {} originals, {} texts and the audit record were read and hold",
            checked.journal_path.display(),
            restored.checked.originals,
            restored.checked.texts
        )?;
    }
    if let Some(key) = restored.missing_key {
        eprintln!(
            "sekimori: the audit key is not in the backup: put your copy to {} before you start",
            key.display()
        );
    }
    eprintln!(
        "sekimori: mail that was delivered after the backup was begun may be delivered once more; \
         mail taken after it is not there"
    );
    Ok(())
}

/// Refuses to write files that the service, which the folder belongs to, could not open: not in its
/// journal, nor in the backup that it makes every night.
fn require_owner(path: &Path) -> Result<(), Failure> {
    let Ok(folder) = fs::metadata(path) else { return Ok(()) };
    let own = rustix::process::geteuid().as_raw();
    if folder.uid() == own {
        return Ok(());
    }
    let line = format!(
        "{} belongs to the user with the number {}, and this runs as number {own}: run it as that user, \
         as by \"sudo -u sekimori sekimori ...\"; nothing was changed",
        path.display(),
        folder.uid()
    );
    Err(Failure::new(Exit::NotPermitted, line))
}

/// What a backup holds, in one line.
fn described(manifest: &Manifest) -> String {
    let Counts { queued, held, delivered, failed, deleted } = manifest.messages;
    format!(
        "backup begun at {}: {} messages ({queued} queued, {held} held, {delivered} delivered, \
         {failed} failed, {deleted} deleted), {} audit records",
        manifest.begun_at,
        manifest.messages.total(),
        manifest.audit_records
    )
}
