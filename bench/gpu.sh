#!/bin/sh
# The whole measurement on a machine with an NVIDIA GPU: joins what bench/gpu-pack.sh has packed and runs gpu.py, which says
# what is measured. Needs a python with torch 2 (its nvidia packages bring CUDA 13 and cuDNN 9) and xz or that python.
#
#   gpu.sh [--pieces DIR] [--work DIR] [--store] [--python PYTHON] [--out DIR] [--budget SECONDS] [--have FILE] [--dry-run]
#
#   --pieces DIR      where pieces are. Default: beside this script
#   --work DIR        what is joined and unpacked stays here between calls. Default: x3d-gpu in the folder for temporary files
#   --store           take over the pieces that are there and end: for machines that take one piece a call
#   --python PYTHON   Default: python3
#   the rest          goes to gpu.py; --dry-run needs no GPU and takes a small network on the CPU
set -eu

fail() {
  echo "gpu.sh: $1" >&2
  exit "${2:-1}"
}

here=$(cd "$(dirname "$0")" && pwd)
pieces=$here
work=${TMPDIR:-/tmp}/x3d-gpu
store=
python=python3
dry=
count=$#
while [ "$count" -gt 0 ]; do
  count=$((count - 1))
  argument=$1
  shift
  case $argument in
    --pieces | --work | --python)
      [ "$count" -gt 0 ] || fail "$argument needs a value" 2
      count=$((count - 1))
      case $argument in --pieces) pieces=$1 ;; --work) work=$1 ;; --python) python=$1 ;; esac
      shift
      ;;
    --store) store=yes ;;
    *)
      [ "$argument" != --dry-run ] || dry=yes
      set -- "$@" "$argument"
      ;;
  esac
done

mkdir -p "$work/pieces"
for file in "$pieces"/x3d-gpu.tar.xz.* "$pieces/SHA256SUMS"; do
  [ ! -f "$file" ] || cp "$file" "$work/pieces/"
done
[ -f "$work/pieces/SHA256SUMS" ] ||
  fail "neither $pieces nor $work/pieces has a SHA256SUMS; run bench/gpu-pack.sh and bring its output"
if [ -n "$store" ]; then
  ls -l "$work/pieces"
  exit 0
fi
(cd "$work/pieces" && sha256sum --quiet -c SHA256SUMS) ||
  fail "the pieces above are missing or damaged; bring them with --store"

# Unpacked once for each set of pieces.
if ! cmp -s "$work/pieces/SHA256SUMS" "$work/unpacked"; then
  rm -rf "$work/x3d" "$work/unpacked"
  if command -v xz >/dev/null 2>&1; then
    cat "$work"/pieces/x3d-gpu.tar.xz.* | xz -dc -T0 | tar -x -C "$work"
  else
    cat "$work"/pieces/x3d-gpu.tar.xz.* |
      "$python" -c '
import sys, tarfile
tarfile.open(fileobj=sys.stdin.buffer, mode="r|xz").extractall(sys.argv[1], filter="tar")' "$work"
  fi
  cp "$work/pieces/SHA256SUMS" "$work/unpacked"
fi

JAVA_HOME=$work/x3d/jre
export JAVA_HOME
if [ -z "$dry" ]; then
  # CUDA and cuDNN of torch's own: cublas, cudart, cudnn, cufft, nvrtc and what they load.
  cuda=$("$python" -c '
import glob, nvidia
print(":".join(d for p in nvidia.__path__ for d in sorted(glob.glob(p + "/*/lib"))))') ||
    fail "$python has no package nvidia: torch with CUDA 13 from its wheels brings it"
  LD_LIBRARY_PATH=$cuda${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export LD_LIBRARY_PATH
fi
exec "$python" "$here/gpu.py" --home "$work/x3d" --work "$work" "$@"
