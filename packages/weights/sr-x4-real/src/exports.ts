/** What both entries export alike. */
export {
  type FetchFile,
  type FileFacts,
  type FromOptions,
  type LoadOptions,
  type LoadProgress,
  type Source,
  type SrWeights,
  WeightsError,
  type WeightsFile,
} from '../../shared/src/sr.ts';
export { files } from './files.ts';
export { manifest } from './manifest.ts';
