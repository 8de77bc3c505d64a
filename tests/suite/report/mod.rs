//! The publication of a rehearsal: is it whole, safe to open, and the same each time?

mod browser;
mod data;
mod package;
mod shapes;
mod structure;
mod suppression;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A folder with the results of a rehearsal.
pub(crate) struct Rehearsed(TempDir);

impl Rehearsed {
    /// The bundled study, rehearsed.
    pub(crate) fn demo() -> Self {
        let rehearsed = Self(TempDir::new().unwrap());
        rehearsed.run(&["demo"]);
        rehearsed
    }

    /// A study of the test's own, rehearsed.
    pub(crate) fn study(yaml: &str) -> Self {
        let rehearsed = Self(TempDir::new().unwrap());
        fs::write(rehearsed.path("study.yaml"), yaml).unwrap();
        rehearsed.run(&["rehearse", "study.yaml"]);
        rehearsed
    }

    /// The bundled study with pseudonyms, rehearsed twice.
    pub(crate) fn waves() -> Self {
        let rehearsed = Self::pseudonymous();
        for (wave, start) in [("rehearsal-spring", "2026-01-12"), ("rehearsal-autumn", "2026-09-07")] {
            rehearsed.run(&["rehearse", "study.yaml", "--wave", wave, "--start", start]);
        }
        rehearsed
    }

    /// The bundled study where companies are to have pseudonyms.
    pub(crate) fn pseudonymous() -> Self {
        let study = include_str!("../../../scenarios/ladogana.yaml");
        assert!(study.contains("names: shown"));
        Self::study(&study.replace("names: shown", "names: pseudonyms"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs what must work, and gives what it printed.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_risposta"));
        command.args(arguments).current_dir(self.0.path()).env_remove("RISPOSTA_RESULTS");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Writes a report into a folder of that name, and gives its files.
    #[track_caller]
    pub(crate) fn report(&self, folder: &str, arguments: &[&str]) -> BTreeMap<String, String> {
        self.run(&[&["report", "--out", folder], arguments].concat());
        files(&self.path(folder))
    }
}

/// Every file under a folder, by its path from there.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_rehearsal_s_report_is_whole_and_says_simulated_everywhere() {
    let rehearsed = Rehearsed::demo();
    for lang in ["en", "it"] {
        let files = rehearsed.report(lang, &["--lang", lang]);
        let page = &files["report.html"];
        assert!(!files.values().any(|text| text.contains('⟦')), "a text is missing in {lang}");
        assert!(files.values().all(|text| text.contains("SIMULATED")), "{:?}", files.keys());
        assert!(page.contains(&format!("<html lang=\"{lang}\">")));
        for id in ["summary", "channels", "companies", "said", "method", "rates", "tiles", "flow", "c-gusto-mondo"] {
            assert!(page.contains(&format!("id=\"{id}\"")), "{id} is missing in {lang}");
        }
        // What a page could load, it could leak: there is nothing to load, and no script.
        for loads in ["<script", "<img", "<link", "<iframe", "src=", "@import", "url("] {
            assert!(!page.contains(loads), "{loads}");
        }
    }
    assert!(
        rehearsed.report("en", &[])["report.html"].contains("did not answer our question on any channel within 28")
    );
}

#[test]
fn the_same_journal_gives_the_same_bytes() {
    let rehearsed = Rehearsed::demo();
    for audience in [&["team"][..], &["public"], &["client", "edil-beta"]] {
        let arguments = [&["--for"], audience].concat();
        assert_eq!(rehearsed.report("once", &arguments), rehearsed.report("again", &arguments));
    }
}

#[test]
fn only_the_team_and_the_company_itself_read_names() {
    const NAMES: [&str; 4] = ["Gusto Mondo", "Edil Beta", "Banca del Lago", "gusto-mondo"];
    let rehearsed = Rehearsed::pseudonymous();
    let reads =
        |arguments: &[&str], name: &str| rehearsed.report("out", arguments).values().any(|text| text.contains(name));
    assert!(NAMES.iter().all(|name| reads(&["--for", "team"], name)));
    assert!(!NAMES.iter().any(|name| reads(&["--for", "public"], name)));
    let client = ["--for", "client", "edil-beta"];
    assert_eq!(NAMES.map(|name| reads(&client, name)), [false, true, false, false]);
}

/// Names that want to be something else where they are printed.
const HOSTILE: [&str; 5] = [
    r"<script>alert(1)</script>",
    r#""><img src=x onerror=alert(2)>"#,
    "=HYPERLINK(\u{1}evil)",
    "\u{202e}moc.live\u{202c}",
    "[link](javascript:alert(3)) | `x` **b**",
];

/// A small study of companies with these names.
fn named(names: &[&str]) -> String {
    let companies: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let name = serde_json::to_string(name).unwrap();
            format!(
                "  - {{id: c{n}, name: {name}, ask: q, email: info@c{n}.example, web_form: \"https://c{n}.example/f\"}}\n"
            )
        })
        .collect();
    format!(
        "study: hostile\ntitle: \"Who replies? <b>&amp;\"\nlanguage: en\ntimezone: Europe/Rome\n\
         conduct: {{purpose: research, max_messages_per_company: 6}}\n\
         mailbox: {{address: anna@post.example, alias: catch-all, imap: imap.post.example, smtp: smtp.post.example}}\n\
         persona: {{name: Anna Rossi}}\n\
         questions:\n  q: {{subject: Price, text: \"What does it cost? {{{{ persona.name }}}}\"}}\n\
         companies:\n{}\
         design: {{compare: {{own: [email], outside: [web_form]}}, per_company: all, order: random, \
         send: \"Mo-Fr 09:00-17:00\", window: 28d, washout: 28d}}\n\
         publish: {{names: shown, statement: \"<i>We behaved.</i>\", comments: {{c0: \"</main><script>x</script>\"}}}}\n",
        companies.concat()
    )
}

