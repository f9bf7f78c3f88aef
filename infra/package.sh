#!/usr/bin/env bash
# Publishes the app and writes the package that Azure deploys.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
usage: infra/package.sh <zip> [engine] [azure runtime]

  engine         native (the default), or official for Microsoft's
  azure runtime  dotnet-isolated (the default), or native: preview, .NET not promised by the platform
TEXT
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
esac
engine=${2:-native}
runtime=${3:-dotnet-isolated}
case $#/$engine/$runtime in
  [123]/native/dotnet-isolated) options=(-o artifacts/app) ;;
  [123]/official/dotnet-isolated) options=(-o artifacts/official -p:FunctionsWorker=Official --self-contained false) ;;
  [123]/native/native) options=(-o artifacts/native-runtime -p:AzureRuntime=native) ;;
  *)
    usage >&2
    exit 2
    ;;
esac
dotnet publish src/Functions -c Release -r linux-x64 "${options[@]}" -p:PublishZip="$1"
