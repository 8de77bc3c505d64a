#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use risposta::{report, score};
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let rows = score::csv::read(std::fs::File::open(&path).unwrap(), &path).unwrap_or_else(|e| panic!("{e}"));
    let mut frame = score::Frame::of_csv(&path, &rows);
    if std::env::args().nth(2).is_some() {
        let g = |n: &str, c: &[&str]| score::LabelGroup {
            name: n.into(),
            channels: c.iter().map(|s| (*s).to_owned()).collect(),
        };
        frame.about.groups = vec![g("own", &["web_form", "email"]), g("outside", &["social", "chat"])];
        frame.about.simulated = true;
        frame.about.order_confounded = true;
        frame.about.thresholds = ["2h", "24h", "7d", "28d"].map(|t| t.parse().unwrap()).to_vec();
    }
    let card = score::score(&rows, &frame);
    let look = report::Look { width: 80, color: std::env::args().nth(3).is_some(), companies: true };
    print!("{}", report::terminal::render(&card, &look));
}
