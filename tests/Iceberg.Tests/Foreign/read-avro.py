"""Prints an Avro file as JSON with Debian's python3-avro: its header, its writer schema, its records. Bytes become hexadecimal."""
import decimal, json, sys
from avro.datafile import DataFileReader
from avro.io import DatumReader


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


with open(sys.argv[1], "rb") as file:
    reader = DataFileReader(file, DatumReader())
    header = {key: value.decode() for key, value in reader.meta.items() if not key.startswith("avro.schema")}
    print(json.dumps({"header": header, "schema": json.loads(reader.meta["avro.schema"]), "records": [plain(record) for record in reader]}))
