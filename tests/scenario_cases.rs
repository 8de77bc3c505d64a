//! Every mistake and warning that `check` knows: one study and what is said about it beside each
//! other, one named test a pair. `BLESS=1` writes what is said now; read it before you commit it.

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const FOLDER: &str = "tests/scenarios";

fn main() {
    let arguments = Arguments::from_args();
    let names: BTreeSet<String> = files().iter().filter_map(|path| case_name(path)).collect();
    let mut trials: Vec<_> = names.into_iter().map(|name| Trial::test(name.clone(), move || run(&name))).collect();
    let found = trials.len();
    trials.push(Trial::test("the_corpus_is_there", move || if found > 0 { Ok(()) } else { Err("no case".into()) }));
    libtest_mimic::run(&arguments, trials).exit();
}

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(FOLDER).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

fn case_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str().filter(|name| !name.starts_with('.'))?;
    Some(name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".expected.txt")).unwrap_or(name).to_owned())
}

fn run(name: &str) -> Result<(), Failed> {
    let study = Path::new(FOLDER).join(format!("{name}.yaml"));
    let expected = Path::new(FOLDER).join(format!("{name}.expected.txt"));
    if !study.is_file() {
        return Err(format!("{} has no {}", expected.display(), study.display()).into());
    }
    let loaded = risposta::scenario::load(&study);
    let said = loaded.findings.plain().replace(&format!("{FOLDER}/"), "");
    if loaded.study.is_some() != (loaded.findings.errors() == 0) {
        return Err("a study with mistakes, or none without".into());
    }
    // Drawing must not fail either, whatever the place.
    if loaded.findings.graphical(false, 100).matches('×').count() < loaded.findings.errors() {
        return Err("a mistake was not drawn".into());
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&expected, &said)?;
        return Ok(());
    }
    let wanted = std::fs::read_to_string(&expected).map_err(|why| format!("{}: {why}", expected.display()))?;
    if said != wanted {
        return Err(format!("said:\n{said}\nexpected:\n{wanted}").into());
    }
    Ok(())
}
