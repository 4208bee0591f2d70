"""What `import segmentkit` costs."""

import subprocess
import sys

HEAVY = {
    "IPython",
    "altair",
    "duckdb",
    "hypothesis",
    "matplotlib",
    "nanoarrow",
    "narwhals",
    "numpy",
    "pandas",
    "plotly",
    "polars",
    "pyarrow",
    "pyparsing",
    "pytest",
    "sqlalchemy",
}


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that are there after *statement*, in a fresh interpreter."""
    script = f"{statement}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_import_loads_nothing_heavy():
    assert not loaded_by("import segmentkit") & HEAVY


def test_a_heavy_import_would_be_seen():
    assert "pyparsing" in loaded_by("import pyparsing") & HEAVY
