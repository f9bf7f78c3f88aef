#!/usr/bin/env bash
# Waits until the deployed app is ready and predicts a digit. Otherwise shows the state of the Functions host.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
usage: infra/check-deployment.sh <resource group> <app> <url> <command>

<command> deploys Microsoft's engine instead. It is printed when the app does not answer.
CHECK_ATTEMPTS (30) and CHECK_SECONDS (10) limit the wait.
TEXT
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
esac
[ $# -eq 4 ] || {
  usage >&2
  exit 2
}
group=$1 app=$2 url=$3 command=$4
attempts=${CHECK_ATTEMPTS:-30}

key() { az functionapp keys list --resource-group "$group" --name "$app" --query "$1" --output tsv; }

# A line of the test set is a label and its 64 features.
line=$(head -n 1 models/recipes/digits-test.csv)
predict() {
  curl --silent --fail --max-time 60 --header "x-functions-key: $(key functionKeys.default)" --header 'Content-Type: application/json' \
    --data "{\"features\":[${line#*,}]}" "$url/models/digits/predict"
}

for ((attempt = 1; attempt <= attempts; attempt++)); do
  if curl --silent --fail --max-time 60 --output /dev/null "$url/health/ready" && answer=$(predict) \
    && grep -qF "\"labels\":[[{\"label\":\"${line%%,*}\"" <<<"$answer"; then
    echo "$url is ready and recognizes the digit ${line%%,*}."
    exit 0
  fi
  [ "$attempt" -eq "$attempts" ] || sleep "${CHECK_SECONDS:-10}"
done

cat >&2 <<TEXT
check-deployment: $url did not become ready and predict a digit in $attempts attempts. GET $url/admin/host/status answers:
$(curl --silent --max-time 60 --header "x-functions-key: $(key masterKey || true)" "$url/admin/host/status" || echo "nothing: the Functions host is not reached.")
If the worker is at fault, this command deploys Microsoft's engine instead:
  $command
TEXT
exit 1
