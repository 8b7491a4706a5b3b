/** Places that keep downloaded weights: a folder (Node) or the browser's Cache Storage. */
import { readRegularFile } from '@vqkit/core';

/** Keeps bytes by their URL. */
export interface WeightsCache {
  get(url: string): Promise<Uint8Array | undefined>;
  put(url: string, bytes: Uint8Array): Promise<void>;
}

/**
 * Keeps files in a folder, which is made when it is needed. Node only.
 *
 * @param folder  For example `~/.cache/vqkit`, spelled out.
 */
export function folderCache(folder: string): WeightsCache {
  // Asked for when used, so that bundlers for browsers see no import of Node.
  const files = (): typeof import('node:fs/promises') => process.getBuiltinModule('node:fs/promises');
  const pathOf = (url: string): string => `${folder}/${url.replace(/^https?:\/\//i, '').replace(/[^\w.-]+/g, '_')}`;
  return {
    get: (url) => readRegularFile(pathOf(url)).catch(() => undefined),
    put: async (url, bytes) => {
      await files().mkdir(folder, { recursive: true });
      // Written aside and renamed, so that nobody reads half a file.
      const partial = `${pathOf(url)}.${crypto.randomUUID()}.part`;
      try {
        await files().writeFile(partial, bytes);
        await files().rename(partial, pathOf(url));
      } catch (error) {
        await files().rm(partial, { force: true });
        throw error;
      }
    },
  };
}

/** Keeps responses in the browser's Cache Storage. @param name  Of the cache. Default `'vqkit-weights'`. */
export function browserCache(name = 'vqkit-weights'): WeightsCache {
  return {
    get: async (url) => {
      const response = await (await caches.open(name)).match(url);
      return response === undefined ? undefined : new Uint8Array(await response.arrayBuffer());
    },
    put: async (url, bytes) => (await caches.open(name)).put(url, new Response(bytes as Uint8Array<ArrayBuffer>)),
  };
}
