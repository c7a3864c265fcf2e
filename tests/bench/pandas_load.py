"""AirData daily CSV into PostgreSQL as a user of pandas would. usage: pandas_load.py plain|multi FILE"""
import sys

import pandas
import sqlalchemy

way, path = sys.argv[1:]
codes = {name: str for name in ("State Code", "County Code", "Site Num", "Method Code", "Event Type")}
frame = pandas.read_csv(path, dtype=codes)
frame = frame[frame["Sample Duration"].isin(["24-HR BLK AVG", "24 HOUR"]) & ~frame["Event Type"].str.endswith("Excluded", na=False)]
frame = frame[frame["Arithmetic Mean"] >= -10]
site = frame["State Code"] + "-" + frame["County Code"] + "-" + frame["Site Num"]
rows = pandas.DataFrame({
    "parameter": frame["Parameter Code"],
    "site_id": pandas.factorize(site)[0],
    "day": pandas.to_datetime(frame["Date Local"]).dt.date,
    "poc": frame["POC"],
    "value": frame["Arithmetic Mean"],
    "method": pandas.to_numeric(frame["Method Code"]),
    "object_id": 1,
})
rows = rows.drop_duplicates(["parameter", "site_id", "day", "poc"], keep="last")
engine = sqlalchemy.create_engine("postgresql+psycopg2://")
options = {"method": "multi", "chunksize": 10000} if way == "multi" else {}
rows.to_sql("pandas", engine, schema="data", if_exists="append", index=False, **options)
