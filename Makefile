# make run    start the studio (http://127.0.0.1:8000)
# make test   run every test that this machine can run
# make check  format, lint, imports, types, templates, Dockerfile, Django's own checks
# make e2e    only the browser tests          make bench     measure, and write docs/performance.md
# make messages   collect the strings for translation and compile the translations

SHELL = /bin/sh
VENV = .venv
PY = $(VENV)/bin/python
PAGES = $(shell find templates -name '*.html' 2>/dev/null)

.PHONY: run test check e2e bench messages environment environment-dev
.DEFAULT_GOAL := run

run: environment
	@exec $(PY) manage.py up

test: environment-dev
	@exec $(PY) -m pytest -n 3 --dist loadgroup $(ARGS)

e2e: environment-dev
	@exec $(PY) -m pytest -m browser $(ARGS)

bench: environment-dev
	@exec $(PY) -m bench $(ARGS)

check: environment-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(PY) -c "import sys; from importlinter.cli import lint_imports_command as lint; sys.argv = ['lint-imports']; lint()"
	$(PY) -m mypy
	$(VENV)/bin/djade --check --target-version 5.2 $(PAGES)
	$(PY) -m djlint --quiet --lint templates
	$(VENV)/bin/hadolint Dockerfile
	$(PY) -W error manage.py check
	$(PY) -W error manage.py makemigrations --check --dry-run

messages: environment-dev
	$(PY) manage.py makemessages --locale fr --no-wrap --no-obsolete --add-location file --ignore var --ignore tests --ignore bench
	$(PY) manage.py compilemessages --locale fr --ignore $(VENV)

# The virtual environment keeps a copy of the requirements it was filled from: when they differ, it is filled again.
environment:
	@$(call fill,requirements.txt,requirements.txt)

environment-dev:
	@$(call fill,requirements-dev.txt,requirements.txt requirements-dev.txt)

define fill
$(PY) -c '' 2>/dev/null && cat $(2) | cmp -s - $(VENV)/filled-from-$(1) && exit 0; \
set -e; \
if ! $(PY) -m pip --version >/dev/null 2>&1; then \
  for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
  done; \
  [ -n "$$python" ] || { echo "Python 3.11 or newer is needed, and none was found. Install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }; \
  "$$python" -c 'import ensurepip, venv' 2>/dev/null || { echo "$$python cannot make virtual environments. Install its venv module (on Debian and Ubuntu: apt-get install python3-venv) and run make again." >&2; exit 1; }; \
  echo "Preparing $(VENV) (once)"; \
  "$$python" -m venv --clear $(VENV); \
fi; \
echo "Installing $(1)"; \
rm -f $(VENV)/filled-from-$(1); \
$(PY) -m pip install --quiet --disable-pip-version-check -r $(1); \
cat $(2) > $(VENV)/filled-from-$(1)
endef
