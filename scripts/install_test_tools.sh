#!/usr/bin/env bash
# Install what some tests use, where that is possible: Graphviz (`dot`). Without it, those tests are skipped.
set -u
command -v dot >/dev/null && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends graphviz; } >/dev/null 2>&1 \
        || echo "Graphviz could not be installed: tests of the dot layout are skipped."
else
    echo "Graphviz (dot) is not installed: tests of the dot layout are skipped."
fi
