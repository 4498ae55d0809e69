# Sourced by quickstart and test: goes to the repository's root, and set_up_environment [EXTRA]
# makes its .venv, or brings the one that is there up to date. Quick when nothing has changed.

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
  echo "nac: needs Python 3.11 or 3.12, and none is on the PATH" >&2
  return 1
}

set_up_environment() {
  local extra="${1:-}" python wanted
  # The path is part of it, as a moved or copied .venv still points to the old place.
  wanted="$({ pwd && cat setup.py constraints.txt; } | sha256sum)"
  local stamp=".venv/nac${extra:+-$extra}.stamp"

  if has_right_version .venv/bin/python && [[ "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]]; then
    return
  fi

  if ! { has_right_version .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }
  then
    python="$(find_python)"
    echo "nac: making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
  fi

  rm -f .venv/nac*.stamp
  local pip=(.venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt)
  echo "nac: installing nac${extra:+[$extra]} into .venv (the first time: 750 MB to download)"
  # Installed first and used as they are, so that the versions that build packages are pinned too.
  "${pip[@]}" setuptools wheel
  "${pip[@]}" --no-build-isolation -e ".${extra:+[$extra]}"
  echo "$wanted" >"$stamp"
  echo "$wanted" >.venv/nac.stamp # what is there with an extra is there without it too
}
