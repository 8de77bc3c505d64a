"""Runs each importer once over the same messages: seconds by the clock, seconds of processor time, peak memory."""
import os
import pathlib
import shutil
import subprocess
import sys

work, risposta = pathlib.Path(sys.argv[1]), sys.argv[2]
wave = work / "results/prova/rehearsal-1"
blank = work / "blank-wave"
shutil.copytree(wave, blank)

STANDARD_LIBRARY = """
import mailbox, email, email.policy, sys
for message in mailbox.mbox(sys.argv[1], factory=lambda f: email.message_from_binary_file(f, policy=email.policy.default), create=False):
    message.get("subject"), message.get("from"), message.get("date")
    body = message.get_body(("plain", "html"))
    if body is not None:
        try:
            body.get_content()
        except (LookupError, KeyError, ValueError):
            pass
"""


def timed(name, command, environment=None):
    begun = os.times().elapsed
    with open(work / "log", "ab") as log:
        process = subprocess.Popen(command, cwd=work, env={**os.environ, **(environment or {})}, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
    clock = os.times().elapsed - begun
    failed = "" if status == 0 else f"  FAILED ({os.waitstatus_to_exitcode(status)})"
    print(f"{name:34} {clock:8.1f} s {used.ru_utime + used.ru_stime:8.1f} s CPU {used.ru_maxrss // 1024:6} MB{failed}", flush=True)
    return clock


def imported(kind, path):
    shutil.rmtree(wave)
    shutil.copytree(blank, wave)
    return timed(f"risposta import {kind}", [risposta, "import", kind, path, "--wave", "rehearsal-1"])


ours = [imported("mbox", "posta.mbox"), imported("maildir", "Maildir")]
timed("the same again: all known", [risposta, "import", "maildir", "Maildir", "--wave", "rehearsal-1"])
timed("Python's standard library, mbox", [sys.executable, "-c", STANDARD_LIBRARY, "posta.mbox"])
(work / "notmuch-config").write_text(f"[database]\npath={work}/Maildir\n[new]\ntags=new\n[user]\nprimary_email=enrico@posta.example\n")
notmuch = timed("notmuch new", ["notmuch", "new", "--quiet"], {"NOTMUCH_CONFIG": str(work / "notmuch-config")})
shutil.rmtree(work / "Maildir/.notmuch", ignore_errors=True)
subprocess.run(["mu", "init", f"--muhome={work}/mu", f"--maildir={work}/Maildir"], check=True, stdout=subprocess.DEVNULL)
mu = timed("mu index", ["mu", "index", f"--muhome={work}/mu", "--quiet"])
print(f"the faster indexer took {min(notmuch, mu) / max(ours):.1f} times as long as the slower of our imports")
