#!/bin/sh
# Packs all that bench/gpu.sh needs on a machine with an NVIDIA GPU and neither JDK nor Maven nor registries: x3d with the
# natives of the CUDA provider, a small Java runtime and the cases of compare, as pieces of a .tar.xz small enough to be
# carried over one by one.
#
#   bench/gpu-pack.sh [--out DIR] [--piece MIB] [--cases DIR] [--plain]
#
#   --out DIR     where the pieces, their checksums, gpu.sh and gpu.py go; emptied first. Default: bench/out
#   --piece MIB   the most that a piece may take. Default: 48
#   --cases DIR   folder whose folders with a case.json are packed. Default: the tests' reference
#   --plain       the natives of a machine without GPU, to try gpu.sh --dry-run
#
# Needs Maven and a JDK 17 or newer with jlink (JAVA_HOME first), xz and about 2 GiB of disk.
set -eu

fail() {
  echo "gpu-pack.sh: $1" >&2
  exit "${2:-1}"
}

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/bench/out
piece=48
cases=$root/model/src/test/resources/reference
profile=-Pcuda
while [ $# -gt 0 ]; do
  case $1 in
    --out | --piece | --cases)
      [ $# -ge 2 ] || fail "$1 needs a value" 2
      case $1 in --out) out=$2 ;; --piece) piece=$2 ;; --cases) cases=$2 ;; esac
      shift 2
      ;;
    --plain)
      profile=
      shift
      ;;
    *) fail "what is '$1'? see the head of $0" 2 ;;
  esac
done
case $piece in '' | *[!0-9]* | 0) fail "--piece is '$piece'; it must be a number of MiB above 0" 2 ;; esac
[ -d "$cases" ] || fail "--cases $cases is no folder" 2
if [ -n "${JAVA_HOME:-}" ]; then java=$JAVA_HOME/bin/; else java=; fi
for tool in "${java}jlink" "${java}jar" mvn xz split sha256sum; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is needed and was not found"
done

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
trap 'exit 130' HUP INT TERM

echo "building..." >&2
rm -rf "$root/tools/target/x3d"
# shellcheck disable=SC2086
(cd "$root" && mvn -B -q -ntp $profile -DskipTests -Dspotless.check.skip=true -Dx3d.archive.skip=true package)
mkdir -p "$stage/x3d/lib" "$stage/x3d/cases"
cp -R "$root/tools/target/x3d/bin" "$stage/x3d/"
# What is built with the GPU's natives must not be taken for the usual build.
trap 'rm -rf "$stage" "$root/tools/target/x3d"' EXIT

# Archives without compression of their own: xz finds more. Left out are video (nothing here decodes) and providers other than
# CPU and CUDA.
for jar in "$root"/tools/target/x3d/lib/*.jar; do
  name=$(basename "$jar")
  case $name in
    ffmpeg-*-linux-* | ffmpeg-*-macosx-* | ffmpeg-*-windows-*) continue ;;
  esac
  mkdir "$stage/jar"
  (cd "$stage/jar" && "${java}jar" --extract --file "$jar")
  find "$stage/jar" \( -name 'libonnxruntime_providers_tensorrt*' -o -name 'libonnxruntime_providers_nv_*' \
    -o -name 'libonnxruntime_providers_dnnl*' -o -name 'libonnxruntime_providers_openvino*' \) -exec rm -f {} +
  "${java}jar" --create --no-compress --no-manifest --file "$stage/x3d/lib/$name" -C "$stage/jar" .
  rm -rf "$stage/jar"
done
if [ -n "$profile" ]; then
  "${java}jar" --list --file "$(ls "$stage"/x3d/lib/onnxruntime-*-gpu.jar)" | grep -q 'libonnxruntime_providers_cuda\.so$' ||
    fail "the build has no libonnxruntime_providers_cuda.so: does the profile 'cuda' take linux-x86_64-gpu?"
fi

modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml
modules=$modules,jdk.incubator.vector,jdk.management,jdk.unsupported
"${java}jlink" --strip-debug --no-header-files --no-man-pages --add-modules "$modules" --output "$stage/x3d/jre"
for case in "$cases"/*/case.json; do
  [ -f "$case" ] && cp -RL "$(dirname "$case")" "$stage/x3d/cases/"
done

rm -rf "$out"
mkdir -p "$out"
echo "packing..." >&2
# Preset 6 takes three times as long.
(cd "$stage" && tar --create --sort=name --owner=0 --group=0 x3d | xz -T0 --lzma2=preset=2,dict=32MiB --block-size=32MiB) |
  split -b "${piece}m" -d - "$out/x3d-gpu.tar.xz."
(cd "$out" && sha256sum x3d-gpu.tar.xz.* >SHA256SUMS)
cp "$root/bench/gpu.sh" "$root/bench/gpu.py" "$out/"
ls -l "$out" >&2
