# What the tests/install-*.sh share; they source it. All talk goes to stderr: some print a folder.
# shellcheck shell=sh disable=SC2034 # its variables are theirs
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
built=${CARGO_TARGET_DIR:-$here/target}

fail() {
  echo "$0: $1" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else
    has sudo || fail "this needs root or sudo: $*"
    sudo "$@"
  fi
}

# Installs Debian packages.
packages() {
  has apt-get || fail "no apt-get here: install these, or what they are called here, by hand: $*"
  echo "$0: apt-get install $*" >&2
  as_root apt-get update -qq >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# One at a time makes what lies in a folder.
alone_in() {
  mkdir -p "$1"
  exec 9>"$1/lock"
  flock 9
}

# Makes $home, below target/$1, an environment of Python with the packages of tests/$2, unless it is ready; another
# list, Python or recipe, another folder. Further arguments go to pip. The caller makes it ready: `touch "$home/ready"`.
python_home() {
  list=$here/tests/$2
  key=$( (cat "$list" "$0" "$here/tests/support/install.sh"; python3 --version) | sha256sum | cut -c1-16)
  home=$built/$1/$key
  alone_in "$built/$1"
  shift 2
  if [ ! -e "$home/ready" ]; then
    rm -rf "$home"
    python3 -m venv "$home" || fail "python3 -m venv failed: on Debian, apt-get install python3-venv"
    "$home/bin/pip" install --quiet --no-compile --disable-pip-version-check --requirement "$list" "$@" >&2
  fi
}
