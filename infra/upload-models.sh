#!/usr/bin/env bash
# Uploads the models of a folder to a blob container, with the identity that az is logged in with.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: infra/upload-models.sh <storage account> <container> [folder]

Uploads <folder>/<model>/<version>/<file>, <folder>/<model>/model.json and <folder>/<model>/config.pbtxt (folder: models). What is there with the same name is replaced; nothing is deleted.
TEXT
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
esac
[ $# -eq 2 ] || [ $# -eq 3 ] || {
  usage >&2
  exit 2
}

account=$1
container=$2
folder=${3:-models}
fail() {
  echo "upload-models: $1" >&2
  exit 1
}
command -v az >/dev/null || fail "az is not installed."
[ -n "$account" ] || fail "the name of the storage account is empty."
[ -n "$container" ] || fail "the name of the container is empty."
[ -d "$folder" ] || fail "there is no folder '$folder'."

upload() {
  local pattern
  for pattern in '*/*/*' '*/model.json' '*/config.pbtxt'; do
    az storage blob upload-batch --auth-mode login --account-name "$account" --destination "$container" \
      --source "$folder" --pattern "$pattern" --overwrite --only-show-errors --output none || return
  done
}

# A new role assignment takes some minutes to become effective.
for attempt in {1..10}; do
  if upload; then
    echo "Uploaded the models of $folder to $account/$container."
    exit 0
  fi
  [ "$attempt" -eq 10 ] || {
    echo "upload-models: attempt $attempt of 10 failed; the next in 30 s." >&2
    sleep "${UPLOAD_RETRY_SECONDS:-30}"
  }
done
fail "$account/$container takes no upload: it needs the role Storage Blob Data Contributor, and a way through the account's network rules."
