#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Each house rule catches what it is there for. A small tree is made with one offence in it.

setup() {
  top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/tests" "$tree/docs" "$tree/enclave/cpm" "$tree/lib/cpk" "$tree/contract"
  cp "$top/tests/lint" "$tree/tests/"
  cp "$top/.clang-format" "$tree/"
  : >"$tree/tests/lint.allow"
  printf '# Documents\n' >"$tree/docs/README.md"
  git -C "$tree" init -q
}

# file PATH [LINE...] : a C file with our first line and these.
file() {
  local path=$tree/$1
  shift
  printf '%s\n' '/* SPDX-License-Identifier: MIT */' "$@" >"$path"
}

lint() { run "$tree/tests/lint"; }

caught() { # caught RULE: and nothing else
  [ "$status" -eq 1 ]
  [ "$(grep -c ": $1: " <<<"$output")" -eq 1 ]
  [ "$(grep -cE '^[^ ]+:[0-9]+: ' <<<"$output")" -eq 1 ]
}

@test "a clean tree passes" {
  file enclave/cpm/a.c '#include <stdint.h>' '#include <tee_internal_api.h>' 'int x;'
  lint
  [ "$status" -eq 0 ]
}

@test "a function without bound" {
  file lib/cpk/a.c 'int f(char *s) { return sprintf(s, "x"); }'
  sed -i 's/{ return/{\n\treturn/; s/; }/;\n}/' "$tree/lib/cpk/a.c"
  lint
  [ "$status" -eq 1 ]
  [[ "$output" == *"lib/cpk/a.c:3: banned: sprintf"* ]]
}

@test "its name in a comment or a string is no offence" {
  file lib/cpk/a.c '// sprintf(x)' 'const char *s = "atoi(x)"; /* gets(x) */'
  lint
  [ "$status" -eq 0 ]
}

@test "memcmp on the trusted side" {
  file enclave/cpm/a.c 'int x = memcmp(1, 2, 3);'
  lint
  caught memcmp
}

@test "memcpy in a parser, until its file is listed" {
  file lib/cpk/a.c 'int x = memcpy(1, 2, 3);'
  lint
  caught memcpy
  echo 'memcpy lib/cpk/a.c the cursor' >"$tree/tests/lint.allow"
  lint
  [ "$status" -eq 0 ]
}

@test "a negated command, which bats does not fail on" {
  printf '%s\n' '#!/usr/bin/env bats' '# SPDX-License-Identifier: MIT' '@test "x" {' '  ! false' \
    '  ! true' '  [ ! -e x ] # is fine' '}' >"$tree/tests/a.bats"
  lint
  [ "$status" -eq 1 ]
  [[ "$output" == *"tests/a.bats:4: negated: "* ]]
  [[ "$output" == *"tests/a.bats:5: negated: "* ]]
  [[ "$output" != *"tests/a.bats:6:"* ]]
}

@test "a command that opens a file past lib/cli" {
  mkdir -p "$tree/pipeline/cpk-tool"
  file pipeline/cpk-tool/a.c 'int x = open("a", 0);' 'int y = cli_open_input("b", 0);'
  lint
  caught cli-files
}

@test "an exception that nobody needs" {
  echo 'memcpy lib/cpk/a.c the cursor' >"$tree/tests/lint.allow"
  lint
  caught allow
}

@test "a header of the normal world in trusted code" {
  file enclave/cpm/a.c '#include <openssl/evp.h>'
  lint
  caught trusted-include
}

@test "a header of lib/ in trusted code, by its quoted name" {
  file lib/cpk/b.h
  file enclave/cpm/a.c '#include "cpk/b.h"'
  lint
  caught trusted-include
}

@test "no licence" {
  echo 'int x;' >"$tree/lib/cpk/a.c"
  lint
  caught spdx
}

@test "over 600 lines" {
  file lib/cpk/a.c "$(yes 'extern int x;' | head -n 600)"
  lint
  caught length
}

@test "trailing blanks" {
  printf '# a \n' >"$tree/docs/README.md"
  lint
  caught blanks
}

@test "work left open" {
  file lib/cpk/a.c "// TO""DO: later"
  lint
  caught unfinished
}

@test "a path of one machine" {
  file lib/cpk/a.c 'const char *p = "/ho''me/me/x";'
  lint
  caught machine-path
}

@test "a link that leads nowhere, and one to no heading" {
  printf '# A b\n\n[x](gone.md)\n' >"$tree/docs/README.md"
  lint
  caught link
  printf '# A b\n\n[x](README.md#c-d) [y](README.md#a-b)\n' >"$tree/docs/README.md"
  lint
  caught link
}

@test "a page that the index does not know" {
  printf '# New\n' >"$tree/docs/new.md"
  lint
  caught index
}

@test "a layout that is not ours" {
  clang-format --version | grep -q ' 14\.' || skip "clang-format 14 is not here"
  file lib/cpk/a.c 'int   x;'
  lint
  caught layout
}

@test "a careless script" {
  command -v shellcheck >/dev/null || skip "shellcheck is not here"
  printf '#!/bin/sh\n# SPDX-License-Identifier: MIT\nx=a; cd $y && echo `ls` $x; for f in $(ls); do :; done\n' >"$tree/tests/s"
  lint
  [ "$status" -eq 1 ]
  [[ "$output" == *"tests/s:3: shellcheck:"* ]]
}
