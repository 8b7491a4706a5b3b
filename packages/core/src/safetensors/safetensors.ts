/**
 * The safetensors file format: an 8-byte little-endian header length, a JSON header, then raw little-endian values.
 *
 * @see https://github.com/huggingface/safetensors (format description)
 */
import { allocate, type DType, type Shape, sizeOf, type TypedArray } from '../dtype.ts';
import { FileFormatError } from '../errors.ts';
import { damaged, type Entry, metadataName, parseHeader } from './header.ts';
import { readValues, type StoredType, storedTypes, typeNames } from './stored-types.ts';

/** Values on the host, with their shape. */
export interface HostTensor {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What a file can keep: values on the host, also integers of 8 bits with a sign, which are read as i32. */
export type StorableTensor = HostTensor | { readonly data: Int8Array; readonly shape: Shape; readonly dtype: 'i8' };

/** Reads a byte range of a file, e.g. by HTTP range requests. */
export interface RangeReader {
  /** Exactly `length` bytes from `offset`, or fewer at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** An open file: its table of contents, and reads of single tensors. */
export interface SafetensorsFile {
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * The dtype is the one that values are read as: F64 and BF16 become f32, other integers i32 or u32; `stored` is the name of the
   * type in the file, e.g. `I8`.
   *
   * @throws FileFormatError `TENSOR_MISSING`
   */
  spec(name: string): { readonly shape: Shape; readonly dtype: DType; readonly stored: string };
  /** @throws FileFormatError `TENSOR_MISSING`, `FILE_DAMAGED`, `VALUE_OUT_OF_RANGE` for 64-bit integers beyond 32 bits */
  read(name: string): Promise<HostTensor>;
}

/** Headers beyond this size are refused, as the reference implementation does: 100 MB. */
const maxHeaderBytes = 100_000_000;

/**
 * Opens a safetensors file and reads its header only.
 *
 * @param source  The whole file, or a reader of byte ranges.
 * @throws FileFormatError `FILE_DAMAGED`
 */
export async function openSafetensors(source: Uint8Array | RangeReader): Promise<SafetensorsFile> {
  const read =
    source instanceof Uint8Array
      ? async (offset: number, length: number) => source.subarray(offset, offset + length)
      : source.read.bind(source);
  const exactly = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = await read(offset, length);
    if (bytes.length !== length)
      throw damaged(`expected ${length} bytes at ${offset}, got ${bytes.length}: the file is cut short`);
    return bytes;
  };
  const prefix = await exactly(0, 8);
  const view = new DataView(prefix.buffer, prefix.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > maxHeaderBytes) throw damaged(`expected a header of at most ${maxHeaderBytes} bytes, got ${length}`);
  const { entries, metadata, valueBytes } = parseHeader(new TextDecoder().decode(await exactly(8, length)));
  // Of a reader only its reads tell how long the file is.
  if (source instanceof Uint8Array && source.length !== 8 + length + valueBytes) {
    throw damaged(`expected ${8 + length + valueBytes} bytes in all, got ${source.length}`);
  }
  const find = (name: string): Entry & { type: StoredType } => {
    const entry = entries.get(name);
    if (entry?.type) return entry as Entry & { type: StoredType };
    throw new FileFormatError({
      code: 'TENSOR_MISSING',
      message: entry
        ? `safetensors: expected a dtype of ${Object.keys(storedTypes).join(', ')} for '${name}', got ${entry.typeName}`
        : `safetensors: expected a tensor named '${name}', got ${entries.size} others`,
      fix: entry ? 'Convert the file first' : `Names begin with: ${[...entries.keys()].slice(0, 5).join(', ')}`,
    });
  };
  return {
    names: [...entries.keys()],
    metadata,
    spec: (name) => {
      const { shape, type, typeName } = find(name);
      return { shape, dtype: type.dtype, stored: typeName };
    },
    read: async (name) => {
      const { shape, type, start, end } = find(name);
      const bytes = await exactly(8 + length + start, end - start);
      const data = allocate(type.dtype, sizeOf(shape));
      readValues(type, bytes, data);
      return { data, shape, dtype: type.dtype };
    },
  };
}

/**
 * Writes a safetensors file.
 *
 * @param tensors  By name; values are copied in sorted order of names, aligned to 8 bytes where the header ends.
 * @param metadata  Free text, e.g. a model's id and licence.
 * @throws FileFormatError `NAME_RESERVED` for a tensor named `__metadata__`.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, StorableTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const names = Object.keys(tensors).sort();
  if (names.includes(metadataName)) {
    throw new FileFormatError({
      code: 'NAME_RESERVED',
      message: `safetensors: expected tensors with names of their own, got one named '${metadataName}'`,
      fix: 'Rename it: the format keeps free text under this name',
    });
  }
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[metadataName, metadata]] : [];
  let offset = 0;
  for (const name of names) {
    const x = tensors[name]!;
    const typeName = typeNames[x.dtype];
    const end = offset + storedTypes[typeName]!.bytes * sizeOf(x.shape);
    header.push([name, { dtype: typeName, shape: x.shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setUint32(0, headerLength, true);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const name of names) {
    const { data } = tensors[name]!;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}
