//! Does `risposta form` show what a page is understood as, and say plainly when it cannot be read?

use crate::support::site::{Does, Site};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const PAGE: &str = "<html><title>Contact</title><form method=post action=/send><h2>Contact us</h2>\
    <p style='display:none'><input name=email></p><label>Your name * <input name=n maxlength=40></label>\
    <label>E-mail <input name=e type=email required></label><label>Message <textarea name=m></textarea></label>\
    <label><input type=checkbox name=ads> Send me your newsletter</label><button>Send</button></form>\
    <form action=/search><input name=q type=search></form></html>";

fn risposta(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_risposta")).args(arguments).current_dir(folder).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_file_is_shown_with_roles_reasons_and_a_preview() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), PAGE).unwrap();
    let output = risposta(&["form", "page.html"], folder.path());
    let text = printed(&output);
    for part in [
        "Form 1 of 2: contact form",
        "because its heading says \"contact\"",
        "sent to http://page.example/send",
        "this one would be used",
        "Form 2 of 2: no contact form (search)",
        "its type is email",
        "gets: Ada Example",
        "gets: How long may I return",
        "people do not see it (not displayed), robots do",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let told = |role: &str| text.lines().find(|line| line.contains(&format!(" {role} "))).unwrap().to_owned();
    assert!(told("name").contains("yes") && told("name").contains("40"), "{text}");
    told("honeypot");
    told("marketing");
    assert_eq!(text.matches("gets: ").count(), 3, "{text}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Nothing was submitted."));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn json_holds_all_that_was_understood_and_a_study_fills_it_in() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), PAGE).unwrap();
    assert!(risposta(&["init", "study"], folder.path()).status.success());
    let arguments = ["form", "page.html", "--json", "--study", "study/study.yaml", "--url", "https://shop.example/a/"];
    let json: Value = serde_json::from_str(&printed(&risposta(&arguments, folder.path()))).unwrap();
    let form = &json["forms"][0];
    assert_eq!(form["contact"], true);
    assert_eq!(form["used"], true);
    assert_eq!(form["action"], "https://shop.example/send");
    let fields = form["fields"].as_array().unwrap();
    let field = |role: &str| fields.iter().find(|f| f["role"] == role).unwrap_or_else(|| panic!("{role}: {json:#}"));
    assert_eq!(field("honeypot")["never_filled"], true);
    assert_eq!(field("honeypot")["filled_with"], Value::Null);
    assert_eq!(field("marketing")["filled_with"], Value::Null);
    assert_eq!(field("name")["maxlength"], 40);
    assert_eq!(field("email")["required"], true);
    assert!(field("email")["filled_with"].as_str().unwrap().contains('@'));
    assert_ne!(field("email")["filled_with"], "ada@example.org");
    assert!(field("message")["confidence"].as_u64().unwrap() > 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_visited_and_nothing_is_submitted_there() {
    let site = Site::start(|arrived| match arrived.path.as_str() {
        "/old" => Does::redirect(302, "/contact"),
        "/contact" => Does::page(PAGE),
        "/wall" => Does::status(403, "no"),
        "/framed" => Does::page("<form action=/s><input type=search name=q></form><iframe src=/contact></iframe>"),
        "/moved" => Does::page("<p>Contact</p><iframe src=/moves></iframe>"),
        // The same server by a name that has nothing to do with the site's.
        "/moves" => {
            Does::redirect(302, &format!("http://localhost:{}/contact", arrived.host.rsplit_once(':').unwrap().1))
        }
        "/picture" => Does::Answer(200, vec![("content-type", "image/png".to_owned())], vec![1, 2, 3]),
        _ => Does::status(404, "no"),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let form = |path: &str| risposta(&["form", &site.url(path)], folder.path());
    let text = tokio::task::block_in_place(|| printed(&form("/old")));
    assert!(text.contains("sent to http://127.0.0.1") && text.contains("contact form"), "{text}");
    let paths: Vec<String> = site.arrived().iter().map(|a| format!("{} {}", a.method, a.path)).collect();
    assert_eq!(paths, ["GET /old", "GET /contact"]);
    let framed = tokio::task::block_in_place(|| printed(&form("/framed")));
    let (page, frame) = framed.split_once(&format!("In the frame {}\n", site.url("/contact"))).expect(&framed);
    assert!(page.contains("no contact form (search)") && !page.contains("would be used"), "{page}");
    assert!(frame.contains("Form 1 of 2: contact form") && frame.contains("this one would be used"), "{frame}");
    let moved = tokio::task::block_in_place(|| printed(&form("/moved")));
    assert!(!moved.contains("In the frame") && !moved.contains("this one would be used"), "{moved}");
    tokio::task::block_in_place(|| {
        assert!(refusal(&form("/wall")).contains("answered 403"));
        assert!(refusal(&form("/picture")).contains("this is no page but `image/png`"));
    });
}

#[test]
fn a_form_that_is_not_there_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), PAGE).unwrap();
    for (css, why) in [("form[", "no CSS selector"), ("#nowhere", "no form of the page fits `#nowhere`")] {
        for more in [&[][..], &["--json"]] {
            let output = risposta(&[&["form", "page.html", "--form", css], more].concat(), folder.path());
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(output.stdout.is_empty() && said.contains(why), "{said}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_said_plainly() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("words.txt"), "just words").unwrap();
    let form = |page: &str| refusal(&risposta(&["form", page], folder.path()));
    assert!(form("words.txt").contains("this is no HTML"));
    let missing = form("missing.html");
    assert!(missing.contains("missing.html") && missing.contains("http://"), "{missing}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert!(form(&closed).contains("the page cannot be read"));
}

#[test]
fn a_page_without_a_contact_form_says_why() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), "<form><input name=q type=search></form>").unwrap();
    let text = printed(&risposta(&["form", "page.html"], folder.path()));
    assert!(
        text.contains("No form of this page would be used: no form of the page has a place for a message"),
        "{text}"
    );
}
