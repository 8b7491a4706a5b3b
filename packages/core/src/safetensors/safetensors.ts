/**
 * The safetensors file format: an 8-byte little-endian header length, a JSON header, then raw little-endian values.
 * Files are untrusted: every number in the header is checked before it is used.
 *
 * @see https://github.com/huggingface/safetensors (format description)
 */
import { allocate, byteSizeOf, bytesPerElement, type DType, type Shape, sizeOf, type TypedArray } from '../dtype.ts';
import { FileFormatError } from '../errors.ts';

/** Values on the host, with their shape. */
export interface HostTensor {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Reads a byte range of a file, e.g. by HTTP range requests. */
export interface RangeReader {
  /** Exactly `length` bytes from `offset`, or fewer at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** An open file: its table of contents, and reads of single tensors. */
export interface SafetensorsFile {
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** @throws FileFormatError `TENSOR_MISSING` */
  spec(name: string): { readonly shape: Shape; readonly dtype: DType };
  /** @throws FileFormatError `TENSOR_MISSING`, `FILE_DAMAGED` */
  read(name: string): Promise<HostTensor>;
}

const dtypes: Readonly<Record<string, DType>> = {
  F32: 'f32',
  F16: 'f16',
  I32: 'i32',
  U32: 'u32',
  U8: 'u8',
  BOOL: 'u8',
};
const typeNames: Record<DType, string> = { f32: 'F32', f16: 'F16', i32: 'I32', u32: 'U32', u8: 'U8' };

/** Headers beyond this size are refused, as the reference implementation does: 100 MB. */
const maxHeaderBytes = 100_000_000;

function damaged(message: string, cause?: unknown): FileFormatError {
  return new FileFormatError({
    code: 'FILE_DAMAGED',
    message: `safetensors: ${message}`,
    fix: 'Fetch the file again, and check that it is a .safetensors file',
    cause,
  });
}

interface Entry {
  readonly shape: Shape;
  readonly dtype: DType | undefined;
  readonly typeName: string;
  readonly start: number;
  readonly end: number;
}

function parseHeader(text: string): { entries: Map<string, Entry>; metadata: Record<string, string> } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged('expected a JSON header', cause);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw damaged('expected a JSON object as header');
  const { __metadata__: metadata = {}, ...tensors } = json as Record<string, unknown>;
  const entries = new Map(Object.entries(tensors).map(([name, value]) => [name, parseEntry(name, value)]));
  return { entries, metadata: metadata as Record<string, string> };
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;

function parseEntry(name: string, value: unknown): Entry {
  const { dtype: typeName, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const isValid =
    typeof typeName === 'string' &&
    Array.isArray(shape) &&
    shape.every(isCount) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isCount) &&
    (offsets[0] as number) <= (offsets[1] as number);
  if (!isValid) throw damaged(`expected dtype, shape and data_offsets for tensor '${name}'`);
  const entry = { shape, dtype: dtypes[typeName], typeName, start: offsets[0] as number, end: offsets[1] as number };
  if (entry.dtype && sizeOf(shape) * bytesPerElement[entry.dtype] !== entry.end - entry.start) {
    throw damaged(
      `expected ${sizeOf(shape)} ${entry.dtype} values for tensor '${name}', got ${entry.end - entry.start} bytes`,
    );
  }
  return entry;
}

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
  const { entries, metadata } = parseHeader(new TextDecoder().decode(await exactly(8, length)));
  const find = (name: string): Entry & { dtype: DType } => {
    const entry = entries.get(name);
    if (entry?.dtype) return entry as Entry & { dtype: DType };
    throw new FileFormatError({
      code: 'TENSOR_MISSING',
      message: entry
        ? `safetensors: expected a dtype of ${Object.keys(dtypes).join(', ')} for '${name}', got ${entry.typeName}`
        : `safetensors: expected a tensor named '${name}', got ${entries.size} others`,
      fix: entry ? 'Convert the file first' : `Names begin with: ${[...entries.keys()].slice(0, 5).join(', ')}`,
    });
  };
  return {
    names: [...entries.keys()],
    metadata,
    spec: (name) => ({ shape: find(name).shape, dtype: find(name).dtype }),
    read: async (name) => {
      const { shape, dtype, start, end } = find(name);
      const bytes = await exactly(8 + length + start, end - start);
      const data = allocate(dtype, sizeOf(shape));
      // A copy, since the values may start at an odd offset.
      new Uint8Array(data.buffer).set(bytes);
      return { data, shape, dtype };
    },
  };
}

/**
 * Writes a safetensors file.
 *
 * @param tensors  By name; values are copied in sorted order of names, aligned to 8 bytes where the header ends.
 * @param metadata  Free text, e.g. a model's id and licence.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = Object.keys(tensors).sort();
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const name of names) {
    const x = tensors[name]!;
    const end = offset + byteSizeOf(x);
    header[name] = { dtype: typeNames[x.dtype], shape: x.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
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
