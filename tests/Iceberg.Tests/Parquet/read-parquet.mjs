// Reads a Parquet file with hyparquet and prints its metadata and rows as JSON. Usage: node read-parquet.mjs <native folder> <file>
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'

const [modules, file] = process.argv.slice(2)
const load = name => import(pathToFileURL(join(modules, 'node_modules', name)))
const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await load('hyparquet/src/node.js')
const { compressors } = await load('hyparquet-compressors/src/index.js')

// Bytes as hex; what JSON has no form for, or would round, as text. What a row has not is null; what metadata has not is left out.
const plain = (value, missing) => {
  const inner = v => plain(v, missing)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : `${value}`
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(inner)
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, inner(v)]))
  return value ?? missing
}

const identity = value => value
const bytes = value => value
const parsers = {
  timestampFromMilliseconds: identity, timestampFromMicroseconds: identity, timestampFromNanoseconds: identity,
  dateFromDays: identity, stringFromBytes: b => b && new TextDecoder('utf-8', { fatal: true }).decode(b), uuidFromBytes: bytes,
}
const buffer = await asyncBufferFromFile(file)
const metadata = await parquetMetadataAsync(buffer)
const printed = plain(metadata, undefined)
// Its decimals are doubles: read them as what is stored instead.
for (const element of metadata.schema) {
  if (element.converted_type === 'DECIMAL') {
    delete element.converted_type
    delete element.logical_type
  }
}
const rows = await parquetReadObjects({ file: buffer, metadata, compressors, parsers, utf8: false })
console.log(JSON.stringify({ metadata: printed, rows: plain(rows, null) }))
