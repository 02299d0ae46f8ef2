# Sourced by x3d-tools, x3d-train and x3d-serve, with home (the folder above bin/), main (the class to run) and perhaps
# heap (options for the JVM's heap) set.
# In an unpacked distribution lib/ lies beside bin/. In a clone the first call builds tools/target/x3d, and a later call
# builds it again only where a source is newer.

fail() {
  echo "x3d: $1" >&2
  exit 1
}

# The feature version of the JDK in folder $1 (17, 25, ...), read from its release file; 0 where it is none that can run x3d.
version_of() {
  [ -x "$1/bin/java" ] && [ -f "$1/release" ] || { echo 0; return; }
  sed -n -e '/^MODULES=/{/jdk\.incubator\.vector/!s/.*/lacking/p;}' \
    -e 's/^JAVA_VERSION="\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' "$1/release" |
    awk '/lacking/ { v = 0; exit } { v = $1 } END { print v + 0 }'
}

# Sets java_home and java_version: JAVA_HOME where it is new enough, else the newest JDK in the usual places and on PATH.
find_java() {
  java_home=
  java_version=0
  if [ -n "${JAVA_HOME:-}" ]; then
    java_version=$(version_of "$JAVA_HOME")
    [ "$java_version" -ge 17 ] && java_home=$JAVA_HOME && return
    echo "x3d: JAVA_HOME=$JAVA_HOME is not a JDK 17 or newer; looking for another" >&2
  fi
  path_home=
  if command -v java >/dev/null 2>&1; then
    path_java=$(resolve "$(command -v java)")
    path_home=${path_java%/bin/java}
  fi
  for candidate in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-/}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* "$path_home"; do
    [ -x "$candidate/bin/java" ] || continue
    # To build, a JRE will not do; to run, it will.
    [ -d "$home/lib" ] || [ -x "$candidate/bin/javac" ] || continue
    version=$(version_of "$candidate")
    if [ "$version" -gt "$java_version" ]; then
      java_version=$version
      java_home=$candidate
    fi
  done
  [ "$java_version" -ge 17 ] || fail "no JDK 17 or newer found; install one, or set JAVA_HOME to it"
}

is_built() {
  [ -f "$1/.built" ] || return 1
  newer=$(cd "$home" && find pom.xml */pom.xml tools/src/assembly */src/main -newer "$1/.built" -print 2>/dev/null | head -n 1)
  [ -z "$newer" ]
}

# Builds the folder $1 with Maven. Of two callers, the second waits for the first.
build() {
  command -v mvn >/dev/null 2>&1 || fail "Maven is needed for the first build: install it so that mvn is on PATH"
  lock=$home/.x3d/build.lock
  mkdir -p "$home/.x3d"
  until mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null) || owner=
    # A builder that was killed leaves its lock; one that is about to write its pid gets a second.
    sleep 1
    [ -n "$owner" ] || owner=$(cat "$lock/pid" 2>/dev/null) || owner=
    if [ -z "$owner" ] || ! kill -0 "$owner" 2>/dev/null; then rm -rf "$lock"; fi
  done
  echo $$ >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'rm -rf "$lock"; trap - EXIT; exit 130' HUP INT TERM
  if ! is_built "$1"; then
    echo "x3d: building (once; again only when a source changes)..." >&2
    # Deleted, not overwritten: a program running from these jars keeps the ones it has open.
    rm -rf "$1"
    # Maven's own libraries use sun.misc.Unsafe too.
    (cd "$home" && JAVA_HOME=$java_home MAVEN_OPTS="${MAVEN_OPTS:-} $flags" mvn -B -q -ntp -DskipTests -Dspotless.check.skip=true -Dx3d.archive.skip=true package) >&2 ||
      fail "the build failed; mvn's messages are above"
    [ -d "$1/lib" ] || fail "the build left no $1/lib"
    : >"$1/.built"
  fi
  rm -rf "$lock"
  trap - EXIT HUP INT TERM
}

find_java
# 22: native access is restricted; 24: sun.misc.Unsafe, which JavaCPP's libraries use, warns.
flags=
[ "$java_version" -ge 22 ] && flags="--enable-native-access=ALL-UNNAMED"
[ "$java_version" -ge 24 ] && flags="$flags --sun-misc-unsafe-memory-access=allow"

if [ -d "$home/lib" ]; then
  lib=$home/lib
else
  built=$home/tools/target/x3d
  is_built "$built" || build "$built"
  lib=$built/lib
fi

# glibc asks for huge pages where the system leaves that to programs: a tenth faster where tensors are large. X3D_TUNED
# says that it was us, so that bench does not do it to others as well.
if [ -z "${GLIBC_TUNABLES:-}" ]; then
  GLIBC_TUNABLES=glibc.malloc.hugetlb=1
  X3D_TUNED=1
  export GLIBC_TUNABLES X3D_TUNED
fi

# Java takes file names in the locale's encoding; in the C locale it would find no name that is not ASCII.
case $(locale charmap 2>/dev/null) in
  ANSI_X3.4-1968 | US-ASCII) export LC_ALL=C.UTF-8 ;;
esac

# JavaCPP's own collector and memory limit are off: native objects are closed by their owners.
# shellcheck disable=SC2086
exec "$java_home/bin/java" --add-modules jdk.incubator.vector $flags ${heap:-} \
  -Dorg.bytedeco.javacpp.nopointergc=true -Dorg.bytedeco.javacpp.maxphysicalbytes=0 \
  ${X3D_JAVA_OPTS:-} -cp "$lib/*" "$main" "$@"
