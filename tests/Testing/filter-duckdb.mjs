// Counts the rows of an Iceberg table under many filters with DuckDB's extension, in one process: standard input has a JSON array of SQL conditions, standard output a line per condition.
//   EXT_DIR=folder node filter-duckdb.mjs METADATA.json
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = process.env.EXT_DIR, quote = text => `'${text.replaceAll("'", "''")}'`;
const duckdb = await import(pathToFileURL(path.join(folder, 'node_modules/@duckdb/node-api/lib/index.js')));
const connection = await (await duckdb.DuckDBInstance.create(':memory:')).connect();
await connection.run("SET autoinstall_known_extensions=false; SET autoload_known_extensions=false; SET TimeZone='UTC'");
for (const extension of ['avro', 'httpfs', 'iceberg']) await connection.run(`LOAD ${quote(path.join(folder, `${extension}.duckdb_extension`))}`);
for (const condition of JSON.parse(fs.readFileSync(0, 'utf8'))) {
  try {
    const rows = await connection.runAndReadAll(`SELECT count(*) FROM iceberg_scan(${quote(process.argv[2])}) WHERE ${condition}`);
    console.log(String(rows.getRows()[0][0]));
  } catch (error) {
    console.log(`error ${String(error).split('\n')[0]}`);
  }
}
