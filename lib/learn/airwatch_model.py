"""Predicts from AirWatch's own model file, airwatch.json; numpy is all that it needs.

MLflow's python_function flavour loads it by _load_pyfunc. What it predicts is what AirWatch's server
predicts from the same rows: doubles are summed in the same order, trees in single precision.
"""
import json

import numpy

FORMAT = "airwatch-artifact-1"


def _load_pyfunc(path):
    with open(path, encoding="utf-8") as file:
        return AirWatchModel(json.load(file))


class AirWatchModel:
    def __init__(self, artifact):
        if artifact.get("format") != FORMAT:
            raise ValueError(f"the model file is of the format {artifact.get('format')!r}, not {FORMAT!r}")
        recipe = json.loads(artifact["recipe"])
        self.columns = artifact["features"]["names"]
        self.model = artifact["model"]
        self.interval = artifact["interval"]
        self.floor = recipe["target"].get("floor")
        self.raw = {
            "persistence": _persistence, "climatology": _climatology, "ridge": _ridge, "boost": _boost,
        }[self.model["family"]]

    def predict(self, rows, params=None):
        """Predicts an array of values; with params={"interval": True} a table of value, lower and upper.

        Rows are a DataFrame, whose columns may stand in any order, or arrays in the order of
        `columns`. A missing value, and a column that is not there, is NaN.
        """
        value = self._raise(self.raw(self.model, self._matrix(rows)))
        if not (params or {}).get("interval"):
            return value
        import pandas

        half = self.interval["factor"] * numpy.maximum(self.interval["scale_floor"], numpy.abs(value))
        return pandas.DataFrame({"value": value, "lower": self._raise(value - half), "upper": self._raise(value + half)})

    def _matrix(self, rows):
        if hasattr(rows, "columns"):
            missing = numpy.full(len(rows), numpy.nan)
            return numpy.column_stack([
                rows[name].to_numpy(dtype="float64", na_value=numpy.nan) if name in rows.columns else missing
                for name in self.columns
            ])
        X = numpy.asarray(rows, dtype="float64")
        if X.ndim != 2 or X.shape[1] != len(self.columns):
            raise ValueError(f"rows are of shape {X.shape}, not (n, {len(self.columns)})")
        return X

    def _raise(self, value):
        return value if self.floor is None else numpy.maximum(value, self.floor)


def _column(model, X, name):
    j = model[name]
    return X[:, j] if j < X.shape[1] else numpy.full(len(X), numpy.nan)


def _climatology(model, X):
    usual = _column(model, X, "climatology")
    return numpy.where(numpy.isnan(usual), model["mean"], usual)


def _persistence(model, X):
    today = _column(model, X, "lag0")
    return numpy.where(numpy.isnan(today), _climatology(model, X), today)


def _ridge(model, X):
    usual = X[:, model["climatology"]]
    total = numpy.full(len(X), float(model["intercept"]))
    for j, (weight, fill, is_level) in enumerate(zip(model["weight"], model["fill"], model["is_level"])):
        x = numpy.where(numpy.isnan(X[:, j]) & bool(is_level), usual, X[:, j])
        total = total + weight * numpy.where(numpy.isnan(x), fill, x)
    return total


def _boost(model, X):
    most = numpy.finfo(numpy.float32).max
    x = numpy.clip(X, -most, most).astype(numpy.float32)
    feature, left = numpy.array(model["feature"]), numpy.array(model["left"])
    goes_left = numpy.array(model["default_left"], dtype=bool)
    number = numpy.array(model["number"]).astype(numpy.float32)
    total = numpy.full(len(x), model["base"], dtype=numpy.float32)
    rows, first = numpy.arange(len(x)), 0
    for n_nodes in model["n_nodes"]:
        node = numpy.full(len(x), first)
        while (inner := feature[node] >= 0).any():
            got = x[rows, numpy.maximum(feature[node], 0)]
            is_left = numpy.where(numpy.isnan(got), goes_left[node], got < number[node])
            node = numpy.where(inner, first + left[node] + ~is_left, node)
        total += number[node]
        first += n_nodes
    return total.astype("float64")
