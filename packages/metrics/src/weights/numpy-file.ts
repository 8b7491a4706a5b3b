/** Arrays of NumPy's `.npz` archives: float arrays in C order. @see numpy/lib/format.py (version 1.0 to 3.0) */
import type { FloatType, StoredTensor } from './tensor-values.ts';
import { damaged, type ZipArchive } from './zip.ts';

const floatTypes: Readonly<Record<string, FloatType>> = { '<f8': 'f64', '<f4': 'f32', '<f2': 'f16' };

/** @internal The arrays of an archive, by name without `.npy`. */
export async function readNumpyZip(archive: ZipArchive): Promise<Map<string, StoredTensor>> {
  const names = archive.names.filter((name) => name.endsWith('.npy'));
  const entries = names.map(async (name) => [name.slice(0, -4), parse(await archive.read(name), name)] as const);
  return new Map(await Promise.all(entries));
}

function parse(bytes: Uint8Array, name: string): StoredTensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || bytes[0] !== 0x93) throw damaged(`expected a NumPy array in '${name}'`);
  const isShort = bytes[6] === 1;
  const start = isShort ? 10 : 12;
  const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const [, descriptor] = /'descr': '([^']*)'/.exec(header) ?? [];
  const [, shape] = /'shape': \(([\d, ]*)\)/.exec(header) ?? [];
  if (descriptor === undefined || shape === undefined || !header.includes("'fortran_order': False"))
    throw damaged(`expected a plain array in C order in '${name}'`);
  return {
    shape: shape.split(',').flatMap((n) => (n.trim() === '' ? [] : [Number(n)])),
    type: floatTypes[descriptor],
    load: async () => bytes.subarray(start + length),
  };
}
