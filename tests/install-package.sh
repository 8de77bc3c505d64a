#!/bin/sh
# Installs what others read a report's data with into target/test-package/. Idempotent; quick when it is there.
# Prints the folder on its last line.
. "$(dirname "$0")/support/install.sh"
python_home test-package requirements-package.txt --no-deps
touch "$home/ready"
echo "$home"
