/** Inner parts of the codec's bitstream, for benchmarks of what the format does not do: no package exports them. */
export type { BitCoder } from '../packages/codec/src/bitstream/entropy/range-coder.ts';
export { createSharedTables } from '../packages/codec/src/bitstream/mixing/mixing-coder.ts';
export { Network } from '../packages/codec/src/bitstream/mixing/network.ts';
export { PlaneModel } from '../packages/codec/src/bitstream/mixing/plane-model.ts';
export {
  counterLayout,
  createState,
  defaultRates,
  fixedVotes,
  type PlaneState,
  type Rates,
} from '../packages/codec/src/bitstream/mixing/plane-state.ts';
export { depthOf } from '../packages/codec/src/bitstream/mixing/profile.ts';
export { NetworkTrainer } from '../packages/codec/src/bitstream/training/network-trainer.ts';
