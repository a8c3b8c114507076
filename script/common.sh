# SPDX-License-Identifier: Apache-2.0
# What script/demo, script/test and .ci/run share: the packages, and how the project is configured and built.
# Sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(
  g++ cmake ninja-build pkg-config
  libopencv-dev libboost-dev libboost-math-dev libhwy-dev libcli11-dev
  doctest-dev librapidcheck-dev
  pocl-opencl-icd xvfb xdotool imagemagick python3-numpy python3-scipy
)

# Installs what is missing, with apt-get and root or sudo; otherwise says which packages to install, and ends. Where there
# are no Debian packages, says which ones they would be, and leaves it to CMake to find out what is missing.
install_packages() {
  local missing=() package
  if ! command -v dpkg-query >/dev/null; then
    echo "This needs what Debian calls: $*"
    return 0
  fi
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
  if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    echo "Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "Please install these Debian packages and run again: ${missing[*]}" >&2
    exit 1
  fi
}

# Configures and builds a preset with all processors, keeping the output of a failure only. Further arguments go to cmake.
build_preset() {
  local preset=$1 log
  shift
  log=build/$preset.log
  mkdir -p build
  echo "Building preset $preset (output: $log)"
  local launcher=()
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  if ! { cmake --preset "$preset" -G Ninja "${launcher[@]}" "$@" && cmake --build --preset "$preset"; } >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    exit 1
  fi
}
