/** What both entries export alike. */
export { WeightsError } from './errors.ts';
export { type FileFacts, files, type WeightsFile } from './files.ts';
export { manifest } from './manifest.ts';
export type { FetchFile, FromOptions, LoadOptions, LoadProgress, PhotoWeights, Source } from './open-source.ts';
