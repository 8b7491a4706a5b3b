/**
 * Reads members of a ZIP archive, as PyTorch (`.pth`) and NumPy (`.npz`) write them, by fflate. The archive is untrusted: its
 * members are no larger together than it is, and may unpack to 64 MiB and 32 times the archive, which floats never need.
 */
import { type UnzipFileInfo, unzipSync } from 'fflate';
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

/** @internal Opens an archive from its bytes. @throws WeightsError `WEIGHTS_DAMAGED` */
export function openZip(bytes: Uint8Array): ZipArchive {
  const members = new Map<string, UnzipFileInfo>();
  unpack(bytes, (member) => {
    if (members.has(member.name)) throw damaged(`expected each member once, got '${member.name}' twice`);
    members.set(member.name, member);
    return false;
  });
  checkSizes([...members.values()], bytes.length);
  return {
    names: [...members.keys()],
    read: async (name) => {
      const member = members.get(name);
      if (member === undefined) throw damaged(`expected a member '${name}' in the archive`);
      const content = unpack(bytes, (other) => other.name === name)[name];
      if (content?.length === member.originalSize) return content;
      throw damaged(`expected ${member.originalSize} bytes in '${name}', got ${content?.length ?? 'none'}`);
    },
  };
}

function unpack(bytes: Uint8Array, filter: (member: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause;
    throw damaged(`expected a ZIP archive, got: ${String(cause)}`, cause);
  }
}

/** @throws WeightsError `WEIGHTS_DAMAGED` for members that overlap or unpack to far more than the archive. */
function checkSizes(members: readonly UnzipFileInfo[], archiveBytes: number): void {
  const total = (of: (member: UnzipFileInfo) => number): number => members.reduce((sum, member) => sum + of(member), 0);
  if (total(({ size }) => size) > archiveBytes) throw damaged('expected members one after the other');
  const most = 2 ** 26 + 32 * archiveBytes;
  const unpacked = total(({ originalSize }) => originalSize);
  // 1032: the most that deflate can pack into a byte, so a small file cannot ask for much memory.
  if (unpacked > most || members.some(({ size, originalSize }) => originalSize > size * 1032 + 64))
    throw damaged(`expected at most ${most} bytes when unpacked, got ${unpacked}`);
}
