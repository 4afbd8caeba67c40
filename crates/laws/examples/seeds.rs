//! Writes what fuzzing begins with, from the fixtures: `fuzz/corpus/<law>/<mail>-<number>`.

use std::fs;
use std::io::Result;
use std::path::Path;

use sekimori_laws::LAWS;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for kind in fs::read_dir(root.join("fixtures/mail"))? {
        for file in fs::read_dir(kind?.path())? {
            let path = file?.path();
            if path.extension().is_none_or(|extension| extension != "eml") {
                continue;
            }
            let mail = fs::read(&path)?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            for law in LAWS {
                let folder = root.join("fuzz/corpus").join(law.name);
                fs::create_dir_all(&folder)?;
                for (number, seed) in (law.seeds)(&mail).iter().enumerate() {
                    fs::write(folder.join(format!("{name}-{number}")), seed)?;
                }
            }
        }
    }
    Ok(())
}
