#!/bin/sh
# Installs Debian's Chromium and its driver for the tests in a browser, where they are missing. Starts nothing.
. "$(dirname "$0")/support/install.sh"
has_both() {
  has chromium && has chromedriver
}
has_both || packages chromium chromium-driver
has_both || fail "the packages are installed, but chromium or chromedriver is still missing"
