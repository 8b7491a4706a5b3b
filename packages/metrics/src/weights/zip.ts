/**
 * Reads members of a ZIP archive, as PyTorch (`.pth`) and NumPy (`.npz`) write them: stored or deflated, no encryption,
 * under 4 GiB. The archive is untrusted: every offset is checked, no two members share bytes, and all of them together
 * may unpack to 64 MiB and 32 times the archive, which floats never need.
 *
 * @see PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16
 */
import { WeightsError } from '../errors.ts';

/** @internal An open archive. */
export interface ZipArchive {
  readonly names: readonly string[];
  /** The bytes of a member. @throws WeightsError `WEIGHTS_DAMAGED` */
  read(name: string): Promise<Uint8Array>;
}

/** @internal A file that is not what it should be. */
export function damaged(message: string, cause?: unknown): WeightsError {
  return new WeightsError({
    code: 'WEIGHTS_DAMAGED',
    message: `weights file: ${message}`,
    fix: 'Fetch the file again, and check that it is a state dictionary (.pth, .npz or .safetensors)',
    cause,
  });
}

interface Member {
  readonly method: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly offset: number;
}

const endSignature = 0x06054b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
/** Size of the end record without its comment, and of the longest comment. */
const [endBytes, longestComment] = [22, 65535];

/** @internal Opens an archive from its bytes. @throws WeightsError `WEIGHTS_DAMAGED` */
export function openZip(bytes: Uint8Array): ZipArchive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = readDirectory(bytes, view);
  checkSizes(members, bytes.length);
  return {
    names: [...members.keys()],
    read: async (name) => {
      const member = members.get(name);
      if (member === undefined) throw damaged(`expected a member '${name}' in the archive`);
      const { offset, compressedSize, size, method } = member;
      if (offset + 30 > bytes.length || view.getUint32(offset, true) !== localSignature)
        throw damaged(`expected member '${name}' at ${offset}`);
      const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
      if (start + compressedSize > bytes.length)
        throw damaged(`expected ${compressedSize} bytes of '${name}' at ${start}`);
      const content = bytes.subarray(start, start + compressedSize);
      if (method === 8) return inflate(content, size, name);
      if (method !== 0 || compressedSize !== size)
        throw damaged(`expected '${name}' stored or deflated, got method ${method}`);
      return content;
    },
  };
}

function readDirectory(bytes: Uint8Array, view: DataView): Map<string, Member> {
  const earliest = Math.max(0, bytes.length - endBytes - longestComment);
  let end = bytes.length - endBytes;
  while (end >= earliest && view.getUint32(end, true) !== endSignature) end--;
  if (end < earliest) throw damaged('expected the directory of a ZIP archive at its end');
  const count = view.getUint16(end + 10, true);
  const members = new Map<string, Member>();
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== directorySignature)
      throw damaged(`expected ${count} directory entries, got ${i}`);
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [number, number, number];
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + lengths[0]));
    if (members.has(name)) throw damaged(`expected each member once, got '${name}' twice`);
    members.set(name, {
      method: view.getUint16(at + 10, true),
      compressedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return members;
}

/** @throws WeightsError `WEIGHTS_DAMAGED` for members that overlap or unpack to far more than the archive. */
function checkSizes(members: ReadonlyMap<string, Member>, archiveBytes: number): void {
  let [end, total] = [0, 0];
  for (const [name, member] of [...members].sort(([, a], [, b]) => a.offset - b.offset)) {
    if (member.offset < end) throw damaged(`expected members one after the other, got '${name}' inside another`);
    end = member.offset + 30 + member.compressedSize;
    total += member.size;
  }
  const most = 2 ** 26 + 32 * archiveBytes;
  if (total > most) throw damaged(`expected at most ${most} bytes when unpacked, got ${total}`);
}

async function inflate(content: Uint8Array, size: number, name: string): Promise<Uint8Array> {
  // 1032: the most that deflate can pack into a byte, so a small file cannot ask for much memory.
  if (size > content.length * 1032 + 64) throw damaged(`expected a possible size of '${name}', got ${size} bytes`);
  // Blob.stream() feeds the engine; growth stops at the size that the directory promises.
  const stream = new Blob([content as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'));
  const result = new Uint8Array(size);
  let at = 0;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > size) throw damaged(`expected ${size} bytes in '${name}', got more`);
      result.set(value, at);
      at += value.length;
    }
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause;
    throw damaged(`expected '${name}' to be deflated data`, cause);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (at !== size) throw damaged(`expected ${size} bytes in '${name}', got ${at}`);
  return result;
}
