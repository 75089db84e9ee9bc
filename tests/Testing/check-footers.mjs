// Reads the footer of every Parquet file below a folder (but for temp/, where files are not finished) with hyparquet and prints what other engines would read wrongly, a line each; then the number of files.
//   node check-footers.mjs NATIVE-FOLDER FOLDER
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [native, folder] = process.argv.slice(2);
const { parquetMetadata } = await import(pathToFileURL(path.join(path.resolve(native), 'node_modules/hyparquet/src/node.js')));

function* files(at) {
  for (const entry of fs.readdirSync(at, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== 'temp') yield* files(path.join(at, entry.name));
    else if (entry.isFile() && entry.name.endsWith('.parquet')) yield path.join(at, entry.name);
  }
}

/** The leaf elements in the order of the column chunks, each with its path. */
function leaves(schema) {
  let next = 0;
  const walk = parents => {
    const element = schema[next++], here = [...parents, element.name];
    return element.num_children ? Array.from({ length: element.num_children }, () => walk(here)).flat() : [{ element, name: here.slice(1).join('.') }];
  };
  return walk([]);
}

let count = 0;
for (const file of files(folder)) {
  count++;
  const bytes = fs.readFileSync(file), metadata = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const say = text => console.log(`${path.basename(file)}: ${text}`);
  for (const element of metadata.schema.slice(1)) {
    if (/^U?INT_(8|16|32|64)$/.test(element.converted_type ?? '')) say(`${element.name} has converted type ${element.converted_type}`);
    if (element.type === 'INT96') say(`${element.name} is INT96`);
  }
  leaves(metadata.schema).forEach(({ element, name }, i) => {
    const own = element.repetition_type === 'REPEATED' || element.field_id !== undefined;
    if (!own || element.field_id < 1) say(`${name} has no field id`);
    const uuid = element.logical_type?.type === 'UUID';
    for (const group of metadata.row_groups) {
      const column = group.columns[i].meta_data;
      if (uuid && column.statistics) say(`${name} is a uuid with statistics`);
      if ((column.type === 'FLOAT' || column.type === 'DOUBLE') && column.encodings.some(encoding => /DICTIONARY/.test(encoding))) say(`${name} is floating and has a dictionary, which takes -0.0 for 0.0`);
      if (column.codec !== 'ZSTD') say(`${name} is compressed with ${column.codec}`);
    }
  });
}
console.log(`${count} files`);
