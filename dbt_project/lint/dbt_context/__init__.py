"""Stand-ins for the dbt names that sqlfluff's builtins leave out, so that SQL lints without a warehouse.

Only names that a model or a macro may call while it renders belong here; their values are placeholders
and are never executed.
"""


class Placeholder:
    """Answers any attribute and any call with itself, and renders as a harmless SQL name."""

    def __init__(self, text="placeholder"):
        self.text = text

    def __getattr__(self, name):
        # Jinja's sandbox asks for these before it calls anything.
        if name.startswith("__") or name in {"unsafe_callable", "alters_data"}:
            raise AttributeError(name)
        return Placeholder(name)

    def __call__(self, *args, **kwargs):
        return self

    def __getitem__(self, key):
        return Placeholder(str(key))

    def __iter__(self):
        return iter(())

    def __str__(self):
        return self.text


class Adapter(Placeholder):
    """`adapter.dispatch(name)(…)` renders as the name: one operand, whatever the engine."""

    def dispatch(self, macro_name, macro_namespace=None):
        return Placeholder(macro_name)


class Target(Placeholder):
    """The target that a model sees at lint time."""

    type = "duckdb"
    name = "duckdb"
    schema = "main"
    database = "warehouse"


adapter = Adapter("adapter")
target = Target("target")
api = Placeholder("api")
dbt = Placeholder("dbt")
exceptions = Placeholder("exceptions")
graph = Placeholder("graph")
model = Placeholder("model")
modules = Placeholder("modules")
builtins = Placeholder("builtins")
invocation_id = "invocation"
execute = False
flags = Placeholder("flags")


def env_var(name, default=""):
    """The default, never the environment: linting is the same everywhere."""
    return default


def log(*args, **kwargs):
    return ""


def run_query(*args, **kwargs):
    return Placeholder("result")


def return_value(value=None):
    return value


globals()["return"] = return_value
