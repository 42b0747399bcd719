"""What more than one test file of whole parts shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from signalbox.engines import install
from signalbox.engines.session import SESSION


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One Spark inside this process, with the settings of every session of a build; its tables lie as a build's do."""
    os.environ |= {"JAVA_HOME": str(install.java().resolve().parent.parent), "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("embedded") / "warehouse"
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    for name, value in {**SESSION, "spark.driver.host": "127.0.0.1", "spark.sql.warehouse.dir": str(folder)}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
