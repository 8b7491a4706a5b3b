/** What both entries export alike. */
export { WeightsError } from '../../shared/src/errors.ts';
export type { FileFacts, LoadOptions } from '../../shared/src/open-source.ts';
export type { FetchFile, FromOptions, LoadProgress, Source, SrWeights } from './contents.ts';
export { files, type WeightsFile } from './files.ts';
export { manifest } from './manifest.ts';
