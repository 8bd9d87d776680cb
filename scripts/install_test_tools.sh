#!/usr/bin/env bash
# Install what some tests use, where that is possible: Graphviz, as a program (`dot`) and as a Python wheel, PostgreSQL,
# and Chromium. Without them, the tests of those two layouts, of that database, and in a browser are skipped.
set -u
python=$1
install() {
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        export DEBIAN_FRONTEND=noninteractive
        { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@"; } >/dev/null 2>&1
    fi
}
if ! command -v dot >/dev/null; then
    install graphviz
    command -v dot >/dev/null || echo "Graphviz (dot) could not be installed: tests of the dot layout are skipped."
fi
# Debian does not put the programs of a server on the path.
postgresql() { command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
if ! postgresql; then
    install postgresql
    postgresql || echo "PostgreSQL could not be installed: tests with a PostgreSQL registry are skipped."
fi
if ! command -v chromium >/dev/null; then
    install chromium
    command -v chromium >/dev/null || echo "Chromium could not be installed: tests in a browser are skipped."
fi
if ! "$python" -c "import pygraphviz" 2>/dev/null; then
    "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "pygraphviz>=2.0" 2>/dev/null
    # The wheel loads libraries of the system (libX11 and others) that may be missing.
    if ! "$python" -c "import pygraphviz" 2>/dev/null; then
        "$python" -m pip uninstall --quiet --yes pygraphviz 2>/dev/null
        echo "pygraphviz could not be installed: tests of its layout are skipped."
    fi
fi
