/** Where results go: a folder, or a prefix in S3-compatible storage. Whatever is there is whole. */
import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { BatchError, reasonOf } from '../errors.ts';
import { isS3, listS3, readS3, removeS3, writeS3 } from './s3.ts';

/** Named files; names have `/` between their parts. */
export interface Store {
  /** An absolute path, or an `s3://` URL: the same for every machine that works on it. */
  readonly location: string;
  /** `undefined` when it is not there. */
  read(name: string): Promise<Uint8Array | undefined>;
  has(name: string): Promise<boolean>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** A path for a local file that is being made. */
  scratch(): Promise<string>;
  /** Moves a finished local file to its place. */
  put(name: string, file: string): Promise<void>;
  /** Names that begin with a prefix that ends in `/`, in no order. */
  list(prefix: string): Promise<string[]>;
  /** Deletes a file, if it is there; in a folder also a folder. */
  remove(name: string): Promise<void>;
}

/** Opens a folder, which is made when something is written, or an `s3://bucket/prefix`. All of its methods throw BatchError `OUTPUT_UNWRITABLE`. */
export function openStore(location: string): Store {
  const store = isS3(location) ? s3Store(location.replace(/\/*$/, '/')) : folderStore(resolve(location));
  const guarded = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      try {
        return await work(...args);
      } catch (cause) {
        if (cause instanceof BatchError) throw cause;
        throw new BatchError({
          code: 'OUTPUT_UNWRITABLE',
          message: `expected to read and write in '${store.location}', got: ${reasonOf(cause)}`,
          fix: 'Check that it exists or can be made, its permissions and the space left',
          cause,
        });
      }
    };
  };
  const { location: place, read, has, write, scratch, put, list, remove } = store;
  return {
    location: place,
    ...{ read: guarded(read), has: guarded(has), write: guarded(write), scratch: guarded(scratch) },
    ...{ put: guarded(put), list: guarded(list), remove: guarded(remove) },
  };
}

/** Where files are while they are made, beside their place, so that a rename is enough. */
export const parts = '.vqkit/parts';

/** Whether a name stays in the store: results are named by inputs and records, which may come from strangers. */
export function isSafeName(name: string): boolean {
  return !/[\\\0]/.test(name) && name.split('/').every((part) => !['', '.', '..'].includes(part));
}

function folderStore(location: string): Store {
  const path = (name: string): string => {
    if (!isSafeName(name.replace(/\/$/, ''))) throw new Error(`the name '${name}', which leads out of it`);
    return join(location, ...name.split('/'));
  };
  const scratch = async (): Promise<string> => {
    await mkdir(path(parts), { recursive: true });
    return path(`${parts}/${randomUUID()}`);
  };
  const put = async (name: string, file: string): Promise<void> => {
    await mkdir(dirname(path(name)), { recursive: true });
    await rename(file, path(name));
  };
  const missing = (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== 'ENOENT') throw error;
  };
  return {
    location,
    read: async (name) => (await readFile(path(name)).catch(missing)) as Uint8Array | undefined,
    has: (name) =>
      access(path(name)).then(
        () => true,
        () => false,
      ),
    write: async (name, bytes) => {
      const part = await scratch();
      await writeFile(part, bytes);
      await put(name, part);
    },
    scratch,
    put,
    list: async (prefix) => {
      const found = (await readdir(path(prefix), { recursive: true, withFileTypes: true }).catch(missing)) ?? [];
      const files = found.filter((entry) => entry.isFile());
      return files.map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(location.length + 1)
          .split(sep)
          .join('/'),
      );
    },
    remove: (name) => rm(path(name), { force: true, recursive: true }),
  };
}

function s3Store(location: string): Store {
  const at = (name: string): string => location + name;
  return {
    location,
    read: (name) => readS3(at(name)),
    has: async (name) => {
      for await (const found of listS3(at(name))) return found === at(name);
      return false;
    },
    write: (name, bytes) => writeS3(at(name), bytes),
    scratch: async () => join(tmpdir(), `vqkit-${randomUUID()}`),
    put: async (name, file) => {
      await writeS3(at(name), file);
      await rm(file, { force: true });
    },
    list: async (prefix) => {
      const names: string[] = [];
      for await (const found of listS3(at(prefix))) names.push(found.slice(location.length));
      return names;
    },
    remove: (name) => removeS3(at(name)),
  };
}
