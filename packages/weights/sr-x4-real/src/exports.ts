/** What both entries export alike. */
export * from '../../shared/src/sr.ts';
export { files } from './files.ts';
export { manifest } from './manifest.ts';
