/** `@vqkit/codec/worker`: a codec in a worker, for browsers and for Node. */
export { connectCodec, type HandOverOptions, type WorkerCodec } from './connect-codec.ts';
export type { Channel } from './messages.ts';
export { serveCodec } from './serve-codec.ts';
