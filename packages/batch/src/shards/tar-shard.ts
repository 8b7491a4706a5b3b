/**
 * WebDataset shards: tars in which the files of a sample share a key and follow each other. Beside the results stands a
 * `.json` with the source and the facts. @see webdataset.github.io
 */
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { sampleKey, sourceOf } from '../inputs/item.ts';
import type { Store } from '../storage/store.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Opens a shard `<name>.tar`. */
export async function tarShard(name: string, store: Store): Promise<ShardWriter> {
  const part = await store.scratch();
  const tar = pack();
  const written = pipeline(tar, createWriteStream(part));
  written.catch(() => undefined); // reported by whoever waits
  let images = 0;
  const addFile = (file: string, content: Uint8Array): Promise<void> => {
    // The same date always: equal results are equal files.
    const header = { name: file, mtime: new Date(0) };
    const added = new Promise<void>((resolve, reject) => {
      tar.entry(header, Buffer.from(content), (error) => (error ? reject(error) : resolve()));
    });
    return Promise.race([added, written]);
  };
  return {
    add: async (item, { files, facts }) => {
      const key = sampleKey(item.key);
      images++;
      for (const [extension, content] of Object.entries(files)) await addFile(`${key}.${extension}`, content);
      const about = { key: item.key, source: sourceOf(item), ...facts };
      await addFile(`${key}.json`, new TextEncoder().encode(JSON.stringify(about)));
    },
    finish: async () => {
      tar.finalize();
      await written;
      const { size } = await stat(part);
      if (images === 0) {
        await rm(part);
        return undefined;
      }
      await store.put(`${name}.tar`, part);
      return { file: `${name}.tar`, images, bytes: size };
    },
    abort: async () => {
      tar.destroy();
      await written.catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}
