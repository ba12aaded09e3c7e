# Sourced by the tools: finds or installs what a build needs. `want` collects what is missing, `install_wanted` gets it
# through apt, or names it and stops.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
wanted=()

# want PACKAGE COMMAND...: the Debian package, missing if none of the commands exists
want() {
  local package=$1 command
  shift
  for command in "$@"; do command -v "$command" >/dev/null && return; done
  wanted+=("$package")
}

# want_header PACKAGE HEADER: only where apt is; elsewhere CMake fetches the library at a pinned version
want_header() {
  command -v apt-get >/dev/null || return 0
  [ -e "/usr/include/$2" ] || [ -e "/usr/local/include/$2" ] || [ -e "/usr/include/$(uname -m)-linux-gnu/$2" ] ||
    wanted+=("$1")
}

want_build_tools() {
  want cmake cmake
  want ninja-build ninja make
  want g++ g++ "${CXX:-c++}"
  want_header libboost-dev boost/hana/tuple.hpp
  want_header libxsimd-dev xsimd/xsimd.hpp
  want_header zlib1g-dev zlib.h
}

install_wanted() {
  [ ${#wanted[@]} = 0 ] && return
  local as_root=()
  if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi
  if ! command -v apt-get >/dev/null || { [ ${#as_root[@]} != 0 ] && ! command -v sudo >/dev/null; }; then
    echo "Please install (Debian's names): ${wanted[*]}" >&2
    exit 1
  fi
  echo "Installing through apt: ${wanted[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 "${wanted[@]}" >/dev/null
  wanted=()
}

# newest_of NAME VERSION...: the first of NAME-VERSION, or NAME itself if it is at least the first version
newest_of() {
  local name=$1 version found
  shift
  for version in "$@"; do
    if command -v "$name-$version" >/dev/null; then echo "$name-$version"; return; fi
  done
  if command -v "$name" >/dev/null; then
    found=$("$name" --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p' | head -n 1)
    if [ "${found:-0}" -ge "$1" ]; then echo "$name"; fi
  fi
}

# configure PRESET [COMPILER [OPTION...]]: another compiler than last time starts the build folder afresh
configure() {
  local cache=build/$1/CMakeCache.txt arguments=(--preset "$1" "${@:3}")
  if [ ! -e "$cache" ] && command -v ninja >/dev/null; then export CMAKE_GENERATOR=Ninja; fi
  if [ -n "${2-}" ]; then
    arguments+=("-DCMAKE_CXX_COMPILER=$2")
    if [ -e "$cache" ] && ! grep -q "^CMAKE_CXX_COMPILER:.*[=/]$2\$" "$cache"; then arguments+=(--fresh); fi
  fi
  if ! cmake "${arguments[@]}" >build/configure.log 2>&1; then
    cat build/configure.log >&2
    exit 1
  fi
}

mkdir -p build
