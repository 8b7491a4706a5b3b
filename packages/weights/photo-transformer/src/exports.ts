/** What both entries export alike. */
export * from '../../shared/src/one-file.ts';
export type { PhotoTransformerWeights, Source } from './contents.ts';
export { files } from './files.ts';
export { manifest } from './manifest.ts';
