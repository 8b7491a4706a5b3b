/** What both entries of the small files export alike. */
export { WeightsError } from '../../shared/src/errors.ts';
export type { FileFacts, LoadOptions } from '../../shared/src/open-source.ts';
export type { FetchFile, FromOptions, LoadProgress, PhotoWeights, Source } from './int8-contents.ts';
export { manifest } from './int8-contents.ts';
export { files, type WeightsFile } from './int8-files.ts';
