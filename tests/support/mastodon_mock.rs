//! A stateful mock of Mastodon's API that nobody here wrote: `PyPI`'s `mastodon_mock`.

use super::installed::{Process, free_address, python_servers};
use risposta::model::study::{MastodonAccount, SecretSource};
use serde_json::Value;
use std::process::Command;
use tempfile::TempDir;

/// The instance with our account `enrico` and three others: `alfa@social.example`, `beta@social.example`,
/// and `vicina`, who lives on the same instance. Tokens are `<username>-token`.
pub(crate) struct MastodonMock {
    _process: Process,
    _folder: TempDir,
    base: String,
}

impl MastodonMock {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let home = python_servers();
        let folder = TempDir::new().unwrap();
        let address = free_address();
        let account = |name: &str, domain: &str| {
            format!("[[seed.accounts]]\nusername = \"{name}\"\naccess_token = \"{name}-token\"\n{domain}\n")
        };
        let elsewhere = "domain = \"social.example\"";
        let config = format!(
            "[server]\nport = {}\n{}{}{}{}",
            address.port(),
            account("enrico", ""),
            account("alfa", elsewhere),
            account("beta", elsewhere),
            account("vicina", "")
        );
        let file = folder.path().join("mock.toml");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(home.join("bin/mastodon_mock"));
        command.args(["serve", "--in-memory", "--config"]).arg(&file).current_dir(folder.path());
        let process = Process::start(&mut command, address, &folder.path().join("server.log"));
        Self { _process: process, _folder: folder, base: format!("http://{address}") }
    }

    /// Our account, as a study has it.
    pub(crate) fn account(&self) -> MastodonAccount {
        MastodonAccount {
            id: "enrico".parse().unwrap(),
            instance: self.base.parse().unwrap(),
            token: SecretSource::Env("UNUSED".to_owned()),
        }
    }

    /// Asks the API as that user.
    pub(crate) async fn get(&self, user: &str, path: &str) -> Value {
        let request = reqwest::Client::new().get(format!("{}{path}", self.base)).bearer_auth(format!("{user}-token"));
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    /// Lets that user do something.
    pub(crate) async fn post(&self, user: &str, path: &str, body: &Value) -> Value {
        let request = reqwest::Client::new().post(format!("{}{path}", self.base)).bearer_auth(format!("{user}-token"));
        request.json(body).send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    /// Lets that user write a post, in reply to another.
    pub(crate) async fn reply(&self, user: &str, to: &str, text: &str) -> Value {
        let body = serde_json::json!({ "status": text, "in_reply_to_id": to, "visibility": "public" });
        self.post(user, "/api/v1/statuses", &body).await
    }

    /// The posts of our account.
    pub(crate) async fn own_posts(&self) -> Vec<Value> {
        let own = self.get("enrico", "/api/v1/accounts/verify_credentials").await;
        let posts = self.get("enrico", &format!("/api/v1/accounts/{}/statuses", own["id"].as_str().unwrap())).await;
        posts.as_array().unwrap().clone()
    }

    /// The next request that fits fails in this way.
    pub(crate) async fn fail_once(&self, method: &str, path: &str, effect: &Value) {
        let rule = serde_json::json!({ "match": { "methods": [method], "path": path }, "effect": effect, "count": 1 });
        self.post("enrico", "/api/v1/_mock/faults", &rule).await;
    }
}
