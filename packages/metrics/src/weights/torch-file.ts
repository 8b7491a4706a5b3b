/**
 * Tensors of PyTorch's own files: the ZIP form (since 1.6) and the older sequence of pickles, in which torchvision's and
 * pytorch-fid's official weights still come. Nothing in the file is executed.
 *
 * @see torch/serialization.py (`_save`, `_legacy_save`)
 */
import { GlobalName, PickledTensor, readPickle, type StorageReference } from './pickle.ts';
import type { FloatType, StoredTensor } from './tensor-values.ts';
import { damaged, type ZipArchive } from './zip.ts';

const floatTypes: Readonly<Record<string, FloatType>> = {
  'torch.DoubleStorage': 'f64',
  'torch.FloatStorage': 'f32',
  'torch.HalfStorage': 'f16',
  'torch.BFloat16Storage': 'bf16',
};

/** Bytes per element of every storage, to step over those that are not read. */
const elementSizes: Readonly<Record<string, number>> = {
  'torch.DoubleStorage': 8,
  'torch.LongStorage': 8,
  'torch.FloatStorage': 4,
  'torch.IntStorage': 4,
  'torch.HalfStorage': 2,
  'torch.BFloat16Storage': 2,
  'torch.ShortStorage': 2,
  'torch.CharStorage': 1,
  'torch.ByteStorage': 1,
  'torch.BoolStorage': 1,
};

/** Dictionaries in dictionaries: deeper than any state, and no trouble for a stack. */
const maxDepth = 100;

type StorageLoader = (storage: StorageReference) => Promise<Uint8Array>;

/** @internal The tensors of a ZIP archive that `torch.save` wrote. */
export async function readTorchZip(archive: ZipArchive): Promise<Map<string, StoredTensor>> {
  const pickle = archive.names.find((name) => name.endsWith('/data.pkl'))!;
  const folder = pickle.slice(0, -'data.pkl'.length);
  const { value } = readPickle(await archive.read(pickle));
  return tensorsIn(value, ({ key }) => archive.read(`${folder}data/${key}`));
}

/** First pickle of the older form: LONG1 of ten bytes, the number 0x1950a86a20f9469cfc6c. */
const legacyMagic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

/** @internal Whether these bytes begin like the older form. */
export function isLegacyTorchFile(bytes: Uint8Array): boolean {
  return legacyMagic.every((byte, i) => bytes[i] === byte);
}

/** @internal The tensors of the older form: four pickles, the list of storages, then their values one after the other. */
export function readLegacyTorchFile(bytes: Uint8Array): Map<string, StoredTensor> {
  const version = readPickle(bytes, legacyMagic.length);
  const system = readPickle(bytes, version.end);
  if (system.value instanceof Map && system.value.get('little_endian') === false)
    throw damaged('expected little-endian values');
  const content = readPickle(bytes, system.end);
  const keys = readPickle(bytes, content.end);
  const references = new Map(storagesIn(content.value).map((storage) => [storage.key, storage]));
  const places = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = keys.end;
  for (const key of Array.isArray(keys.value) ? keys.value : []) {
    const size = elementSizes[references.get(String(key))?.typeName ?? ''];
    if (size === undefined || at + 8 > bytes.length) throw damaged(`expected the values of storage '${key}'`);
    const length = view.getUint32(at, true) * size + view.getUint32(at + 4, true) * 2 ** 32 * size;
    at += 8;
    if (at + length > bytes.length) throw damaged(`expected ${length} bytes of storage '${key}' at ${at}`);
    places.set(String(key), bytes.subarray(at, at + length));
    at += length;
  }
  return tensorsIn(content.value, async ({ key }) => {
    const place = places.get(key);
    if (place === undefined) throw damaged(`expected the values of storage '${key}'`);
    return place;
  });
}

/** Every tensor in nested dictionaries, by its dotted path. */
function tensorsIn(value: unknown, load: StorageLoader): Map<string, StoredTensor> {
  const result = new Map<string, StoredTensor>();
  walk(value, '', new Set(), (name, { storage, offset, shape, strides }) => {
    const type = floatTypes[storage.typeName];
    if (shape.length !== strides.length) throw damaged(`expected as many strides as axes for '${name}'`);
    result.set(name, { shape, type, load: () => load(storage), layout: { offset, strides } });
  });
  return result;
}

function storagesIn(value: unknown): StorageReference[] {
  const result: StorageReference[] = [];
  walk(value, '', new Set(), (_, { storage }) => result.push(storage));
  return result;
}

function walk(
  value: unknown,
  path: string,
  seen: Set<unknown>,
  visit: (name: string, tensor: PickledTensor) => void,
  depth = 0,
): void {
  if (depth > maxDepth) throw damaged(`expected dictionaries nested at most ${maxDepth} deep`);
  if (value instanceof PickledTensor) visit(path, value);
  // A pickle may hold itself; each dictionary is entered once.
  if (!(value instanceof Map) || seen.has(value)) return;
  seen.add(value);
  for (const [key, child] of value) {
    if (typeof key !== 'string' || child instanceof GlobalName) continue;
    walk(child, path === '' ? key : `${path}.${key}`, seen, visit, depth + 1);
  }
}
