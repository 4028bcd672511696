#!/usr/bin/env bash
# Installs the real registries and the other tools that the end-to-end tests and the benchmark stand beside, at pinned
# versions, from Debian's packages and the Go module proxy. Everything that is built lands in one folder outside the
# checkout and is built once.
#
#   scripts/install-servers.sh [NAME...]     without names: all of them
#   TRANSHIP_TOOLS=DIR                       where to (default ${XDG_CACHE_HOME:-~/.cache}/tranship-ci)
#   TRANSHIP_BUILD_NICE=N                    how far to stand back behind other work while building (default 0)
set -euo pipefail

tools="${TRANSHIP_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/tranship-ci}"
mkdir -p "$tools/bin" "$tools/build" "$tools/log"

go_tools=(distribution olareg crane ggcr-registry regctl regsync oras conformance cosign)
debian_packages=(docker-registry skopeo busybox-static umoci buildah openssl time ca-certificates)

main() {
  local wanted=("$@") failed=0 name
  if [ ${#wanted[@]} -eq 0 ]; then wanted=(debian "${go_tools[@]}"); fi
  for name in "${wanted[@]}"; do
    if ! install_one "$name"; then
      echo "install-servers: $name could not be installed; see $tools/log/$name.log" >&2
      tail -n 5 "$tools/log/$name.log" >&2 || true
      failed=1
    fi
  done
  return $failed
}

install_one() {
  case "$1" in
    debian) install_debian ;;
    distribution) go_install distribution registry github.com/distribution/distribution/v3/cmd/registry v3.1.2 ;;
    crane) go_install crane crane github.com/google/go-containerregistry/cmd/crane v0.22.1 ;;
    ggcr-registry) go_install ggcr-registry registry github.com/google/go-containerregistry/cmd/registry v0.22.1 ;;
    regctl) go_install regctl regctl github.com/regclient/regclient/cmd/regctl v0.11.7 ;;
    regsync) go_install regsync regsync github.com/regclient/regclient/cmd/regsync v0.11.7 ;;
    cosign) go_install cosign cosign github.com/sigstore/cosign/v3/cmd/cosign v3.1.3 ;;
    olareg) go_module olareg github.com/olareg/olareg v0.1.2 github.com/olareg/olareg/cmd/olareg ;;
    oras) go_module oras oras.land/oras v1.3.3 oras.land/oras/cmd/oras ;;
    conformance) go_conformance ;;
    *) echo "unknown tool $1" >&2; return 2 ;;
  esac
}

# Debian's docker-registry brings a service that may start by itself; tests start their own on free ports.
install_debian() {
  local missing=() package
  for package in "${debian_packages[@]}"; do
    if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then missing+=("$package"); fi
  done
  if [ ${#missing[@]} -eq 0 ]; then return 0; fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
  {
    "${as_root[@]}" apt-get update &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
  } >"$tools/log/debian.log" 2>&1
}

# Several Go programs are called `registry`: each is built alone and filed under our name for it, with its version beside it.
go_install() {
  local name=$1 program=$2 package=$3 version=$4
  if is_built "$name" "$version"; then return 0; fi
  local into="$tools/build/$name"
  mkdir -p "$into"
  GOBIN="$into" quiet_go "$name" install "$package@$version" && file_tool "$name" "$version" "$into/$program"
}

# `go install` refuses modules with replace directives; a module of our own that requires them builds all the same.
go_module() {
  local name=$1 module=$2 version=$3 package=$4
  if is_built "$name" "$version"; then return 0; fi
  local at
  at=$(own_module "$name" "$module" "$version" "tool $package")
  (cd "$at" && quiet_go "$name" build -mod=mod -o "$at/$name.bin" "$package") && file_tool "$name" "$version" "$at/$name.bin"
}

go_conformance() {
  local version=v0.0.0-20230516164017-7fcdf80f3c8b module=github.com/opencontainers/distribution-spec/conformance
  if is_built conformance "$version"; then return 0; fi
  local at
  at=$(own_module conformance "$module" "$version" "")
  (cd "$at" && quiet_go conformance test -c -mod=mod -o "$at/conformance.bin" "$module") &&
    file_tool conformance "$version" "$at/conformance.bin"
}

own_module() {
  local at="$tools/build/$1"
  mkdir -p "$at"
  printf 'module tranship.test/%s\n\ngo 1.26.0\n\n%s\n\nrequire %s %s\n' "$1" "$4" "$2" "$3" >"$at/go.mod"
  echo "$at"
}

quiet_go() {
  local name=$1
  shift
  echo "install-servers: building $name" >&2
  # GOFLAGS of the machine stay out of it, and the toolchain is the one that is there.
  CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS='' nice -n "${TRANSHIP_BUILD_NICE:-0}" \
    go "$1" ${TRANSHIP_BUILD_NICE:+-p 1} "${@:2}" >"$tools/log/$name.log" 2>&1
}

is_built() { [ -x "$tools/bin/$1" ] && [ "$(cat "$tools/bin/$1.version" 2>/dev/null)" = "$2" ]; }

# The version file comes last, so a build that was cut short is built again.
file_tool() {
  cp "$3" "$tools/bin/$1.new" && mv "$tools/bin/$1.new" "$tools/bin/$1" && echo "$2" >"$tools/bin/$1.version"
}

main "$@"
