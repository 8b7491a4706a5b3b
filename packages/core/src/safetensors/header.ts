/**
 * The header of a safetensors file. Files are untrusted: every name, type, shape and offset is checked before it is used, and
 * the values must lie one after another without holes or overlaps, so that a file never says more than it holds.
 *
 * @see https://github.com/huggingface/safetensors (format description)
 */
import { type Shape, sizeOf } from '../dtype.ts';
import { FileFormatError } from '../errors.ts';
import { type StoredType, storedTypes } from './stored-types.ts';

/** A tensor in the table of contents. */
export interface Entry {
  readonly shape: Shape;
  /** Undefined for types that are not read. */
  readonly type: StoredType | undefined;
  readonly typeName: string;
  readonly start: number;
  readonly end: number;
}

/** What the header says. */
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Bytes of all values. */
  readonly valueBytes: number;
}

/** The name under which free text stands; no tensor can have it. */
export const metadataName = '__metadata__';

/** More axes than any engine takes. */
const maxAxes = 64;

/** @internal A file that is not what it should be. */
export function damaged(message: string, cause?: unknown): FileFormatError {
  return new FileFormatError({
    code: 'FILE_DAMAGED',
    message: `safetensors: ${message}`,
    fix: 'Fetch the file again, and check that it is a .safetensors file',
    cause,
  });
}

/** Reads the JSON of a header. @throws FileFormatError `FILE_DAMAGED` */
export function parseHeader(text: string): SafetensorsHeader {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged('expected a JSON header', cause);
  }
  if (!isRecord(json)) throw damaged('expected a JSON object as header');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw damaged(`expected each name once, got '${twice}' twice`);
  const { [metadataName]: metadata = {}, ...tensors } = json;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw damaged(`expected texts in ${metadataName}`);
  }
  const entries = new Map(Object.entries(tensors).map(([name, value]) => [name, parseEntry(name, value)]));
  return { entries, metadata: metadata as Record<string, string>, valueBytes: checkPlaces(entries) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;

function parseEntry(name: string, value: unknown): Entry {
  const { dtype: typeName, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  const isValid =
    typeof typeName === 'string' &&
    Array.isArray(shape) &&
    shape.length <= maxAxes &&
    shape.every(isCount) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isCount) &&
    (offsets[0] as number) <= (offsets[1] as number);
  if (!isValid) throw damaged(`expected dtype, shape and data_offsets for tensor '${name}'`);
  const type = Object.hasOwn(storedTypes, typeName) ? storedTypes[typeName] : undefined;
  const [start, end] = offsets as [number, number];
  if (type && sizeOf(shape) * type.bytes !== end - start) {
    throw damaged(`expected ${sizeOf(shape)} values of ${typeName} for tensor '${name}', got ${end - start} bytes`);
  }
  return { shape, type, typeName, start, end };
}

/** Checks that the values follow each other, and counts their bytes. */
function checkPlaces(entries: ReadonlyMap<string, Entry>): number {
  let at = 0;
  for (const [name, { start, end }] of [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (start !== at)
      throw damaged(`expected '${name}' to begin at ${at}, where the values before it end, got ${start}`);
    at = end;
  }
  return at;
}

/** A key that stands twice in one object, which JSON.parse does not tell. The text is valid JSON. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  // Strings, with the colon that makes them keys; braces. Brackets hold no keys.
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon) {
      const key = JSON.parse(string!) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
  return undefined;
}
