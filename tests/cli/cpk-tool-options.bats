#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What all commands have in common: tables, help, completion, manual pages.

bats_require_minimum_version 1.5.0 # "run !": a "!" alone fails no test
load common

setup() { new_folder; }
teardown() { remove_folder; }

commands() { "$1" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | grep -v '^completion$'; }
options() { "$1" "$2" --help | grep -oE '^  (-[a-zA-Z], |    )--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'; }

@test "there is help for every command, on standard output, and it succeeds" {
  [ "$(commands "$tool" | wc -l)" -eq 14 ]
  for command in $(commands "$tool"); do
    run --separate-stderr "$tool" "$command" --help
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [[ $output == "cpk-tool $command: "*"Usage: cpk-tool $command "* ]]
    [ "$(awk 'length > 100' <<<"$output")" = '' ]
  done
}

@test "help goes before what else is wrong with a command line" {
  "$tool" build --help --type data >/dev/null
  "$tool" install -h >/dev/null
}

@test "version" {
  run "$tool" --version
  [ "$status" -eq 0 ]
  [[ $output =~ ^cpk-tool\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "no command, an unknown command, one with a slip of the finger" {
  refused 2 'which command' "$tool"
  refused 2 "no command 'frobnicate'" "$tool" frobnicate
  run "$tool" frobnicate
  [[ $output != *'did you mean'* ]]
  refused 2 'did you mean cpk-tool build?' "$tool" biuld
  refused 2 'did you mean cpk-tool install?' "$tool" instal
}

@test "an unknown option, one with a slip, one without its value, one too many" {
  refused 2 'did you mean --package?' "$tool" verify --pakcage x
  refused 2 'no option -Z' "$tool" verify -Z
  refused 2 'no option --utter-nonsense' "$tool" verify --utter-nonsense
  refused 2 '--package needs a value' "$tool" verify --package
  refused 2 '-p needs a value' "$tool" verify -p
  refused 2 "what is 'more' for" "$tool" verify -p x -A y more
  refused 2 '--package FILE is missing' "$tool" verify
  refused 2 'not one of: http file' "$tool" build -e ftp
}

@test "options in the ways of getopt_long" {
  refused 81 'nowhere' "$tool" inspect -pnowhere
  refused 81 'nowhere' "$tool" inspect -p nowhere
  refused 81 'nowhere' "$tool" inspect --package=nowhere
  refused 81 'nowhere' "$tool" inspect --pack nowhere
  refused 2 "what is '-p' for" "$tool" inspect -p nowhere -- -p
}

@test "an error says what failed, on what, and what to do" {
  run "$tool" inspect -p /dev/null
  [ "$status" -eq 70 ]
  [[ ${lines[0]} == 'cpk-tool inspect: /dev/null: '* ]]
  [[ ${lines[1]} == 'hint: '* ]]
}

@test "standard output that is full is an error" {
  run bash -c '"$1" --help >/dev/full' - "$tool"
  [ "$status" -eq 82 ]
}

@test "standard output that is closed is an error, too, and no signal" {
  run bash -c '"$1" completion >&-' - "$tool"
  [ "$status" -eq 81 ]
}

@test "completion knows every command and every option" {
  for program in "$tool" "$EDB_BUILD/cloud/edb-policy/edb-policy" "$EDB_BUILD/sdk/edb-sdk/edb-sdk"; do
    name=$(basename "$program")
    "$program" completion >completion.bash
    # shellcheck disable=SC1091
    source ./completion.bash
    function="_${name//-/_}"
    complete_words() {
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      "$function" "$name" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    }
    complete_words "$name" ''
    for command in $(commands "$program"); do
      [[ " ${COMPREPLY[*]} " == *" $command "* ]]
    done
    for command in $(commands "$program"); do
      complete_words "$name" "$command" --
      for option in $(options "$program" "$command"); do
        [[ " ${COMPREPLY[*]} " == *" $option "* ]] || { echo "$command $option"; false; }
      done
    done
  done
}

@test "completion offers choices and files" {
  "$tool" completion >completion.bash
  # shellcheck disable=SC1091
  source ./completion.bash
  touch 'a key.json'
  COMP_WORDS=(cpk-tool build -e '') COMP_CWORD=3
  _cpk_tool cpk-tool '' -e
  [ "${COMPREPLY[*]}" = 'http file' ]
  COMP_WORDS=(cpk-tool build -k 'a') COMP_CWORD=3
  _cpk_tool cpk-tool a -k
  [ "${COMPREPLY[*]}" = 'a key.json' ]
}

# page PROGRAM COMMAND : the file of the page that the command's --help names
page() {
  local name
  name=$("$1" "$2" --help | sed -n 's/^Manual page: \(.*\)(1)\.$/\1/p')
  echo "$top/docs/man/$name.1"
}

@test "the manual pages that help names are there, and have every option; mandoc likes them" {
  for program in "$tool" "$EDB_BUILD/cloud/edb-policy/edb-policy" "$EDB_BUILD/sdk/edb-sdk/edb-sdk"; do
    name=$(basename "$program")
    [ -f "$top/docs/man/$name.1" ]
    named=$("$program" --help | sed -n 's/^Manual pages\{0,1\}: //p')
    [[ $named == "$name(1)"* ]]
    for command in $(commands "$program"); do
      page=$(page "$program" "$command")
      [ -f "$page" ] || { echo "$command: $page is not there"; false; }
      [[ $page == */$name.1 ]] || [[ $named == *"$name-COMMAND(1)."* ]]
      for option in $(options "$program" "$command"); do
        grep -qE "(Fl|,) -${option#--}( |$)" "$page" || { echo "$page: $command $option"; false; }
      done
    done
  done
  run ! grep -q COMMAND <<<"$named"
  mandoc -T lint -W warning "$top"/docs/man/*.1
}

@test "every command has a manual page with every option, and mandoc likes all pages" {
  for command in $(commands "$tool"); do
    page=$top/docs/man/cpk-tool-$command.1
    [ -f "$page" ] || { echo "no page for $command"; false; }
    grep -q "Xr cpk-tool-$command 1" "$top/docs/man/cpk-tool.1"
    for option in $(options "$tool" "$command"); do
      case $option in --help | --quiet) continue ;; esac
      grep -qF "Fl -${option#--}" "$page" || { echo "$page: $option"; false; }
    done
    # And none that is no more.
    for option in $(grep -oE '^\.It.*' "$page" | grep -oE 'Fl -[a-z0-9-]+' | sed 's/^Fl -/--/'); do
      options "$tool" "$command" | grep -qxF -- "$option" || { echo "$page: $option is no more"; false; }
    done
  done
  mandoc -T lint -W warning "$top"/docs/man/cpk-tool*.1
}

@test "arguments are checked before the device is asked: each is told what is wrong with it" {
  id=5f3c1d6e-2b74-4c8f-9a51-7d0e6b3f8c24
  # There is no device here: an error about one would be the first.
  unset CP_CLOUD_KEY_SOURCE CP_FILE_KEY_SOURCE
  local wrong=(
    "no key store is named|sync -m http -a $id"
    "no key store is named|sync -m file -a $id"
    "--key-store FILE is missing|sync -m bundle"
    "wrapped key in base64|sync -m commandline -a $id -k ***"
    "--application-id ID is missing|sync -m http -k http://127.0.0.1:1"
    "-p app.cpk|install app.cpk"
  )
  for line in "${wrong[@]}"; do
    read -ra words <<<"${line#*|}"
    run "$tool" "${words[@]}"
    echo "$line: $output"
    [ "$status" -eq 2 ]
    [[ $output == *"${line%%|*}"* ]]
  done
}
