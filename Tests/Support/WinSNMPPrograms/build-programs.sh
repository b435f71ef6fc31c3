#!/bin/sh
# Compiles the test programs of the C library: build-programs.sh LIBDIR INCLUDEDIR OUTDIR
# LIBDIR holds libwsnmp32.so, INCLUDEDIR winsnmp.h under each of its spellings. CC, CXX, CFLAGS and LDFLAGS are
# honoured, so that sanitizers can be had with CFLAGS=-fsanitize=address.
set -eu

if [ $# -ne 3 ]; then
    echo "usage: $0 LIBDIR INCLUDEDIR OUTDIR" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
lib=$(cd "$1" && pwd)
include=$(cd "$2" && pwd)
mkdir -p "$3"
out=$(cd "$3" && pwd)
cc=${CC:-cc}
cxx=${CXX:-c++}
flags=${CFLAGS:-"-O1 -g"}
warnings="-Wall -Wextra -Werror"
objects=$out/objects
mkdir -p "$objects"
cd "$here"

# The harness is ours and may use what libc has; the dialects and the Windows programs get nothing but their standard.
c11() { # FILE…: objects of C11
    for file in "$@"; do
        # shellcheck disable=SC2086 # flags are lists
        $cc -std=c11 -D_GNU_SOURCE -pthread $warnings $flags -I"$include" -c "$file.c" -o "$objects/$file.o"
    done
}

link() { # PROGRAM OBJECT…
    program=$1
    shift
    list=""
    for object in "$@"; do list="$list $objects/$object.o"; done
    # shellcheck disable=SC2086
    $cc -pthread $flags -o "$out/$program" $list -L"$lib" -Wl,-rpath,"$lib" -lwsnmp32 -ldl ${LDFLAGS:-}
}

helpers="ber agent check scene"
fuzz="fuzz fuzz_values fuzz_calls fuzz_extensions"
sections="lifecycle sessions entities pdus utilities messages traffic trap_scene registrations trap_port notifications
    agent_role abi programs layout"
# shellcheck disable=SC2086
c11 $helpers $sections conformance stress $fuzz
# shellcheck disable=SC2086
{
    $cc -std=c89 -pedantic $warnings $flags -I"$include" -c "header89.c" -o "$objects/header89.o"
    $cxx -std=c++98 -pedantic $warnings $flags -I"$include" -c "header98.cpp" -o "$objects/header98.o"
    $cxx -std=c++20 -pedantic $warnings $flags -I"$include" -c "header20.cpp" -o "$objects/header20.o"
    for file in window_app callback_app windows_shim/windows_shim windows_shim/windows_main; do
        $cc -std=c11 -D_GNU_SOURCE -pthread $warnings $flags -Iwindows_shim -I"$include" \
            -c "$file.c" -o "$objects/$(basename "$file").o"
    done
}

# shellcheck disable=SC2086
link conformance $helpers $sections header89 header98 header20 conformance
link window_app window_app windows_shim windows_main
link callback_app callback_app windows_shim
# shellcheck disable=SC2086
{
    link stress $helpers stress
    link fuzz $helpers $fuzz
}
echo "conformance window_app callback_app stress fuzz"
