#!/usr/bin/env bash
# ./build.sh [target] [arguments for the target]. Targets: restore native build test demo bench torture publish format (default: build).
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '%s\n' "$*" >&2; }
command -v dotnet >/dev/null || { say "Philotes builds with the .NET SDK 10, and no 'dotnet' is on the PATH. Install it, then run this again."; exit 2; }
command -v node >/dev/null || { say "Philotes needs Node.js 20 or newer to fetch its pinned binaries, and no 'node' is on the PATH. Install it, then run this again."; exit 2; }
command -v npm >/dev/null || { say "Philotes needs npm (it comes with Node.js) to fetch its pinned binaries, and no 'npm' is on the PATH."; exit 2; }

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
target="${1:-build}"
[ $# -gt 0 ] && shift

dotnet tool restore >/dev/null
# The demo talks to a person: it owns the terminal, its Ctrl-C and its exit code, so it runs outside the build tool.
if [ "$target" = demo ]; then
  dotnet cake build.cake --target=build --verbosity=quiet
  exec dotnet run --project src/Cli --configuration Release --no-build -- demo "$@"
fi
exec dotnet cake build.cake --target="$target" --verbosity=minimal -- "$@"
