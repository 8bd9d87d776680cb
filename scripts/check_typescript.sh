#!/usr/bin/env bash
# Style, types and tests of the browser part. Without Node.js they are skipped, except in CI.
set -euo pipefail
cd "$(dirname "$0")/../labextension"
if ! command -v npm >/dev/null; then
    echo "Node.js is not there: the checks of labextension/ are skipped."
    [ -z "${CI:-}" ]
    exit
fi
# npm keeps a copy of the lock file beside what it installed.
if ! [ node_modules/.package-lock.json -nt package-lock.json ] || ! [ -x node_modules/.bin/jest ]; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
fi
npm run --silent lint
npm test --silent
