//! The command itself: into a file that a study names, interrupted and continued; and nothing is sent to
//! what nobody has confirmed.

use super::STUDY;
use super::town::Town;
use crate::support::program::Program;

/// The town serves on the test's runtime while the program runs.
fn on_the_side(program: Program, work: impl FnOnce(&Program) + Send + 'static) -> tokio::task::JoinHandle<()> {
    tokio::task::spawn_blocking(move || work(&program))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_companies_becomes_a_file_that_a_study_names_and_is_continued() {
    let town = Town::open().await;
    let address = town.address.to_string();
    let program = Program::new("secret");
    let folder = program.study().parent().unwrap().to_owned();
    std::fs::write(
        folder.join("list.csv"),
        "name;website;industry\nBiscotti Rossi;rossi.example;food\nNobody;not a site;food\nMüller;https://mueller.example/;furniture\n\
         Anna;anna.example;\n",
    )
    .unwrap();
    program.write(&format!("{STUDY}companies: found.yaml\n"));
    std::fs::write(folder.join("empty.yaml"), format!("{STUDY}companies: [{{name: A, email: a@a.example}}]\n"))
        .unwrap();
    let common =
        ["--study", "empty.yaml", "--town", &address, "--pause", "0s", "--into", "found.yaml"].map(str::to_owned);
    on_the_side(program, move |program| {
        let with = |more: &[&str]| {
            let mut arguments = vec!["discover"];
            arguments.extend_from_slice(more);
            arguments.extend(common.iter().map(String::as_str));
            program.run(&arguments)
        };
        let said = with(&["rossi.example"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let first = std::fs::read_to_string(folder.join("found.yaml")).unwrap();
        // A person looks, and says so.
        let edited = first.replacen("confirmed: false", "confirmed: true", 1);
        std::fs::write(folder.join("found.yaml"), &edited).unwrap();
        let said = with(&["--companies", "list.csv"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.err.contains("row 3: `not a site` is no web site"), "{said:?}");
        assert!(said.err.contains("1 skipped"), "{said:?}");
        let whole = std::fs::read_to_string(folder.join("found.yaml")).unwrap();
        assert!(whole.starts_with(&edited), "what was written is kept");
        assert!(
            whole.contains("industry: \"furniture\"") && whole.contains("# skipped https://anna.example/"),
            "{whole}"
        );
        let again = with(&["--companies", "list.csv"]);
        assert!(again.err.contains("0 company entries"), "{again:?}");
        assert_eq!(std::fs::read_to_string(folder.join("found.yaml")).unwrap(), whole);
        let checked = program.run(&["check", "study.yaml"]);
        assert_eq!(checked.code, Some(0), "{checked:?}");
        refused_until_confirmed(program, &folder.join("found.yaml"));
    })
    .await
    .unwrap();
    assert_eq!(town.paths("rossi.example").iter().filter(|path| *path == "/").count(), 1, "a site is visited once");
}

/// Plan and dry run work; `--live` waits for a person, who edits the file and amends.
fn refused_until_confirmed(program: &Program, found: &std::path::Path) {
    let plan = program.run(&["plan", "study.yaml", "--wave", "w1", "--start", "2027-01-04"]);
    assert!(plan.err.contains("not confirmed"), "{plan:?}");
    let dry = program.run(&["run", "study.yaml"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    program
        .run(&["run", "study.yaml", "--live", "--once"])
        .refused(4, &["nobody has confirmed", "confirmed: true", "amend"]);
    let text = std::fs::read_to_string(found).unwrap();
    std::fs::write(found, text.replace("confirmed: false", "confirmed: true")).unwrap();
    program.run(&["run", "study.yaml", "--live", "--once"]).refused(3, &["changed after it was planned"]);
    program.run(&["amend", "study.yaml", "--why", "looked at each"]).done();
    let live = program.run(&["run", "study.yaml", "--live", "--once"]);
    assert!(!live.err.contains("nobody has confirmed"), "{live:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_stand_in_the_order_of_the_list_each_under_an_id_of_its_own() {
    let town = Town::open().await;
    let address = town.address.to_string();
    on_the_side(Program::new("secret"), move |program| {
        let path = |name: &str| program.study().with_file_name(name);
        // The second is done long before the first.
        std::fs::write(
            path("list.csv"),
            "name,website\nRossi,rossi.example\nBusy,busy.example\nAlder,alder.example\nRossi two,https://www.rossi.example/\nRossi,http://rossi.example\n,ROSSI.example/\n",
        )
        .unwrap();
        let town = ["--user-agent", "acme-audit/1.0", "--town", &address, "--pause", "0s", "--into", "found.yaml"];
        let said = program.run(&[&["discover", "--companies", "list.csv"], &town[..]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.err.contains("2 named a site that was named before: it is visited once"), "{said:?}");
        assert!(said.err.contains("1 named a site that was named before, by another name"), "{said:?}");
        let found = std::fs::read_to_string(path("found.yaml")).unwrap();
        let begins = |line: &&str| line.starts_with("- id: ") || line.contains("# could not read");
        let entries: Vec<&str> = found.lines().filter(begins).map(|line| &line[..line.len().min(24)]).collect();
        let expected = ["- id: \"rossi-example\"", "  # could not read https", "- id: \"alder-example\"", "- id: \"rossi-example-2\""];
        assert_eq!(entries, expected, "{found}");
        // Whatever two entries are called, no address is asked twice, unless a person says so of both.
        program.write(&format!("{STUDY}companies: found.yaml\n"));
        let refused = program.run(&["check", "study.yaml"]);
        assert_eq!(refused.code, Some(3), "{refused:?}");
        let said = refused.out + &refused.err;
        for part in ["`rossi-example` and `rossi-example-2` have one address on email", "found.yaml:", "shared: true"] {
            assert!(said.contains(part), "{part} in\n{said}");
        }
        std::fs::write(path("found.yaml"), found.replace("confirmed: false", "confirmed: false\n    shared: true")).unwrap();
        assert_eq!(program.run(&["check", "study.yaml"]).code, Some(0));
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_is_checked_and_an_interruption_leaves_whole_entries() {
    let town = Town::open().await;
    let address = town.address.to_string();
    on_the_side(Program::new("secret"), move |program| {
        program.run(&["discover"]).refused(2, &["URL"]);
        program.run(&["discover", "ftp://a.example"]).refused(2, &["no web site"]);
        program.run(&["discover", "a.example", "--town", "8.8.8.8:80"]).refused(2, &["loopback"]);
        program.run(&["discover", "a.example", "--user-agent", "7"]).refused(2, &["no user agent"]);
        program.run(&["discover", "a.example", "--pause", "0s"]).refused(2, &["no pause"]);
        let said = program.run(&["discover", "http://127.0.0.1:9/", "--pause", "1s"]);
        assert!(
            said.err.contains("`127.0.0.1` leads into our own network") && said.err.contains("`--town`"),
            "{said:?}"
        );
        assert!(!said.err.contains("robots.txt"), "{said:?}");
        let json = program.run(&["discover", "alder.example", "--town", &address, "--pause", "0s", "--json"]).json();
        assert_eq!(json["result"]["outcome"], "company", "{json}");
        let arguments =
            ["discover", "alder.example", "hang.example", "--town", &address, "--pause", "0s", "--into", "out.yaml"];
        let running = program.start(&arguments);
        let path = program.study().parent().unwrap().join("out.yaml");
        let written =
            || std::fs::read_to_string(&path).ok().filter(|text| text.contains("# visited https://alder.example/"));
        let text = crate::support::program::until(crate::support::program::PATIENCE, "the first entry", written);
        running.signal("INT");
        let said = running.end(crate::support::program::PATIENCE);
        assert_eq!(said.code, Some(130), "{said:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert!(text.ends_with("\n\n") && !text.contains("hang.example"), "{text}");
    })
    .await
    .unwrap();
}