#[test]
fn hostile_names_are_words_and_nothing_else() {
    let rehearsed = Rehearsed::study(&named(&HOSTILE));
    for audience in ["team", "public"] {
        for (name, text) in rehearsed.report("out", &["--for", audience]) {
            if [".html", ".svg"].iter().any(|end| name.ends_with(end)) {
                for markup in ["<script", "<img", "replies? <b>", "<i>We", "\u{202e}", "\u{1}"] {
                    assert!(!text.contains(markup), "{markup:?} in {name} for {audience}");
                }
            }
        }
    }
    let page = &rehearsed.report("out", &[])["report.html"];
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "the name itself is still readable");
}

/// Hashes differ from journal to journal: each has a salt of its own, so that words cannot be guessed.
fn without_hashes(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() {
            run.push(c);
            continue;
        }
        out.push_str(if run.len() == 64 { "HASH" } else { &run });
        run.clear();
        out.push(c);
    }
    out
}

#[test]
fn what_tells_of_too_few_companies_is_not_written_and_the_reason_is_given() {
    let study = named(&["Alfa", "Beta", "Gamma"]).replace("names: shown", "names: pseudonyms");
    let rehearsed = Rehearsed::study(&study);
    for arguments in [&["report", "--for", "public", "--out", "out"][..], &["export", "--bundle", "b.json"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_risposta"));
        let output =
            command.args(arguments).current_dir(rehearsed.path(".")).env_remove("RISPOSTA_RESULTS").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("nothing is published: wave `rehearsal` tells of 3 companies"), "{said}");
        assert!(said.contains("fewer than 5") && said.contains("`--for team`"), "{said}");
    }
    assert!(!rehearsed.path("out").exists() && !rehearsed.path("b.json").exists());
    assert!(!rehearsed.report("out", &["--for", "team"]).is_empty());
}

#[test]
fn the_example_in_git_is_what_the_program_writes() {
    let kept = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("results/ladogana"));
    let made = Rehearsed::demo().report("out", &["--for", "public"]);
    for (name, text) in &made {
        let kept = kept.get(name).unwrap_or_else(|| panic!("results/ladogana/{name} is missing"));
        let help = "make it anew as results/README.md says";
        assert!(without_hashes(kept) == without_hashes(text), "results/ladogana/{name} is another: {help}");
    }
}
