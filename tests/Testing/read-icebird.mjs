// Prints an Iceberg table on local disk with icebird, one JSON object a line, in the row text of the other readers as far as icebird carries it:
// timestamps have milliseconds only, decimals beyond 15 digits are rounded, equality deletes are applied, deletion vectors are not.
// Dates beyond JavaScript's (years -271821 to 275760) are "Invalid Date". icebird has no filters of its own: they are applied to the rows that it returns.
//   node read-icebird.mjs NATIVE-FOLDER METADATA.json|TABLE-FOLDER [--count] [--filter 'COL OP LIT']     OP: = != < <= > >=
//   … --counts: standard input has a JSON array of filters, [COL, OP, LIT], OP also null and not null; standard output a count per filter
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [native, source, ...options] = process.argv.slice(2);
const local = uri => uri.replace(/^file:(\/\/(?=\/))?/, '');      // character by character, as Iceberg does: %2F stays %2F

// icebird reads by fetch, which has no file://. HEAD gives the length, a Range gives that part.
const webFetch = globalThis.fetch;
globalThis.fetch = async (url, init = {}) => {
  const text = String(url);
  if (!text.startsWith('file:') && !text.startsWith('/')) return webFetch(url, init);
  if (!fs.existsSync(local(text))) return new Response(null, { status: 404 });
  const bytes = fs.readFileSync(local(text)), range = new Headers(init.headers).get('range')?.match(/bytes=(\d+)-(\d*)/);
  if (init.method === 'HEAD') return new Response(null, { headers: { 'Content-Length': String(bytes.length) } });
  if (!range) return new Response(bytes);
  const end = range[2] === '' ? bytes.length : Number(range[2]) + 1;
  return new Response(bytes.subarray(Number(range[1]), end), { status: 206, headers: { 'Content-Length': String(end - Number(range[1])) } });
};

function newest(folder) {
  const files = fs.readdirSync(path.join(folder, 'metadata')).filter(name => name.endsWith('.metadata.json'));
  const version = name => Number(name.match(/^v?(\d+)/)?.[1] ?? -1);
  return path.join(folder, 'metadata', files.sort((a, b) => version(a) - version(b)).at(-1));
}

// Snapshot ids do not fit a JavaScript number: long digits outside of strings become strings.
const parse = text => JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, token => token.startsWith('"') ? token : `"${token}"`));

const hex = bytes => Buffer.from(bytes).toString('hex');
function value(type, v) {
  if (v === null || v === undefined) return null;
  if (typeof type === 'object') return nested(type, v);
  const decimal = type.match(/^decimal\((\d+), ?(\d+)\)$/);
  if (decimal) return Number(v).toFixed(Number(decimal[2]));
  switch (type.replace(/\[.*/, '')) {
    case 'float': return number(Math.fround(v), true);
    case 'double': return number(v, false);
    case 'date': return v instanceof Date && isNaN(v) ? 'Invalid Date' : v instanceof Date ? v.toISOString().slice(0, 10) : String(v);
    case 'timestamp': return v instanceof Date && isNaN(v) ? 'Invalid Date' : v instanceof Date ? v.toISOString().replace('Z', '000') : String(v);
    case 'timestamptz': return v instanceof Date && isNaN(v) ? 'Invalid Date' : v instanceof Date ? v.toISOString().replace('Z', '000Z') : String(v);
    case 'time': return time(BigInt(v));
    case 'uuid': return typeof v === 'string' ? v : hex(v).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    case 'binary': case 'fixed': return typeof v === 'string' ? hex(Buffer.from(v)) : hex(v);
    default: return v;
  }
}
function nested(type, v) {
  if (type.type === 'list') return Array.from(v, item => value(type.element, item));
  if (type.type === 'struct') return Object.fromEntries(type.fields.map(f => [f.name, value(f.type, v[f.name])]));
  return Object.entries(v).map(([k, item]) => [k, value(type.value, item)]);
}
function number(x, single) {
  if (!Number.isFinite(x)) return String(x);
  if (Object.is(x, -0)) return '-0.0';
  let text = String(x);
  for (let digits = 1; single && digits <= 9; digits++) {
    if (Math.fround(Number(x.toPrecision(digits))) === x) { text = String(Number(x.toPrecision(digits))); break; }
  }
  return /[.e]/.test(text) ? text : text + '.0';
}
const two = n => String(n).padStart(2, '0');
const time = micros => `${two(micros / 3600000000n)}:${two(micros / 60000000n % 60n)}:${two(micros / 1000000n % 60n)}.${String(micros % 1000000n).padStart(6, '0')}`;
const text = v => typeof v === 'bigint' ? String(v) : Array.isArray(v) ? `[${v.map(text).join(',')}]`
  : v && typeof v === 'object' ? `{${Object.entries(v).map(([k, x]) => `${JSON.stringify(k)}:${text(x)}`).join(',')}}` : JSON.stringify(v);

function filter() {
  const at = options.indexOf('--filter');
  return at < 0 ? () => true : test(...options[at + 1].match(/^(\S+) (=|!=|<=|<|>=|>) (.*)$/).slice(1));
}
function test(column, op, literal) {
  const plain = literal?.replace(/^(['"])(.*)\1$/, '$2');
  return row => {
    const v = row[column], isNull = v === null || v === undefined;
    if (isNull || op === 'null' || op === 'not null') return op === (isNull ? 'null' : 'not null');
    const order = typeof v === 'bigint' ? Number(v - BigInt(plain)) : typeof v === 'number' ? v - Number(plain) : String(v) < plain ? -1 : String(v) > plain ? 1 : 0;
    return { '=': order === 0, '!=': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[op];
  };
}

const { icebergRead } = await import(pathToFileURL(path.join(path.resolve(native), 'node_modules/icebird/src/index.js')));
const file = local(source), metadata = parse(fs.readFileSync(fs.statSync(file).isDirectory() ? newest(file) : file, 'utf8'));
const schema = metadata.schemas.find(s => s['schema-id'] === metadata['current-schema-id']);
let rows = [];
try {
  rows = await icebergRead({ tableUrl: metadata.location, metadata });
} catch (e) {
  if (!/No data manifest files|No current snapshot/.test(String(e))) throw e;         // icebird's word for an empty table
}
const lines = rows.map(row => Object.fromEntries(schema.fields.map(f => [f.name, value(f.type, row[f.name])]))).filter(filter());
if (options.includes('--counts')) for (const words of JSON.parse(fs.readFileSync(0, 'utf8'))) console.log(lines.filter(test(...words)).length);
else if (options.includes('--count')) console.log(lines.length); else for (const line of lines) console.log(text(line));
