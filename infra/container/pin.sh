#!/usr/bin/env bash
# Pins the images of Dockerfiles and compose files to the present digests of their tags. Run the script again to update the digests.
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() {
  echo "pin: $1" >&2
  exit 1
}
command -v docker >/dev/null || fail "docker is not installed."

for file in infra/container/*Dockerfile infra/*/compose.yaml; do
  # Only names with a slash are images; the name of a build stage has none.
  for image in $(sed -nE 's/^(FROM|    image:) ([^ @]+\/[^ @]+)(@[^ ]+)?( .*)?$/\2/p' "$file" | sort -u); do
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image") || fail "$image, of $file, cannot be looked up."
    [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || fail "the registry's answer for $image is no digest: '$digest'."
    sed -i -E "s~^(FROM|    image:) ${image//./\\.}(@[^ ]+)?( .*)?\$~\1 $image@$digest\3~" "$file"
    echo "$file: $image@$digest"
  done
done
