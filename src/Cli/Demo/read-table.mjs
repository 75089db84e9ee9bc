// Reads a changelog table with icebird, which Philotes has no part in, and prints its rows in the source's order, one JSON array a line:
//   [operation, values of the source's columns..., old key or null], every value as text or null.
// usage: node read-table.mjs NATIVE-FOLDER METADATA-FILE-URI
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [native, location] = process.argv.slice(2);
const local = uri => uri.startsWith('file:') ? fileURLToPath(uri.replace(/^file:\/*/, 'file:///')) : uri;

// icebird reads by fetch, which knows no file://. HEAD gives the length, a Range gives that part.
globalThis.fetch = async (url, init = {}) => {
  const file = local(String(url));
  if (!fs.existsSync(file)) return new Response(null, { status: 404 });
  const bytes = fs.readFileSync(file);
  const range = new Headers(init.headers).get('range')?.match(/bytes=(\d+)-(\d*)/);
  if (init.method === 'HEAD') return new Response(null, { headers: { 'Content-Length': String(bytes.length) } });
  if (!range) return new Response(bytes);
  const end = range[2] === '' ? bytes.length : Number(range[2]) + 1;
  return new Response(bytes.subarray(Number(range[1]), end), { status: 206, headers: { 'Content-Length': String(end - Number(range[1])) } });
};

// Snapshot ids do not fit a JavaScript number: long digits outside of strings become strings.
const parse = text => JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, token => token.startsWith('"') ? token : `"${token}"`));

function text(type, value) {
  if (value === null || value === undefined) return null;
  const decimal = typeof type === 'string' && type.match(/^decimal\((\d+), ?(\d+)\)$/);
  if (decimal) return Number(value).toFixed(Number(decimal[2]));
  if (value instanceof Date) {
    if (type === 'date') return value.toISOString().slice(0, 10);
    return type === 'timestamp' ? value.toISOString().replace('Z', '') : value.toISOString();
  }
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value).toString('hex');
    return type === 'uuid' ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : hex;
  }
  if (type.type === 'list') return `{${value.map(element => text(type.element, element) ?? 'NULL').join(',')}}`; // as Postgres prints an array of numbers
  if (type === 'binary') return Buffer.from(value, 'utf8').toString('hex');
  return String(value);
}

const { icebergRead } = await import(pathToFileURL(path.join(path.resolve(native), 'node_modules/icebird/src/index.js')));
const metadata = parse(fs.readFileSync(local(location), 'utf8'));
const schema = metadata.schemas.find(candidate => candidate['schema-id'] === metadata['current-schema-id']);
const columns = schema.fields.filter(field => !field.name.startsWith('_cdc_'));
const beforeFields = schema.fields.find(field => field.name === '_cdc_before')?.type?.fields ?? [];

let rows = [];
try {
  rows = await icebergRead({ tableUrl: metadata.location, metadata });
} catch (error) {
  if (!/No data manifest files|No current snapshot/.test(String(error))) throw error; // icebird's word for an empty table
}
const order = (left, right) => left < right ? -1 : left > right ? 1 : 0;
rows.sort((left, right) => order(BigInt(left._cdc_lsn), BigInt(right._cdc_lsn)) || order(BigInt(left._cdc_seq), BigInt(right._cdc_seq)));

const lines = rows.map(row => {
  const before = row._cdc_before;
  const old = before ? beforeFields.map(field => text(field.type, before[field.name])).filter(value => value !== null) : null;
  return JSON.stringify([row._cdc_operation, ...columns.map(column => text(column.type, row[column.name])), old && old.length > 0 ? old : null]);
});
process.stdout.write(lines.join('\n') + (lines.length > 0 ? '\n' : ''));
