# SPDX-License-Identifier: MIT
# Bash completion for edger8r.
_edger8r() {
	local word=$2
	COMPREPLY=()
	case $3 in
	-o | --output-dir) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	*)
		case $word in
		-*)
			mapfile -t COMPREPLY < <(compgen -W \
				'--output-dir --trusted --untrusted --no-ocalls --help --version' -- "$word")
			;;
		*) mapfile -t COMPREPLY < <(compgen -f -X '!*.edl' -- "$word"; compgen -d -- "$word") ;;
		esac
		;;
	esac
}
complete -o filenames -F _edger8r edger8r
