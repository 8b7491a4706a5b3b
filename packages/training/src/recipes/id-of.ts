/** Model ids. Indices of one training mean nothing to another, so an id follows from the weights that make them. */
import { createHash } from 'node:crypto';
import { saveTree } from '@vqkit/core';

/** Eight hexadecimal digits of the SHA-256 of a tree: encoder and quantizer. */
export async function idOf(tree: unknown): Promise<string> {
  return createHash('sha256')
    .update(await saveTree(tree))
    .digest('hex')
    .slice(0, 8);
}
