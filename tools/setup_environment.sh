# Sourced by quickstart and test. Changes to the root of the repository and defines
# set_up_environment [EXTRA], which creates .venv or updates it if something has changed.

set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

has_right_version() {
  "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in python3.12 python3.11 python3; do
    if has_right_version "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  echo "nac: expected Python 3.11 or 3.12 on the PATH, found neither" >&2
  return 1
}

# Runs pip, and says what is collected, downloaded and installed, not what is there already. Packages
# without a wheel are built with the installed setuptools, so that its version is pinned, too.
install() {
  .venv/bin/python -u -m pip install --disable-pip-version-check --no-build-isolation "$@" |
    awk '!/^Requirement already satisfied/ { print; fflush() }'
}

# Installs the packages of sections of constraints.txt, and only files with the pinned hashes. What
# they require is listed there, too, which "pip check" confirms in the end.
install_pinned() {
  .venv/bin/python tools/requirements.py "$@" >.venv/requirements.txt
  install --require-hashes --no-deps -r .venv/requirements.txt
}

set_up_environment() {
  local extra="${1:-}" python wanted
  # Includes the path, because a moved or copied .venv still refers to its old path.
  wanted="$({ pwd && cat pyproject.toml constraints.{txt,sha256}; } | sha256sum)"
  local stamp=".venv/nac${extra:+-$extra}.stamp"

  if has_right_version .venv/bin/python && [[ "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]]; then
    return
  fi

  if ! { has_right_version .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }
  then
    python="$(find_python)"
    echo "nac: creating .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
  fi

  rm -f .venv/nac*.stamp
  echo "nac: installing nac${extra:+[$extra]} into .venv (downloads 750 MB the first time)"
  install_pinned build
  install_pinned base ${extra:+"$extra"}
  install --no-deps -e .
  .venv/bin/python -m pip check --disable-pip-version-check
  echo "$wanted" >"$stamp"
  echo "$wanted" >.venv/nac.stamp # an environment with an extra also serves those who need none
}
