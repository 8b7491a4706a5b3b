import { preset } from '../../tooling/tsup-preset.ts';

export default preset(['src/index.ts', 'src/bitstream/index.ts', 'src/transformer/index.ts', 'src/worker/index.ts']);
